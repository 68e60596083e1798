"""How a delimited text is laid out: delimiter, quote, header line, blanks. Pure, over its start."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from enishi.catalog.words import is_known_word

RECORDS = 400  # how many records decide
TITLE_LINES = 15  # a header stands within the first lines
_DELIMITERS = (",", "\t", ";", "|", "^", "~", ":")
_NUMBER = re.compile(r"[-+]?[0-9][0-9.,:/ \-]*(?:[eE][-+]?[0-9]+)?\Z")
_BLANKS = " \u3000\t"
_QUOTE_SCORE = {'"': 0.0, "'": 0.2, "": -0.05}  # single quotes are tried only when they are seen


@dataclass(frozen=True, slots=True)
class Layout:
    """How to read a text. `header` is the header's line from 1, 0 when there is none.

    `regular` is the share of records that have as many columns as the header.
    """

    delimiter: str
    quote: str
    header: int
    columns: tuple[str, ...]
    trim: bool
    regular: float


def sniff(text: str) -> Layout | None:
    """The layout of a text's first part; None when it is not a table (prose, one column)."""
    text = text.lstrip("\ufeff")
    best: tuple[float, Layout] | None = None
    for quote in _quotes(text):
        for order, delimiter in enumerate(_DELIMITERS):
            if delimiter not in text:
                continue
            found = _layout(text, delimiter, quote)
            if found is None:
                continue
            width = len(found.columns)
            score = found.regular + min(width, 10) / 50 - order / 200 + _QUOTE_SCORE[quote]
            if best is None or score > best[0]:
                best = (score, found)
    if best is None or (best[1].regular < 0.7 and len(best[1].columns) < 3):
        return None
    return best[1]


def read_records(text: str, delimiter: str, quote: str, most: int | None = None) -> list[list[str]]:
    """The records of a text. Lines that the csv module refuses end it early."""
    if quote:
        reader = csv.reader(io.StringIO(text), delimiter=delimiter, quotechar=quote)
    else:
        reader = csv.reader(io.StringIO(text), delimiter=delimiter, quoting=csv.QUOTE_NONE)
    found: list[list[str]] = []
    try:
        for record in reader:
            found.append(record)
            if most is not None and len(found) >= most:
                break
    except csv.Error:
        return found
    return found


def _quotes(text: str) -> list[str]:
    """Double quotes always; single ones only where cells visibly stand in them; none at last."""
    found = ['"']
    if len(re.findall(r"(?:^|[,;\t|])'[^'\n]*'(?=[,;\t|]|\r?$)", text, re.MULTILINE)) > 10:
        found.insert(0, "'")
    if '"' in text and text.count('"') % 2:
        found.append("")
    return found


def _layout(text: str, delimiter: str, quote: str) -> Layout | None:
    records = read_records(text, delimiter, quote, RECORDS)
    lines = [r for r in records if any(cell.strip() for cell in r)]
    if not lines:
        return None
    widths = Counter(len(record) for record in lines)
    width, often = widths.most_common(1)[0]
    if width < 2:
        return None
    at = _first_row(records, width)
    if at is None:
        return None
    body = [r for r in records[at + 1 :] if len(r) == width]
    named = is_header(records[at], body)
    start = records[at]
    if not named:  # then the first line of all is the first row, and says how wide rows are
        at, start = 0, lines[0]
        width = len(start)
        if width < 2:
            return None
    after = [r for r in records[at + (1 if named else 0) :] if any(cell.strip() for cell in r)]
    same = sum(len(r) == width for r in after)
    line = sum(1 for _ in _lines_before(text, delimiter, quote, at)) + 1
    names = (
        tuple(cell.strip(_BLANKS) for cell in start)
        if named
        else tuple(f"column_{i + 1}" for i in range(width))
    )
    return Layout(
        delimiter=delimiter,
        quote=quote,
        header=line if named else 0,
        columns=names,
        trim=_padded(body),
        regular=same / max(len(after), 1) if after else often / len(lines),
    )


