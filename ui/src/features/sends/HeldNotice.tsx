/** After a restore nothing is sent until an administrator has decided: what waits, and the two ways on. */
import { Button, Group, Radio } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/session";
import { call } from "@/client/http";
import { Alarm, Remark } from "@/design/StatusBadge";
import { ErrorState } from "@/design/states";
import { told } from "@/design/undo";
import { useFormat } from "@/design/useFormat";
import { heldQuery } from "./data";
import classes from "./sends.module.css";
import type { Held } from "./types";

/** How far the server counts what waits. */
const MOST = 10_000;

/** Nothing at all while sending goes on as usual. */
export function HeldNotice() {
  const may = useMay();
  const held = useQuery({ ...heldQuery, enabled: may("messages.read") }).data;
  if (!held?.held) return null;
  return (
    <div className={classes.notices}>
      <Told held={held} />
    </div>
  );
}

function Told({ held }: { held: Held }) {
  const { t } = useTranslation("sends");
  const format = useFormat();
  const may = useMay();
  const [deciding, setDeciding] = useState(false);
  const decides = may("channels.write");
  const waiting =
    held.waiting === 0
      ? t("held.none")
      : t(held.waiting >= MOST ? "held.many" : "held.waiting", { count: held.waiting });
  if (held.dropping) return <Remark tone="warn">{t("held.dropping")}</Remark>;
  return (
    <Alarm
      title={t("held.title")}
      action={
        decides &&
        !deciding && (
          <Button size="xs" variant="default" onClick={() => setDeciding(true)}>
            {t("held.decide")}
          </Button>
        )
      }
    >
      <p className={classes.heldText}>
        {t("held.text", { at: format.dateTime(held.made_at) })} {waiting}{" "}
        {!decides && t("held.others")}
      </p>
      {deciding && <Deciding held={held} onClose={() => setDeciding(false)} />}
    </Alarm>
  );
}

function Deciding({ held, onClose }: { held: Held; onClose: () => void }) {
  const { t } = useTranslation("sends");
  const client = useQueryClient();
  const [what, setWhat] = useState<"drop" | "send" | null>(null);
  const release = useMutation({
    mutationFn: (way: "drop" | "send") =>
      call<Held>("POST", "/api/sending/release", { body: { what: way } }),
    onSuccess: async (next, way) => {
      client.setQueryData(heldQuery.queryKey, next);
      told(t(`held.done.${way}`));
      await client.invalidateQueries({ queryKey: ["sends"] });
      await client.invalidateQueries({ queryKey: ["deliveries"] });
    },
  });
  return (
    <div className={classes.heldForm}>
      {release.error && <ErrorState error={release.error} inline />}
      <Radio.Group
        label={t("held.question")}
        value={what}
        onChange={(one) => setWhat(one as "drop")}
      >
        {(["drop", "send"] as const).map((one) => (
          <Radio
            key={one}
            mt={8}
            value={one}
            label={t(`held.way.${one}`)}
            description={t(`held.means.${one}`)}
          />
        ))}
      </Radio.Group>
      <Group gap="sm" mt={12}>
        <Button
          size="xs"
          disabled={what === null}
          loading={release.isPending}
          onClick={() => what && release.mutate(what)}
        >
          {what === null
            ? t("held.choose")
            : held.waiting === 0
              ? t(`held.way.${what}`)
              : t(`held.sure.${what}`, { count: held.waiting })}
        </Button>
        <Button size="xs" variant="default" onClick={onClose}>
          {t("held.later")}
        </Button>
      </Group>
    </div>
  );
}
