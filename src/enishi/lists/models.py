"""The tables of lists. The states they move through are drawn in `types`.

A refresh never shows half: what a build finds out about a member waits in its `next_*` fields, and
counts from the moment the list's `published` reaches `next_build` (see `visible`); folding then
moves it into place. Work (status, assignee, engagements) stands in fields no build touches.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from enishi.book.clock import now
from enishi.book.jsontext import ExactDecoder, ExactEncoder
from enishi.kernel.ids import new_id
from enishi.lists.types import UNFINISHED, BuildState


def _definition_id() -> str:
    return new_id("def")


def _list_id() -> str:
    return new_id("lst")


def _build_id() -> str:
    return new_id("bld")


def _share_id() -> str:
    return new_id("shr")


def _engagement_id() -> str:
    return new_id("eng")


def _note_id() -> str:
    return new_id("note")


def _nothing() -> Sequence[object]:
    """An empty JSON list; inside `Member` the name `list` means its list."""
    return []


class ListDefinition(models.Model):
    """One version of a template. `body` is `body.DefinitionBody`; `pii` its columns' levels."""

    id = models.CharField(primary_key=True, max_length=40, default=_definition_id)
    slug = models.CharField(max_length=64)
    version = models.IntegerField(default=1)
    state = models.CharField(max_length=10, default="draft")
    body = models.JSONField(encoder=ExactEncoder, decoder=ExactDecoder)
    created_by = models.CharField(max_length=40)
    created_at = models.DateTimeField(default=now)
    activated_at = models.DateTimeField(null=True)
    retired_at = models.DateTimeField(null=True)
    dataset_state = models.CharField(max_length=10, default="none")
    dataset_rows = models.BigIntegerField(null=True)
    dataset_as_of = models.DateTimeField(null=True)
    dataset_built_at = models.DateTimeField(null=True)
    dataset_message = models.TextField(blank=True)
    dataset_lease_until = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["slug", "version"], name="one_definition_version"),
            models.UniqueConstraint(
                fields=["slug"], condition=Q(state="active"), name="one_active_version"
            ),
        ]


class ActionableList(models.Model):
    """A list of people to work through.

    `slug` is what rules call it. `rule` is the definition's rule and the manager's filter, bound
    and joined; `fields` the (dataset, field) pairs it reads. `scope` is the bound
    row scope under which it is built (None: every row), `attributes` and `role` those of its maker
    at that time. `published` is the number of the build that is shown.
    """

    id = models.CharField(primary_key=True, max_length=40, default=_list_id)
    definition = models.ForeignKey(ListDefinition, on_delete=models.PROTECT)
    slug = models.CharField(max_length=80, unique=True)
    name = models.CharField(max_length=200)
    state = models.CharField(max_length=10, default="building")
    rule = models.JSONField(encoder=ExactEncoder, decoder=ExactDecoder)
    filter = models.JSONField(null=True, encoder=ExactEncoder, decoder=ExactDecoder)
    fields = models.JSONField(default=_nothing)
    scope = models.JSONField(null=True, encoder=ExactEncoder, decoder=ExactDecoder)
    role = models.CharField(max_length=30)
    attributes = models.JSONField(default=dict)
    columns = models.JSONField(default=list)  # [{"name", "type", "pii", …}] as built
    priority = models.JSONField(encoder=ExactEncoder, decoder=ExactDecoder)  # PII levels, units too
    thresholds = models.JSONField(null=True)  # {"high_from", "medium_from"} once known
    top_n = models.IntegerField(null=True)
    assignment = models.JSONField()
    due = models.DateField(null=True)
    published = models.IntegerField(null=True)
    builds = models.IntegerField(default=0)
    folding = models.BooleanField(default=False)
    created_by = models.CharField(max_length=40)
    created_at = models.DateTimeField(default=now)
    refreshed_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    idempotency_key = models.CharField(max_length=80, null=True)
    request_digest = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["created_by", "idempotency_key"], name="one_list_per_key"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state", "-created_at"], name="lists_state"),
            models.Index(fields=["created_by", "-created_at"], name="lists_creator"),
        ]


