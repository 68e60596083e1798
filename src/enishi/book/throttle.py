"""How often something may be tried: counted in the book, so that it holds over processes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import F

from enishi.book.clock import now
from enishi.book.models import Attempt
from enishi.book.unit import work
from enishi.kernel.errors import EnishiError
from enishi.kernel.text import Text


class TooMany(EnishiError):
    status = 429
    code = "too_many_attempts"


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` attempts under one key within `window`, counted from the first of them."""

    name: str
    most: int
    window: timedelta


_QUARTER = timedelta(minutes=15)
SIGN_IN_PAIR = Limit("sign_in_pair", 10, _QUARTER)  # one account from one address
SIGN_IN_ACCOUNT = Limit("sign_in_account", 50, _QUARTER)
SIGN_IN_ADDRESS = Limit("sign_in_address", 100, _QUARTER)
FORGOT_ACCOUNT = Limit("forgot_account", 5, timedelta(hours=1))
FORGOT_ADDRESS = Limit("forgot_address", 30, timedelta(hours=1))
TICKET_ADDRESS = Limit("ticket_address", 30, timedelta(hours=1))
PASSWORD = Limit("password", 10, _QUARTER)  # one's own password or code, asked again
CODE = Limit("code", 1, timedelta(minutes=5))  # one TOTP code opens once


def _key(limit: Limit, who: str) -> str:
    return hashlib.sha256(f"{limit.name}:{who}".encode()).hexdigest()


def take(limit: Limit, who: str) -> None:
    """Count one attempt; raises TooMany, with `retry_after` in seconds, when it is one too many.

    Counting comes before the attempt, so that attempts at the same time cannot slip past together.
    """
    moment = now()
    with work("throttle"):
        row, made = Attempt.objects.select_for_update().get_or_create(
            key=_key(limit, who), defaults={"count": 1, "since": moment}
        )
        if made:
            return
        if moment - row.since >= limit.window:
            row.since, row.count = moment, 0
        row.count += 1
        row.save()
        count, since = row.count, row.since
    if count > limit.most:
        raise _too_many(since + limit.window - moment)


def give_back(limit: Limit, who: str) -> None:
    """Forget the attempts under a key: the last one succeeded."""
    with work("throttle"):
        Attempt.objects.filter(key=_key(limit, who)).delete()


def forgive(limit: Limit, who: str) -> None:
    """Take one attempt back: it succeeded, and others behind the same address go on counting."""
    with work("throttle"):
        Attempt.objects.filter(key=_key(limit, who), count__gt=0).update(count=F("count") - 1)


def sweep() -> None:
    """Remove keys that no limit looks at any more."""
    with work("throttle.sweep"):
        Attempt.objects.filter(since__lt=now() - timedelta(days=1)).delete()


def _too_many(left: timedelta) -> TooMany:
    seconds = max(1, int(left.total_seconds()) + 1)
    minutes = -(-seconds // 60)
    return TooMany(
        Text("試行の回数が多すぎます。", "There were too many attempts."),
        Text(
            f"およそ{minutes}分後に、もう一度お試しください。",
            f"Try again in about {minutes} minutes.",
        ),
        detail={"retry_after": seconds},
    )
