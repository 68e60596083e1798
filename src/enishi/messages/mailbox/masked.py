"""Messages of the mailbox for readers to whom fields are masked: made anew from what they may see.

What a template made of a value (a date as it is written, a name spelt backwards, a sentence that
stands only for some) cannot be found in the message again. So whoever sees a field masked that the
template reads gets the message as it comes out of the masked value, as in a preview. So it is with
what came with the delivery (`given`): events and rows bring it, and it is masked as they are.

A message of which nobody can tell any more what it was made of shows nothing.
"""

from __future__ import annotations

import html
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from enishi.book.access import Actor
from enishi.book.workspace import current_workspace
from enishi.catalog.types import Catalog, Field
from enishi.gate.asking import catalog
from enishi.kernel.errors import EnishiError
from enishi.kernel.ids import new_id
from enishi.messages.models import Delivery, MailboxItem
from enishi.messages.public.links import links_for
from enishi.messages.types import MessageChannel
from enishi.messages.wording.readying import compiled
from enishi.messages.wording.rendering import AT, GIVEN, Compiled
from enishi.messages.wording.sandbox import has_liquid
from enishi.messages.wording.values import Answered, ask, bounded
from enishi.warehouse.masking import hidden, mask

STARS = "＊＊＊"
_HEADERS = (("From", "sender_name"), ("Reply-To", "reply_to"))
_TRIALS = {"none": "trialn", "low": "triall", "high": "trialh"}
"""How the ids of trials begin, by what their author may see of persons."""


@dataclass(frozen=True, slots=True)
class Remade:
    """What is shown in place of a message. `hidden`: headers that its values may have shaped."""

    subject: str = STARS
    html: str = ""
    text: str = STARS
    payload: object = None
    url: str = STARS
    hidden: frozenset[str] = frozenset({"From", "Reply-To"})


def remade(rows: Sequence[MailboxItem], actor: Actor) -> dict[int, Remade]:
    """By the id of its row what the actor sees instead of a message; none where nothing that it
    was made of is masked. One that cannot be made any more shows nothing, and neither does one
    whose delivery is gone. Trials were made of what their author may see, and are shown to who may
    see as much.
    """
    if actor.pii == "high":
        return {}
    known = Delivery.objects.in_bulk([row.delivery for row in rows])
    versions: dict[str, list[MailboxItem]] = defaultdict(list)
    found: dict[int, Remade] = {}
    for row in rows:
        if row.delivery in known:
            versions[known[row.delivery].template_version].append(row)
        elif row.person and _trial_of(row) not in _up_to(actor):
            found[row.id] = Remade()
    for version, some in versions.items():
        try:
            made = compiled(version)
            answered = ask([row.person for row in some], made, some[0].at, actor)
        except EnishiError:
            found |= {row.id: Remade() for row in some}
            continue
        for row in some:
            given = bounded(known[row.delivery].given)
            shown = given_shown(given, actor)
            if not answered.whole or shown != given:
                found[row.id] = _one(row, known[row.delivery], made, answered, shown)
    return found


def trial_id(author: Actor) -> str:
    """An id that stands for the delivery of a trial, filled in with what its author may see."""
    return new_id(_TRIALS[author.pii])


def is_trial(row: MailboxItem) -> bool:
    """Whether it went to somebody who tried it, and not to the person it is about."""
    return bool(_trial_of(row))


def _trial_of(row: MailboxItem) -> str:
    kind = row.delivery.partition("_")[0]
    return kind if kind in _TRIALS.values() else ""


def _up_to(actor: Actor) -> set[str]:
    """Trials by authors who may see no more than the actor."""
    levels = list(_TRIALS)
    return {_TRIALS[level] for level in levels[: levels.index(actor.pii) + 1]}


def given_shown(given: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    """What came with a delivery, as far as the actor may see it.

    What an event brings is of level low, and of the level of the catalog's fields where one is
    called so; the date that a date entry brings is of the level of its field.
    """
    known, named = catalog(), given.get("field")
    dated = {"date": _called(known, str(named))} if named else {}
    return {
        name: _shown(value, dated.get(name) or _called(known, name), known, actor)
        for name, value in given.items()
    }


def detail_shown(detail: Mapping[str, Any], version: str, actor: Actor) -> dict[str, Any]:
    """What came back of a delivery. Of a link that was made of values only its host is told to who
    sees not all of a person; one that stands so in the template is told."""
    url = detail.get("url")
    if actor.pii == "high" or not isinstance(url, str):
        return dict(detail)
    try:
        made = compiled(version)
        said = html.unescape("\n".join([*map(str, made.parts.values()), str(made.shape)]))
    except EnishiError:
        said = ""
    if re.search(rf"(?<![^\s\"'>]){re.escape(url)}(?![^\s\"'<{{])", said):
        return dict(detail)
    parts = urlsplit(url)
    return {**detail, "url": f"{parts.scheme}://{parts.hostname}/…"}


def _shown(value: Any, fields: Sequence[Field], known: Catalog, actor: Actor) -> Any:
    if isinstance(value, Mapping):
        return {
            name: _shown(one, _called(known, str(name)) or fields, known, actor)
            for name, one in value.items()
        }
    if isinstance(value, list):
        return [_shown(one, fields, known, actor) for one in value]
    if value is None:
        return None
    masked = [field for field in fields if hidden(field, actor.pii)]
    if masked:
        return mask(value, masked[0])
    return value if fields or actor.pii != "none" else STARS


def _called(known: Catalog, name: str) -> list[Field]:
    """The fields of that name, wherever they are; the last part of a path."""
    last = name.rpartition(".")[2]
    found = (dataset.fields.get(last) for dataset in known.datasets.values())
    return [field for field in found if field is not None]


def _one(
    row: MailboxItem,
    delivery: Delivery,
    made: Compiled,
    answered: Answered,
    given: Mapping[str, Any],
) -> Remade:
    values = answered.rows.get(row.person)
    if values is None:
        return Remade()
    day = row.at.astimezone(current_workspace().zone).date()
    told = {**values, AT: day, GIVEN: given}
    try:
        rendered = made.render(told, links_for(delivery.id))
    except Exception:  # whatever masked values do to a template: what cannot be made is not shown
        return Remade()
    payload: object = rendered.payload
    if made.channel == MessageChannel.WEBHOOK:
        payload = {"url": rendered.url, "json": rendered.payload}
    elif made.channel == MessageChannel.PERSON:
        payload = {"title": rendered.subject, "text": rendered.text}
    elif made.channel == MessageChannel.SMS:
        payload = {"text": rendered.text}
    subject = " ".join((rendered.subject or rendered.text).split())[:400]
    hidden = frozenset(name for name, part in _HEADERS if has_liquid(made.parts.get(part, "")))
    return Remade(subject, rendered.html, rendered.text, payload, rendered.url[:400], hidden)