class Build(models.Model):
    """One run that fills or refreshes a list. At most one of a list is unfinished."""

    id = models.CharField(primary_key=True, max_length=40, default=_build_id)
    list = models.ForeignKey(ActionableList, on_delete=models.CASCADE)
    number = models.IntegerField()
    state = models.CharField(max_length=10, default="queued")
    requested_by = models.CharField(max_length=40)
    requested_at = models.DateTimeField(default=now)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    as_of = models.DateTimeField(null=True)
    worker = models.CharField(max_length=80, blank=True)
    lease_until = models.DateTimeField(null=True)
    cursor = models.CharField(max_length=40, blank=True)  # the last person written
    found = models.IntegerField(null=True)
    written = models.IntegerField(default=0)
    added = models.IntegerField(default=0)
    left = models.IntegerField(default=0)
    changed = models.IntegerField(default=0)
    thresholds = models.JSONField(null=True)
    message = models.JSONField(null=True)  # {"ja", "en"}
    told = models.BooleanField(default=False)  # the warehouse knows who is on the list since

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["list", "number"], name="one_build_number"),
            models.UniqueConstraint(
                fields=["list"],
                condition=Q(state__in=[str(state) for state in UNFINISHED]),
                name="one_unfinished_build",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["requested_at"],
                condition=Q(state__in=[str(state) for state in UNFINISHED]),
                name="builds_to_do",
            ),
            models.Index(
                fields=["list", "number"],
                condition=Q(state=BuildState.DONE, told=False),
                name="builds_to_tell",
            ),
        ]


class Member(models.Model):
    """One person on one list. The first block belongs to builds, the last to people."""

    id = models.BigAutoField(primary_key=True)
    list = models.ForeignKey(ActionableList, on_delete=models.CASCADE, db_index=False)
    person = models.CharField(max_length=40)

    key = models.CharField(max_length=200)
    display = models.CharField(max_length=400)
    search = models.CharField(max_length=700)  # folded display and key
    values = models.JSONField(default=dict, encoder=ExactEncoder, decoder=ExactDecoder)
    reasons = models.JSONField(default=_nothing, encoder=ExactEncoder, decoder=ExactDecoder)
    digest = models.CharField(max_length=32)
    branch = models.CharField(max_length=200, blank=True)
    score = models.FloatField(default=0)
    priority = models.SmallIntegerField(default=2)
    # 1 or 0: SQLite uses an index for `= 1`, not for a bare boolean column.
    present = models.SmallIntegerField(default=0)
    joined_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)
    # Who asked for the member from outside a build; such a one stays whatever a refresh finds.
    kept_for = models.CharField(max_length=160, blank=True, default="", db_default="")

    next_build = models.IntegerField(null=True)
    next_present = models.SmallIntegerField(null=True)
    next_priority = models.SmallIntegerField(null=True)
    next_score = models.FloatField(null=True)
    next_branch = models.CharField(max_length=200, null=True)
    next_data = models.JSONField(null=True, encoder=ExactEncoder, decoder=ExactDecoder)

    status = models.CharField(max_length=32)
    meaning = models.CharField(max_length=10, default="open")
    assignee = models.CharField(max_length=40, blank=True)
    priority_by_hand = models.BooleanField(default=False)
    attempts = models.IntegerField(default=0)
    stage = models.SmallIntegerField(default=0)
    last_contact_at = models.DateTimeField(null=True)
    last_outcome = models.CharField(max_length=32, blank=True)
    next_step = models.CharField(max_length=400, blank=True)
    next_at = models.DateTimeField(null=True)
    lease_by = models.CharField(max_length=40, blank=True)
    lease_until = models.DateTimeField(null=True)
    lease_decision = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["list", "person"], name="one_member"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(F("list"), F("present"), F("priority").desc(), F("score").desc(), F("id"),
                         name="members_board"),
            models.Index(F("list"), F("present"), F("status"), F("priority").desc(),
                         F("score").desc(), F("id"), name="members_status"),
            models.Index(F("list"), F("present"), F("assignee"), F("meaning"),
                         F("priority").desc(), F("score").desc(), F("id"), name="members_queue"),
            models.Index(fields=["list", "present", "display", "id"], name="members_name"),
            models.Index(fields=["list", "present", "meaning", "assignee", "stage", "branch"],
                         name="members_tally"),
            models.Index(fields=["person"], name="members_person"),
            models.Index(fields=["assignee", "next_at"], condition=Q(next_at__isnull=False),
                         name="members_follow_up"),
            models.Index(fields=["lease_by", "lease_until"], condition=~Q(lease_by=""),
                         name="members_lease"),
            models.Index(fields=["list", "next_build"], condition=Q(next_build__isnull=False),
                         name="members_pending"),
        ]  # fmt: skip


