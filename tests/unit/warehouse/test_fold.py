"""The folded shadow column equals `kernel.text.fold`, whichever way the engine takes."""

from __future__ import annotations

import re
import sys

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enishi.kernel.text import fold
from enishi.warehouse.duckdb_engine import UNTOUCHED_BY_FOLD, DuckDBEngine, folded

UNTOUCHED = re.compile(UNTOUCHED_BY_FOLD, re.DOTALL)


@pytest.fixture(scope="module")
def engine():
    with DuckDBEngine(None, threads=1) as made:
        yield made


def _folded(engine: DuckDBEngine, texts: list[str]) -> list[str]:
    with engine.read() as question:
        question.register("texts", pa.table({"n": range(len(texts)), "t": texts}))
        rows = question.rows(f"SELECT {folded('t')} FROM texts ORDER BY n")
    return [row[0] for row in rows]


def test_every_character_folds_alike(engine):
    characters = [
        chr(code)
        for code in range(1, sys.maxunicode + 1)
        if not 0xD800 <= code <= 0xDFFF and (code < 0x30000 or code % 97 == 0)
    ]
    assert _folded(engine, characters) == [fold(character) for character in characters]


def test_characters_left_alone_by_the_fold_stay_so_side_by_side():
    """What takes the short way has no neighbour to compose with."""
    plain = [chr(code) for code in range(0x80, 0x10000) if UNTOUCHED.fullmatch(chr(code))]
    assert len(plain) > 20_000
    assert fold("".join(plain)) == "".join(plain)
    kana = [character for character in plain if ord(character) < 0x3100]
    for first in kana:
        joined = "".join(first + second for second in kana)
        assert fold(joined) == joined


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=12), min_size=1, max_size=20))
def test_any_text_folds_alike(engine, texts):
    encodable = [text.encode("utf-8", "replace").decode() for text in texts]
    assert _folded(engine, encodable) == [fold(text) for text in encodable]
