"""Which column of a file holds which field of the catalog."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from enishi.catalog.types import Field
from enishi.kernel.errors import Fault, Invalid
from enishi.kernel.text import Text, fold


def match_columns(
    header: Sequence[str], fields: Sequence[Field], file: str
) -> tuple[Mapping[str, int], tuple[str, ...]]:
    """Field name → position in the file, and the names of the columns nobody asked for.

    A column is found by the field's `source`, else its name: exactly, then folded and trimmed.
    Raises Invalid `columns_missing` with a fault for every field that the file lacks or has twice.
    """
    plain = [name.strip(" \t\u3000\ufeff") for name in header]
    folded = [fold(name) for name in plain]
    found: dict[str, int] = {}
    faults: list[Fault] = []
    for field in fields:
        wanted = field.source or field.name
        places = [i for i, name in enumerate(plain) if name == wanted]
        places = places or [i for i, name in enumerate(folded) if name == fold(wanted)]
        if len(places) == 1:
            found[field.name] = places[0]
        else:
            faults.append(_twice(field, wanted, file) if places else _missing(field, plain, file))
    if faults:
        raise Invalid(
            Text(
                f"{file} の見出しがカタログと合いません。",
                f"The header of {file} does not fit the catalog.",
            ),
            faults[0].remedy,
            code="columns_missing",
            faults=tuple(faults),
        )
    used = set(found.values())
    return found, tuple(name for i, name in enumerate(plain) if i not in used)


def numbered(width: int) -> list[str]:
    """The names of the columns of a file without a header."""
    return [f"column_{i + 1}" for i in range(width)]


def _missing(field: Field, header: list[str], file: str) -> Fault:
    wanted = field.source or field.name
    near = get_close_matches(wanted, header, 1, 0.6)
    there = "、".join(header[:20]) or "—"
    return Fault(
        "column_missing",
        f"fields.{field.name}",
        Text(f"列「{wanted}」がありません。", f"There is no column “{wanted}”."),
        Text(
            f"もしかして「{near[0]}」ですか。カタログの source を直してください。"
            if near
            else f"ファイルの列: {there}。カタログの項目を直すか、区切り文字・文字コード・"
            "見出し行の位置を確かめてください。",
            f"Did you mean “{near[0]}”? Correct `source` in the catalog."
            if near
            else f"The file has: {', '.join(header[:20]) or 'nothing'}. Correct the field in the"
            " catalog, or check the delimiter, the encoding and the line of the header.",
        ),
        file,
    )


def _twice(field: Field, wanted: str, file: str) -> Fault:
    return Fault(
        "column_twice",
        f"fields.{field.name}",
        Text(f"列「{wanted}」が二つ以上あります。", f"There is more than one column “{wanted}”."),
        Text(
            "ファイルの見出しを直し、列名を一意にしてください。",
            "Correct the file's header so that each name stands once.",
        ),
        file,
    )
