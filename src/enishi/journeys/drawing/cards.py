"""5W1H of each step that reaches somebody: what its author wrote, the rest told by the graph."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from enishi.journeys.drawing.draft import Acting, Draft
from enishi.journeys.drawing.known import Known, channel_words
from enishi.journeys.graph import AnyStep, TaskStep
from enishi.journeys.words import CONTACTS, entry_words, step_words
from enishi.kernel.text import Text

QUESTIONS: Mapping[str, Text] = {
    "who": Text("誰に", "who"),
    "what": Text("何を", "what"),
    "when": Text("いつ", "when"),
    "where": Text("どこで", "where"),
    "why": Text("なぜ", "why"),
    "how": Text("どうやって", "how"),
}
_WAITS = ("wait", "wait_until", "wait_event", "wait_date")
_FAR = 12


@dataclass(frozen=True, slots=True)
class Answer:
    """One of the six; `derived`: the graph said it."""

    text: Text
    derived: bool = False

    @property
    def missing(self) -> bool:
        return not self.text.ja


@dataclass(frozen=True, slots=True)
class ActionCard:
    """The card of one step, an answer for each of `QUESTIONS`."""

    step: str
    kind: str
    answers: Mapping[str, Answer]

    def not_written(self) -> Iterator[tuple[str, Text]]:
        """The questions that nobody has answered. What the graph cannot tell either is not among
        them: for want of a template, a list or an entry, which is asked for where it belongs."""
        for name, label in QUESTIONS.items():
            if self.answers[name].missing and not self.answers[name].derived:
                yield name, label


def cards_of(draft: Draft, known: Known) -> list[ActionCard]:
    """The cards of a wording, in the order of its steps."""
    before = _before(draft)
    return [_card(draft, known, name, step, before) for name, step in draft.acting.items()]


def _card(
    draft: Draft,
    known: Known,
    name: str,
    step: Acting,
    before: Mapping[str, Sequence[str]],
) -> ActionCard:
    card = step.card
    return ActionCard(
        name,
        step.kind,
        {
            "who": _written(card.who),
            "what": _written(card.what),
            "when": _or(card.when, _when(draft, known, name, before)),
            "where": _or(card.where, _where(step, known)),
            "why": _written(card.why),
            "how": _or(card.how, _how(step, known)),
        },
    )


def _written(text: str) -> Answer:
    plain = text.strip()
    return Answer(Text(plain, plain))


def _or(text: str, derived: Text) -> Answer:
    return _written(text) if text.strip() else Answer(derived, derived=True)


def _where(step: Acting, known: Known) -> Text:
    if isinstance(step, TaskStep):
        found = known.lists.get(step.list)
        return found.label if found else Text("", "")
    return channel_words(known.channel(step.template))


def _how(step: Acting, known: Known) -> Text:
    if isinstance(step, TaskStep):
        way = CONTACTS[step.contact]
        return Text(f"担当者の{way.ja}", f"A {way.en} by a person")
    found = known.templates.get(step.template)
    if found is None:
        return Text("", "")
    return Text(f"テンプレート「{found.label.ja}」", f'Template "{found.label.en}"')


def _before(draft: Draft) -> dict[str, list[str]]:
    """From each step those that lead to it."""
    found: dict[str, list[str]] = {}
    for step, ways in draft.ways.items():
        for way in ways:
            if way.to is not None:
                found.setdefault(way.to, []).append(step)
    return found


def _when(draft: Draft, known: Known, name: str, before: Mapping[str, Sequence[str]]) -> Text:
    """The pause that precedes the step, along the first way that leads to it; else the entry."""
    here, seen = name, {name}
    for _ in range(_FAR):
        if here == draft.body.start and not before.get(here):
            break
        above = next((step for step in before.get(here, ()) if step not in seen), None)
        if above is None:
            break
        step: AnyStep | None = draft.body.steps.get(above)
        if step is not None and step.kind in _WAITS:
            told = step_words(step, known.label)
            return Text(f"{told.ja}（その後すぐ）", f"{told.en}, then at once")
        if step is not None and step.kind in ("message", "task", "webhook"):
            label = step.name or above
            return Text(f"「{label}」の後すぐ", f'At once after "{label}"')
        seen.add(above)
        here = above
    if not draft.body.entries:
        return Text("", "")
    told = entry_words(draft.body.entries[0], known.label)
    return Text(f"{told.ja}してすぐ", f"{told.en}, at once")
