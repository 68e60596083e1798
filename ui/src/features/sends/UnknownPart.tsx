/** A delivery whose end nobody knows: what that means, and the two things that can be done. */
import { Button, Group, Textarea } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/session";
import { call } from "@/client/http";
import { Remark } from "@/design/StatusBadge";
import { ErrorState } from "@/design/states";
import { told } from "@/design/undo";
import { deliveryQuery } from "./data";
import type { DeliveryDetail } from "./types";

/** Somebody has looked at it already, and left it. */
const LEFT = "unknown.left";

export function UnknownPart({ delivery }: { delivery: DeliveryDetail }) {
  const { t } = useTranslation("sends");
  const may = useMay();
  const client = useQueryClient();
  const [note, setNote] = useState("");
  const decide = useMutation({
    mutationFn: (deed: "again" | "leave") =>
      call<DeliveryDetail>("POST", `/api/deliveries/${delivery.id}/${deed}`, { body: { note } }),
    onSuccess: async (next, deed) => {
      client.setQueryData(deliveryQuery(delivery.id).queryKey, next);
      told(t(`unknown.done.${deed}`));
      await client.invalidateQueries({ queryKey: ["deliveries"] });
      await client.invalidateQueries({ queryKey: ["sends"] });
    },
  });
  const left = delivery.reason?.code === LEFT;
  return (
    <Remark tone="warn">
      <p style={{ marginTop: 0 }}>{t(left ? "unknown.left" : "unknown.text")}</p>
      {may("messages.send") && (
        <>
          <Textarea
            label={t("unknown.note")}
            autosize
            minRows={2}
            maxLength={1000}
            value={note}
            onChange={(event) => setNote(event.currentTarget.value)}
          />
          <Group gap="sm" mt={8}>
            {delivery.unknown === "ask" && (
              <Button size="xs" loading={decide.isPending} onClick={() => decide.mutate("again")}>
                {t("unknown.again")}
              </Button>
            )}
            {!left && (
              <Button
                size="xs"
                variant="default"
                loading={decide.isPending}
                onClick={() => decide.mutate("leave")}
              >
                {t("unknown.leave")}
              </Button>
            )}
          </Group>
          <p style={{ marginBottom: 0 }}>
            {t(delivery.unknown === "ask" ? "unknown.risk" : "unknown.stays")}
          </p>
        </>
      )}
      {decide.error && <ErrorState error={decide.error} inline />}
    </Remark>
  );
}
