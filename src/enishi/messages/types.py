"""The words of messages: channels, the states of what is sent, and why somebody did not get it."""

from __future__ import annotations

from enum import StrEnum

MACHINE = ("email", "sms", "line", "push", "webhook")
"""The channels on which Enishi itself sends; `person` hands a task to a human."""


class MessageChannel(StrEnum):
    """How a message goes out."""

    EMAIL = "email"
    SMS = "sms"
    LINE = "line"
    PUSH = "push"
    WEBHOOK = "webhook"
    PERSON = "person"
    """A human: a task on an actionable list, a call or a visit."""


class VersionState(StrEnum):
    """Of a template's version. At most one is being worked on, and at most one is approved.

    draft ──submit──► review ──approve──► approved ──► replaced, by the next one approved
      ▲                 │
      └──── return ─────┘
    """

    DRAFT = "draft"
    REVIEW = "review"
    APPROVED = "approved"
    REPLACED = "replaced"


class DeliveryState(StrEnum):
    """Of one attempt to reach one person.

    queued ──► attempting ──► sent
      │            ├────────► failed        the provider refused it for good
      │            ├────────► unknown       handed over, and no answer came: sent again only if
      │            │                        somebody decides so (then queued)
      │            └────────► queued        refused for now: tried again later
      └──────────────────────► suppressed   the reason says by what
    """

    QUEUED = "queued"
    ATTEMPTING = "attempting"
    SENT = "sent"
    FAILED = "failed"
    SUPPRESSED = "suppressed"
    UNKNOWN = "unknown"


FINISHED = (
    DeliveryState.SENT,
    DeliveryState.FAILED,
    DeliveryState.SUPPRESSED,
    DeliveryState.UNKNOWN,
)


class SendState(StrEnum):
    """Of a one-off send.

    draft ──dispatch──► preparing ──► sending ──► done
      │                     │  ▲         │ ▲
      │                     ▼  │         ▼ │
      │                    paused       paused        resume goes on where it was
      └──────cancel─────────┴────────────┴──► cancelled
    """

    DRAFT = "draft"
    PREPARING = "preparing"
    SENDING = "sending"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    DONE = "done"


class ResponseKind(StrEnum):
    """What comes back of a delivery."""

    DELIVERED = "delivered"
    OPENED = "opened"
    CLICKED = "clicked"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    REPLIED = "replied"
    UNSUBSCRIBED = "unsubscribed"


def event_name(channel: str, kind: str) -> str:
    """The event that tells of it in `activity`: `email_opened`, `line_sent`, `sms_bounced`."""
    return f"{channel}_{kind}"
