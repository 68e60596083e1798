/** The right column: how, with what result, what next. Typed work is kept until it is saved. */

import { Button, Kbd, SegmentedControl, Textarea, TextInput } from "@mantine/core";
import { IconBan } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type Ref, useImperativeHandle, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay, useMe } from "@/app/session";
import { isApiError } from "@/client/errors";
import { call } from "@/client/http";
import { MomentInput } from "@/design/DayInput";
import { MainAction } from "@/design/Page";
import { ErrorState } from "@/design/states";
import { told } from "@/design/undo";
import { useFormat } from "@/design/useFormat";
import { AskApproval, DecisionReasons } from "@/features/gate";
import { memberQuery } from "../lists/api";
import { freshKey } from "../lists/keys";
import type {
  Decision,
  EngagementDone,
  EngagementDraft,
  Kind,
  ListDetail,
  Member,
  MemberDetail,
} from "../lists/types";
import { type Draft, dropDraft, emptyDraft, keepDraft, readDraft } from "./drafts";
import { instantOf, quickTimes } from "./next";
import type { Claim } from "./useClaim";
import classes from "./work.module.css";

export interface LogHandle {
  pickChannel: (channel: string) => void;
  pickOutcome: (number: number) => void;
  focusNote: () => void;
  save: () => void;
}

interface Props {
  ref: Ref<LogHandle>;
  list: ListDetail;
  member: number;
  claim: Claim;
  onLogged: (member: Member) => void;
  onUndone: (member: number) => void;
}

export function LogPanel(props: Props) {
  const { t } = useTranslation("work");
  const may = useMay();
  const { list, member, claim } = props;
  const { data: detail } = useQuery(memberQuery(list.id, member));
  const { draft, set, log } = useLog(props, detail);
  const note = useRef<HTMLTextAreaElement>(null);
  const decision = draft.kind ? detail?.gate[draft.kind] : undefined;
  // Who may approve a contact, and need not be somebody else, makes it in her own name.
  const approves =
    decision?.answer === "needs_approval" && !decision.another && may("gate.approve");
  const stopped = decision !== undefined && !decision.allowed && !draft.inbound && !approves;
  const canSave =
    draft.kind !== null &&
    draft.outcome !== null &&
    !stopped &&
    !claim.taken &&
    list.can_work &&
    !log.isPending;
  const save = () => {
    if (canSave) log.mutate();
  };
  useImperativeHandle(props.ref, () => ({
    pickChannel: (channel) => {
      const kind = list.kinds.find((one) => one.channel === channel);
      if (kind) set({ kind: kind.code });
    },
    pickOutcome: (number) => {
      const outcome = list.outcomes[number - 1];
      if (outcome) set({ outcome: outcome.code, kind: draft.kind ?? list.kinds[0]?.code ?? null });
    },
    focusNote: () => note.current?.focus(),
    save,
  }));
  const outcome = list.outcomes.find((one) => one.code === draft.outcome);
  return (
    <section id="log" className={classes.log} aria-label={t("log.title")}>
      <h2 className={classes.logTitle}>{t("log.title")}</h2>
      <Kinds kinds={list.kinds} draft={draft} detail={detail} onPick={(kind) => set({ kind })} />
      <SegmentedControl
        size="xs"
        fullWidth
        aria-label={t("log.direction")}
        value={draft.inbound ? "inbound" : "outbound"}
        data={[
          { value: "outbound", label: t("log.outbound") },
          { value: "inbound", label: t("log.inbound") },
        ]}
        onChange={(direction) => set({ inbound: direction === "inbound" })}
      />
      {stopped && decision && detail && draft.kind && (
        <Stopped list={list} member={detail} kind={draft.kind} decision={decision} />
      )}
      <div className={classes.group} role="radiogroup" aria-label={t("log.outcome")}>
        {list.outcomes.map((one, index) => (
          <button
            key={one.code}
            type="button"
            role="radio"
            aria-checked={draft.outcome === one.code}
            className={classes.outcome}
            onClick={() => set({ outcome: one.code })}
          >
            <span>{one.label}</span>
            {index < 9 && <Kbd size="xs">{index + 1}</Kbd>}
          </button>
        ))}
      </div>
      {outcome?.blocks_text && <p className={classes.consequence}>{outcome.blocks_text}</p>}
      <Textarea
        ref={note}
        label={<Labelled word={t("log.note")} hint="n" />}
        placeholder={t("log.notePlaceholder")}
        autosize
        minRows={3}
        maxRows={10}
        value={draft.note}
        onChange={(event) => set({ note: event.currentTarget.value })}
      />
      <NextStep draft={draft} onChange={set} />
      {log.error ? <LogError error={log.error} /> : null}
      <MainAction fullWidth loading={log.isPending} disabled={!canSave} onClick={save}>
        {t("log.save")}
        <Kbd size="xs" ml={8} className={classes.keyOnFill}>
          ⏎
        </Kbd>
      </MainAction>
    </section>
  );
}

