"""Consents over HTTP, and the gate's answers for one customer at a glance."""

from __future__ import annotations

from collections.abc import Collection

from ninja import Status

from enishi.book.clock import now
from enishi.book.http import Request, Router
from enishi.book.opening import look_at
from enishi.book.workspace import current_workspace
from enishi.gate import consents, service
from enishi.gate.asking import in_scope
from enishi.gate.bodies import ConsentNeeded
from enishi.gate.consent_schemas import (
    ConsentIn,
    ConsentOut,
    ConsentsOut,
    ConsentStandingOut,
    MatrixOut,
    PurposeAnswers,
    VoidIn,
)
from enishi.gate.in_force import policies_in_force
from enishi.gate.models import Consent
from enishi.gate.people import names_of, ref
from enishi.gate.purposes import purposes
from enishi.gate.restrictions import decision_out, written
from enishi.gate.schemas import ChannelOut
from enishi.gate.types import Channel, Question
from enishi.gate.visibility import require_visible
from enishi.kernel.text import Locale, Text

router = Router(tags=["gate"])
_CHANNELS = [channel.value for channel in Channel]


@router.get("/customers/{person}/gate/matrix", permission="gate.read", response=MatrixOut)
def matrix(request: Request, person: str) -> MatrixOut:
    """May this customer be contacted now: every purpose on every channel."""
    require_visible(request.actor, person, in_scope)
    named = purposes()
    policies = policies_in_force()
    asked = [(channel, purpose, None) for purpose in named for channel in _CHANNELS]
    answers = iter(service.decide_grid(person, asked, at=now(), actor=request.actor))
    rows = [
        PurposeAnswers(
            purpose=purpose,
            label=label[request.locale],
            purpose_class=policies.class_of(purpose).value,
            answers=[
                ChannelOut(
                    channel=channel.value, decision=decision_out(next(answers), request.locale)
                )
                for channel in Channel
            ],
        )
        for purpose, label in named.items()
    ]
    look_at(request.actor, person, "gate")
    return MatrixOut(channels=[channel.value for channel in Channel], purposes=rows)


@router.get("/customers/{person}/consents", permission="gate.read", response=ConsentsOut)
def consents_of(request: Request, person: str) -> ConsentsOut:
    """What the customer has agreed to and withdrawn, with the evidence, and what counts now."""
    require_visible(request.actor, person, in_scope)
    rows = consents.consents_of(person)
    look_at(request.actor, person, "consents")
    return ConsentsOut(items=_out(rows, request), standing=_standing(person, rows, request.locale))


@router.post("/customers/{person}/consents", permission="gate.consent", response={201: ConsentOut})
def record(request: Request, person: str, body: ConsentIn) -> Status[ConsentOut]:
    """Record that the customer gave or withdrew consent; it counts from now on, everywhere."""
    require_visible(request.actor, person, in_scope)
    instant, zone = now(), current_workspace().zone
    row = consents.record(
        person, given=body.given, channel=body.channel, purpose=body.purpose, how=body.how,
        wording=body.wording, evidence=body.evidence,
        said_at=service.aware(body.at, zone) or instant,
        until=service.aware(body.until, zone), at=instant, actor=request.actor,
    )  # fmt: skip
    return Status(201, _out([row], request)[0])


@router.post("/consents/{consent_id}/void", permission="gate.consent", response=ConsentOut)
def void(request: Request, consent_id: str, body: VoidIn) -> ConsentOut:
    """Mark a statement as recorded by mistake. It is kept and counts no more."""
    require_visible(request.actor, consents.get_consent(consent_id).person, in_scope)
    row = consents.void(consent_id, body.reason, at=now(), actor=request.actor)
    return _out([row], request)[0]


def _standing(person: str, rows: list[Consent], locale: Locale) -> list[ConsentStandingOut]:
    """What the consent policies in force make of the statements, channel by channel."""
    named, policies, instant = purposes(), policies_in_force(), now()
    found = []
    for (channel, purpose), (state, said) in consents.states(
        rows, _CHANNELS, named, at=instant
    ).items():
        asked = Question(person, channel, purpose, None, instant, "")
        modes = {
            policy.body.mode
            for policy in policies.about(asked)
            if isinstance(policy.body, ConsentNeeded)
        }
        found.append(
            ConsentStandingOut.model_validate(
                {
                    "channel": channel, "purpose": purpose,
                    "purpose_label": named[purpose][locale],
                    "state": _state(state, modes), "since": said.at if said else None,
                }
            )
        )  # fmt: skip
    return found


def _state(state: str, modes: Collection[str]) -> str:
    """An opt-out stops only what was withdrawn; an opt-in lets through only what was given."""
    if not modes:
        return "not_needed"
    if state == "withdrawn":
        return "withdrawn"
    if "opt_in" in modes:
        return "given" if state == "given" else "missing"
    return "given" if state == "given" else "not_needed"


def _out(rows: list[Consent], request: Request) -> list[ConsentOut]:
    names = names_of([row.by for row in rows] + [row.voided_by for row in rows])
    named, locale, actor = purposes(), request.locale, request.actor
    known = consents.HOW_WORDS
    return [
        ConsentOut.model_validate(
            {
                "id": row.id, "given": row.given, "channel": row.channel,
                "purpose": row.purpose,
                "purpose_label": (
                    None if row.purpose is None
                    else named.get(row.purpose, Text(row.purpose, row.purpose))[locale]
                ),
                "at": row.at, "until": row.until,
                "how": row.how if row.how in known else None,
                "how_label": known[row.how][locale] if row.how in known else row.how,
                "wording": written(row.wording, row.by, actor),
                "evidence": written(row.evidence, row.by, actor),
                "origin": row.origin, "by": ref(row.by, names), "recorded_at": row.recorded_at,
                "voided_at": row.voided_at, "voided_by": ref(row.voided_by, names),
                "void_reason": written(row.void_reason, row.voided_by, actor) or None,
            }
        )
        for row in rows
    ]  # fmt: skip
