import { Button, Stack, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "@/client/http";
import { RightPanel } from "@/design/RightPanel";
import { ErrorState } from "@/design/states";
import { type Invited, readAttributes, usersQuery } from "./data";
import { HandOver } from "./HandOver";
import { type UserDraft, UserForm } from "./UserForm";

/** Invites somebody; the link is shown once, to be handed over. */
export function InvitePanel({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("users");
  const client = useQueryClient();
  const [email, setEmail] = useState("");
  const [draft, setDraft] = useState<UserDraft>({
    name: "",
    role: "representative",
    attributes: "",
  });
  const attributes = readAttributes(draft.attributes);
  const invite = useMutation({
    mutationFn: () =>
      call<Invited>("POST", "/api/users/invite", {
        body: { email: email.trim(), name: draft.name.trim(), role: draft.role, attributes },
      }),
    onSuccess: () => client.invalidateQueries({ queryKey: usersQuery.queryKey }),
  });
  if (invite.data) {
    return (
      <RightPanel title={t("invite.done", { email })} onClose={onClose}>
        <HandOver url={invite.data.invitation_url} />
      </RightPanel>
    );
  }
  return (
    <RightPanel
      title={t("invite.title")}
      lead={t("invite.lead")}
      onClose={onClose}
      footer={
        <Button
          type="submit"
          form="invite"
          loading={invite.isPending}
          disabled={!email.includes("@") || attributes === null}
        >
          {t("invite.submit")}
        </Button>
      }
    >
      <form
        id="invite"
        onSubmit={(event) => {
          event.preventDefault();
          invite.mutate();
        }}
      >
        <Stack gap="md">
          <TextInput
            label={t("email")}
            type="email"
            required
            withAsterisk={false}
            autoFocus
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
          <UserForm draft={draft} onChange={setDraft} />
          {invite.error && <ErrorState error={invite.error} inline />}
        </Stack>
      </form>
    </RightPanel>
  );
}
