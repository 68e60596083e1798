"""The tables of webhooks. Memberships and crossings themselves stand in the warehouse."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from enishi.book.clock import now
from enishi.kernel.ids import new_id
from enishi.live.webhook_types import DeliveryState, WebhookState


def _webhook_id() -> str:
    return new_id("whk")


def _delivery_id() -> str:
    return new_id("msg")


class Webhook(models.Model):
    """An address that is told who enters and leaves some segments.

    `cursor` is the last crossing taken in, None before the first look; `secret_number` counts its
    secrets, which are made from the workspace's and stored nowhere. `failing_since` is the first
    failure after the last success. A worker holds it until `lease_until`.
    """

    id = models.CharField(primary_key=True, max_length=40, default=_webhook_id)
    name = models.CharField(max_length=200)
    url = models.CharField(max_length=2000)
    segments = models.JSONField(default=list)  # slugs
    events = models.JSONField(default=list)  # of CrossingEvent
    state = models.CharField(max_length=10, default=str(WebhookState.ACTIVE))
    stopped_for = models.CharField(max_length=30, blank=True)  # a code of `webhook_words`
    cursor = models.CharField(max_length=40, null=True)
    secret_number = models.IntegerField(default=1)
    secret_at = models.DateTimeField(default=now)
    failing_since = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    worker = models.CharField(max_length=80, blank=True)
    lease_until = models.DateTimeField(null=True)
    created_by = models.CharField(max_length=40)
    created_at = models.DateTimeField(default=now)
    deleted_at = models.DateTimeField(null=True)


class Delivery(models.Model):
    """One entry or exit to be told to one webhook (its states are drawn in `webhook_types`).

    `number` orders them; `status` is the last answer's, `error` a code of `webhook_words` when
    there was none.
    """

    number = models.BigAutoField(primary_key=True)
    id = models.CharField(max_length=40, unique=True, default=_delivery_id)
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE)
    event = models.CharField(max_length=20)
    crossing = models.CharField(max_length=40, blank=True)  # empty for a ping
    segment = models.CharField(max_length=64, blank=True)
    person = models.CharField(max_length=40, blank=True)
    cause = models.CharField(max_length=20, blank=True)
    at = models.DateTimeField()
    state = models.CharField(max_length=10, default=str(DeliveryState.WAITING))
    attempts = models.IntegerField(default=0)
    due_at = models.DateTimeField(default=now)
    status = models.IntegerField(null=True)
    error = models.CharField(max_length=30, blank=True)
    ms = models.IntegerField(null=True)
    created_at = models.DateTimeField(default=now)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["webhook", "crossing"], condition=~Q(crossing=""), name="told_once"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["webhook", "number"],
                condition=Q(state=str(DeliveryState.WAITING)),
                name="deliveries_waiting",
            ),
            models.Index(fields=["webhook", "-number"], name="deliveries_newest"),
            models.Index(fields=["person"], name="deliveries_person"),
            models.Index(fields=["state", "ended_at"], name="deliveries_ended"),
        ]


class Notice(models.Model):
    """What an event source's 外部送信 notice says beside what the snippet sends."""

    source = models.CharField(primary_key=True, max_length=40)  # the event source's id
    recipient_ja = models.CharField(max_length=200, blank=True)
    recipient_en = models.CharField(max_length=200, blank=True)
    purpose_ja = models.TextField(blank=True)
    purpose_en = models.TextField(blank=True)
    contact = models.CharField(max_length=500, blank=True)
    changed_by = models.CharField(max_length=40)
    changed_at = models.DateTimeField(default=now)
