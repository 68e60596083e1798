/** What counts as success, chosen for the whole past: no version of the journey is changed by it. */
import { Button, Stack } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "@/client/errors";
import { call } from "@/client/http";
import { RightPanel } from "@/design/RightPanel";
import { ErrorState, Ready } from "@/design/states";
import { told } from "@/design/undo";
import { useFormat } from "@/design/useFormat";
import { catalogQuery } from "@/features/rules";
import { EditingProvider } from "../forms/editing";
import { MeasurePart } from "../inspect/MeasurePart";
import { placeOf } from "../model/faults";
import { readBody } from "../model/fresh";
import { useChoices } from "../words";
import { type ProofSettings, proofSettingsQuery } from "./api";
import { useProofPage } from "./page";
import styles from "./proof.module.css";

export function AimsPanel({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("journeys");
  const settings = useQuery(proofSettingsQuery(useProofPage()));
  if (settings.data) {
    return <Chosen settings={settings.data} onClose={onClose} />;
  }
  return (
    <RightPanel title={t("proof.choose")} onClose={onClose}>
      <Ready query={settings} lines={[60, 90, 90]}>
        {() => null}
      </Ready>
    </RightPanel>
  );
}

interface Props {
  settings: ProofSettings;
  onClose: () => void;
}

function Chosen({ settings, onClose }: Props) {
  const { t } = useTranslation("journeys");
  const format = useFormat();
  const client = useQueryClient();
  const page = useProofPage();
  const catalog = useQuery(catalogQuery).data;
  const choices = useChoices();
  const [body, setBody] = useState(() =>
    readBody({
      purpose: settings.purpose,
      conversions: settings.conversions,
      cost: settings.cost,
    }),
  );
  const where = `${page.path}/proof/settings`;
  const over = async () => {
    await client.invalidateQueries({ queryKey: page.key });
    onClose();
  };
  const save = useMutation({
    mutationFn: () =>
      call("PUT", where, { body: { conversions: body.conversions, cost: body.cost } }),
    onSuccess: async () => {
      told(t("proof.chosen"));
      await over();
    },
  });
  const follow = useMutation({ mutationFn: () => call("DELETE", where), onSuccess: over });
  const faults = save.error instanceof ApiError ? (save.error.body?.faults ?? []).map(placeOf) : [];
  const readOnly = !page.mayWrite;
  return (
    <RightPanel
      title={t("proof.choose")}
      lead={t(page.of === "send" ? "proof.chooseLeadSend" : "proof.chooseLead")}
      onClose={onClose}
      width={560}
      footer={
        readOnly ? undefined : (
          <>
            {settings.own && page.of === "journey" && (
              <Button variant="default" loading={follow.isPending} onClick={() => follow.mutate()}>
                {t("proof.follow")}
              </Button>
            )}
            <Button loading={save.isPending} onClick={() => save.mutate()}>
              {t("proof.save")}
            </Button>
          </>
        )
      }
    >
      <Stack gap="md">
        {(save.error ?? follow.error) && <ErrorState error={save.error ?? follow.error} inline />}
        {settings.own && settings.changed_at && (
          <p className={styles.note}>
            {t("proof.changed", {
              name: settings.changed_by,
              at: format.dateTime(settings.changed_at),
            })}
          </p>
        )}
        <EditingProvider
          value={{ body, change: setBody, readOnly, catalog, choices, cards: [], faults }}
        >
          <fieldset className={styles.plain} disabled={readOnly}>
            <MeasurePart channels={page.channels} />
          </fieldset>
        </EditingProvider>
      </Stack>
    </RightPanel>
  );
}
