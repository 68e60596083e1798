"""Exports of a list: CSV in UTF-8 or CP932, and Excel, written in pages so that memory stays flat.

Cells that a spreadsheet would run as a formula are defused by an apostrophe. Rows out of the
reader's scope are left out and counted. What was exported is audited with every person in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from enishi.book import audit
from enishi.book.access import Actor
from enishi.book.downloads import Export, local, making, told
from enishi.book.sheets import write_csv, write_excel
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


def export(list_id: str, asked: ExportIn, actor: Actor, locale: Locale) -> Export:
    """Write the list, as far as the actor may see it, below `var/exports`; audited."""
    found = get_list(list_id)
    access_to(found, actor)
    with making(found.name, asked.format) as made:
        rows = _rows(found, asked, made, actor, locale)
        if asked.format == "xlsx":
            title = Text("メンバー", "Members")[locale]
            write_excel(made.path, rows, title, locale, lambda: _about(made, found, locale))
        else:
            made.replaced = write_csv(made.path, rows, asked.format)
        detail = {"format": asked.format, "rows": made.rows, "left_out": made.left_out}
        audit.record(actor, "list.export", "list", list_id, detail, made.persons)
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
    last = 0
    while page := list(rows.filter(id__gt=last).order_by("id")[:PAGE]):
        last = page[-1].id
        for member in member_rows(found, page, access, actor, locale):
            if member.masked:
                made.left_out = (made.left_out or 0) + 1
                continue
            made.rows += 1
            made.persons.append(member.person_id)
            yield [
                member.key, member.display,
                *(member.values.get(c.name) for c in columns),
                *_work(member, labels, outcomes, locale),
            ]  # fmt: skip


def _work(
    member: MemberOut, labels: dict[str, str], outcomes: dict[str, str], locale: Locale
) -> list[object]:
    levels = {"high": Text("高", "High"), "medium": Text("中", "Medium"), "low": Text("低", "Low")}
    return [
        levels[member.priority][locale], member.score, labels.get(member.status, member.status),
        member.assignee.name if member.assignee else "", member.attempts,
        local(member.last_contact_at),
        outcomes.get(member.last_outcome or "", member.last_outcome or ""),
        local(member.next_at), member.next_step, member.blocked,
    ]  # fmt: skip


def _about(made: Export, found: ActionableList, locale: Locale) -> list[tuple[str, str]]:
    """What the last sheet says of the file."""
    return [(Text("リスト", "List")[locale], found.name), *told(made, locale)]
