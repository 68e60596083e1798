"""What comes back to a notebook: a count, people, and why; each shows itself as a page."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from enishi.analyst.arrow import Library, like, to_pandas, to_polars
from enishi.kernel.text import Locale

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

_SHOWN = 10  # rows of people in a notebook


class Count(int):
    """How many, as a number that also knows its `sentence`, its `as_of`, and the datasets of which
    the answer about the past is `as_known_today`."""

    sentence: str
    as_of: str
    as_known_today: list[str]
    warnings: list[dict[str, Any]]

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Count:
        found = cls(told["count"])
        found.sentence, found.as_of = told["sentence"], told["as_of"]
        found.as_known_today = list(told["as_known_today"])
        found.warnings = list(told["warnings"])
        return found


class People:
    """Subjects in a table: `id` (the Enishi id), `key`, `display`, and the columns asked for.

    `masked` names the columns that your role sees masked.
    """

    def __init__(self, table: pa.Table, locale: Locale = "ja") -> None:
        told = {k.decode(): v.decode() for k, v in (table.schema.metadata or {}).items()}
        names = ["id" if name == "_id" else name for name in table.column_names]
        self._table = table.rename_columns(names).replace_schema_metadata(None)
        self._locale = locale
        self.as_of: str = told.get("as_of", "")
        self.masked: list[str] = _names(told.get("masked"))
        self.as_known_today: list[str] = _names(told.get("as_known_today"))

    def __len__(self) -> int:
        return int(self._table.num_rows)

    @property
    def ids(self) -> list[str]:
        """The Enishi ids, in the order of the rows."""
        found: list[str] = self._table.column("id").to_pylist()
        return found

    @property
    def columns(self) -> list[str]:
        return list(self._table.column_names)

    def arrow(self) -> pa.Table:
        return self._table

    def pandas(self) -> pd.DataFrame:
        """As a pandas frame with Arrow's types. Raises Unavailable where pandas is missing."""
        return to_pandas(self._table)

    def polars(self) -> pl.DataFrame:
        """As a polars frame. Raises Unavailable where polars is missing."""
        return to_polars(self._table)

    def to(self, library: Library) -> Any:
        return like(self._table, library)

    def __repr__(self) -> str:
        word = "人" if self._locale == "ja" else " people"
        return f"<{len(self):,}{word}: {', '.join(self.columns)}>"

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{escape(name)}</th>" for name in self.columns)
        rows = "".join(
            "<tr>" + "".join(f"<td>{escape(_cell(value))}</td>" for value in row.values()) + "</tr>"
            for row in self._table.slice(0, _SHOWN).to_pylist()
        )
        more = f"<p>{escape(repr(self))}</p>"
        return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{more}"


class Why:
    """Whether a rule is true of somebody, and why: `truth`, `sentence`, and the tree of conditions.

    Printed, each condition stands on a line with ✓ or ✗ and what was found. False in a condition
    (`if why:`) where the rule is false. `valid_until`: until then the answer stays the same if
    nothing new comes in.
    """

    def __init__(self, told: Mapping[str, Any], locale: Locale = "ja") -> None:
        self.id: str = told["id"]
        self.truth: bool = told["truth"]
        self.existed: bool = told["existed"]
        self.sentence: str = told["sentence"]
        self.as_of: str = told["as_of"]
        self.as_known_today: list[str] = list(told["as_known_today"])
        self.explanation: dict[str, Any] | None = told["explanation"]
        self.valid_until: str | None = (self.explanation or {}).get("valid_until")
        self._locale = locale

    def __bool__(self) -> bool:
        return self.truth

    @property
    def tree(self) -> dict[str, Any] | None:
        """The condition at the top with its `children`; None for a subject not there then."""
        return None if self.explanation is None else self.explanation["node"]

    def __str__(self) -> str:
        if self.tree is None:
            return self._absent()
        return "\n".join(f"{'  ' * depth}{text}" for depth, _, text in self._lines(self.tree, 0))

    def __repr__(self) -> str:
        return f"<{'✓' if self.truth else '✗'} {self.sentence}>"

    def _repr_html_(self) -> str:
        if self.tree is None:
            return f"<p>{escape(self._absent())}</p>"
        rows = "".join(
            f'<div style="padding-left:{1.5 * depth}em">{escape(text)}</div>'
            for depth, _, text in self._lines(self.tree, 0)
        )
        return f"<div>{rows}</div>"

    def _absent(self) -> str:
        if self._locale == "ja":
            return "✗ この時点には存在しません。"
        return "✗ There is no such subject at this instant."

    def _lines(self, node: Mapping[str, Any], depth: int) -> list[tuple[int, bool, str]]:
        text = f"{'✓' if node['truth'] else '✗'} {node['sentence']}"
        found = self._found(node)
        lines = [(depth, bool(node["truth"]), f"{text} {found}".rstrip())]
        for child in node.get("children", ()):
            lines += self._lines(child, depth + 1)
        return lines

    def _found(self, node: Mapping[str, Any]) -> str:
        """What was found, in brackets: a value, the rows behind it, steps, stays."""
        ja = self._locale == "ja"
        parts = []
        if "found" in node:
            unset = "未設定" if ja else "unset"
            parts.append(unset if node["found"] is None else _cell(node["found"]))
        if "steps" in node:
            parts.append(f"{node['steps']}/{node['of_steps']}")
        parts += [f"{stay['from']} – {stay['to'] or ''}".rstrip() for stay in node.get("stays", ())]
        if node.get("evidence") and node["evidence"]["count"]:
            count = node["evidence"]["count"]
            parts.append(f"{count:,}件" if ja else f"{count:,} rows")
        return f"[{', '.join(parts)}]" if parts else ""


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)


def _names(told: str | None) -> list[str]:
    return [name for name in (told or "").split(",") if name]
