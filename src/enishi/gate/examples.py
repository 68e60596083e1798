"""Examples beside a policy ("this person on this day: deny because …"), tried with `decide`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from enishi.gate.bodies import Example, PolicyBody
from enishi.gate.deciding import decide
from enishi.gate.policy_set import InForce, PolicySet
from enishi.gate.types import Contact, Decision, Facts, History, Question, Statement, Stop
from enishi.kernel.text import Text

_HERSELF, _OTHER = "self", "other"
_KNOWN = frozenset({"phone", "sms", "email", "post", "visit", "birth_date", "household", "address"})


@dataclass(frozen=True, slots=True)
class Tried:
    """An example and what the policy answers to it."""

    example: Example
    decision: Decision

    @property
    def passed(self) -> bool:
        return (
            str(self.decision.answer) == self.example.answer
            and {r.code for r in self.decision.reasons} == set(self.example.codes)
            and self.example.until in (None, self.decision.until)
        )

    def message(self) -> Text:
        """What came out instead, in words."""
        got, name = self.decision, self.example.name
        codes = ", ".join(sorted({r.code for r in got.reasons})) or "-"
        return Text(
            f"「{name.ja}」の答えは {got.answer}（{codes}）です。",
            f"{name.en!r} is answered {got.answer} ({codes}).",
        )


def try_examples(
    slug: str, body: PolicyBody, examples: Sequence[Example], in_force: PolicySet
) -> list[Tried]:
    """Decide each example by this wording and the ground alone, with the calendar in force."""
    version = "draft"
    ground = [one for kind, one in in_force.ground.items() if kind != body.kind]
    policies = replace(in_force, policies=(*ground, InForce(version, slug, body)))
    return [Tried(example, _decide(policies, example, version)) for example in examples]


def _decide(policies: PolicySet, example: Example, version: str) -> Decision:
    told = example.facts
    household = told.household or "household"
    address = told.address or "address"
    facts = Facts(
        True, told.birth_date, household, address, told.zone, told.branch,
        frozenset(told.reach), _KNOWN, frozenset({version} if told.holds else ()),
    )  # fmt: skip
    history = History(
        tuple(
            Stop(f"s{n}", s.type, s.kind or "", s.product, s.channel, s.at, s.until)
            for n, s in enumerate(example.stops)
        ),
        tuple(
            Statement(f"c{n}", c.channel, c.purpose, c.given, c.at, c.until)
            for n, c in enumerate(example.consents)
        ),
        tuple(
            Contact(
                _HERSELF if c.who == "self" else _OTHER,
                household if c.who != "address" else "",
                address if c.who != "household" else "",
                c.channel, c.purpose, policies.class_of(c.purpose), c.at,
            )
            for c in example.contacts
        ),
    )  # fmt: skip
    ask = example.ask
    question = Question(_HERSELF, ask.channel, ask.purpose, ask.product, example.at, "example")
    return decide(policies, facts, history, question)
