"""That somebody looked: one audit row an opening, however many parts a page has, and one for as
long as somebody goes on watching what comes in."""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import datetime, timedelta

from enishi.book import audit
from enishi.book.access import Actor
from enishi.book.clock import now
from enishi.book.workspace import current_workspace

LASTS = timedelta(minutes=10)
"""How long an opening covers the parts that are asked for after it, and a page opened again."""

UNWATCHED = timedelta(minutes=2)
"""Who has not asked for so long has stopped watching; a page that is open asks more often."""

_MOST = 10_000
_Opening = tuple[str, str, str]  # workspace, user, person
_seen: OrderedDict[_Opening, datetime] = OrderedDict()
_locks: dict[_Opening, threading.Lock] = {}
_watched: OrderedDict[tuple[str, ...], datetime] = OrderedDict()
_guard = threading.Lock()


def look_at(actor: Actor, person: str, part: str = "page") -> None:
    """Record that the actor looks at a person, unless it is on record for this opening.

    `part` says what was asked for when no page was opened before it. Whoever asks while the first
    part is being recorded waits for it: nothing is shown before it is on record.
    """
    opening = (str(current_workspace().root), actor.user_id, person)
    with _guard:
        lock = _locks.setdefault(opening, threading.Lock())
    with lock:
        instant = now()
        known = _seen.get(opening)
        if known is None or not known <= instant < known + LASTS:
            audit.record(actor, "customer.view", "customer", person, {"part": part}, [person])
            with _guard:
                _seen[opening] = instant
                _seen.move_to_end(opening)
    with _guard:
        while len(_seen) > _MOST:
            oldest, _ = _seen.popitem(last=False)
            _locks.pop(oldest, None)


def watch(actor: Actor, action: str, kind: str, thing: str, *, anew: bool) -> None:
    """Record that the actor begins to watch a thing; nothing while the actor goes on watching.

    `anew`: the asker says to have seen nothing yet. Who says to go on (a cursor, an id seen last)
    is believed only if we know of having been asked: anybody can make up such a word.
    """
    watching = (str(current_workspace().root), actor.user_id, action, thing)
    instant = now()
    with _guard:
        known = _watched.get(watching)
    if anew or known is None or not known <= instant < known + UNWATCHED:
        audit.record(actor, action, kind, thing)
    with _guard:
        _watched[watching] = instant
        _watched.move_to_end(watching)
        while len(_watched) > _MOST:
            _watched.popitem(last=False)
