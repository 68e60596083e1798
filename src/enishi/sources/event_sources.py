"""Event sources: made, renamed, disabled, given a new key. Each change reaches ingest in a second.

The book is the truth; what ingest reads is a file written from it after each commit.
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import get_args

import msgspec
from django.db import IntegrityError, transaction

from enishi.book import audit
from enishi.book.access import Actor
from enishi.book.clock import now
from enishi.book.unit import work
from enishi.book.workspace import Workspace, current_workspace
from enishi.kernel.errors import Conflict, Invalid, NotFound
from enishi.kernel.text import Text
from enishi.sources.ingest_keys import KEYS, KeyFile, KnownSource, SourceKind, digest
from enishi.sources.models import EventSource

KINDS: tuple[SourceKind, ...] = get_args(SourceKind)
LONGEST_OVERLAP = timedelta(days=90)
"""A replaced key goes on for at most this long."""

_ORIGIN = re.compile(r"https?://[a-z0-9.\-\[\]:]+", re.ASCII)
_PREFIX: Mapping[str, str] = {"web": "web", "server": "srv", "app": "app"}


@dataclass(frozen=True, slots=True)
class MadeKey:
    """An event source and its write key, which for a server is told only now."""

    source: EventSource
    key: str


def event_sources() -> list[EventSource]:
    """Every event source, by name."""
    return list(EventSource.objects.order_by("name"))


def get_event_source(source_id: str) -> EventSource:
    """One event source. Raises NotFound."""
    found = EventSource.objects.filter(id=source_id).first()
    if found is None:
        raise NotFound(
            Text("その送信元はありません。", "There is no such event source."),
            Text("一覧から選び直してください。", "Choose one from the list."),
            code="event_source_unknown",
        )
    return found


def create(actor: Actor, name: str, kind: str, origins: Sequence[str] = ()) -> MadeKey:
    """A new event source and its key. Raises Invalid, and Conflict for a name that is taken."""
    if kind not in KINDS:
        raise Invalid(
            Text("送信元の種類が正しくありません。", "There is no such kind of event source."),
            Text("web、server、app のどれかにしてください。", "Use web, server or app."),
            code="event_source_kind",
        )
    key = _new_key(kind)
    made = EventSource(
        name=_name(name),
        kind=kind,
        key="" if kind == "server" else key,
        key_hash=digest(key),
        hint=key[-4:],
        origins=_origins(kind, origins),
        created_by=actor.user_id,
    )
    with work("event source"):
        _save(made, new=True)
        audit.record(actor, "events.source_created", "event_source", made.id, {"kind": kind})
        _publish()
    return MadeKey(made, key)


def change(
    actor: Actor,
    source_id: str,
    *,
    name: str | None = None,
    enabled: bool | None = None,
    origins: Sequence[str] | None = None,
) -> EventSource:
    """Rename, disable or enable, or limit the pages that may send."""
    with work("event source"):
        source = get_event_source(source_id)
        told: dict[str, object] = {}
        if name is not None:
            source.name = _name(name)
            told["name"] = True
        if origins is not None:
            source.origins = _origins(source.kind, origins)
            told["origins"] = len(source.origins)
        if enabled is not None and enabled != (source.disabled_at is None):
            source.disabled_at = None if enabled else now()
            told["enabled"] = enabled
        _save(source)
        audit.record(actor, "events.source_changed", "event_source", source.id, told)
        _publish()
    return source


def rotate(actor: Actor, source_id: str, keep_old: timedelta = timedelta(0)) -> MadeKey:
    """Give a source a new key; the present one goes on for `keep_old` (at most 90 days)."""
    if not timedelta(0) <= keep_old <= LONGEST_OVERLAP:
        raise Invalid(
            Text("古いキーを残せる期間は90日までです。", "An old key goes on for at most 90 days."),
            Text("90日以内にしてください。", "Choose at most 90 days."),
            code="event_source_overlap",
        )
    with work("event source"):
        source = get_event_source(source_id)
        key = _new_key(source.kind)
        source.old_hash = source.key_hash if keep_old else ""
        source.old_until = now() + keep_old if keep_old else None
        source.key = "" if source.kind == "server" else key
        source.key_hash, source.hint = digest(key), key[-4:]
        _save(source)
        hours = int(keep_old.total_seconds() // 3600)
        audit.record(
            actor, "events.key_rotated", "event_source", source.id, {"keep_old_hours": hours}
        )
        _publish()
    return MadeKey(source, key)


def write_keys(workspace: Workspace) -> None:
    """Write the file that ingest reads; whole or not at all, the latest state last."""
    folder = workspace.events
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / f"{KEYS}.lock").open("ab") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        content = msgspec.json.encode(KeyFile(_known()))
        fresh = folder / f"{KEYS}.new"
        _write_synced(fresh, content)
        fresh.replace(folder / KEYS)


def _known() -> dict[str, KnownSource]:
    found: dict[str, KnownSource] = {}
    for source in EventSource.objects.order_by("id"):
        kind: SourceKind = next(kind for kind in KINDS if kind == source.kind)
        enabled, origins = source.disabled_at is None, tuple(source.origins)
        found[source.key_hash] = KnownSource(source.id, source.name, kind, enabled, origins)
        if source.old_hash and source.old_until is not None:
            until = source.old_until.timestamp()
            found[source.old_hash] = KnownSource(
                source.id, source.name, kind, enabled, origins, until
            )
    return found


def _write_synced(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _publish() -> None:
    transaction.on_commit(lambda: write_keys(current_workspace()))


def _new_key(kind: str) -> str:
    return f"{_PREFIX[kind]}_{secrets.token_hex(16)}"


def _name(name: str) -> str:
    found = " ".join(name.split())
    if not found or len(found) > 100 or not found.isprintable():
        raise Invalid(
            Text("名前は1〜100文字で入力してください。", "A name has 1 to 100 characters."),
            Text("例: 公式サイト", "For example: Website"),
            code="event_source_name",
        )
    return found


def _origins(kind: str, origins: Sequence[str]) -> list[str]:
    found = [origin.strip().rstrip("/").lower() for origin in origins]
    wrong = next((origin for origin in found if not _ORIGIN.fullmatch(origin)), None)
    if wrong is None and len(found) <= 50 and (kind == "web" or not found):
        return list(dict.fromkeys(found))
    raise Invalid(
        Text(
            "サイトは、web の送信元に50件まで、https://www.example.jp の形で指定してください。",
            "Origins are for web sources, at most 50, each such as https://www.example.jp.",
        ),
        Text("パスを除いて入力してください。", "Leave out the path."),
        code="event_source_origins",
    )


def _save(source: EventSource, *, new: bool = False) -> None:
    try:
        with transaction.atomic():
            source.save(force_insert=new)
    except IntegrityError as error:
        raise Conflict(
            Text("同じ名前の送信元があります。", "An event source of this name exists."),
            Text("別の名前にしてください。", "Choose another name."),
            code="event_source_name_taken",
        ) from error
