/** How members are ordered: one level for all, or points with their reasons. */
import { ActionIcon, NumberInput, SegmentedControl, Stack, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Ready } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { type Catalog, catalogQuery, FindButton, ValueBuilder } from "@/features/rules";
import { valueWords } from "../definitions/words";
import classes from "./priority.module.css";
import type { Band, Definition, Priority, PriorityRule, ScorePart } from "./types";

const LEVELS: readonly Priority[] = ["high", "medium", "low"];

interface Props {
  value: PriorityRule;
  onChange: (value: PriorityRule) => void;
  definition: Definition;
}

export function PriorityEditor({ value, onChange, definition }: Props) {
  const { t } = useTranslation("lists");
  const catalog = useQuery(catalogQuery);
  return (
    <Stack gap="sm">
      <SegmentedControl
        size="sm"
        style={{ alignSelf: "flex-start" }}
        aria-label={t("create.step.priority")}
        value={value.kind}
        data={[
          { value: "fixed", label: t("priorityRule.fixed") },
          { value: "score", label: t("priorityRule.score") },
        ]}
        onChange={(kind) =>
          onChange(
            kind === "score" ? { kind: "score", parts: [] } : { kind: "fixed", level: "medium" },
          )
        }
      />
      {value.kind === "fixed" && (
        <SegmentedControl
          size="sm"
          style={{ alignSelf: "flex-start" }}
          aria-label={t("priorityRule.level")}
          value={value.level}
          data={LEVELS.map((level) => ({ value: level, label: t(`priority.${level}`) }))}
          onChange={(level) => onChange({ kind: "fixed", level: level as Priority })}
        />
      )}
      {value.kind === "score" && (
        <Ready query={catalog}>
          {(found) => (
            <Parts value={value} onChange={onChange} definition={definition} catalog={found} />
          )}
        </Ready>
      )}
    </Stack>
  );
}

/** How a fresh part turns its value into points, by the type of the value. */
export function startPart(catalog: Catalog, subject: string, value: ScorePart["value"]): ScorePart {
  const words = valueWords(catalog, subject, value);
  const label = words?.label ?? { ja: "", en: "" };
  if (words?.type === "string") return { value, label, map: { "*": 10 } };
  if (words?.type === "boolean") return { value, label, weight: 10 };
  return {
    value,
    label,
    bands: [{ from: 1, points: 10 }],
  };
}

function Parts(props: {
  value: Extract<PriorityRule, { kind: "score" }>;
  onChange: (value: PriorityRule) => void;
  definition: Definition;
  catalog: Catalog;
}) {
  const { t } = useTranslation("lists");
  const format = useFormat();
  const { value, onChange, definition, catalog } = props;
  const { subject, purpose } = definition.body;
  const set = (index: number, part: ScorePart) =>
    onChange({ ...value, parts: value.parts.map((one, at) => (at === index ? part : one)) });
  return (
    <>
      <p className="muted">{t("priorityRule.scoreHelp")}</p>
      {value.parts.map((part, index) => (
        <div key={index} className={classes.part}>
          <div className={classes.partHead}>
            <span>{format.label(part.label)}</span>
            <ActionIcon
              aria-label={t("priorityRule.remove")}
              onClick={() =>
                onChange({ ...value, parts: value.parts.filter((_, at) => at !== index) })
              }
            >
              <IconTrash size={14} aria-hidden />
            </ActionIcon>
          </div>
          <ValueBuilder
            value={part.value}
            onChange={(next) => {
              if (JSON.stringify(next) !== JSON.stringify(part.value)) {
                set(index, startPart(catalog, subject, next));
              }
            }}
            catalog={catalog}
            subject={subject}
            purpose={purpose ?? null}
          />
          <Points part={part} onChange={(next) => set(index, next)} />
        </div>
      ))}
      <div>
        <FindButton
          label={t("priorityRule.add")}
          catalog={catalog}
          subject={subject}
          purpose={purpose ?? null}
          onFind={(found) =>
            onChange({ ...value, parts: [...value.parts, startPart(catalog, subject, found)] })
          }
        />
      </div>
    </>
  );
}

