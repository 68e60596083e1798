"""What the steps of a journey can name in this workspace, and what each of it is called."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from enishi.book.access import SYSTEM
from enishi.catalog.types import Catalog, Dataset, FieldType
from enishi.gate.asking import catalog as current_catalog
from enishi.gate.purposes import purposes
from enishi.journeys.words import CHANNELS, Label
from enishi.kernel.text import Text
from enishi.lists.access import lists_for
from enishi.lists.definitions import body_of
from enishi.lists.types import ListState
from enishi.messages.senders.service import senders
from enishi.messages.templates import service as of_messages
from enishi.segments import service as segments

PERSON = "person"
_EVERY = 100_000


@dataclass(frozen=True, slots=True)
class TemplateInfo:
    label: Text
    channel: str
    purpose: str
    approved: bool


@dataclass(frozen=True, slots=True)
class SegmentKnown:
    """`person`: it is of persons. `live`: decided at once, not only when it is refreshed."""

    label: Text
    person: bool
    live: bool


@dataclass(frozen=True, slots=True)
class ListKnown:
    """`statuses` and `outcomes` by code; `open`: members can be put on it."""

    label: Text
    statuses: Mapping[str, Text]
    outcomes: Mapping[str, Text]
    open: bool


@dataclass(frozen=True, slots=True)
class DateField:
    """A date that journeys can wait for: `related` empty for one of the person herself."""

    related: str
    field: str
    label: Text


@dataclass(frozen=True)
class Known:
    """Everything that can be named, as of when it was asked for."""

    catalog: Catalog
    purposes: Mapping[str, Text]
    templates: Mapping[str, TemplateInfo] = field(default_factory=dict)
    segments: Mapping[str, SegmentKnown] = field(default_factory=dict)
    lists: Mapping[str, ListKnown] = field(default_factory=dict)
    senders: frozenset[str] = frozenset()

    @property
    def label(self) -> Label:
        """What things are called (see `words.Label`)."""
        return self._label

    def _label(self, kind: str, name: str) -> Text:
        plain = Text(name, name) if name else Text("未選択", "not chosen")
        match kind:
            case "template":
                found = self.templates.get(name)
                return found.label if found else plain
            case "segment":
                segment = self.segments.get(name)
                return segment.label if segment else plain
            case "list":
                lst = self.lists.get(name)
                return lst.label if lst else plain
            case "date":
                return self._date(name) or plain
            case "status":
                return self._status(name) or plain
            case "rule":
                return Text("条件に当てはまる", "a condition coming true")
            case _:
                return plain

    def channel(self, template: str) -> str:
        """The channel of a template; empty while none is known."""
        found = self.templates.get(template)
        return found.channel if found else ""

    def _status(self, code: str) -> Text | None:
        for one in self.lists.values():
            found = one.outcomes.get(code) or one.statuses.get(code)
            if found is not None:
                return found
        return None

    def _date(self, path: str) -> Text | None:
        """The label of a dated field by its path from the person."""
        dataset = self.catalog.subject_dataset(PERSON)
        *hops, name = path.split(".")
        for hop in hops:
            relation = self.catalog.relation(dataset.name, hop) if dataset else None
            dataset = self.catalog.datasets.get(relation.target) if relation else None
        found = dataset.fields.get(name) if dataset else None
        return found.label if found else None


def known() -> Known:
    """What this workspace can name now."""
    ways_out = frozenset(row.slug for row in senders())
    return Known(current_catalog(), purposes(), _templates(), _segments(), _lists(), ways_out)


def _templates() -> dict[str, TemplateInfo]:
    rows, _ = of_messages.find(of_messages.Wanted(), 0, _EVERY)
    ready, _ = of_messages.find(of_messages.Wanted(approved=True), 0, _EVERY)
    approved = {row.slug for row in ready}
    return {
        row.slug: TemplateInfo(
            Text(row.name, row.name), row.channel, row.purpose, row.slug in approved
        )
        for row in rows
    }


def _segments() -> dict[str, SegmentKnown]:
    dataset = current_catalog().subject_dataset(PERSON)
    of_person = dataset.name if dataset else ""
    found = {}
    for row in segments.wordings_in_use():
        one = row.segment
        label = Text(one.name, one.name_en or one.name)
        found[one.slug] = SegmentKnown(label, one.subject == of_person, one.live)
    return found


def _lists() -> dict[str, ListKnown]:
    found = {}
    for row in lists_for(SYSTEM).select_related("definition"):
        body = body_of(row.definition)
        found[row.slug] = ListKnown(
            Text(row.name, row.name),
            {s.code: Text(s.label.ja, s.label.en) for s in body.statuses},
            {o.code: Text(o.label.ja, o.label.en) for o in body.outcomes},
            row.state == ListState.OPEN,
        )
    return found


def date_fields(catalog: Catalog) -> list[DateField]:
    """The dates of persons that a journey can follow: her own, and one relation further."""
    person = catalog.subject_dataset(PERSON)
    if person is None:
        return []
    found = [DateField("", name, label) for name, label in _dates(person)]
    for name, relation in catalog.relations.get(person.name, {}).items():
        target = catalog.datasets[relation.target]
        if target.subject is not None or (target.event is not None and target.builtin):
            continue
        for path, label in _dates(target):
            told = Text(f"{relation.label.ja}の{label.ja}", f"{label.en} of {relation.label.en}")
            if relation.many:
                found.append(DateField(name, path, told))
            else:
                found.append(DateField("", f"{name}.{path}", told))
    return found


def _dates(dataset: Dataset) -> Iterator[tuple[str, Text]]:
    for name, one in dataset.fields.items():
        if one.type in (FieldType.DATE, FieldType.TIMESTAMP):
            yield name, one.label


def channel_words(channel: str) -> Text:
    """A channel's name; empty for none."""
    return CHANNELS.get(channel, Text(channel, channel))
