"""Entry keys as far as somebody may read them: one is a value that an event brought, or the key of
a row, and says as much of a person as that does."""

from __future__ import annotations

from enishi.book.access import Actor
from enishi.catalog.types import Catalog, Pii
from enishi.gate.asking import catalog
from enishi.journeys.graph import DateEntry, JourneyBody
from enishi.journeys.inside.hidden_dates import date_field

MASKED = "＊＊＊"
_LEVELS = ("none", "low", "high")


def shown(key: str, body: JourneyBody, actor: Actor) -> str:
    """The key, or a mask: properties of events are of level low, dates and keys of rows as the
    catalog says.

    `body`: the version that the walk is on.
    """
    if not key:
        return key
    return key if _LEVELS.index(actor.pii) >= _LEVELS.index(level(body, catalog())) else MASKED


def level(body: JourneyBody, known: Catalog) -> str:
    """The PII level of the keys of walks on a version: `low`, or `high`."""
    found = {Pii.LOW}
    stream = known.stream
    for entry in body.entries:
        if not isinstance(entry, DateEntry):
            continue
        # The key of a date holds the date itself, beside that of its row.
        dated = date_field(known, entry.field, entry.related, body.purpose)
        found.add(dated.pii if dated is not None else Pii.HIGH)
        if entry.related and stream is not None:
            steps = known.expand(stream.person, entry.related)
            dataset = known.datasets[steps[-1].target] if steps else None
            found |= {dataset.fields[name].pii for name in dataset.key} if dataset else {Pii.HIGH}
    return max((str(one) for one in found), key=_LEVELS.index)
