"""The datasets that Enishi fills itself, beside those that the catalog's files describe.

    activity              what the event API and imports of offline events have brought
    crossing              entries and exits of live segments
    <dataset>_changed     which field of a versioned dataset changed, from what to what

They hang on the person (`subject: person`, or the only subject there is) like any event dataset.
Where a name is taken, `enishi_<name>` stands for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from enishi.catalog.build import Built, build_field, mapping, optional, strings
from enishi.catalog.check import check_fields
from enishi.catalog.faults import Faults, remedy_for
from enishi.catalog.types import (
    Catalog,
    Dataset,
    DatasetKind,
    EventNaming,
    Field,
    FieldType,
    Meaning,
    Pii,
    Purpose,
    Relation,
    Stream,
    TimeField,
    TimeKind,
)
from enishi.kernel.text import Text, fold

ENTERED, LEFT = "segment_entered", "segment_left"
"""The events of a crossing."""

USER_TYPES = (FieldType.STRING, FieldType.INTEGER, FieldType.DECIMAL)
"""What a userId can be read as, and so what the key of a person may be."""

_SPANS = {"h": "hours", "d": "days", "w": "weeks"}
_KEEP = re.compile(r"([1-9][0-9]*)([hdw])")

_TEXTS: Mapping[str, tuple[Text, Pii]] = {
    "type": (Text("種類", "Kind"), Pii.NONE),
    "user_id": (Text("送信されたユーザーID", "User id as sent"), Pii.LOW),
    "anonymous_id": (Text("匿名ID", "Anonymous id"), Pii.LOW),
    "source": (Text("イベント送信元", "Event source"), Pii.NONE),
    "channel": (Text("経路", "Channel"), Pii.NONE),
    "url": (Text("URL", "URL"), Pii.LOW),
    "path": (Text("ページのパス", "Page path"), Pii.NONE),
    "title": (Text("ページの題名", "Page title"), Pii.NONE),
    "referrer": (Text("参照元", "Referrer"), Pii.LOW),
    "campaign": (Text("キャンペーン", "Campaign"), Pii.NONE),
}


@dataclass
class _Maker:
    """The catalog as it grows by Enishi's own datasets."""

    catalog: Catalog
    datasets: dict[str, Dataset] = field(init=False)
    relations: dict[str, dict[str, Relation]] = field(init=False)
    changed: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.datasets = dict(self.catalog.datasets)
        self.relations = {name: dict(own) for name, own in self.catalog.relations.items()}

    def link(
        self,
        dataset: Dataset,
        target: Dataset,
        columns: tuple[tuple[str, str], ...],
        inverse: str,
        label: Text,
    ) -> str:
        """Relate a dataset to another's key, both ways; returns the name of the way back."""
        there = self.relations.setdefault(target.name, {})
        taken = {fold(name) for name in there}
        back = next(
            name
            for name in (inverse, dataset.name, f"enishi_{inverse}", f"enishi_{dataset.name}")
            if fold(name) not in taken
        )
        self.relations[dataset.name] = {
            target.name: Relation(
                target.name, dataset.name, target.name, many=False, label=target.label,
                columns=columns, inverse=back,
            )
        }  # fmt: skip
        there[back] = Relation(
            back, target.name, dataset.name, many=True, label=label,
            columns=tuple((theirs, ours) for ours, theirs in columns), inverse=target.name,
        )  # fmt: skip
        return back

    def free(self, name: str) -> str:
        """The name, or `enishi_<name>` (and so on) when a dataset has it."""
        taken = {fold(one) for one in self.datasets}
        while fold(name) in taken:
            name = f"enishi_{name}"
        return name

    def done(self, stream: Stream | None) -> Catalog:
        return replace(
            self.catalog, datasets=self.datasets, relations=self.relations,
            changed=self.changed, stream=stream,
        )  # fmt: skip


