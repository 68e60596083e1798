"""How many passed from step to step on a day: counted with the moves, shown on the canvas."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import connection

from enishi.book import bulk
from enishi.book.jsontext import dumps, loads
from enishi.book.unit import before_commit
from enishi.journeys.types import STAYING, Move
from enishi.rules.windows import local_date

_Key = tuple[str, int, str, str, str, date]  # journey, version, step, to, code, local day
_NEW = {
    "journey": "text", "version": "int", "step": "text", "to": "text", "code": "text",
    "day": "date", "people": "int", "seconds": "bigint", "slow": "jsonb",
}  # fmt: skip
_SUMS = {"people": "int", "seconds": "bigint", "slow": "jsonb"}


@dataclass(slots=True)
class _Sum:
    people: int = 0
    seconds: float = 0.0
    slow: dict[str, int] = field(default_factory=dict)


class Passages:
    """Counts moves of one unit; `keep` has them written as the unit commits."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._sums: dict[_Key, _Sum] = {}
        self._days: dict[datetime, date] = {}

    def count(self, journey: str, version: int, moves: Iterable[Move]) -> None:
        """Count what leads somewhere; who stays where she stands passes nothing."""
        for move in moves:
            if move.code in STAYING:
                continue
            day = self._days.get(move.at)
            if day is None:
                day = self._days[move.at] = local_date(move.at, self._zone)
            key = (journey, version, move.step or "", move.to or "", move.code, day)
            total = self._sums.get(key)
            if total is None:
                total = self._sums[key] = _Sum()
            total.people += 1
            total.seconds += move.stood
            power = slowness(move.stood)
            total.slow[power] = total.slow.get(power, 0) + 1

    def keep(self) -> None:
        """Write the counts at the end of the unit: the rows are everybody's, and held shortly."""
        if self._sums:
            before_commit(_write, self._sums)


def slowness(seconds: float) -> str:
    """The power of two that so many seconds do not exceed."""
    return str((math.ceil(seconds) - 1).bit_length() if seconds > 1 else 0)


def _write(told: list[dict[_Key, _Sum]]) -> None:
    sums: dict[_Key, _Sum] = {}
    for one in told:
        for key, more in one.items():
            total = sums.setdefault(key, _Sum())
            total.people += more.people
            total.seconds += more.seconds
            for power, people in more.slow.items():
                total.slow[power] = total.slow.get(power, 0) + people
    wanted = sorted(sums)
    bulk.insert(
        "journeys_passage", _NEW, ((*key, 0, 0, "{}") for key in wanted),
        conflict="ON CONFLICT DO NOTHING",
    )  # fmt: skip
    known = _known(wanted)
    bulk.update(
        "journeys_passage", ("id", "bigint"), _SUMS,
        (_added(known[key], sums[key]) for key in wanted),
    )  # fmt: skip


_Known = tuple[int, int, int, str]  # id, people, seconds, slow


def _known(wanted: list[_Key]) -> dict[_Key, _Known]:
    """The rows as they are, locked in the order of their ids."""
    lock = " FOR UPDATE" if connection.vendor == "postgresql" else ""
    found: dict[_Key, _Known] = {}
    for journey, version, day in sorted({(key[0], key[1], key[5]) for key in wanted}):
        with connection.cursor() as cursor:
            cursor.execute(
                'SELECT id, people, seconds, slow, step, "to", code FROM journeys_passage'
                f" WHERE journey = %s AND version = %s AND day = %s ORDER BY id{lock}",
                [journey, version, day],
            )
            for number, people, seconds, slow, step, to, code in cursor.fetchall():
                found[journey, version, step, to, code, day] = (number, people, seconds, slow)
    return found


def _added(known: _Known, more: _Sum) -> tuple[int, int, int, str]:
    number, people, seconds, slow = known
    powers: dict[str, int] = loads(slow)
    for power, count in more.slow.items():
        powers[power] = powers.get(power, 0) + count
    return number, people + more.people, seconds + round(more.seconds), dumps(powers)
