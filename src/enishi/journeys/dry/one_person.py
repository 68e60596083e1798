"""One person walked through a wording, step by step, with time travel. Nothing is stored or sent.

Every request plays the walk anew from its start through all its actions, by the same `advance` that
moves real walks: the same request always gives the same answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from enishi.book import throttle
from enishi.book.access import SYSTEM, Actor
from enishi.book.clock import now as instant_now
from enishi.book.opening import look_at
from enishi.book.workspace import current_workspace
from enishi.gate import service as gate
from enishi.gate.asking import in_scope, persons_named, warehouse
from enishi.gate.in_force import policies_in_force
from enishi.gate.types import HoldKind
from enishi.gate.visibility import require_visible
from enishi.journeys.drawing import definitions
from enishi.journeys.drawing.checking import check
from enishi.journeys.drawing.draft import Draft, read_draft
from enishi.journeys.drawing.known import Known, known
from enishi.journeys.dry.jobs import channels_of, require_walkable
from enishi.journeys.dry.schemas import (
    GivenFacts,
    PossibleAction,
    WalkAction,
    WalkContact,
    WalkTestIn,
    WalkTestOut,
)
from enishi.journeys.graph import Branch, MessageStep, TaskStep, WaitDate, WaitEvent, WebhookStep
from enishi.journeys.inside.people import line
from enishi.journeys.inside.story import Telling, hold_words, when
from enishi.journeys.types import GRACE, Contact, Heard, Move, Walk, WalkState, Why
from enishi.journeys.walking.advance import advance
from enishi.journeys.walking.ready import Ready
from enishi.journeys.walking.times import on_day
from enishi.journeys.words import signal_words, step_words
from enishi.kernel.errors import Invalid
from enishi.kernel.text import Locale, Text

OFTEN = throttle.Limit("journey_test_walk", 120, timedelta(minutes=1))
"""Each plays everything anew: as many as somebody does by hand."""
_INVENTED = "test"
_LATE = (Why.SIGNAL, Why.TASK)
_MOST_MOVES = 2000
MOST_QUESTIONS = 300
"""So often one request asks the warehouse about its person."""


class Facts:
    """What steps ask: invented answers first, else the real person, else the last way out.

    A date that the asker sees masked is none: the step would tell it to the day. The same question
    is asked once.
    """

    def __init__(self, ready: Ready, given: GivenFacts, person: str | None, actor: Actor) -> None:
        self._ready, self._given, self._person = ready, given, person
        self._actor = actor if person is None else replace(actor, opened=(person,))
        self.at = instant_now()
        self._left = MOST_QUESTIONS
        self._held: dict[tuple[str, int, datetime], bool] = {}
        self._dates: dict[str, Any] = {}

    def holds(self, step: str, arm: int) -> bool | None:
        if step in self._given.arms:
            return self._given.arms[step] == arm
        asking = self._ready.steps[step]
        assert isinstance(asking, Branch)
        if self._person is None:
            return False
        place = (step, arm, self.at)
        if place not in self._held:
            self._ask()
            rule = self._envelope(asking.arms[arm].rule)
            found = warehouse().who(rule, actor=SYSTEM, as_of=self.at, ids=[self._person])
            self._held[place] = bool(found.num_rows)
        return self._held[place]

    def date_of(self, step: str) -> datetime | bool | None:
        if step in self._given.dates:
            told = self._given.dates[step]
            return told if told is None or told.tzinfo is not None else told.replace(tzinfo=UTC)
        asking = self._ready.steps[step]
        assert isinstance(asking, WaitDate)
        if self._person is None:
            return None
        if step not in self._dates:
            self._ask()
            table = warehouse().view(
                "person",
                None,
                {"asked": {"field": asking.field}},
                actor=self._actor,
                ids=[self._person],
            )
            self._dates[step] = next(iter(table.column("asked").to_pylist()), None)
        value = self._dates[step]
        if isinstance(value, datetime) and value.tzinfo is None:
            value = value.replace(tzinfo=UTC)
        if not isinstance(value, date):
            return None
        return on_day(value, self._ready.spans[step], asking.at, self._ready.zone)

    def _ask(self) -> None:
        """Count a question. Raises Invalid `walk_too_long` for one too many."""
        if not self._left:
            raise Invalid(
                Text(
                    f"1回で調べられる条件は{MOST_QUESTIONS}件までです。",
                    f"One test walk asks at most {MOST_QUESTIONS} questions about a person.",
                ),
                Text(
                    "途中の分岐の答えを決めるか、短い期間で試してください。",
                    "Give the answers of some branches, or let less time pass.",
                ),
                code="walk_too_long",
            )
        self._left -= 1

    def _envelope(self, rule: Mapping[str, Any]) -> dict[str, Any]:
        purpose, catalog = self._ready.body.purpose, known().catalog
        told: dict[str, Any] = {"version": 1, "subject": "person", "rule": dict(rule)}
        return told | ({"purpose": purpose} if purpose in catalog.purposes else {})


class Trial:
    """A walk on trial and its clock."""

    def __init__(self, ready: Ready, walk: Walk, facts: Facts, at: datetime) -> None:
        self.ready, self.walk, self.facts, self.at = ready, walk, facts, at
        self.moves: list[Move] = []
        self.contacts: list[Contact] = []
        self.hear()

    def hear(self, *heard: Heard) -> None:
        """Let something be heard now, and go on as far as it goes."""
        self.facts.at = self.at
        done = advance(self.ready, self.walk, heard, self.facts, self.at)
        self.walk = done.walk
        self.moves += done.moves
        self.contacts += [one for one in done.intents if isinstance(one, Contact)]

    @property
    def due(self) -> datetime | None:
        """When the walk goes on by time; None while it does not."""
        walk = self.walk
        if walk.state is not WalkState.ACTIVE or walk.due is None:
            return None
        return walk.due + (GRACE if walk.why in _LATE else timedelta(0))

    def until(self, at: datetime) -> None:
        """Let time pass, whatever falls due on the way in order."""
        while (due := self.due) is not None and due <= at and len(self.moves) < _MOST_MOVES:
            before = self.walk
            self.at = max(self.at, due)
            self.hear()
            if self.walk is before:
                break
        self.at = max(self.at, at)
        self.hear()

    def act(self, action: WalkAction) -> None:
        """Make one thing happen. Raises Invalid where there is nothing of it."""
        match action.kind:
            case "due":
                if self.due is not None:
                    self.until(self.due)
            case "wait":
                self.until(self.at + timedelta(minutes=action.minutes))
            case "signal":
                self.hear(Heard("wait", self.at))
            case "exit" | "goal":
                if f"{action.kind}:{action.index}" not in self.ready.signals:
                    raise _nothing()
                self.hear(Heard(f"{action.kind}:{action.index}", self.at))
            case "delivery" | "task":
                where: dict[str, Any] = {"step": self.walk.step, "visit": self.walk.visit}
                if action.kind == "task":
                    where["done"] = action.code in ("", "done")
                self.hear(Heard(action.kind, self.at, action.code or "sent", where))
            case "hold" | "release":
                self.hear(Heard(action.kind, self.at, action.code, {"id": action.code}))
            case "remove":
                self.hear(Heard("remove", self.at))


def _nothing() -> Invalid:
    return Invalid(
        Text("この条件はありません。", "There is no such signal."),
        Text("一覧から選んでください。", "Choose one of those offered."),
        code="no_signal",
    )


def walk(slug: str, asked: WalkTestIn, actor: Actor, locale: Locale) -> WalkTestOut:
    """Play a test walk. Looking at a real person is recorded.

    Raises Invalid `not_walkable` with faults or `walk_too_long`, NotFound for a person outside the
    row scope, TooMany for who asks more often than by hand.
    """
    throttle.take(OFTEN, actor.user_id)
    journey = definitions.get_journey(slug)
    draft = read_draft(_body(slug, asked))
    told = known()
    require_walkable(check(draft, told, author=actor))
    if asked.person is not None:
        require_visible(actor, asked.person, in_scope)
        look_at(actor, asked.person, "journey_test")
    zone = current_workspace().zone
    ready = Ready(journey.id, journey.slug, 0, draft.body, zone, policies_in_force().calendar)
    start = asked.start_at or instant_now()
    start = start if start.tzinfo is not None else start.replace(tzinfo=zone)
    begun = Walk(
        1, asked.person or _INVENTED, asked.key, WalkState.ACTIVE, None, 0, start.astimezone(UTC),
        memory={"given": asked.values} if asked.values else {}, entered=start.astimezone(UTC),
    )  # fmt: skip
    trial = Trial(ready, begun, Facts(ready, asked.facts, asked.person, actor), begun.since)
    for action in asked.actions:
        trial.act(action)
    return _out(trial, asked, draft, told, actor, locale)


def _body(slug: str, asked: WalkTestIn) -> Mapping[str, Any]:
    if asked.body is not None:
        return asked.body
    journey = definitions.get_journey(slug)
    if asked.number is not None:
        return dict(definitions.get_version(journey, asked.number).body)
    return dict(definitions.shown(journey).body)


def _out(
    trial: Trial, asked: WalkTestIn, draft: Draft, told: Known, actor: Actor, locale: Locale
) -> WalkTestOut:
    state, zone = trial.walk, trial.ready.zone
    telling = Telling(draft.body, told, zone, "test")
    standing = telling.standing(state.state, state.why, state.step, state.due, str(state.end or ""))
    return WalkTestOut(
        display=_display(asked.person, actor, locale), at=trial.at,
        local=when(trial.at, zone)[locale], state=state.state.value, step=state.step,
        step_title=telling.step(state.step)[locale], why=state.why.value, due_at=state.due,
        end=str(state.end or ""), standing=standing[locale],
        visited=[move.to for move in trial.moves if move.to is not None and move.to != move.step],
        lines=[line(telling, move, locale) for move in trial.moves],
        contacts=_contacts(trial, asked, told, locale),
        possible=[
            PossibleAction(kind=kind, index=index, code=code, label=label[locale])
            for kind, index, code, label in _possible(trial, told)
        ],
    )  # fmt: skip


def _display(person: str | None, actor: Actor, locale: Locale) -> str:
    if person is None:
        return Text("架空の人", "Somebody invented")[locale]
    return persons_named([person], replace(actor, opened=(person,))).get(person, person)


def _contacts(trial: Trial, asked: WalkTestIn, told: Known, locale: Locale) -> list[WalkContact]:
    channels = channels_of(trial.ready.body, told)
    found = []
    for contact in trial.contacts:
        step = trial.ready.steps[contact.step]
        assert isinstance(step, MessageStep | WebhookStep)
        what = step_words(step, told.label)[locale]
        answer, sentence = "", ""
        channel, purpose, product = channels[contact.step]
        if asked.person is not None and channel:
            decision = gate.decide(
                asked.person, channel, purpose or None, product, at=contact.at, actor=SYSTEM
            )
            answer, sentence = decision.answer.value, gate.words(decision, locale)
        found.append(
            WalkContact.model_validate(
                {
                    "step": contact.step, "at": contact.at, "what": what, "answer": answer,
                    "sentence": sentence,
                }
            )
        )  # fmt: skip
    return found


Possible = tuple[str, int, str, Text]


def _possible(trial: Trial, told: Known) -> Iterator[Possible]:
    """What can be made to happen next."""
    state, ready = trial.walk, trial.ready
    if state.state is WalkState.ENDED:
        return
    if (due := trial.due) is not None:
        at = when(due, ready.zone)
        yield "due", 0, "", Text(f"{at.ja}まで時間を進める", f"Go on to {at.en}")
    yield from _at_step(trial, told)
    for place, signal in ready.signals.items():
        kind, _, index = place.partition(":")
        if kind in ("exit", "goal"):
            words = signal_words(signal, told.label)
            told_kind = Text("終了の条件", "Exit") if kind == "exit" else Text("ゴール", "Goal")
            label = Text(f"{told_kind.ja}: {words.ja}", f"{told_kind.en}: {words.en}")
            yield kind, int(index), "", label
    standing = {*state.memory.get("holds", {}), *state.memory.get("quiet", {})}
    for hold in HoldKind:
        name = hold_words(hold)
        if hold in standing:
            yield "release", 0, hold, Text(f"停止を解く: {name.ja}", f"Lift the hold: {name.en}")
        else:
            yield "hold", 0, hold, Text(f"停止: {name.ja}", f"Hold: {name.en}")
    yield "remove", 0, "", Text("手動で外す", "Take out by hand")


_DELIVERED: Mapping[str, Text] = {
    "sent": Text("メッセージが送られた", "The message is sent"),
    "suppressed": Text("送られなかった", "It is not sent"),
    "failed": Text("届かなかった", "It cannot be delivered"),
}


def _at_step(trial: Trial, told: Known) -> Iterator[Possible]:
    state = trial.walk
    step = trial.ready.steps.get(state.step or "")
    if isinstance(step, WaitEvent) and state.why is Why.SIGNAL:
        words = signal_words(step.signal, told.label)
        yield "signal", 0, "", Text(f"起きる: {words.ja}", f"It happens: {words.en}")
    elif state.why is Why.DELIVERY:
        for code, label in _DELIVERED.items():
            yield "delivery", 0, code, label
    elif isinstance(step, TaskStep) and state.why is Why.TASK:
        for code in dict.fromkeys(code for one in step.outcomes for code in one.status):
            name = told.label("status", code)
            yield "task", 0, code, Text(f"結果: {name.ja}", f"Outcome: {name.en}")
        yield "task", 0, "done", Text("作業が終わった", "The task is done")
