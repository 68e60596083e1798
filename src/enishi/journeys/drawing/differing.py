"""What one wording says otherwise than another: a row for each place that differs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from enishi.book.jsontext import ExactEncoder
from enishi.journeys.drawing.draft import LABELS, read_draft
from enishi.journeys.drawing.known import Known
from enishi.journeys.drawing.schemas import DiffRow, JourneyDiff
from enishi.journeys.words import step_words, title
from enishi.kernel.text import Locale, Text

_SILENT = ("layout",)
"""Where a step is drawn is no difference of what it does."""

_PARTS: Mapping[str, Text] = {
    "entries": Text("入口", "Entries"),
    "audience": Text("対象者の条件", "Audience"),
    "reentry": Text("再参加", "Re-entry"),
    "start": Text("最初の地点", "First step"),
    "exits": Text("終了の条件", "Exits"),
    "goal": Text("ゴール", "Goal"),
    "holds": Text("停止のときの動き", "Holds"),
    "conversions": Text("成果", "Conversions"),
    "cost": Text("費用", "Cost"),
    "sheet": Text("企画シート", "Planning sheet"),
    "purpose": Text("目的", "Purpose"),
    "product": Text("商品", "Product"),
    "name": Text("名前", "Name"),
    "next": Text("次の地点", "Next step"),
    "card": Text("5W1H", "5W1H"),
    "sender": Text("送信設定", "Sender"),
}


def diff(
    a: Mapping[str, Any], b: Mapping[str, Any], numbers: tuple[int, int], known: Known,
    locale: Locale,
) -> JourneyDiff:  # fmt: skip
    """What wording `b` says otherwise than `a`; `numbers` are those of the two versions."""
    return JourneyDiff(
        a=numbers[0], b=numbers[1],
        rows=[*_whole(a, b, locale), *_steps(a, b, known, locale)],
    )  # fmt: skip


def _whole(a: Mapping[str, Any], b: Mapping[str, Any], locale: Locale) -> Iterator[DiffRow]:
    for name in dict.fromkeys((*a, *b)):
        if name not in (*_SILENT, "steps") and a.get(name) != b.get(name):
            yield _row(f"$.{name}", None, _label(name)[locale], a.get(name), b.get(name))


def _steps(
    a: Mapping[str, Any], b: Mapping[str, Any], known: Known, locale: Locale
) -> Iterator[DiffRow]:
    before, after = _of(a), _of(b)
    for step in dict.fromkeys((*before, *after)):
        path = f"$.steps.{step}"
        old, new = before.get(step), after.get(step)
        if old is None or new is None:
            told = _told(b if old is None else a, step, known, locale)
            yield DiffRow(
                path=path, step=step, kind="added" if old is None else "removed", what=told[0],
                before="" if old is None else told[1], after=told[1] if old is None else "",
            )  # fmt: skip
            continue
        called = _told(b, step, known, locale)[0]
        for name in dict.fromkeys((*old, *new)):
            if old.get(name) != new.get(name):
                what = f"{called} — {_label(name)[locale]}"
                yield _row(f"{path}.{name}", step, what, old.get(name), new.get(name))


def _of(body: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    steps = body.get("steps")
    if not isinstance(steps, Mapping):
        return {}
    return {str(name): step for name, step in steps.items() if isinstance(step, Mapping)}


def _told(body: Mapping[str, Any], step: str, known: Known, locale: Locale) -> tuple[str, str]:
    found = read_draft(body).body.steps.get(step)
    if found is None:
        return step, ""
    return title(found, step)[locale], step_words(found, known.label)[locale]


def _label(name: str) -> Text:
    return _PARTS.get(name) or LABELS.get(name) or Text(name, name)


def _row(path: str, step: str | None, what: str, before: object, after: object) -> DiffRow:
    kind = "added" if _empty(before) else "removed" if _empty(after) else "changed"
    return DiffRow.model_validate(
        {
            "path": path, "step": step, "kind": kind, "what": what, "before": _text(before),
            "after": _text(after),
        }
    )  # fmt: skip


def _empty(value: object) -> bool:
    return value in (None, "", [], {})


def _text(value: object) -> str:
    if _empty(value):
        return ""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, cls=ExactEncoder, sort_keys=True)
