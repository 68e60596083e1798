import { Button, SegmentedControl } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/session";
import { call } from "@/client/http";
import { TextLink } from "@/design/Link";
import { StatusBadge, type Tone } from "@/design/StatusBadge";
import { ErrorState, Ready } from "@/design/states";
import { told } from "@/design/undo";
import { useFormat } from "@/design/useFormat";
import {
  DELIVERY_STATES,
  type Delivery,
  type DeliveryState,
  deliveriesQuery,
  type Webhook,
} from "./data";
import classes from "./events.module.css";
import type { WebhooksSearch } from "./routes";

const TONES: Record<DeliveryState, Tone> = { waiting: "working", delivered: "good", dead: "alarm" };

/** What a webhook was told and is to be told, newest first. */
export function Deliveries({ webhook }: { webhook: Webhook }) {
  const { t } = useTranslation("events");
  const may = useMay();
  const client = useQueryClient();
  const { state } = useSearch({ from: "/frame/events/webhooks" });
  const navigate = useNavigate({ from: "/events/webhooks" });
  const query = deliveriesQuery(webhook.id, state);
  const deliveries = useQuery(query);
  const replay = useMutation({
    mutationFn: (ids: string[] | null) =>
      call<{ replayed: number }>("POST", `/api/webhooks/${webhook.id}/replay`, { body: { ids } }),
    onSuccess: async ({ replayed }) => {
      told(t("deliveries.replayed", { count: replayed }));
      await client.invalidateQueries({ queryKey: ["webhooks"] });
    },
  });
  return (
    <section className={classes.part}>
      <div className={classes.row}>
        <h3 className={classes.heading}>{t("deliveries.title")}</h3>
        {may("webhooks.write") && webhook.dead > 0 && (
          <Button
            variant="default"
            size="xs"
            loading={replay.isPending}
            onClick={() => replay.mutate(null)}
          >
            {t("deliveries.replayAll", { count: webhook.dead })}
          </Button>
        )}
      </div>
      <SegmentedControl
        size="xs"
        aria-label={t("deliveries.state")}
        value={state ?? "any"}
        data={["any", ...DELIVERY_STATES].map((one) => ({
          value: one,
          label: t(`deliveries.states.${one}`),
        }))}
        onChange={(value) =>
          void navigate({
            search: (old: WebhooksSearch) => ({
              ...old,
              state: DELIVERY_STATES.find((one) => one === value),
            }),
            replace: true,
          })
        }
      />
      {replay.error && <ErrorState error={replay.error} inline />}
      <Ready query={deliveries} lines={[100, 100, 100]}>
        {(found) =>
          found.items.length === 0 ? (
            <p className="muted">{t("deliveries.none")}</p>
          ) : (
            <ul className={classes.deliveries}>
              {found.items.map((one) => (
                <Row key={one.id} delivery={one} onReplay={() => replay.mutate([one.id])} />
              ))}
            </ul>
          )
        }
      </Ready>
    </section>
  );
}

function Row({ delivery, onReplay }: { delivery: Delivery; onReplay: () => void }) {
  const { t } = useTranslation("events");
  const may = useMay();
  const format = useFormat();
  const told =
    delivery.event === "ping"
      ? t("deliveries.ping")
      : t(`deliveries.${delivery.event}`, { segment: delivery.segment?.name ?? "" });
  return (
    <li>
      <div className={classes.row}>
        <span>
          {told}{" "}
          {delivery.person && may("customers.read") && (
            <TextLink to="/customers/$customerId" params={{ customerId: delivery.person }}>
              {t("deliveries.person")}
            </TextLink>
          )}
        </span>
        <StatusBadge tone={TONES[delivery.state]} plain>
          {t(`deliveries.states.${delivery.state}`)}
        </StatusBadge>
      </div>
      <div className={classes.row}>
        <span className="muted">
          {format.dateTime(delivery.at)}
          {delivery.attempts > 0 && ` · ${t("deliveries.attempts", { count: delivery.attempts })}`}
          {delivery.message && ` · ${delivery.message}`}
          {delivery.due_at &&
            delivery.attempts > 0 &&
            ` · ${t("deliveries.next", { at: format.dateTime(delivery.due_at) })}`}
        </span>
        {delivery.state === "dead" && may("webhooks.write") && (
          <Button variant="default" size="compact-xs" onClick={onReplay}>
            {t("deliveries.replay")}
          </Button>
        )}
      </div>
    </li>
  );
}
