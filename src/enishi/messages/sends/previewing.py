"""What a send would do now: how many, who not and why, a few of them as they would get it.

Counts of the audience are exact, and so are those whom something lasting stops: consents, refusals,
holds, ages, rules. What passes by itself (caps, hours) is told from a sample of the others, exactly
where the sample is all of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import pyarrow as pa

from enishi.book import audit
from enishi.book.access import SYSTEM, Actor, require
from enishi.book.clock import now
from enishi.book.workspace import current_workspace
from enishi.gate import service as gate
from enishi.gate.asking import persons_named, warehouse
from enishi.gate.bodies import RulePolicy
from enishi.gate.in_force import policies_in_force
from enishi.gate.types import Answer, Decision
from enishi.kernel.text import Locale, Text
from enishi.messages.addresses import digest_with
from enishi.messages.deliveries.schemas import DeliveryReason
from enishi.messages.deliveries.why import policies_named, reasons_out, words_of
from enishi.messages.models import AddressStop, ChannelAddress, Sender, TemplateVersion
from enishi.messages.recipients import address_columns, address_fields, first_address
from enishi.messages.sends import service as sends
from enishi.messages.sends import within
from enishi.messages.sends.audience import Audience
from enishi.messages.sends.schemas import (
    SendPreview,
    SendPreviewPerson,
    SendReasonCount,
    SendSegmentPart,
)
from enishi.messages.sends.tokens import token_of
from enishi.messages.types import MessageChannel
from enishi.messages.wording.formats import unset
from enishi.messages.wording.readying import compiled
from enishi.messages.wording.rendering import GIVEN, Compiled, UnrenderableError, Untracked
from enishi.messages.wording.values import ask
from enishi.segments.known import segments_named

SAMPLE = 200
SHOWN = 5
FIRST = 50
"""So many of the first are looked through for some that the reader may see."""


def preview(reference: str, actor: Actor, locale: Locale) -> SendPreview:
    """Count and look at a send, within the actor's row scope; audited with whom it showed.

    Raises Conflict for a template that is not approved, Invalid for an audience that does not fit
    the catalog any more.
    """
    require(actor, "messages.send")
    send = sends.get_send(reference)
    audience = sends.audience_of(send, actor)
    version = sends.approved(audience.template)
    people = audience.count(audience.intended)
    excluded = audience.count(audience.excluded)
    held_out = audience.count(audience.held_out)
    reach = _reach(audience)
    at = audience.body.at or now()
    lasting = _lasting(audience, reach.persons, at) | reach.stopped
    free = [person for person in reach.persons if person not in lasting]
    sampled = reach.persons[:SAMPLE]
    decisions = _decided(audience, list(dict.fromkeys([*free[:SAMPLE], *sampled[:FIRST]])), at)
    stopped = _stopped(
        Counter(lasting.values()),
        [decisions[person] for person in free[:SAMPLE]],
        len(free),
        locale,
    )
    left = len(reach.persons)
    going = max(0, left - sum(one.people for one in stopped if one.code != Answer.DEFER))
    rate = audience.body.per_hour
    seen = sends.seen_now(send, people, actor)
    shown = _shown(version, sampled[:FIRST], decisions, actor, locale)
    audit.record(
        actor, "send.preview", "send", send.id, {"people": people}, [one.person for one in shown]
    )
    return SendPreview(
        people=people,
        segments=_segments(audience, locale),
        in_several=audience.count(audience.in_several),
        excluded=excluded, held_out=held_out, no_address=reach.missing, same_address=reach.same,
        stopped=stopped, to_send=going, hours=None if rate is None else going / rate,
        sampled=min(len(free), SAMPLE), sample=shown,
        warnings=_warnings(audience, people, going, locale),
        within=within.words(within.scope_of(actor))[locale],
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
    """Of those who would get it: the `persons` that can be reached, one of each address; how many
    have none, and how many share another's. `stopped`: those whose address is not used any more,
    and why."""

    def __init__(
        self, persons: list[str], missing: int, same: int, stopped: dict[str, str] | None = None
    ) -> None:
        self.persons, self.missing, self.same = persons, missing, same
        self.stopped = stopped or {}


def _reach(audience: Audience) -> _Reach:
    rule = audience.rest
    if audience.body.holdout is not None:
        held = audience.held_out
        assert held is not None
        rule = {"all": [rule, {"not": held["all"][-1]}]}
    channel = audience.template.channel
    fields = address_fields(channel)
    table: pa.Table = warehouse().who(
        audience.stored(rule), actor=audience.asking, columns=address_columns(fields)
    )
    persons = table.column("_id").to_pylist()
    if channel in (MessageChannel.WEBHOOK, MessageChannel.PERSON):
        return _Reach(persons, 0, 0)
    if channel not in (MessageChannel.EMAIL, MessageChannel.SMS):
        known = set(
            ChannelAddress.objects.filter(channel=channel, ended_at__isnull=True)
            .values_list("person", flat=True)
            .distinct()
        )
        reached = [person for person in persons if person in known]
        return _Reach(reached, len(persons) - len(reached), 0)
    columns = [table.column(f"a_{n}").to_pylist() for n in range(len(fields))]
    addresses: dict[str, str] = {}  # whose each is
    missing = same = 0
    for place, person in enumerate(persons):
        row = {f"a_{n}": column[place] for n, column in enumerate(columns)}
        address = first_address(channel, row, len(fields))
        if address is None:
            missing += 1
        elif address in addresses:
            same += 1
        else:
            addresses[address] = person
    return _Reach(list(addresses.values()), missing, same, _not_used(channel, addresses))


def _not_used(channel: str, addresses: Mapping[str, str]) -> dict[str, str]:
    """Whose address has bounced for good or complained, as sending will find it."""
    known = dict(
        AddressStop.objects.filter(channel=channel, released_at__isnull=True).values_list(
            "address", "code"
        )
    )
    secret = current_workspace().secret()
    found = {}
    for address, person in addresses.items() if known else ():
        code = known.get(digest_with(secret, channel, address))
        if code is not None:
            found[person] = f"address.{code}"
    return found


# ── the gate ─────────────────────────────────────────────────────────────────────────────────────


def _decided(audience: Audience, persons: Sequence[str], at: datetime) -> dict[str, Decision]:
    template = audience.template
    return gate.decide_many(
        persons, template.channel, template.purpose, template.product or None, at=at, actor=SYSTEM
    )


def _lasting(audience: Audience, persons: Sequence[str], at: datetime) -> dict[str, str]:
    template = audience.template
    return gate.reasons_among(
        persons, template.channel, template.purpose, template.product or None, at=at
    )


def _stopped(
    lasting: Counter[str], decisions: Sequence[Decision], free: int, locale: Locale
) -> list[SendReasonCount]:
    """By the first reason of each person; those who only wait are told as `defer`. `decisions` are
    those of a sample of the `free`, whom nothing lasting stops."""
    exact = free <= len(decisions)
    scale = free / len(decisions) if decisions else 0.0
    said = _said_by_rules()
    found = {
        code: (count, said.get(code, words_of(code))[locale], False)
        for code, count in lasting.items()
    }
    codes: Counter[str] = Counter()
    words: dict[str, str] = {}
    for decision in decisions:
        if decision.allowed:
            continue
        deferred = decision.answer is Answer.DEFER
        first = decision.reasons[0]
        code = str(Answer.DEFER) if deferred else first.code
        codes[code] += 1
        words.setdefault(code, words_of(code)[locale] if deferred else first.sentence[locale])
    for code, count in codes.items():
        known, sentence, _ = found.get(code, (0, words[code], False))
        people = known + (count if exact else round(count * scale))
        found[code] = (people, sentence, not exact)
    return [
        SendReasonCount(code=code, sentence=sentence, people=people, estimated=estimated)
        for code, (people, sentence, estimated) in sorted(found.items(), key=lambda one: -one[1][0])
    ]


def _said_by_rules() -> dict[str, Text]:
    """What the policies that are rules say, by their code."""
    return {
        f"rule.{policy.slug}": Text(policy.body.say.ja, policy.body.say.en)
        for policy in policies_in_force().others
        if isinstance(policy.body, RulePolicy)
    }


# ── a few, as they would get it ──────────────────────────────────────────────────────────────────


def _shown(
    version: TemplateVersion,
    persons: Sequence[str],
    decisions: Mapping[str, Decision],
    actor: Actor,
    locale: Locale,
) -> list[SendPreviewPerson]:
    """Some of the sample whom the actor may see, rendered with what the actor may see of them."""
    names = persons_named(persons[: SHOWN * 10], actor)
    chosen = [person for person in persons if person in names][:SHOWN]
    made = compiled(version.id)
    rows = ask(chosen, made, now(), actor).rows
    policies = policies_named({"policy": r.policy} for p in chosen for r in decisions[p].reasons)
    found = []
    for person in chosen:
        decision = decisions[person]
        subject, text, missing = _rendered(made, rows.get(person), locale)
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


def _rendered(
    made: Compiled, row: dict[str, object] | None, locale: Locale
) -> tuple[str, str, list[str]]:
    if row is None:
        return "", "", []
    lacking = [
        name for name, one in made.fields.items() if one.default is None and unset(row[name])
    ]
    if lacking:
        return "", "", lacking
    try:
        rendered = made.render(row | {GIVEN: {}}, Untracked())
    except UnrenderableError as error:
        return "", words_of(error.code)[locale], []
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
