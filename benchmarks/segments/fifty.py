"""Fifty segments together: the product's refresh beside fifty queries written by hand."""

from __future__ import annotations

from datetime import datetime, timedelta

from benchmarks.segments.data import AS_OF
from benchmarks.segments.ground import Ground
from benchmarks.segments.questions import Asked, fifty
from benchmarks.segments.timing import interleaved, timed
from enishi.kernel.ids import new_id
from enishi.rules import check_rule
from enishi.segments.refreshing import Outcome, Wish, refresh

_NOW = AS_OF.replace(tzinfo=None)
_TICK = timedelta(microseconds=1)  # later enough to come after, too short to move a window


class Fifty:
    """The fifty segments on a ground; each refresh is a moment after the one before."""

    def __init__(self, ground: Ground) -> None:
        self.ground, self.asked, self._at = ground, fifty(), AS_OF

    def later(self) -> datetime:
        self._at += _TICK
        return self._at

    def refresh(self, *, whole: bool) -> list[Outcome]:
        """Bring all of them up to date, from the JSON of their rules to the stored members."""
        catalog = self.ground.catalog
        wishes = [
            Wish(
                new_id("refresh"), one.name, check_rule(one.rule, catalog, subject="person"),
                whole=whole,
            )
            for one in self.asked
        ]  # fmt: skip
        found = refresh(self.ground.engine, catalog, wishes, self.later())
        for outcome in found:
            if outcome.error is not None:
                raise outcome.error
        return found

    def by_hand(self) -> None:
        """Fifty statements, one after another, into a table of their own."""
        with self.ground.engine.write() as writer:
            writer.execute("CREATE OR REPLACE TEMP TABLE _hand (segment VARCHAR, _id VARCHAR)")
            for one in self.asked:
                writer.execute(f"INSERT INTO _hand SELECT '{one.name}', _id FROM ({one.by_hand})")

    def agree(self) -> int:
        """Check that what is stored is what the queries written by hand find; the members."""
        total = 0
        for one in self.asked:
            stored = self.ground.answer(_stored(one))
            if stored != self.ground.answer(one.by_hand):
                raise AssertionError(f"{one.name}: what is stored differs from what is true")
            total += stored[0]
        return total


def measure_fifty(segments: Fifty, rounds: int) -> dict[str, object]:
    """`first`: everybody enters. `again`: everybody is asked again and few or none change."""
    segments.by_hand()  # warms the file
    first, _ = timed(lambda: segments.refresh(whole=True))
    members = segments.agree()
    took = interleaved(
        {"by_hand": segments.by_hand, "again": lambda: segments.refresh(whole=True)},
        max(2, rounds // 2),
    )
    segments.agree()
    return {
        "segments": len(segments.asked),
        "members": members,
        "first_ms": first.wall,
        "first_cpu_ms": first.cpu,
        **{f"{name}_ms": one.wall for name, one in took.items()},
        **{f"{name}_cpu_ms": one.cpu for name, one in took.items()},
        "ratio": round(took["again"].wall / took["by_hand"].wall, 2),
    }


def _stored(asked: Asked) -> str:
    return f"SELECT _id FROM enishi.memberships WHERE segment = '{asked.name}' AND left_at IS NULL"
