/** In work mode: asks a manager to let a contact through, and shows how the request stands. */
import { Button, Textarea } from "@mantine/core";
import { IconClock, IconShieldQuestion } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "@/client/http";
import { ErrorState } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { askedQuery } from "./data";
import classes from "./gate.module.css";
import type { Approval, Decision } from "./types";

interface Props {
  personId: string;
  channel: string;
  purpose: string | null;
  product: string | null;
  decision: Decision;
  listId?: string;
  memberId?: number;
  /** The request has been answered: what the gate says may be another thing now. */
  onAnswered: () => void;
}

export function AskApproval(props: Props) {
  const { t } = useTranslation("gate");
  const format = useFormat();
  const { personId, channel, purpose } = props;
  const requests = useQuery(askedQuery(personId));
  const latest = requests.data?.find(
    (one) => one.channel === channel && (one.purpose ?? "") === (purpose ?? "") && one.mine,
  );
  useAnswered(latest, props.onAnswered);
  if (latest?.state === "waiting") {
    return (
      <p className={classes.ask} role="status">
        <span>
          <IconClock size={14} aria-hidden />{" "}
          {t("ask.waiting", { at: format.dateTime(latest.asked_at) })}
        </span>
      </p>
    );
  }
  return (
    <>
      {latest?.state === "denied" && (
        <p className={classes.quiet}>
          {t("ask.denied", {
            name: latest.decided_by?.name ?? "",
            at: format.dateTime(latest.decided_at),
            answer: latest.answer,
          })}
        </p>
      )}
      <AskForm {...props} />
    </>
  );
}

/** Tells once when a request that was waiting on this page has been answered. */
function useAnswered(request: Approval | undefined, onAnswered: () => void) {
  const was = useRef<string | undefined>(undefined);
  const state = request && `${request.id}:${request.state}`;
  const answered = useRef(onAnswered);
  answered.current = onAnswered;
  useEffect(() => {
    if (was.current?.endsWith(":waiting") && state !== was.current) answered.current();
    was.current = state;
  }, [state]);
}

function AskForm({ personId, channel, purpose, product, decision, listId, memberId }: Props) {
  const { t } = useTranslation("gate");
  const client = useQueryClient();
  const [open, setOpen] = useState(false);
  const [note, setNote] = useState("");
  const ask = useMutation({
    mutationFn: () =>
      call<Approval>("POST", "/api/approvals", {
        body: {
          person_id: personId,
          channel,
          purpose: purpose ?? "",
          product,
          note: note.trim(),
          list_id: listId ?? "",
          member_id: memberId === undefined ? "" : String(memberId),
        },
      }),
    onSuccess: async () => {
      setOpen(false);
      await client.invalidateQueries({ queryKey: askedQuery(personId).queryKey });
    },
  });
  if (!open) {
    return (
      <Button
        variant="default"
        leftSection={<IconShieldQuestion size={16} aria-hidden />}
        onClick={() => setOpen(true)}
      >
        {t("ask.open")}
      </Button>
    );
  }
  return (
    <form
      className={classes.ask}
      onSubmit={(event) => {
        event.preventDefault();
        ask.mutate();
      }}
    >
      <span>
        {t(decision.another ? "ask.another" : "ask.text", {
          role: t(`app:role.${decision.by ?? "manager"}`),
        })}
      </span>
      <Textarea
        label={t("ask.note")}
        autosize
        minRows={2}
        maxLength={2000}
        autoFocus
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
      />
      {ask.error && <ErrorState error={ask.error} inline />}
      <div className={classes.buttons}>
        <Button type="submit" size="compact-sm" loading={ask.isPending} disabled={!note.trim()}>
          {t("ask.send")}
        </Button>
        <Button size="compact-sm" variant="subtle" color="gray" onClick={() => setOpen(false)}>
          {t("ask.cancel")}
        </Button>
      </div>
    </form>
  );
}
