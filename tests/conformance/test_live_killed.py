"""A process killed while it decides live: stays, crossings and offsets agree when it goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from enishi.live import books, core
from enishi.live.engine import LiveEngine
from enishi.live.types import LiveRule, live_rule
from enishi.rules import check_rule
from enishi.sources.stream import drain
from enishi.sources.stream.loads import open_load
from enishi.warehouse.duckdb_engine import Workbench
from stream_world import StreamWorld, track

RULES: dict[str, Any] = {
    "buyers": {"event": "bought", "during": {"last": "2d"}, "op": "ge", "value": 2},
    "seers": {"all": [{"event": "seen", "during": {"last": "1d"}},
                      {"not": {"event": "bought", "during": {"last": "1h"}}}]},
}  # fmt: skip
PEOPLE = [f"c{n}" for n in range(1, 6)]
SCRIPT = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from stream_world import StreamWorld
from test_live_killed import works
works(StreamWorld(Path(sys.argv[2])))
"""


def rules_of(world: StreamWorld) -> Iterable[LiveRule]:
    for slug, rule in RULES.items():
        checked = check_rule(rule, world.catalog, subject="person")
        yield live_rule(slug, 1, checked, world.catalog)


def works(world: StreamWorld) -> None:
    """What the work process does: drain what there is, a few events at a time, and go with time."""
    drain.MOST_EVENTS, core.MOST_DUE = 3, 2
    stream = world.catalog.stream
    assert stream is not None
    crossing = stream.crossing

    def load_of(bench: Workbench, at: datetime) -> str:
        return open_load(bench, crossing, at.astimezone(UTC).replace(tzinfo=None))

    live = LiveEngine(world.engine, world.catalog, lambda: world.now, load_of)
    live.adopt(rules_of(world))
    for hours in (0, 1, 30, 48):
        world.later(hours=hours)
        live.tick()
        while world.drainer.run_once(live.hears):
            live.settle()
            live.tick()


def make(root: Path) -> StreamWorld:
    """Five people, no one in yet, and a log that nobody has drained."""
    world = StreamWorld(root)
    world.load_persons([(person, n) for n, person in enumerate(PEOPLE)])
    with world.engine.write() as writer:
        books.prepare(writer)
        books.admit(writer, dict.fromkeys(RULES, 1))
    for n, person in enumerate(PEOPLE):
        for nth in range(2):
            world.send(
                track(f"s{n}{nth}", person, "seen"), track(f"b{n}{nth}", person),
                track(f"d{n}", anonymousId=f"d{n}"), shard=str(n % 2),
            )  # fmt: skip
        world.send({"type": "identify", "messageId": f"i{n}", "userId": person,
                    "anonymousId": f"d{n}"}, shard=str(n % 2))  # fmt: skip
    return world


def outcome(world: StreamWorld) -> dict[str, Any]:
    """All that is to be the same; crossings in their order for each person and segment."""
    crossings = world.ask(
        "SELECT crossing_id, segment, person, event, cause FROM data.crossing ORDER BY crossing_id"
    )
    assert len({row[0] for row in crossings}) == len(crossings)
    told: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for _, segment, person, event, cause in crossings:
        told.setdefault((segment, person), []).append((event, cause))
    stays = world.ask(
        "SELECT segment, _id, count(*), count(left_at) FROM enishi.memberships GROUP BY ALL"
        " ORDER BY ALL"
    )
    assert sum(row[2] + row[3] for row in stays) == len(crossings)
    return {
        "rows": world.rows("message_id, event, person, ts"), "crossings": told,
        "stays": [(segment, *rest) for segment, _, *rest in stays],
        "offsets": world.ask("SELECT * FROM enishi.stream_offsets ORDER BY shard"),
        "devices": world.ask("SELECT anonymous_id, person FROM enishi.stream_aliases ORDER BY ALL"),
    }  # fmt: skip


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    world = make(tmp_path_factory.mktemp("undisturbed"))
    works(world)
    found = outcome(world)
    world.close()
    return found


def test_the_story_is_worth_telling(undisturbed: dict[str, Any]) -> None:
    told = undisturbed["crossings"]
    assert len(undisturbed["rows"]) == 30
    assert {segment for segment, _ in told} == set(RULES)
    assert told["buyers", "c1"] == [("segment_entered", "event"), ("segment_left", "time")]
    assert told["seers", "c1"][-2:] == [("segment_entered", "time"), ("segment_left", "time")]


@pytest.mark.parametrize(
    "moment",
    [
        "stream.committed:4",
        "live.worked_out:3",
        pytest.param("stream.worked_out:2", marks=pytest.mark.heavy),
        pytest.param("live.committed:4", marks=pytest.mark.heavy),
    ],
)
def test_a_killed_process_goes_on_where_it_was(
    tmp_path: Path, undisturbed: dict[str, Any], moment: str
) -> None:
    world = make(tmp_path)
    begun = world.now
    world.close()
    here = Path(__file__).parent
    killed = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(here.parent), str(tmp_path)],
        check=False, capture_output=True,
        env={**os.environ, "ENISHI_CRASH_AT": moment, "PYTHONPATH": str(here)},
    )  # fmt: skip
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    again = StreamWorld(tmp_path)
    again.now = begun
    before = len(again.rows())
    works(again)
    assert before <= len(again.rows())
    assert outcome(again) == undisturbed
    again.close()
