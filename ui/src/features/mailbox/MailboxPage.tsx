/** What would have left, had sending been switched on: a list, and the message that is open. */
import { Select } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { type Column, DataTable } from "@/design/DataTable";
import { Filters } from "@/design/Filters";
import { Page } from "@/design/Page";
import { Empty } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { ChannelIcon } from "@/features/messages/badges";
import { MessagesTabs } from "@/features/messages/MessagesTabs";
import { CHANNELS, type Channel } from "@/features/messages/model/body";
import { PersonPick } from "@/features/messages/preview/PersonPick";
import { HeldNotice } from "@/features/sends/HeldNotice";
import { type Row, useCounts, useMailbox } from "./data";
import classes from "./mailbox.module.css";
import { ReadingPane } from "./ReadingPane";
import type { MailboxSearch } from "./routes";

export function MailboxPage() {
  const { t } = useTranslation("mailbox");
  const format = useFormat();
  const search = useSearch({ from: "/frame/messages/mailbox" });
  const navigate = useNavigate({ from: "/messages/mailbox" });
  const source = useMailbox(search.channel, search.person);
  const counts = useCounts();
  const change = (part: MailboxSearch) =>
    void navigate({
      search: (old: MailboxSearch) => ({ ...old, ...part }),
      replace: !("item" in part),
    });
  const filtered = Boolean(search.channel || search.person);
  const first = source.rowAt(0);
  return (
    <Page title={t("messages:title")} lead={t("lead")} tabs={<MessagesTabs value="mailbox" />} fill>
      <HeldNotice />
      <Filters aside={source.loading ? "" : format.count(source.total, "items")}>
        <Select
          aria-label={t("channel")}
          placeholder={t("anyChannel")}
          clearable
          value={search.channel ?? null}
          data={CHANNELS.map((one) => ({
            value: one,
            label: t("channelCount", {
              channel: t(`messages:channel.${one}`),
              number: format.number(counts.data?.[one] ?? 0),
            }),
          }))}
          onChange={(value) => change({ channel: (value as Channel | null) ?? undefined })}
        />
        <PersonPick
          label={t("person")}
          back={t("everybody")}
          person={search.person && first ? { id: search.person, name: first.display } : null}
          asked={search.person}
          onPick={(person) => change({ person })}
        />
      </Filters>
      <div className={classes.split} data-open={search.item !== undefined || undefined}>
        <div className={classes.rows}>
          <DataTable
            label={t("list")}
            source={source}
            columns={useColumns()}
            rowId={(one) => String(one.id)}
            rowHeight={64}
            activeId={search.item === undefined ? undefined : String(search.item)}
            onOpen={(one) => change({ item: one.id })}
            empty={
              filtered ? (
                <Empty title={t("noMatch")}>{t("noMatchText")}</Empty>
              ) : (
                <Empty title={t("none")}>{t("noneText")}</Empty>
              )
            }
          />
        </div>
        <ReadingPane search={search} onSearch={change} />
      </div>
    </Page>
  );
}

function useColumns(): Column<Row>[] {
  const { t } = useTranslation("mailbox");
  const format = useFormat();
  return [
    {
      id: "message",
      header: t("list"),
      cell: (one) => (
        <span className={classes.row}>
          <ChannelIcon channel={one.channel} />
          <span className={classes.words}>
            <span className={classes.who}>
              <span>{one.display || one.recipient || t("trial")}</span>
              <span className={classes.at}>{format.dateTime(one.at)}</span>
            </span>
            <span className={classes.subject}>
              {one.subject || t(`messages:channel.${one.channel}`)}
            </span>
          </span>
        </span>
      ),
    },
  ];
}
