"""CSV records one by one: slower, and never at a loss.

Used where a block does not fit the fast reader: quoted line breaks, ragged rows, bytes that are
not the file's encoding, quotes that are never closed.
"""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from enishi.sources.encoding import HEAD_CHARACTERS, LONGEST_BYTES, CutLine

_LONGEST = 500  # lines; a quote open for longer was never meant to be one
csv.field_size_limit(64 << 20)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a text file separates its columns."""

    delimiter: str
    quote: str | None
    encoding: str


@dataclass(frozen=True, slots=True)
class Record:
    """One record. `fields` may hold lone surrogates where bytes could not be decoded."""

    line: int
    raw: str
    fields: list[str]
    fault: str | None = None  # a reason code when the text itself is no record


def records(
    lines: deque[bytes], first_line: int, dialect: Dialect, more: Callable[[], bytes | None]
) -> Iterator[Record]:
    """Records of `lines`, drawing further lines from `more` to finish the last one.

    Empty lines are no records. A quote that is not closed within 500 lines, within 16 MB or by the
    end of the file spoils the line it stands on alone: the lines after it are read as records of
    their own.
    """
    number, room = first_line, 0

    def take() -> str | None:
        nonlocal number, room
        line = lines.popleft() if lines else more()
        if line is None:
            return None
        room -= len(line)
        if room < 0 or isinstance(line, CutLine):
            lines.appendleft(line)
            return None
        number += 1
        return line.decode(dialect.encoding, "surrogateescape")

    while lines:
        start = number
        if isinstance(lines[0], CutLine):
            number += 1
            yield cut_record(lines.popleft(), start, dialect)
            continue
        room = LONGEST_BYTES
        line = take()
        assert line is not None  # a line alone is never longer than the room
        bare = line.rstrip("\r\n")
        if not bare:
            continue
        if dialect.quote is None or dialect.quote not in bare:
            yield Record(start, bare, bare.split(dialect.delimiter))
            continue
        drawn = [line]
        fields, fault = _parse(drawn, dialect, take)
        if fault:
            for extra in reversed(drawn[1:]):
                lines.appendleft(extra.encode(dialect.encoding, "surrogateescape"))
            number = start + 1
        yield Record(start, bare if fault else "".join(drawn).rstrip("\r\n"), fields, fault)


def cut_record(line: bytes, number: int, dialect: Dialect) -> Record:
    """What is kept of a line that is too long to be a record."""
    head = line.decode(dialect.encoding, "replace")[:HEAD_CHARACTERS]
    return Record(number, head.rstrip("\r\n"), [], "line_too_long")


def _parse(
    drawn: list[str], dialect: Dialect, take: Callable[[], str | None]
) -> tuple[list[str], str | None]:
    """The fields of the record that starts with `drawn[0]`; lines drawn are added to `drawn`.

    The second value is why there is no such record: a quote never closed, a return inside a line.
    """
    unclosed = False

    def feed() -> Iterator[str]:
        nonlocal unclosed
        yield drawn[0]
        while len(drawn) < _LONGEST and (line := take()) is not None:
            drawn.append(line)
            yield line
        unclosed = True

    reader = csv.reader(feed(), delimiter=dialect.delimiter, quotechar=dialect.quote)
    try:
        fields = next(reader)
    except csv.Error:
        return [], "stray_return"
    return fields, "quote_open" if unclosed else None


def split_line(text: str, dialect: Dialect) -> list[str]:
    """The fields of one record given as text, line breaks inside quotes included."""
    return next(
        csv.reader(
            io.StringIO(text, newline=""),
            delimiter=dialect.delimiter,
            quotechar=dialect.quote,
        ),
        [],
    )


def complete(line: bytes, dialect: Dialect) -> bool:
    """Whether a record that starts on this line also ends on it."""
    if dialect.quote is None or dialect.quote.encode() not in line:
        return True
    drawn = [line.decode(dialect.encoding, "surrogateescape")]
    return _parse(drawn, dialect, lambda: None)[1] is None
