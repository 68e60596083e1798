import { Button, Select, Stack, Textarea } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "@/client/http";
import { DayInput } from "@/design/DayInput";
import { RightPanel } from "@/design/RightPanel";
import { ErrorState } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { KINDS, type Kind, type RequestDetail, usePeopleCalled, VIAS } from "./data";

interface NewRequestPanelProps {
  person?: string;
  onClose: () => void;
  onDone: (id: string) => void;
}

const SEARCH_MS = 200;

/** Records what a person has asked for. */
export function NewRequestPanel({ person, onClose, onDone }: NewRequestPanelProps) {
  const { t } = useTranslation("privacy");
  const client = useQueryClient();
  const today = useToday();
  const [kind, setKind] = useState<Kind>("disclosure");
  const [who, setWho] = useState<string | null>(person ?? null);
  const [via, setVia] = useState<string>("branch");
  const [day, setDay] = useState<string | null>(today);
  const [wording, setWording] = useState("");
  const receive = useMutation({
    mutationFn: () =>
      call<RequestDetail>("POST", "/api/privacy/requests", {
        body: { kind, person: who, via, received_on: day, wording: wording.trim() },
      }),
    onSuccess: (made) => {
      void client.invalidateQueries({ queryKey: ["privacy"] });
      onDone(made.id);
    },
  });
  return (
    <RightPanel
      title={t("new.title")}
      lead={t("new.lead")}
      onClose={onClose}
      footer={
        <Button
          type="submit"
          form="new-request"
          loading={receive.isPending}
          disabled={!who || !day}
        >
          {t("new.submit")}
        </Button>
      }
    >
      <form
        id="new-request"
        onSubmit={(event) => {
          event.preventDefault();
          receive.mutate();
        }}
      >
        <Stack gap="md">
          <Select
            label={t("kind.label")}
            description={t(`about.${kind}`)}
            value={kind}
            allowDeselect={false}
            data={KINDS.map((one) => ({ value: one, label: t(`kind.${one}`) }))}
            onChange={(value) => setKind((value as Kind | null) ?? "disclosure")}
          />
          <PersonSelect value={who} onChange={setWho} />
          <DayInput label={t("received")} value={day} onChange={setDay} />
          <Select
            label={t("via.label")}
            value={via}
            allowDeselect={false}
            data={VIAS.map((one) => ({ value: one, label: t(`via.${one}`) }))}
            onChange={(value) => setVia(value ?? "branch")}
          />
          <Textarea
            label={t("wording")}
            description={t("wordingHint")}
            autosize
            minRows={3}
            maxLength={4000}
            value={wording}
            onChange={(event) => setWording(event.currentTarget.value)}
          />
          {receive.error && <ErrorState error={receive.error} inline />}
        </Stack>
      </form>
    </RightPanel>
  );
}

interface PersonSelectProps {
  value: string | null;
  onChange: (id: string | null) => void;
}

function PersonSelect({ value, onChange }: PersonSelectProps) {
  const { t } = useTranslation("privacy");
  const [text, setText] = useState(value ?? "");
  const [asked] = useDebouncedValue(text, SEARCH_MS);
  const found = usePeopleCalled(asked);
  const people = found.data ?? [];
  return (
    <Select
      label={t("person")}
      placeholder={t("personHint")}
      searchable
      clearable
      value={value}
      data={people.map((one) => ({
        value: one.id,
        label: one.display ? `${one.display} ${one.key}` : one.key,
      }))}
      filter={({ options }) => options}
      nothingFoundMessage={asked ? t("nobody") : undefined}
      searchValue={text}
      onSearchChange={setText}
      onChange={onChange}
    />
  );
}

/** Today's date on the workspace's clock, as `2026-11-20`. */
function useToday(): string {
  const { timeZone } = useFormat();
  return new Intl.DateTimeFormat("sv-SE", { timeZone }).format(new Date());
}