def _lines_before(text: str, delimiter: str, quote: str, records: int) -> range:
    """The physical lines taken by the first records (a quoted cell may hold line breaks)."""
    if quote:
        reader = csv.reader(io.StringIO(text), delimiter=delimiter, quotechar=quote)
    else:
        reader = csv.reader(io.StringIO(text), delimiter=delimiter, quoting=csv.QUOTE_NONE)
    for _ in range(records):
        next(reader)
    return range(reader.line_num)


def _first_row(records: Sequence[Sequence[str]], width: int) -> int | None:
    """The first record that can be a header or a row: as wide as the rest, and mostly filled."""
    fallback = None
    for index, record in enumerate(records[:TITLE_LINES]):
        if len(record) != width:
            continue
        if fallback is None:
            fallback = index
        filled = sum(bool(cell.strip()) for cell in record)
        if filled >= max(2, 0.6 * width) and not _title(record, records[index + 1 :], width):
            return index
    return fallback


def _title(record: Sequence[str], rest: Sequence[Sequence[str]], width: int) -> bool:
    """A filled line above a fuller one, both unlike the numbers below: a title, not the header."""
    if sum(bool(cell.strip()) for cell in record) == width or not rest:
        return False
    following = rest[0]
    fuller = sum(bool(c.strip()) for c in following) == len(following) == width
    return fuller and is_header(following, [r for r in rest[1:] if len(r) == width])


def is_header(first: Sequence[str], body: Sequence[Sequence[str]]) -> bool:
    """Whether a record names columns rather than being the first row.

    Names are distinct and no numbers. Where all is text, known words of column names decide, and
    whether the record is built of other letters than the rows below it.
    """
    cells = [cell.strip(_BLANKS) for cell in first]
    filled = [cell for cell in cells if cell]
    if not filled or len(filled) < len(cells) * 0.5:
        return False
    if sum(bool(_NUMBER.match(cell)) for cell in filled) > len(filled) * 0.3:
        return False
    if len(set(filled)) < len(filled) * 0.6:
        return False
    if not body:
        return True
    known = sum(is_known_word(cell) for cell in filled)
    if known >= max(1, len(filled) * 0.34):
        return True
    contrast, alike = 0, 0
    for index, cell in enumerate(cells):
        column = [r[index].strip(_BLANKS) for r in body if index < len(r) and r[index].strip()]
        if not column or not cell:
            continue
        numbers = sum(bool(_NUMBER.match(value)) for value in column) / len(column)
        if numbers > 0.8:
            if not _NUMBER.match(cell):
                contrast += 1
            else:
                return False
            continue
        if cell in column[:200] and column.count(cell) < len(column):
            alike += 1
        elif _shape(cell) != Counter(map(_shape, column)).most_common(1)[0][0]:
            contrast += 1
        else:
            alike += 1
    return contrast > 0 and contrast >= alike


def _shape(cell: str) -> str:
    """What sorts of characters a cell is made of."""
    kinds = set()
    for c in cell:
        if "ぁ" <= c <= "ゖ":
            kinds.add("hiragana")
        elif "ァ" <= c <= "ヺ" or "ｦ" <= c <= "ﾟ":
            kinds.add("katakana")
        elif "一" <= c <= "鿿" or c in "々〇":
            kinds.add("kanji")
        elif c.isdigit():
            kinds.add("digit")
        elif c.isupper():
            kinds.add("upper")
        elif c.islower():
            kinds.add("lower")
        elif c == "_":
            kinds.add("underscore")
        elif not c.isspace() and c not in "ー・":
            kinds.add("sign")
    return "+".join(sorted(kinds))


def _padded(body: Sequence[Sequence[str]]) -> bool:
    """Whether values come with blanks around them."""
    cells = [cell for record in body for cell in record if cell]
    padded = sum(cell != cell.strip(_BLANKS) for cell in cells)
    return padded > 0.005 * len(cells) or any(not cell.strip(_BLANKS) for cell in cells)
