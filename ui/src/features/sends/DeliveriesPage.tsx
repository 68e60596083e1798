/** Every delivery of sends and journeys, the newest first. */
import { Select } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { Filters } from "@/design/Filters";
import { Page } from "@/design/Page";
import { Empty } from "@/design/states";
import { MessagesTabs } from "@/features/messages/MessagesTabs";
import { CHANNELS, type Channel } from "@/features/messages/model/body";
import { DeliveryPanel } from "./DeliveryPanel";
import { DeliveryTable } from "./DeliveryTable";
import { useDeliveries } from "./data";
import { HeldNotice } from "./HeldNotice";
import { Queues } from "./Queues";
import type { DeliveriesSearch } from "./routes";
import { DELIVERY_STATES, type DeliveryState } from "./types";

export function DeliveriesPage() {
  const { t } = useTranslation("sends");
  const search = useSearch({ from: "/frame/messages/deliveries" });
  const navigate = useNavigate({ from: "/messages/deliveries" });
  const { channel, state, reason, person } = search;
  const source = useDeliveries("/api/deliveries", { channel, state, reason, person });
  const reasons = useReasons(source, reason);
  const change = (part: DeliveriesSearch) =>
    void navigate({
      search: (old: DeliveriesSearch) => ({ ...old, ...part }),
      replace: !("delivery" in part),
    });
  return (
    <>
      <Page
        title={t("messages:title")}
        lead={t("deliveries.lead")}
        tabs={<MessagesTabs value="deliveries" />}
        fill
      >
        <HeldNotice />
        <Queues />
        <Filters>
          <Select
            aria-label={t("row.channel")}
            placeholder={t("deliveries.anyChannel")}
            clearable
            value={channel ?? null}
            data={CHANNELS.map((one) => ({ value: one, label: t(`messages:channel.${one}`) }))}
            onChange={(value) => change({ channel: (value as Channel | null) ?? undefined })}
          />
          <Select
            aria-label={t("people.state")}
            placeholder={t("people.anyState")}
            clearable
            value={state ?? null}
            data={DELIVERY_STATES.map((one) => ({ value: one, label: t(`delivery.${one}`) }))}
            onChange={(value) => change({ state: (value as DeliveryState | null) ?? undefined })}
          />
          <Select
            aria-label={t("people.reason")}
            placeholder={t("people.anyReason")}
            clearable
            searchable
            disabled={reasons.length === 0}
            value={reason ?? null}
            data={reasons}
            onChange={(value) => change({ reason: value ?? undefined })}
          />
        </Filters>
        <DeliveryTable
          label={t("messages:tabs.deliveries")}
          source={source}
          activeId={search.delivery}
          onOpen={(delivery) => change({ delivery })}
          empty={
            channel || state || reason || person ? (
              <Empty title={t("people.noMatch")}>{t("people.noMatchText")}</Empty>
            ) : (
              <Empty title={t("deliveries.none")}>{t("deliveries.noneText")}</Empty>
            )
          }
        />
      </Page>
      {search.delivery && (
        <DeliveryPanel id={search.delivery} onClose={() => change({ delivery: undefined })} />
      )}
    </>
  );
}

/** The reasons that have come into sight since the page was opened, to choose among. */
function useReasons(
  source: ReturnType<typeof useDeliveries>,
  chosen: string | undefined,
): { value: string; label: string }[] {
  const seen = useRef(new Map<string, string>());
  for (let index = 0; index < source.total; index += 1) {
    const reason = source.rowAt(index)?.reason;
    if (reason) seen.current.set(reason.code, reason.sentence);
  }
  if (chosen && !seen.current.has(chosen)) seen.current.set(chosen, chosen);
  return [...seen.current].map(([value, label]) => ({ value, label }));
}
