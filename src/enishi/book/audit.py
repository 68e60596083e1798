"""The audit: who saw, exported, sent and changed what, in a chain that cannot be mended unseen.

Every row's hash covers the hash before it, its number and its content, and numbers have no gaps, so
an edit, a removal or a swap breaks the chain at its place. Cutting off the end, or writing the
whole chain anew, leaves a sound chain: against that the head is also kept outside the database
(see `anchor`). Rows hold opaque ids and codes. Any text that could name somebody is replaced by a
keyed digest, which still lets two rows be compared, or sealed with the person's own key (see
`sealed`): the chain covers the sealed text, so it stays sound when the key is destroyed.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from enishi.book import anchor, sealed
from enishi.book.access import Actor
from enishi.book.clock import now
from enishi.book.models import AuditHead, AuditRow, AuditSubject
from enishi.book.unit import before_commit, in_unit, work
from enishi.book.workspace import current_workspace
from enishi.kernel.errors import Fault
from enishi.kernel.text import Text

GENESIS = "0" * 64
SUBJECTS_PER_ROW = 1000

_PLAIN = re.compile(r"[A-Za-z0-9_.:/+,$\[\]-]{0,120}")
_ID = re.compile(r"[a-z][0-9a-f]{24}|[a-z]{2,4}_[0-9a-z]{20}")
"""An Enishi id, or one of ours: the digits of either may happen to look like a telephone number."""
_LONG_NUMBER = re.compile(r"(?<![A-Za-z_])[0-9][0-9-]{8,}(?![0-9]*T)")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}([T ][\d:.]+([+-]\d{2}:\d{2}|Z)?)?")


@dataclass(frozen=True, slots=True)
class _Entry:
    at: datetime
    actor: str
    role: str
    action: str
    object_type: str
    object_id: str
    detail: Mapping[str, object]
    subjects: tuple[str, ...]


def record(
    actor: Actor,
    action: str,
    object_type: str,
    object_id: str,
    detail: Mapping[str, object] | None = None,
    subjects: Iterable[str] = (),
    private: Mapping[str, str] | None = None,
) -> None:
    """Add a row to the chain, in the unit of work that is open, or in one of its own.

    `action` is a dotted code (`list.export`), `subjects` are Enishi ids; more than a thousand make
    several rows, numbered `batch`. `detail` takes codes, ids, numbers, booleans, ISO times, lists
    and dicts of them; other text, such as a name, is stored as a digest. `private` takes texts in
    people's own words about the one subject: sealed with her key under `sealed`. The row is written
    at the end of the unit, so that the chain's lock is held for the shortest time.
    """
    everyone = tuple(dict.fromkeys(subjects))
    hidden = _sealed(everyone, private or {})
    batches = [
        everyone[at : at + SUBJECTS_PER_ROW] for at in range(0, len(everyone), SUBJECTS_PER_ROW)
    ] or [()]
    entries = []
    for number, batch in enumerate(batches, start=1):
        told = dict(detail or {})
        if len(batches) > 1:
            told |= {"batch": number, "batches": len(batches), "people": len(everyone)}
        entries.append(
            _Entry(
                now(), actor.user_id, actor.role, _plain(action), _plain(object_type),
                _plain(object_id), _safe(told) | hidden, batch,
            )
        )  # fmt: skip
    if in_unit():
        for entry in entries:
            before_commit(_append, entry)
    else:
        # In batches of their own, so that an export of a million people never holds the book.
        for entry in entries:
            with work("audit"):
                before_commit(_append, entry)


def opened(row: AuditRow) -> dict[str, object]:
    """A row's detail with what is sealed in it opened, as far as the key is still there."""
    told: dict[str, object] = dict(row.detail)
    kept = told.pop("sealed", None)
    if isinstance(kept, Mapping) and len(row.subjects) == 1:
        told |= {name: sealed.unseal(row.subjects[0], str(text)) for name, text in kept.items()}
    return told


def _sealed(subjects: tuple[str, ...], private: Mapping[str, str]) -> dict[str, object]:
    if not private:
        return {}
    if len(subjects) != 1:
        raise ValueError("What is private is about one subject.")
    found = {name: sealed.seal(subjects[0], text) for name, text in private.items() if text}
    return {"sealed": found} if found else {}


