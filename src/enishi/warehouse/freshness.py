"""How old the data is, beside what the catalog promises."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from enishi.catalog.types import Catalog, Dataset
from enishi.rules.tree import Span
from enishi.rules.windows import step_instant
from enishi.warehouse.engine import Question
from enishi.warehouse.instants import plain

_SPAN = re.compile(r"([1-9][0-9]*)(mo|[mhdwy])")


def loaded_at(question: Question) -> dict[str, datetime]:
    """When each dataset was last loaded (aware, UTC); those never loaded are left out."""
    rows = question.rows("SELECT dataset, loaded_at FROM enishi.datasets")
    return {name: at.replace(tzinfo=UTC) for name, at in rows if at is not None}


def is_fresh(
    dataset: Dataset, loaded: datetime | None, now: datetime, zone: ZoneInfo
) -> bool | None:
    """Whether the data is younger than `fresh_for`; None where the catalog promises nothing.

    Months and years are those of the calendar, as in rules.
    """
    if dataset.fresh_for is None:
        return None
    if loaded is None:
        return False
    found = _SPAN.fullmatch(dataset.fresh_for)
    assert found is not None, "the catalog's schema lets no other span in"
    return now <= step_instant(loaded, Span(int(found[1]), found[2]), zone)


def ages_behind(
    question: Question, catalog: Catalog, subject: Dataset, now: datetime
) -> list[dict[str, Any]]:
    """When a subject's dataset, those related to it and its events were last loaded."""
    loaded = loaded_at(question)
    behind = {subject.name}
    behind |= {relation.target for relation in catalog.relations.get(subject.name, {}).values()}
    behind |= {
        name
        for name, one in catalog.datasets.items()
        if one.event is not None and subject.subject in one.event.of
    }
    return [
        {
            "dataset": name,
            "label": {"ja": one.label.ja, "en": one.label.en},
            "loaded_at": plain(loaded.get(name), catalog.zone),
            "fresh": is_fresh(one, loaded.get(name), now, catalog.zone),
        }
        for name, one in catalog.datasets.items()
        if name in behind
    ]
