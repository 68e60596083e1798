"""Dead letters read again: what fits is loaded, nothing newer is replaced, all are counted."""

from __future__ import annotations

import gzip
import json
from datetime import timedelta

import pytest

from enishi.catalog.load import load_catalog
from enishi.kernel.errors import Conflict, NotFound
from enishi.sources.replay import replay
from enishi.warehouse.tables import fit

CATALOG = """
datasets:
  item:
    label: {{ja: 品, en: Item}}
    kind: {kind}
    {extra}
    key: id
    source: {{files: "item.*"{source}}}
    fields:
      id: {{type: integer}}
      kind: {{type: string}}
      at: {{type: date, format: "{format}"}}
"""
EVENT = "time: {field: at, kind: occurred}\n    event: {name: item, of: {}}"


def catalog(kind="current", *, format="%Y-%m-%d", source="", extra=""):
    return CATALOG.format(kind=kind, format=format, source=source, extra=extra)


@pytest.fixture
def again(world):
    """A world whose catalog can be changed, and the replay of a load in it."""

    class Again:
        def __init__(self, text):
            self.here = world(text)

        def change(self, text):
            (self.here.root / "catalog" / "all.yaml").write_text("version: 1\n" + text)
            self.here.catalog = load_catalog(self.here.root)
            with self.here.engine.write() as writer:
                item = self.here.catalog.datasets["item"]
                assert fit(self.here.engine, writer, item, self.here.catalog) == []

        def replay(self, load_id=None, dataset=None):
            here = self.here
            return replay(here, here.engine, here.catalog, load_id, dataset, clock=here.clock)

        def items(self):
            return self.here.rows(
                'SELECT id, kind, CAST("at" AS VARCHAR) FROM data.item ORDER BY id'
            )

        def letters(self, load_id):
            return self.here.rows(
                "SELECT line, field, code, raw, replayed_by FROM enishi.dead_letters"
                " WHERE load_id = ? ORDER BY line",
                load_id,
            )

    return Again


def test_what_now_fits_is_loaded_and_the_rest_stay_letters(again):
    made = again(catalog())
    made.here.put(
        "item.csv", 'id,kind,at\n1,a,2026-01-01\n2,"b\nc",05/02/2026\n3,c,never\nx,d,04/02/2026\n'
    )
    first = made.here.load()
    assert (first.read, first.loaded, first.dead) == (4, 1, 3)
    made.change(catalog(format="%d/%m/%Y"))
    second = made.replay(first.id)
    assert (second.read, second.loaded, second.dead, second.added) == (3, 1, 2, 1)
    assert second.state == "loaded"
    assert made.items() == [(1, "a", "2026-01-01"), (2, "b\nc", "2026-02-05")]
    assert {letter[4] for letter in made.letters(first.id)} == {second.id}
    assert made.letters(second.id) == [
        (5, "at", "not_date", "3,c,never", None),
        (6, "id", "not_integer", "x,d,04/02/2026", None),
    ]
    stored = made.here.rows("SELECT read, loaded, dead FROM enishi.loads WHERE id = ?", second.id)
    assert stored == [(3, 1, 2)]
    # Once more: the letters left over are the replay's own, and those of the load are done with.
    third = made.replay(dataset="item")
    assert (third.read, third.loaded, third.dead) == (2, 0, 2)
    with pytest.raises(Conflict) as refused:
        made.replay(first.id)
    assert refused.value.code == "nothing_to_replay"


def test_rows_that_lost_to_another_row_stay_where_they_are(again):
    made = again(catalog())
    made.here.put(
        "item.csv",
        "id,kind,at\n1,first,2026-01-01\n1,last,2026-01-01\n2,bad,01/02/2026\n2,good,2026-01-01\n",
    )
    first = made.here.load()
    assert (first.loaded, first.dead) == (2, 2)
    made.change(catalog(format="%d/%m/%Y"))
    second = made.replay(first.id)
    assert (second.read, second.loaded, second.dead) == (2, 0, 2)
    assert [letter[2] for letter in made.letters(second.id)] == ["duplicate_key", "superseded"]
    third = made.replay(second.id)
    assert (third.loaded, third.dead) == (0, 2)
    assert [item[1] for item in made.items()] == ["last", "good"]


