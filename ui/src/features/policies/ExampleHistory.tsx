/** What happened to the example's person before: contacts, consents, refusals and holds. */
import { ActionIcon, Button, Group, Select, Stack } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { MomentInput } from "@/design/DayInput";
import { useFormat } from "@/design/useFormat";
import { CHANNELS } from "@/features/gate/types";
import { instantOf } from "../work/next";
import { usePurposes } from "./forms/AppliesForm";
import { Labelled } from "./forms/Labelled";
import { localOf } from "./model/instant";
import classes from "./policies.module.css";
import { type Example, HOLDS } from "./types";

interface Props {
  example: Example;
  onChange: (example: Example) => void;
}

type Contact = NonNullable<Example["contacts"]>[number];
type Consent = NonNullable<Example["consents"]>[number];
type Stop = NonNullable<Example["stops"]>[number];

const DAY_MS = 86_400_000;

export function ExampleHistory({ example, onChange }: Props) {
  const { t } = useTranslation("policies");
  const before = new Date(new Date(example.at).getTime() - DAY_MS).toISOString();
  const { contacts = [], consents = [], stops = [], ask } = example;
  return (
    <Labelled label={t("example.history")}>
      <Stack gap={6}>
        <Rows
          items={contacts}
          onChange={(next) => onChange({ ...example, contacts: next })}
          row={(one, set) => <ContactRow contact={one} set={set} />}
        />
        <Rows
          items={consents}
          onChange={(next) => onChange({ ...example, consents: next })}
          row={(one, set) => <ConsentRow consent={one} set={set} />}
        />
        <Rows
          items={stops}
          onChange={(next) => onChange({ ...example, stops: next })}
          row={(one, set) => <StopRow stop={one} set={set} />}
        />
        <Group gap={6}>
          <Add
            label={t("example.addContact")}
            onAdd={() => {
              const made: Contact = {
                channel: ask.channel,
                purpose: ask.purpose || "service",
                at: before,
                who: "self",
              };
              onChange({ ...example, contacts: [...contacts, made] });
            }}
          />
          <Add
            label={t("example.addConsent")}
            onAdd={() => {
              const made: Consent = {
                given: true,
                channel: ask.channel,
                purpose: null,
                at: before,
                until: null,
              };
              onChange({ ...example, consents: [...consents, made] });
            }}
          />
          <Add
            label={t("example.addStop")}
            onAdd={() => {
              const made: Stop = {
                type: "hold",
                kind: "complaint",
                product: null,
                channel: null,
                at: before,
                until: null,
              };
              onChange({ ...example, stops: [...stops, made] });
            }}
          />
        </Group>
      </Stack>
    </Labelled>
  );
}

function Add({ label, onAdd }: { label: string; onAdd: () => void }) {
  return (
    <Button
      variant="subtle"
      size="compact-xs"
      leftSection={<IconPlus size={12} aria-hidden />}
      onClick={onAdd}
    >
      {label}
    </Button>
  );
}

function Rows<T>({
  items,
  onChange,
  row,
}: {
  items: readonly T[];
  onChange: (items: T[]) => void;
  row: (item: T, set: (part: Partial<T>) => void) => ReactNode;
}) {
  const { t } = useTranslation("policies");
  return items.map((item, at) => (
    <Group key={at} gap={6} className={classes.past}>
      {row(item, (part) => onChange(items.map((one, i) => (i === at ? { ...one, ...part } : one))))}
      <ActionIcon
        size="sm"
        aria-label={t("example.drop", { number: at + 1 })}
        onClick={() => onChange(items.filter((_, i) => i !== at))}
      >
        <IconTrash size={14} aria-hidden />
      </ActionIcon>
    </Group>
  ));
}

function At({ value, onChange }: { value: string; onChange: (at: string) => void }) {
  const { t } = useTranslation("policies");
  const { timeZone } = useFormat();
  return (
    <MomentInput
      size="xs"
      w={180}
      aria-label={t("example.when")}
      value={localOf(value, timeZone)}
      onChange={(at) => at && onChange(instantOf(at, timeZone))}
    />
  );
}

