import { Button, Stack, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "@/client/http";
import { ErrorState } from "@/design/states";
import { Gateway } from "./Gateway";
import { NewPassword } from "./NewPassword";

/** Somebody who was invited gives a name and a password, and is in. */
export function InvitationPage() {
  const { t } = useTranslation("signin");
  const { token } = useSearch({ from: "/invitation" });
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const accept = useMutation({
    mutationFn: () =>
      call("POST", "/api/auth/invitation/accept", {
        body: { token, name: name.trim(), password },
      }),
  });
  return (
    <Gateway title={t("invitation.title")}>
      {accept.isSuccess ? (
        <Stack gap="md">
          <Text size="sm" role="status">
            {t("invitation.done")}
          </Text>
          <Button component={Link} to="/sign-in">
            {t("toSignIn")}
          </Button>
        </Stack>
      ) : token ? (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            accept.mutate();
          }}
        >
          <Stack gap="md">
            <Text size="sm" c="dimmed">
              {t("invitation.text")}
            </Text>
            <TextInput
              label={t("name")}
              autoComplete="name"
              required
              withAsterisk={false}
              autoFocus
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <NewPassword value={password} again={again} onValue={setPassword} onAgain={setAgain} />
            {accept.error && <ErrorState error={accept.error} inline />}
            <Button
              type="submit"
              loading={accept.isPending}
              disabled={!name.trim() || !password || password !== again}
            >
              {t("invitation.submit")}
            </Button>
          </Stack>
        </form>
      ) : (
        <Text size="sm">{t("linkBroken")}</Text>
      )}
    </Gateway>
  );
}
