/** Statuses with their meaning, ways to engage, and what can come of it. */
import { ActionIcon, Button, NumberInput, Select, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Section } from "@/design/Page";
import { useFormat } from "@/design/useFormat";
import {
  BLOCKS,
  type Blocks,
  type Channel,
  type Meaning,
  OUTCOME_KINDS,
  type OutcomeKind,
  type Words,
} from "../lists/types";
import type { EditorProps } from "./DefinitionPage";
import classes from "./editor.module.css";

const MEANINGS: readonly Meaning[] = ["open", "working", "done", "dropped"];
const CHANNELS: readonly Channel[] = ["phone", "visit", "email", "post", "meeting"];

interface Coded {
  code: string;
  label: Words;
}

export function WorkEditor({ body, onChange, readOnly }: EditorProps) {
  const { t } = useTranslation("definitions");
  const format = useFormat();
  return (
    <fieldset className={classes.plain} disabled={readOnly}>
      <Section
        title={t("section.outcomes")}
        aside={<span className="muted">{t("outcomes.lead")}</span>}
      >
        <CodedRows
          rows={body.outcomes}
          onChange={(outcomes) => onChange({ ...body, outcomes })}
          make={(base) => ({ ...base, kind: "reached" as OutcomeKind })}
          headers={[t("outcomes.kind"), t("outcomes.status"), t("outcomes.blocks")]}
          cells={(row, set) => [
            <Select
              key="kind"
              size="xs"
              aria-label={t("outcomes.kind")}
              allowDeselect={false}
              value={row.kind}
              data={OUTCOME_KINDS.map((one) => ({ value: one, label: t(`outcomeKind.${one}`) }))}
              onChange={(kind) => kind && set({ ...row, kind: kind as OutcomeKind })}
            />,
            <Select
              key="status"
              size="xs"
              aria-label={t("outcomes.status")}
              clearable
              placeholder={t("outcomes.stays")}
              value={row.status ?? null}
              data={body.statuses.map((one) => ({
                value: one.code,
                label: format.label(one.label),
              }))}
              onChange={(status) => set({ ...row, status })}
            />,
            <Select
              key="blocks"
              size="xs"
              aria-label={t("outcomes.blocks")}
              clearable
              placeholder={t("outcomes.usual")}
              value={row.blocks ?? null}
              data={BLOCKS.map((one) => ({ value: one, label: t(`blocks.${one}`) }))}
              onChange={(blocks) => set({ ...row, blocks: blocks as Blocks | null })}
            />,
          ]}
        />
      </Section>
      <Section title={t("section.kinds")} aside={<span className="muted">{t("kinds.lead")}</span>}>
        <CodedRows
          rows={body.kinds}
          onChange={(kinds) => onChange({ ...body, kinds })}
          make={(base) => ({ ...base, channel: "phone" as Channel })}
          headers={[t("kinds.channel")]}
          cells={(row, set) => [
            <Select
              key="channel"
              size="xs"
              aria-label={t("kinds.channel")}
              allowDeselect={false}
              value={row.channel}
              data={CHANNELS.map((one) => ({ value: one, label: t(`channel.${one}`) }))}
              onChange={(channel) => channel && set({ ...row, channel: channel as Channel })}
            />,
          ]}
        />
      </Section>
      <Section
        title={t("section.statuses")}
        aside={<span className="muted">{t("statuses.lead")}</span>}
      >
        <CodedRows
          rows={body.statuses}
          onChange={(statuses) => onChange({ ...body, statuses })}
          make={(base) => ({ ...base, meaning: "working" as Meaning })}
          headers={[t("statuses.meaning")]}
          cells={(row, set) => [
            <Select
              key="meaning"
              size="xs"
              aria-label={t("statuses.meaning")}
              allowDeselect={false}
              value={row.meaning}
              data={MEANINGS.map((one) => ({ value: one, label: t(`meaning.${one}`) }))}
              onChange={(meaning) => meaning && set({ ...row, meaning: meaning as Meaning })}
            />,
          ]}
        />
        <NumberInput
          mt="md"
          maw={260}
          label={t("lease.label")}
          description={t("lease.help")}
          min={1}
          max={480}
          suffix={t("lease.minutes")}
          value={body.lease_minutes}
          onChange={(value) => onChange({ ...body, lease_minutes: Number(value) || 15 })}
        />
      </Section>
    </fieldset>
  );
}

function CodedRows<Row extends Coded>(props: {
  rows: readonly Row[];
  onChange: (rows: Row[]) => void;
  make: (base: Coded) => Row;
  headers: readonly string[];
  cells: (row: Row, set: (row: Row) => void) => ReactNode[];
}) {
  const { t } = useTranslation("definitions");
  const { rows, onChange } = props;
  const set = (index: number) => (next: Row) =>
    onChange(rows.map((row, at) => (at === index ? next : row)));
  return (
    <div className={classes.scroll}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th>{t("coded.ja")}</th>
            <th>{t("coded.en")}</th>
            {props.headers.map((header) => (
              <th key={header}>{header}</th>
            ))}
            <th>{t("coded.code")}</th>
            <th aria-label={t("coded.remove")} />
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={index}>
              <td>
                <TextInput
                  size="xs"
                  aria-label={t("coded.ja")}
                  value={row.label.ja}
                  onChange={(event) =>
                    set(index)({ ...row, label: { ...row.label, ja: event.currentTarget.value } })
                  }
                />
              </td>
              <td>
                <TextInput
                  size="xs"
                  aria-label={t("coded.en")}
                  value={row.label.en}
                  onChange={(event) =>
                    set(index)({ ...row, label: { ...row.label, en: event.currentTarget.value } })
                  }
                />
              </td>
              {props.cells(row, set(index)).map((cell, at) => (
                <td key={props.headers[at]}>{cell}</td>
              ))}
              <td>
                <TextInput
                  size="xs"
                  w={120}
                  aria-label={t("coded.code")}
                  value={row.code}
                  onChange={(event) => set(index)({ ...row, code: event.currentTarget.value })}
                />
              </td>
              <td>
                <ActionIcon
                  aria-label={t("item.remove", { name: row.label.ja })}
                  onClick={() => onChange(rows.filter((_, at) => at !== index))}
                >
                  <IconTrash size={14} aria-hidden />
                </ActionIcon>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <Button
        mt="xs"
        variant="subtle"
        size="compact-sm"
        leftSection={<IconPlus size={14} aria-hidden />}
        onClick={() =>
          onChange([
            ...rows,
            props.make({
              code: `custom_${rows.length + 1}`,
              label: { ja: t("coded.newJa"), en: t("coded.newEn") },
            }),
          ])
        }
      >
        {t("coded.add")}
      </Button>
    </div>
  );
}
