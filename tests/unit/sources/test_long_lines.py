"""Lines of absurd length and stray NULs: one dead letter, bounded memory, nothing guessed wrong."""

from __future__ import annotations

import gzip
import tracemalloc
from collections.abc import Iterator

import pytest

from enishi.sources import encoding, records
from enishi.sources.encoding import HEAD_CHARACTERS, LONGEST_BYTES, Lines, detect_encoding

CATALOG = """
datasets:
  row:
    label: {ja: 行, en: Row}
    kind: current
    key: id
    source: {files: "row.*"}
    fields:
      id: {type: integer}
      text: {type: string}
"""


def letters(world) -> list[tuple[int, str, str]]:
    return world.rows("SELECT line, code, raw FROM enishi.dead_letters ORDER BY line")


@pytest.mark.parametrize("quoted", ["", '"'])
@pytest.mark.parametrize("zipped", [False, True])
def test_a_giant_line_is_one_dead_letter(world, quoted: str, zipped: bool) -> None:
    here = world(CATALOG)
    giant = b"2,2" + b"x" * (LONGEST_BYTES + 5) + b"\n"
    body = b'id,text\n1,one\n9,"open\n' + quoted.encode() + giant + b"3,three\n"
    place = here.root / "data" / ("row.csv.gz" if zipped else "row.csv")
    place.parent.mkdir(exist_ok=True)
    place.write_bytes(gzip.compress(body, 1) if zipped else body)
    done = here.load()
    assert (done.state, done.read, done.loaded, done.dead) == ("loaded", 4, 2, 2)
    assert here.rows("SELECT id, text FROM data.row ORDER BY id") == [(1, "one"), (3, "three")]
    opened, long = letters(here)
    assert opened[:2] == (3, "quote_open")
    assert long[:2] == (4, "line_too_long")
    assert len(long[2]) == HEAD_CHARACTERS
    assert long[2].startswith(quoted + "2,2xxx")


def test_a_giant_last_line_and_a_giant_json_line(world) -> None:
    here = world(CATALOG)
    here.put("row.jsonl", '{"id":1}\n{"id":2,"text":"' + "x" * LONGEST_BYTES + '"}')
    done = here.load()
    assert (done.loaded, done.dead) == (1, 1)
    assert [(line, code, len(raw)) for line, code, raw in letters(here)] == [
        (2, "line_too_long", HEAD_CHARACTERS)
    ]


class Endless:
    """A stream of one line without an end, until it has given `size` bytes."""

    def __init__(self, size: int) -> None:
        self.left = size

    def read(self, size: int) -> bytes:
        size = min(size, self.left)
        self.left -= size
        return b"x" * size


def test_memory_is_bounded_by_the_longest_line() -> None:
    tracemalloc.start()
    try:
        lines = Lines(Endless(20 * LONGEST_BYTES))
        assert len(lines.block()) == 4 * HEAD_CHARACTERS + 1
        assert lines.block() == b""
        assert tracemalloc.get_traced_memory()[1] < 6 * LONGEST_BYTES
    finally:
        tracemalloc.stop()


def test_a_quote_that_spans_more_than_the_longest_record_spoils_its_line_alone(
    world, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "LONGEST_BYTES", 200)
    here = world(CATALOG)
    rows = "".join(f"{n},{'y' * 60}\n" for n in range(2, 9))
    here.put("row.csv", f'id,text\n1,"open\n{rows}9,"closed"\n')
    done = here.load()
    assert (done.loaded, done.dead) == (8, 1)
    assert letters(here)[0][:2] == (2, "quote_open")


def test_lines_come_whole_and_in_order_whatever_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoding, "LONGEST_BYTES", 50)
    given = [b"a" * n + b"\n" for n in (0, 49, 50, 3, 200, 200, 7, 51)]

    class Stream:
        def __init__(self) -> None:
            self.rest = b"".join(given)

        def read(self, size: int) -> bytes:
            found, self.rest = self.rest[:size], self.rest[size:]
            return found

    def drawn(size: int) -> Iterator[bytes]:
        lines = Lines(Stream())
        while block := lines.block(size):
            yield from block.splitlines(keepends=True)

    for size in (8, 30, 49):
        assert [line[:50] for line in drawn(size)] == [line[:50] for line in given]
    cut = [isinstance(line, encoding.CutLine) for line in Lines(Stream())]
    assert cut == [len(line) > 50 for line in given]


@pytest.mark.parametrize("text", ["id,text\n1,山田\x00太郎\n2,b\n", "id,text\n1,a\x00b\n2,bc\n"])
@pytest.mark.parametrize("name", ["utf-8", "cp932"])
def test_a_nul_makes_no_utf_16(tmp_path, text: str, name: str) -> None:
    path = tmp_path / "row.csv"
    path.write_bytes(text.encode(name))
    assert detect_encoding(path) in ({name} if not text.isascii() else {"utf-8"})


@pytest.mark.parametrize("padding", [1, 2, 3, 7])
def test_fields_padded_with_nuls_make_no_utf_16(tmp_path, padding: int) -> None:
    path = tmp_path / "row.csv"
    row = "1001,yamada" + "\0" * padding + ",2026-01-01\n"
    path.write_bytes(("id,text,day\n" + row * 50).encode())
    assert detect_encoding(path) == "utf-8"


@pytest.mark.parametrize("name", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(
    "text",
    ["id,text\n1,a\n", "番号,氏名\n1,山田　一郎\n2,髙橋　〇一\n", "1,é\n2,Ωж\n", "1,一　　　　\n"],
)
def test_utf_16_without_a_bom_is_known(tmp_path, name: str, text: str) -> None:
    path = tmp_path / "row.csv"
    path.write_bytes((text * 20).encode(name))
    assert detect_encoding(path) == name
