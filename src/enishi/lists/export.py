"""Exports of a list: CSV in UTF-8 or CP932, and Excel, written in pages so that memory stays flat.

Cells that a spreadsheet would run as a formula are defused by an apostrophe. Rows out of the
reader's scope are left out and counted. What was exported is audited with every person in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from enishi.book import audit
from enishi.book.access import Actor
from enishi.book.clock import now
from enishi.book.sheets import content_type, file_name, write_csv, write_excel
from enishi.book.workspace import current_workspace
from enishi.kernel.ids import new_id
from enishi.kernel.text import Locale, Text
from enishi.lists.access import access_to, members_for
from enishi.lists.board import Wanted, member_rows, narrowed
from enishi.lists.columns import read_columns
from enishi.lists.definitions import body_of
from enishi.lists.models import ActionableList
from enishi.lists.visible import get_list, members
from enishi.lists.work_schemas import ExportIn, MemberOut

PAGE = 500
_FIXED = (
    Text("顧客番号", "Key"), Text("氏名", "Name"), Text("優先度", "Priority"),
    Text("スコア", "Score"), Text("状態", "Status"), Text("担当", "Assignee"),
    Text("連絡回数", "Attempts"), Text("最終連絡", "Last contact"), Text("結果", "Outcome"),
    Text("次回", "Next contact"), Text("次の対応", "Next step"), Text("連絡可否", "Blocked"),
)  # fmt: skip


@dataclass
class Export:
    """A written export. `replaced` counts characters that CP932 does not have."""

    path: Path
    filename: str
    content_type: str
    rows: int = 0
    left_out: int = 0
    replaced: int = 0
    persons: list[str] = field(default_factory=list)


def export(list_id: str, asked: ExportIn, actor: Actor, locale: Locale) -> Export:
    """Write the list, as far as the actor may see it, below `var/exports`; audited."""
    found = get_list(list_id)
    access_to(found, actor)
    suffix = "xlsx" if asked.format == "xlsx" else "csv"
    folder = current_workspace().exports
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    name, kind = file_name(found.name), content_type(asked.format)
    made = Export(folder / f"{new_id('exp')}.{suffix}", f"{name}.{suffix}", kind)
    rows = _rows(found, asked, made, actor, locale)
    try:
        if suffix == "xlsx":
            title = Text("メンバー", "Members")[locale]
            write_excel(made.path, rows, title, locale, lambda: _about(made, found, locale))
        else:
            made.replaced = write_csv(made.path, rows, asked.format)
        detail = {"format": asked.format, "rows": made.rows, "left_out": made.left_out}
        audit.record(actor, "list.export", "list", list_id, detail, made.persons)
    except BaseException:
        made.path.unlink(missing_ok=True)  # nothing of an export that nobody got stays on disk
        raise
    return made


def _rows(
    found: ActionableList, asked: ExportIn, made: Export, actor: Actor, locale: Locale
) -> Iterator[Sequence[object]]:
    """The header, then a row a member, a page of members at a time."""
    columns = read_columns(found.columns)
    yield (
        [text[locale] for text in _FIXED[:2]]
        + [c.label[locale] for c in columns]
        + [text[locale] for text in _FIXED[2:]]
    )
    access = access_to(found, actor)
    wanted = Wanted(status=asked.status, assignee=asked.assignee, priority=asked.priority)
    rows = narrowed(members_for(members(found), access, actor), wanted, found, actor)
    body = body_of(found.definition)
    labels = {s.code: Text(s.label.ja, s.label.en)[locale] for s in body.statuses}
    outcomes = {o.code: Text(o.label.ja, o.label.en)[locale] for o in body.outcomes}
    zone = current_workspace().zone
    last = 0
    while page := list(rows.filter(id__gt=last).order_by("id")[:PAGE]):
        last = page[-1].id
        for member in member_rows(found, page, access, actor, locale):
            if member.masked:
                made.left_out += 1
                continue
            made.rows += 1
            made.persons.append(member.person_id)
            yield [
                member.key, member.display,
                *(member.values.get(c.name) for c in columns),
                *_work(member, labels, outcomes, zone, locale),
            ]  # fmt: skip


def _work(
    member: MemberOut, labels: dict[str, str], outcomes: dict[str, str], zone: Any, locale: Locale
) -> list[object]:
    levels = {"high": Text("高", "High"), "medium": Text("中", "Medium"), "low": Text("低", "Low")}
    return [
        levels[member.priority][locale], member.score, labels.get(member.status, member.status),
        member.assignee.name if member.assignee else "", member.attempts,
        _local(member.last_contact_at, zone),
        outcomes.get(member.last_outcome or "", member.last_outcome or ""),
        _local(member.next_at, zone), member.next_step, member.blocked,
    ]  # fmt: skip


def _local(at: datetime | None, zone: Any) -> str:
    return "" if at is None else at.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def _about(made: Export, found: ActionableList, locale: Locale) -> list[tuple[str, str]]:
    """What the last sheet says of the file."""
    zone = current_workspace().zone
    return [
        (Text("リスト", "List")[locale], found.name),
        (Text("出力日時", "Exported")[locale], _local(now(), zone)),
        (Text("人数", "Members")[locale], str(made.rows)),
        (Text("範囲外のため除いた人数", "Left out, beyond your scope")[locale], str(made.left_out)),
    ]
