"""The tables of messages. Persons are Enishi ids, users are user ids, instants are in UTC."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from enishi.book.clock import now
from enishi.book.jsontext import ExactDecoder, ExactEncoder
from enishi.kernel.ids import new_id, new_ids
from enishi.messages.types import DeliveryState, SendState


def _template_id() -> str:
    return new_id("tpl")


def _version_id() -> str:
    return new_id("tpv")


def _asset_id() -> str:
    return new_id("ast")


def _sender_id() -> str:
    return new_id("sdr")


def _send_id() -> str:
    return new_id("snd")


def delivery_id() -> str:
    return new_id("dlv")


def delivery_ids(count: int) -> list[str]:
    """The ids of so many deliveries that are written at once."""
    return new_ids("dlv", count)


def _response_id() -> str:
    return new_id("rsp")


class Template(models.Model):
    """A message's source, through all its versions. `channel` and `purpose` never change."""

    id = models.CharField(primary_key=True, max_length=40, default=_template_id)
    slug = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=200)
    channel = models.CharField(max_length=12)
    purpose = models.CharField(max_length=64)
    product = models.CharField(max_length=64, blank=True, default="")
    owner = models.CharField(max_length=40)
    created_by = models.CharField(max_length=40)
    created_at = models.DateTimeField(default=now)
    archived_at = models.DateTimeField(null=True)


class TemplateVersion(models.Model):
    """One wording (`bodies.TemplateBody`). What was sent keeps the version it was sent from."""

    id = models.CharField(primary_key=True, max_length=40, default=_version_id)
    template = models.ForeignKey(Template, on_delete=models.CASCADE, related_name="versions")
    number = models.IntegerField()
    state = models.CharField(max_length=12)  # VersionState
    body = models.JSONField(encoder=ExactEncoder, decoder=ExactDecoder)
    note = models.TextField(blank=True, default="")
    created_by = models.CharField(max_length=40)
    created_at = models.DateTimeField(default=now)
    changed_by = models.CharField(max_length=40, blank=True, default="")
    changed_at = models.DateTimeField(null=True)
    submitted_by = models.CharField(max_length=40, blank=True, default="")
    submitted_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=40, blank=True, default="")
    decided_at = models.DateTimeField(null=True)
    decision_note = models.TextField(blank=True, default="")
    authors = models.JSONField(default=list)  # everybody who has worked on it: none may approve it

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["template", "number"], name="message_version_number"),
            models.UniqueConstraint(
                fields=["template"],
                name="message_one_in_work",
                condition=models.Q(state__in=["draft", "review"]),
            ),
            models.UniqueConstraint(
                fields=["template"], name="message_one_approved",
                condition=models.Q(state="approved"),
            ),
        ]  # fmt: skip


class Asset(models.Model):
    """An image that we serve ourselves. The bytes stand in `var/assets/<digest>`."""

    id = models.CharField(primary_key=True, max_length=40, default=_asset_id)
    name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64, unique=True)  # SHA-256 of the bytes
    kind = models.CharField(max_length=20)  # image/png, image/jpeg, image/gif
    width = models.IntegerField()
    height = models.IntegerField()
    size = models.IntegerField()
    alt = models.CharField(max_length=300, blank=True, default="")
    created_by = models.CharField(max_length=40)
    created_at = models.DateTimeField(default=now)
    archived_at = models.DateTimeField(null=True)


class Sender(models.Model):
    """A way out that has been set up: a mail server, an account with a provider.

    While `live` is false everything goes to the built-in mailbox. `secrets` is sealed with the
    workspace's secret. The `main` one of a channel is taken where none is named.
    """

    id = models.CharField(primary_key=True, max_length=40, default=_sender_id)
    slug = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=200)
    channel = models.CharField(max_length=12)
    provider = models.CharField(max_length=40)  # the folder under messages/channels
    config = models.JSONField(default=dict)
    secrets = models.TextField(blank=True, default="")
    live = models.BooleanField(default=False)
    main = models.BooleanField(default=False)
    created_by = models.CharField(max_length=40)
    created_at = models.DateTimeField(default=now)
    changed_at = models.DateTimeField(null=True)
    archived_at = models.DateTimeField(null=True)


