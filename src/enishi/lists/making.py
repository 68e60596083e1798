"""Making a list: what a manager asks for, checked, previewed, and queued for its first build."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain, count
from typing import Any

from django.contrib.auth import get_user_model
from django.db import IntegrityError

from enishi.book import audit
from enishi.book.access import Actor
from enishi.book.clock import now
from enishi.book.jsontext import digest
from enishi.book.roles import permitted
from enishi.book.unit import work
from enishi.book.workspace import current_workspace
from enishi.catalog.types import Pii
from enishi.gate import service as gate
from enishi.gate.asking import catalog, warehouse
from enishi.kernel.errors import Conflict, Fault, Invalid
from enishi.kernel.text import Locale, Text
from enishi.lists.access import bound_scope
from enishi.lists.body import DefinitionBody
from enishi.lists.checking import (
    CheckedBody,
    check_body,
    check_offered,
    moved,
    purpose_for_rules,
    refused,
)
from enishi.lists.columns import list_columns, pii_hidden, shown_name, shown_values, stored_columns
from enishi.lists.dataset import envelope
from enishi.lists.definitions import body_of, get_definition
from enishi.lists.models import ActionableList, Build, ListDefinition, Member
from enishi.lists.schemas import (
    ByOwner,
    FixedPriority,
    ListIn,
    PreviewIn,
    PreviewOut,
    RoundRobin,
    SampleRow,
    ScorePriority,
)
from enishi.lists.scoring import (
    alias,
    check_priority,
    fixed_level,
    reason_sentences,
    score,
    thresholds,
    unit_of,
)
from enishi.lists.types import LIVE, PRIORITY_NAMES, DefinitionState, ListState
from enishi.rules import bind_user, both, check_rule
from enishi.warehouse.masking import field_behind
from enishi.warehouse.unseen import refuse_unseen

SAMPLE = 10


@dataclass(frozen=True, slots=True)
class Wish:
    """A manager's wish that holds good: `rule` is the envelope of definition and filter joined."""

    definition: ListDefinition
    checked: CheckedBody
    rule: dict[str, Any]
    filter: dict[str, Any] | None
    part_levels: tuple[str, ...]  # the PII level of each score part
    part_units: tuple[str, ...]  # and what it is counted in
    fields: frozenset[tuple[str, str]]  # what its rule reads
    warnings: tuple[Fault, ...]

    @property
    def body(self) -> DefinitionBody:
        return self.checked.body


def refuse_past_due(due: date | None) -> None:
    """Raises Invalid `due_past` for a date before today in the workspace."""
    if due is not None and due < now().astimezone(current_workspace().zone).date():
        raise Invalid(
            Text("期限が過去の日付です。", "The due date lies in the past."),
            Text("今日以降の日付を指定してください。", "Give a date from today on."),
            code="due_past",
        )


def check_wish(asked: PreviewIn, actor: Actor) -> Wish:
    """Check filter, priority, assignment and due date; raises Invalid with faults."""
    definition = get_definition(asked.definition)
    if definition.state != DefinitionState.ACTIVE:
        raise Conflict(
            Text("この定義は有効ではありません。", "This definition is not active."),
            Text("有効なリスト定義を選んでください。", "Choose an active list definition."),
            code="not_active",
        )
    known = catalog()
    checked = check_body(body_of(definition), known)
    body = checked.body
    purpose = purpose_for_rules(body.purpose, known)
    rule, own = checked.rule, None
    if asked.filter is not None:
        check_offered(_bare(asked.filter), body)
        try:
            condition = check_rule(
                _bare(asked.filter), known, subject=body.subject, purpose=purpose,
                user_fields=frozenset(actor.attributes),
            )  # fmt: skip
        except Invalid as error:
            raise refused(moved(error, "filter")) from error
        refuse_unseen(condition, actor, known)
        bound = bind_user(condition, actor.attributes)
        own = dict(bound.json)
        rule = both(checked.rule, bound)
    parts = check_priority(asked.priority, known, body.subject, purpose)
    for part in parts.values():
        refuse_unseen(part, actor, known)
    _check_assignment(asked, body)
    refuse_past_due(asked.due)
    joined = envelope(dict(rule.json), body.subject, body.purpose)
    fields = [field_behind(value, known) for value in parts.values()]
    levels = tuple(field.pii.value if field else Pii.NONE.value for field in fields)
    units = tuple(unit_of(value) for value in parts.values())
    return Wish(definition, checked, joined, own, levels, units, rule.fields, rule.warnings)


def _bare(rule: dict[str, Any]) -> Any:
    return rule.get("rule", rule)