def _safe(detail: Mapping[str, object]) -> dict[str, object]:
    return {_plain(key): _safe_value(value) for key, value in detail.items()}


def _safe_value(value: object) -> object:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return repr(value)  # databases print floats in ways of their own, which would break hashes
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return _safe({str(key): inner for key, inner in value.items()})
    if isinstance(value, list | tuple | set | frozenset):
        items = sorted(value) if isinstance(value, set | frozenset) else value
        return [_safe_value(inner) for inner in items]
    return _plain(str(value))


def _plain(text: str) -> str:
    """The text when it is a code, an id or a time; else its digest."""
    if _DATE.fullmatch(text) or _ID.fullmatch(text):
        return text
    if _PLAIN.fullmatch(text) and not _LONG_NUMBER.search(text):
        return text
    return digest(text)


def digest(text: str) -> str:
    """A keyed digest of a text: equal texts can be matched, the text cannot be found from it."""
    key = current_workspace().secret()
    return "#" + hmac.new(key, b"audit:" + text.encode(), hashlib.sha256).hexdigest()[:24]


def _append(entries: list[_Entry]) -> None:
    """Write entries at the head of the chain; runs at the end of a unit, its transaction open."""
    head = AuditHead.objects.select_for_update().filter(id=1).first()
    if head is None:
        AuditHead.objects.bulk_create([AuditHead(id=1, seq=0, hash=GENESIS)], ignore_conflicts=True)
        head = AuditHead.objects.select_for_update().get(id=1)
    rows = []
    seq, previous = head.seq, head.hash
    for entry in entries:
        seq += 1
        row = AuditRow(
            seq=seq,
            at=_stamp(entry.at),
            actor=entry.actor,
            role=entry.role,
            action=entry.action,
            object_type=entry.object_type,
            object_id=entry.object_id,
            detail=entry.detail,
            subjects=list(entry.subjects),
            previous=previous,
        )
        previous = row.hash = link(row)
        rows.append(row)
    AuditRow.objects.bulk_create(rows)
    AuditSubject.objects.bulk_create(
        [AuditSubject(row_id=row.seq, subject=subject) for row in rows for subject in row.subjects],
        batch_size=2000,
    )
    AuditHead.objects.filter(id=1).update(seq=seq, hash=previous)
    transaction.on_commit(lambda: anchor.keep(current_workspace(), seq, previous))


def link(row: AuditRow) -> str:
    """The hash of a row: SHA-256 over the hash before it and the row as canonical JSON."""
    content = json.dumps(
        [
            row.previous, row.seq, row.at, row.actor, row.role, row.action, row.object_type,
            row.object_id, row.detail, row.subjects,
        ],
        ensure_ascii=True, sort_keys=True, separators=(",", ":"),
    )  # fmt: skip
    return hashlib.sha256(content.encode()).hexdigest()


