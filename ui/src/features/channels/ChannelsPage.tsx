/** Every channel with the senders that are set up for it, and what is done with the unknown. */
import { Select, SimpleGrid } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { SettingsTabs } from "@/app/SettingsTabs";
import { useMay } from "@/app/session";
import { call } from "@/client/http";
import { TextLink } from "@/design/Link";
import { MainAction, Page, Section } from "@/design/Page";
import { Remark } from "@/design/StatusBadge";
import { ErrorState, Ready } from "@/design/states";
import { told } from "@/design/undo";
import { ChannelMark } from "@/features/messages/badges";
import { CHANNELS, type Channel } from "@/features/messages/model/body";
import { SenderBadge } from "./badges";
import classes from "./channels.module.css";
import {
  providersQuery,
  type Sender,
  sendersQuery,
  type UnknownsPolicy,
  unknownsQuery,
} from "./data";

export function ChannelsPage() {
  const { t } = useTranslation("channels");
  const may = useMay();
  const navigate = useNavigate();
  const senders = useQuery(sendersQuery);
  return (
    <Page
      title={t("title")}
      lead={t("lead")}
      tabs={<SettingsTabs value="channels" />}
      width="read"
      action={
        may("channels.write") && (
          <MainAction onClick={() => void navigate({ to: "/settings/channels/new" })}>
            {t("make")}
          </MainAction>
        )
      }
    >
      <Ready query={senders} lines={[60, 90, 90, 90]}>
        {(found) => (
          <>
            {!found.some((one) => one.live) && (
              <div className={classes.notices}>
                <Remark>
                  {t("allInside")}{" "}
                  {may("mailbox.read") && (
                    <TextLink to="/messages/mailbox" underline="always">
                      {t("toMailbox")}
                    </TextLink>
                  )}
                </Remark>
              </div>
            )}
            <Section title={t("senders")}>
              <ul className={classes.channels}>
                {CHANNELS.map((one) => (
                  <OneChannel
                    key={one}
                    channel={one}
                    senders={found.filter((sender) => sender.channel === one)}
                  />
                ))}
              </ul>
            </Section>
          </>
        )}
      </Ready>
      {may("messages.read") && <Unknowns />}
    </Page>
  );
}

function OneChannel({ channel, senders }: { channel: Channel; senders: readonly Sender[] }) {
  const { t } = useTranslation("channels");
  const may = useMay();
  const providers = useQuery(providersQuery);
  const first = providers.data?.find((one) => one.channel === channel)?.name;
  return (
    <li>
      <div className={classes.channel}>
        <ChannelMark channel={channel} />
      </div>
      <div className={classes.ofChannel}>
        {channel === "person" && <p className="muted">{t("personText")}</p>}
        {channel !== "person" && senders.length === 0 && (
          <p className="muted">
            {t("none")}{" "}
            {may("channels.write") && first && (
              <TextLink to="/settings/channels/new" search={{ provider: first }} underline="always">
                {t("setUp", { channel: t(`messages:channel.${channel}`) })}
              </TextLink>
            )}
          </p>
        )}
        {senders.map((one) => (
          <div key={one.id} className={classes.sender}>
            <span className={classes.senderName}>
              <TextLink to="/settings/channels/$slug" params={{ slug: one.slug }}>
                {one.name}
              </TextLink>
              <span className="muted">
                {one.provider_label}
                {one.main && ` · ${t("main")}`}
              </span>
            </span>
            <SenderBadge sender={one} />
          </div>
        ))}
      </div>
    </li>
  );
}

const CLASSES = ["promotion", "service", "transactional"] as const;
const ANSWERS = ["leave", "ask"] as const;

/** What is done with a message of which nobody knows whether it arrived. */
function Unknowns() {
  const { t } = useTranslation("channels");
  const may = useMay();
  const client = useQueryClient();
  const policy = useQuery(unknownsQuery);
  const set = useMutation({
    mutationFn: (next: UnknownsPolicy) =>
      call<UnknownsPolicy>("PUT", "/api/sending/unknowns", { body: next }),
    onSuccess: (next) => {
      client.setQueryData(unknownsQuery.queryKey, next);
      told(t("saved"));
    },
  });
  return (
    <Section title={t("unknowns.title")}>
      <p className={classes.text}>{t("unknowns.text")}</p>
      {set.error && <ErrorState error={set.error} inline />}
      <Ready query={policy} lines={[80]}>
        {(found) => (
          <SimpleGrid cols={{ base: 1, sm: 3 }} spacing="md">
            {CLASSES.map((one) => (
              <Select
                key={one}
                label={t(`messages:purposeClass.${one}`)}
                allowDeselect={false}
                readOnly={!may("channels.write")}
                value={found[one]}
                data={ANSWERS.map((answer) => ({
                  value: answer,
                  label: t(`unknowns.${answer}`),
                }))}
                onChange={(answer) => {
                  const next = ANSWERS.find((known) => known === answer);
                  if (next && next !== found[one]) set.mutate({ ...found, [one]: next });
                }}
              />
            ))}
          </SimpleGrid>
        )}
      </Ready>
    </Section>
  );
}