class ListChange(models.Model):
    """What a refresh changed about one member; shown once the build is published."""

    build = models.ForeignKey(Build, on_delete=models.CASCADE, db_index=False)
    member = models.ForeignKey(Member, on_delete=models.CASCADE)
    kind = models.CharField(max_length=10)
    fields = models.JSONField(default=list)
    before = models.JSONField(default=dict, encoder=ExactEncoder, decoder=ExactDecoder)
    after = models.JSONField(default=dict, encoder=ExactEncoder, decoder=ExactDecoder)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["build", "member"], name="one_change"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["build", "kind", "id"], name="changes_kind"),
        ]


class StatusChange(models.Model):
    """That a member's status changed by hand, or that she joined or left a list beside its builds;
    gone once the warehouse knows it (see `telling`). `kind`: status | joined | left."""

    kind = models.CharField(max_length=8, default="status")

    list_id = models.CharField(max_length=40)
    person = models.CharField(max_length=40)
    status = models.CharField(max_length=32)
    meaning = models.CharField(max_length=10)
    at = models.DateTimeField()


class Engagement(models.Model):
    """One contact by a human. `before` restores the member when it is undone within seconds."""

    id = models.CharField(primary_key=True, max_length=40, default=_engagement_id)
    list = models.ForeignKey(ActionableList, on_delete=models.PROTECT, db_index=False)
    member = models.ForeignKey(Member, on_delete=models.PROTECT)
    person = models.CharField(max_length=40)
    kind = models.CharField(max_length=32)
    channel = models.CharField(max_length=20)
    direction = models.CharField(max_length=10, default="outbound")
    outcome = models.CharField(max_length=32)
    outcome_kind = models.CharField(max_length=20)
    stage = models.SmallIntegerField()
    note = models.TextField(blank=True)
    next_step = models.CharField(max_length=400, blank=True)
    next_at = models.DateTimeField(null=True)
    refused_product = models.CharField(max_length=64, null=True)
    decision_id = models.CharField(max_length=40)
    restriction_id = models.CharField(max_length=40, blank=True)
    by = models.CharField(max_length=40)
    at = models.DateTimeField(default=now)
    idempotency_key = models.CharField(max_length=80, null=True)
    request_digest = models.CharField(max_length=64, blank=True)
    before = models.JSONField(default=dict)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["by", "idempotency_key"], name="one_engagement_per_key"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["list", "at"], name="engagements_list"),
            models.Index(fields=["person", "-at"], name="engagements_person"),
            models.Index(fields=["by", "-at"], name="engagements_by"),
        ]


class Assignment(models.Model):
    """That a member went from one assignee to another (empty: nobody), by whom and how."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE)
    from_user = models.CharField(max_length=40, blank=True)
    to_user = models.CharField(max_length=40, blank=True)
    how = models.CharField(max_length=20)  # by_hand | claimed | owner | round_robin
    by = models.CharField(max_length=40)
    at = models.DateTimeField(default=now)


class Share(models.Model):
    """That a user may see a list (`view`) or also claim from its pool (`work`)."""

    id = models.CharField(primary_key=True, max_length=40, default=_share_id)
    list = models.ForeignKey(ActionableList, on_delete=models.CASCADE)
    user = models.CharField(max_length=40)
    level = models.CharField(max_length=10, default="view")
    by = models.CharField(max_length=40)
    at = models.DateTimeField(default=now)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["list", "user"], condition=Q(ended_at__isnull=True), name="one_open_share"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["user", "list"], name="shares_user"),
        ]


class CustomerNote(models.Model):
    """What somebody wrote down about a customer, for whoever serves her next (see `notes`)."""

    id = models.CharField(primary_key=True, max_length=40, default=_note_id)
    person = models.CharField(max_length=40)
    text = models.TextField()
    pinned = models.BooleanField(default=False)
    by = models.CharField(max_length=40)
    at = models.DateTimeField(default=now)
    changed_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["person", "-at"], name="notes_person"),
        ]
