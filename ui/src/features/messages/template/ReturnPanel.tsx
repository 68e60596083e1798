import { Button, Stack, Textarea } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { RightPanel } from "@/design/RightPanel";
import { ErrorState } from "@/design/states";
import type { Deeds } from "./useDeeds";

/** Gives a version back to its authors, saying why. */
export function ReturnPanel({ deeds, onClose }: { deeds: Deeds; onClose: () => void }) {
  const { t } = useTranslation("messages");
  const [note, setNote] = useState("");
  return (
    <RightPanel
      title={t("return.title")}
      lead={t("return.lead")}
      onClose={onClose}
      footer={
        <Button
          disabled={note.trim() === ""}
          loading={deeds.judge.isPending}
          onClick={() =>
            deeds.judge.mutate({ deed: "return", note: note.trim() }, { onSuccess: onClose })
          }
        >
          {t("deed.return")}
        </Button>
      }
    >
      <Stack>
        <Textarea
          label={t("return.note")}
          description={t("return.noteText")}
          autosize
          minRows={4}
          maxLength={2000}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        {deeds.judge.error && <ErrorState error={deeds.judge.error} inline />}
      </Stack>
    </RightPanel>
  );
}
