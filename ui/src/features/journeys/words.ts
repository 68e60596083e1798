/** A journey in words: what a step does to what, what a way means, what is listened to. */
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/design/useFormat";
import { choicesQuery } from "./api";
import type { Body, Entry, Signal, Step, Weekday, Words2 } from "./model/graph";
import { readOffset, readSpan } from "./model/spans";
import type { Way } from "./model/ways";
import type { Choices } from "./types";

/** Labels of everything a step can name; a name that is not known stands for itself. */
export interface Labels {
  segment: (slug: string) => string;
  event: (name: string) => string;
  template: (slug: string) => string;
  list: (slug: string) => string;
  status: (list: string, code: string) => string;
  date: (field: string, related: string) => string;
}

function labelsOf(choices: Choices | undefined): Labels {
  const by = (list: readonly { value: string; label: string }[] | undefined) => {
    const known = new Map(list?.map((one) => [one.value, one.label]));
    return (value: string) => known.get(value) || value;
  };
  const dates = new Map(
    choices?.dates.map((one) => [`${one.related}>${one.value}`, one.label] as const),
  );
  return {
    segment: by(choices?.segments),
    event: by(choices?.events),
    template: by(choices?.templates),
    list: by(choices?.lists),
    status: (list, code) => {
      const found = choices?.lists.find((one) => one.value === list);
      return by([...(found?.statuses ?? []), ...(found?.outcomes ?? [])])(code);
    },
    date: (field, related) => dates.get(`${related}>${field}`) ?? field,
  };
}

const HOURS = 5;

export function useChoices() {
  return useQuery(choicesQuery).data;
}

export function useWords() {
  const { t } = useTranslation("journeys");
  const format = useFormat();
  const choices = useChoices();
  return useMemo(() => {
    const labels = labelsOf(choices);
    const join = (words: readonly string[]) => words.join(t("comma"));
    const both = (words: Words2) => format.label(words) || words.ja || words.en;
    const span = (text: string | null) => {
      const { count, unit } = readSpan(text);
      return t(`span.${unit}`, { count });
    };
    const offset = (text: string, date: string) => {
      const { side, count, unit } = readOffset(text);
      return t(`offset.${side}`, { date, span: t(`span.${unit}`, { count }) });
    };
    const days = (weekdays: readonly Weekday[]) =>
      weekdays.map((day) => t(`weekday.${day}`)).join(t("dayJoin"));
    const chosen = (value: string, say: (value: string) => string) =>
      value === "" ? t("unchosen") : say(value);
    const events = (names: readonly string[]) =>
      names.length === 0 ? t("unchosen") : names.map(labels.event).join(t("or"));

    const signal = (on: Signal): string => {
      switch (on.kind) {
        case "event":
          return t(on.where ? "signal.eventWhere" : "signal.event", { event: events(on.event) });
        case "segment":
          return t(`signal.${on.crossing}`, { segment: chosen(on.segment, labels.segment) });
        case "rule":
          return t("signal.rule");
        case "list_status":
          return t("signal.list", {
            list: chosen(on.list, labels.list),
            status: on.status.map((code) => labels.status(on.list, code)).join(t("or")),
          });
      }
    };

    const entry = (on: Entry): string => {
      if (on.kind === "api") return t("entry.api");
      if (on.kind === "date") {
        const date = chosen(on.field, (field) => labels.date(field, on.related));
        return offset(on.offset, on.yearly ? t("entry.everyYear", { date }) : date);
      }
      if (on.kind === "schedule") {
        const at = on.at.slice(0, HOURS);
        return t(`schedule.${on.every}`, {
          at,
          day: on.day === 31 ? t("schedule.lastDay") : t("schedule.dayOf", { day: on.day ?? 1 }),
          days: days(on.weekdays),
          on: on.on || t("unchosen"),
        });
      }
      return signal(on);
    };

    const object = (step: Step): string => {
      switch (step.kind) {
        case "wait":
          return span(step.duration);
        case "wait_until": {
          const since = step.since.slice(0, HOURS);
          const until = step.until.slice(0, HOURS);
          const when = since === until ? since : t("range", { since, until });
          const which = [
            step.business ? t("businessDay") : "",
            step.weekdays.length > 0 ? days(step.weekdays) : "",
          ].filter(Boolean);
          return [...which, when].join(" ");
        }
        case "wait_event":
          return signal(step.signal);
        case "wait_date":
          return offset(
            step.offset,
            chosen(step.field, (field) => labels.date(field, "")),
          );
        case "branch": {
          const named = step.arms.map((arm) => both(arm.label)).filter(Boolean);
          return named.length > 0 ? join(named) : t("object.arms", { count: step.arms.length + 1 });
        }
        case "split":
          return step.shares.map((share) => `${share.percent}%`).join(" / ");
        case "holdout":
          return `${step.percent}%`;
        case "message":
        case "webhook":
          return chosen(step.template, labels.template);
        case "task":
          return chosen(step.list, labels.list);
        case "update":
          return step.event || t("unchosen");
        case "score":
          return t("object.score", {
            score: step.score || t("unchosen"),
            points: step.points > 0 ? `+${step.points}` : String(step.points),
          });
        case "join":
          return t("object.join");
        case "goal":
          return t("object.goal");
        case "exit":
          return both(step.reason) || t("object.exit");
      }
    };

    const verb = (step: Step): string =>
      step.kind === "task" ? t(`verb.task_${step.contact}`) : t(`verb.${step.kind}`);

    const way = (step: Step | undefined, one: Way): string => {
      if (step?.kind === "branch" && one.kind === "arm") {
        const arm = step.arms[one.index];
        return (arm && both(arm.label)) || t("way.arm", { number: one.index + 1 });
      }
      if (step?.kind === "split" && one.kind === "share") {
        const share = step.shares[one.index];
        return share ? `${both(share.label)} ${share.percent}%`.trim() : "";
      }
      if (step?.kind === "task" && one.kind === "outcome") {
        const codes = step.outcomes[one.index]?.status ?? [];
        return codes.map((code) => labels.status(step.list, code)).join(t("or")) || t("unchosen");
      }
      if (step?.kind === "task" && one.kind === "next") {
        return step.outcomes.length > 0 ? t("way.otherOutcome") : t("way.done");
      }
      if (step?.kind === "wait_event" && one.kind === "next") return t("way.came");
      if (one.kind === "timeout" && step && "timeout" in step) {
        return t("way.timeout", { span: span(step.timeout) });
      }
      if (step?.kind === "holdout" && one.kind === "next") return t("way.treated");
      return one.kind === "next" ? "" : t(`way.${one.kind}`);
    };

    return {
      labels,
      signal,
      entry,
      verb,
      object,
      way,
      span,
      both,
      /** What a step is called everywhere else: its own name, or what it does. */
      title: (step: Step) => step.name || `${verb(step)}${t("colon")}${object(step)}`,
      entries: (body: Body) =>
        body.entries.length === 0 ? t("entry.none") : body.entries.map(entry).join(t("or")),
    };
  }, [t, format, choices]);
}

export type StepWords = ReturnType<typeof useWords>;
