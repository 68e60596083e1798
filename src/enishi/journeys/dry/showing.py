"""Dry runs as the API tells them: figures in words, and the walks of the sample as stories."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from enishi.book import audit
from enishi.book.access import Actor
from enishi.book.workspace import current_workspace
from enishi.gate.asking import persons_named
from enishi.gate.people import holder, names_of
from enishi.gate.policy_sentences import code_words
from enishi.journeys.drawing.draft import read_draft
from enishi.journeys.drawing.known import Known, known
from enishi.journeys.dry.schemas import (
    DryBranch,
    DryDay,
    DryEdge,
    DryHour,
    DryPerson,
    DryResult,
    DryStep,
    DryStop,
    JourneyDryRunOut,
)
from enishi.journeys.inside import keys
from enishi.journeys.inside.hidden_dates import WHY, hidden_in
from enishi.journeys.inside.people import lines
from enishi.journeys.inside.schemas import EndCount
from enishi.journeys.inside.scoping import seen
from enishi.journeys.inside.story import Telling
from enishi.journeys.models import JourneyDryRun, JourneyDryWalk
from enishi.journeys.types import End, Move
from enishi.journeys.words import ENDS, title
from enishi.kernel.text import Locale, Text

_DOING: Mapping[str, Text] = {
    "entries": Text("誰が入ったはずかを調べています", "Looking for who would have come in"),
    "people": Text("お客さまの履歴を読んでいます", "Reading people's history"),
    "playing": Text("進めています", "Playing"),
}
_ALWAYS = (
    Text(
        "条件は1時間ごとの時点で判定し、連絡できるかは当時の記録と今のポリシーで判定しました。",
        "Rules were asked hour by hour; the gate by what was on record then and today's policies.",
    ),
    Text(
        "担当者の作業は翌日に結果なしで終わったものとし、"
        "送らなかったメッセージへの反応はないものとしました。",
        "Tasks were taken as done a day later without an outcome; nobody answers what was never"
        " sent.",
    ),
)


def run_out(
    run: JourneyDryRun, locale: Locale, result: DryResult | None = None
) -> JourneyDryRunOut:
    """One dry run without its result, or with it."""
    return JourneyDryRunOut.model_validate(
        {
            "id": run.id, "number": run.number, "days": run.days, "since": run.since,
            "until": run.until, "state": run.state, "progress": run.progress,
            "doing": _DOING[run.doing][locale] if run.doing else "",
            "asked_by": holder(run.asked_by, names_of([run.asked_by])), "asked_at": run.asked_at,
            "ended_at": run.ended_at, "error": run.error.get(locale, ""), "result": result,
        }
    )  # fmt: skip


def run_with_result(run: JourneyDryRun, actor: Actor, locale: Locale) -> JourneyDryRunOut:
    """One dry run with what came of it; the people shown are recorded as looks."""
    if run.state != "done" or run.result is None:
        return run_out(run, locale)
    told: dict[str, Any] = run.result
    wording, names = read_draft(run.body), known()
    dates = hidden_in(run.body, actor)
    notes = [*_ALWAYS, *(Text(note["ja"], note["en"]) for note in told["notes"])]
    notes += [WHY] if dates else []
    result = DryResult(
        sentence=_sentence(told, run.days)[locale],
        notes=[note[locale] for note in _sampled(told) + notes],
        sampled=told["sampled"], entered=told["entered"], played=told["played"],
        persons=told["persons"], contacts=told["contacts"], allowed=told["allowed"],
        deferred=told["deferred"], stopped=told["stopped"], tasks=told["tasks"],
        inside=told["inside"], took_ms=told["took_ms"],
        steps=[
            DryStep(
                step=step, title=title(wording.body.steps.get(step), step)[locale],
                **_step(told["steps"].get(step, {})),
            )
            for step in wording.body.steps
        ],
        edges=_edges(told["edges"]),
        ends=[
            EndCount.model_validate({"end": end, "label": ENDS[end][locale], "people": people})
            for end in End
            if (people := told["ends"].get(str(end)))
        ],
        stops=sorted(
            (
                DryStop(
                    code=code, label=code_words(code)[locale], stopped=numbers[0],
                    deferred=numbers[1],
                )
                for code, numbers in told["stops"].items()
            ),
            key=lambda one: -(one.stopped + one.deferred),
        ),
        days=[
            DryDay(day=date.fromisoformat(d), entered=entered, contacts=made, stopped=stopped)
            for d, entered, made, stopped in (() if dates else told["days"])
        ],
        hours=[
            DryHour(hour=hour, contacts=numbers[0], most=numbers[1])
            for hour, numbers in enumerate(() if dates else told["hours"])
        ],
        branches=[
            DryBranch(
                branch=branch, contacts=numbers[0], tasks=numbers[1], most_tasks_a_day=numbers[2]
            )
            for branch, numbers in told["branches"].items()
        ],
        people=_people(run, names, actor, locale),
    )  # fmt: skip
    return run_out(run, locale, result)


def _step(counted: Mapping[str, int]) -> dict[str, int]:
    names = ("reached", "standing", "contacts", "allowed", "deferred", "stopped", "open")
    return {name: counted.get(name, 0) for name in names}


def _edges(rows: list[list[Any]]) -> list[DryEdge]:
    left: dict[str, int] = {}
    for step, _, people in rows:
        left[step] = left.get(step, 0) + people
    return [
        DryEdge(step=step, to=to, people=n, share=round(n / left[step], 4) if left[step] else 0.0)
        for step, to, n in rows
    ]


def _sampled(told: Mapping[str, Any]) -> list[Text]:
    if not told["sampled"]:
        return []
    return [
        Text(
            f"入ったはずの{told['came']:,}件から選んだ人で{told['played']:,}件を試し、"
            "全体に換算しました。",
            f"{told['played']:,} walks of a sample were played, and scaled to the"
            f" {told['came']:,} that came.",
        )
    ]


def _sentence(told: Mapping[str, Any], days: int) -> Text:
    about = Text("およそ", "about ") if told["sampled"] else Text("", "")
    if not told["entered"]:
        return Text(
            f"直近{days}日間に入ったはずの人はいません。",
            f"Nobody would have come in during the last {days} days.",
        )
    sent = told["allowed"] + told["deferred"]
    return Text(
        f"直近{days}日間に{about.ja}{told['entered']:,}件が入り、{sent:,}通が送られ、"
        f"{told['stopped']:,}通が止められたはずです。",
        f"In the last {days} days {about.en}{told['entered']:,} would have come in, {sent:,}"
        f" messages would have been sent and {told['stopped']:,} stopped.",
    )


def _people(run: JourneyDryRun, names: Known, actor: Actor, locale: Locale) -> list[DryPerson]:
    dates = hidden_in(run.body, actor)
    order = ("person", "id") if dates else ("entered_at", "id")
    rows = list(JourneyDryWalk.objects.filter(run=run.id).order_by(*order))
    visible = seen(actor, {row.person for row in rows})
    rows = [row for row in rows if row.person in visible]
    if not rows:
        return []
    persons = sorted({row.person for row in rows})
    audit.record(actor, "journey.dry_run_people", "journey", run.journey, {"run": run.id}, persons)
    shown = persons_named(persons, replace(actor, opened=tuple(persons)))
    telling = Telling(read_draft(run.body).body, names, current_workspace().zone)
    return [
        DryPerson(
            person=row.person, display=shown.get(row.person, ""),
            key=keys.shown(row.key, telling.body, actor),
            entered_at=None if dates.begins(_by(row)) else row.entered_at,
            contacts=row.contacts, stopped=row.stopped,
            end=ENDS[row.end][locale] if row.end else "",
            lines=lines(
                [replace(telling, entered_by=_by(row))] * len(row.moves),
                [_move(move) for move in row.moves], dates, locale,
            ),
        )
        for row in rows
        if row.person in shown
    ]  # fmt: skip


def _by(row: JourneyDryWalk) -> str:
    """What brought her in."""
    return next((str(move["by"]) for move in row.moves if move["by"]), "")


def _move(told: Mapping[str, Any]) -> Move:
    at = datetime.fromisoformat(told["at"])
    return Move(at, told["step"], told["code"], told["to"], told["visit"], told["detail"])
