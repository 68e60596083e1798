/** An example in full: who the person is, what happened before, what is asked, what is expected. */
import {
  Button,
  Group,
  MultiSelect,
  Select,
  SimpleGrid,
  Stack,
  Switch,
  TextInput,
} from "@mantine/core";
import { useTranslation } from "react-i18next";
import { DayInput, MomentInput } from "@/design/DayInput";
import { useFormat } from "@/design/useFormat";
import { CHANNELS } from "@/features/gate/types";
import { instantOf } from "../work/next";
import { ExampleHistory } from "./ExampleHistory";
import { usePurposes } from "./forms/AppliesForm";
import { Labelled } from "./forms/Labelled";
import { localOf } from "./model/instant";
import classes from "./policies.module.css";
import type { Example, Kind, Outcome } from "./types";

interface Props {
  example: Example;
  outcome: Outcome | undefined;
  kind: Kind;
  onChange: (example: Example) => void;
  onRemove: () => void;
  readOnly: boolean;
}

export function ExampleForm({ example, outcome, kind, onChange, onRemove, readOnly }: Props) {
  const { t } = useTranslation("policies");
  const change = (part: Partial<Example>) => onChange({ ...example, ...part });
  return (
    <fieldset className={classes.detail} disabled={readOnly}>
      <Stack gap="md">
        <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
          <TextInput
            size="xs"
            label={t("form.nameJa")}
            value={example.name.ja}
            onChange={(event) =>
              change({ name: { ...example.name, ja: event.currentTarget.value } })
            }
          />
          <TextInput
            size="xs"
            label={t("form.nameEn")}
            value={example.name.en}
            onChange={(event) =>
              change({ name: { ...example.name, en: event.currentTarget.value } })
            }
          />
        </SimpleGrid>
        <Asked example={example} change={change} />
        <Person example={example} kind={kind} change={change} />
        <ExampleHistory example={example} onChange={onChange} />
        <Expected example={example} outcome={outcome} change={change} readOnly={readOnly} />
        {!readOnly && (
          <Button
            variant="subtle"
            color="gray"
            size="compact-sm"
            w="fit-content"
            onClick={onRemove}
          >
            {t("example.remove")}
          </Button>
        )}
      </Stack>
    </fieldset>
  );
}

interface PartProps {
  example: Example;
  change: (part: Partial<Example>) => void;
}

/** When, on which channel, for which purpose. */
function Asked({ example, change }: PartProps) {
  const { t } = useTranslation("policies");
  const { timeZone } = useFormat();
  const purposes = usePurposes();
  const { ask } = example;
  const named = purposes.some((one) => one.value === ask.purpose);
  return (
    <Labelled label={t("example.ask")}>
      <Group gap="sm" align="end">
        <MomentInput
          size="xs"
          w={200}
          label={t("example.at")}
          value={localOf(example.at, timeZone)}
          onChange={(at) => at && change({ at: instantOf(at, timeZone) })}
        />
        <Select
          size="xs"
          w={130}
          label={t("form.channel")}
          allowDeselect={false}
          value={ask.channel}
          data={CHANNELS.map((one) => ({ value: one, label: t(`gate:channel.${one}`) }))}
          onChange={(channel) =>
            channel && change({ ask: { ...ask, channel: channel as typeof ask.channel } })
          }
        />
        <Select
          size="xs"
          w={180}
          label={t("form.purpose")}
          allowDeselect={false}
          value={ask.purpose || null}
          data={[
            ...purposes,
            ...(named || !ask.purpose ? [] : [{ value: ask.purpose, label: ask.purpose }]),
          ]}
          onChange={(purpose) => purpose && change({ ask: { ...ask, purpose } })}
        />
        <TextInput
          size="xs"
          w={140}
          label={t("example.product")}
          value={ask.product ?? ""}
          onChange={(event) =>
            change({ ask: { ...ask, product: event.currentTarget.value || null } })
          }
        />
      </Group>
    </Labelled>
  );
}

/** Kinds that go by the person's clock. */
const ZONED: ReadonlySet<Kind> = new Set(["age", "cap", "quiet_hours", "business_hours"]);

/** What the example supposes of the person, as far as the policy asks for it. */
function Person({ example, kind, change }: PartProps & { kind: Kind }) {
  const { t } = useTranslation("policies");
  const { timeZone } = useFormat();
  const { facts } = example;
  const set = (part: Partial<NonNullable<typeof facts>>) =>
    change({ facts: { ...facts, ...part } as Example["facts"] });
  const zoned = ZONED.has(kind);
  if (!zoned && !["rule", "address"].includes(kind)) return null;
  return (
    <Labelled label={t("example.person")}>
      {kind === "age" && (
        <DayInput
          size="xs"
          w={180}
          label={t("example.born")}
          value={facts?.birth_date ?? null}
          onChange={(birth_date) => set({ birth_date })}
        />
      )}
      {kind === "rule" && (
        <Switch
          label={t("example.holds")}
          checked={facts?.holds ?? false}
          onChange={(event) => set({ holds: event.currentTarget.checked })}
        />
      )}
      {kind === "address" && (
        <MultiSelect
          size="xs"
          label={t("example.reach")}
          value={facts?.reach ?? []}
          data={CHANNELS.map((one) => ({ value: one, label: t(`gate:channel.${one}`) }))}
          onChange={(reach) => set({ reach: reach as NonNullable<typeof facts>["reach"] })}
        />
      )}
      <Group gap="sm" align="end">
        {kind === "business_hours" && (
          <TextInput
            size="xs"
            w={160}
            label={t("calendar.branchCode")}
            maxLength={80}
            value={facts?.branch ?? ""}
            onChange={(event) => set({ branch: event.currentTarget.value })}
          />
        )}
        {zoned && (
          <Select
            size="xs"
            w={220}
            label={t("example.zone")}
            placeholder={timeZone}
            searchable
            clearable
            limit={50}
            value={facts?.zone || null}
            data={Intl.supportedValuesOf("timeZone")}
            onChange={(zone) => set({ zone: zone ?? "" })}
          />
        )}
      </Group>
    </Labelled>
  );
}

const ANSWERS = ["allow", "defer", "needs_approval", "deny"] as const;

function Expected({
  example,
  outcome,
  change,
  readOnly,
}: PartProps & { outcome: Outcome | undefined; readOnly: boolean }) {
  const { t } = useTranslation("policies");
  const codes = new Set([...(example.codes ?? []), ...(outcome?.codes ?? [])]);
  return (
    <Labelled label={t("example.expected")}>
      <Group gap="sm" align="end">
        <Select
          size="xs"
          w={130}
          label={t("form.answer")}
          allowDeselect={false}
          value={example.answer}
          data={ANSWERS.map((one) => ({ value: one, label: t(`gate:answer.${one}`) }))}
          onChange={(answer) =>
            answer &&
            change({
              answer: answer as Example["answer"],
              ...(answer === "allow" ? { codes: [], until: null } : {}),
            })
          }
        />
        <MultiSelect
          size="xs"
          miw={220}
          label={t("example.codes")}
          value={example.codes ?? []}
          data={[...codes]}
          onChange={(chosen) => change({ codes: chosen })}
        />
        {!readOnly && outcome && !outcome.passed && (
          <Button
            size="xs"
            variant="default"
            onClick={() =>
              change({ answer: outcome.answer, codes: [...outcome.codes], until: outcome.until })
            }
          >
            {t("example.take")}
          </Button>
        )}
      </Group>
    </Labelled>
  );
}
