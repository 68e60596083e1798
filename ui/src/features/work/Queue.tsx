/** The left column: who is next, and how far the day has come. */
import { Button, Progress, UnstyledButton } from "@mantine/core";
import { IconBan, IconBell, IconCheck } from "@tabler/icons-react";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Remark } from "@/design/StatusBadge";
import { ErrorState, Loading } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { PriorityMark } from "../lists/badges";
import type { ListDetail, Member } from "../lists/types";
import type { Queue as QueueData } from "./useQueue";
import classes from "./work.module.css";

interface Props {
  list: ListDetail;
  queue: QueueData;
  finished: ReadonlySet<number>;
  current: number | undefined;
  onPick: (member: number) => void;
  onClaimNext: () => void;
  claiming: boolean;
  /** Why there was nobody to take. */
  claimAnswer: string | null;
  claimError: unknown;
}

export function Queue(props: Props) {
  const { t } = useTranslation("work");
  const format = useFormat();
  const { queue, finished, current } = props;
  const done = finished.size;
  const open = queue.members.filter((one) => !finished.has(one.id));
  return (
    <section className={classes.queue} aria-label={t("queue.title")}>
      <div className={classes.progress}>
        <span className={classes.progressWords}>
          <span>{t("queue.done", { people: format.count(done, "people") })}</span>
          <span className="muted">
            {t("queue.left", { people: format.count(Math.max(0, queue.total - done), "people") })}
          </span>
        </span>
        <Progress
          size={6}
          value={queue.total > 0 ? (done / Math.max(queue.total, done)) * 100 : 0}
          aria-label={t("queue.done", { people: format.count(done, "people") })}
        />
      </div>
      {queue.loading && <Loading lines={[90, 80, 85, 70]} height={28} />}
      {queue.error ? <ErrorState error={queue.error} onRetry={queue.retry} inline /> : null}
      <ol className={classes.items}>
        {open.map((member) => (
          <Item
            key={member.id}
            member={member}
            here={member.id === current}
            onPick={() => props.onPick(member.id)}
          />
        ))}
        {queue.members
          .filter((one) => finished.has(one.id))
          .map((member) => (
            <li key={member.id} className={classes.doneItem}>
              <IconCheck size={14} aria-label={t("queue.finished")} />
              {member.display}
            </li>
          ))}
      </ol>
      <div className={classes.claim}>
        {props.claimAnswer && <Remark>{props.claimAnswer}</Remark>}
        {props.claimError ? <ErrorState error={props.claimError} inline /> : null}
        <Button
          variant="default"
          fullWidth
          loading={props.claiming}
          disabled={!props.list.can_work || props.list.state !== "open"}
          onClick={props.onClaimNext}
        >
          {t("queue.claim")}
        </Button>
      </div>
    </section>
  );
}

function Item({ member, here, onPick }: { member: Member; here: boolean; onPick: () => void }) {
  const { t } = useTranslation("work");
  const format = useFormat();
  const item = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (here) item.current?.scrollIntoView({ block: "nearest" });
  }, [here]);
  const line = member.next_step ?? member.reasons[0] ?? "";
  return (
    <li ref={item}>
      <UnstyledButton
        className={classes.item}
        data-here={here || undefined}
        aria-current={here ? "true" : undefined}
        onClick={onPick}
      >
        <span className={classes.itemHead}>
          <span className={classes.itemName}>
            {member.blocked && (
              <IconBan size={14} className={classes.stop} aria-label={member.blocked} />
            )}
            {member.display}
          </span>
          <PriorityMark priority={member.priority} />
        </span>
        {member.next_at && (
          <span className={classes.itemLine}>
            <IconBell size={12} aria-label={t("queue.followUp")} />{" "}
            {format.dateTime(member.next_at)}
          </span>
        )}
        {line && <span className={classes.itemLine}>{line}</span>}
      </UnstyledButton>
    </li>
  );
}
