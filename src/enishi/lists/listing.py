"""Lists, builds, changes and definitions as the API tells them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Count

from enishi.book import audit
from enishi.book.access import Actor
from enishi.book.clock import now
from enishi.gate.asking import catalog
from enishi.gate.people import names_of, ref
from enishi.gate.schemas import PersonRef
from enishi.gate.types import HOLD_WORDS
from enishi.kernel.errors import EnishiError
from enishi.kernel.text import Locale, Text
from enishi.lists.access import access_to, members_for, outside_scope
from enishi.lists.board import column_rows, counts
from enishi.lists.body import DefinitionBody, Outcome
from enishi.lists.columns import MASK, read_columns, shown_name, shown_values
from enishi.lists.contacts import said
from enishi.lists.dataset import OLD_AFTER, envelope, failure
from enishi.lists.definitions import body_of
from enishi.lists.gather import assignment_of, priority_of
from enishi.lists.models import ActionableList, Build, ListChange, ListDefinition, Share
from enishi.lists.schemas import (
    AssigneeOut,
    BuildOut,
    ChangeOut,
    DatasetState,
    DefinitionOut,
    KindOut,
    ListDetail,
    ListOut,
    OutcomeOut,
    ShareOut,
    StatusOut,
)
from enishi.lists.types import BuildState
from enishi.lists.visible import consistent, members
from enishi.rules import check_rule, describe

_PROGRESS = {
    BuildState.QUEUED: 0.0, BuildState.GATHERING: 0.1, BuildState.FOLDING: 0.98,
    BuildState.DONE: 1.0,
}  # fmt: skip


def sentence(rule: Any, locale: Locale) -> str:
    """A stored rule in words; the reason instead when the catalog has moved away from it."""
    try:
        return describe(check_rule(rule, catalog()), catalog(), locale)
    except EnishiError as error:
        return error.message[locale]


def dataset_state(found: ListDefinition, locale: Locale) -> DatasetState:
    built = found.dataset_built_at
    return DatasetState.model_validate(
        {
            "state": found.dataset_state, "rows": found.dataset_rows,
            "as_of": found.dataset_as_of, "built_at": built,
            "old": built is not None and now() - built > OLD_AFTER,
            "message": failure(found, locale),
        }
    )  # fmt: skip


def definition_rows(rows: Sequence[ListDefinition], locale: Locale) -> list[DefinitionOut]:
    """Definitions with their rule in words and the state of their dataset."""
    names = names_of(row.created_by for row in rows)
    open_lists = dict(
        ActionableList.objects.filter(definition__in=rows)
        .exclude(state="closed")
        .values_list("definition")
        .order_by()
        .annotate(n=Count("id"))
    )
    found = []
    for row in rows:
        body = body_of(row)
        found.append(
            DefinitionOut.model_validate(
                {
                    "id": row.id, "slug": row.slug, "version": row.version, "state": row.state,
                    "name": said(body.name, locale), "body": body,
                    "sentence": sentence(
                        envelope(body.rule, body.subject, body.purpose), locale
                    ),
                    "dataset": dataset_state(row, locale), "open_lists": open_lists.get(row.id, 0),
                    "created_at": row.created_at, "created_by": ref(row.created_by, names),
                    "activated_at": row.activated_at, "retired_at": row.retired_at,
                }
            )
        )  # fmt: skip
    return found


def build_out(build: Build, locale: Locale) -> BuildOut:
    names = names_of([build.requested_by])
    state = BuildState(build.state)
    progress = _PROGRESS.get(state)
    if progress is None:
        progress = 0.2 + 0.75 * (build.written / build.found if build.found else 0)
    return BuildOut.model_validate(
        {
            "id": build.id, "number": build.number, "state": build.state, "progress": progress,
            "found": build.found, "written": build.written, "added": build.added,
            "left": build.left, "changed": build.changed, "as_of": build.as_of,
            "requested_by": ref(build.requested_by, names), "requested_at": build.requested_at,
            "started_at": build.started_at, "ended_at": build.ended_at,
            "message": build.message[locale] if build.message else "",
        }
    )  # fmt: skip


def list_rows(rows: Sequence[ActionableList], actor: Actor, locale: Locale) -> list[ListOut]:
    """Lists of the overview; raises for one the actor may not open, so give it only their own."""
    told = counts(rows)
    names = names_of(row.created_by for row in rows)
    newest: dict[str, Build] = {}
    for build in Build.objects.filter(list_id__in=[row.id for row in rows]).order_by("number"):
        newest[build.list_id] = build
    found = []
    for row in rows:
        access = access_to(row, actor)
        body = body_of(row.definition)
        last = newest.get(row.id)
        found.append(
            ListOut.model_validate(
                {
                    "id": row.id, "slug": row.slug, "name": row.name, "state": row.state,
                    "definition_id": row.definition_id, "definition_slug": row.definition.slug,
                    "definition_name": said(body.name, locale), "purpose": body.purpose,
                    "product": body.product, "due": row.due, "created_at": row.created_at,
                    "created_by": ref(row.created_by, names), "closed_at": row.closed_at,
                    "refreshed_at": row.refreshed_at, "can_work": access.work,
                    "can_manage": access.manage,
                    "build": build_out(last, locale) if last else None, **told[row.id],
                }
            )
        )  # fmt: skip
    return found


def list_detail(list_id: str, actor: Actor, locale: Locale) -> ListDetail:
    """A list with its columns, codes, shares and how far each assignee is."""

    def read(found: ActionableList) -> ListDetail:
        [row] = list_rows([found], actor, locale)
        access = access_to(found, actor)
        body = body_of(found.definition)
        mine = members_for(members(found), access, actor).filter(v_present=True)
        by_status = dict(mine.values_list("status").order_by().annotate(n=Count("id")))
        return ListDetail(
            **row.model_dump(),
            sentence=sentence(found.rule, locale),
            filter=found.filter,
            priority=priority_of(found),
            top_n=found.top_n,
            assignment=assignment_of(found),
            columns=column_rows(found, actor, locale),
            statuses=[
                StatusOut(code=s.code, label=said(s.label, locale), meaning=s.meaning,
                          members=by_status.get(s.code, 0))
                for s in body.statuses
            ],
            kinds=[
                KindOut(code=k.code, label=said(k.label, locale), channel=k.channel)
                for k in body.kinds
            ],
            outcomes=[outcome_out(outcome, body, locale) for outcome in body.outcomes],
            shares=share_rows(found) if access.manage else [],
            assignees=_assignees(mine) if access.everybody else [],
            talk_guide=body.talk_guide,
        )  # fmt: skip

    return consistent(list_id, read)


def outcome_out(outcome: Outcome, body: DefinitionBody, locale: Locale) -> OutcomeOut:
    """An outcome, saying in words what choosing it blocks."""
    blocks = outcome.blocking
    text = ""
    if blocks == "all":
        text = Text("今後のすべての案内を止めます", "Stops all further contact")[locale]
    elif blocks == "product":
        label = body.product_label
        product = said(label, locale) if label else body.product or body.purpose or ""
        text = Text(f"「{product}」の案内を止めます", f"Stops contact about {product}")[locale]
    elif blocks != "nothing":
        word = HOLD_WORDS[blocks]
        text = Text(f"「{word.ja}」として案内を止めます", f"Puts a hold: {word.en}")[locale]
    return OutcomeOut(
        code=outcome.code, label=said(outcome.label, locale), kind=outcome.kind,
        status=outcome.status, blocks=blocks, blocks_text=text,
    )  # fmt: skip


def share_rows(found: ActionableList) -> list[ShareOut]:
    rows = list(Share.objects.filter(list_id=found.id, ended_at__isnull=True).order_by("at"))
    names = names_of([row.user for row in rows] + [row.by for row in rows])
    return [
        ShareOut.model_validate(
            {
                "id": row.id, "user": PersonRef(id=row.user, name=names.get(row.user, row.user)),
                "level": row.level, "by": ref(row.by, names), "at": row.at,
            }
        )
        for row in rows
    ]  # fmt: skip


def _assignees(rows: Any) -> list[AssigneeOut]:
    told: dict[str, list[int]] = {}
    for user, meaning, n in (
        rows.values_list("assignee", "meaning").order_by().annotate(n=Count("id"))
    ):
        numbers = told.setdefault(user, [0, 0])
        numbers[0] += n
        numbers[1] += n if meaning in ("done", "dropped") else 0
    names = names_of(told)
    return [
        AssigneeOut(user=ref(user, names), members=n, done=done)
        for user, (n, done) in sorted(told.items(), key=lambda item: (item[0] == "", -item[1][0]))
    ]


def changes(
    found: ActionableList,
    build: Build,
    kind: str | None,
    offset: int,
    limit: int,
    actor: Actor,
    locale: Locale,
) -> tuple[list[ChangeOut], int]:
    """A page of what a published build changed, of members the actor may see."""
    access = access_to(found, actor)
    if found.published is None or build.number > found.published:
        return [], 0
    rows = ListChange.objects.select_related("member").filter(build_id=build.id)
    if kind:
        rows = rows.filter(kind=kind)
    if not access.everybody:
        rows = rows.filter(member_id__in=members_for(members(found), access, actor).values("id"))
    total = rows.count()
    page = list(rows.order_by("id")[offset : offset + limit])
    outside = outside_scope([row.member.person for row in page], access, actor)
    columns = read_columns(found.columns)
    labels = {c.name: c.label[locale] for c in columns} | {
        "_display": Text("氏名", "Name")[locale],
        "_priority": Text("優先度", "Priority")[locale],
        "_score": Text("スコア", "Score")[locale],
    }
    subject = body_of(found.definition).subject
    items = []
    for row in page:
        gone = row.member.person in outside
        items.append(
            ChangeOut.model_validate(
                {
                    "kind": row.kind, "member_id": row.member_id,
                    "display": MASK if gone else shown_name(_name(row), subject, actor),
                    "fields": [labels.get(name, name) for name in row.fields],
                    "before": {} if gone else _told(row.before, columns, actor),
                    "after": {} if gone else _told(row.after, columns, actor),
                    "has_work": row.member.attempts > 0,
                    "at": found.refreshed_at or build.requested_at,
                }
            )
        )  # fmt: skip
    seen = [row.member.person for row in page if row.member.person not in outside]
    if seen:
        audit.record(actor, "list.changes", "list", found.id, {"build": build.id}, seen)
    return items, total


def _name(row: ListChange) -> str:
    data = row.member.next_data
    return str(data["display"]) if data and row.kind == "added" else row.member.display


def _told(values: dict[str, Any], columns: Sequence[Any], actor: Actor) -> dict[str, object]:
    """The columns among changed values, masked for the actor; names are told by `display`."""
    concerned = [column for column in columns if column.name in values]
    plain = {n: v for n, v in values.items() if n in ("_priority", "_score")}
    return shown_values(values, concerned, actor) | plain
