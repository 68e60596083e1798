"""The gate's tables: what stops contacts, what was said and decided, and what is known of persons.

Persons are Enishi ids, users are user ids, instants are in UTC. Everything that bears on a decision
keeps the instants between which it counted, so that a day of the past can be decided again.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from enishi.book.clock import now
from enishi.book.jsontext import ExactDecoder, ExactEncoder
from enishi.kernel.ids import new_id


def _restriction_id() -> str:
    return new_id("rst")


def _decision_id() -> str:
    return new_id("dec")


def _policy_id() -> str:
    return new_id("pol")


def _version_id() -> str:
    return new_id("plv")


def _consent_id() -> str:
    return new_id("cns")


def _contact_id() -> str:
    return new_id("ctc")


def _approval_id() -> str:
    return new_id("apr")


def _import_id() -> str:
    return new_id("imp")


class Restriction(models.Model):
    """A refusal, a hold or a do-not-contact of one person.

    In force from `at` until `until` (exclusive; none: until released), unless released. `product`
    none is a refusal altogether; `channel` none is every channel. `via` is the channel on which we
    were told. `by` is a user's id. `source` says where an imported one came from (file and row),
    `import_id` by which import.
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
    source = models.CharField(max_length=200, blank=True, default="")
    import_id = models.CharField(max_length=40, blank=True, default="")
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
            models.Index(
                fields=["import_id"], name="gate_import", condition=~models.Q(import_id="")
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
    # [{"code", "restriction", "policy"}]: `policy` is the id of a PolicyVersion, or empty
    reasons = models.JSONField(default=list)
    until = models.DateTimeField(null=True)  # of `defer`
    by = models.CharField(max_length=20, blank=True, default="")  # role, of `needs_approval`
    source = models.CharField(max_length=80, blank=True, default="")
    asked_by = models.CharField(max_length=40)
    at = models.DateTimeField(default=now)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["person", "-at"], name="gate_decision_person"),
            models.Index(fields=["at"], name="gate_decision_at"),
        ]


class Policy(models.Model):
    """One policy through all its versions. `slug` is its name as code; `kind` never changes.

    Retired policies decide nothing any more. `ground` ones (classes, holds, refusals) are always
    there, and can be edited but not retired.
    """

    id = models.CharField(primary_key=True, max_length=40, default=_policy_id)
    slug = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=20)
    ground = models.BooleanField(default=False)
    created_by = models.CharField(max_length=40)
    created_at = models.DateTimeField(default=now)
    retired_at = models.DateTimeField(null=True)
    retired_by = models.CharField(max_length=40, blank=True, default="")


class PolicyVersion(models.Model):
    """One wording of a policy with the examples it has to pass.

    `body` is a `policies.PolicyBody`, `examples` a list of `policies.Example`. Published from
    `published_at` until `replaced_at`; a draft has neither.
    """

    id = models.CharField(primary_key=True, max_length=40, default=_version_id)
    policy = models.ForeignKey(Policy, on_delete=models.CASCADE, related_name="versions")
    number = models.IntegerField()
    state = models.CharField(max_length=12)  # draft | published | replaced
    body = models.JSONField(encoder=ExactEncoder, decoder=ExactDecoder)
    examples = models.JSONField(default=list, encoder=ExactEncoder, decoder=ExactDecoder)
    note = models.TextField(blank=True, default="")
    created_by = models.CharField(max_length=40)
    created_at = models.DateTimeField(default=now)
    published_by = models.CharField(max_length=40, blank=True, default="")
    published_at = models.DateTimeField(null=True)
    replaced_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["policy", "number"], name="gate_version_number"),
            models.UniqueConstraint(
                fields=["policy"], name="gate_one_draft", condition=models.Q(state="draft")
            ),
            models.UniqueConstraint(
                fields=["policy"], name="gate_one_published", condition=models.Q(state="published")
            ),
        ]


class Consent(models.Model):
    """One statement of consent, given or withdrawn, with its evidence.

    The newest statement that covers a contact counts (`deciding.consent_state`). `channel` or
    `purpose` none covers all. `until` (exclusive) ends what was given. `catalog` rows mirror the
    catalog's consent dataset and are rewritten with the profile; all others are made by users or
    imports and never deleted but by erasure: a mistake is voided.
    """

    id = models.CharField(primary_key=True, max_length=40, default=_consent_id)
    person = models.CharField(max_length=40)
    channel = models.CharField(max_length=20, null=True)
    purpose = models.CharField(max_length=64, null=True)
    given = models.BooleanField()
    at = models.DateTimeField()  # when the person said so
    until = models.DateTimeField(null=True)
    how = models.CharField(max_length=20, blank=True)  # policies.How
    wording = models.TextField(blank=True)  # what the person agreed to, or said
    evidence = models.TextField(blank=True)  # form number, recording, source file and row
    origin = models.CharField(max_length=10)  # user | import | catalog
    by = models.CharField(max_length=40)
    recorded_at = models.DateTimeField(default=now)
    voided_at = models.DateTimeField(null=True)
    voided_by = models.CharField(max_length=40, blank=True, default="")
    void_reason = models.TextField(blank=True, default="")

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["person", "-at"], name="gate_consent_person"),
        ]


