/** For whoever contacts people: whom, in which order, why; and what has changed since. */
import { Progress } from "@mantine/core";
import { IconBan, IconBell, IconChevronRight, IconLock } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Section } from "@/design/Page";
import { Empty } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { PriorityMark } from "../lists/badges";
import type { Task, Today } from "../lists/types";
import { Changes } from "./Changes";
import classes from "./today.module.css";

/** `quiet`: a manager who also works sees nothing here when there is nothing to do. */
export function WorkToday({ today, quiet }: { today: Today; quiet: boolean }) {
  const { t } = useTranslation("today");
  const nothing = today.tasks.length === 0 && today.follow_ups.length === 0;
  if (nothing && quiet) return null;
  return (
    <>
      {(today.done_today > 0 || today.planned_today > 0) && <DayProgress today={today} />}
      {today.follow_ups.length > 0 && (
        <Section
          title={t("followUps.title")}
          aside={<span className="muted">{t("followUps.lead")}</span>}
        >
          <Tasks tasks={today.follow_ups} />
        </Section>
      )}
      <Section title={t("tasks.title")} aside={<span className="muted">{t("tasks.lead")}</span>}>
        {today.tasks.length === 0 ? (
          <Empty title={t(today.done_today > 0 ? "tasks.done" : "tasks.none")}>
            {t(today.done_today > 0 ? "tasks.doneText" : "tasks.noneText")}
          </Empty>
        ) : (
          <Tasks tasks={today.tasks} />
        )}
      </Section>
      {!quiet && today.changes.length > 0 && (
        <Section title={t("changes.title")}>
          <Changes changes={today.changes} />
        </Section>
      )}
    </>
  );
}

function DayProgress({ today }: { today: Today }) {
  const { t } = useTranslation("today");
  const format = useFormat();
  const all = Math.max(today.planned_today, today.done_today);
  const left = Math.max(0, all - today.done_today);
  return (
    <div className={classes.progress}>
      <div className={classes.progressWords}>
        <span className={classes.big}>
          {format.number(today.done_today)}
          <small> / {format.count(all, "people")}</small>
        </span>
        <span className="muted">
          {left === 0
            ? t("progress.all")
            : t("progress.left", { people: format.count(left, "people") })}
        </span>
      </div>
      <Progress
        size={8}
        value={all > 0 ? (today.done_today / all) * 100 : 0}
        aria-label={t("progress.label")}
      />
    </div>
  );
}

function Tasks({ tasks }: { tasks: readonly Task[] }) {
  return (
    <ol className={classes.tasks}>
      {tasks.map((task, index) => (
        <TaskRow key={`${task.member.list_id}:${task.member.id}`} task={task} number={index + 1} />
      ))}
    </ol>
  );
}

function TaskRow({ task, number }: { task: Task; number: number }) {
  const { t } = useTranslation("today");
  const format = useFormat();
  const { member } = task;
  return (
    <li>
      <Link
        to="/lists/$id/work"
        params={{ id: member.list_id }}
        search={{ member: member.id }}
        className={classes.task}
      >
        <span className={classes.taskNumber}>{number}</span>
        <span className={classes.taskWho}>
          <span className={classes.taskName}>
            {member.blocked && (
              <IconBan size={14} className={classes.stop} aria-label={member.blocked} />
            )}
            {task.kind === "leased" && <IconLock size={14} aria-label={t("leased")} />}
            {member.masked ? member.display : t("person", { name: member.display })}
          </span>
          <span className={classes.taskWhy}>{task.why}</span>
        </span>
        <span className={classes.taskSide}>
          {member.next_at && task.kind === "follow_up" ? (
            <span
              className={classes.taskTime}
              data-late={new Date(member.next_at) < new Date() || undefined}
              title={new Date(member.next_at) < new Date() ? t("late") : undefined}
            >
              <IconBell size={14} aria-hidden /> {format.dateTime(member.next_at)}
            </span>
          ) : (
            <PriorityMark priority={member.priority} />
          )}
          <span className="muted">{task.list_name}</span>
        </span>
        <IconChevronRight size={16} className={classes.chevron} aria-hidden />
      </Link>
    </li>
  );
}