function Points({ part, onChange }: { part: ScorePart; onChange: (part: ScorePart) => void }) {
  const { t } = useTranslation("lists");
  if (part.bands) {
    return <Bands bands={part.bands} onChange={(bands) => onChange({ ...part, bands })} />;
  }
  if (part.map) return <PointMap map={part.map} onChange={(map) => onChange({ ...part, map })} />;
  return (
    <NumberInput
      size="xs"
      maw={160}
      label={t("priorityRule.points")}
      value={part.weight ?? 0}
      onChange={(weight) => onChange({ ...part, weight: Number(weight) || 0 })}
    />
  );
}

function Bands({ bands, onChange }: { bands: Band[]; onChange: (bands: Band[]) => void }) {
  const { t } = useTranslation("lists");
  const set = (index: number, next: Band) =>
    onChange(bands.map((one, at) => (at === index ? next : one)));
  return (
    <div className={classes.rows}>
      {bands.map((band, index) => (
        <div key={index} className={classes.row}>
          <NumberInput
            size="xs"
            w={140}
            aria-label={t("priorityRule.from")}
            suffix={t("priorityRule.fromSuffix")}
            thousandSeparator=","
            value={band.from}
            onChange={(from) => set(index, { ...band, from: Number(from) || 0 })}
          />
          <NumberInput
            size="xs"
            w={110}
            aria-label={t("priorityRule.points")}
            suffix={t("priorityRule.pointsSuffix")}
            value={band.points}
            onChange={(points) => set(index, { ...band, points: Number(points) || 0 })}
          />
          <ActionIcon
            aria-label={t("priorityRule.removeRow")}
            disabled={bands.length === 1}
            onClick={() => onChange(bands.filter((_, at) => at !== index))}
          >
            <IconTrash size={14} aria-hidden />
          </ActionIcon>
        </div>
      ))}
      <ActionIcon
        aria-label={t("priorityRule.addRow")}
        onClick={() => onChange([...bands, { from: 0, points: 5 }])}
      >
        <IconPlus size={14} aria-hidden />
      </ActionIcon>
    </div>
  );
}

function PointMap(props: {
  map: Record<string, number>;
  onChange: (map: Record<string, number>) => void;
}) {
  const { t } = useTranslation("lists");
  const entries = Object.entries(props.map);
  const write = (next: [string, number][]) => props.onChange(Object.fromEntries(next));
  return (
    <div className={classes.rows}>
      {entries.map(([text, points], index) => (
        <div key={index} className={classes.row}>
          <TextInput
            size="xs"
            w={160}
            aria-label={t("priorityRule.text")}
            value={text === "*" ? "" : text}
            placeholder={t("priorityRule.anyOther")}
            onChange={(event) => {
              const next = event.currentTarget.value || "*";
              write(entries.map((one, at) => (at === index ? [next, points] : one)));
            }}
          />
          <NumberInput
            size="xs"
            w={110}
            aria-label={t("priorityRule.points")}
            suffix={t("priorityRule.pointsSuffix")}
            value={points}
            onChange={(value) =>
              write(entries.map((one, at) => (at === index ? [text, Number(value) || 0] : one)))
            }
          />
          <ActionIcon
            aria-label={t("priorityRule.removeRow")}
            disabled={entries.length === 1}
            onClick={() => write(entries.filter((_, at) => at !== index))}
          >
            <IconTrash size={14} aria-hidden />
          </ActionIcon>
        </div>
      ))}
      <ActionIcon
        aria-label={t("priorityRule.addRow")}
        onClick={() => write([...entries, [t("priorityRule.newText"), 5]])}
      >
        <IconPlus size={14} aria-hidden />
      </ActionIcon>
    </div>
  );
}
