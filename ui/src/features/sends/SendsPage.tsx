/** Every one-off send, with how far it is. */
import { Checkbox, Select } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/session";
import { type Column, DataTable } from "@/design/DataTable";
import { Filters } from "@/design/Filters";
import { MainAction, Page } from "@/design/Page";
import { Empty } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { ChannelIcon } from "@/features/messages/badges";
import { MessagesTabs } from "@/features/messages/MessagesTabs";
import { SendBadge } from "./badges";
import { useSends } from "./data";
import { HeldNotice } from "./HeldNotice";
import { Queues } from "./Queues";
import type { SendsSearch } from "./routes";
import { StateBar } from "./StateBar";
import classes from "./sends.module.css";
import { SEND_STATES, type SendRow, type SendState } from "./types";

export function SendsPage() {
  const { t } = useTranslation("sends");
  const may = useMay();
  const format = useFormat();
  const search = useSearch({ from: "/frame/messages/sends" });
  const navigate = useNavigate({ from: "/messages/sends" });
  const source = useSends(search);
  const change = (part: SendsSearch) =>
    void navigate({ search: (old: SendsSearch) => ({ ...old, ...part }), replace: true });
  const filtered = search.state !== undefined || search.archived;
  return (
    <Page
      title={t("messages:title")}
      lead={t("list.lead")}
      tabs={<MessagesTabs value="sends" />}
      action={
        may("messages.write") && (
          <MainAction onClick={() => void navigate({ to: "/messages/sends/new" })}>
            {t("list.make")}
          </MainAction>
        )
      }
      fill
    >
      <HeldNotice />
      <Queues />
      <Filters aside={source.loading ? "" : format.count(source.total, "items")}>
        <Select
          aria-label={t("list.state")}
          placeholder={t("list.anyState")}
          clearable
          value={search.state ?? null}
          data={SEND_STATES.map((one) => ({ value: one, label: t(`state.${one}`) }))}
          onChange={(value) => change({ state: (value as SendState | null) ?? undefined })}
        />
        <Checkbox
          label={t("list.archived")}
          checked={search.archived ?? false}
          onChange={(event) => change({ archived: event.currentTarget.checked || undefined })}
        />
      </Filters>
      <DataTable
        label={t("messages:tabs.sends")}
        source={source}
        columns={useColumns()}
        rowId={(one) => one.id}
        rowHeight={56}
        onOpen={(one) => void navigate({ to: "/messages/sends/$slug", params: { slug: one.slug } })}
        empty={
          filtered ? (
            <Empty title={t("list.noMatch")}>{t("list.noMatchText")}</Empty>
          ) : (
            <Empty title={t("list.none")}>{t("list.noneText")}</Empty>
          )
        }
      />
    </Page>
  );
}

function useColumns(): Column<SendRow>[] {
  const { t } = useTranslation("sends");
  const format = useFormat();
  return [
    {
      id: "name",
      header: t("list.name"),
      cell: (one) => (
        <span className={classes.named}>
          <ChannelIcon channel={one.channel} />
          <span className={classes.lines}>
            <span>{one.name}</span>
            <span className={classes.quiet}>{one.template_name || one.template}</span>
          </span>
        </span>
      ),
      width: 340,
    },
    {
      id: "state",
      header: t("list.state"),
      cell: (one) => <SendBadge state={one.state} plain />,
      width: 130,
    },
    {
      id: "progress",
      header: t("list.progress"),
      cell: (one) => <Progress row={one} />,
      width: 280,
    },
    {
      id: "missed",
      header: t("list.missed"),
      align: "end",
      cell: (one) => {
        const { failed, suppressed, unknown } = one.counts;
        return one.counts.intended === 0 ? "–" : format.number(failed + suppressed + unknown);
      },
      width: 120,
    },
    {
      id: "at",
      header: t("list.at"),
      cell: (one) =>
        one.finished_at || one.due_at ? format.dateTime(one.finished_at ?? one.due_at) : "–",
      width: 170,
    },
  ];
}

/** How many of the intended have been sent to, and what became of the others. */
function Progress({ row }: { row: SendRow }) {
  const { t } = useTranslation("sends");
  const format = useFormat();
  const { counts } = row;
  if (counts.intended === 0) return <span className="muted">–</span>;
  return (
    <span className={classes.progress}>
      <StateBar counts={counts} thin />
      <span className={classes.quiet}>
        {t("list.sentOf", {
          sent: format.number(counts.sent),
          intended: format.count(counts.intended, "people"),
        })}
      </span>
    </span>
  );
}
