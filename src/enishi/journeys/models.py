"""The tables of journeys. Persons are Enishi ids, users are user ids, instants are in UTC."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from enishi.book.clock import now
from enishi.book.jsontext import ExactDecoder, ExactEncoder
from enishi.journeys.types import JourneyState, WalkState
from enishi.kernel.ids import new_id


def _journey_id() -> str:
    return new_id("jny")


def _version_id() -> str:
    return new_id("jvr")


def _dry_run_id() -> str:
    return new_id("jdr")


class Journey(models.Model):
    """A journey through all its versions. `priority`: the higher goes first where the gate allows
    only one message."""

    id = models.CharField(primary_key=True, max_length=40, default=_journey_id)
    slug = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=200)
    state = models.CharField(max_length=10, default=JourneyState.DRAFT)
    priority = models.IntegerField(default=0)
    flow = models.CharField(max_length=40, blank=True, default="")  # made from this template
    owner = models.CharField(max_length=40)
    created_by = models.CharField(max_length=40)
    created_at = models.DateTimeField(default=now)
    live_since = models.DateTimeField(null=True)
    state_since = models.DateTimeField(null=True)
    archived_at = models.DateTimeField(null=True)


class JourneyVersion(models.Model):
    """One wording (`graph.JourneyBody`). Whoever came in on it finishes on it, or is moved.

    `moving`: from which versions people are being moved here, and where their steps lead.
    """

    id = models.CharField(primary_key=True, max_length=40, default=_version_id)
    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="versions")
    number = models.IntegerField()
    state = models.CharField(max_length=10)  # VersionState
    body = models.JSONField(encoder=ExactEncoder, decoder=ExactDecoder)
    note = models.TextField(blank=True, default="")
    authors = models.JSONField(default=list)  # users who worked on it: it only grows
    created_by = models.CharField(max_length=40)
    created_at = models.DateTimeField(default=now)
    changed_by = models.CharField(max_length=40, blank=True, default="")
    changed_at = models.DateTimeField(null=True)
    submitted_by = models.CharField(max_length=40, blank=True, default="")
    submitted_at = models.DateTimeField(null=True)
    returned_by = models.CharField(max_length=40, blank=True, default="")
    returned_at = models.DateTimeField(null=True)
    returned_because = models.TextField(blank=True, default="")
    live_by = models.CharField(max_length=40, blank=True, default="")
    live_at = models.DateTimeField(null=True)
    replaced_at = models.DateTimeField(null=True)
    moving = models.JSONField(default=dict)  # {"2": {"old step": "new step", "gone": null}}

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["journey", "number"], name="journey_version_number"),
            models.UniqueConstraint(
                fields=["journey"], name="journey_one_in_work",
                condition=models.Q(state__in=["draft", "review"]),
            ),
            models.UniqueConstraint(
                fields=["journey"], name="journey_one_live", condition=models.Q(state="live")
            ),
        ]  # fmt: skip


class Enrollment(models.Model):
    """One person's walk through one journey, for one entry key (`types.Walk` is its row).

    `due_at` is when the lane takes it up: for a wait for a signal or a task a minute after the
    deadline (`types.GRACE`), since what happened in time may be heard of late.
    """

    id = models.BigAutoField(primary_key=True)
    journey = models.CharField(max_length=40)
    version = models.IntegerField()  # JourneyVersion.number
    person = models.CharField(max_length=40)
    key = models.CharField(max_length=120, blank=True, default="")
    state = models.CharField(max_length=8, default=WalkState.ACTIVE)
    step = models.CharField(max_length=40, null=True)
    visit = models.IntegerField(default=0)
    since = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    why = models.CharField(max_length=10, blank=True, default="")
    end = models.CharField(max_length=12, blank=True, default="")
    memory = models.JSONField(default=dict, encoder=ExactEncoder, decoder=ExactDecoder)
    control = models.BooleanField(default=False)  # of the control group
    entered_at = models.DateTimeField()
    entered_by = models.CharField(max_length=40, blank=True, default="")  # segment:…, event:…, api
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["journey", "person", "key"],
                name="journey_one_walk",
                condition=~models.Q(state="ended"),
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["journey", "due_at", "id"], name="journey_due",
                condition=models.Q(state="active", due_at__isnull=False),
            ),
            models.Index(
                fields=["journey", "due_at", "id"], name="journey_settled",
                condition=models.Q(state="active", due_at__isnull=False, why="delivery"),
            ),
            models.Index(fields=["person"], name="journey_person"),
            models.Index(fields=["journey", "state", "step"], name="journey_at_step"),
        ]  # fmt: skip


class EnrollmentMove(models.Model):
    """One line of a walk's story (`types.Move`).

    Whose it is, its walk says: an index of persons here would cost each line of a story a page.
    """

    about_by = "enrollment__person"

    id = models.BigAutoField(primary_key=True)
    enrollment = models.ForeignKey(
        Enrollment, models.CASCADE, related_name="+", db_column="enrollment",
        db_constraint=False, db_index=False,
    )  # fmt: skip
    at = models.DateTimeField()
    step = models.CharField(max_length=40, null=True)
    to = models.CharField(max_length=40, null=True)
    visit = models.IntegerField(default=0)
    code = models.CharField(max_length=40)
    detail = models.JSONField(default=dict, encoder=ExactEncoder, decoder=ExactDecoder)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["enrollment"], name="journey_story"),
        ]


class Passage(models.Model):
    """How many passed from a step to the next on a local day: what the canvas shows.

    `seconds` is the sum of the time they stood at `step`, in buckets `slow` by powers of two for
    the median. `to` empty: the walk ended there.
    """

    id = models.BigAutoField(primary_key=True)
    journey = models.CharField(max_length=40)
    version = models.IntegerField()
    step = models.CharField(max_length=40, blank=True)  # empty: the entry
    to = models.CharField(max_length=40, blank=True)
    code = models.CharField(max_length=40)
    day = models.DateField()
    people = models.IntegerField(default=0)
    seconds = models.BigIntegerField(default=0)
    slow = models.JSONField(default=dict)  # {"12": people}: 2**12 seconds or less, and no 2**11

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["journey", "version", "step", "to", "code", "day"], name="journey_passage"
            ),
        ]


class JourneyTask(models.Model):
    """A human's task that a walk waits for: a member on an actionable list."""

    id = models.BigAutoField(primary_key=True)
    key = models.CharField(max_length=160, unique=True)
    enrollment = models.BigIntegerField()
    person = models.CharField(max_length=40)
    step = models.CharField(max_length=40)
    visit = models.IntegerField()
    list = models.CharField(max_length=64)  # slug
    member = models.BigIntegerField(null=True)
    state = models.CharField(max_length=10)  # waiting | open | done | withdrawn | refused
    outcome = models.CharField(max_length=40, blank=True, default="")
    reason = models.CharField(max_length=80, blank=True, default="")  # why nobody was given it
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["enrollment"], name="journey_task"),
            models.Index(fields=["person"], name="journey_task_person"),
            models.Index(fields=["state", "list", "id"], name="journey_task_state"),
            models.Index(
                fields=["member"], name="journey_task_open",
                condition=models.Q(state__in=["waiting", "open"]),
            ),
        ]  # fmt: skip


