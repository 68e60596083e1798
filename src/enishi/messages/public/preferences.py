"""What a recipient wants to get: purposes by channels, kept as consents with their evidence."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

from enishi.book.access import SYSTEM
from enishi.book.unit import work
from enishi.gate import consents
from enishi.gate.bodies import ConsentNeeded
from enishi.gate.in_force import policies_in_force
from enishi.gate.policy_set import PolicySet
from enishi.gate.purposes import purposes
from enishi.gate.types import CHANNEL_WORDS, Channel, PurposeClass
from enishi.kernel.text import Locale, Text
from enishi.messages.public.pages import Choice, Group

CHANNELS: Final = (Channel.EMAIL, Channel.SMS, Channel.LINE, Channel.PUSH, Channel.PHONE,
                   Channel.POST)  # fmt: skip
"""What can be chosen: the ways on which promotion comes unasked."""

_WORDING = Text("受け取るご案内の設定", "What you would like to get")


def groups(person: str, locale: Locale, *, at: datetime) -> list[Group]:
    """The boxes as they stand now."""
    policies = policies_in_force()
    given = wanted(person, policies, at=at)
    words = CHANNEL_WORDS
    found: dict[str, list[Choice]] = {}
    for (purpose, channel), state in given.items():
        choice = Choice(f"{purpose}:{channel}", words[channel][locale], state)
        found.setdefault(purpose, []).append(choice)
    labels = purposes()
    return [
        Group(labels.get(purpose, Text(purpose, purpose))[locale], choices)
        for purpose, choices in found.items()
    ]


def wanted(person: str, policies: PolicySet, *, at: datetime) -> dict[tuple[str, str], bool]:
    """(purpose, channel) → whether promotion may come: by what was said, and where nothing was, by
    whether the policies ask for consent first."""
    named = [p for p in purposes() if policies.class_of(p) is PurposeClass.PROMOTION]
    states = consents.states(consents.consents_of(person), CHANNELS, named, at=at)
    found = {}
    for purpose in named:
        for channel in CHANNELS:
            state, _ = states[channel, purpose]
            found[purpose, str(channel)] = (
                not _asks_first(policies, channel, purpose) if state == "none" else state == "given"
            )
    return found


def choose(
    person: str,
    chosen: Collection[str],
    delivery: str,
    locale: Locale,
    *,
    at: datetime,
    giving: bool = True,
) -> int:
    """Keep what changed of the boxes (`purpose:channel`); how many did. One unit.

    `giving` false: only what is withdrawn counts.
    """
    with work("preferences.choose"):
        before = wanted(person, policies_in_force(), at=at)
        changed = [
            (purpose, channel, f"{purpose}:{channel}" in chosen)
            for (purpose, channel), given in before.items()
            if (f"{purpose}:{channel}" in chosen) != given and (given or giving)
        ]
        for purpose, channel, given in changed:
            consents.record(
                person, given=given, channel=channel, purpose=purpose, how="web",
                wording=_WORDING[locale], evidence=delivery, said_at=at, at=at, actor=SYSTEM,
            )  # fmt: skip
    return len(changed)


def _asks_first(policies: PolicySet, channel: str, purpose: str) -> bool:
    return any(
        isinstance(policy.body, ConsentNeeded)
        and policy.body.mode == "opt_in"
        and policy.body.applies.to(channel, purpose, PurposeClass.PROMOTION)
        for policy in policies.others
    )