/** The draft, kept in this browser, and the logging of it. */
function useLog(props: Props, detail: MemberDetail | undefined) {
  const { list, member, claim } = props;
  const { t } = useTranslation("work");
  const me = useMe();
  const format = useFormat();
  const client = useQueryClient();
  const [draft, setDraft] = useState<Draft>(
    () => readDraft(localStorage, me.id, list.id, member) ?? emptyDraft(freshKey()),
  );
  const set = (part: Partial<Draft>) => {
    const next = { ...draft, ...part };
    setDraft(next);
    keepDraft(localStorage, me.id, list.id, member, next);
  };
  const refresh = () =>
    Promise.all([
      client.invalidateQueries({ queryKey: memberQuery(list.id, member).queryKey }),
      client.invalidateQueries({ queryKey: ["list", list.id] }),
      client.invalidateQueries({ queryKey: ["today"] }),
    ]);
  const undo = (done: EngagementDone) => async () => {
    await call("POST", `/api/engagements/${done.engagement.id}/undo`);
    // What was typed comes back with a new key: the old one belongs to what was taken back.
    keepDraft(localStorage, me.id, list.id, member, { ...draft, key: freshKey() });
    await refresh();
    props.onUndone(member);
  };
  const log = useMutation({
    mutationFn: () =>
      call<EngagementDone>("POST", `/api/lists/${list.id}/members/${member}/engagements`, {
        body: bodyOf(draft, format.timeZone),
      }),
    onSuccess: async (done) => {
      claim.settle();
      dropDraft(localStorage, me.id, list.id, member);
      const name = detail?.display ?? "";
      told(
        done.engagement.blocked ?? t("log.done", { name, outcome: done.engagement.outcome_label }),
        undo(done),
      );
      props.onLogged(done.member);
      await refresh();
    },
  });
  return { draft, set, log };
}

export function bodyOf(draft: Draft, timeZone: string): EngagementDraft {
  return {
    kind: draft.kind ?? "",
    outcome: draft.outcome ?? "",
    note: draft.note.trim(),
    next_step: draft.nextStep.trim() || null,
    next_at: draft.nextAt ? instantOf(draft.nextAt, timeZone) : null,
    direction: draft.inbound ? "inbound" : "outbound",
    idempotency_key: draft.key,
  };
}

/** Why the chosen way is closed, and what can be done about it. */
function Stopped(props: {
  list: ListDetail;
  member: MemberDetail;
  kind: string;
  decision: Decision;
}) {
  const { t } = useTranslation("work");
  const client = useQueryClient();
  const { list, member, decision } = props;
  const channel = list.kinds.find((one) => one.code === props.kind)?.channel;
  return (
    <>
      <div className={classes.stopped} role="alert" data-answer={decision.answer}>
        <IconBan size={16} aria-hidden />
        <div>
          {decision.reasons.length === 0 ? (
            t("log.stopped")
          ) : (
            <DecisionReasons decision={decision} />
          )}
        </div>
      </div>
      {decision.answer === "needs_approval" && channel && list.can_work && (
        <AskApproval
          key={channel}
          personId={member.person_id}
          channel={channel}
          purpose={list.purpose}
          product={list.product}
          decision={decision}
          listId={list.id}
          memberId={member.id}
          onAnswered={() =>
            void client.invalidateQueries({ queryKey: memberQuery(list.id, member.id).queryKey })
          }
        />
      )}
    </>
  );
}

const KEYS: Record<string, string> = { phone: "c", visit: "v", email: "m" };

function Kinds(props: {
  kinds: readonly Kind[];
  draft: Draft;
  detail: MemberDetail | undefined;
  onPick: (kind: string) => void;
}) {
  const { t } = useTranslation("work");
  const firstOf = new Set<string>();
  return (
    <div className={classes.kinds} role="radiogroup" aria-label={t("log.kind")}>
      {props.kinds.map((kind) => {
        const decision = props.detail?.gate[kind.code];
        const key = firstOf.has(kind.channel) ? undefined : KEYS[kind.channel];
        firstOf.add(kind.channel);
        return (
          <button
            key={kind.code}
            type="button"
            role="radio"
            aria-checked={props.draft.kind === kind.code}
            className={classes.kind}
            onClick={() => props.onPick(kind.code)}
          >
            {decision && !decision.allowed && (
              <IconBan size={14} className={classes.stop} aria-label={decision.sentence} />
            )}
            <span>{kind.label}</span>
            {key && <Kbd size="xs">{key}</Kbd>}
          </button>
        );
      })}
    </div>
  );
}

function Labelled({ word, hint }: { word: string; hint: string }) {
  return (
    <span className={classes.labelled}>
      {word}
      <Kbd size="xs">{hint}</Kbd>
    </span>
  );
}

function NextStep({ draft, onChange }: { draft: Draft; onChange: (part: Partial<Draft>) => void }) {
  const { t } = useTranslation("work");
  const format = useFormat();
  return (
    <div className={classes.next}>
      <TextInput
        label={t("log.nextStep")}
        placeholder={t("log.nextPlaceholder")}
        value={draft.nextStep}
        onChange={(event) => onChange({ nextStep: event.currentTarget.value })}
      />
      <div className={classes.quick}>
        {quickTimes(new Date(), format.timeZone).map((one) => (
          <Button
            key={one.id}
            size="compact-xs"
            variant={draft.nextAt === one.value ? "light" : "default"}
            onClick={() => onChange({ nextAt: draft.nextAt === one.value ? "" : one.value })}
          >
            {t(`log.quick.${one.id}`, { time: one.value.slice(11) })}
          </Button>
        ))}
      </div>
      <MomentInput
        size="xs"
        aria-label={t("log.nextAt")}
        placeholder={t("log.nextAt")}
        value={draft.nextAt || null}
        onChange={(nextAt) => onChange({ nextAt: nextAt ?? "" })}
      />
    </div>
  );
}

/** Expired: says that what was typed is kept (offline, the error itself says so). */
function LogError({ error }: { error: unknown }) {
  const { t } = useTranslation("work");
  const kept = isApiError(error) && error.status === 401;
  return (
    <>
      <ErrorState error={error} inline />
      {kept && <p className="muted">{t("log.kept")}</p>}
    </>
  );
}