def _check_assignment(asked: PreviewIn, body: DefinitionBody) -> None:
    users: list[str] = []
    if isinstance(asked.assignment, RoundRobin):
        users = asked.assignment.users
    elif isinstance(asked.assignment, ByOwner):
        users = asked.assignment.otherwise
        column = asked.assignment.column
        found = (
            body.column_of_role("owner")
            if column is None
            else next((c for c in body.columns if c.name == column), None)
        )
        if found is None:
            raise refused(
                [
                    Fault(
                        "no_owner_column",
                        "$.assignment.column",
                        Text("担当者を表す列がありません。", "No column names the owner."),
                        Text(
                            "定義の列に role: owner を付けるか、別の割り当て方を選んでください。",
                            "Give a column of the definition role: owner, or assign otherwise.",
                        ),
                    )
                ]
            )
    check_workers(users)


def check_workers(users: Iterable[str]) -> None:
    """Raise Invalid unless all are active users whose role may work lists."""
    wanted = list(dict.fromkeys(users))
    if not wanted:
        return
    able = {
        str(pk)
        for pk, role in get_user_model()
        .objects.filter(pk__in=wanted, is_active=True)
        .values_list("pk", "role")
        if permitted(str(role), "lists.work")
    }
    unable = [user for user in wanted if user not in able]
    if unable:
        names = ", ".join(unable)
        raise Invalid(
            Text(
                f"割り当てられない利用者がいます: {names}",
                f"Members cannot be assigned to: {names}",
            ),
            Text(
                "有効なマネージャーか担当者を選んでください。",
                "Choose active managers or representatives.",
            ),
            code="cannot_work",
        )


def create(asked: ListIn, key: str | None, actor: Actor) -> tuple[ActionableList, bool]:
    """The list and whether it is new: the same key and wish again answers with the first one."""
    body = asked.model_dump(mode="json", exclude={"idempotency_key"})
    told = digest(body)
    if key is not None and (same := _earlier(key, told, actor)) is not None:
        return same, False
    wish = check_wish(asked, actor)
    found = ActionableList(
        definition=wish.definition,
        slug=_slug(asked.slug, wish.definition.slug),
        name=asked.name,
        rule=wish.rule,
        fields=sorted(wish.fields),
        filter=wish.filter,
        scope=bound_scope(actor, wish.body.subject),
        role=actor.role,
        attributes=dict(actor.attributes),
        columns=stored_columns(list_columns(wish.checked, catalog())),
        priority=stored_priority(asked.priority, wish.part_levels, wish.part_units),
        top_n=asked.top_n,
        assignment=body["assignment"],
        due=asked.due,
        builds=1,
        created_by=actor.user_id,
        created_at=now(),
        idempotency_key=key,
        request_digest=told,
    )
    try:
        with work("list.create"):
            found.save(force_insert=True)
            Build.objects.create(
                list=found, number=1, requested_by=actor.user_id, requested_at=now()
            )
            detail = {"definition": wish.definition.id, "purpose": wish.body.purpose or ""}
            audit.record(actor, "list.create", "list", found.id, detail)
    except IntegrityError:
        # A double submit: both passed the look above, one came first.
        if key is not None and (same := _earlier(key, told, actor)) is not None:
            return same, False
        raise
    return found, True


