"""Django's session store on our own table: hashed keys, an idle and an absolute end.

The row is written when a session is made and when its content changes. `touch` prolongs it at most
once a minute, so that reading pages does not write to the book at every click.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

from django.contrib.sessions.backends.base import CreateError, SessionBase, UpdateError
from django.db import IntegrityError, connection
from django.http import HttpRequest

from enishi.book.clock import now
from enishi.book.models import Session
from enishi.book.unit import work
from enishi.book.workspace import current_workspace

TOUCH_EVERY = timedelta(minutes=1)


def key_hash(key: str) -> str:
    """How a session key is kept: keys are random, so a plain SHA-256 is enough."""
    return hashlib.sha256(key.encode()).hexdigest()


def end_of(created: datetime, seen: datetime) -> datetime:
    """When a session ends: idle for too long, or too old whatever happens."""
    security = current_workspace().security
    return min(
        seen + timedelta(minutes=security.idle_minutes),
        created + timedelta(hours=security.absolute_hours),
    )


class SessionStore(SessionBase):
    """The store Django asks for. `row` is the table's row once it has been read or written."""

    row: Session | None = None

    def load(self) -> dict[str, Any]:
        self.row = self._find(self.session_key)
        if self.row is None:
            self._session_key = None
            return {}
        content: dict[str, Any] = self.decode(self.row.data)
        return content

    @staticmethod
    def _find(key: str | None) -> Session | None:
        if not key:
            return None
        return Session.objects.filter(key_hash=key_hash(key), expires_at__gt=now()).first()

    def exists(self, session_key: str | None = None) -> bool:
        wanted = key_hash(session_key or "")
        return Session.objects.filter(key_hash=wanted).exists()

    def create(self) -> None:
        self._session_key = self._get_new_session_key()  # type: ignore[attr-defined]  # SessionBase's own; its stubs leave it out
        self.save(must_create=True)
        self.modified = True

    def save(self, must_create: bool = False) -> None:
        """Write the content. Raises UpdateError when the session was ended meanwhile."""
        if self.session_key is None:
            self.create()
            return
        content = self._get_session(no_load=must_create)  # type: ignore[attr-defined]  # as above
        data = self.encode(content)
        user_id = content.get("_auth_user_id")
        if must_create:
            moment = now()
            row = Session(
                key_hash=key_hash(self.session_key),
                user_id=user_id,
                data=data,
                created_at=moment,
                last_seen_at=moment,
                expires_at=end_of(moment, moment),
            )
            try:
                with work("session.create"):
                    row.save(force_insert=True)
            except IntegrityError:
                raise CreateError from None
            self.row = row
            return
        with work("session.save"):
            changed = Session.objects.filter(key_hash=key_hash(self.session_key)).update(
                data=data, user_id=user_id
            )
        if not changed:
            raise UpdateError

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is None:
            return
        with work("session.delete"):
            Session.objects.filter(key_hash=key_hash(key)).delete()

    @classmethod
    def clear_expired(cls) -> None:
        with work("session.clear"):
            Session.objects.filter(expires_at__lte=now()).delete()

    def get_expiry_age(self, **_: object) -> int:
        """Seconds the cookie lives: to the absolute end; the table knows of the idle one."""
        return current_workspace().security.absolute_hours * 3600


def touch(request: HttpRequest) -> None:
    """Prolong the session of a signed-in request, at most once a minute."""
    row: Session | None = getattr(request.session, "row", None)
    moment = now()
    if row is None or moment - row.last_seen_at < TOUCH_EVERY:
        return
    if connection.in_atomic_block:
        return
    with work("session.touch"):
        Session.objects.filter(id=row.id).update(
            last_seen_at=moment, expires_at=end_of(row.created_at, moment)
        )
    row.last_seen_at = moment
