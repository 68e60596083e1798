"""What the endpoints of deliveries read and write."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from ninja import Schema
from pydantic import ConfigDict, Field

ChannelName = Literal["email", "sms", "line", "push", "webhook", "person"]
StateName = Literal["queued", "attempting", "sent", "failed", "suppressed", "unknown"]
UnknownAnswer = Literal["leave", "ask"]
ExportFormat = Literal["csv_utf8", "csv_cp932", "xlsx"]


class DeliveryReason(Schema):
    """Why it came so: a stable code, a sentence, and what of the gate is behind it."""

    code: str
    sentence: str
    restriction: str = ""
    policy: str = ""


class DeliveryTemplateOut(Schema):
    version: str
    """The id of the version."""
    slug: str
    name: str
    number: int


class DeliverySendOut(Schema):
    slug: str
    name: str


class DeliveryRow(Schema):
    """One delivery. `person_name` is masked as the reader's role asks."""

    id: str
    person: str
    person_name: str
    channel: ChannelName
    purpose: str
    template: DeliveryTemplateOut | None
    send: DeliverySendOut | None
    journey: str
    """The journey's id; empty where a send asked for it."""
    step: str
    state: StateName
    held: bool
    """It waits because its send or its journey is paused."""
    reason: DeliveryReason | None
    created_at: datetime
    due_at: datetime | None
    attempted_at: datetime | None
    finished_at: datetime | None
    delivered_at: datetime | None
    opened_at: datetime | None
    machine_opened_at: datetime | None
    clicked_at: datetime | None
    bounced_at: datetime | None
    complained_at: datetime | None
    replied_at: datetime | None
    unsubscribed_at: datetime | None


class DeliveryPage(Schema):
    """One page, newest first. `next` is what to ask with for the page after it; none: the end."""

    items: list[DeliveryRow]
    next: str | None


class DeliveryResponse(Schema):
    kind: str
    at: datetime
    machine: bool
    detail: dict[str, Any]


class DeliveryDetail(DeliveryRow):
    key: str
    product: str
    sender: str
    priority: int
    attempts: int
    cost: Decimal | None
    """In yen."""
    reasons: list[DeliveryReason]
    responses: list[DeliveryResponse]
    unknown: UnknownAnswer | None
    """What may be done about it while it is unknown: `ask`, whether to send it again; `leave`."""


class SendingQueue(Schema):
    """One channel and sender. `due`: could go now; `later`: waits for its time; counted to 10,000.

    `stopped_until`: the provider asked to wait, and why.
    """

    channel: ChannelName
    sender: str
    """Empty: the channel's main one."""
    due: int
    later: int
    attempting: int
    held: int
    oldest_due_at: datetime | None


class SendingQueues(Schema):
    items: list[SendingQueue]
    unknown: int
    """How many deliveries nobody knows the end of."""


class SendingHeld(Schema):
    """Nothing is sent since a restore, until an administrator releases it. `held` false: sending
    goes on as usual, and the rest is empty."""

    held: bool
    made_at: str = ""
    """When the backup was made."""
    at: datetime | None = None
    waiting: int = 0
    """Deliveries that are due, up to 10,000."""
    dropping: bool = False
    """They are being suppressed."""


class SendingReleaseIn(Schema):
    """`send`: what waits is sent. `drop`: what is due now is suppressed, and never sent."""

    model_config = ConfigDict(extra="forbid")

    what: Literal["send", "drop"]


class UnknownsPolicy(Schema):
    """What is done with a delivery whose end nobody knows, by the class of its purpose.

    `leave`: it stays as it is, and is never sent again. `ask`: somebody may look, and send it again
    by hand, at the risk of sending it twice.
    """

    promotion: UnknownAnswer
    service: UnknownAnswer
    transactional: UnknownAnswer


class UnknownsPolicyIn(UnknownsPolicy):
    model_config = ConfigDict(extra="forbid")


class SendAgainIn(Schema):
    model_config = ConfigDict(extra="forbid")

    note: str = Field(default="", max_length=1000)
    """Why it is sure enough that it did not arrive."""


class DeliveriesExportIn(Schema):
    model_config = ConfigDict(extra="forbid")

    format: ExportFormat = "csv_utf8"
    states: list[StateName] = []
    """Empty: all."""
    reason: str = Field(default="", max_length=80)
