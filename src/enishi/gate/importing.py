"""Do-not-contact lists from files: looked at first, then written as one batch that can be undone.

    preview ──apply──▶ applying ──▶ applied ──undo──▶ undone
                           └──────────undo──────────────▲   (a process that died while applying)

The file itself is never kept: the browser sends it again to apply, and the batch holds counts and
the numbers of lines that named nobody. Every stop it wrote carries the batch's id.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q

from enishi.book import audit
from enishi.book.access import Actor
from enishi.book.unit import in_chunks, work
from enishi.book.workspace import current_workspace
from enishi.gate.import_file import ImportFile, ImportRow, meant, read_file
from enishi.gate.matching import Known, key_names, known
from enishi.gate.models import ImportBatch, Restriction
from enishi.gate.types import RestrictionType
from enishi.kernel.errors import Conflict, NotFound
from enishi.kernel.text import Text

SHOWN = 200
"""How many of the rows that could not be used a preview tells."""

_AT_ONCE = 500
UNDONE = "import undone"


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A row that stops nobody: its line, what it said, and why."""

    line: int
    said: str
    why: str  # nobody | no_identifier | unreadable | channel_unknown | until_*


@dataclass(frozen=True, slots=True)
class _Stop:
    line: int
    person: str
    channel: str | None
    until: datetime | None
    reason: str


@dataclass(slots=True)
class Preview:
    """What applying the file would do. `stops` are the new ones; the rest are counts of rows."""

    file: ImportFile
    digest: str
    rows: int = 0
    matched: Counter[str] = field(default_factory=Counter)  # by key | phone | email
    persons: int = 0
    already: int = 0
    repeated: int = 0
    unmatched: list[Unmatched] = field(default_factory=list)
    stops: list[_Stop] = field(default_factory=list)

    @property
    def reasons(self) -> Counter[str]:
        return Counter(one.why for one in self.unmatched)


def preview(
    content: bytes,
    *,
    columns: Mapping[str, str] | None = None,
    channel: str | None = None,
    at: datetime,
) -> Preview:
    """Read the file and find whom it names; nothing is written.

    `channel` is what rows without a channel of their own stop; None is every contact. A row counts
    by its customer number; where that names nobody, or is not there, by telephone, then by e-mail.
    Everybody with the telephone number or the address is stopped: the number must not be called.
    """
    file, raw = read_file(content, key_names=key_names(), chosen=columns)
    zone = current_workspace().zone
    rows = [meant(row, file.columns, zone, at, int(row["_line"])) for row in raw]
    found = Preview(file, hashlib.sha256(content).hexdigest(), rows=len(rows))
    usable = [row for row in rows if row.trouble is None]
    everybody = known(
        (row.key for row in usable if row.key),
        (row.phone for row in usable if row.phone),
        (row.email for row in usable if row.email),
    )
    seen: set[tuple[str, str | None]] = set()
    stops: list[_Stop] = []
    for row in rows:
        if row.trouble is not None:
            found.unmatched.append(Unmatched(row.line, row.said, row.trouble))
            continue
        by, persons = _named(row, everybody)
        if not persons:
            found.unmatched.append(Unmatched(row.line, row.said, "nobody"))
            continue
        found.matched[by] += 1
        on = row.channel or channel
        fresh = [person for person in persons if (person, on) not in seen]
        found.repeated += not fresh
        seen.update((person, on) for person in fresh)
        stops.extend(_Stop(row.line, person, on, row.until, row.reason) for person in fresh)
    found.persons = len({person for person, _ in seen})
    stopped = _stopped_already(stops, at)
    found.already = len(stopped)
    found.stops = [stop for stop in stops if (stop.person, stop.channel) not in stopped]
    return found


def _named(row: ImportRow, everybody: Known) -> tuple[str, Sequence[str]]:
    for by, value, known_as in (
        ("key", row.key, everybody.keys),
        ("phone", row.phone, everybody.phones),
        ("email", row.email, everybody.emails),
    ):
        persons = known_as.get(value or "")
        if persons:
            return by, persons
    return "", ()


def _stopped_already(stops: Sequence[_Stop], at: datetime) -> set[tuple[str, str | None]]:
    """Stops that a do-not-contact in force says already, on that channel or on all, for as long."""
    wanted: dict[str, list[_Stop]] = {}
    for stop in stops:
        wanted.setdefault(stop.person, []).append(stop)
    persons = list(wanted)
    found: set[tuple[str, str | None]] = set()
    for start in range(0, len(persons), _AT_ONCE):
        rows = Restriction.objects.filter(
            Q(until__isnull=True) | Q(until__gt=at),
            type=RestrictionType.DO_NOT_CONTACT,
            person__in=persons[start : start + _AT_ONCE],
            released_at__isnull=True,
            at__lte=at,
        ).values_list("person", "channel", "until")
        for person, channel, until in rows:
            for stop in wanted[person]:
                wide = channel is None or channel == stop.channel
                long = until is None or (stop.until is not None and until >= stop.until)
                if wide and long:
                    found.add((person, stop.channel))
    return found


