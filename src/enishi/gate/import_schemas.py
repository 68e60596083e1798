"""What the endpoints of do-not-contact imports read and write."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from ninja import Schema
from pydantic import Base64Bytes, Field

from enishi.gate.schemas import Body, ChannelName, PersonRef

ImportColumn = Literal["key", "phone", "email", "channel", "until", "reason"]


class StopImportIn(Body):
    """A CSV and how to read it. `columns` replaces the guess by the header's names; `channel` is
    what rows without one of their own stop (None: every contact)."""

    name: str = Field(min_length=1, max_length=200)
    content: Base64Bytes
    columns: dict[ImportColumn, str] | None = None
    channel: ChannelName | None = None


class StopApplyIn(StopImportIn):
    """`digest` is the preview's, so that only what was looked at is applied."""

    digest: str = Field(min_length=64, max_length=64)
    reason: str = Field(default="", max_length=500)


class StopUnmatchedOut(Schema):
    """A row that stops nobody. `said` is what the file has there, told only to who sent it."""

    line: int
    said: str
    why: str
    sentence: str


class StopPreviewOut(Schema):
    """What applying would do. `header` and `columns` let the reader choose again."""

    digest: str
    encoding: str
    header: list[str]
    columns: dict[ImportColumn, str]
    rows: int
    persons: int
    stops: int
    already: int
    repeated: int
    matched: dict[Literal["key", "phone", "email"], int]
    unmatched_total: int
    unmatched: list[StopUnmatchedOut]
    sentence: str


class StopImportOut(Schema):
    """One applied list. `unmatched_lines` are the first lines that named nobody."""

    id: str
    name: str
    state: Literal["applying", "applied", "undone"]
    rows: int
    stops: int
    already: int
    unmatched_total: int
    unmatched_lines: list[int]
    channel: ChannelName | None
    reason: str
    by: PersonRef
    at: datetime
    undone_at: datetime | None = None
    undone_by: PersonRef | None = None