class Send(models.Model):
    """A one-off send: a template to the people of some segments.

    `body` is a `send_bodies.SendBody`; `preview` what was last counted, with the digest of the
    token that dispatching must show; `counts` how far it is.
    """

    id = models.CharField(primary_key=True, max_length=40, default=_send_id)
    slug = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=200)
    state = models.CharField(max_length=12, default=SendState.DRAFT)
    paused_from = models.CharField(max_length=12, blank=True, default="")
    body = models.JSONField(encoder=ExactEncoder, decoder=ExactDecoder)
    template_version = models.CharField(max_length=40, blank=True, default="")  # once dispatched
    preview = models.JSONField(default=dict)
    progress = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    due_at = models.DateTimeField(null=True)
    created_by = models.CharField(max_length=40)
    created_at = models.DateTimeField(default=now)
    dispatched_by = models.CharField(max_length=40, blank=True, default="")
    dispatched_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    archived_at = models.DateTimeField(null=True)


class Delivery(models.Model):
    """One attempt to reach one person, written before any provider is called.

    `key` names it for ever: `send:<send>:<person>` or `walk:<enrollment>:<step>:<visit>`. `address`
    is a keyed digest of the normalised address. `reason` is a stable code, `reasons` what the gate
    said ([{"code", "restriction", "policy"}]). `given` are values that came with it (an event's
    properties), besides those the template reads. `priority` orders what is due for one person.
    """

    id = models.CharField(primary_key=True, max_length=40, default=delivery_id)
    key = models.CharField(max_length=160, unique=True)
    person = models.CharField(max_length=40)
    channel = models.CharField(max_length=12)
    purpose = models.CharField(max_length=64)
    product = models.CharField(max_length=64, blank=True, default="")
    template_version = models.CharField(max_length=40)
    sender = models.CharField(max_length=64, blank=True, default="")  # slug; empty: the main one
    send = models.CharField(max_length=40, blank=True, default="")
    journey = models.CharField(max_length=40, blank=True, default="")
    journey_version = models.IntegerField(default=0)
    enrollment = models.BigIntegerField(null=True)
    step = models.CharField(max_length=40, blank=True, default="")
    given = models.JSONField(default=dict, encoder=ExactEncoder, decoder=ExactDecoder)
    priority = models.IntegerField(default=0)
    address = models.CharField(max_length=40, blank=True, default="")
    state = models.CharField(max_length=12, default=DeliveryState.QUEUED)
    reason = models.CharField(max_length=80, blank=True, default="")
    reasons = models.JSONField(default=list)
    decision = models.CharField(max_length=40, blank=True, default="")
    held = models.BooleanField(default=False)  # its send or journey is paused
    created_at = models.DateTimeField(default=now)
    due_at = models.DateTimeField(null=True)  # while queued
    worker = models.CharField(max_length=60, blank=True, default="")
    lease_until = models.DateTimeField(null=True)
    attempts = models.IntegerField(default=0)
    attempted_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    provider_id = models.CharField(max_length=200, blank=True, default="")
    cost = models.DecimalField(max_digits=12, decimal_places=4, null=True)  # in yen
    delivered_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)  # by a human, as far as can be told
    machine_opened_at = models.DateTimeField(null=True)
    clicked_at = models.DateTimeField(null=True)
    bounced_at = models.DateTimeField(null=True)
    complained_at = models.DateTimeField(null=True)
    replied_at = models.DateTimeField(null=True)
    unsubscribed_at = models.DateTimeField(null=True)
    # The end that the log of events has been told of (`telling`): another one is told anew.
    told = models.CharField(max_length=12, blank=True, default="", db_default="")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["send", "address"],
                name="message_once_an_address",
                condition=~models.Q(send="")
                & ~models.Q(address="")
                & ~models.Q(state="suppressed"),
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["channel", "sender", "-priority", "due_at"], name="message_due",
                condition=models.Q(state="queued", held=False),
            ),
            models.Index(
                fields=["send", "address"], name="message_same_address",
                condition=models.Q(reason="same_address"),
            ),
            models.Index(
                fields=["-finished_at"], name="message_unknown",
                condition=models.Q(state="unknown"),
            ),
            models.Index(
                fields=["send", "journey"], name="message_held",
                condition=models.Q(state="queued", held=True),
            ),
            models.Index(
                fields=["worker"], name="message_attempting",
                condition=models.Q(state="attempting"),
            ),
            models.Index(fields=["person", "-created_at"], name="message_person"),
            models.Index(
                fields=["send", "state"], name="message_send", condition=~models.Q(send="")
            ),
            models.Index(
                fields=["journey", "step", "state"], name="message_journey",
                condition=~models.Q(journey=""),
            ),
            models.Index(
                fields=["enrollment"], name="message_enrollment",
                condition=models.Q(enrollment__isnull=False),
            ),
            models.Index(
                fields=["finished_at"], name="message_untold_end",
                condition=models.Q(state__in=["sent", "failed", "unknown"])
                & ~models.Q(told=models.F("state")),
            ),
            models.Index(
                fields=["provider_id"], name="message_provider",
                condition=~models.Q(provider_id=""),
            ),
        ]  # fmt: skip


