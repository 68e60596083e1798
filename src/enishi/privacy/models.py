"""The tables of privacy: requests with their history, erasures, tombstones, runs of retention.

A request keeps its dates, states and counts for ever, as the proof that it was met. What it says in
somebody's own words is taken from it when the person is erased.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from enishi.book.clock import now
from enishi.kernel.ids import new_id
from enishi.privacy.types import UNFINISHED


def _request_id() -> str:
    return new_id("prv")


def _erasure_id() -> str:
    return new_id("ers")


class PrivacyRequest(models.Model):
    """What a person has asked for. `wording`, `check_note` and `answer` are in people's words.

    `key` and `display` are what she was called when it was received, of the subject dataset
    `subject`. `due` is the last day to answer. `restriction` and `consent` are the stop and the
    withdrawal of all consents that a stop-use request has recorded.
    """

    id = models.CharField(primary_key=True, max_length=40, default=_request_id)
    kind = models.CharField(max_length=20)
    person = models.CharField(max_length=40)
    subject = models.CharField(max_length=100)
    key = models.CharField(max_length=200, blank=True)
    display = models.CharField(max_length=400, blank=True)
    state = models.CharField(max_length=20, default="received")
    received_on = models.DateField()
    due = models.DateField()
    via = models.CharField(max_length=20)
    wording = models.TextField(blank=True)
    check_method = models.CharField(max_length=20, blank=True)
    check_note = models.TextField(blank=True)
    answer = models.TextField(blank=True)
    ended_on = models.DateField(null=True)
    restriction = models.CharField(max_length=40, blank=True)
    consent = models.CharField(max_length=40, blank=True, default="")
    created_by = models.CharField(max_length=40)
    created_at = models.DateTimeField(default=now)
    changed_at = models.DateTimeField(default=now)

    outlives_erasure = True  # `erasing` takes from it what names her

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state", "due"], name="privacy_due"),
            models.Index(fields=["person", "-created_at"], name="privacy_person"),
        ]


class RequestStep(models.Model):
    """One thing that happened to a request: a code, by whom, when."""

    request = models.ForeignKey(PrivacyRequest, on_delete=models.CASCADE, related_name="steps")
    action = models.CharField(max_length=20)
    by = models.CharField(max_length=40)
    at = models.DateTimeField(default=now)


class Erasure(models.Model):
    """One person's erasure. `step` is the one to do next; `counts` what each has removed.

    `files` are those in the data folder that still hold her: `[{"file", "rows", "why"}]`.
    """

    id = models.CharField(primary_key=True, max_length=40, default=_erasure_id)
    person = models.CharField(max_length=40)
    request = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=20, default="queued")
    step = models.CharField(max_length=20, default="tombstones")
    counts = models.JSONField(default=dict)
    files = models.JSONField(default=list)
    message = models.JSONField(null=True)  # {"ja", "en"}
    attempts = models.IntegerField(default=0)
    not_before = models.DateTimeField(default=now)
    by = models.CharField(max_length=40)
    at = models.DateTimeField(default=now)
    ended_at = models.DateTimeField(null=True)

    outlives_erasure = True

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(state__in=[str(state) for state in UNFINISHED]),
                name="one_unfinished_erasure",
            ),
        ]


class Tombstone(models.Model):
    """A keyed hash of what led to an erased person (see `sources.stream.tombstones`)."""

    hash = models.CharField(primary_key=True, max_length=40)
    erasure = models.CharField(max_length=40)
    at = models.DateTimeField(default=now)


class RetentionRun(models.Model):
    """What the nightly run has removed because its time was over: rows of one dataset, or log."""

    dataset = models.CharField(max_length=100)  # a dataset's name, or "log"
    keep = models.CharField(max_length=20)
    before = models.DateTimeField()
    removed = models.BigIntegerField(default=0)
    at = models.DateTimeField(default=now)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["dataset", "-at"], name="retention_dataset"),
        ]
