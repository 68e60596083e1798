/** The switch that lets messages leave the house, with what follows from it. */
import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/session";
import { call } from "@/client/http";
import { Section } from "@/design/Page";
import { Remark } from "@/design/StatusBadge";
import { ErrorState } from "@/design/states";
import { told } from "@/design/undo";
import { useFormat } from "@/design/useFormat";
import { queuesQuery } from "@/features/sends/data";
import { SenderBadge } from "./badges";
import classes from "./channels.module.css";
import { path, type Sender, senderQuery } from "./data";
import type { SenderSearch } from "./routes";

export function LivePart({ sender }: { sender: Sender }) {
  const { t } = useTranslation("channels");
  const may = useMay();
  const client = useQueryClient();
  const search = useSearch({ from: "/frame/settings/channels/$slug" });
  const navigate = useNavigate({ from: "/settings/channels/$slug" });
  const open = (part: SenderSearch["open"]) =>
    void navigate({ search: { open: part }, replace: true });
  const turn = useMutation({
    mutationFn: (live: boolean) =>
      call<Sender>("POST", `${path(sender.slug)}/live`, { body: { live } }),
    onSuccess: async (next) => {
      open(undefined);
      client.setQueryData(senderQuery(sender.slug).queryKey, next);
      told(t(next.live ? "live.on" : "live.off", { name: sender.name }));
      await client.invalidateQueries({ queryKey: ["senders"] });
    },
  });
  const write = may("channels.write");
  return (
    <Section title={t("live.title")} aside={<SenderBadge sender={sender} />}>
      <p className={classes.text}>
        {t(sender.live ? "live.isOn" : sender.ready ? "live.isOff" : "live.incomplete")}
      </p>
      {turn.error && <ErrorState error={turn.error} inline />}
      {write && sender.live && (
        <Button variant="default" loading={turn.isPending} onClick={() => turn.mutate(false)}>
          {t("live.turnOff")}
        </Button>
      )}
      {write && !sender.live && search.open !== "live" && (
        <Button variant="default" disabled={!sender.ready} onClick={() => open("live")}>
          {t("live.turnOn")}
        </Button>
      )}
      {write && !sender.live && search.open === "live" && (
        <Remark tone="warn">
          <Consequence sender={sender} />
          <div className={classes.row}>
            <Button
              size="xs"
              color="shu"
              loading={turn.isPending}
              onClick={() => turn.mutate(true)}
            >
              {t("live.sure")}
            </Button>
            <Button size="xs" variant="default" onClick={() => open(undefined)}>
              {t("cancel")}
            </Button>
          </div>
        </Remark>
      )}
    </Section>
  );
}

/** Who gets something from now on, what waits included. */
function Consequence({ sender }: { sender: Sender }) {
  const { t } = useTranslation("channels");
  const may = useMay();
  const format = useFormat();
  const queues = useQuery({ ...queuesQuery, enabled: may("messages.read") });
  const mine = queues.data?.items.filter(
    (one) =>
      one.channel === sender.channel &&
      (one.sender === sender.slug || (sender.main && one.sender === "")),
  );
  const waiting = mine?.reduce((sum, one) => sum + one.due + one.later + one.held, 0) ?? 0;
  return (
    <>
      {t("live.consequence", { channel: t(`messages:channel.${sender.channel}`) })}{" "}
      {waiting > 0 && t("live.waiting", { items: format.count(waiting, "items") })}
    </>
  );
}
