/** Every template, by channel, with how it stands. */
import { Checkbox, Select, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/session";
import { type Column, DataTable } from "@/design/DataTable";
import { Filters } from "@/design/Filters";
import { MainAction, Page } from "@/design/Page";
import { Empty } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { ChannelMark, TemplateState } from "./badges";
import { useTemplates } from "./data";
import { MessagesTabs } from "./MessagesTabs";
import classes from "./messages.module.css";
import { CHANNELS, type Channel } from "./model/body";
import type { TemplatesSearch } from "./routes";
import type { TemplateRow } from "./types";

export function TemplatesPage() {
  const { t } = useTranslation("messages");
  const may = useMay();
  const format = useFormat();
  const search = useSearch({ from: "/frame/messages" });
  const navigate = useNavigate({ from: "/messages" });
  const [q] = useDebouncedValue(search.q, 200);
  const source = useTemplates({ channel: search.channel, q, archived: search.archived });
  const change = (part: TemplatesSearch) =>
    void navigate({ search: (old: TemplatesSearch) => ({ ...old, ...part }), replace: true });
  const make = (
    <MainAction
      onClick={() => void navigate({ to: "/messages/new", search: { channel: search.channel } })}
    >
      {t("list.make")}
    </MainAction>
  );
  return (
    <Page
      title={t("title")}
      lead={t("lead")}
      tabs={<MessagesTabs value="templates" />}
      action={may("messages.write") && make}
      fill
    >
      <Filters
        aside={
          source.loading ? "" : t("list.count", { items: format.count(source.total, "items") })
        }
      >
        <TextInput
          aria-label={t("list.find")}
          placeholder={t("list.find")}
          leftSection={<IconSearch size={15} />}
          value={search.q ?? ""}
          onChange={(event) => change({ q: event.currentTarget.value || undefined })}
        />
        <Select
          aria-label={t("list.channel")}
          placeholder={t("list.anyChannel")}
          clearable
          value={search.channel ?? null}
          data={CHANNELS.map((one) => ({ value: one, label: t(`channel.${one}`) }))}
          onChange={(value) => change({ channel: (value as Channel | null) ?? undefined })}
        />
        <Checkbox
          label={t("list.archived")}
          checked={search.archived ?? false}
          onChange={(event) => change({ archived: event.currentTarget.checked || undefined })}
        />
      </Filters>
      <DataTable
        label={t("tabs.templates")}
        source={source}
        columns={useColumns()}
        rowId={(one) => one.id}
        rowHeight={52}
        onOpen={(one) =>
          void navigate({ to: "/messages/templates/$slug", params: { slug: one.slug } })
        }
        empty={
          q || search.channel || search.archived ? (
            <Empty title={t("list.noMatch")}>{t("list.noMatchText")}</Empty>
          ) : (
            <Empty title={t("list.none")}>{t("list.noneText")}</Empty>
          )
        }
      />
    </Page>
  );
}

function useColumns(): Column<TemplateRow>[] {
  const { t } = useTranslation("messages");
  const format = useFormat();
  return [
    {
      id: "name",
      header: t("list.name"),
      cell: (one) => (
        <span className={classes.named}>
          <span>{one.name}</span>
          <span className={classes.subject}>{one.subject}</span>
        </span>
      ),
      width: 380,
    },
    {
      id: "channel",
      header: t("list.channel"),
      cell: (one) => <ChannelMark channel={one.channel} />,
      width: 140,
    },
    {
      id: "state",
      header: t("list.state"),
      cell: (one) => <TemplateState template={one} />,
      width: 240,
    },
    {
      id: "purpose",
      header: t("list.purpose"),
      cell: (one) => (
        <span className={classes.named}>
          <span>{one.purpose_label}</span>
          <span className={classes.subject}>{t(`purposeClass.${one.purpose_class}`)}</span>
        </span>
      ),
      width: 200,
    },
    { id: "owner", header: t("list.owner"), cell: (one) => one.owner.name, width: 140 },
    {
      id: "changed",
      header: t("list.changed"),
      cell: (one) => {
        const last = one.work ?? one.approved;
        return format.date(last?.changed_at ?? last?.created_at ?? one.created_at);
      },
      width: 130,
    },
  ];
}
