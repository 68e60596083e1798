/** Policies about when and how often: caps, quiet hours, business hours. */
import { Chip, Group, NumberInput, SegmentedControl, Select, Switch } from "@mantine/core";
import { useTranslation } from "react-i18next";
import classes from "../policies.module.css";
import { type BodyOf, DAYS } from "../types";
import { AppliesForm } from "./AppliesForm";
import { Labelled } from "./Labelled";
import { TimeOfDay } from "./TimeOfDay";

interface Props<B> {
  body: B;
  onChange: (body: B) => void;
}

const UNITS = ["hours", "days", "day", "week", "month"] as const;
const RUNNING: readonly string[] = ["day", "week", "month"];
const PER = ["person", "household", "address"] as const;

export function CapForm({ body, onChange }: Props<BodyOf<"cap">>) {
  const { t } = useTranslation("policies");
  const { window } = body;
  return (
    <>
      <Group gap="sm" align="end">
        <Select
          label={t("cap.per")}
          w={150}
          allowDeselect={false}
          value={body.per ?? "person"}
          data={PER.map((one) => ({ value: one, label: t(`cap.of.${one}`) }))}
          onChange={(per) => per && onChange({ ...body, per: per as (typeof PER)[number] })}
        />
        <Select
          label={t("cap.window")}
          w={170}
          allowDeselect={false}
          value={window.unit}
          data={UNITS.map((one) => ({ value: one, label: t(`cap.unit.${one}`) }))}
          onChange={(unit) =>
            unit &&
            onChange({
              ...body,
              window: {
                unit: unit as (typeof UNITS)[number],
                count: RUNNING.includes(unit) ? 1 : window.count,
              },
            })
          }
        />
        {!RUNNING.includes(window.unit) && (
          <NumberInput
            label={t(`cap.count.${window.unit}`)}
            w={110}
            min={1}
            max={400}
            allowDecimal={false}
            value={window.count ?? 1}
            onChange={(count) => onChange({ ...body, window: { ...window, count: Number(count) } })}
          />
        )}
        <NumberInput
          label={t("cap.most")}
          w={110}
          min={0}
          max={1000}
          allowDecimal={false}
          value={body.most}
          onChange={(most) => onChange({ ...body, most: Number(most) })}
        />
      </Group>
      <Labelled label={t("form.applies")}>
        <AppliesForm
          value={body.applies ?? {}}
          onChange={(applies) => onChange({ ...body, applies })}
        />
      </Labelled>
      <Labelled label={t("cap.counts")}>
        <AppliesForm
          value={body.counts ?? {}}
          onChange={(counts) => onChange({ ...body, counts })}
        />
      </Labelled>
      <Switch
        label={t("cap.samePurpose")}
        checked={body.same_purpose ?? false}
        onChange={(event) => onChange({ ...body, same_purpose: event.currentTarget.checked })}
      />
    </>
  );
}

export function QuietHoursForm({ body, onChange }: Props<BodyOf<"quiet_hours">>) {
  const { t } = useTranslation("policies");
  return (
    <>
      <Labelled label={t("form.applies")}>
        <AppliesForm
          value={body.applies ?? {}}
          onChange={(applies) => onChange({ ...body, applies })}
        />
      </Labelled>
      <Group gap="sm" align="end">
        <TimeOfDay
          label={t("quiet.begin")}
          value={body.begin}
          onChange={(begin) => onChange({ ...body, begin })}
        />
        <TimeOfDay
          label={t("quiet.end")}
          value={body.end}
          onChange={(end) => onChange({ ...body, end })}
        />
      </Group>
      <p className={classes.hint}>{t("quiet.hint")}</p>
      <Labelled label={t("quiet.weekdays")}>
        <Chip.Group
          multiple
          value={body.weekdays ?? [...DAYS]}
          onChange={(chosen) =>
            onChange({ ...body, weekdays: DAYS.filter((day) => chosen.includes(day)) })
          }
        >
          <Group gap={4}>
            {DAYS.map((day) => (
              <Chip key={day} value={day} size="xs">
                {t(`weekday.${day}`)}
              </Chip>
            ))}
          </Group>
        </Chip.Group>
      </Labelled>
    </>
  );
}

export function BusinessHoursForm({ body, onChange }: Props<BodyOf<"business_hours">>) {
  const { t } = useTranslation("policies");
  return (
    <>
      <Labelled label={t("form.applies")}>
        <AppliesForm
          value={body.applies ?? {}}
          onChange={(applies) => onChange({ ...body, applies })}
        />
      </Labelled>
      <SegmentedControl
        aria-label={t("business.when")}
        w="fit-content"
        value={body.hours === false ? "days" : "hours"}
        data={[
          { value: "days", label: t("business.days") },
          { value: "hours", label: t("business.hours") },
        ]}
        onChange={(value) => onChange({ ...body, hours: value === "hours" })}
      />
    </>
  );
}
