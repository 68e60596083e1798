"""What one wording says otherwise than another: a row for each place that differs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from enishi.book.jsontext import ExactEncoder
from enishi.gate.asking import catalog as current_catalog
from enishi.journeys.drawing.draft import read_draft
from enishi.journeys.drawing.known import Known
from enishi.journeys.drawing.part_words import label
from enishi.journeys.drawing.saying import Saying, empty
from enishi.journeys.drawing.schemas import DiffRow, JourneyDiff
from enishi.journeys.words import step_words, title
from enishi.kernel.text import Locale

_SILENT = ("layout",)
"""Where a step is drawn is no difference of what it does."""


def diff(
    a: Mapping[str, Any], b: Mapping[str, Any], numbers: tuple[int, int], known: Known,
    locale: Locale,
) -> JourneyDiff:  # fmt: skip
    """What wording `b` says otherwise than `a`; `numbers` are those of the two versions."""
    catalog = current_catalog()
    said = tuple(Saying(read_draft(body).body, catalog, known.label, locale) for body in (a, b))
    return JourneyDiff(
        a=numbers[0], b=numbers[1],
        rows=[*_whole(a, b, said, locale), *_steps(a, b, known, said, locale)],
    )  # fmt: skip


def _whole(
    a: Mapping[str, Any], b: Mapping[str, Any], said: tuple[Saying, ...], locale: Locale
) -> Iterator[DiffRow]:
    for name in dict.fromkeys((*a, *b)):
        if name not in (*_SILENT, "steps") and a.get(name) != b.get(name):
            yield _row(
                f"$.{name}", None, label(name)[locale], (said[0], name, a.get(name)),
                (said[1], name, b.get(name)),
            )  # fmt: skip


def _steps(
    a: Mapping[str, Any], b: Mapping[str, Any], known: Known, said: tuple[Saying, ...],
    locale: Locale,
) -> Iterator[DiffRow]:  # fmt: skip
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
                what = f"{called} — {label(name)[locale]}"
                yield _row(
                    f"{path}.{name}", step, what, (said[0], name, old.get(name)),
                    (said[1], name, new.get(name)),
                )  # fmt: skip


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


def _row(
    path: str, step: str | None, what: str, before: tuple[Saying, str, object],
    after: tuple[Saying, str, object],
) -> DiffRow:  # fmt: skip
    old, new = (saying.part(name, value) for saying, name, value in (before, after))
    if old == new:  # what has no words of its own, and differs all the same
        old, new = _plain(before[2]), _plain(after[2])
    kind = "added" if empty(before[2]) else "removed" if empty(after[2]) else "changed"
    return DiffRow.model_validate(
        {"path": path, "step": step, "kind": kind, "what": what, "before": old, "after": new}
    )


def _plain(value: object) -> str:
    return "" if empty(value) else json.dumps(value, ensure_ascii=False, cls=ExactEncoder)