function Channel({
  value,
  every,
  onChange,
}: {
  value: string | null | undefined;
  every?: boolean;
  onChange: (channel: string | null) => void;
}) {
  const { t } = useTranslation("policies");
  return (
    <Select
      size="xs"
      w={130}
      aria-label={t("form.channel")}
      allowDeselect={false}
      value={value ?? ""}
      data={[
        ...(every ? [{ value: "", label: t("gate:everyChannel") }] : []),
        ...CHANNELS.map((one) => ({ value: one as string, label: t(`gate:channel.${one}`) })),
      ]}
      onChange={(channel) => onChange(channel || null)}
    />
  );
}

function Purpose({
  value,
  every,
  onChange,
}: {
  value: string | null | undefined;
  every?: boolean;
  onChange: (purpose: string | null) => void;
}) {
  const { t } = useTranslation("policies");
  const purposes = usePurposes();
  const named = !value || purposes.some((one) => one.value === value);
  return (
    <Select
      size="xs"
      w={150}
      aria-label={t("form.purpose")}
      allowDeselect={false}
      value={value ?? ""}
      data={[
        ...(every ? [{ value: "", label: t("gate:everyPurpose") }] : []),
        ...purposes,
        ...(named ? [] : [{ value, label: value }]),
      ]}
      onChange={(purpose) => onChange(purpose || null)}
    />
  );
}

const WHO = ["self", "household", "address"] as const;

function ContactRow({ contact, set }: { contact: Contact; set: (part: Partial<Contact>) => void }) {
  const { t } = useTranslation("policies");
  return (
    <>
      <span className={classes.pastKind}>{t("example.contact")}</span>
      <At value={contact.at} onChange={(at) => set({ at })} />
      <Channel
        value={contact.channel}
        onChange={(channel) => channel && set({ channel: channel as Contact["channel"] })}
      />
      <Purpose value={contact.purpose} onChange={(purpose) => purpose && set({ purpose })} />
      <Select
        size="xs"
        w={130}
        aria-label={t("example.who")}
        allowDeselect={false}
        value={contact.who ?? "self"}
        data={WHO.map((one) => ({ value: one, label: t(`example.of.${one}`) }))}
        onChange={(who) => who && set({ who: who as (typeof WHO)[number] })}
      />
    </>
  );
}

function ConsentRow({ consent, set }: { consent: Consent; set: (part: Partial<Consent>) => void }) {
  const { t } = useTranslation("policies");
  return (
    <>
      <Select
        size="xs"
        w={100}
        aria-label={t("gate:consent.which")}
        allowDeselect={false}
        value={consent.given === false ? "withdrawn" : "given"}
        data={[
          { value: "given", label: t("gate:consent.given") },
          { value: "withdrawn", label: t("gate:consent.withdrawn") },
        ]}
        onChange={(value) => set({ given: value === "given" })}
      />
      <At value={consent.at} onChange={(at) => set({ at })} />
      <Channel
        every
        value={consent.channel}
        onChange={(channel) => set({ channel: channel as Consent["channel"] })}
      />
      <Purpose every value={consent.purpose} onChange={(purpose) => set({ purpose })} />
    </>
  );
}

function StopRow({ stop, set }: { stop: Stop; set: (part: Partial<Stop>) => void }) {
  const { t } = useTranslation("policies");
  const value = stop.type === "hold" ? (stop.kind ?? "complaint") : stop.type;
  return (
    <>
      <Select
        size="xs"
        w={180}
        aria-label={t("example.stop")}
        allowDeselect={false}
        value={value}
        data={[
          ...HOLDS.map((one) => ({ value: one as string, label: t(`hold.${one}`) })),
          { value: "refusal", label: t("refusal.everything") },
          { value: "do_not_contact", label: t("refusal.do_not_contact") },
        ]}
        onChange={(chosen) => {
          if (chosen === "refusal" || chosen === "do_not_contact")
            set({ type: chosen, kind: null });
          else if (chosen) set({ type: "hold", kind: chosen as Stop["kind"] });
        }}
      />
      <At value={stop.at} onChange={(at) => set({ at })} />
    </>
  );
}
