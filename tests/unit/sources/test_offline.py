"""Offline events: each row of a file once, whose and when it says, and what is left out and why."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from enishi.kernel.errors import Invalid
from enishi.sources.offline import Meaning, import_file, import_text
from stream_world import StreamWorld

TOKYO = ZoneInfo("Asia/Tokyo")
VISITS = Meaning("顧客番号", "日時", event="来店", source="店頭")
ROWS = "顧客番号,日時,支店,用件\n"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[StreamWorld]:
    made = StreamWorld(tmp_path)
    yield made
    made.close()


def bring(world: StreamWorld, rows: str) -> tuple[int, int]:
    done = import_text(ROWS + rows, VISITS, world.workspace.events, TOKYO)
    world.drain()
    return done.written, len(world.rows())


def test_a_row_is_an_event_of_its_person_at_its_time(world: StreamWorld) -> None:
    assert bring(world, "c1,2026/03/31 10:30,本店,相談\n") == (1, 1)
    ((event, person, ts, source, channel, properties, mark),) = world.rows(
        "event, person, ts, source, channel, properties, time_mark"
    )
    assert (event, person, source, channel, mark) == ("来店", "c1", "店頭", "offline", None)
    assert ts == datetime.fromisoformat("2026-03-31T01:30")
    assert properties == '{"支店":"本店","用件":"相談"}'


def test_old_events_are_believed_when_they_come_from_a_file(world: StreamWorld) -> None:
    bring(world, "c1,2009-01-05,本店,口座\n")
    assert world.rows("CAST(ts AS VARCHAR), time_mark") == [("2009-01-04 15:00:00", None)]


def test_the_same_rows_again_are_the_same_events(world: StreamWorld) -> None:
    first = "c1,2026-03-01,本店,相談\nc1,2026-03-01,本店,相談\nc2,2026-03-02,支店,\n"
    assert bring(world, first) == (3, 3)
    world.later(days=30)  # beyond what the index of message ids remembers
    world.drainer.close()
    world.drainer = world.new_drainer()
    assert bring(world, "c3,2026-03-03,本店,\n" + first) == (4, 4)
    assert world.ask("SELECT sum(read) FROM enishi.stream_offsets") == [(7,)]


def test_rows_that_say_too_little_are_left_out_and_told(tmp_path: Path) -> None:
    rows = (
        ",2026-03-01,本店,\nc1,3月1日,本店,\nc1,2026-03-01,本店,x,y\nc1,2026-03-01,,\n\n"
        "c1,0001-01-01,本店,\n"
    )
    done = import_text(ROWS + rows, VISITS, tmp_path, TOKYO, only_look=True)
    assert (done.rows, done.written, done.left_out) == (5, 1, 4)
    assert done.faults == [(2, "no_user"), (3, "bad_time"), (4, "ragged"), (7, "bad_time")]
    assert list(tmp_path.iterdir()) == []


def test_files_in_other_encodings(world: StreamWorld) -> None:
    file = world.root / "visits.csv"
    file.write_bytes("顧客番号\t日時\t種類\nc1\t2026-03-01 09:00:00\t電話\n".encode("cp932"))
    meaning = Meaning("顧客番号", "日時", event_column="種類")
    assert import_file(file, meaning, world.workspace.events, TOKYO).written == 1
    world.drain()
    assert world.rows("event, source") == [("電話", "offline")]


@pytest.mark.parametrize(
    ("meaning", "code"),
    [
        (Meaning("顧客", "日時", event="来店"), "import_columns"),
        (Meaning("顧客番号", "日時"), "import_event"),
        (Meaning("顧客番号", "日時", event="来店", event_column="用件"), "import_event"),
    ],
)
def test_what_the_columns_are_has_to_be_said(tmp_path: Path, meaning: Meaning, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        import_text(ROWS, meaning, tmp_path, TOKYO)
    assert refused.value.code == code
