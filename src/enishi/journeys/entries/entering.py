"""People brought in by the API: those whom the asker may see, by Enishi id or customer number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from enishi.book.access import Actor
from enishi.gate.asking import warehouse
from enishi.gate.visibility import no_such_person
from enishi.journeys.drawing.definitions import get_journey
from enishi.journeys.entries.service import Named, enter_by_api
from enishi.journeys.inside.schemas import EnterIn, EntriesOut, RefusedCount
from enishi.kernel.errors import NotFound
from enishi.kernel.text import Locale, Text
from enishi.warehouse import process
from enishi.warehouse.questions import ENISHI_ID

_REFUSED: Mapping[str, Text] = {
    "inside": Text("今、中にいる", "inside already"),
    "again": Text("再参加の決まりにより入れない", "re-entry does not allow it"),
    "closed": Text("受け付けていない", "the journey takes nobody in"),
    "audience": Text("対象者の条件に当てはまらない", "not of the audience"),
    "unknown": Text("見つからないか、担当の範囲にいない", "not found, or not in your scope"),
}


def enter(slug: str, wanted: Sequence[EnterIn], actor: Actor, locale: Locale) -> EntriesOut:
    """Bring people in. Who cannot be found, or not by the actor, counts as `unknown`.

    Raises Conflict `not_live`, `no_api_entry`; NotFound where nobody named can be found.
    """
    journey = get_journey(slug)
    found = [_found(one.person, actor) for one in wanted]
    seen = warehouse().in_scope({one for one in found if one}, actor=actor)
    named = [
        Named(person, one.key, one.values)
        for person, one in zip(found, wanted, strict=True)
        if person in seen
    ]
    if not named:
        raise no_such_person()
    done = enter_by_api(journey, named, actor)
    refused = dict(done.refused)
    if len(named) < len(wanted):
        refused["unknown"] = len(wanted) - len(named)
    return EntriesOut(
        entered=done.entered,
        refused=[
            RefusedCount(code=code, label=_REFUSED[code][locale], people=people)
            for code, people in refused.items()
            if people
        ],
    )


def _found(reference: str, actor: Actor) -> str:
    """The Enishi id; empty where there is nobody the actor may see."""
    if ENISHI_ID.fullmatch(reference):
        return reference
    try:
        found: str = process.warehouse().find(reference, actor=actor)
    except NotFound:
        return ""
    return found
