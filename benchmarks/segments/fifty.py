"""Fifty segments together: the product's refresh beside fifty queries written by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from benchmarks.segments.data import AS_OF
from benchmarks.segments.ground import Ground
from benchmarks.segments.questions import fifty
from benchmarks.segments.timing import interleaved

from enishi.warehouse.duckdb_engine import SQL

_NOW = AS_OF.replace(tzinfo=None)


def measure_fifty(ground: Ground, rounds: int) -> dict[str, object]:
    asked = fifty()
    for one in asked:
        ours, theirs = ground.answer(ground.compiled(one.rule)), ground.answer(one.by_hand)
        if ours != theirs:
            raise AssertionError(f"{one.name}: Enishi found {ours}, by hand {theirs}")

    def stored(queries: Callable[[], Iterable[tuple[str, SQL]]]) -> Callable[[], object]:
        """All of them, one after another, into one table, in one transaction."""

        def work() -> None:
            with ground.engine.write() as writer:
                writer.execute(
                    "CREATE OR REPLACE TEMP TABLE _found"
                    " (segment VARCHAR, _id VARCHAR, entered_at TIMESTAMP)"
                )
                for name, sql in queries():
                    writer.execute(
                        f"INSERT INTO _found SELECT '{name}', _id, TIMESTAMP '{_NOW}' FROM ({sql})"
                    )

        return work

    works: dict[str, Callable[[], object]] = {
        "by_hand": stored(lambda: [(one.name, one.by_hand) for one in asked]),
        "enishi_apart": stored(lambda: [(one.name, ground.compiled(one.rule)) for one in asked]),
    }
    took = interleaved(works, max(1, rounds // 2))
    return {
        "segments": len(asked),
        "memberships": sum(ground.count(one.by_hand) for one in asked),
        **{f"{name}_ms": one.wall for name, one in took.items()},
        **{f"{name}_cpu_ms": one.cpu for name, one in took.items()},
    }
