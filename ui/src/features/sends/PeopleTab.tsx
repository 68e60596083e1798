/** Who got a send, and who did not and why: a row each, with the whole story beside it. */
import { Button, Menu, Select } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/session";
import { download } from "@/client/http";
import { Filters } from "@/design/Filters";
import { Empty, ErrorState } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { DeliveryTable } from "./DeliveryTable";
import { path, useDeliveries } from "./data";
import { type SendSearch, SHOWN, type Shown } from "./routes";
import { type DeliveryState, MISSED, type Report, type SendDetail } from "./types";

const FORMATS = ["csv_utf8", "csv_cp932", "xlsx"] as const;

interface Props {
  send: SendDetail;
  report: Report | undefined;
  search: SendSearch;
  onSearch: (part: SendSearch, replace?: boolean) => void;
}

export function PeopleTab({ send, report, search, onSearch }: Props) {
  const { t } = useTranslation("sends");
  const format = useFormat();
  const states = statesOf(search.state);
  const source = useDeliveries(`${path(send.slug)}/recipients`, {
    state: states,
    reason: search.reason,
  });
  const number = (shown: Shown) =>
    report ? statesOf(shown).reduce((sum, one) => sum + report.counts[one], 0) : null;
  const reasons = reasonsOf(report, states);
  return (
    <>
      <Filters aside={<ExportMenu send={send} states={states} reason={search.reason} />}>
        <Select
          aria-label={t("people.state")}
          placeholder={t("people.anyState")}
          clearable
          value={search.state ?? null}
          data={SHOWN.filter((one) => one === search.state || number(one) !== 0).map((one) => ({
            value: one,
            label: t("people.option", {
              name: one === "missed" ? t("people.missed") : t(`delivery.${one}`),
              people: format.count(number(one), "people"),
            }),
          }))}
          onChange={(value) =>
            onSearch({ state: (value as Shown | null) ?? undefined, reason: undefined }, true)
          }
        />
        <Select
          aria-label={t("people.reason")}
          placeholder={t("people.anyReason")}
          clearable
          disabled={reasons.length === 0 && !search.reason}
          value={search.reason ?? null}
          data={[
            ...reasons.map((one) => ({
              value: one.code,
              label: t("people.option", {
                name: one.sentence,
                people: format.count(one.people, "people"),
              }),
            })),
            ...(search.reason && !reasons.some((one) => one.code === search.reason)
              ? [{ value: search.reason, label: search.reason }]
              : []),
          ]}
          onChange={(value) => onSearch({ reason: value ?? undefined }, true)}
        />
      </Filters>
      <DeliveryTable
        label={t("tab.people")}
        source={source}
        without={["send", "channel"]}
        activeId={search.delivery}
        onOpen={(delivery) => onSearch({ delivery })}
        empty={
          search.state || search.reason ? (
            <Empty title={t("people.noMatch")}>{t("people.noMatchText")}</Empty>
          ) : (
            <Empty title={t("people.none")}>{t("people.noneText")}</Empty>
          )
        }
      />
    </>
  );
}

function statesOf(shown: Shown | undefined): readonly DeliveryState[] {
  if (shown === undefined) return [];
  return shown === "missed" ? MISSED : [shown];
}

/** One entry for each code: a reason may stand behind more than one state. */
function reasonsOf(report: Report | undefined, states: readonly DeliveryState[]) {
  const found = new Map<string, { code: string; sentence: string; people: number }>();
  for (const { code, sentence, people, state } of report?.stopped ?? []) {
    if (code === "" || (states.length > 0 && (!state || !states.includes(state)))) continue;
    found.set(code, { code, sentence, people: people + (found.get(code)?.people ?? 0) });
  }
  return [...found.values()];
}

function ExportMenu(props: {
  send: SendDetail;
  states: readonly DeliveryState[];
  reason: string | undefined;
}) {
  const { t } = useTranslation("sends");
  const may = useMay();
  const made = useMutation({
    mutationFn: (format: (typeof FORMATS)[number]) =>
      download("POST", `${path(props.send.slug)}/export`, {
        body: { format, states: props.states, reason: props.reason ?? "" },
      }),
  });
  if (!may("segments.export")) return null;
  return (
    <>
      {made.error && <ErrorState error={made.error} inline />}
      <Menu position="bottom-end">
        <Menu.Target>
          <Button
            variant="default"
            size="xs"
            leftSection={<IconDownload size={15} aria-hidden />}
            loading={made.isPending}
          >
            {t("people.export")}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>{t("people.exportText")}</Menu.Label>
          {FORMATS.map((one) => (
            <Menu.Item key={one} onClick={() => made.mutate(one)}>
              {t(`people.format.${one}`)}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </>
  );
}
