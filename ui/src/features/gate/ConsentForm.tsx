/** Writes down that a person has agreed, or has withdrawn, with the evidence. */
import { Button, Radio, Select, SimpleGrid, Stack, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSession } from "@/app/session";
import { call } from "@/client/http";
import { DayInput } from "@/design/DayInput";
import { RightPanel } from "@/design/RightPanel";
import { Remark } from "@/design/StatusBadge";
import { ErrorState } from "@/design/states";
import { told } from "@/design/undo";
import { catalogQuery } from "@/features/data/data";
import { consentsPath } from "./data";
import { CHANNELS, type Consent, HOWS, type How } from "./types";

interface Draft {
  given: boolean;
  channel: string;
  purpose: string;
  day: string | null;
  until: string | null;
  how: How;
  wording: string;
  evidence: string;
}

/** The start of the day told; today is now, since midnight may lie before what it answers. */
function body(draft: Draft, today: string | undefined) {
  return {
    given: draft.given,
    channel: draft.channel || null,
    purpose: draft.purpose || null,
    at: draft.day && draft.day !== today ? `${draft.day}T00:00:00` : null,
    until: draft.given && draft.until ? `${draft.until}T23:59:59` : null,
    how: draft.how,
    wording: draft.wording.trim(),
    evidence: draft.evidence.trim(),
  };
}

export function ConsentForm({ personId, onClose }: { personId: string; onClose: () => void }) {
  const { t } = useTranslation("gate");
  const client = useQueryClient();
  const today = useSession()?.workspace.today;
  const [draft, setDraft] = useState<Draft>({
    given: true,
    channel: "email",
    purpose: "",
    day: today ?? null,
    until: null,
    how: "branch",
    wording: "",
    evidence: "",
  });
  const change = (part: Partial<Draft>) => setDraft((old) => ({ ...old, ...part }));
  const save = useMutation({
    mutationFn: () => call<Consent>("POST", consentsPath(personId), { body: body(draft, today) }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["customer", personId] });
      told(t(draft.given ? "consent.doneGiven" : "consent.doneWithdrawn"));
      onClose();
    },
  });
  return (
    <RightPanel
      title={t("consent.formTitle")}
      onClose={onClose}
      footer={
        <Button
          type="submit"
          form="consent"
          loading={save.isPending}
          disabled={draft.wording.trim() === ""}
        >
          {t("consent.save")}
        </Button>
      }
    >
      <form
        id="consent"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <Stack gap="md">
          <Remark>{t(draft.given ? "consent.givenText" : "consent.withdrawnText")}</Remark>
          <Radio.Group
            label={t("consent.which")}
            value={draft.given ? "given" : "withdrawn"}
            onChange={(value) => change({ given: value === "given" })}
          >
            <Stack gap="xs" mt={4}>
              <Radio value="given" label={t("consent.isGiven")} />
              <Radio value="withdrawn" label={t("consent.isWithdrawn")} />
            </Stack>
          </Radio.Group>
          <About draft={draft} change={change} />
          <SimpleGrid cols={2} spacing="sm">
            <DayInput
              label={t("consent.day")}
              value={draft.day}
              onChange={(day) => change({ day })}
            />
            <Select
              label={t("consent.how")}
              allowDeselect={false}
              value={draft.how}
              data={HOWS.map((how) => ({ value: how, label: t(`how.${how}`) }))}
              onChange={(how) => how && change({ how: how as How })}
            />
          </SimpleGrid>
          <Textarea
            label={t("consent.wording")}
            description={t("consent.wordingText")}
            required
            autosize
            minRows={3}
            maxLength={2000}
            value={draft.wording}
            onChange={(event) => change({ wording: event.currentTarget.value })}
          />
          <TextInput
            label={t("consent.evidence")}
            description={t("consent.evidenceText")}
            maxLength={500}
            value={draft.evidence}
            onChange={(event) => change({ evidence: event.currentTarget.value })}
          />
          {draft.given && (
            <DayInput
              label={t("consent.end")}
              value={draft.until}
              onChange={(until) => change({ until })}
            />
          )}
          {save.error && <ErrorState error={save.error} inline />}
        </Stack>
      </form>
    </RightPanel>
  );
}

/** On which channel and for which purpose the statement holds. */
function About({ draft, change }: { draft: Draft; change: (part: Partial<Draft>) => void }) {
  const { t } = useTranslation("gate");
  const catalog = useQuery(catalogQuery);
  return (
    <SimpleGrid cols={2} spacing="sm">
      <Select
        label={t("consent.channel")}
        allowDeselect={false}
        value={draft.channel}
        data={[
          { value: "", label: t("everyChannel") },
          ...CHANNELS.map((one) => ({ value: one as string, label: t(`channel.${one}`) })),
        ]}
        onChange={(channel) => change({ channel: channel ?? "" })}
      />
      <Select
        label={t("consent.purpose")}
        allowDeselect={false}
        value={draft.purpose}
        data={[
          { value: "", label: t("everyPurpose") },
          ...(catalog.data?.purposes ?? []).map((one) => ({
            value: one.name,
            label: one.label,
          })),
        ]}
        onChange={(purpose) => change({ purpose: purpose ?? "" })}
      />
    </SimpleGrid>
  );
}