class DeliveryHold(models.Model):
    """A send or a journey whose deliveries are paused: none of them is tried while it stands.

    It counts from its commit on, for whoever is about to try one. Marking each queued delivery
    (`Delivery.held`) follows in short units, and so does taking the marks away: `ending` then.
    """

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=8)  # send | journey
    ref = models.CharField(max_length=40)
    ending = models.BooleanField(default=False)
    at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["kind", "ref"], name="message_one_hold"),
        ]


class SendingSettings(models.Model):
    """What is set for sending (`unknowns.UnknownsBody`), one row named `default`."""

    name = models.CharField(primary_key=True, max_length=20)
    body = models.JSONField()
    updated_by = models.CharField(max_length=40)
    updated_at = models.DateTimeField(default=now)


class Response(models.Model):
    """Something that came back of a delivery. `told` once it is in the log of events.

    `id` is also the message id of its event, so that telling it twice is telling it once.
    """

    id = models.CharField(primary_key=True, max_length=60, default=_response_id)
    delivery = models.CharField(max_length=40)
    person = models.CharField(max_length=40)
    kind = models.CharField(max_length=14)  # ResponseKind
    machine = models.BooleanField(default=False)
    detail = models.JSONField(default=dict)  # url, code, mail program
    at = models.DateTimeField(default=now)
    told = models.BooleanField(default=False)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["delivery"], name="message_response"),
            models.Index(fields=["person"], name="message_response_person"),
            models.Index(fields=["at"], name="message_untold", condition=models.Q(told=False)),
        ]


class AddressStop(models.Model):
    """An address that is not to be used any more: it bounced for good, or somebody complained."""

    id = models.BigAutoField(primary_key=True)
    channel = models.CharField(max_length=12)
    address = models.CharField(max_length=40)  # the digest of Delivery.address
    code = models.CharField(max_length=40)  # bounced, complained, blocked
    person = models.CharField(max_length=40)
    delivery = models.CharField(max_length=40, blank=True, default="")
    at = models.DateTimeField(default=now)
    released_at = models.DateTimeField(null=True)
    released_by = models.CharField(max_length=40, blank=True, default="")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["channel", "address"], name="message_stopped_once",
                condition=models.Q(released_at__isnull=True),
            ),
        ]  # fmt: skip
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["person"], name="message_stop_person"),
        ]


class ChannelAddress(models.Model):
    """An address that the catalog does not hold: a friend on LINE, a browser that takes pushes."""

    id = models.BigAutoField(primary_key=True)
    person = models.CharField(max_length=40)
    channel = models.CharField(max_length=12)
    address = models.TextField()  # LINE user id; a push subscription as JSON
    digest = models.CharField(max_length=40)
    since = models.DateTimeField(default=now)
    ended_at = models.DateTimeField(null=True)
    ended_because = models.CharField(max_length=40, blank=True, default="")  # blocked, gone

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["channel", "digest"], name="message_address_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["person", "channel"], name="message_address_person"),
        ]


class MailboxItem(models.Model):
    """A message that was delivered to the built-in mailbox instead of leaving the machine."""

    id = models.BigAutoField(primary_key=True)
    person = models.CharField(max_length=40)
    delivery = models.CharField(max_length=40, unique=True)
    channel = models.CharField(max_length=12)
    recipient = models.CharField(max_length=400)
    subject = models.CharField(max_length=400, blank=True, default="")
    content = models.BinaryField()  # the mail as it would have left, or a JSON payload
    at = models.DateTimeField(default=now)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["-at"], name="message_mailbox"),
            models.Index(fields=["person"], name="message_mailbox_person"),
        ]
