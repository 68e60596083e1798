"""read = loaded + dead over messy CSV, against Python's csv module."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from enishi.catalog.types import Catalog, Dataset, DatasetKind, Field, FieldType, Source
from enishi.kernel.clock import VirtualClock
from enishi.kernel.text import Text
from enishi.sources.service import load
from enishi.warehouse.duckdb_engine import DuckDBEngine
from enishi.warehouse.tables import prepare


class Place:
    def __init__(self, data: Path) -> None:
        self.data = data

    def secret(self) -> bytes:
        return b"ab" * 32


def _field(name: str, kind: FieldType = FieldType.STRING, scale: int = 0) -> Field:
    return Field(name, kind, Text(name, name), scale=scale)


CATALOG = Catalog(
    datasets={
        "row": Dataset(
            "row",
            Text("行", "Row"),
            DatasetKind.CURRENT,
            ("id",),
            {
                f.name: f
                for f in (
                    _field("id", FieldType.INTEGER),
                    _field("text"),
                    _field("amount", FieldType.DECIMAL, 2),
                )
            },
            source=Source("row.csv", format="csv", delimiter=",", encoding="utf-8"),
        )
    },
    relations={},
)


@pytest.fixture(scope="module")
def engine():
    with DuckDBEngine(None, threads=1) as made:
        prepare(made, CATALOG)
        yield made


CELL = st.text(alphabet=st.sampled_from(list("ab１，、\"\r 山\u3000;\t\n'é\x00")), max_size=6)
CLEAN = st.text(alphabet=st.sampled_from(list("ab山é ；-")), max_size=6)
AMOUNT = st.sampled_from(
    ["", "1", "1.5", "12.34", "1.234", "1,234.50", "x", "１２", "5.07E+12", " 7 "]
)


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """A file: records well written or broken in the ways files are."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator=draw(st.sampled_from(["\n", "\r\n"])))
    writer.writerow(["id", "text", "amount"])
    body = out.getvalue()
    parts = [body]
    for number in range(draw(st.integers(0, 12))):
        kind = draw(
            st.sampled_from(["clean", "clean", "any", "ragged", "blank", "stray quote", "bytes"])
        )
        line = io.StringIO()
        row = [str(number), draw(CELL if kind == "any" else CLEAN), draw(AMOUNT)]
        if kind == "ragged":
            row = row[: draw(st.integers(1, 2))] if draw(st.booleans()) else [*row, "more"]
        csv.writer(line, lineterminator="\n").writerow(row)
        text = "\n" if kind == "blank" else line.getvalue()
        if kind == "stray quote":
            text = f'{number},ab"c,1\n'
        parts.append(text)
    data = "".join(parts).encode("utf-8", "surrogatepass")
    if draw(st.booleans()) and data.endswith(b"\n"):
        data = data[:-1]
    return data


def _expected(data: bytes) -> list[list[str]]:
    reader = csv.reader(io.StringIO(data.decode(), newline=""))
    next(reader)
    return [row for row in reader if row]


def _load(engine: DuckDBEngine, data: bytes):
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "row.csv").write_bytes(data)
        done = load(Place(Path(folder)), engine, CATALOG, clock=VirtualClock(), rebuild_first=True)[
            0
        ]
    with engine.read() as question:
        rows = question.rows("SELECT id, text, amount FROM data.row ORDER BY id")
        dead = question.rows(
            "SELECT line, code, field, raw FROM enishi.dead_letters WHERE load_id = ?"
            " ORDER BY line",
            [done.id],
        )
    return done, rows, dead


def _fits(row: list[str]) -> bool:
    if len(row) != 3:
        return False
    amount = row[2].strip(" \t\r\n\u00a0\u3000")
    return amount in ("", "1", "1.5", "12.34", "1,234.50", "7")


@settings(max_examples=50, deadline=None)
@given(files())
@example(b"id,text,amount\n0,a,1\n")
@example(b'id,text,amount\n0,"a\nb",1\n1,c,1\n')
@example(b'id,text,amount\n0,"a\r\nb",1\r\n1,"c""d",\r\n')
def test_every_record_is_loaded_or_dead(engine, data):
    if b"\r" in data.replace(b"\r\n", b""):  # a lone CR ends a line for Python's reader only
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"")
    expected = _expected(data)
    done, rows, dead = _load(engine, data)
    assert done.message is None
    assert done.read == done.loaded + done.dead == len(expected)
    assert len(dead) == done.dead
    fit = [row for row in expected if _fits(row)]
    assert [row[0] for row in rows] == [int(row[0]) for row in fit]
    assert [row[1] for row in rows] == [row[1] or None for row in fit]


def test_the_line_of_a_dead_letter_is_the_physical_line(engine):
    data = b'id,text,amount\n1,"two\nlines",1\n2,b,x\n\n3,"a\nb\nc",y\n4,ok,1\n5\n'
    done, rows, dead = _load(engine, data)
    assert (done.read, done.loaded, done.dead) == (5, 2, 3)
    assert [(line, code, field) for line, code, field, _ in dead] == [
        (4, "not_decimal", "amount"),
        (6, "not_decimal", "amount"),
        (10, "ragged", None),
    ]
    assert [raw for *_, raw in dead] == ["2,b,x", '3,"a\nb\nc",y', "5"]
    assert [row[1] for row in rows] == ["two\nlines", "ok"]


def test_a_quote_never_closed_spoils_its_line_alone(engine):
    data = b'id,text,amount\n1,a,1\n2,"open,1\n3,c,1\n4,d,1\n'
    done, rows, dead = _load(engine, data)
    assert [row[0] for row in rows] == [1, 3, 4]
    assert [(line, code, raw) for line, code, _, raw in dead] == [(3, "quote_open", '2,"open,1')]
    assert done.read == 4


def test_bytes_of_another_encoding_spoil_their_row_alone(engine):
    data = "id,text,amount\n1,山,1\n".encode() + "2,田,1\n".encode("cp932") + "3,川,1\n".encode()
    done, rows, dead = _load(engine, data)
    assert [row[1] for row in rows] == ["山", "川"]
    assert [(line, code) for line, code, *_ in dead] == [(3, "undecodable")]
    assert done.read == 3


def test_no_row_is_lost_between_blocks(engine, monkeypatch):
    """Blocks of a few bytes cut the file everywhere a block can be cut."""
    monkeypatch.setattr("enishi.sources.encoding.Lines.block.__defaults__", (7,))
    rows = [[str(n), f'x{n}"\n,{n}' if n % 3 else f"y{n}", "1"] for n in range(60)]
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([["id", "text", "amount"], *rows])
    done, found, _ = _load(engine, out.getvalue().encode())
    assert done.read == done.loaded == 60
    assert [row[1] for row in found] == [row[1] for row in rows]


def test_of_rows_with_one_key_the_last_is_taken_and_equal_ones_count_as_loaded(engine):
    data = b"id,text,amount\n1,a,1\n1,b,1\n2,c,1\n2,c,1.0\n"
    done, rows, dead = _load(engine, data)
    assert [row[1] for row in rows] == ["b", "c"]
    assert [(line, code, raw) for line, code, _, raw in dead] == [(2, "duplicate_key", "1,a,1")]
    assert (done.read, done.loaded, done.dead) == (4, 3, 1)
    assert (done.added, done.unchanged) == (2, 1)
