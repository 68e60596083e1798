"""What the data means: datasets, fields, relations. Pure values, checked when they are read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from enishi.catalog.sets import NO_SETS, Sets
from enishi.kernel.text import Text

RuleJson = Mapping[str, object]
"""A rule or value as JSON, not yet checked against the catalog (see `rules`)."""


class FieldType(StrEnum):
    STRING = "string"
    INTEGER = "integer"
    DECIMAL = "decimal"
    FLOAT = "float"
    BOOLEAN = "boolean"
    DATE = "date"
    TIMESTAMP = "timestamp"
    STRINGS = "strings"  # a list of strings


class DatasetKind(StrEnum):
    EVENT = "event"  # append-only rows with an occurred time
    VERSIONED = "versioned"  # rows keep `_from`/`_to`
    CURRENT = "current"  # rows are overwritten: "as known today"


class TimeKind(StrEnum):
    OCCURRED = "occurred"  # a later time than as_of hides the row
    PLANNED = "planned"  # a maturity, an appointment: never hides the row


class Pii(StrEnum):
    NONE = "none"
    LOW = "low"  # shown to those who work with customers, masked for the rest
    HIGH = "high"  # shown only where the role says so


class Meaning(StrEnum):
    ID = "id"
    EMAIL = "email"
    PHONE = "phone"
    PERSON_NAME = "person_name"
    PERSON_KANA = "person_kana"
    COMPANY_NAME = "company_name"
    BIRTH_DATE = "birth_date"
    ADDRESS = "address"
    POSTAL_CODE = "postal_code"
    PREFECTURE = "prefecture"
    GENDER = "gender"
    MONEY = "money"
    RATE = "rate"
    BRANCH = "branch"
    STAFF = "staff"
    CATEGORY = "category"
    NOTE = "note"
    URL = "url"


@dataclass(frozen=True, slots=True)
class Field:
    """One typed column of a dataset.

    `purposes`: the purposes the field may serve (None: any). `consent_purposes`: further purposes
    it may serve for those persons whose consent is on record. `source`: the column's name in the
    file when it differs. `derive`: the derivation (see `catalog.derive`), None for a loaded column.
    `format`: how the source writes it (`%y%m%d`, `yyyymmdd`…), None for ISO.
    """

    name: str
    type: FieldType
    label: Text
    scale: int = 0  # decimal places of a DECIMAL
    meaning: Meaning | None = None
    pii: Pii = Pii.NONE
    purposes: frozenset[str] | None = None
    consent_purposes: frozenset[str] = frozenset()
    source: str | None = None
    format: str | None = None
    separator: str = "|"  # between the items of a STRINGS field in a text file
    derive: Mapping[str, object] | None = None
    required: bool = False
    aliases: tuple[str, ...] = ()  # further words (kana, abbreviations) by which it is found

    @property
    def folded(self) -> bool:
        """Whether a shadow column `<name>__f` holds the folded text."""
        return self.type is FieldType.STRING


@dataclass(frozen=True, slots=True)
class TimeField:
    field: str  # of type DATE or TIMESTAMP
    kind: TimeKind


@dataclass(frozen=True, slots=True)
class EventNaming:
    """How the rows of an event dataset are named and whose they are.

    Exactly one of `name` (all rows are this event) and `name_field` (a STRING field holds the
    name). `of` maps a subject kind to the relation path that leads from its dataset to these rows,
    e.g. `{"person": "owned_accounts.transactions"}`. `names`: the only names the field ever holds,
    where that is known.
    """

    of: Mapping[str, str]
    name: str | None = None
    name_field: str | None = None
    names: frozenset[str] | None = None

    def may_hold(self, names: frozenset[str] | None) -> bool:
        """Whether a row may be one of the events named (None: any)."""
        if names is None:
            return True
        if self.name_field is None:
            return self.name in names
        return self.names is None or not self.names.isdisjoint(names)


@dataclass(frozen=True, slots=True)
class Source:
    """Which files hold the dataset and how they are written; what is None is detected.

    With `header` 0 the files have no header line, and their columns are called `column_1`,
    `column_2`… in the order of the file. `trim` removes blanks around values (a header's names are
    always trimmed). `removes`: the files are the whole truth, so rows absent from a load go (their
    versions close); otherwise absent rows stay.
    """

    files: str  # glob below the data folder
    format: str | None = None  # csv | excel | parquet | jsonl
    delimiter: str | None = None
    encoding: str | None = None
    quote: str | None = None
    header: int = 1  # 1-based line of the header; lines above it are skipped; 0: none
    sheet: str | None = None
    nulls: tuple[str, ...] = ("",)
    trim: bool = False
    removes: bool = False


@dataclass(frozen=True, slots=True)
class Dataset:
    name: str
    label: Text
    kind: DatasetKind
    key: tuple[str, ...]
    fields: Mapping[str, Field]
    subject: str | None = None  # "person", "company"…: each row is a subject of that kind
    time: TimeField | None = None
    event: EventNaming | None = None
    source: Source | None = None
    fresh_for: str | None = None  # a duration ("1d") after which the data is called old
    display: str | None = None  # the field that names a row to a person
    retain: str | None = None  # a duration ("5y") after which rows are deleted, by their time
    builtin: bool = False  # Enishi's own, beside what the files say (see `catalog.builtin`)

    @property
    def versioned(self) -> bool:
        return self.kind is DatasetKind.VERSIONED


@dataclass(frozen=True, slots=True)
class Hop:
    """One step along a base relation, `where` narrowing the rows arrived at."""

    relation: str
    where: RuleJson | None = None


@dataclass(frozen=True, slots=True)
class Relation:
    """A way from the rows of `source` to the rows of `target`, named on the source side.

    A base relation has `columns`: pairs (source field, target field) that are equal as stored. A
    path relation has `via` instead: hops over relations of the datasets on the way. Every foreign
    key yields two base relations, one named on each side, that name each other as `inverse`.
    """

    name: str
    source: str
    target: str
    many: bool
    label: Text
    columns: tuple[tuple[str, str], ...] = ()
    via: tuple[Hop, ...] = ()
    where: RuleJson | None = None
    inverse: str | None = None


@dataclass(frozen=True, slots=True)
class Purpose:
    name: str
    label: Text


@dataclass(frozen=True, slots=True)
class Stream:
    """Whose the events of the event API are, and where they lie (see `catalog.builtin`).

    `person`, `activity` and `crossing` are datasets; `user` is the person's field that events call
    `userId`. `keep`: how far back an event is known by its message id. `properties`: for each
    further field of `activity` the property it holds, a dotted path.
    """

    person: str
    activity: str
    crossing: str
    user: str
    keep: timedelta = timedelta(days=7)
    properties: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WorthLine:
    """A sum shown of a subject: over the fields at the end of these relation paths."""

    label: Text
    of: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConsentSource:
    """Where consents are read: a dataset reached from the person by `relation`.

    Its fields: `purpose` and `channel` (STRING), `from_` and `to` (DATE or TIMESTAMP; `to` unset =
    until further notice), `evidence`.
    """

    relation: str
    purpose: str = "purpose"
    channel: str = "channel"
    from_: str = "from"
    to: str = "to"


@dataclass(frozen=True, slots=True)
class BaseStep:
    """One join of an expanded path: base columns and every narrowing that applies on arrival.

    `wheres` are rules whose paths start at the rows of `target`.
    """

    source: str
    target: str
    columns: tuple[tuple[str, str], ...]
    many: bool
    wheres: tuple[RuleJson, ...] = ()


@dataclass(frozen=True)
class Catalog:
    """All of it, and the workspace's calendar. Immutable; `version` changes with any content."""

    datasets: Mapping[str, Dataset]
    relations: Mapping[str, Mapping[str, Relation]]  # source dataset → relation name → relation
    purposes: Mapping[str, Purpose] = field(default_factory=dict)
    consents: ConsentSource | None = None
    worth: Mapping[str, tuple[WorthLine, ...]] = field(default_factory=dict)  # by subject kind
    timezone: str = "Asia/Tokyo"
    week_start: int = 0  # 0 Monday … 6 Sunday
    fiscal_year_start: int = 4  # month
    version: str = ""
    stream: Stream | None = None  # None: nobody whom events could be about
    changed: Mapping[str, str] = field(default_factory=dict)  # dataset → that of its changes
    sets: Sets = field(default=NO_SETS, compare=False)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def subject_dataset(self, subject: str) -> Dataset | None:
        """The dataset whose rows are the subjects called `subject`: a kind or a dataset's name."""
        for dataset in self.datasets.values():
            if dataset.subject is not None and subject in (dataset.subject, dataset.name):
                return dataset
        return None

    def subjects(self) -> list[Dataset]:
        return [d for d in self.datasets.values() if d.subject is not None]

    def relation(self, dataset: str, name: str) -> Relation | None:
        return self.relations.get(dataset, {}).get(name)

    def expand(self, dataset: str, path: str) -> tuple[BaseStep, ...] | None:
        """The joins behind a dotted relation path from `dataset`; None when a name is unknown."""
        steps: list[BaseStep] = []
        here = dataset
        for name in path.split("."):
            relation = self.relation(here, name)
            if relation is None:
                return None
            steps.extend(self._steps(relation))
            here = relation.target
        return tuple(steps)

    def _steps(self, relation: Relation) -> Iterator[BaseStep]:
        narrowing = () if relation.where is None else (relation.where,)
        if relation.columns:
            yield BaseStep(
                relation.source, relation.target, relation.columns, relation.many, narrowing
            )
            return
        here = relation.source
        found: list[BaseStep] = []
        for hop in relation.via:
            inner = self.relations[here][hop.relation]
            inside = list(self._steps(inner))
            if hop.where is not None:
                last = inside[-1]
                inside[-1] = BaseStep(
                    last.source, last.target, last.columns, last.many, (*last.wheres, hop.where)
                )
            found.extend(inside)
            here = inner.target
        last = found[-1]
        found[-1] = BaseStep(
            last.source, last.target, last.columns, last.many, (*last.wheres, *narrowing)
        )
        yield from found

    def event_sources(self, subject: str, names: frozenset[str] | None) -> list[Dataset]:
        """Event datasets of a subject kind that can hold these event names (None: any name)."""
        return [
            d
            for d in self.datasets.values()
            if d.event is not None and subject in d.event.of and d.event.may_hold(names)
        ]
