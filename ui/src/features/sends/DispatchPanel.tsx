/** The last look before a send goes: how many people, what follows, and that it cannot be recalled. */
import { Button, Stack } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { isApiError } from "@/client/errors";
import { call } from "@/client/http";
import { RightPanel } from "@/design/RightPanel";
import { Remark } from "@/design/StatusBadge";
import { ErrorState, Loading } from "@/design/states";
import { told } from "@/design/undo";
import { useFormat } from "@/design/useFormat";
import { path, sendQuery } from "./data";
import classes from "./sends.module.css";
import type { Preview, SendDetail } from "./types";
import type { usePreview } from "./usePreview";

/** After these only a new preview helps. */
const ANEW: ReadonlySet<string> = new Set([
  "preview_old",
  "preview_changed",
  "preview_token",
  "drifted",
]);

interface Props {
  send: SendDetail;
  preview: ReturnType<typeof usePreview>;
  /** Nothing on the page waits to be saved. */
  ready: boolean;
  onClose: () => void;
}

export function DispatchPanel({ send, preview, ready, onClose }: Props) {
  const { t } = useTranslation("sends");
  const format = useFormat();
  const client = useQueryClient();
  const { seen, standing, look } = preview;
  const go = useMutation({
    mutationFn: () =>
      call<SendDetail>("POST", `${path(send.slug)}/dispatch`, {
        body: { token: seen?.preview.token ?? "" },
      }),
    onSuccess: async (next) => {
      onClose();
      client.setQueryData(sendQuery(send.slug).queryKey, next);
      await client.invalidateQueries({ queryKey: ["sends", "rows"] });
      told(t("dispatch.done", { name: send.name }));
    },
  });
  const refused = isApiError(go.error) && ANEW.has(go.error.body.code);
  const usable = seen !== null && standing === "fresh" && ready && !refused && !look.isPending;
  const again = () => {
    go.reset();
    preview.forget();
    look.mutate();
  };
  return (
    <RightPanel
      title={t("dispatch.title")}
      lead={send.name}
      onClose={onClose}
      footer={
        <>
          <Button variant="default" onClick={onClose}>
            {t("dispatch.back")}
          </Button>
          {usable ? (
            <Button
              color="shu"
              disabled={seen.preview.to_send === 0}
              loading={go.isPending}
              onClick={() => go.mutate()}
            >
              {t(send.body.at ? "dispatch.schedule" : "dispatch.send", {
                people: people(seen.preview, format, t),
              })}
            </Button>
          ) : (
            <Button loading={look.isPending} onClick={again}>
              {t("dispatch.again")}
            </Button>
          )}
        </>
      }
    >
      <Stack gap="md">
        {go.error && <ErrorState error={go.error} inline />}
        {look.error && <ErrorState error={look.error} inline />}
        {look.isPending && <Loading lines={[40, 80, 80]} />}
        {!usable && !go.error && !look.isPending && (
          <Remark tone="warn">
            {t(
              standing === "old"
                ? "preview.old"
                : standing === "none"
                  ? "preview.none"
                  : "preview.changed",
            )}
          </Remark>
        )}
        {seen && <Consequences send={send} preview={seen.preview} />}
      </Stack>
    </RightPanel>
  );
}

type Words = ReturnType<typeof useTranslation<"sends">>["t"];

function people(preview: Preview, format: ReturnType<typeof useFormat>, t: Words): string {
  const counted = format.count(preview.to_send, "people");
  return preview.stopped.some((one) => one.estimated) ? t("about", { people: counted }) : counted;
}

function Consequences({ send, preview }: { send: SendDetail; preview: Preview }) {
  const { t } = useTranslation("sends");
  const format = useFormat();
  const codes = new Set(preview.warnings.map((one) => one.code));
  const inside = codes.has("sender_missing") || codes.has("sender_not_live");
  const { at, per_hour } = send.body;
  return (
    <>
      <p className={classes.big}>
        <span className={classes.bigNumber}>{people(preview, format, t)}</span>
        <span>{t("preview.toSend")}</span>
      </p>
      <ul className={classes.consequences}>
        <li>
          {t("dispatch.what", {
            template: send.template_name || send.template,
            channel: t(`messages:channel.${send.channel}`),
          })}
        </li>
        {preview.within && <li>{preview.within}</li>}
        <li>{at ? t("dispatch.at", { at: format.dateTime(at) }) : t("dispatch.now")}</li>
        {per_hour && (
          <li>
            {t("dispatch.rate", {
              number: format.number(per_hour),
              time: format.duration(Math.ceil((preview.hours ?? 0) * 60) * 60),
            })}
          </li>
        )}
        <li>
          {t("dispatch.others", {
            intended: format.count(preview.people, "people"),
            people: format.count(Math.max(0, preview.people - preview.to_send), "people"),
          })}
        </li>
        <li>{t("dispatch.gate")}</li>
        <li>{t(inside ? "dispatch.inside" : "dispatch.real")}</li>
      </ul>
      {codes.has("few_reachable") && (
        <Remark tone="warn">
          {preview.warnings.find((one) => one.code === "few_reachable")?.sentence}
        </Remark>
      )}
    </>
  );
}