def with_builtin(catalog: Catalog, given: Mapping[str, object] | None, faults: Faults) -> Catalog:
    """The catalog with Enishi's own datasets; `given` is its section `stream`."""
    maker = _Maker(catalog)
    person = person_dataset(catalog)
    if person is None and given is not None:
        faults.add(
            "no_person",
            "stream",
            Text(
                "イベントの送り手となる対象（subject: person、キーは1項目）がありません。",
                "There is no `subject: person` with a key of one field whom events could be about.",
            ),
            Text(
                "人を表すデータセットに「subject: person」を書いてください。",
                "Write `subject: person` on the dataset of persons.",
            ),
        )
    stream = None
    if person is not None:
        stream = _stream(maker, person, given or {}, faults)
    for dataset in catalog.datasets.values():
        if dataset.versioned:
            _changes(maker, dataset)
    return maker.done(stream)


def person_dataset(catalog: Catalog) -> Dataset | None:
    """The dataset of persons, or of the only subjects, if one text or number is its key."""
    subjects = catalog.subjects()
    found = catalog.subject_dataset("person")
    if found is None and len(subjects) == 1:
        found = subjects[0]
    if found is None or len(found.key) != 1 or found.key[0] not in found.fields:
        return None
    return found if found.fields[found.key[0]].type in USER_TYPES else None


# ------------------------------------------------------------------------- activity and crossing


def _stream(maker: _Maker, person: Dataset, given: Mapping[str, object], faults: Faults) -> Stream:
    user = given.get("user")
    user = user if isinstance(user, str) else person.key[0]
    _check_user(person, user, faults)
    own, properties = _typed(mapping(given.get("fields")))
    purposes = frozenset(strings(given["purposes"])) if "purposes" in given else None
    consented = frozenset(strings(given.get("consent_purposes")))
    _check_purposes(maker.catalog.purposes, (purposes or frozenset()) | consented, faults)
    activity = _activity(maker.free("activity"), person)
    _check_own(activity, own, maker.catalog.purposes, faults)
    fields = {
        name: replace(one, purposes=purposes, consent_purposes=consented)
        for name, one in activity.fields.items()
    }
    for name, one in own.items():
        if name not in fields:
            fields[name] = replace(
                one,
                purposes=purposes if one.purposes is None else one.purposes,
                consent_purposes=one.consent_purposes or consented,
            )
    retain = optional(given.get("retain"))
    activity = replace(activity, fields=fields, retain=retain)
    _hang(maker, activity, person, "activities")
    crossing = replace(_crossing(maker.free("crossing"), person), retain=retain)
    _hang(maker, crossing, person, "crossings")
    return Stream(
        person.name, activity.name, crossing.name, user, _keep(given.get("keep")), properties
    )


def _hang(maker: _Maker, dataset: Dataset, person: Dataset, inverse: str) -> None:
    key = person.key[0]
    back = maker.link(dataset, person, (("person", key),), inverse, dataset.label)
    assert dataset.event is not None
    assert person.subject is not None
    event = replace(dataset.event, of={person.subject: back})
    maker.datasets[dataset.name] = replace(dataset, event=event)


def _person_field(person: Dataset) -> Field:
    key = person.fields[person.key[0]]
    return Field("person", key.type, person.label, scale=key.scale, meaning=Meaning.ID, pii=key.pii)


def _fields(*found: Field) -> dict[str, Field]:
    return {one.name: one for one in found}


def _text(name: str, label: Text, pii: Pii = Pii.NONE, meaning: Meaning | None = None) -> Field:
    return Field(name, FieldType.STRING, label, pii=pii, meaning=meaning)


def _time(name: str, label: Text) -> Field:
    return Field(name, FieldType.TIMESTAMP, label)


