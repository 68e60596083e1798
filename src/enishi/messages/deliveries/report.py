"""What became of deliveries, counted: of a send, or of a journey by its steps and versions.

Every delivery is in exactly one state; what came back of the sent ones are parts of them.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from enishi.book.access import Actor
from enishi.gate.asking import in_scope
from enishi.gate.book_rows import maybe_instant, rows
from enishi.kernel.errors import Conflict
from enishi.kernel.text import Text
from enishi.messages.types import DeliveryState

_Z = 1.959963984540054  # the 97.5 % point of the normal distribution
RESPONSES = (
    "delivered", "opened", "machine_opened", "clicked", "bounced", "complained", "replied",
    "unsubscribed",
)  # fmt: skip
Group = tuple[str, ...]
MOST = 100_000
"""So many deliveries are sorted by row scope; of more nothing is counted."""


@dataclass(slots=True)
class Numbers:
    """The counts of one group. `reasons` are those of failed and suppressed ones by (state, code);
    `responses` by the names of `RESPONSES`, each delivery once."""

    states: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    reasons: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    responses: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    cost: Decimal | None = None
    first_at: datetime | None = None
    last_at: datetime | None = None

    @property
    def intended(self) -> int:
        return sum(self.states.values())

    @property
    def held_out(self) -> int:
        return self.reasons.get((DeliveryState.SUPPRESSED, "holdout"), 0)

    def state(self, state: str) -> int:
        return self.states.get(state, 0)


def of_send(
    send: str, actor: Actor | None = None, *, among: Collection[str] | None = None
) -> Numbers:
    """The numbers of a send (its id); of the actor's row scope, or of the people `among`, alone
    where one is given. Raises Conflict `too_many` where a scope would sort more than `MOST`."""
    return _counted("send", send, (), actor, among).get((), Numbers())


class Everybody:
    """Who asks has no row scope: the numbers that are kept are true."""


Own = dict[str, Numbers] | Everybody | None
"""By send the numbers of the actor's own customers; None: too many to be sorted out."""


def of_sends(sends: Sequence[str], actor: Actor) -> Own:
    """The states of several sends (their ids) within the actor's row scope, asked at once."""
    if actor.scope is None:
        return Everybody()
    if not sends:
        return {}
    marks = ", ".join(["%s"] * len(sends))
    where = f"FROM messages_delivery WHERE send IN ({marks}) AND send <> ''"
    every = rows(f"SELECT send, person, state {where} LIMIT {MOST + 1}", list(sends))
    if len(every) > MOST:
        return None
    own = in_scope({row[1] for row in every}, actor)
    found: dict[str, Numbers] = defaultdict(Numbers)
    for send, person, state in every:
        if person in own:
            found[send].states[state] += 1
    return dict(found)


def of_journey(
    journey: str,
    by: Sequence[str] = ("step", "template_version"),
    actor: Actor | None = None,
    *,
    among: Collection[str] | None = None,
) -> dict[Group, Numbers]:
    """The numbers of a journey (its id) by these columns of its deliveries; as `of_send`."""
    allowed = ("step", "template_version", "journey_version", "channel")
    if not set(by) <= set(allowed):
        raise ValueError(f"deliveries are counted by {allowed}")
    return _counted("journey", journey, tuple(by), actor, among)


def wilson(k: int, n: int) -> tuple[float | None, float | None, float | None]:
    """k of n as a rate with its Wilson score interval at 95 %; all None where n is 0.

    Wilson, E. B. (1927), Probable inference, J. Am. Stat. Assoc. 22.
    """
    if n <= 0:
        return None, None, None
    p, z2 = k / n, _Z * _Z
    middle = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return p, max(0.0, middle - half), min(1.0, middle + half)


def _counted(
    column: str,
    ref: str,
    by: tuple[str, ...],
    actor: Actor | None,
    among: Collection[str] | None,
) -> dict[Group, Numbers]:
    scoped = actor if among is None and actor is not None and actor.scope is not None else None
    groups = "".join(f'"{name}", ' for name in by)
    if among is None and scoped is None:
        counted = ", ".join(f"count({name}_at)" for name in RESPONSES)
        found = rows(
            f"SELECT {groups}state, reason, count(*), {counted}, sum(cost), min(attempted_at),"
            f" max(attempted_at) FROM messages_delivery WHERE {column} = %s"
            f" GROUP BY {groups}state, reason",
            [ref],
        )
        return _gathered(found, len(by))
    told = ", ".join(f"CASE WHEN {name}_at IS NULL THEN 0 ELSE 1 END" for name in RESPONSES)
    each = rows(
        f"SELECT person, {groups}state, reason, 1, {told}, cost, attempted_at, attempted_at"
        f" FROM messages_delivery WHERE {column} = %s"
        + ("" if scoped is None else f" LIMIT {MOST + 1}"),
        [ref],
    )
    whom = among or ()
    if scoped is not None:
        if len(each) > MOST:
            raise _too_many()
        whom = in_scope({row[0] for row in each}, scoped)
    return _gathered([row[1:] for row in each if row[0] in whom], len(by))


def _too_many() -> Conflict:
    return Conflict(
        Text(
            "配信が多すぎて、担当範囲で数えられません。",
            "There are too many deliveries to count those in your scope.",
        ),
        Text(
            "全顧客を閲覧できる人に依頼してください。",
            "Ask somebody who sees all customers.",
        ),
        code="too_many",
    )


def _gathered(found: Sequence[Sequence[Any]], width: int) -> dict[Group, Numbers]:
    groups: dict[Group, Numbers] = defaultdict(Numbers)
    for row in found:
        numbers = groups[tuple(str(value) for value in row[:width])]
        state, reason, count, *rest = row[width:]
        numbers.states[state] += int(count)
        if state in (DeliveryState.SUPPRESSED, DeliveryState.FAILED):
            numbers.reasons[(state, reason)] += int(count)
        for name, value in zip(RESPONSES, rest, strict=False):
            numbers.responses[name] += int(value)
        cost, first, last = rest[len(RESPONSES) :]
        if cost is not None:
            numbers.cost = (numbers.cost or Decimal(0)) + Decimal(str(cost))
        numbers.first_at = _least(numbers.first_at, maybe_instant(first))
        numbers.last_at = _most(numbers.last_at, maybe_instant(last))
    return dict(groups)


def _least(a: datetime | None, b: datetime | None) -> datetime | None:
    return b if a is None else a if b is None else min(a, b)


def _most(a: datetime | None, b: datetime | None) -> datetime | None:
    return b if a is None else a if b is None else max(a, b)
