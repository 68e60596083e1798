"""The words of privacy: the kinds of requests, the states they pass through, those of an erasure.

Request

    received ──identity checked──▶ confirmed ──answered──▶ answered
        │                             ├──erase──▶ erasing ──all gone──▶ answered
        ├──────────refused────────────┼────────▶ refused       with its reason, told to the person
        └──────────withdrawn──────────┴────────▶ withdrawn

A stop-use request stops contact the moment it is received; refusing or withdrawing it takes that
back. The due date is counted in business days from the day of receipt.

Erasure (one person; its steps are done in order, each may be done again)

    queued ──▶ running ──▶ waiting     files that only their owner can mend still hold her
                 │  ▲         │
                 │  └─────────┘
                 ├──▶ done
                 └──▶ failed           its reason is shown; it is tried again by itself, or by hand
"""

from __future__ import annotations

from enum import StrEnum


class RequestKind(StrEnum):
    DISCLOSURE = "disclosure"
    CORRECTION = "correction"
    STOP_USE = "stop_use"
    ERASURE = "erasure"


class RequestState(StrEnum):
    RECEIVED = "received"
    CONFIRMED = "confirmed"
    ERASING = "erasing"
    ANSWERED = "answered"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


OPEN_STATES = (RequestState.RECEIVED, RequestState.CONFIRMED, RequestState.ERASING)


class Via(StrEnum):
    """How a request came in."""

    BRANCH = "branch"
    PHONE = "phone"
    POST = "post"
    WEB = "web"
    EMAIL = "email"


class IdentityCheck(StrEnum):
    """How it was made sure that who asks is the person, or may ask for her."""

    DOCUMENT = "document"
    IN_PERSON = "in_person"
    CALL_BACK = "call_back"
    SIGNED_IN = "signed_in"
    AGENT = "agent"


class ErasureState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"


UNFINISHED = (
    ErasureState.QUEUED, ErasureState.RUNNING, ErasureState.WAITING, ErasureState.FAILED,
)  # fmt: skip


class Step(StrEnum):
    """What an erasure does, in this order."""

    TOMBSTONES = "tombstones"
    LOG = "log"
    WAREHOUSE = "warehouse"
    FILES = "files"
    BOOK = "book"
    KEYS = "keys"
    SCRUB = "scrub"
