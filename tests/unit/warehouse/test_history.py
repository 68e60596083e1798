"""How a dataset takes in a file again: events, versions, current rows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

CATALOG = """
datasets:
  row:
    label: {ja: 行, en: Row}
    kind: %s
    key: [a, b]
    source: {files: "row.csv"%s}
    fields:
      a: {type: integer}
      b: {type: string}
      v: {type: string}
      w: {type: date}
"""
EVENTS = """
datasets:
  deed:
    label: {ja: 出来事, en: Deed}
    kind: event
    key: id
    time: {field: at, kind: occurred}
    source: {files: "deed.csv"}
    fields:
      id: {type: integer}
      at: {type: timestamp}
      v: {type: string}
"""
ONE = "a,b,v,w\n1,x,old,2026-01-01\n1,y,same,\n2,x,gone,\n"
TWO = "a,b,v,w\n1,x,new,2026-01-01\n1,y,same,\n3,x,fresh,\n"


@pytest.mark.parametrize("kind", ["current", "versioned", "event"])
def test_the_same_file_again_changes_nothing(world, kind):
    here = world(EVENTS if kind == "event" else CATALOG % (kind, ""))
    name, text = (
        ("deed", "id,at,v\n1,2026-01-01,a\n2,2026-01-02,\n") if kind == "event" else ("row", ONE)
    )
    here.put(f"{name}.csv", text)
    first = here.load()
    before = here.rows(f"SELECT * FROM data.{name} ORDER BY ALL")
    here.clock.advance(timedelta(days=1))
    again = here.load()
    assert (first.added, first.unchanged) == (first.read, 0)
    assert (again.added, again.changed, again.unchanged) == (0, 0, first.read)
    assert here.rows(f"SELECT * FROM data.{name} ORDER BY ALL") == before


def test_current_rows_are_replaced_and_absent_ones_stay(world):
    here = world(CATALOG % ("current", ""))
    here.put("row.csv", ONE)
    here.load()
    here.put("row.csv", TWO)
    done = here.load()
    assert (done.added, done.changed, done.unchanged, done.removed) == (1, 1, 1, 0)
    assert here.rows("SELECT a, b, v FROM data.row ORDER BY ALL") == [
        (1, "x", "new"), (1, "y", "same"), (2, "x", "gone"), (3, "x", "fresh"),
    ]  # fmt: skip


def test_a_source_that_is_the_whole_truth_removes(world):
    here = world(CATALOG % ("current", ", removes: true"))
    here.put("row.csv", ONE)
    here.load()
    here.put("row.csv", TWO)
    assert here.load().removed == 1
    assert here.rows("SELECT v FROM data.row ORDER BY v") == [("fresh",), ("new",), ("same",)]


def test_versions_open_and_close(world):
    here = world(CATALOG % ("versioned", ", removes: true"))
    here.put("row.csv", ONE)
    here.load()
    first = here.clock().replace(tzinfo=None)
    here.clock.advance(timedelta(days=1))
    second = here.clock().replace(tzinfo=None)
    here.put("row.csv", TWO)
    done = here.load()
    assert (done.added, done.changed, done.unchanged, done.removed) == (1, 1, 1, 1)
    assert here.rows("SELECT a, b, v, _from, _to FROM data.row ORDER BY a, b, _from") == [
        (1, "x", "old", first, second),
        (1, "x", "new", second, None),
        (1, "y", "same", first, None),
        (2, "x", "gone", first, second),
        (3, "x", "fresh", second, None),
    ]


def test_history_may_be_loaded_from_old_to_new_only(world):
    here = world(CATALOG % ("versioned", ""))
    here.put("row.csv", ONE)
    here.load(at=datetime(2026, 1, 1, tzinfo=UTC))
    here.put("row.csv", TWO)
    here.load(at=datetime(2026, 2, 1, tzinfo=UTC))
    late = here.load(at=datetime(2026, 1, 15, tzinfo=UTC))
    assert late.state == "failed"
    assert late.message["en"]["code"] == "load_out_of_order"
    assert here.rows("SELECT v, _from FROM data.row WHERE a = 1 AND b = 'x' ORDER BY _from") == [
        ("old", datetime.fromisoformat("2026-01-01")),
        ("new", datetime.fromisoformat("2026-02-01")),
    ]


def test_a_version_corrected_at_its_own_instant_is_replaced(world):
    here = world(CATALOG % ("versioned", ""))
    here.put("row.csv", ONE)
    here.load()
    here.put("row.csv", TWO)
    here.load()
    assert here.rows("SELECT v, _to FROM data.row WHERE a = 1 AND b = 'x'") == [("new", None)]


def test_events_are_appended_and_never_rewritten(world):
    here = world(EVENTS)
    here.put("deed.csv", "id,at,v\n1,2026-01-01,a\n2,2026-01-02,b\n")
    here.load()
    here.put("deed.csv", "id,at,v\n1,2026-01-01,EDITED\n2,2026-01-02,b\n3,2026-01-03,c\n")
    done = here.load()
    assert (done.read, done.added, done.unchanged, done.dead) == (3, 1, 1, 1)
    assert here.rows("SELECT id, v FROM data.deed ORDER BY id") == [(1, "a"), (2, "b"), (3, "c")]
    assert here.dead() == [(2, None, "event_conflict", "1,2026-01-01,EDITED")]


def test_a_new_field_of_events_is_filled_in(world):
    here = world(EVENTS)
    here.put("deed.csv", "id,at,v,z\n1,2026-01-01,a,7\n2,2026-01-02,b,\n")
    here.load()
    here.engine.close()
    here = world(EVENTS + "      z: {type: integer}\n")
    done = here.load()
    assert (done.added, done.changed, done.unchanged, done.dead) == (0, 1, 1, 0)
    assert here.rows("SELECT id, v, z FROM data.deed ORDER BY id") == [(1, "a", 7), (2, "b", None)]


def test_a_new_field_grows_the_table_and_a_changed_one_asks_for_a_rebuild(world):
    here = world(CATALOG % ("current", ""))
    here.put("row.csv", ONE)
    here.load()
    here.engine.close()
    grown = (CATALOG % ("current", "")) + "      z: {type: integer}\n"
    here = world(grown)
    here.put("row.csv", "a,b,v,w,z\n1,x,old,2026-01-01,7\n")
    assert here.load().changed == 1
    here.engine.close()
    here = world(grown.replace("z: {type: integer}", "z: {type: string}"))
    refused = here.load()
    assert refused.message["en"]["code"] == "reload_needed"
    assert "--rebuild" in refused.message["ja"]["remedy"]
    assert here.rows("SELECT count(*) FROM data.row") == [(3,)]
    assert here.load(rebuild=True).state == "loaded"
    assert here.rows("SELECT z FROM data.row") == [("7",)]
