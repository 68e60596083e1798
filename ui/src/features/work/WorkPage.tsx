import { useDocumentTitle } from "@mantine/hooks";
import { IconArrowLeft } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { ButtonLink } from "@/design/Link";
import { Page } from "@/design/Page";
import { Empty, ErrorState, Loading } from "@/design/states";
import { listQuery, memberQuery } from "../lists/api";
import type { ListDetail, Member } from "../lists/types";
import { strokeOf } from "./keys";
import { type LogHandle, LogPanel } from "./LogPanel";
import { after } from "./next";
import { PersonColumn } from "./PersonColumn";
import { Queue } from "./Queue";
import { useClaim } from "./useClaim";
import { useClaimNext, useQueue } from "./useQueue";
import classes from "./work.module.css";

const ROUTE = "/frame/lists/$id/work" as const;

export function WorkPage() {
  const { t } = useTranslation("lists");
  const { id } = useParams({ from: ROUTE });
  const query = useQuery(listQuery(id));
  if (query.error && !query.data) {
    return (
      <Page title={t("title")}>
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      </Page>
    );
  }
  if (!query.data) {
    return (
      <Page title={t("title")}>
        <Loading lines={[30, 90, 90]} height={20} />
      </Page>
    );
  }
  return <Working key={id} list={query.data} />;
}

function Working({ list }: { list: ListDetail }) {
  const { t } = useTranslation("work");
  useDocumentTitle(`${list.name} · Enishi`);
  const { member } = useSearch({ from: ROUTE });
  const navigate = useNavigate({ from: "/lists/$id/work" });
  const [finished, setFinished] = useState<ReadonlySet<number>>(new Set());
  const queue = useQueue(list.id);
  const open = useMemo(
    () => queue.members.filter((one) => !finished.has(one.id)),
    [queue.members, finished],
  );
  const go = (next: number | null, replace = false) =>
    void navigate({ search: { member: next ?? undefined }, replace });
  const claimNext = useClaimNext(list.id, (next) => go(next.id));
  const log = useRef<LogHandle>(null);
  const [phonePane, setPhonePane] = useState<"queue" | "person">(
    member === undefined ? "queue" : "person",
  );

  // On a wide screen there is always somebody in the middle; on a phone the queue comes first.
  const first = open[0]?.id;
  useEffect(() => {
    const wide = matchMedia("(min-width: 961px)").matches;
    if (member === undefined && first !== undefined && wide) {
      void navigate({ search: { member: first }, replace: true });
    }
  }, [member, first, navigate]);

  useWorkKeys({
    step: (step) => {
      const at = open.findIndex((one) => one.id === member);
      const next = open[at + step];
      if (next) go(next.id);
    },
    log,
  });

  function onLogged(logged: Member) {
    const isOver = logged.meaning === "done" || logged.meaning === "dropped";
    const next = after(
      open.map((one) => one.id),
      logged.id,
    );
    setFinished((before) => new Set([...before, logged.id]));
    if (isOver || next !== null) go(next);
    if (next === null) setPhonePane("queue");
  }

  return (
    <div className={classes.work} data-page data-pane={phonePane}>
      <header className={classes.head}>
        <ButtonLink
          to="/lists/$id"
          params={{ id: list.id }}
          variant="subtle"
          color="gray"
          size="compact-sm"
          leftSection={<IconArrowLeft size={14} aria-hidden />}
        >
          {t("back")}
        </ButtonLink>
        <h1 className={classes.title}>{list.name}</h1>
      </header>
      <Queue
        list={list}
        queue={queue}
        finished={finished}
        current={member}
        onPick={(next) => {
          go(next);
          setPhonePane("person");
        }}
        onClaimNext={() => claimNext.mutate()}
        claiming={claimNext.isPending}
        claimAnswer={claimNext.data?.member === null ? claimNext.data.sentence : null}
        claimError={claimNext.error}
      />
      {member === undefined ? (
        <div className={classes.person}>
          {queue.loading ? (
            <Loading lines={[40, 90, 80]} />
          ) : (
            <Empty title={t(finished.size > 0 ? "allDone" : "nobody")}>
              {t(finished.size > 0 ? "allDoneText" : "nobodyText")}
            </Empty>
          )}
        </div>
      ) : (
        <Current
          key={member}
          list={list}
          member={member}
          log={log}
          onLogged={onLogged}
          onUndone={(back) => {
            setFinished((before) => new Set([...before].filter((one) => one !== back)));
            go(back);
          }}
          onBack={() => setPhonePane("queue")}
          onSkip={() =>
            go(
              after(
                open.map((one) => one.id),
                member,
              ),
            )
          }
        />
      )}
    </div>
  );
}

function Current(props: {
  list: ListDetail;
  member: number;
  log: React.RefObject<LogHandle | null>;
  onLogged: (member: Member) => void;
  onUndone: (member: number) => void;
  onBack: () => void;
  onSkip: () => void;
}) {
  const claim = useClaim(props.list, props.member);
  // Nothing can be logged on somebody who cannot be opened.
  const { isError } = useQuery(memberQuery(props.list.id, props.member));
  return (
    <>
      <PersonColumn
        list={props.list}
        member={props.member}
        claim={claim}
        onBack={props.onBack}
        onSkip={props.onSkip}
      />
      {!isError && (
        <LogPanel
          ref={props.log}
          list={props.list}
          member={props.member}
          claim={claim}
          onLogged={props.onLogged}
          onUndone={props.onUndone}
        />
      )}
    </>
  );
}

/** Listens for the keys of work mode on the whole page. */
function useWorkKeys(handlers: {
  step: (step: 1 | -1) => void;
  log: React.RefObject<LogHandle | null>;
}) {
  const latest = useRef(handlers);
  latest.current = handlers;
  useEffect(() => {
    function onKeyDown(event: KeyboardEvent) {
      const target = event.target instanceof HTMLElement ? event.target : null;
      // A menu, dialog or list box has the keys while it is open.
      if (target?.closest("[role='dialog'], [role='menu'], [role='listbox']")) return;
      const field = target?.matches("input, textarea, select, [contenteditable]") ?? false;
      const stroke = strokeOf({
        key: event.key,
        metaKey: event.metaKey,
        ctrlKey: event.ctrlKey,
        altKey: event.altKey,
        isComposing: event.isComposing,
        typing: field,
        onControl: target?.matches("button, a, [role='button']") ?? false,
      });
      if (!stroke) return;
      event.preventDefault();
      const { step, log } = latest.current;
      switch (stroke.do) {
        case "next":
          return step(1);
        case "previous":
          return step(-1);
        case "kind":
          return log.current?.pickChannel(stroke.channel);
        case "outcome":
          return log.current?.pickOutcome(stroke.number);
        case "note":
          return log.current?.focusNote();
        case "save":
          return log.current?.save();
      }
    }
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, []);
}
