import { Button, Stack, Textarea } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "@/client/http";
import { RightPanel } from "@/design/RightPanel";
import { Remark } from "@/design/StatusBadge";
import { ErrorState } from "@/design/states";
import { told } from "@/design/undo";
import type { Person, Restriction } from "./types";

interface ReleasePanelProps {
  person: Person;
  restriction: Restriction;
  onClose: () => void;
}

export function ReleasePanel({ person, restriction, onClose }: ReleasePanelProps) {
  const { t } = useTranslation("customers");
  const client = useQueryClient();
  const [reason, setReason] = useState("");
  const release = useMutation({
    mutationFn: () => call("DELETE", `/api/restrictions/${restriction.id}`, { body: { reason } }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["customer", person.id] });
      told(t("release.done", { label: restriction.label }));
      onClose();
    },
  });
  return (
    <RightPanel
      title={t("release.title", { label: restriction.label })}
      lead={person.display ?? person.key}
      onClose={onClose}
      footer={
        <Button type="submit" form="release" loading={release.isPending} disabled={!reason.trim()}>
          {t("release.save")}
        </Button>
      }
    >
      <form
        id="release"
        onSubmit={(event) => {
          event.preventDefault();
          release.mutate();
        }}
      >
        <Stack gap="md">
          <Remark tone="warn">{t("release.text")}</Remark>
          <p>{restriction.sentence}</p>
          <Textarea
            label={t("release.reason")}
            autosize
            minRows={3}
            maxLength={2000}
            required
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          {release.error && <ErrorState error={release.error} inline />}
        </Stack>
      </form>
    </RightPanel>
  );
}
