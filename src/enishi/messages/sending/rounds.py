"""What one round of sending comes to, before it is written: ends, delays, slots given back."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from enishi.gate.slots import Ask
from enishi.gate.types import Answer, Decision
from enishi.messages.channels.port import Later, Outcome, Refused, Sent, Unknown
from enishi.messages.deliveries.service import Finished
from enishi.messages.public.responses import stop_address
from enishi.messages.sending.ahead import Ready
from enishi.messages.sending.claiming import Claim, End, Off, Queue, withdrawn
from enishi.messages.types import DeliveryState

MOST_TRIES = 12
LATER_AT_LEAST = 1.0
LATER_AT_MOST = 6 * 3600.0
"""Seconds until another try."""


@dataclass(frozen=True, slots=True)
class Handed:
    """A message that was handed over, and what came of it."""

    ready: Ready
    outcome: Outcome


@dataclass
class Round:
    """What one unit of work comes to."""

    at: datetime
    ends: list[End] = field(default_factory=list)
    off: list[Off] = field(default_factory=list)
    back: list[str] = field(default_factory=list)  # sources of slots that were not used
    given: list[Ready] = field(default_factory=list)
    marks: list[tuple[str, str, str, int]] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    passed: list[tuple[Queue, str]] = field(default_factory=list)  # looked at, not attempted
    stood_down: list[tuple[str, str]] = field(default_factory=list)  # (send, address)
    finished: list[Finished] = field(default_factory=list)


def ask(claim: Claim) -> Ask:
    return Ask(
        claim.person, claim.channel, claim.purpose, claim.product or None, claim.source
    )  # fmt: skip


def _reasons(decision: Decision) -> list[dict[str, str]]:
    return [
        {"code": r.code, "restriction": r.restriction_id, "policy": r.policy}
        for r in decision.reasons
    ]


def stop(unit: Round, ready: Ready, decision: Decision, decided: str) -> None:
    """Put it off where the gate says when, suppress it else."""
    claim, code = ready.claim, decision.reasons[0].code
    if decision.answer is Answer.DEFER and decision.until is not None:
        due = max(decision.until, unit.at + timedelta(seconds=LATER_AT_LEAST))
        unit.off.append(Off(claim, due, code, claim.attempts, decided))
        return
    unit.ends.append(
        End(claim, DeliveryState.SUPPRESSED, code, _reasons(decision), decided,
            address=ready.digest)
    )  # fmt: skip
    unit.stood_down.append((claim.send, ready.digest))


def suppressed(ready: Ready, code: str) -> End:
    return End(
        ready.claim, DeliveryState.SUPPRESSED, code, ({"code": code},), address=ready.digest
    )  # fmt: skip


def settle(unit: Round, ready: Ready, outcome: Outcome, dedupes: bool) -> None:
    """Write down what came of one that was handed over."""
    claim = ready.claim
    if isinstance(outcome, Sent):
        unit.ends.append(
            End(claim, DeliveryState.SENT, provider_id=outcome.provider_id, cost=outcome.cost,
                address=ready.digest, decision=ready.decision)
        )  # fmt: skip
    elif isinstance(outcome, Refused):
        unit.back.append(claim.source)
        unit.ends.append(
            End(claim, DeliveryState.FAILED, outcome.code, provider_id=outcome.provider_id,
                address=ready.digest)
        )  # fmt: skip
        if outcome.stops_address:
            code = outcome.code if outcome.code in ("blocked", "gone") else "bounced"
            stop_address(
                claim.channel, ready.digest, code, person=claim.person, delivery=claim.id,
                at=unit.at,
            )  # fmt: skip
    elif isinstance(outcome, Unknown):
        unanswered(unit, claim, dedupes, outcome.code, claim.attempts + 1, ready.digest)
    else:
        later(unit, ready, outcome)


def later(unit: Round, ready: Ready, outcome: Later) -> None:
    """Again after a while that doubles; given up after many tries of this one."""
    claim = ready.claim
    unit.back.append(claim.source)
    tried = not outcome.whole_channel
    if tried and claim.attempts + 1 >= MOST_TRIES:
        unit.ends.append(
            End(claim, DeliveryState.FAILED, "tries", ({"code": outcome.code},),
                address=ready.digest)
        )  # fmt: skip
        return
    slower = outcome.after * (2 ** min(claim.attempts, 8) if tried else 1)
    seconds = min(max(outcome.after, slower, LATER_AT_LEAST), LATER_AT_MOST)
    due = unit.at + timedelta(seconds=seconds)
    unit.off.append(Off(claim, due, outcome.code, claim.attempts + tried))


def unanswered(
    unit: Round,
    claim: Claim,
    dedupes: bool,
    code: str,
    attempts: int,
    address: str | None = None,
) -> None:
    """Handed over without an answer: asked again where the provider knows our key."""
    if dedupes:
        unit.back.append(claim.source)
        unit.off.append(Off(claim, unit.at, code, attempts, unsure=True))
    else:
        known = claim.address if address is None else address
        unit.ends.append(End(claim, DeliveryState.UNKNOWN, code, address=known))


def stop_withdrawn(unit: Round) -> None:
    """Of what would be tried again, end what was withdrawn while it was attempted: whoever it was
    for has left. What may have gone out has an unknown end, and counts as a contact."""
    found = withdrawn([off.claim.id for off in unit.off])
    if not found:
        return
    for off in unit.off:
        if off.claim.id not in found:
            continue
        code, address = found[off.claim.id]
        if off.unsure:
            unit.back.remove(off.claim.source)
            unit.ends.append(End(off.claim, DeliveryState.UNKNOWN, off.reason, address=address))
        else:
            unit.ends.append(
                End(off.claim, DeliveryState.SUPPRESSED, code, ({"code": code},),
                    address=address)
            )  # fmt: skip
    unit.off = [off for off in unit.off if off.claim.id not in found]