def _activity(name: str, person: Dataset) -> Dataset:
    texts = [
        _text(one, label, pii, Meaning.URL if one == "url" else None)
        for one, (label, pii) in _TEXTS.items()
    ]
    return Dataset(
        name,
        Text("アクティビティ", "Activity"),
        DatasetKind.EVENT,
        ("message_id",),
        _fields(
            _text("message_id", Text("メッセージID", "Message id"), meaning=Meaning.ID),
            _text("event", Text("イベント", "Event")),
            _time("ts", Text("発生日時", "Occurred at")),
            _person_field(person),
            *texts,
            _time("received_at", Text("受付日時", "Received at")),
            _time("sent_ts", Text("申告された日時", "Time as told")),
            _text("time_mark", Text("日時の注記", "Note on the time")),
            Field("unread", FieldType.STRINGS, Text("読めなかった項目", "Unread properties")),
            _text("properties", Text("プロパティ", "Properties"), Pii.LOW),
        ),
        time=TimeField("ts", TimeKind.OCCURRED),
        event=EventNaming({}, name_field="event"),
        builtin=True,
    )


def _crossing(name: str, person: Dataset) -> Dataset:
    return Dataset(
        name,
        Text("セグメントの出入り", "Segment crossing"),
        DatasetKind.EVENT,
        ("crossing_id",),
        _fields(
            _text("crossing_id", Text("出入りの番号", "Crossing id"), meaning=Meaning.ID),
            _text("event", Text("イベント", "Event")),
            _time("ts", Text("発生日時", "Occurred at")),
            _person_field(person),
            _text("segment", Text("セグメント", "Segment"), meaning=Meaning.CATEGORY),
            _text("cause", Text("きっかけ", "Cause"), meaning=Meaning.CATEGORY),
        ),
        time=TimeField("ts", TimeKind.OCCURRED),
        event=EventNaming({}, name_field="event", names=frozenset({ENTERED, LEFT})),
        builtin=True,
    )


def _typed(given: Mapping[str, object]) -> tuple[dict[str, Field], dict[str, str]]:
    """The further fields of the stream, and the property each holds."""
    own: dict[str, Field] = {}
    properties: dict[str, str] = {}
    for name, value in given.items():
        told = mapping(value)
        own[name] = build_field(name, told)
        written = told.get("property")
        properties[name] = written if isinstance(written, str) and written else name
    return own, properties


def _keep(given: object) -> timedelta:
    found = _KEEP.fullmatch(given) if isinstance(given, str) else None
    if found is None:
        return timedelta(days=7)
    return timedelta(**{_SPANS[found[2]]: int(found[1])})


def _check_user(person: Dataset, user: str, faults: Faults) -> None:
    found = person.fields.get(user)
    if found is None:
        faults.add(
            "unknown_field",
            "stream.user",
            Text(
                f"「{person.name}」に「{user}」という項目はありません。",
                f"`{person.name}` has no field `{user}`.",
            ),
            remedy_for(user, person.fields),
        )
    elif found.type not in USER_TYPES:
        faults.add(
            "bad_user_type",
            "stream.user",
            Text(
                f"「{user}」は {found.type} で、ユーザーIDにできません。",
                f"`{user}` is {found.type} and cannot be the user id.",
            ),
            Text(
                "文字列か数の項目を選んでください。",
                "Choose a field of type string, integer or decimal.",
            ),
        )


def _check_purposes(known: Mapping[str, Purpose], used: Iterable[str], faults: Faults) -> None:
    for name in sorted(used):
        if name not in known:
            faults.add(
                "unknown_purpose",
                "stream.purposes",
                Text(f"「{name}」という目的はありません。", f"There is no purpose `{name}`."),
                remedy_for(name, known),
            )


def _check_own(
    activity: Dataset,
    own: Mapping[str, Field],
    purposes: Mapping[str, Purpose],
    faults: Faults,
) -> None:
    taken = {fold(name) for name in activity.fields}
    for name in own:
        if fold(name) in taken:
            faults.add(
                "duplicate_name",
                f"stream.fields.{name}",
                Text(
                    f"「{name}」はイベントがはじめから持つ項目の名前です。",
                    f"`{name}` is a field that events have already.",
                ),
                Text(
                    "別の名前にし、元の名前を property: に書いてください。",
                    "Choose another name and put the property's name in `property:`.",
                ),
            )
    check_fields(replace(activity, fields=own), "stream", Built(), purposes, faults)


