/** The business calendar: opening hours, holidays and exceptions, and a year of it as a picture. */
import { Button, Group, NumberInput, Select } from "@mantine/core";
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay, useSession } from "@/app/session";
import { call } from "@/client/http";
import { MainAction, Page, Section } from "@/design/Page";
import { ErrorState, Ready } from "@/design/states";
import { told } from "@/design/undo";
import { useFormat } from "@/design/useFormat";
import { CalendarForm } from "./CalendarForm";
import { calendarQuery } from "./data";
import { GateTabs } from "./GateTabs";
import { QuietTimes } from "./QuietTimes";
import type { CalendarBody, CalendarInfo } from "./types";
import { YearView } from "./YearView";

export function CalendarPage() {
  const { t } = useTranslation("policies");
  const session = useSession();
  const { year = Number(session?.workspace.today.slice(0, 4)) || new Date().getFullYear() } =
    useSearch({ from: "/frame/settings/gate/calendar" });
  const calendar = useQuery(calendarQuery(year));
  if (calendar.data) return <Editor info={calendar.data} year={year} />;
  return (
    <Page title={t("calendar.title")} tabs={<GateTabs value="calendar" />}>
      <Ready query={calendar} lines={[90, 90, 90, 90]}>
        {() => null}
      </Ready>
    </Page>
  );
}

function Editor({ info, year }: { info: CalendarInfo; year: number }) {
  const { t } = useTranslation("policies");
  const may = useMay();
  const client = useQueryClient();
  const saved = JSON.stringify(info.body);
  const [body, setBody] = useState<CalendarBody>(info.body);
  useEffect(() => setBody(JSON.parse(saved) as CalendarBody), [saved]);
  const dirty = JSON.stringify(body) !== saved;
  const readOnly = !may("policies.write");
  const save = useMutation({
    mutationFn: () => call<CalendarInfo>("PUT", "/api/gate/calendar", { body: { body } }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["gate", "calendar"] });
      told(t("calendar.saved"));
    },
  });
  return (
    <Page
      title={t("calendar.title")}
      lead={t("calendar.lead")}
      tabs={<GateTabs value="calendar" />}
      action={
        !readOnly && (
          <MainAction disabled={!dirty} loading={save.isPending} onClick={() => save.mutate()}>
            {t("calendar.save")}
          </MainAction>
        )
      }
      others={
        dirty && (
          <Button variant="default" onClick={() => setBody(JSON.parse(saved) as CalendarBody)}>
            {t("calendar.reset")}
          </Button>
        )
      }
    >
      {save.error && <ErrorState error={save.error} inline />}
      <Section title={t("calendar.hours")}>
        <CalendarForm body={body} onChange={setBody} readOnly={readOnly} />
      </Section>
      <Year body={body} year={year} saved={dirty ? undefined : info} />
      <QuietTimes />
    </Page>
  );
}

/** A year of the calendar as it stands in the form, saved or not. */
function Year({
  body,
  year,
  saved,
}: {
  body: CalendarBody;
  year: number;
  saved: CalendarInfo | undefined;
}) {
  const { t } = useTranslation("policies");
  const format = useFormat();
  const navigate = useNavigate({ from: "/settings/gate/calendar" });
  const [branch, setBranch] = useState("");
  const branches = Object.keys(body.branches ?? {});
  const preview = useQuery({
    queryKey: ["gate", "calendar", "preview", year, branch, JSON.stringify(body)],
    queryFn: ({ signal }) =>
      call<CalendarInfo>("POST", "/api/gate/calendar/preview", {
        body: { body },
        query: { year, branch },
        signal,
      }),
    enabled: saved === undefined || branch !== "",
    placeholderData: keepPreviousData,
    retry: false,
  });
  const shown = saved && branch === "" ? saved : preview.data;
  return (
    <Section
      title={t("calendar.year", { year })}
      aside={
        shown && (
          <span className="muted">
            {t("calendar.businessDays", { days: format.number(shown.business_days) })}
          </span>
        )
      }
    >
      <Group gap="sm" mb="md">
        <NumberInput
          size="xs"
          w={110}
          aria-label={t("calendar.yearLabel")}
          min={2007}
          max={2099}
          allowDecimal={false}
          value={year}
          onChange={(value) => {
            const wanted = Number(value);
            if (wanted >= 2007 && wanted <= 2099)
              void navigate({ search: { year: wanted }, replace: true });
          }}
        />
        {branches.length > 0 && (
          <Select
            size="xs"
            w={180}
            aria-label={t("calendar.branch")}
            allowDeselect={false}
            value={branch}
            data={[
              { value: "", label: t("calendar.everyBranch") },
              ...branches.map((one) => ({ value: one, label: one })),
            ]}
            onChange={(value) => setBranch(value ?? "")}
          />
        )}
      </Group>
      {preview.error ? <ErrorState error={preview.error} inline /> : null}
      {shown && <YearView days={shown.days} year={year} />}
    </Section>
  );
}
