"""One member in full: who, why on this list, what to say, what not to, what happened before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from enishi.book import audit
from enishi.book.access import Actor
from enishi.book.clock import now
from enishi.gate import service as gate
from enishi.gate.asking import catalog, warehouse
from enishi.gate.restrictions import decision_out, restriction_rows
from enishi.kernel.errors import EnishiError
from enishi.kernel.text import Locale, Text
from enishi.lists.access import access_to, members_for, outside_scope
from enishi.lists.board import column_rows, member_rows
from enishi.lists.contacts import (
    contacts_of,
    engagement_rows,
    lists_with,
    other_lists,
    warning,
)
from enishi.lists.definitions import body_of
from enishi.lists.gather import build_actor
from enishi.lists.models import ActionableList
from enishi.lists.scoring import value_words
from enishi.lists.visible import consistent, members, standing
from enishi.lists.work import no_such_member
from enishi.lists.work_schemas import ConditionOut, MemberDetail
from enishi.rules import check_rule
from enishi.warehouse.masking import hidden

MOST_CONDITIONS = 40


def member_detail(list_id: str, member_id: int, actor: Actor, locale: Locale) -> MemberDetail:
    """Everything work mode shows about one member. Audited as a view of the person."""

    def read(found: ActionableList) -> MemberDetail:
        access = access_to(found, actor)
        row = standing(members_for(members(found), access, actor)).filter(id=member_id).first()
        if row is None or outside_scope([row.person], access, actor):
            raise no_such_member()
        [brief] = member_rows(found, [row], access, actor, locale)
        body = body_of(found.definition)
        decisions = {
            kind.code: gate.decide(
                row.person, kind.channel, body.purpose, body.product, at=now(), actor=actor
            )
            for kind in body.kinds
        }
        conditions, sentence = _why(found, row.person, actor, locale)
        return MemberDetail(
            **brief.model_dump(),
            columns=column_rows(found, actor, locale),
            why=conditions,
            why_sentence=sentence,
            gate={code: decision_out(told, locale) for code, told in decisions.items()},
            restrictions=restriction_rows(gate.restrictions_of(row.person), actor, locale),
            lists=other_lists(lists_with(row.person, but=found.id), locale),
            contacts=engagement_rows(contacts_of(row.person), actor, locale),
            talk_guide=body.talk_guide,
            warning=warning(row.person, found.id, locale),
        )

    answer = consistent(list_id, read)
    audit.record(actor, "member.view", "list", list_id, {"member": member_id}, [answer.person_id])
    return answer


def _why(
    found: ActionableList, person: str, actor: Actor, locale: Locale
) -> tuple[list[ConditionOut], str]:
    """The conditions of the list's rule for this person; one sentence when they cannot be told.

    Asked within the list's own scope, since a grant may have opened the person to the reader. What
    was found is left out where the rule reads a field that the reader's role hides.
    """
    try:
        told = warehouse().why(
            found.rule, person, actor=build_actor(found), as_of=now(), locale=locale
        )
        fields = check_rule(found.rule, catalog()).fields
    except EnishiError as error:
        return [], error.message[locale]
    secret = any(
        hidden(catalog().datasets[dataset].fields[name], actor.pii) for dataset, name in fields
    )
    explanation = told.get("explanation")
    root = explanation.get("node") if isinstance(explanation, Mapping) else None
    nodes = list(_conditions(root, locale, secret)) if isinstance(root, Mapping) else []
    if told.get("truth"):
        return nodes[:MOST_CONDITIONS], str(told.get("sentence", ""))
    since = Text(
        "いまは条件に当てはまりません(リスト作成時のまま表示しています)。",
        "The conditions no longer hold; the list stands as it was last refreshed.",
    )
    return nodes[:MOST_CONDITIONS], since[locale]


def _conditions(node: Mapping[str, Any], locale: Locale, secret: bool) -> Iterator[ConditionOut]:
    """The conditions that all have to hold, one by one; an `any` or a `not` is told as a whole."""
    if node.get("kind") == "all":
        for part in node.get("children", ()):
            yield from _conditions(part, locale, secret)
        return
    found = node.get("found")
    yield ConditionOut(
        sentence=str(node.get("sentence", "")),
        truth=bool(node.get("truth")),
        found=None if found is None or secret else value_words(found, locale),
    )