# ---------------------------------------------------------------------------------- changed fields


def _changes(maker: _Maker, dataset: Dataset) -> None:
    """The changes of a dataset from which to-one relations lead to a subject, or that is one."""
    ways = _ways(maker.catalog, dataset)
    taken = {"field", "old", "new", "ts"}
    known = [name for name in dataset.key if name in dataset.fields]
    if not ways or not known or taken & {fold(name) for name in known}:
        return
    personal = any(f.pii is not Pii.NONE for f in told_fields(dataset) if _told(f))
    name = maker.free(f"{dataset.name}_changed")
    value = Pii.LOW if personal else Pii.NONE
    changes = Dataset(
        name,
        Text(f"{dataset.label.ja}の変更", f"{dataset.label.en} changed"),
        DatasetKind.EVENT,
        (*known, "field", "ts"),
        {
            **{one: _as_part(dataset.fields[one]) for one in known},
            **_fields(
                _text("field", Text("変わった項目", "Changed field"), meaning=Meaning.CATEGORY),
                _text("old", Text("前の値", "Old value"), value),
                _text("new", Text("新しい値", "New value"), value),
                _time("ts", Text("変わった日時", "Changed at")),
            ),
        },
        time=TimeField("ts", TimeKind.OCCURRED),
        builtin=True,
    )
    columns = tuple((one, one) for one in known)
    back = maker.link(changes, dataset, columns, "changes", changes.label)
    of = {kind: f"{way}.{back}" if way else back for kind, way in ways.items()}
    maker.datasets[name] = replace(changes, event=EventNaming(of, name=f"{dataset.name}_changed"))
    maker.changed[dataset.name] = name


def _as_part(one: Field) -> Field:
    return replace(one, source=None, format=None, derive=None, required=False)


def told_fields(dataset: Dataset) -> list[Field]:
    """The fields of a versioned dataset whose changes are events: all but its key."""
    return [one for name, one in dataset.fields.items() if name not in dataset.key]


def _told(one: Field) -> bool:
    return one.pii is not Pii.HIGH and one.purposes is None


def values_told(dataset: Dataset) -> frozenset[str]:
    """Those whose old and new values are told beside.

    Of a field with personal data of the highest level, or for certain purposes only, the event says
    that it changed, and not from what to what: the values would slip past what guards the field.
    """
    return frozenset(one.name for one in told_fields(dataset) if _told(one))


def _ways(catalog: Catalog, dataset: Dataset) -> dict[str, str]:
    """For each kind of subject whom a row belongs to: the path from her to these rows."""
    if dataset.subject is not None:
        return {dataset.subject: ""}
    found: dict[str, str] = {}
    seen: set[str] = {dataset.name}
    here: list[tuple[str, tuple[str, ...]]] = [(dataset.name, ())]
    while here:
        further: list[tuple[str, tuple[str, ...]]] = []
        for name, back in here:
            further += _hops(catalog, name, back, seen)
        here = []
        for name, back in further:
            kind = catalog.datasets[name].subject
            if kind is None:
                here.append((name, back))
            else:  # what belongs to a person does not belong to her employer
                found.setdefault(kind, ".".join(back))
    return found


def _hops(
    catalog: Catalog, name: str, back: tuple[str, ...], seen: set[str]
) -> list[tuple[str, tuple[str, ...]]]:
    """The datasets of which a row has at most one, each with the path back.

    A foreign key leads to one, and so does the key of a person who keeps her standing under it.
    """
    found = []
    for relation in catalog.relations.get(name, {}).values():
        if not relation.columns or relation.inverse is None:
            continue
        theirs = {there for _, there in relation.columns}
        if relation.many and not theirs >= set(catalog.datasets[relation.target].key):
            continue  # a row belongs to many of them: to whom it is one by one is not said
        if relation.target not in seen:
            seen.add(relation.target)
            found.append((relation.target, (relation.inverse, *back)))
    return found
