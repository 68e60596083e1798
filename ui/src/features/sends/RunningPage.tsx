/** A send that was let go: how far it is, what can still be stopped, and what came of it. */
import { Button, Tabs } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { call } from "@/client/http";
import { TextLink } from "@/design/Link";
import { MainAction, Page } from "@/design/Page";
import { Remark } from "@/design/StatusBadge";
import { ErrorState, LongWork, Ready } from "@/design/states";
import { told } from "@/design/undo";
import { useFormat } from "@/design/useFormat";
import { SendBadge } from "./badges";
import { DeliveryPanel } from "./DeliveryPanel";
import { path, reportQuery, sendQuery } from "./data";
import { EffectTab } from "./EffectTab";
import { HeldNotice } from "./HeldNotice";
import { MoreMenu } from "./MoreMenu";
import { PeopleTab } from "./PeopleTab";
import { ReportTab } from "./ReportTab";
import { type SendSearch, TABS } from "./routes";
import { SendForm } from "./SendForm";
import classes from "./sends.module.css";
import type { SendDetail } from "./types";

type Deed = "pause" | "resume" | "cancel";

export function RunningPage({ send }: { send: SendDetail }) {
  const { t } = useTranslation("sends");
  const format = useFormat();
  const search = useSearch({ from: "/frame/messages/sends/$slug" });
  const navigate = useNavigate({ from: "/messages/sends/$slug" });
  const client = useQueryClient();
  const report = useQuery(reportQuery(send));
  const change = (part: SendSearch, replace = false) =>
    void navigate({ search: (old: SendSearch) => ({ ...old, ...part }), replace });
  const act = useMutation({
    mutationFn: (deed: Deed) => call<SendDetail>("POST", `${path(send.slug)}/${deed}`),
    onSuccess: async (next, deed) => {
      client.setQueryData(sendQuery(send.slug).queryKey, next);
      if (search.open) change({ open: undefined }, true);
      told(t(`running.done.${deed}`, { name: send.name }));
      await client.invalidateQueries({ queryKey: ["sends"] });
    },
  });
  const tab = search.tab ?? "report";
  const at = send.finished_at ?? send.due_at;
  return (
    <>
      <Page
        title={send.name}
        above={<TextLink to="/messages/sends">{t("messages:tabs.sends")}</TextLink>}
        lead={
          <span className={classes.lead}>
            <SendBadge state={send.state} plain />
            <span>{t(`messages:channel.${send.channel}`)}</span>
            <span>{send.template_name}</span>
            {at && (
              <span className="tabular">
                {t(send.finished_at ? "running.finished" : "running.due", {
                  at: format.dateTime(at),
                })}
              </span>
            )}
          </span>
        }
        action={
          send.may_resume && (
            <MainAction loading={act.isPending} onClick={() => act.mutate("resume")}>
              {t("running.resume")}
            </MainAction>
          )
        }
        others={
          <>
            {send.may_pause && (
              <Button variant="default" loading={act.isPending} onClick={() => act.mutate("pause")}>
                {t("running.pause")}
              </Button>
            )}
            {send.may_cancel && (
              <Button variant="default" onClick={() => change({ open: "cancel" })}>
                {t("running.cancel")}
              </Button>
            )}
            <MoreMenu send={send} />
          </>
        }
        tabs={
          <Tabs
            value={tab}
            onChange={(next) =>
              change({
                tab: TABS.find((one) => one === next && one !== "report"),
                state: undefined,
                reason: undefined,
                delivery: undefined,
                open: undefined,
                behind: undefined,
              })
            }
          >
            <Tabs.List>
              {TABS.map((one) => (
                <Tabs.Tab key={one} value={one}>
                  {t(`tab.${one}`)}
                </Tabs.Tab>
              ))}
            </Tabs.List>
          </Tabs>
        }
        fill={tab === "people"}
      >
        <HeldNotice />
        {act.error && <ErrorState error={act.error} inline />}
        {send.within && (
          <div className={classes.notices}>
            <Remark>{send.within}</Remark>
          </div>
        )}
        {search.open === "cancel" && send.may_cancel && (
          <div className={classes.notices}>
            <Remark tone="warn">
              {t("running.cancelText", { people: format.count(waiting(send), "people") })}
              <div className={classes.row}>
                <Button size="xs" loading={act.isPending} onClick={() => act.mutate("cancel")}>
                  {t("running.cancelNow", { people: format.count(waiting(send), "people") })}
                </Button>
                <Button
                  size="xs"
                  variant="default"
                  onClick={() => change({ open: undefined }, true)}
                >
                  {t("running.keep")}
                </Button>
              </div>
            </Remark>
          </div>
        )}
        {tab === "report" && (
          <>
            {search.open !== "cancel" && <Moving send={send} />}
            <Ready query={report} lines={[50, 100, 80, 80]}>
              {(found) => (
                <ReportTab
                  send={send}
                  report={found}
                  onPeople={(state, reason) => change({ tab: "people", state, reason })}
                />
              )}
            </Ready>
          </>
        )}
        {tab === "effect" && <EffectTab send={send} search={search} onSearch={change} />}
        {tab === "people" && (
          <PeopleTab send={send} report={report.data} search={search} onSearch={change} />
        )}
        {tab === "content" && (
          <div className={classes.narrow}>
            <SendForm
              name={send.name}
              onName={() => {}}
              body={send.body}
              onBody={() => {}}
              readOnly
            />
          </div>
        )}
      </Page>
      {search.delivery && (
        <DeliveryPanel id={search.delivery} onClose={() => change({ delivery: undefined }, true)} />
      )}
    </>
  );
}

/** How many have not been tried yet. */
function waiting(send: SendDetail): number {
  return send.counts.queued;
}

/** Its progress while it moves, and what a pause means. */
function Moving({ send }: { send: SendDetail }) {
  const { t } = useTranslation("sends");
  const format = useFormat();
  const { counts } = send;
  if (send.state === "paused") {
    return (
      <div className={classes.notices}>
        <Remark tone="warn">
          {counts.queued > 0
            ? t("running.paused", { people: format.count(counts.queued, "people") })
            : t("running.pausedEarly")}
        </Remark>
      </div>
    );
  }
  if (send.state === "preparing") {
    const later = send.due_at !== null && Date.parse(send.due_at) > Date.now();
    return (
      <div className={classes.notices}>
        {later && send.prepared === 0 ? (
          <Remark>{t("running.waits", { at: format.dateTime(send.due_at) })}</Remark>
        ) : (
          <LongWork label={t("running.preparing")} done={send.prepared} total={null} />
        )}
      </div>
    );
  }
  if (send.state !== "sending") return null;
  return (
    <div className={classes.notices}>
      <LongWork
        label={t("running.sending")}
        done={counts.intended - counts.queued - counts.attempting}
        total={counts.intended}
      />
    </div>
  );
}
