"""The typed tree of a checked rule: what `check` builds and the three executions read.

Every path is resolved against the catalog, every literal has its type, every narrowing of a
relation is itself a tree. Frozen: a tree can be shared, hashed and compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from enishi.catalog.types import FieldType, Meaning

Scalar: TypeAlias = str | int | Decimal | float | bool | date | datetime
"""A literal. Timestamps are aware and in UTC."""


class Op(StrEnum):
    EQ = "eq"
    NE = "ne"
    IN = "in"
    NOT_IN = "not_in"
    IS_SET = "is_set"
    IS_NOT_SET = "is_not_set"
    LT = "lt"
    LE = "le"
    GT = "gt"
    GE = "ge"
    BETWEEN = "between"
    DURING = "during"
    NOT_DURING = "not_during"
    ANNIVERSARY_DURING = "anniversary_during"
    CONTAINS = "contains"
    NOT_CONTAINS = "not_contains"
    STARTS_WITH = "starts_with"
    ENDS_WITH = "ends_with"
    MATCHES = "matches"
    IS_TRUE = "is_true"
    IS_FALSE = "is_false"
    HAS = "has"
    HAS_ANY = "has_any"
    HAS_ALL = "has_all"
    HAS_NONE = "has_none"
    IS_EMPTY = "is_empty"
    IS_NOT_EMPTY = "is_not_empty"


TWIN = {
    Op.NE: Op.EQ,
    Op.NOT_IN: Op.IN,
    Op.IS_NOT_SET: Op.IS_SET,
    Op.NOT_DURING: Op.DURING,
    Op.NOT_CONTAINS: Op.CONTAINS,
    Op.HAS_NONE: Op.HAS_ANY,
    Op.IS_NOT_EMPTY: Op.IS_EMPTY,
}
"""Operators that are exactly the negation of another."""

WITHOUT_OPERAND = frozenset(
    {Op.IS_SET, Op.IS_NOT_SET, Op.IS_TRUE, Op.IS_FALSE, Op.IS_EMPTY, Op.IS_NOT_EMPTY}
)
WITH_LIST = frozenset({Op.IN, Op.NOT_IN, Op.BETWEEN, Op.HAS_ANY, Op.HAS_ALL, Op.HAS_NONE})
WITH_WINDOW = frozenset({Op.DURING, Op.NOT_DURING, Op.ANNIVERSARY_DURING})


class Part(StrEnum):
    """The last step of a path: a part of a date or time, or how long a value has held."""

    YEAR = "year"
    MONTH = "month"
    DAY = "day"
    WEEK = "week"
    WEEKDAY = "weekday"
    HOUR = "hour"
    DATE = "date"
    AGE = "age"
    SINCE = "since"


WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class MeasureKind(StrEnum):
    COUNT = "count"
    SUM = "sum"
    AVG = "avg"
    MIN = "min"
    MAX = "max"
    DISTINCT = "distinct"
    FIRST = "first"
    LAST = "last"


@dataclass(frozen=True, slots=True)
class Span:
    """A signed length such as `30d`. Units: m h d w mo y."""

    amount: int
    unit: str

    @property
    def exact(self) -> bool:
        """Minutes and hours are elapsed time; the rest step the local calendar."""
        return self.unit in ("m", "h")

    def __neg__(self) -> Span:
        return Span(-self.amount, self.unit)

    def __str__(self) -> str:
        return f"{self.amount}{self.unit}"


# ── operands ─────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Literal:
    """`value` None: the empty text, which is unset."""

    value: Scalar | None
    type: FieldType


@dataclass(frozen=True, slots=True)
class Today:
    span: Span


@dataclass(frozen=True, slots=True)
class Now:
    span: Span


@dataclass(frozen=True, slots=True)
class User:
    """An attribute of the user, put in by `bind_user`; `type` is that of the value it meets."""

    name: str
    type: FieldType


@dataclass(frozen=True, slots=True)
class Step:
    """One join, and the narrowing rules that the rows arrived at must pass."""

    source: str
    target: str
    columns: tuple[tuple[str, str], ...]
    many: bool
    where: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Path:
    """A value read from one row: to-one hops, then a field, then perhaps a part of it.

    `dataset` and `names` say where it starts and which relations it follows, for describing;
    `missing` marks the rows of an event dataset that has no such field: always unset there.
    `constant` is the name of an event whose dataset has one name only. `stored` is the type in the
    table, `type` (with `scale`) what the path yields. `key` values compare as stored.
    """

    written: str
    dataset: str
    names: tuple[str, ...]
    steps: tuple[Step, ...]
    leaf: str
    field: str
    part: Part | None
    stored: FieldType
    type: FieldType
    scale: int = 0
    key: bool = False
    meaning: Meaning | None = None
    constant: str | None = None
    missing: bool = False


@dataclass(frozen=True, slots=True)
class FieldOperand:
    path: Path


@dataclass(frozen=True, slots=True)
class SubjectOperand:
    path: Path


@dataclass(frozen=True, slots=True)
class Computed:
    """`value × times + plus`."""

    value: Value
    times: Decimal | None
    plus: Decimal | None


Operand: TypeAlias = Literal | Today | Now | User | FieldOperand | SubjectOperand | Computed
Point: TypeAlias = Literal | Today | Now


# ── windows ──────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class LastWindow:
    span: Span


@dataclass(frozen=True, slots=True)
class NextWindow:
    span: Span


@dataclass(frozen=True, slots=True)
class FromTo:
    """`start` inclusive, `end` exclusive; at least one is there."""

    start: Point | None
    end: Point | None


@dataclass(frozen=True, slots=True)
class CalendarWindow:
    name: str


Window: TypeAlias = LastWindow | NextWindow | FromTo | CalendarWindow


# ── values ───────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class FieldValue:
    path: Path

    @property
    def type(self) -> FieldType:
        return self.path.type


@dataclass(frozen=True, slots=True)
class Branch:
    """The rows of one dataset that a related or event value ranges over.

    `names`: the event names wanted (folded; None: any) where the dataset's `name_field` holds them.
    `where`, `path` (what is measured) start at the rows of `dataset`. `time` is its time field.
    `nothing`: no row can match (an unknown event name, a relation these rows lack).
    """

    dataset: str
    steps: tuple[Step, ...]
    names: frozenset[str] | None = None
    name_field: str | None = None
    where: Node | None = None
    path: Path | None = None
    time: str | None = None
    nothing: bool = False


@dataclass(frozen=True, slots=True)
class RowsValue:
    """A measure over related rows (`relation` set) or over events (`events` set; empty: `*`)."""

    dataset: str
    relation: str | None
    events: tuple[str, ...] | None
    branches: tuple[Branch, ...]
    during: Window | None
    measure: MeasureKind
    measured: Path | None
    type: FieldType
    scale: int = 0


Value: TypeAlias = FieldValue | RowsValue


# ── rules ────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Test:
    """`operands` hold one, or the list of `in`, `between`, `has_any`…"""

    value: Value
    op: Op
    operands: tuple[Operand, ...] = ()
    window: Window | None = None
    exact: bool = False


@dataclass(frozen=True, slots=True)
class All:
    rules: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    rules: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class AtLeast:
    count: int
    rules: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    rule: Node


@dataclass(frozen=True, slots=True)
class Membership:
    """Being, or having come to be or ceased to be, in a named set of subjects.

    `kind` is "segment" or "list". `statuses` (lists only): those meant, as their names; None: the
    statuses that mean open or working. `crossing` (segments only) is "entered" or "left", and
    `window` when that happened; both None: being in at the instant.
    """

    kind: str
    slug: str
    statuses: tuple[str, ...] | None = None
    crossing: str | None = None
    window: Window | None = None


@dataclass(frozen=True, slots=True)
class SequenceStep:
    """One step: an event that matches a branch, or (`absent`) none of them within the time.

    `within` is measured from the step before as elapsed time (m h d w, a day 24 hours, the end
    included); None on the first step, and where no limit was given. A branch's `path` is the field
    of `same` on its rows.
    """

    events: tuple[str, ...]
    branches: tuple[Branch, ...]
    within: Span | None
    absent: bool = False


@dataclass(frozen=True, slots=True)
class Sequence:
    """Events strictly one after another, all inside `during`; `same`: one set value of a field.

    `dataset` is the subject's. `same` is the path as written, None when nothing is asked.
    """

    dataset: str
    steps: tuple[SequenceStep, ...]
    during: Window | None
    same: str | None


@dataclass(frozen=True, slots=True)
class Sample:
    """The subjects whose bucket of `salt` (of 10,000) lies below `percent` x 100."""

    percent: Decimal
    salt: str


Leaf: TypeAlias = Test | Membership | Sequence | Sample
"""A node without further rules on the same row."""

Node: TypeAlias = Leaf | All | AnyOf | AtLeast | Not

NUMBERS = frozenset({FieldType.INTEGER, FieldType.DECIMAL, FieldType.FLOAT})
TIMES = frozenset({FieldType.DATE, FieldType.TIMESTAMP})


def compares_exactly(test: Test) -> bool:
    """Whether the texts of a test are compared as stored: asked for, or a key is among them."""
    if test.exact or value_is_key(test.value):
        return True
    for operand in test.operands:
        if isinstance(operand, (FieldOperand, SubjectOperand)) and operand.path.key:
            return True
        if isinstance(operand, Computed) and value_is_key(operand.value):
            return True
    return False


def value_is_key(value: Value) -> bool:
    path = value.path if isinstance(value, FieldValue) else value.measured
    return path is not None and path.key and value.type is FieldType.STRING
