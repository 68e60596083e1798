/** Opening hours by weekday, the days closed every year, and single exceptions. */
import {
  ActionIcon,
  Button,
  Checkbox,
  Group,
  Stack,
  Switch,
  TagsInput,
  TextInput,
} from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { DayInput } from "@/design/DayInput";
import { Labelled } from "./forms/Labelled";
import { TimeOfDay } from "./forms/TimeOfDay";
import classes from "./policies.module.css";
import { type CalendarBody, DAYS } from "./types";

interface Props {
  body: CalendarBody;
  onChange: (body: CalendarBody) => void;
  readOnly: boolean;
}

type Hours = NonNullable<CalendarBody["hours"]>;

export function CalendarForm({ body, onChange, readOnly }: Props) {
  const { t } = useTranslation("policies");
  return (
    <fieldset className={classes.plain} disabled={readOnly}>
      <Stack gap="lg">
        <HoursForm hours={body.hours ?? {}} onChange={(hours) => onChange({ ...body, hours })} />
        <Branches body={body} onChange={onChange} readOnly={readOnly} />
        <Switch
          label={t("calendar.national")}
          checked={body.national_holidays ?? true}
          onChange={(event) =>
            onChange({ ...body, national_holidays: event.currentTarget.checked })
          }
        />
        <TagsInput
          label={t("calendar.yearly")}
          description={t("calendar.yearlyText")}
          maw={480}
          disabled={readOnly}
          value={body.closed_yearly ?? []}
          isDuplicate={(value, others) => others.includes(value)}
          onChange={(closed_yearly) =>
            onChange({
              ...body,
              closed_yearly: closed_yearly.filter((one) => MONTH_DAY.test(one)),
            })
          }
        />
        <Exceptions
          label={t("calendar.closed")}
          days={body.closed ?? []}
          onChange={(closed) => onChange({ ...body, closed })}
          readOnly={readOnly}
        />
        <Exceptions
          label={t("calendar.opened")}
          days={body.opened ?? []}
          onChange={(opened) => onChange({ ...body, opened })}
          readOnly={readOnly}
        />
      </Stack>
    </fieldset>
  );
}

const MONTH_DAY = /^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;
const USUAL = { opens: "09:00:00", closes: "17:00:00" };

function HoursForm({ hours, onChange }: { hours: Hours; onChange: (hours: Hours) => void }) {
  const { t } = useTranslation("policies");
  return (
    <table className={`${classes.table} ${classes.hours}`}>
      <tbody>
        {DAYS.map((day) => {
          const one = hours[day];
          const set = (part: Partial<typeof USUAL>) =>
            onChange({ ...hours, [day]: { ...USUAL, ...one, ...part } });
          return (
            <tr key={day}>
              <th scope="row">
                <Checkbox
                  label={t(`weekdayLong.${day}`)}
                  checked={one !== undefined}
                  onChange={(event) => {
                    if (event.currentTarget.checked) return set({});
                    const { [day]: _closed, ...rest } = hours;
                    onChange(rest);
                  }}
                />
              </th>
              <td>
                {one ? (
                  <Group gap={6} wrap="nowrap">
                    <TimeOfDay
                      hidden
                      size="xs"
                      label={t("calendar.opens", { day: t(`weekdayLong.${day}`) })}
                      value={one.opens}
                      onChange={(opens) => set({ opens })}
                    />
                    {t("to")}
                    <TimeOfDay
                      hidden
                      size="xs"
                      label={t("calendar.closes", { day: t(`weekdayLong.${day}`) })}
                      value={one.closes}
                      onChange={(closes) => set({ closes })}
                    />
                  </Group>
                ) : (
                  <span className="muted">{t("calendar.isClosed")}</span>
                )}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

/** Branches with hours of their own, by their code. */
function Branches({ body, onChange, readOnly }: Props) {
  const { t } = useTranslation("policies");
  const [code, setCode] = useState("");
  const branches = body.branches ?? {};
  const set = (next: typeof branches) => onChange({ ...body, branches: next });
  return (
    <Labelled label={t("calendar.branches")}>
      <p className={classes.hint}>{t("calendar.branchesText")}</p>
      <Stack gap="md">
        {Object.entries(branches).map(([name, hours]) => (
          <div key={name}>
            <Group gap="xs">
              {name}
              {!readOnly && (
                <ActionIcon
                  size="sm"
                  aria-label={t("calendar.dropBranch", { name })}
                  onClick={() => {
                    const { [name]: _gone, ...rest } = branches;
                    set(rest);
                  }}
                >
                  <IconTrash size={14} aria-hidden />
                </ActionIcon>
              )}
            </Group>
            <HoursForm hours={hours} onChange={(next) => set({ ...branches, [name]: next })} />
          </div>
        ))}
        {!readOnly && (
          <Group gap="xs">
            <TextInput
              size="xs"
              w={160}
              aria-label={t("calendar.branchCode")}
              placeholder={t("calendar.branchCode")}
              value={code}
              onChange={(event) => setCode(event.currentTarget.value)}
            />
            <Button
              size="xs"
              variant="default"
              leftSection={<IconPlus size={14} aria-hidden />}
              disabled={code.trim() === "" || code.trim() in branches}
              onClick={() => {
                set({ ...branches, [code.trim()]: body.hours ?? {} });
                setCode("");
              }}
            >
              {t("calendar.addBranch")}
            </Button>
          </Group>
        )}
      </Stack>
    </Labelled>
  );
}

interface NamedDay {
  day: string;
  name: string;
}

function Exceptions({
  label,
  days,
  onChange,
  readOnly,
}: {
  label: string;
  days: readonly NamedDay[];
  onChange: (days: NamedDay[]) => void;
  readOnly: boolean;
}) {
  const { t } = useTranslation("policies");
  const [day, setDay] = useState<string | null>(null);
  const [name, setName] = useState("");
  return (
    <Labelled label={label}>
      <Stack gap={6}>
        {days.map((one, at) => (
          <Group key={one.day} gap="xs">
            <span className="tabular">{one.day}</span>
            <span>{one.name}</span>
            {!readOnly && (
              <ActionIcon
                size="sm"
                aria-label={t("calendar.dropDay", { day: one.day })}
                onClick={() => onChange(days.filter((_, i) => i !== at))}
              >
                <IconTrash size={14} aria-hidden />
              </ActionIcon>
            )}
          </Group>
        ))}
        {!readOnly && (
          <Group gap="xs">
            <DayInput
              size="xs"
              w={190}
              aria-label={t("calendar.dayOf", { label })}
              placeholder={t("calendar.day")}
              value={day}
              onChange={setDay}
            />
            <TextInput
              size="xs"
              w={180}
              aria-label={t("calendar.nameOf", { label })}
              placeholder={t("calendar.why")}
              maxLength={80}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <Button
              size="xs"
              variant="default"
              aria-label={t("calendar.addDay", { label })}
              disabled={!day || !name.trim() || days.some((one) => one.day === day)}
              onClick={() => {
                if (!day) return;
                const next = [...days, { day, name: name.trim() }];
                onChange(next.sort((a, b) => a.day.localeCompare(b.day)));
                setDay(null);
                setName("");
              }}
            >
              {t("calendar.add")}
            </Button>
          </Group>
        )}
      </Stack>
    </Labelled>
  );
}
