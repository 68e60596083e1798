/** A deed with consequences: what it does to how many people, before it is done. */
import { Button, Textarea } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "@/client/http";
import { RightPanel } from "@/design/RightPanel";
import { ErrorState } from "@/design/states";
import { told } from "@/design/undo";
import { useFormat } from "@/design/useFormat";
import { journeyQuery, path } from "./api";
import styles from "./journeys.module.css";
import type { Journey } from "./types";
import type { Draft } from "./useDraft";
import { useJourneySearch } from "./useJourneySearch";

type Deed = "return" | "pause" | "close" | "end" | "discard";
const REASONED: readonly Deed[] = ["return", "end"];

interface Props {
  journey: Journey;
  deed: Deed;
  draft: Draft;
  onClose: () => void;
}

export function DeedPanel({ journey, deed, draft, onClose }: Props) {
  const { t } = useTranslation("journeys");
  const format = useFormat();
  const client = useQueryClient();
  const navigate = useNavigate();
  const { set } = useJourneySearch();
  const [reason, setReason] = useState("");
  const reasoned = REASONED.includes(deed);
  const done = useMutation({
    mutationFn: () =>
      deed === "discard"
        ? call<null>("DELETE", `${path(journey.slug)}/draft`)
        : call<Journey>("POST", `${path(journey.slug)}/${deed}`, {
            body: reasoned ? { reason: reason.trim() } : undefined,
          }),
    onSuccess: async () => {
      told(t(`done.${deed}`, { name: journey.name }));
      await client.invalidateQueries({ queryKey: ["journeys"] });
      if (deed === "discard" && journey.version === null) {
        await navigate({ to: "/journeys" });
        return;
      }
      if (deed === "discard") await draft.reload();
      await client.invalidateQueries({ queryKey: journeyQuery(journey.slug).queryKey });
      set({ panel: undefined, edit: undefined }, true);
    },
  });
  const people = format.count(journey.inside ?? 0, "people");
  return (
    <RightPanel
      title={t(`deed.${deed}`)}
      lead={journey.name}
      onClose={onClose}
      footer={
        <>
          <Button variant="default" onClick={onClose}>
            {t("design:close")}
          </Button>
          <Button
            color={deed === "end" || deed === "discard" ? "shu" : undefined}
            disabled={reasoned && reason.trim() === ""}
            loading={done.isPending}
            onClick={() => done.mutate()}
          >
            {t(`sure.${deed}`, { people })}
          </Button>
        </>
      }
    >
      {done.error && <ErrorState error={done.error} inline />}
      <ul className={styles.consequences}>
        {([1, 2, 3] as const).map((at) => {
          const words = t(`consequence.${deed}.${at}`, { people, defaultValue: "" });
          return words && <li key={at}>{words}</li>;
        })}
      </ul>
      {reasoned && (
        <Textarea
          label={t("reason")}
          description={t(`reasonHelp.${deed}`)}
          autosize
          minRows={2}
          maxLength={2000}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
      )}
    </RightPanel>
  );
}
