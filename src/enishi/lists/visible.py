"""What of a list is shown: the build that is published, whole, also while it is being folded.

A build writes what it found into `next_*` and publishes by moving the list's `published` to its
number. From then until folding has ended, a member whose `next_build` is that number shows its
`next_*` fields. Each member shows the same before and after it is folded, so only the moment of
publishing matters to a reader: `consistent` reads again when it fell into one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from django.db import connection
from django.db.models import (
    Case,
    CharField,
    F,
    FloatField,
    Q,
    QuerySet,
    SmallIntegerField,
    When,
)
from django.db.models.expressions import RawSQL

from enishi.kernel.errors import NotFound, Unavailable
from enishi.kernel.text import Text
from enishi.lists.models import ActionableList, Member

T = TypeVar("T")


def members(found: ActionableList) -> QuerySet[Any]:
    """The members with what is shown of each: `v_present`, `v_priority`, `v_score`, `v_branch`.

    Those with `v_present` false have left, or wait for a build that is not published: narrow them
    by `standing` where that matters. A list not yet published has no members.
    """
    rows: QuerySet[Any] = Member.objects.filter(list_id=found.id)
    if not found.folding:
        plain: QuerySet[Any] = rows.annotate(
            v_present=F("present"),
            v_priority=F("priority"),
            v_score=F("score"),
            v_branch=F("branch"),
        )
        return plain if found.published is not None else plain.none()
    pending = Q(next_build=found.published)
    folding: QuerySet[Any] = rows.annotate(
        v_present=Case(
            When(pending, then=F("next_present")),
            default=F("present"),
            output_field=SmallIntegerField(),
        ),
        v_priority=Case(
            When(pending & Q(priority_by_hand=False), then=F("next_priority")),
            default=F("priority"),
            output_field=SmallIntegerField(),
        ),
        v_score=Case(
            When(pending, then=F("next_score")), default=F("score"), output_field=FloatField()
        ),
        v_branch=Case(
            When(pending, then=F("next_branch")), default=F("branch"), output_field=CharField()
        ),
    )
    return folding


def standing(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Without those who have never been on the list: a build has brought them, unpublished yet."""
    return rows.filter(Q(v_present=True) | Q(joined_at__isnull=False))


def shown(member: Any, found: ActionableList) -> dict[str, Any]:
    """`values`, `reasons`, `display` and `key` of a member as published."""
    if found.folding and member.next_build == found.published and member.next_data is not None:
        data: dict[str, Any] = member.next_data
        return data
    return {
        "values": member.values,
        "reasons": member.reasons,
        "display": member.display,
        "key": member.key,
    }


def among(persons: Iterable[str]) -> RawSQL:
    """Any number of ids for `__in`, as one parameter: a database takes only so many."""
    one = (
        "SELECT jsonb_array_elements_text(%s::jsonb)"
        if connection.vendor == "postgresql"
        else "SELECT value FROM json_each(%s)"
    )
    return RawSQL(one, [json.dumps(sorted(persons))])  # noqa: S611  the ids are a parameter


def consistent(list_id: str, read: Callable[[ActionableList], T]) -> T:
    """Call `read` with the list, again when a build was published meanwhile.

    Raises NotFound; Unavailable in the unheard-of case of five publications in a row.
    """
    for _ in range(5):
        before = get_list(list_id)
        answer = read(before)
        after = ActionableList.objects.filter(id=list_id).values_list("published", flat=True)
        if after.first() == before.published:
            return answer
    raise Unavailable(
        Text("リストが更新され続けています。", "The list keeps changing."),
        Text("少し待って、もう一度開いてください。", "Wait a moment and open it again."),
        code="list_busy",
    )


def get_list(list_id: str) -> ActionableList:
    """One list with its definition; raises NotFound."""
    found = ActionableList.objects.select_related("definition").filter(id=list_id).first()
    if found is None:
        raise no_such_list()
    return found


def no_such_list() -> NotFound:
    """For a list that does not exist, and for one the reader may not know of."""
    return NotFound(
        Text("このリストは見つかりません。", "There is no such list."),
        Text(
            "リストの作成者に共有を依頼するか、一覧から選び直してください。",
            "Ask who made the list to share it, or choose one from the overview.",
        ),
        code="list_not_found",
    )
