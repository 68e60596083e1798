/** Marks a statement as recorded by mistake; it is kept. */
import { Button, Stack, Textarea } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "@/client/http";
import { RightPanel } from "@/design/RightPanel";
import { Remark } from "@/design/StatusBadge";
import { ErrorState } from "@/design/states";
import { told } from "@/design/undo";
import type { Consent } from "./types";

interface Props {
  personId: string;
  consent: Consent;
  onClose: () => void;
}

export function VoidForm({ personId, consent, onClose }: Props) {
  const { t } = useTranslation("gate");
  const client = useQueryClient();
  const [reason, setReason] = useState("");
  const save = useMutation({
    mutationFn: () => call("POST", `/api/consents/${consent.id}/void`, { body: { reason } }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["customer", personId] });
      told(t("consent.voidDone"));
      onClose();
    },
  });
  return (
    <RightPanel
      title={t("consent.voidTitle")}
      lead={consent.wording}
      onClose={onClose}
      footer={
        <Button type="submit" form="void" loading={save.isPending} disabled={!reason.trim()}>
          {t("consent.void")}
        </Button>
      }
    >
      <form
        id="void"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <Stack gap="md">
          <Remark tone="warn">{t("consent.voidText")}</Remark>
          <Textarea
            label={t("consent.voidReason")}
            required
            autosize
            minRows={2}
            maxLength={2000}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          {save.error && <ErrorState error={save.error} inline />}
        </Stack>
      </form>
    </RightPanel>
  );
}
