"""What a send would do now: how many, who not and why, a few of them as they would get it.

Counts of the audience are exact. What the gate would answer is told from a sample, exactly where
the sample is everybody.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import pyarrow as pa

from enishi.book import audit
from enishi.book.access import SYSTEM, Actor, require
from enishi.book.clock import now
from enishi.gate import service as gate
from enishi.gate.asking import persons_named, warehouse
from enishi.gate.types import Answer, Decision
from enishi.kernel.text import Locale
from enishi.messages import sends
from enishi.messages.audience import Audience
from enishi.messages.delivery_schemas import DeliveryReason
from enishi.messages.models import ChannelAddress, Sender, TemplateVersion
from enishi.messages.recipients import address_columns, address_fields, first_address
from enishi.messages.rendering import Compiled, UnrenderableError, Untracked, compiled
from enishi.messages.send_schemas import (
    SendPreview,
    SendPreviewPerson,
    SendReasonCount,
    SendSegmentPart,
)
from enishi.messages.send_tokens import token_of
from enishi.messages.types import MessageChannel
from enishi.messages.values import Missing, Values, values_for
from enishi.messages.why import policies_named, reasons_out, words_of
from enishi.segments.known import segments_named

SAMPLE = 200
SHOWN = 5


def preview(reference: str, actor: Actor, locale: Locale) -> SendPreview:
    """Count and look at a send; audited with whom it showed. Raises Forbidden
    `beyond_scope`, Conflict for a template that is not approved, Invalid for an audience that does
    not fit the catalog any more."""
    require(actor, "messages.send")
    sends.require_whole(actor)
    send = sends.get_send(reference)
    audience = sends.audience_of(send)
    version = sends.approved(audience.template)
    people = audience.count(audience.intended)
    excluded = audience.count(audience.excluded)
    held_out = audience.count(audience.held_out)
    reach = _reach(audience)
    left = max(0, people - excluded - held_out - reach.missing - reach.same)
    sampled = reach.some
    decisions = _decided(audience, sampled, audience.body.at or now())
    stopped = _stopped(decisions, left, locale)
    going = max(0, left - sum(one.people for one in stopped if one.code != Answer.DEFER))
    rate = audience.body.per_hour
    seen = sends.seen_now(send, people)
    shown = _shown(version, sampled, decisions, actor, locale)
    audit.record(
        actor, "send.preview", "send", send.id, {"people": people}, [one.person for one in shown]
    )
    return SendPreview(
        people=people,
        segments=_segments(audience, locale),
        in_several=audience.count(audience.in_several),
        excluded=excluded, held_out=held_out, no_address=reach.missing, same_address=reach.same,
        stopped=stopped, to_send=going, hours=None if rate is None else going / rate,
        sampled=len(sampled), sample=shown,
        warnings=_warnings(audience, people, going, locale),
        token=token_of(seen), token_until=datetime.fromtimestamp(seen.until, UTC),
    )  # fmt: skip


def _segments(audience: Audience, locale: Locale) -> list[SendSegmentPart]:
    named = segments_named(audience.body.segments)
    found = []
    for slug in audience.body.segments:
        segment = named.get(slug)
        name = "" if segment is None else segment.name
        if segment is not None and locale == "en" and segment.name_en:
            name = segment.name_en
        people = audience.count({"all": [audience.intended, {"segment": slug}]})
        found.append(SendSegmentPart(slug=slug, name=name or slug, people=people))
    return found


# ── addresses ────────────────────────────────────────────────────────────────────────────────────


class _Reach:
    """Whom of those who would get it can be reached: `some` of them, and how many cannot."""

    def __init__(self, some: Sequence[str], missing: int, same: int) -> None:
        self.some, self.missing, self.same = some, missing, same


def _reach(audience: Audience) -> _Reach:
    rule = audience.rest
    if audience.body.holdout is not None:
        held = audience.held_out
        assert held is not None
        rule = {"all": [rule, {"not": held["all"][-1]}]}
    channel = audience.template.channel
    fields = address_fields(channel)
    table: pa.Table = warehouse().who(
        audience.stored(rule), actor=SYSTEM, columns=address_columns(fields)
    )
    persons = table.column("_id").to_pylist()
    if channel in (MessageChannel.WEBHOOK, MessageChannel.PERSON):
        return _Reach(persons[:SAMPLE], 0, 0)
    if channel not in (MessageChannel.EMAIL, MessageChannel.SMS):
        known = set(
            ChannelAddress.objects.filter(channel=channel, ended_at__isnull=True)
            .values_list("person", flat=True)
            .distinct()
        )
        reached = [person for person in persons if person in known]
        return _Reach(reached[:SAMPLE], len(persons) - len(reached), 0)
    columns = [table.column(f"a_{n}").to_pylist() for n in range(len(fields))]
    addresses: set[str] = set()
    some: list[str] = []
    missing = same = 0
    for place, person in enumerate(persons):
        row = {f"a_{n}": column[place] for n, column in enumerate(columns)}
        address = first_address(channel, row, len(fields))
        if address is None:
            missing += 1
        elif address in addresses:
            same += 1
        else:
            addresses.add(address)
            if len(some) < SAMPLE:
                some.append(person)
    return _Reach(some, missing, same)


# ── the gate ─────────────────────────────────────────────────────────────────────────────────────


def _decided(audience: Audience, persons: Sequence[str], at: datetime) -> dict[str, Decision]:
    template = audience.template
    return gate.decide_many(
        persons, template.channel, template.purpose, template.product or None, at=at, actor=SYSTEM
    )


def _stopped(decisions: Mapping[str, Decision], left: int, locale: Locale) -> list[SendReasonCount]:
    """By the first reason of each person; those who only wait are told as `defer`."""
    codes: Counter[str] = Counter()
    words: dict[str, str] = {}
    for decision in decisions.values():
        if decision.allowed:
            continue
        deferred = decision.answer is Answer.DEFER
        first = decision.reasons[0]
        code = str(Answer.DEFER) if deferred else first.code
        codes[code] += 1
        words.setdefault(code, words_of(code)[locale] if deferred else first.sentence[locale])
    scale = left / len(decisions) if decisions else 0.0
    exact = left <= len(decisions)
    return [
        SendReasonCount(
            code=code, sentence=words[code] if exact else _general(code, words[code], locale),
            people=count if exact else round(count * scale), estimated=not exact,
        )
        for code, count in codes.most_common()
    ]  # fmt: skip


def _general(code: str, sentence: str, locale: Locale) -> str:
    """The words of a code; a policy of one's own has only the sentence it says."""
    words = words_of(code)[locale]
    return sentence if words == code else words