def apply(
    content: bytes,
    *,
    name: str,
    columns: Mapping[str, str] | None = None,
    channel: str | None = None,
    reason: str = "",
    digest: str,
    at: datetime,
    actor: Actor,
) -> ImportBatch:
    """Write the stops of a file that has been previewed, in short units, each with its audit row.

    `digest` is the preview's: raises Conflict `import_changed` when the file is another one.
    Stops that are in force already are passed over, so that sending a file twice does no harm.
    """
    if hashlib.sha256(content).hexdigest() != digest:
        raise Conflict(
            Text("確認したファイルと違います。", "This is not the file that was previewed."),
            Text("もう一度内容を確認してください。", "Look at the preview again."),
            code="import_changed",
        )
    found = preview(content, columns=columns, channel=channel, at=at)
    batch = _begin(found, name, channel, reason, at, actor)

    def write(stops: list[_Stop]) -> None:
        rows = [
            Restriction(
                type=RestrictionType.DO_NOT_CONTACT, person=stop.person, channel=stop.channel,
                until=stop.until, reason=stop.reason or reason, import_id=batch.id,
                source=f"{name[:180]}:{stop.line}", by=actor.user_id, at=at,
            )
            for stop in stops
        ]  # fmt: skip
        Restriction.objects.bulk_create(rows)
        persons = [stop.person for stop in stops]
        audit.record(actor, "gate.import", "import", batch.id, {"stops": len(rows)}, persons)

    in_chunks(found.stops, write, size=200, name="gate.import")
    with work("gate.import"):
        ImportBatch.objects.filter(id=batch.id).update(
            state=ImportBatch.APPLIED, stops=len(found.stops)
        )
        batch.refresh_from_db()
    return batch


def _begin(
    found: Preview, name: str, channel: str | None, reason: str, at: datetime, actor: Actor
) -> ImportBatch:
    with work("gate.import"):
        batch = ImportBatch.objects.create(
            name=name, digest=found.digest, encoding=found.file.encoding,
            columns=dict(found.file.columns), channel=channel, reason=reason, rows=found.rows,
            matched=dict(found.matched), already=found.already, repeated=found.repeated,
            unmatched=dict(found.reasons),
            unmatched_lines=[one.line for one in found.unmatched[:SHOWN]],
            state=ImportBatch.APPLYING, by=actor.user_id, at=at,
        )  # fmt: skip
        told = {"rows": found.rows, "unmatched": len(found.unmatched), "already": found.already}
        audit.record(actor, "gate.import", "import", batch.id, told)
    return batch


def batch_of(batch_id: str) -> ImportBatch:
    """One batch; raises NotFound."""
    found = ImportBatch.objects.filter(id=batch_id).first()
    if found is None:
        raise NotFound(
            Text("この取り込みは見つかりません。", "There is no such import."),
            Text("画面を更新してください。", "Reload the page."),
            code="import_not_found",
        )
    return found


def undo(batch_id: str, *, at: datetime, actor: Actor) -> ImportBatch:
    """Release every stop that the batch wrote and that is still in force; resumable.

    Raises Conflict `import_undone` when that has been done before.
    """
    batch = batch_of(batch_id)
    if batch.state == ImportBatch.UNDONE:
        raise Conflict(
            Text("この取り込みはすでに取り消されています。", "This import has been undone."),
            Text("画面を更新してください。", "Reload the page."),
            code="import_undone",
        )

    def release(rows: list[tuple[str, str]]) -> None:
        Restriction.objects.filter(
            id__in=[row for row, _ in rows], released_at__isnull=True
        ).update(released_at=at, released_by=actor.user_id, release_reason=UNDONE)
        persons = [person for _, person in rows]
        told = {"stops": len(rows)}
        audit.record(actor, "gate.import_undo", "import", batch.id, told, persons)

    in_chunks(_standing(batch.id), release, size=200, name="gate.import_undo")
    with work("gate.import_undo"):
        ImportBatch.objects.filter(id=batch.id).update(
            state=ImportBatch.UNDONE, undone_at=at, undone_by=actor.user_id
        )
        batch.refresh_from_db()
    return batch


def _standing(batch_id: str) -> Iterable[tuple[str, str]]:
    rows = Restriction.objects.filter(import_id=batch_id, released_at__isnull=True)
    return list(rows.order_by("id").values_list("id", "person"))
