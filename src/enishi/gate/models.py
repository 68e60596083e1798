"""The gate's tables: what stops contacts, and the decisions that were acted on."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from enishi.book.clock import now
from enishi.kernel.ids import new_id


def _restriction_id() -> str:
    return new_id("rst")


def _decision_id() -> str:
    return new_id("dec")


class Restriction(models.Model):
    """A refusal, a hold or a do-not-contact of one person.

    In force from `at` until `until` (exclusive; none: until released), unless released. `product`
    none is a refusal altogether; `channel` none is every channel. `via` is the channel on which we
    were told. `by` is a user's id.
    """

    id = models.CharField(primary_key=True, max_length=40, default=_restriction_id)
    type = models.CharField(max_length=20)
    person = models.CharField(max_length=40)
    kind = models.CharField(max_length=20, blank=True)  # of a hold
    product = models.CharField(max_length=64, null=True)
    product_label = models.JSONField(null=True)  # {"ja", "en"}
    channel = models.CharField(max_length=20, null=True)
    via = models.CharField(max_length=20, blank=True)
    until = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)
    engagement_id = models.CharField(max_length=40, blank=True)
    list_id = models.CharField(max_length=40, blank=True)
    by = models.CharField(max_length=40)
    at = models.DateTimeField(default=now)
    released_at = models.DateTimeField(null=True)
    released_by = models.CharField(max_length=40, blank=True)
    release_reason = models.TextField(blank=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["person", "-at"], name="gate_person"),
            models.Index(
                fields=["type", "person"],
                name="gate_in_force",
                condition=models.Q(released_at__isnull=True),
            ),
            models.Index(
                fields=["engagement_id"],
                name="gate_engagement",
                condition=~models.Q(engagement_id=""),
            ),
        ]


class DecisionRecord(models.Model):
    """An answer of the gate that was acted on."""

    id = models.CharField(primary_key=True, max_length=40, default=_decision_id)
    person = models.CharField(max_length=40)
    channel = models.CharField(max_length=20)
    purpose = models.CharField(max_length=64, blank=True)
    product = models.CharField(max_length=64, null=True)
    answer = models.CharField(max_length=20)
    reasons = models.JSONField(default=list)  # [{"code", "restriction"}]
    asked_by = models.CharField(max_length=40)
    at = models.DateTimeField(default=now)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["person", "-at"], name="gate_decision_person"),
        ]
