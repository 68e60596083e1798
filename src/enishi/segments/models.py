"""The tables of segments. Memberships themselves stand in the warehouse (`warehouse.memberships`).

What a refresh found is kept here for showing; the warehouse holds the truth of it, so that a crash
between the two commits is mended from there.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from enishi.book.clock import now
from enishi.book.jsontext import ExactDecoder, ExactEncoder
from enishi.kernel.ids import new_id
from enishi.segments.types import RefreshState


def _segment_id() -> str:
    return new_id("seg")


def _refresh_id() -> str:
    return new_id("rfr")


class Segment(models.Model):
    """A named rule. `subject` is the name of its subject dataset; `version` the one in use.

    `size` to `full_as_of` tell of the last good refresh; `failures` counts those since it,
    `message` and `failed_at` tell of the last of them. `due_at` is when the next refresh by the
    clock is due, None for a snapshot. `live`: decided as events come and time passes too;
    `live_since` is when that began for the wording in use, None while it has not.
    """

    id = models.CharField(primary_key=True, max_length=40, default=_segment_id)
    slug = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200, blank=True)
    description = models.TextField(blank=True)
    subject = models.CharField(max_length=100)
    purpose = models.CharField(max_length=100, null=True)
    kind = models.CharField(max_length=20, default="dynamic")
    owner = models.CharField(max_length=40)
    refresh_every = models.CharField(max_length=10, blank=True)
    version = models.IntegerField(default=1)
    live = models.BooleanField(default=False)
    live_since = models.DateTimeField(null=True)
    created_by = models.CharField(max_length=40)
    created_at = models.DateTimeField(default=now)
    changed_at = models.DateTimeField(default=now)
    archived_at = models.DateTimeField(null=True)

    size = models.BigIntegerField(null=True)
    entered = models.BigIntegerField(default=0)
    left = models.BigIntegerField(default=0)
    as_of = models.DateTimeField(null=True)
    refreshed_version = models.IntegerField(null=True)
    full_as_of = models.DateTimeField(null=True)
    full_refresh = models.CharField(max_length=40, blank=True)
    moved = models.BigIntegerField(default=0)
    missed = models.BigIntegerField(default=0)
    due_at = models.DateTimeField(null=True)
    failures = models.IntegerField(default=0)
    failed_at = models.DateTimeField(null=True)
    message = models.JSONField(null=True)  # {"ja", "en"} and "remedy": {"ja", "en"}

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["due_at"], condition=Q(archived_at__isnull=True), name="segments_due"
            ),
        ]


class SegmentVersion(models.Model):
    """One wording of a segment. `rule` is the bare rule, `rank` `{"value", "direction", "n",
    "group"}` or None. What it leans on directly: `fields` [[dataset, field]…], `datasets`, `uses`
    (slugs of segments), `lists` (slugs)."""

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="versions")
    number = models.IntegerField()
    rule = models.JSONField(encoder=ExactEncoder, decoder=ExactDecoder)
    rank = models.JSONField(null=True, encoder=ExactEncoder, decoder=ExactDecoder)
    fields = models.JSONField(default=list)
    datasets = models.JSONField(default=list)
    uses = models.JSONField(default=list)
    lists = models.JSONField(default=list)
    note = models.TextField(blank=True)
    by = models.CharField(max_length=40)
    at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["segment", "number"], name="one_segment_version"),
        ]


class Refresh(models.Model):
    """One attempt to bring a segment up to date (its states are drawn in `types`)."""

    id = models.CharField(primary_key=True, max_length=40, default=_refresh_id)
    segment = models.ForeignKey(Segment, on_delete=models.CASCADE)
    mode = models.CharField(max_length=12)
    cause = models.CharField(max_length=12)
    state = models.CharField(max_length=10, default="queued")
    requested_by = models.CharField(max_length=40)
    requested_at = models.DateTimeField(default=now)
    not_before = models.DateTimeField(default=now)
    attempt = models.IntegerField(default=1)
    worker = models.CharField(max_length=80, blank=True)
    lease_until = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    as_of = models.DateTimeField(null=True)
    version = models.IntegerField(null=True)
    size = models.BigIntegerField(null=True)
    entered = models.BigIntegerField(default=0)
    left = models.BigIntegerField(default=0)
    touched = models.BigIntegerField(null=True)  # None: everybody was asked about
    moved = models.BigIntegerField(default=0)
    missed = models.BigIntegerField(default=0)
    ms = models.IntegerField(null=True)
    message = models.JSONField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["segment"],
                condition=Q(state=str(RefreshState.RUNNING)),
                name="one_running_refresh",
            ),
            models.UniqueConstraint(
                fields=["segment"],
                condition=Q(state=str(RefreshState.QUEUED)),
                name="one_queued_refresh",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["segment", "-requested_at"], name="refreshes_newest"),
            models.Index(
                fields=["not_before"],
                condition=Q(state__in=[str(RefreshState.QUEUED), str(RefreshState.RUNNING)]),
                name="refreshes_to_do",
            ),
        ]
