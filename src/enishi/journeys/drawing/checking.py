"""Whether a wording could go live: everything it names exists and fits, and no card has a hole.

Faults carry JSON paths from the body's top (`$.steps.mail.template`). `check` never raises; what
refuses and what only warns is said by each fault.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from enishi.book.access import Actor
from enishi.catalog.types import FieldType
from enishi.journeys.drawing.cards import cards_of
from enishi.journeys.drawing.checking_parts import (
    list_known,
    other,
    segment_known,
    template_known,
    wrong,
)
from enishi.journeys.drawing.draft import Draft, Found, Level, not_chosen
from enishi.journeys.drawing.known import Known
from enishi.journeys.drawing.shape import check_shape
from enishi.journeys.feed.signals import first_where
from enishi.journeys.graph import (
    Branch,
    DateEntry,
    Entry,
    OnEvent,
    OnListStatus,
    OnRule,
    OnSegment,
    ScheduleEntry,
    Signal,
    Split,
    TaskStep,
    WaitDate,
    WaitEvent,
)
from enishi.kernel.errors import EnishiError, Fault, Forbidden, Invalid
from enishi.kernel.text import Text
from enishi.rules import check_rule, check_value
from enishi.rules.types import CheckedRule, CheckedValue, KnownEvents
from enishi.warehouse.masking import field_behind, hidden
from enishi.warehouse.unseen import refuse_unseen

PERSON = "person"
_DATES = (FieldType.DATE, FieldType.TIMESTAMP)


def check(
    draft: Draft,
    known: Known,
    *,
    author: Actor | None = None,
    events: KnownEvents | None = None,
) -> list[Found]:
    """Every fault of a wording, those that refuse first.

    `author` is refused rules over what he may not see. `events` tells the names of events seen so
    far, for the warning about others.
    """
    checker = _Checker(draft, known, author, events)
    found = [*draft.faults, *check_shape(draft), *checker.whole(), *checker.steps()]
    return sorted(found, key=lambda one: one.level == "warn")


def refusing(faults: Sequence[Found]) -> list[Found]:
    """Those that keep a wording from going live."""
    return [one for one in faults if one.level == "refuse"]


def require_fit(faults: Sequence[Found]) -> None:
    """Raise Invalid `journey_unfinished` with every fault that refuses."""
    left = refusing(faults)
    if left:
        first = left[0].fault
        raise Invalid(
            Text(
                f"公開できません。直すところが{len(left)}件あります（{first.message.ja}）",
                f"It cannot go live: {len(left)} to correct. {first.message.en}",
            ),
            first.remedy,
            code="journey_unfinished",
            faults=tuple(one.fault for one in left),
        )


class _Checker:
    def __init__(
        self,
        draft: Draft,
        known: Known,
        author: Actor | None,
        events: KnownEvents | None,
    ) -> None:
        self.draft, self.body, self.known = draft, draft.body, known
        self.author, self.events = author, events
        purpose = self.body.purpose
        # Care and formalities restrict no field: rules are checked for none then.
        self.purpose = purpose if purpose in known.catalog.purposes else None

    # ── the journey itself ───────────────────────────────────────────────────────────────────

    def whole(self) -> Iterator[Found]:
        body = self.body
        if not body.purpose:
            yield not_chosen("$.purpose", Text("目的", "purpose"))
        elif body.purpose not in self.known.purposes:
            yield other("unknown_purpose", "$.purpose", Text("目的", "purpose"), body.purpose)
        if not self.draft.raw.get("entries"):
            yield not_chosen("$.entries", Text("入口", "entry"))
        for place, entry in zip(self._places("entries"), body.entries, strict=True):
            yield from self._entry(f"$.entries[{place}]", entry)
        if body.audience is not None:
            yield from self._rule("$.audience", body.audience, audience=True)
        if body.reentry.kind == "after" and body.reentry.after is None:
            yield not_chosen("$.reentry.after", Text("再参加までの間隔", "interval of re-entry"))
        for place, signal in zip(self._places("exits"), body.exits, strict=True):
            yield from self._signal(f"$.exits[{place}]", signal, None)
        for place, signal in zip(self._places("goal.signals"), body.goal.signals, strict=True):
            yield from self._signal(f"$.goal.signals[{place}]", signal, None)
        for place, one in zip(self._places("conversions"), body.conversions, strict=True):
            path = f"$.conversions[{place}]"
            yield from self._events(path, one.event, one.where, None)
            if one.value:
                wanted = {"event": one.event, "measure": {"sum": one.value}}
                yield from self._value(f"{path}.value", wanted, None)
        if not body.goal.signals and not body.conversions:
            yield wrong(
                "no_goal", "$.goal",
                Text("ゴールも成果も決まっていません。", "It has neither goal nor conversion."),
                Text("何が起きれば成功かを決めてください。", "Say what counts as success."),
                level="warn",
            )  # fmt: skip

    def _places(self, name: str) -> Sequence[int]:
        return self.draft.places.get(name, ())

    def _entry(self, path: str, entry: Entry) -> Iterator[Found]:
        match entry.kind:
            case "segment":
                yield from segment_known(self.known, f"{path}.segment", entry.segment, None)
                yield from self._segment_fits(path, entry.segment, None)
            case "event":
                yield from self._events(path, entry.event, entry.where, None)
            case "list_status":
                yield from self._signal(path, entry, None)
            case "date":
                yield from self._date_entry(path, entry)
            case "schedule":
                yield from self._schedule(path, entry)

    def _date_entry(self, path: str, entry: DateEntry) -> Iterator[Found]:
        if not entry.field:
            yield not_chosen(f"{path}.field", Text("日付の項目", "date field"))
            return
        if not entry.related:
            yield from self._date(f"{path}.field", {"field": entry.field}, None)
            return
        wanted: dict[str, Any] = {"related": entry.related, "measure": {"min": entry.field}}
        if entry.where is not None:
            wanted["where"] = entry.where
        yield from self._date(f"{path}.field", wanted, None)

    def _schedule(self, path: str, entry: ScheduleEntry) -> Iterator[Found]:
        if self.draft.raw.get("audience") is None:
            yield wrong(
                "everybody", "$.audience",
                Text(
                    "日程で始めるのに対象者の条件がないので、全員が入ります。",
                    "It starts by a schedule and has no audience, so everybody would come in.",
                ),
                Text("対象者の条件を決めてください。", "Give it an audience."),
            )  # fmt: skip
        if entry.every == "once":
            try:
                date.fromisoformat(entry.on)
            except ValueError:
                yield not_chosen(f"{path}.on", Text("日", "day"))
        elif entry.every == "week" and not entry.weekdays:
            yield not_chosen(f"{path}.weekdays", Text("曜日", "weekday"))
        elif entry.every == "month" and entry.day is None:
            yield not_chosen(f"{path}.day", Text("日", "day of the month"))

    # ── steps ────────────────────────────────────────────────────────────────────────────────

    def steps(self) -> Iterator[Found]:
        for name, step in self.body.steps.items():
            path = f"$.steps.{name}"
            match step.kind:
                case "wait_event":
                    yield from self._wait_event(path, step, name)
                case "wait_date":
                    yield from self._wait_date(path, step, name)
                case "branch":
                    yield from self._branch(path, step, name)
                case "split":
                    yield from _split(path, step, name)
                case "message" | "webhook":
                    yield from template_known(self.known, path, step, name, self.body.purpose)
                case "task":
                    yield from self._task(path, step, name)
        for card in cards_of(self.draft, self.known):
            for part, label in card.not_written():
                yield wrong(
                    "card_hole", f"$.steps.{card.step}.card.{part}",
                    Text(
                        f"5W1Hの「{label.ja}」が空いています。",
                        f"The card's {label.en!r} is not filled in.",
                    ),
                    Text("カードに書いてください。", "Write it on the card."), card.step,
                )  # fmt: skip

    def _wait_event(self, path: str, step: WaitEvent, name: str) -> Iterator[Found]:
        yield from self._signal(f"{path}.signal", step.signal, name)

    def _wait_date(self, path: str, step: WaitDate, name: str) -> Iterator[Found]:
        if not step.field:
            yield not_chosen(f"{path}.field", Text("日付の項目", "date field"), name)
        else:
            yield from self._date(f"{path}.field", {"field": step.field}, name)

    def _branch(self, path: str, step: Branch, name: str) -> Iterator[Found]:
        for place, arm in enumerate(step.arms):
            yield from self._rule(f"{path}.arms[{place}].rule", arm.rule, name)

    def _task(self, path: str, step: TaskStep, name: str) -> Iterator[Found]:
        yield from list_known(self.known, f"{path}.list", step.list, name)
        found = self.known.lists.get(step.list)
        for place, outcome in enumerate(step.outcomes if found else []):
            assert found is not None
            for code in outcome.status:
                if code not in found.outcomes and code not in found.statuses:
                    yield other(
                        "unknown_status", f"{path}.outcomes[{place}].status",
                        Text("結果", "outcome"), code, name,
                    )  # fmt: skip

    # ── what they lean on ────────────────────────────────────────────────────────────────────

    def _signal(self, path: str, signal: Signal, step: str | None) -> Iterator[Found]:
        if isinstance(signal, OnEvent):
            yield from self._events(path, signal.event, signal.where, step)
        elif isinstance(signal, OnSegment):
            yield from segment_known(self.known, f"{path}.segment", signal.segment, step)
        elif isinstance(signal, OnListStatus):
            yield from list_known(self.known, f"{path}.list", signal.list, step)
            found = self.known.lists.get(signal.list)
            for code in signal.status if found else []:
                if found and code not in found.statuses and code not in found.outcomes:
                    label = Text("ステータス", "status")
                    yield other("unknown_status", f"{path}.status", label, code, step)
        elif isinstance(signal, OnRule):
            yield from self._rule(f"{path}.rule", signal.rule, step)

    def _segment_fits(self, path: str, slug: str, step: str | None) -> Iterator[Found]:
        """Whether the segment may be used for the journey's purpose."""
        if slug in self.known.segments:
            yield from self._rule(f"{path}.segment", {"segment": slug}, step, below=False)

    def _events(
        self, path: str, names: Sequence[str], where: Mapping[str, Any] | None, step: str | None
    ) -> Iterator[Found]:
        if not [name for name in names if name]:
            yield not_chosen(f"{path}.event", Text("イベント", "event"), step)
            return
        yield from self._rule(f"{path}.event", {"event": list(names)}, step, below=False)
        if where is not None:
            yield from self._where(f"{path}.where", where, step, names)

    def _where(
        self, path: str, where: Mapping[str, Any], step: str | None, names: Sequence[str]
    ) -> Iterator[Found]:
        """A rule over the event's own fields; it is asked of each event as it comes."""
        if not where:
            yield not_chosen(path, Text("条件", "condition"), step)
            return
        yield from self._asked(
            path, step, True, lambda: first_where(names, where, self.known.catalog).rule
        )

    def _rule(
        self,
        path: str,
        rule: Mapping[str, Any],
        step: str | None = None,
        *,
        audience: bool = False,
        below: bool = True,
    ) -> Iterator[Found]:
        if not rule:
            yield not_chosen(path, Text("条件", "condition"), step)
            return
        yield from self._asked(
            path, step, below,
            lambda: check_rule(
                rule, self.known.catalog, subject=PERSON, purpose=self.purpose, audience=audience,
                known_events=self.events,
            ),
        )  # fmt: skip

    def _date(self, path: str, value: Mapping[str, Any], step: str | None) -> Iterator[Found]:
        def checked() -> CheckedValue:
            found = check_value(value, self.known.catalog, subject=PERSON, purpose=self.purpose)
            if found.type not in _DATES:
                message = Text("日付の項目ではありません。", "This is not a date.")
                remedy = Text("日付の項目を選んでください。", "Choose a date field.")
                raise Invalid(message, remedy, code="not_a_date")
            return found

        yield from self._asked(path, step, False, checked)

    def _value(self, path: str, value: Mapping[str, Any], step: str | None) -> Iterator[Found]:
        catalog, author = self.known.catalog, self.author

        def checked() -> CheckedValue:
            found = check_value(value, catalog, subject=PERSON, purpose=self.purpose)
            # `refuse_unseen` leaves what a value shows to whoever shows it; a sum goes to everybody
            # who reads the journey, so it is for who may see what is summed.
            field = field_behind(found, catalog)
            if author is not None and field is not None and hidden(field, author.pii):
                raise _masked(field.label)
            return found

        yield from self._asked(path, step, False, checked)

    def _asked(
        self,
        path: str,
        step: str | None,
        below: bool,
        ask: Callable[[], CheckedRule | CheckedValue],
    ) -> Iterator[Found]:
        """The faults and warnings of the rule language, their paths below `path`."""
        level: Level = "refuse"
        try:
            found = ask()
            if self.author is not None:
                refuse_unseen(found, self.author, self.known.catalog)
        except EnishiError as error:
            faults = error.faults or (Fault(error.code, "$", error.message, error.remedy),)
        else:
            faults, level = found.warnings, "warn"
        for fault in faults:
            where = path + (fault.path.removeprefix("$") if below else "")
            yield Found(Fault(fault.code, where, fault.message, fault.remedy), step, level)


def _masked(label: Text) -> Forbidden:
    return Forbidden(
        Text(
            f"「{label.ja}」はあなたの役割では伏せられているため、合計できません。",
            f"“{label.en}” is masked for your role, so it cannot be summed.",
        ),
        Text(
            "別の項目を使うか、個人情報を閲覧できる人に依頼してください。",
            "Use another field, or ask somebody who may see it.",
        ),
        code="masked_field",
    )


def _split(path: str, step: Split, name: str) -> Iterator[Found]:
    total = sum(share.percent for share in step.shares)
    if abs(total - 100) > 0.001:
        yield wrong(
            "split_sum", f"{path}.shares",
            Text(f"割合の合計が{total:g}%です。", f"The shares sum to {total:g}%."),
            Text("合計を100%にしてください。", "Make them 100% together."), name,
        )  # fmt: skip
