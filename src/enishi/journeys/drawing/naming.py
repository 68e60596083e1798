"""What the pickers of the canvas offer: everything that a journey of this workspace can name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from enishi.book.access import SYSTEM, Actor
from enishi.catalog.types import Catalog
from enishi.gate.asking import catalog
from enishi.journeys.drawing.known import Known, channel_words, date_fields, known
from enishi.journeys.drawing.schemas import (
    Choice,
    ChoicesOut,
    DateChoice,
    EventChoice,
    JourneyListChoice,
    TemplateChoice,
)
from enishi.journeys.inside.event_words import event_words
from enishi.kernel.errors import EnishiError
from enishi.kernel.text import Locale, Text
from enishi.lists.products import products
from enishi.messages.senders.service import senders
from enishi.warehouse import process

PERSON = "person"
_MOST_EVENTS = 500
_CROSSINGS = {
    "segment_entered": Text("セグメントに入りました", "Came into a segment"),
    "segment_left": Text("セグメントから出ました", "Left a segment"),
}


def choices(actor: Actor, locale: Locale) -> ChoicesOut:
    """Everything that can be named, by its label in one language."""
    told = known()
    return ChoicesOut(
        purposes=[
            Choice(value=name, label=label[locale]) for name, label in told.purposes.items()
        ],
        products=[
            Choice(value=one.code, label=one.label_ja if locale == "ja" else one.label_en)
            for one in products().items
            if one.kind == "product"
        ],
        segments=_segments(told, locale),
        events=[
            EventChoice(
                value=name, label=_event_label(name, told.catalog)[locale],
                fields=_fields(told.catalog, locale),
            )
            for name in event_names(actor)
        ],
        dates=[
            DateChoice(value=one.field, label=one.label[locale], related=one.related)
            for one in date_fields(told.catalog)
        ],
        templates=_templates(told, locale),
        senders=[
            Choice(
                value=one.slug, label=one.name, detail=channel_words(one.channel)[locale],
                ready=one.live,
            )
            for one in senders()
        ],
        lists=_lists(told, locale),
    )  # fmt: skip


def _segments(told: Known, locale: Locale) -> list[Choice]:
    found = [
        Choice(value=slug, label=one.label[locale], ready=one.live)
        for slug, one in told.segments.items()
        if one.person
    ]
    return sorted(found, key=lambda one: one.label)


def _templates(told: Known, locale: Locale) -> list[TemplateChoice]:
    found = [
        TemplateChoice(
            value=slug, label=one.label[locale], detail=channel_words(one.channel)[locale],
            ready=one.approved, channel=one.channel, purpose=one.purpose,
        )
        for slug, one in told.templates.items()
    ]  # fmt: skip
    return sorted(found, key=lambda one: one.label)


def _lists(told: Known, locale: Locale) -> list[JourneyListChoice]:
    return [
        JourneyListChoice(
            value=slug, label=one.label[locale], ready=one.open,
            statuses=[Choice(value=c, label=t[locale]) for c, t in one.statuses.items()],
            outcomes=[Choice(value=c, label=t[locale]) for c, t in one.outcomes.items()],
        )
        for slug, one in sorted(told.lists.items(), key=lambda item: item[1].label[locale])
    ]  # fmt: skip


def event_names(actor: Actor) -> list[str]:
    """Names of events that the actor may know of: those of the catalog, and those seen so far."""
    named = set(_declared(catalog()))
    if actor.may("rules.preview"):
        with suppress(EnishiError):  # while the warehouse is being opened the catalog's alone
            named |= set(process.warehouse().event_names(actor=actor) or ())
    return sorted(named)[:_MOST_EVENTS]


def seen_events() -> frozenset[str] | None:
    """The names of events seen so far; None where the warehouse cannot tell them now."""
    try:
        names = process.warehouse().event_names(actor=SYSTEM)
    except EnishiError:
        return None
    return None if names is None else frozenset(names)


def _event_label(name: str, catalog: Catalog) -> Text:
    """What the catalog calls the rows that are this event, or what an event of a message says;
    else its name, which is all that the stream tells of it."""
    for dataset in catalog.event_sources(PERSON, None):
        if dataset.event is not None and dataset.event.name == name:
            return dataset.label
    return _CROSSINGS.get(name) or event_words(name) or Text(name, name)


def _declared(catalog: Catalog) -> Iterator[str]:
    for dataset in catalog.event_sources(PERSON, None):
        assert dataset.event is not None
        if dataset.event.name is not None:
            yield dataset.event.name
        yield from dataset.event.names or ()


def _fields(catalog: Catalog, locale: Locale) -> list[Choice]:
    """The fields that events of the stream have."""
    stream = catalog.stream
    if stream is None:
        return []
    fields = catalog.datasets[stream.activity].fields
    return [Choice(value=name, label=one.label[locale]) for name, one in fields.items()]
