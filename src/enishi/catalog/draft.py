"""Write a draft catalog as YAML that a person can read and edit, with what to check as comments."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from enishi.catalog.infer import DraftField, DraftTable
from enishi.catalog.infer_relations import DraftLinks, DraftRelation
from enishi.catalog.sample import Skipped
from enishi.catalog.types import FieldType, Pii
from enishi.kernel.text import Locale, Text

_PLAIN = re.compile(r"[^\W\d_][\w.]*\Z")
_RESERVED = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


@dataclass(frozen=True, slots=True)
class Draft:
    """A drafted catalog: YAML text, the names of its datasets, and what was left out."""

    yaml: str
    datasets: tuple[str, ...]
    subjects: tuple[tuple[str, str], ...]  # (dataset, kind)
    skipped: tuple[Skipped, ...]


def write_draft(links: DraftLinks, skipped: Sequence[Skipped], locale: Locale) -> Draft:
    """The YAML of a draft; its comments are in the language of `locale`."""
    writer = _Writer(locale)
    writer.head(skipped)
    writer.line("version: 1")
    writer.line("")
    writer.line("datasets:")
    for table in links.tables:
        writer.table(table)
    if links.relations:
        writer.line("relations:")
    for relation in links.relations:
        writer.relation(relation)
    return Draft(
        writer.text(),
        tuple(table.name for table in links.tables),
        tuple((t.name, t.subject) for t in links.tables if t.subject),
        tuple(skipped),
    )


def scalar(value: object) -> str:
    """A value as YAML, quoted where it could be misread."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    text = str(value)
    if _PLAIN.match(text) and text.lower() not in _RESERVED:
        return text
    return json.dumps(text, ensure_ascii=False)


def flow(value: object) -> str:
    """A nested value in YAML's flow style."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(k)}: {flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(flow(item) for item in value) + "]"
    return scalar(value)


class _Writer:
    def __init__(self, locale: Locale) -> None:
        self._locale = locale
        self._lines: list[str] = []

    def text(self) -> str:
        return "\n".join(self._lines).rstrip() + "\n"

    def line(self, text: str) -> None:
        self._lines.append(text)

    def note(self, indent: str, text: Text) -> None:
        self._lines.append(f"{indent}# {text[self._locale]}")

    def head(self, skipped: Sequence[Skipped]) -> None:
        self.note(
            "",
            Text(
                "「enishi catalog infer」が作った下書きです。読んで直し、"
                "「enishi catalog check」で確かめてください。",
                "Drafted by `enishi catalog infer`. Read it, correct it, then run"
                " `enishi catalog check`.",
            ),
        )
        self.note(
            "",
            Text(
                "直すと効くところ: subject（誰を数えるか）、key、label、meaning、pii、関連の名前。",
                "Worth a look: subject (whom to count), key, label, meaning, pii, names of"
                " relations.",
            ),
        )
        for entry in skipped:
            why = entry.why
            self.note(
                "",
                Text(
                    f"取り込まないファイル: {entry.file} … {why.ja}",
                    f"Not in the catalog: {entry.file}: {why.en}",
                ),
            )
        self.line("")

    # ------------------------------------------------------------------------------ datasets

    def table(self, table: DraftTable) -> None:
        self.line(f"  {scalar(table.name)}:")
        rows = f"{table.rows:,}" + ("" if table.sample.complete else "+")
        self.note("    ", Text(f"{rows}行を見ました。", f"{rows} rows seen."))
        for text in table.notes:
            self.note("    ", text)
        self.line(f"    label: {flow({'ja': table.label.ja, 'en': table.label.en})}")
        self.line(f"    kind: {table.kind}")
        if table.subject:
            self.line(f"    subject: {scalar(table.subject)}")
        key = table.key[0] if len(table.key) == 1 else list(table.key)
        self.line(f"    key: {flow(key)}")
        if table.time:
            kind = "planned" if table.planned else "occurred"
            self.line(f"    time: {flow({'field': table.time, 'kind': kind})}")
        if table.kind == "event" and table.event_of:
            named = {"name_field": table.name_field} if table.name_field else {"name": table.name}
            self.line(f"    event: {flow({**named, 'of': table.event_of})}")
        if table.display:
            self.line(f"    display: {scalar(table.display)}")
        self.line(f"    source: {flow(self._source(table))}")
        self.line("    fields:")
        for field in table.fields.values():
            self.field(field)
        for column, why in table.left_out:
            plain = " ".join(column.split())
            self.note(
                "      ",
                Text(f"取り込まない列: {plain} … {why.ja}", f"Left out: {plain}: {why.en}"),
            )
        self.line("")

    def _source(self, table: DraftTable) -> dict[str, object]:
        source: dict[str, object] = {"files": table.sample.files, **table.sample.options}
        nulls = sorted(table.nulls())
        if nulls:
            source["nulls"] = ["", *nulls]
        return source

    def field(self, field: DraftField) -> None:
        guess = field.guess
        given: dict[str, object] = {"type": str(guess.type)}
        if guess.type is FieldType.DECIMAL:
            given["scale"] = guess.scale
        given["label"] = {"ja": field.label.ja, "en": field.label.en}
        if guess.meaning is not None:
            given["meaning"] = str(guess.meaning)
        if guess.pii is not Pii.NONE:
            given["pii"] = str(guess.pii)
        if field.derive is None:
            if field.source != field.name:
                given["source"] = field.source
            if guess.format:
                given["format"] = guess.format
            if guess.separator:
                given["separator"] = guess.separator
        else:
            given["derive"] = field.derive
        notes = "; ".join(note[self._locale] for note in field.notes)
        self.line(f"      {scalar(field.name)}: {flow(given)}" + (f"  # {notes}" if notes else ""))

    # ----------------------------------------------------------------------------- relations

    def relation(self, relation: DraftRelation) -> None:
        fields = relation.fields
        many = f"[{', '.join(fields)}]" if len(fields) > 1 else fields[0]
        keys = relation.parent.key
        key = f"[{', '.join(keys)}]" if len(keys) > 1 else keys[0]
        given = {
            "from": f"{relation.child.name}.{many}",
            "to": f"{relation.parent.name}.{key}",
            "name": relation.name,
            "inverse": relation.inverse,
        }
        text = f"  - {flow(given)}"
        if not relation.certain:
            part = f"{relation.share * 100:.0f}%"
            text += (
                "  # "
                + Text(
                    f"推測です。値の{part}が一致しました。", f"a guess: {part} of the values match"
                )[self._locale]
            )
        self.line(text)