def search(
    *,
    actor: str = "",
    action: str = "",
    object_type: str = "",
    object_id: str = "",
    subject: str = "",
    begin: datetime | None = None,
    end: datetime | None = None,
    offset: int = 0,
    limit: int = 100,
) -> tuple[list[AuditRow], int]:
    """Rows that fit everything given, the latest first, and how many there are in all."""
    found = AuditRow.objects.order_by("-seq")
    for name, value in (("actor", actor), ("object_type", object_type), ("object_id", object_id)):
        if value:
            found = found.filter(**{name: value})
    if action.endswith((".", "*")):
        found = found.filter(action__startswith=action.rstrip("*"))
    elif action:
        found = found.filter(action=action)
    if subject:
        rows = AuditSubject.objects.filter(subject=subject).values("row_id")
        found = found.filter(seq__in=rows)
    if begin is not None:
        found = found.filter(at__gte=_stamp(begin))
    if end is not None:
        found = found.filter(at__lt=_stamp(end))
    return list(found[offset : offset + limit]), found.count()


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verification found: how many rows it read, and what is wrong with them."""

    checked: int
    faults: tuple[Fault, ...]

    @property
    def ok(self) -> bool:
        return not self.faults


MOST_FAULTS = 100


def verify() -> Verdict:
    """Read the whole chain and compare it with the heads kept outside the database.

    Finds rows that were edited, removed, added or put in another order, an end that was cut off, a
    chain written anew, and an index of persons that no longer fits. At most `MOST_FAULTS` are told.
    """
    kept, faults = anchor.read(current_workspace())  # before the book: a head is kept after commit
    anchored = bool(kept)
    # The head first: rows appended meanwhile lie beyond it and are left to the next verification.
    head = AuditHead.objects.filter(id=1).first()
    end = (
        head.seq
        if head
        else (AuditRow.objects.order_by("-seq").values_list("seq").first() or (0,))[0]
    )
    checked = 0
    for fault in _walk(end, kept, head.hash if head else GENESIS):
        if isinstance(fault, int):
            checked = fault
        elif len(faults) < MOST_FAULTS:
            faults.append(fault)
    faults.extend(_index_faults(end)[: MOST_FAULTS - len(faults)])
    if checked and not anchored and not faults:
        faults.append(anchor.missing())
    return Verdict(checked, tuple(faults))


def _walk(end: int, kept: dict[int, str], head_hash: str) -> Iterator[Fault | int]:
    """Yield each fault, and last the number of rows read."""
    expected, previous, checked = 1, GENESIS, 0
    rows: Any = AuditRow.objects.filter(seq__lte=end).order_by("seq")
    for row in rows.iterator(chunk_size=2000):
        checked += 1
        if row.seq != expected:
            yield _fault(expected, _GAP)
        elif row.previous != previous:
            yield _fault(row.seq, _ORDER)
        if row.hash != link(row):
            yield _fault(row.seq, _EDITED)
        if kept.pop(row.seq, row.hash) != row.hash:
            yield _fault(row.seq, _REWRITTEN)
        expected, previous = row.seq + 1, row.hash
    if expected - 1 != end or previous != head_hash:
        yield _fault(end, _HEAD)
    beyond = sorted(seq for seq in kept if seq >= expected)
    if beyond:
        yield _fault(beyond[-1], _TRUNCATED)
    yield checked


def _index_faults(end: int) -> list[Fault]:
    """Compare the index of persons with the rows, a thousand rows at a time."""
    found: list[Fault] = []
    rows: Any = AuditRow.objects.filter(seq__lte=end).exclude(subjects=[]).order_by("seq")
    for batch in _batched(rows.values_list("seq", "subjects").iterator(chunk_size=500), 500):
        indexed: dict[int, set[str]] = {}
        wanted = [seq for seq, _ in batch]
        for seq, subject in AuditSubject.objects.filter(
            row_id__gte=wanted[0], row_id__lte=wanted[-1]
        ).values_list("row_id", "subject"):
            indexed.setdefault(seq, set()).add(subject)
        found.extend(
            _fault(seq, _INDEX) for seq, people in batch if indexed.get(seq, set()) != set(people)
        )
    return found


_Subjects = tuple[int, list[str]]


def _batched(rows: Iterable[_Subjects], size: int) -> Iterator[list[_Subjects]]:
    batch: list[_Subjects] = []
    for row in rows:
        batch.append(row)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


_GAP = ("audit_gap", Text("行が抜けています", "a row is missing"))
_ORDER = ("audit_order", Text("前の行とつながっていません", "it does not follow the row before it"))
_EDITED = ("audit_edited", Text("行が書き換えられています", "the row was changed"))
_REWRITTEN = (
    "audit_rewritten",
    Text("控えと一致しません", "it differs from the kept head"),
)
_HEAD = ("audit_head", Text("末尾が一致しません", "the end does not match the head"))
_TRUNCATED = ("audit_truncated", Text("末尾が切り取られています", "the end was cut off"))
_INDEX = ("audit_index", Text("顧客の索引が一致しません", "its index of persons does not match"))


def _fault(seq: int, kind: tuple[str, Text]) -> Fault:
    code, text = kind
    return Fault(
        code,
        f"#{seq}",
        Text(f"監査記録 {seq} 番: {text.ja}。", f"Audit row {seq}: {text.en}."),
        Text(
            "バックアップと照合し、データベースに触れた人を確認してください。",
            "Compare with a backup and find out who has had access to the database.",
        ),
    )