def test_an_old_letter_does_not_replace_what_came_later(again):
    made = again(catalog())
    made.here.put("item.csv", "id,kind,at\n1,old,01/02/2026\n2,old,01/02/2026\n3,x,2026-01-01\n")
    first = made.here.load()
    made.here.put("item.csv", "id,kind,at\n1,new,2026-03-01\n")
    later = made.here.load()
    made.change(catalog(format="%d/%m/%Y"))
    second = made.replay(first.id)
    assert (second.read, second.loaded, second.dead) == (2, 1, 1)
    assert [item[:2] for item in made.items()] == [(1, "new"), (2, "old"), (3, "x")]
    assert made.here.rows("SELECT load_id FROM enishi.datasets") == [(later.id,)]


def test_a_letter_of_the_latest_load_changes_the_row_loaded_before(again):
    made = again(catalog("versioned", extra="subject: person"))
    made.here.put("item.csv", "id,kind,at\n1,before,2026-01-01\n")
    made.here.load()
    made.here.clock.advance(timedelta(days=1))
    made.here.put("item.csv", "id,kind,at\n1,after,05/02/2026\n2,new,05/02/2026\n")
    second = made.here.load()
    assert second.dead == 2
    made.here.clock.advance(timedelta(days=1))
    made.change(catalog("versioned", extra="subject: person", format="%d/%m/%Y"))
    third = made.replay(second.id)
    assert (third.read, third.loaded, third.added, third.changed) == (2, 2, 1, 1)
    found = made.here.rows("SELECT kind, _to IS NULL FROM data.item ORDER BY id, _from")
    assert found == [("before", False), ("after", True), ("new", True)]
    links = made.here.rows("SELECT count(*) FROM enishi.identity_links")
    assert links == [(2,)]


def test_replayed_events_are_appended_or_in_conflict(again):
    made = again(catalog("event", extra=EVENT))
    made.here.put("item.csv", "id,kind,at\n1,a,2026-01-01\n1,b,05/02/2026\n2,c,05/02/2026\n")
    first = made.here.load()
    made.change(catalog("event", extra=EVENT, format="%d/%m/%Y"))
    second = made.replay(first.id)
    assert (second.loaded, second.dead) == (1, 1)
    assert made.letters(second.id)[0][:3] == (3, None, "event_conflict")


@pytest.mark.parametrize(
    ("name", "content", "source"),
    [
        ("item.csv", "ｉｄ;ID;種類;at\n;1;あ;05/02/2026\n".encode("cp932"), ", encoding: cp932"),
        ("item.csv.gz", gzip.compress(b"id\tkind\tat\n1\t\xe3\x81\x82\t05/02/2026\n", mtime=0), ""),
        ("item.jsonl", json.dumps({"id": 1, "kind": "あ", "at": "05/02/2026"}).encode(), ""),
    ],
)
def test_letters_of_any_format_are_read_again(again, name, content, source):
    def text(format):
        made = catalog(format=format, source=source)
        if "cp932" in source:
            made = made.replace("type: string", "type: string, source: 種類")
            made = made.replace("type: integer", "type: integer, source: ID")
        return made

    made = again(text("%Y-%m-%d"))
    made.here.put(name, content)
    first = made.here.load()
    assert (first.read, first.dead) == (1, 1)
    made.change(text("%d/%m/%Y"))
    assert made.replay(first.id).loaded == 1
    assert made.items() == [(1, "あ", "2026-02-05")]


def test_a_row_whose_bytes_could_not_be_read_needs_its_file(again):
    made = again(catalog(source=", encoding: utf-8"))
    made.here.put("item.csv", b"id,kind,at\n1,\xff\xfe,2026-01-01\n")
    first = made.here.load()
    second = made.replay(first.id)
    assert (second.loaded, second.dead) == (0, 1)
    assert made.letters(second.id)[0][2] == "undecodable"


def test_what_cannot_be_found_is_refused(again):
    made = again(catalog())
    for given, code in [
        (("lod_none",), "load_unknown"),
        ((None, "itme"), "dataset_unknown"),
    ]:
        with pytest.raises(NotFound) as refused:
            made.replay(*given)
        assert refused.value.code == code
    with pytest.raises(Conflict):
        made.replay(None, "item")
