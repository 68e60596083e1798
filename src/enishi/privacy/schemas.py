"""What the endpoints of privacy read and write."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from ninja import Schema
from pydantic import ConfigDict, Field

from enishi.gate.schemas import PersonRef

KindName = Literal["disclosure", "correction", "stop_use", "erasure"]
StateName = Literal["received", "confirmed", "erasing", "answered", "refused", "withdrawn"]
ViaName = Literal["branch", "phone", "post", "web", "email"]
CheckName = Literal["document", "in_person", "call_back", "signed_in", "agent"]
ErasureStateName = Literal["queued", "running", "waiting", "done", "failed"]
StepName = Literal["tombstones", "log", "warehouse", "files", "book", "keys", "scrub"]
Words = Annotated[str, Field(max_length=4000)]


class Body(Schema):
    """A request body: unknown members are refused."""

    model_config = ConfigDict(extra="forbid")


class RequestIn(Body):
    kind: KindName
    person: Annotated[str, Field(min_length=1, max_length=40)]
    via: ViaName
    received_on: date
    wording: Words = ""


class ConfirmIn(Body):
    method: CheckName
    note: Words = ""


class TextIn(Body):
    text: Annotated[str, Field(min_length=1, max_length=4000)]


class EraseIn(Body):
    """`key` repeats the person's number."""

    key: Annotated[str, Field(min_length=1, max_length=200)]


class StepOut(Schema):
    action: str
    by: PersonRef
    at: datetime


class FileLeft(Schema):
    """A file in the data folder that still holds the person, and why Enishi left it alone."""

    file: str
    rows: int
    why: Literal["format", "read_only", "changed"]


class ErasureOut(Schema):
    """`step` is the one being done or to be done; `counts` the rows lost, by a dataset's label or
    a code of what else is kept."""

    id: str
    state: ErasureStateName
    step: StepName
    done: int
    steps: int
    counts: dict[str, int]
    files: list[FileLeft]
    message: str
    attempts: int
    at: datetime
    ended_at: datetime | None


class RequestRow(Schema):
    """One request. `days_left` are the business days until it is due, negative when it is late;
    `erased`: nothing that names the person is kept."""

    id: str
    kind: KindName
    state: StateName
    person: str
    key: str
    display: str
    erased: bool
    received_on: date
    due: date
    days_left: int | None
    via: ViaName
    ended_on: date | None


class RequestDetail(RequestRow):
    wording: str
    check_method: CheckName | None
    check_note: str
    answer: str
    stopped: bool
    steps: list[StepOut]
    erasure: ErasureOut | None


class RequestsOut(Schema):
    """`open`, `late` and `soon` (due within three business days) count all requests."""

    items: list[RequestRow]
    total: int
    open: int
    late: int
    soon: int
    due_days: int


class RetentionRow(Schema):
    """How long a dataset's rows (or `log`: its segments) are kept, in words; None: for ever.
    `removed` counts those gone so far."""

    dataset: str
    label: str
    keep: str | None
    removed: int
    last_run: datetime | None
    last_removed: int


class RetentionOut(Schema):
    """`late` counts events of erased people that came in later and were blanked."""

    items: list[RetentionRow]
    erased_people: int
    tombstones: int
    late: int
    zone: str
