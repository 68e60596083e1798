"""The tables of accounts and audit. Only this package touches them."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from enishi.book.clock import now
from enishi.kernel.ids import new_id


def _user_id() -> str:
    return new_id("usr")


def _session_id() -> str:
    return new_id("ses")


def _ticket_id() -> str:
    return new_id("tkt")


class UserManager(BaseUserManager["User"]):
    """Finds a user by e-mail address, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser):
    """Someone who signs in. `email` is kept in lower case; `attributes` feed row scopes."""

    id = models.CharField(primary_key=True, max_length=40, default=_user_id, editable=False)
    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=100, blank=True)
    name_kana = models.CharField(max_length=100, blank=True)
    role = models.CharField(max_length=30)
    attributes = models.JSONField(default=dict)
    locale = models.CharField(max_length=2, default="ja")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=now)
    joined_at = models.DateTimeField(null=True)  # when the invitation was accepted

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        ordering = ("email",)

    def __str__(self) -> str:
        return self.id


class Role(models.Model):
    """What an administrator may set about a role: its row scope and the PII level it may see."""

    name = models.CharField(primary_key=True, max_length=30)
    scope = models.TextField(null=True)  # a rule as JSON, decimals exact; null: every row
    pii = models.CharField(max_length=4, default="none")
    updated_at = models.DateTimeField(default=now)


class Session(models.Model):
    """One signed-in browser. The cookie's key is kept as a hash: a copy of the book opens none."""

    id = models.CharField(primary_key=True, max_length=40, default=_session_id)
    key_hash = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE)
    data = models.TextField()
    ip = models.CharField(max_length=45, blank=True)
    agent = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=now)
    last_seen_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField(db_index=True)


class Ticket(models.Model):
    """A secret link sent to one user: to accept an invitation or to set a new password."""

    id = models.CharField(primary_key=True, max_length=40, default=_ticket_id)
    kind = models.CharField(max_length=20)  # invitation | reset
    token_hash = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE)
    created_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class Attempt(models.Model):
    """How often something was tried under one key (a hash) since `since`; see `throttle`."""

    key = models.CharField(primary_key=True, max_length=64)
    count = models.IntegerField(default=0)
    since = models.DateTimeField()


class AuditRow(models.Model):
    """One link of the audit chain. Holds opaque ids and codes, nothing that names a person."""

    seq = models.BigIntegerField(primary_key=True)
    at = models.CharField(max_length=40)  # as hashed: ISO 8601 in UTC with microseconds
    actor = models.CharField(max_length=40)
    role = models.CharField(max_length=30)
    action = models.CharField(max_length=60)
    object_type = models.CharField(max_length=40)
    object_id = models.CharField(max_length=100)
    detail = models.JSONField(default=dict)
    subjects = models.JSONField(default=list)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["actor", "seq"], name="audit_actor"),
            models.Index(fields=["action", "seq"], name="audit_action"),
            models.Index(fields=["object_type", "object_id", "seq"], name="audit_object"),
            models.Index(fields=["at"], name="audit_at"),
        ]


class AuditSubject(models.Model):
    """Finds the audit rows about one person. An index: what counts is in the chain."""

    row = models.ForeignKey(AuditRow, on_delete=models.CASCADE, db_constraint=False)
    subject = models.CharField(max_length=40)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["subject", "row"], name="audit_subject"),
        ]


class AuditHead(models.Model):
    """The last link of the chain; locking this row puts appends in order."""

    id = models.IntegerField(primary_key=True)
    seq = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64)
