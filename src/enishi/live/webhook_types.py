"""The words of webhooks: their states, those of a delivery, and how long is tried.

Webhook

    active ◀──▶ paused       by hand
       │
       └──▶ stopped          by Enishi: nothing came through for three days, the receiver said 410,
                             or the address may no longer be sent to; active again by hand

Whatever the state, nothing is lost: an active webhook goes on where it had stopped reading.

Delivery (one entry or exit to be told to one webhook)

    waiting ──▶ delivered    answered with 2xx
     │   ▲
     │   └─── waiting        answered otherwise or not at all: tried again later
     └──────▶ dead           tried too often; shown, and waiting again when replayed by hand

The deliveries of one webhook go out in the order of the crossings: the next waits until the one
before is delivered or dead. A worker that dies between the receiver's answer and our commit sends
the same delivery again, with the same id; receivers drop ids they have seen.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum


class WebhookState(StrEnum):
    ACTIVE = "active"
    PAUSED = "paused"
    STOPPED = "stopped"


class DeliveryState(StrEnum):
    WAITING = "waiting"
    DELIVERED = "delivered"
    DEAD = "dead"


class CrossingEvent(StrEnum):
    ENTERED = "segment_entered"
    LEFT = "segment_left"


PING = "ping"
"""The event of a delivery that an administrator asked for to try the address out."""

BACKOFF = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(minutes=30),
    timedelta(hours=1),
    timedelta(hours=2),
    timedelta(hours=4),
    timedelta(hours=8),
)
"""How long the next try waits after the first failure, the second…; then the delivery is dead."""

REFUSALS = 3
"""A receiver that refuses what it was sent (4xx) is asked so many times: it would refuse again."""

TRY_AGAIN = frozenset({408, 409, 425, 429})
"""Answers of the 4xx that speak of the moment and not of what was sent."""

STOPPED_AFTER = timedelta(days=3)
LONGEST_WAIT = timedelta(hours=8)
"""The most that a receiver's Retry-After is believed."""

BOTH_SECRETS = timedelta(hours=24)
"""How long after a new secret the former one still signs along."""

KEPT = timedelta(days=30)
"""How long delivered ones are shown."""