# ── a few, as they would get it ──────────────────────────────────────────────────────────────────


def _shown(
    version: TemplateVersion,
    persons: Sequence[str],
    decisions: Mapping[str, Decision],
    actor: Actor,
    locale: Locale,
) -> list[SendPreviewPerson]:
    """Some of the sample whom the actor may see, rendered unless their values are masked."""
    names = persons_named(persons[: SHOWN * 10], actor)
    chosen = [person for person in persons if person in names][:SHOWN]
    made = compiled(version.id)
    plain = actor.pii == "high"  # what is masked on the screen is masked in a message too
    values = values_for(chosen, made, now()) if plain and chosen else {}
    policies = policies_named({"policy": r.policy} for p in chosen for r in decisions[p].reasons)
    found = []
    for person in chosen:
        decision = decisions[person]
        subject, text, missing = _rendered(made, values.get(person))
        found.append(
            SendPreviewPerson(
                person=person, name=names[person], answer=str(decision.answer),
                reasons=reasons_out(
                    [{"code": r.code, "restriction": r.restriction_id, "policy": r.policy}
                     for r in decision.reasons], policies, locale,
                ),
                subject=subject, text=text, missing=missing,
            )
        )  # fmt: skip
    return found


def _rendered(made: Compiled, values: Values | Missing | None) -> tuple[str, str, list[str]]:
    if isinstance(values, Missing):
        return "", "", list(values.fields)
    if values is None:
        return "", "", []
    try:
        rendered = made.render(values, Untracked())
    except UnrenderableError as error:
        return "", words_of(error.code).ja, []
    return rendered.subject, rendered.text[:4000], []


def _warnings(audience: Audience, people: int, going: int, locale: Locale) -> list[DeliveryReason]:
    codes = []
    slug, channel = audience.body.sender, audience.template.channel
    rows = Sender.objects.filter(channel=channel, archived_at__isnull=True)
    sender = rows.filter(slug=slug).first() if slug else rows.filter(main=True).first()
    if sender is None:
        codes.append("sender_missing")
    elif not sender.live:
        codes.append("sender_not_live")
    if people and going * 2 < people:
        codes.append("few_reachable")
    return [DeliveryReason(code=code, sentence=words_of(code)[locale]) for code in codes]
