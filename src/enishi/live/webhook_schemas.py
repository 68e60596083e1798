"""What the endpoints of webhooks read and write."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from ninja import Schema
from pydantic import ConfigDict, Field, StringConstraints

from enishi.gate.schemas import PersonRef

WebhookStateName = Literal["active", "paused", "stopped"]
DeliveryStateName = Literal["waiting", "delivered", "dead"]
CrossingEventName = Literal["segment_entered", "segment_left"]
DeliveryEventName = Literal["segment_entered", "segment_left", "ping"]
_Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,62}$")]


class WebhookBody(Schema):
    """A request body: unknown members are refused."""

    model_config = ConfigDict(extra="forbid")


class WebhookIn(WebhookBody):
    name: str = Field(min_length=1, max_length=200)
    url: str = Field(min_length=1, max_length=2000)
    segments: list[_Slug] = Field(min_length=1, max_length=100)
    events: list[CrossingEventName] = Field(min_length=1, max_length=2)


class WebhookPatch(WebhookBody):
    """What is absent stays. `state` active starts it again where it had stopped."""

    name: str | None = Field(default=None, min_length=1, max_length=200)
    url: str | None = Field(default=None, min_length=1, max_length=2000)
    segments: list[_Slug] | None = Field(default=None, min_length=1, max_length=100)
    events: list[CrossingEventName] | None = Field(default=None, min_length=1, max_length=2)
    state: Literal["active", "paused"] | None = None


class ReplayIn(WebhookBody):
    """The dead deliveries to send again; None: all of them."""

    ids: list[str] | None = Field(default=None, max_length=500)


class WebhookSegment(Schema):
    """`live` false: nothing of it is told any more."""

    slug: str
    name: str
    live: bool


class WebhookOut(Schema):
    """`message`: why it was stopped or what went wrong at the last try, in words. `due_at`: when
    the delivery that is first in line is tried next."""

    id: str
    name: str
    url: str
    segments: list[WebhookSegment]
    events: list[CrossingEventName]
    state: WebhookStateName
    message: str
    waiting: int
    dead: int
    delivered: int
    delivered_at: datetime | None
    failing_since: datetime | None
    due_at: datetime | None
    created_by: PersonRef | None
    created_at: datetime


class WebhooksOut(Schema):
    """`delivered` counts those of the last 30 days, which are kept."""

    items: list[WebhookOut]
    total: int


class WebhookSecretOut(Schema):
    """A webhook with its secret, which is shown this once."""

    webhook: WebhookOut
    secret: str


class DeliveryOut(Schema):
    """`message`: what went wrong at the last try, empty when nothing has."""

    id: str
    event: DeliveryEventName
    segment: WebhookSegment | None
    person: str | None
    cause: str
    at: datetime
    state: DeliveryStateName
    attempts: int
    status: int | None
    message: str
    ms: int | None
    due_at: datetime | None
    ended_at: datetime | None


class DeliveriesOut(Schema):
    """Newest first."""

    items: list[DeliveryOut]
    total: int


class ReplayedOut(Schema):
    replayed: int
