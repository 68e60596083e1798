/** One message as it would have arrived. */
import { ActionIcon, SegmentedControl } from "@mantine/core";
import {
  IconArrowLeft,
  IconCode,
  IconDeviceDesktop,
  IconDeviceMobile,
  IconMoon,
  IconTextCaption,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/session";
import { Facts } from "@/design/Facts";
import { TextLink } from "@/design/Link";
import { Empty, Ready } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { journeyQuery } from "@/features/journeys/api";
import { ChannelMark } from "@/features/messages/badges";
import { MailLook } from "@/features/messages/preview/MailLook";
import { PayloadLook } from "@/features/messages/preview/PayloadLook";
import { sendQuery } from "@/features/sends/data";
import { htmlQuery, type Item, itemQuery } from "./data";
import classes from "./mailbox.module.css";
import type { MailboxSearch } from "./routes";

interface Props {
  search: MailboxSearch;
  onSearch: (part: MailboxSearch) => void;
}

export function ReadingPane({ search, onSearch }: Props) {
  const { t } = useTranslation("mailbox");
  return (
    <section className={classes.pane} aria-label={t("open")}>
      {search.item === undefined ? (
        <Empty title={t("pick")}>{t("pickText")}</Empty>
      ) : (
        <Opened key={search.item} id={search.item} search={search} onSearch={onSearch} />
      )}
    </section>
  );
}

function Opened({ id, search, onSearch }: Props & { id: number }) {
  const item = useQuery(itemQuery(id));
  return (
    <Ready query={item} lines={[60, 40, 90, 90]}>
      {(found) => <Message item={found} search={search} onSearch={onSearch} />}
    </Ready>
  );
}

function Message({ item, search, onSearch }: Props & { item: Item }) {
  const { t } = useTranslation("mailbox");
  const format = useFormat();
  const { origin } = item;
  return (
    <>
      <header className={classes.head}>
        <ActionIcon
          className={classes.back}
          aria-label={t("back")}
          onClick={() => onSearch({ item: undefined })}
        >
          <IconArrowLeft size={18} aria-hidden />
        </ActionIcon>
        <div className={classes.titles}>
          <h2 className={classes.title}>{item.subject || t(`messages:channel.${item.channel}`)}</h2>
          <div className={classes.facts}>
            <ChannelMark channel={item.channel} />
            {item.person ? (
              <TextLink to="/customers/$customerId" params={{ customerId: item.person }}>
                {item.display || item.person}
              </TextLink>
            ) : (
              <span>{t("trial")}</span>
            )}
            <span>{item.recipient}</span>
            <span className="tabular">{format.dateTime(item.at)}</span>
          </div>
        </div>
        <Views item={item} search={search} onSearch={onSearch} />
      </header>
      <div className={classes.stage}>
        <Look item={item} search={search} />
      </div>
      <Facts
        facts={[
          { label: t("delivery"), value: <ToDelivery delivery={origin.delivery} /> },
          { label: t("cause"), value: <Cause item={item} /> },
          { label: t("size"), value: format.bytes(item.size) },
        ]}
      />
    </>
  );
}

function ToDelivery({ delivery }: { delivery: string }) {
  const { t } = useTranslation("mailbox");
  const may = useMay();
  if (!delivery || delivery.startsWith("trl_")) return t("noDelivery");
  if (!may("messages.read")) return <code>{delivery}</code>;
  return (
    <TextLink to="/messages/deliveries" search={{ delivery }}>
      {t("toDelivery")}
    </TextLink>
  );
}

/** What had it sent, by its name where one may see that. */
function Cause({ item: { origin } }: { item: Item }) {
  const { t } = useTranslation("mailbox");
  const may = useMay();
  const toSend = origin.send !== "" && may("messages.read");
  const toJourney = origin.journey !== "" && may("journeys.read");
  const send = useQuery({ ...sendQuery(origin.send), enabled: toSend, refetchInterval: false });
  const journey = useQuery({
    ...journeyQuery(origin.journey),
    enabled: toJourney,
    refetchInterval: false,
  });
  if (send.data) {
    const { slug, name } = send.data;
    return (
      <TextLink to="/messages/sends/$slug" params={{ slug }}>
        {t("bySend", { name })}
      </TextLink>
    );
  }
  if (journey.data) {
    const { slug, name } = journey.data;
    return (
      <TextLink to="/journeys/$slug" params={{ slug }} search={{ step: origin.step }}>
        {t("byJourney", { name })}
      </TextLink>
    );
  }
  if (send.isLoading || journey.isLoading) return " ";
  return t(origin.send ? "bySomeSend" : origin.journey ? "bySomeJourney" : "byTrial");
}

const VIEWS = [
  { id: "desktop", icon: IconDeviceDesktop, mail: true },
  { id: "phone", icon: IconDeviceMobile, mail: true },
  { id: "text", icon: IconTextCaption, mail: true },
  { id: "source", icon: IconCode, mail: false },
] as const;

function Views({ item, search, onSearch }: Props & { item: Item }) {
  const { t } = useTranslation("mailbox");
  const mail = item.channel === "email";
  const view = search.view ?? "desktop";
  const offered = VIEWS.filter((one) => mail || !one.mail || one.id === "desktop");
  return (
    <div className={classes.views}>
      <SegmentedControl
        size="xs"
        aria-label={t("messages:preview.view")}
        value={offered.some((one) => one.id === view) ? view : "desktop"}
        data={offered.map((one) => ({
          value: one.id,
          label: <one.icon size={16} stroke={1.6} role="img" aria-label={t(`view.${one.id}`)} />,
        }))}
        onChange={(next) =>
          onSearch({ view: next === "desktop" ? undefined : (next as MailboxSearch["view"]) })
        }
      />
      {mail && (
        <ActionIcon
          size={30}
          variant={search.dark ? "light" : "subtle"}
          color={search.dark ? "ai" : "gray"}
          aria-label={t("messages:preview.dark")}
          title={t("messages:preview.dark")}
          aria-pressed={search.dark ?? false}
          onClick={() => onSearch({ dark: search.dark ? undefined : true })}
        >
          <IconMoon size={16} aria-hidden />
        </ActionIcon>
      )}
    </div>
  );
}

function Look({ item, search }: { item: Item; search: MailboxSearch }) {
  const html = useQuery(htmlQuery(item.id, item.has_html));
  if (search.view === "source") return <Source item={item} html={html.data ?? ""} />;
  if (item.channel !== "email") {
    return (
      <PayloadLook
        channel={item.channel}
        title={item.subject}
        text={item.text}
        payload={item.channel === "webhook" ? carried(item.payload) : item.payload}
        url={item.channel === "webhook" ? item.recipient : ""}
      />
    );
  }
  const mail = {
    subject: item.subject,
    sender_name: item.headers.find((one) => one.name.toLowerCase() === "from")?.value ?? "",
    html: html.data ?? "",
    text: item.text,
  };
  const look = (
    <MailLook
      mail={mail}
      device={search.view === "phone" ? "phone" : "desktop"}
      dark={search.dark ?? false}
      text={search.view === "text"}
    />
  );
  if (!item.has_html) return look;
  return (
    <Ready query={html} lines={[90, 90, 60]}>
      {() => look}
    </Ready>
  );
}

/** What a request carries, without the address beside it. */
function carried(payload: unknown): unknown {
  const found = payload as { json?: unknown } | null;
  return found?.json ?? payload;
}

/** The message as it is handed over: headers, then what they carry. */
function Source({ item, html }: { item: Item; html: string }) {
  const { t } = useTranslation("mailbox");
  const payload = item.payload === null || item.payload === undefined ? "" : item.payload;
  const content = html || (payload === "" ? item.text : JSON.stringify(payload, null, 2));
  return (
    <div className={classes.source}>
      {item.headers.length > 0 && (
        <dl className={classes.headers}>
          {item.headers.map((one, index) => (
            <div key={index}>
              <dt>{one.name}</dt>
              <dd>{one.value}</dd>
            </div>
          ))}
        </dl>
      )}
      <pre className={classes.code} tabIndex={0} role="region" aria-label={t("view.source")}>
        {content}
      </pre>
    </div>
  );
}