class ContactMade(models.Model):
    """A contact that frequency caps count, or a slot held for one.

    `household` and `address` are those of the person at that time (a digest for the address). While
    `held_until` is set the contact has not been made: the slot is held for `by` until then.
    `given_back_at` frees it. `source` names what it belongs to (`engagement:eng_…`,
    `member:…`).
    """

    id = models.CharField(primary_key=True, max_length=40, default=_contact_id)
    person = models.CharField(max_length=40)
    household = models.CharField(max_length=80, blank=True)
    address = models.CharField(max_length=40, blank=True)
    channel = models.CharField(max_length=20)
    purpose = models.CharField(max_length=64, blank=True)
    purpose_class = models.CharField(max_length=16)
    at = models.DateTimeField()
    by = models.CharField(max_length=40)
    source = models.CharField(max_length=80)
    held_until = models.DateTimeField(null=True)
    given_back_at = models.DateTimeField(null=True)
    decision = models.CharField(max_length=40, blank=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["person", "-at"], name="gate_contact_person"),
            models.Index(fields=["household", "-at"], name="gate_contact_household"),
            models.Index(fields=["address", "-at"], name="gate_contact_address"),
            models.Index(fields=["source"], name="gate_contact_source"),
            models.Index(fields=["at"], name="gate_contact_at"),
        ]


class Approval(models.Model):
    """A request to make a contact that needs approval, and what came of it.

    It covers the reasons it names and no others, for `for_user`, until `valid_until`. `another`
    says that a reason asks for somebody else than the asker even where the asker may approve.
    """

    id = models.CharField(primary_key=True, max_length=40, default=_approval_id)
    person = models.CharField(max_length=40)
    channel = models.CharField(max_length=20)
    purpose = models.CharField(max_length=64, blank=True)
    product = models.CharField(max_length=64, null=True)
    reasons = models.JSONField(default=list)  # [{"code", "restriction", "policy", "ja", "en"}]
    another = models.BooleanField(default=False)
    role = models.CharField(max_length=20)  # who is to approve
    note = models.TextField(blank=True)
    state = models.CharField(max_length=12)  # waiting | approved | denied | withdrawn
    list_id = models.CharField(max_length=40, blank=True)
    member_id = models.CharField(max_length=40, blank=True)
    asked_by = models.CharField(max_length=40)
    for_user = models.CharField(max_length=40)
    asked_at = models.DateTimeField(default=now)
    decided_by = models.CharField(max_length=40, blank=True, default="")
    decided_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True, default="")
    valid_until = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["person", "-asked_at"], name="gate_approval_person"),
            models.Index(
                fields=["asked_at"],
                name="gate_approval_waiting",
                condition=models.Q(state="waiting"),
            ),
        ]


class Profile(models.Model):
    """What the warehouse knows of one person that policies ask for, as of the last mirroring.

    `reach` lists the channels with a usable address, `known` the facts the catalog can tell at all
    (`phone`, `birth_date`…): what it cannot tell stops nobody. `rules` are the ids of the published
    versions of `rule` policies that hold of the person.
    """

    person = models.CharField(primary_key=True, max_length=40)
    birth_date = models.DateField(null=True)
    household = models.CharField(max_length=80, blank=True)
    address = models.CharField(max_length=40, blank=True)  # digest
    zone = models.CharField(max_length=40, blank=True)
    branch = models.CharField(max_length=80, blank=True)
    reach = models.CharField(max_length=80, blank=True)  # names with commas
    known = models.CharField(max_length=120, blank=True)
    digest = models.CharField(max_length=32)  # of the row, so that equal ones are left alone

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["birth_date"],
                name="gate_profile_born",
                condition=models.Q(birth_date__isnull=False),
            ),
        ]


class ProfileRule(models.Model):
    """A person of whom a published rule policy holds."""

    id = models.BigAutoField(primary_key=True)
    version = models.CharField(max_length=40)  # PolicyVersion
    person = models.CharField(max_length=40)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["person", "version"], name="gate_rule_person"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["version", "person"], name="gate_rule_version"),
        ]


class CalendarSettings(models.Model):
    """The business calendar (`calendar.CalendarBody`), one row named `default`."""

    name = models.CharField(primary_key=True, max_length=20)
    body = models.JSONField()
    updated_by = models.CharField(max_length=40)
    updated_at = models.DateTimeField(default=now)


class GateState(models.Model):
    """One row: counts what changed how the gate decides, and how far the mirror has come.

    `stamp` grows with every published, retired or edited policy and calendar. `mirror` remembers
    what the mirror was made from (loads, catalog, rule versions) and how far an unfinished run is.
    """

    id = models.IntegerField(primary_key=True, default=1)
    stamp = models.BigIntegerField(default=0)
    mirror = models.JSONField(default=dict)


class ImportBatch(models.Model):
    """A do-not-contact list that was applied. It holds counts and line numbers, never the file.

    `columns` says which column was which, `matched` how many rows were found by what, `unmatched`
    how many were not used and why. The restrictions it wrote carry its id.
    """

    APPLYING, APPLIED, UNDONE = "applying", "applied", "undone"

    id = models.CharField(primary_key=True, max_length=40, default=_import_id)
    name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)  # SHA-256 of the file
    encoding = models.CharField(max_length=12)
    columns = models.JSONField(default=dict)
    channel = models.CharField(max_length=20, null=True)
    reason = models.TextField(blank=True)
    rows = models.IntegerField()
    matched = models.JSONField(default=dict)
    already = models.IntegerField()
    repeated = models.IntegerField()
    unmatched = models.JSONField(default=dict)
    unmatched_lines = models.JSONField(default=list)
    stops = models.IntegerField(default=0)
    state = models.CharField(max_length=10)
    by = models.CharField(max_length=40)
    at = models.DateTimeField(default=now)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.CharField(max_length=40, blank=True, default="")

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["-at"], name="gate_import_at"),
        ]
