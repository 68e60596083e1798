/** Requests for approval, each with its reasons and the two answers. */
import { Button, Stack, Textarea } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "@/client/http";
import { DayInput } from "@/design/DayInput";
import { TextLink } from "@/design/Link";
import { RightPanel } from "@/design/RightPanel";
import { Remark, StatusBadge, type Tone } from "@/design/StatusBadge";
import { ErrorState } from "@/design/states";
import { told } from "@/design/undo";
import { useFormat } from "@/design/useFormat";
import classes from "./gate.module.css";
import type { Approval } from "./types";

const TONES: Record<Approval["state"], Tone> = {
  waiting: "working",
  approved: "good",
  denied: "alarm",
  withdrawn: "neutral",
};

type Verdict = "approve" | "deny";

export function Requests({ items }: { items: readonly Approval[] }) {
  const [deciding, setDeciding] = useState<{ one: Approval; verdict: Verdict } | null>(null);
  return (
    <>
      <ul className={classes.requests}>
        {items.map((one) => (
          <Request
            key={one.id}
            request={one}
            onDecide={(verdict) => setDeciding({ one, verdict })}
          />
        ))}
      </ul>
      {deciding && (
        <DecidePanel
          key={`${deciding.one.id}:${deciding.verdict}`}
          request={deciding.one}
          verdict={deciding.verdict}
          onClose={() => setDeciding(null)}
        />
      )}
    </>
  );
}

function Request({
  request,
  onDecide,
}: {
  request: Approval;
  onDecide: (verdict: Verdict) => void;
}) {
  const { t } = useTranslation("gate");
  const format = useFormat();
  const about = [
    t(`channel.${request.channel}`),
    request.purpose_label,
    request.asked_by && t("approvals.by", { name: request.asked_by.name }),
    format.relative(request.asked_at),
  ].filter(Boolean);
  return (
    <li>
      <div>
        <div className={classes.who}>
          <TextLink to={`/customers/${request.person_id}` as string}>{request.display}</TextLink>
          {request.state !== "waiting" && (
            <StatusBadge tone={TONES[request.state]} plain>
              {t(`approvals.state.${request.state}`)}
            </StatusBadge>
          )}
          <span className="muted">{about.join(t("dot"))}</span>
        </div>
        <ul className={classes.reasons}>
          {request.reasons.map((reason) => (
            <li key={reason.sentence}>{reason.sentence}</li>
          ))}
        </ul>
        {request.note && <blockquote className={classes.wording}>{request.note}</blockquote>}
        {request.decided_by && (
          <div className={classes.quiet}>
            {[
              request.decided_by.name,
              format.dateTime(request.decided_at),
              request.valid_until &&
                t("approvals.valid", { until: format.dateTime(request.valid_until) }),
              request.answer,
            ]
              .filter(Boolean)
              .join(t("dot"))}
          </div>
        )}
        {request.state === "waiting" && request.why_not && (
          <div className={classes.quiet}>{request.why_not}</div>
        )}
      </div>
      {request.may_decide && (
        <div className={classes.buttons}>
          <Button size="compact-sm" onClick={() => onDecide("approve")}>
            {t("approvals.approve")}
          </Button>
          <Button size="compact-sm" variant="default" onClick={() => onDecide("deny")}>
            {t("approvals.deny")}
          </Button>
        </div>
      )}
    </li>
  );
}

interface DecideProps {
  request: Approval;
  verdict: Verdict;
  onClose: () => void;
}

function DecidePanel({ request, verdict, onClose }: DecideProps) {
  const { t } = useTranslation("gate");
  const client = useQueryClient();
  const [answer, setAnswer] = useState("");
  const [until, setUntil] = useState<string | null>(null);
  const save = useMutation({
    mutationFn: () =>
      call<Approval>("POST", `/api/approvals/${request.id}/${verdict}`, {
        body:
          verdict === "approve"
            ? { answer, valid_until: until ? `${until}T23:59:59` : null }
            : { answer },
      }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["approvals"] });
      await client.invalidateQueries({ queryKey: ["customer", request.person_id] });
      told(t(`approvals.done.${verdict}`, { name: request.display }));
      onClose();
    },
  });
  return (
    <RightPanel
      title={t(`approvals.panel.${verdict}`)}
      lead={request.display}
      onClose={onClose}
      footer={
        <Button
          type="submit"
          form="decide"
          loading={save.isPending}
          disabled={verdict === "deny" && answer.trim() === ""}
        >
          {t(`approvals.${verdict}`)}
        </Button>
      }
    >
      <form
        id="decide"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <Stack gap="md">
          <Remark tone={verdict === "approve" ? "warn" : "info"}>
            {t(`approvals.text.${verdict}`, {
              channel: t(`channel.${request.channel}`),
              name: request.for_user.name,
            })}
          </Remark>
          <ul className={classes.reasons}>
            {request.reasons.map((reason) => (
              <li key={reason.sentence}>{reason.sentence}</li>
            ))}
          </ul>
          {verdict === "approve" && (
            <DayInput label={t("approvals.until")} value={until} onChange={setUntil} />
          )}
          <Textarea
            label={t(verdict === "approve" ? "approvals.answer" : "approvals.why")}
            autosize
            minRows={2}
            maxLength={2000}
            required={verdict === "deny"}
            value={answer}
            onChange={(event) => setAnswer(event.currentTarget.value)}
          />
          {save.error && <ErrorState error={save.error} inline />}
        </Stack>
      </form>
    </RightPanel>
  );
}
