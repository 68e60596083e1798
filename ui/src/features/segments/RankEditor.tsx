/** How a ranked segment chooses: by which value, how many, of all or of each group. */
import { ActionIcon, NumberInput, SegmentedControl } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import {
  type Catalog,
  type Fault,
  FindButton,
  type JsonObject,
  ValueBuilder,
} from "@/features/rules";
import type { RankDraft } from "./model/draft";
import { faultsAt } from "./model/faults";
import classes from "./segments.module.css";
import type { Kind } from "./types";

interface Props {
  kind: Kind;
  value: RankDraft;
  onChange: (rank: RankDraft) => void;
  catalog: Catalog;
  subject: string;
  purpose: string | null;
  faults: readonly Fault[];
}

export function RankEditor(props: Props) {
  const { t } = useTranslation("segments");
  const { kind, value, onChange, faults } = props;
  return (
    <div className={classes.rank}>
      <Choice
        {...props}
        label={t("rank.value")}
        add={t("rank.addValue")}
        of={value.value}
        faults={faultsAt(faults, "rank.value")}
        onOf={(next) => onChange({ ...value, value: next })}
      />
      <div className={classes.rankLine}>
        <SegmentedControl
          size="sm"
          aria-label={t("rank.direction")}
          value={value.direction}
          data={(["desc", "asc"] as const).map((one) => ({
            value: one,
            label: t(`rank.${one}`),
          }))}
          onChange={(direction) =>
            onChange({ ...value, direction: direction as RankDraft["direction"] })
          }
        />
        {kind === "ranked" && (
          <NumberInput
            w={180}
            aria-label={t("rank.n")}
            min={1}
            max={10_000_000}
            allowDecimal={false}
            thousandSeparator=","
            prefix={t("rank.nPrefix")}
            suffix={t("rank.nSuffix")}
            value={value.n}
            onChange={(n) => onChange({ ...value, n: Math.max(1, Number(n) || 1) })}
          />
        )}
      </div>
      <Choice
        {...props}
        label={t(kind === "ranked" ? "rank.group" : "rank.groupNeeded")}
        add={t("rank.addGroup")}
        of={value.group}
        faults={faultsAt(faults, "rank.group")}
        onOf={(next) => onChange({ ...value, group: next })}
      />
      <p className="muted">{t(`rank.ungrouped_${kind === "ranked" ? "ranked" : "one"}`)}</p>
    </div>
  );
}

interface ChoiceProps extends Props {
  label: string;
  add: string;
  of: JsonObject | null;
  onOf: (value: JsonObject | null) => void;
}

function Choice(props: ChoiceProps) {
  const { t } = useTranslation("segments");
  const { label, add, of, onOf, catalog, subject, purpose, faults } = props;
  return (
    <div role="group" aria-label={label}>
      <div className={classes.label}>{label}</div>
      {of === null ? (
        <FindButton
          label={add}
          catalog={catalog}
          subject={subject}
          purpose={purpose}
          onFind={onOf}
        />
      ) : (
        <div className={classes.chosen}>
          <ValueBuilder
            value={of}
            onChange={(next) => {
              if (JSON.stringify(next) !== JSON.stringify(of)) onOf(next);
            }}
            catalog={catalog}
            subject={subject}
            purpose={purpose}
          />
          <ActionIcon aria-label={t("rank.remove", { what: label })} onClick={() => onOf(null)}>
            <IconX size={16} aria-hidden />
          </ActionIcon>
        </div>
      )}
      {faults.map((fault) => (
        <p key={fault.path + fault.code} className={classes.fault} role="alert">
          {fault.message} {fault.remedy}
        </p>
      ))}
    </div>
  );
}