class Emitted(models.Model):
    """An event of our own that is still to be written to the log: soon gone again, so that an
    erasure reads them all, and none pays for an index of persons."""

    key = models.CharField(primary_key=True, max_length=160)  # its message id
    person = models.CharField(max_length=40)
    event = models.CharField(max_length=100)
    values = models.JSONField(default=dict, encoder=ExactEncoder, decoder=ExactDecoder)
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["at", "key"], name="journey_emitted_at"),
        ]


class Followed(models.Model):
    """How far each thing that journeys listen to has been taken in (`feed`)."""

    name = models.CharField(primary_key=True, max_length=80)
    value = models.JSONField(default=dict)
    at = models.DateTimeField(default=now)


class JourneyDryRun(models.Model):
    """A wording played over past days (`dry_run`), within the row scope of who asked for it.

    `result` holds figures alone; walks of persons are rows of `JourneyDryWalk`.
    """

    id = models.CharField(primary_key=True, max_length=40, default=_dry_run_id)
    journey = models.CharField(max_length=40)
    number = models.IntegerField()
    body = models.JSONField(encoder=ExactEncoder, decoder=ExactDecoder)
    days = models.IntegerField()
    since = models.DateTimeField()
    until = models.DateTimeField()
    state = models.CharField(max_length=10)  # queued | running | done | failed | cancelled
    progress = models.FloatField(default=0)
    doing = models.CharField(max_length=20, blank=True, default="")
    attempt = models.IntegerField(default=0)
    worker = models.CharField(max_length=60, blank=True, default="")
    lease_until = models.DateTimeField(null=True)
    asked_by = models.CharField(max_length=40)
    asked_at = models.DateTimeField(default=now)
    ended_at = models.DateTimeField(null=True)
    error = models.JSONField(default=dict)  # {"ja", "en"}
    result = models.JSONField(null=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["journey", "-asked_at"], name="journey_dry_runs"),
            models.Index(
                fields=["asked_at"], name="journey_dry_waiting",
                condition=models.Q(state__in=["queued", "running"]),
            ),
        ]  # fmt: skip


class JourneyDryWalk(models.Model):
    """One walk of a dry run that is kept to be read, as codes: `moves` are those of `types.Move`
    and what the gate said of its contacts."""

    id = models.BigAutoField(primary_key=True)
    run = models.CharField(max_length=40)
    person = models.CharField(max_length=40)
    key = models.CharField(max_length=120, blank=True, default="")
    entered_at = models.DateTimeField()
    contacts = models.IntegerField(default=0)
    stopped = models.IntegerField(default=0)
    end = models.CharField(max_length=12, blank=True, default="")
    moves = models.JSONField(default=list)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["run"], name="journey_dry_walk"),
            models.Index(fields=["person"], name="journey_dry_person"),
        ]


class ProofSetting(models.Model):
    """What counts as success of a journey or a send, and what a contact costs, as chosen for its
    proof: beside its wording, changed at any time, and true of its whole past (`proof_settings`).
    """

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=8)  # journey | send
    ref = models.CharField(max_length=40)
    conversions = models.JSONField(encoder=ExactEncoder, decoder=ExactDecoder)
    cost = models.JSONField(default=dict)  # yen a contact, by channel
    changed_by = models.CharField(max_length=40)
    changed_at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["kind", "ref"], name="journey_one_proof_setting"),
        ]


class Notice(models.Model):
    """Something in the book that journeys have to hear of, left by the unit that did it; gone in
    the unit that takes it in.

    `kind` is `list` (a member's outcome or status: `codes`, and `done` when the work is over) or
    `hold` (her holds have changed).
    """

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=8)
    person = models.CharField(max_length=40)
    list = models.CharField(max_length=80, blank=True, default="")  # slug
    member = models.BigIntegerField(null=True)
    codes = models.JSONField(default=dict)  # {"codes": […]}
    done = models.BooleanField(default=False)
    by = models.CharField(max_length=40, blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["person"], name="journey_notice_person"),
        ]