def _slug(wanted: str | None, definition: str) -> str:
    """The name rules call the list by: as wished, else its definition and the day it was made.

    Raises Conflict `slug_taken`.
    """
    if wanted is not None:
        if ActionableList.objects.filter(slug=wanted).exists():
            raise Conflict(
                Text(f"「{wanted}」はすでに使われています。", f"The slug {wanted!r} is taken."),
                Text("別の識別名にしてください。", "Choose another."),
                code="slug_taken",
            )
        return wanted
    stem = f"{definition}-{now().astimezone(current_workspace().zone):%Y%m%d}"
    taken = set(ActionableList.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    return next(s for s in chain([stem], (f"{stem}-{n}" for n in count(2))) if s not in taken)


def stored_priority(
    priority: FixedPriority | ScorePriority, levels: Sequence[str], units: Sequence[str]
) -> dict[str, Any]:
    """A priority as it is kept: the exact values of its parts, their PII levels and units."""
    if isinstance(priority, FixedPriority):
        return priority.model_dump()
    kept = priority.model_dump(by_alias=True, exclude_none=True)
    return kept | {"pii": list(levels), "units": list(units)}


def _earlier(key: str, told: str, actor: Actor) -> ActionableList | None:
    found = ActionableList.objects.filter(created_by=actor.user_id, idempotency_key=key).first()
    if found is not None and found.request_digest != told:
        raise key_reused()
    return found


def key_reused() -> Conflict:
    """The same idempotency key with another content."""
    return Conflict(
        Text(
            "同じ受付番号で別の内容が送られました。",
            "The same idempotency key came with another content.",
        ),
        Text("画面を開き直して、もう一度お試しください。", "Open the page again and retry."),
        code="key_reused",
    )


def preview(asked: PreviewIn, actor: Actor, locale: Locale) -> PreviewOut:
    """Count, sentence and sample of the list as it would be, and how many are already elsewhere."""
    begun = time.perf_counter()
    wish = check_wish(asked, actor)
    asker = warehouse()
    instant = now()
    whole = replace(actor, pii="high", stored=True)  # the definition may test what is masked
    counted = asker.count(wish.rule, actor=whole, as_of=instant, locale=locale)
    everyone = asker.who(wish.rule, actor=whole, as_of=instant).column("_id").to_pylist()
    channel = wish.body.kinds[0].channel
    blocked = gate.blocked_among(
        everyone, channel, wish.body.purpose, wish.body.product, at=instant
    )
    elsewhere = persons_on_lists(set(everyone))
    columns = list_columns(wish.checked, catalog())
    return PreviewOut(
        count=len(everyone),
        members=min(len(everyone), asked.top_n or len(everyone)),
        sentence=str(counted["sentence"]),
        columns=[column.out(locale, actor) for column in columns],
        sample=_sample(wish, asked, actor, locale),
        on_other_lists=len(elsewhere),
        blocked=len(blocked),
        ms=int((time.perf_counter() - begun) * 1000),
        as_of=instant,
        as_known_today=list(counted.get("as_known_today", ())),
        warnings=[warning.message[locale] for warning in wish.warnings],
    )


def _sample(wish: Wish, asked: PreviewIn, actor: Actor, locale: Locale) -> list[SampleRow]:
    """Some people with columns and scores: those of the sample who score best stand first."""
    columns = {column.name: column.value for column in wish.body.ordered_columns()}
    plain = isinstance(asked.priority, FixedPriority)
    parts = () if isinstance(asked.priority, FixedPriority) else tuple(asked.priority.parts)
    values = columns | {alias(position): part.value for position, part in enumerate(parts)}
    whole = replace(actor, pii="high", stored=True)  # masked below, as on the list itself
    table = warehouse().who(
        wish.rule, actor=whole, as_of=now(), columns=values, limit=SAMPLE if plain else 200
    )
    rows: Sequence[dict[str, Any]] = table.to_pylist()
    told = [
        (0.0, []) if isinstance(asked.priority, FixedPriority) else score(asked.priority, row)
        for row in rows
    ]
    if isinstance(asked.priority, FixedPriority):
        levels = [fixed_level(asked.priority)] * len(rows)
    else:
        cut = thresholds(asked.priority, [points for points, _ in told], None)
        levels = [cut.priority(points) for points, _ in told]
    best = sorted(range(len(rows)), key=lambda i: (-told[i][0], str(rows[i]["_id"])))[:SAMPLE]
    persons = [str(rows[i]["_id"]) for i in best]
    decisions = gate.decide_many(
        persons, wish.body.kinds[0].channel, wish.body.purpose, wish.body.product,
        at=now(), actor=actor,
    )  # fmt: skip
    elsewhere = persons_on_lists(set(persons))
    shown = list_columns(wish.checked, catalog())
    hidden = frozenset(n for n, level in enumerate(wish.part_levels) if pii_hidden(level, actor))
    return [
        SampleRow(
            id=str(rows[i]["_id"]),
            key=str(rows[i]["key"] or ""),
            display=shown_name(str(rows[i]["display"] or rows[i]["key"]), wish.body.subject, actor),
            values=shown_values(rows[i], shown, actor),
            score=None if isinstance(asked.priority, FixedPriority) else told[i][0],
            priority=PRIORITY_NAMES[levels[i]],
            reasons=reason_sentences(
                asked.priority, told[i][1], locale, hidden=hidden, units=wish.part_units
            ),
            blocked=gate.words(decisions[str(rows[i]["_id"])], locale) or None,
            other_lists=elsewhere.get(str(rows[i]["_id"]), 0),
        )
        for i in best
    ]


def persons_on_lists(persons: set[str], *, but: str = "") -> dict[str, int]:
    """On how many open lists each of these persons is still to be worked (only those on any)."""
    # The open lists are asked for apart: joined, SQLite walks every member of a large list.
    open_ = set(ActionableList.objects.filter(state=ListState.OPEN).values_list("id", flat=True))
    open_.discard(but)
    rows = Member.objects.filter(meaning__in=LIVE, present=True, joined_at__isnull=False)
    found: dict[str, int] = {}
    if len(persons) <= 2000:
        wanted = sorted(persons)
        for start in range(0, len(wanted), 500):
            part = rows.filter(person__in=wanted[start : start + 500])
            for person, list_id in part.values_list("person", "list_id"):
                if list_id in open_:
                    found[person] = found.get(person, 0) + 1
        return found
    rows = rows.filter(list_id__in=open_)
    for person in rows.values_list("person", flat=True).iterator(chunk_size=10_000):
        if person in persons:
            found[person] = found.get(person, 0) + 1
    return found
