"""The figures of a proof with their rates and words: first a sentence, then steps and arms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from enishi.book.access import Actor
from enishi.gate.asking import catalog
from enishi.journeys.drawing import definitions
from enishi.journeys.drawing.draft import read_draft, ways
from enishi.journeys.graph import AnyStep, Conversion
from enishi.journeys.inside.story import reason_words
from enishi.journeys.models import Journey, JourneyVersion
from enishi.journeys.proof.events import value_hidden
from enishi.journeys.proof.figures import asked, cost_of
from enishi.journeys.proof.points import About
from enishi.journeys.proof.schemas import (
    ProofAim,
    ProofContact,
    ProofDifference,
    ProofHoldout,
    ProofOut,
    ProofRate,
    ProofRatio,
    ProofReason,
    ProofStep,
    ProofSuccess,
)
from enishi.journeys.proof.sentences import aim_name, sentence
from enishi.journeys.proof.settings import Settings, settings
from enishi.journeys.words import CHANNELS, length, title
from enishi.kernel.text import Locale, Text
from enishi.messages.deliveries.report import wilson
from enishi.messages.deliveries.why import words_of

_STATES = ("intended", "waiting", "suppressed", "failed", "unknown")
_RESPONSES = (
    "delivered", "opened", "machine_opened", "clicked", "replied", "bounced", "complained",
    "unsubscribed",
)  # fmt: skip


_ENTERED = Text("参加", "enrollments")
_SENT = Text("送信", "messages sent")


@dataclass(frozen=True)
class Named:
    """A step as it is called, of the newest version that has it; `gone`: not the shown one."""

    step: AnyStep | None
    gone: bool


def proof(about: About, actor: Actor, locale: Locale, *, fresh: bool = False) -> ProofOut:
    """The whole proof for whoever asks."""
    figures, chosen = asked(about, actor, fresh=fresh), _as_seen(settings(about), actor)
    may = actor.may("journeys.write" if about.kind == "journey" else "messages.write")
    if not figures["counted"]:
        return _nothing(figures, chosen, locale, may, actor)
    cost, contacts = cost_of(figures)
    steps = _steps(about)
    of, first = _ENTERED, figures["entry"]
    if about.kind == "send":
        of, first = _SENT, figures["steps"][""]["contact"]["converted"]
    entry = [_success(one, c) for one, c in zip(first, chosen.conversions, strict=False)]
    holdouts = [
        _holdout(step, one, steps, chosen, cost, locale)
        for step, one in figures["holdouts"].items()
    ]
    said = [
        sentence(chosen.conversions, entry, holdouts, of, nth)[locale]
        for nth in range(max(1, len(chosen.conversions)))
    ]
    return ProofOut(
        as_of=figures["as_of"], counted=True, scoped=figures["scoped"],
        sentence=said[0], entered=figures["entered"], people=figures["people"],
        aims=_aims(chosen, said, figures["faults"], locale), own=chosen.own, entry=entry,
        holdouts=holdouts,
        steps=[
            _step(name, figures["steps"][name], steps.get(name), chosen, locale)
            for name in [*(n for n in steps if n in figures["steps"]),
                         *(n for n in sorted(figures["steps"]) if n not in steps)]
        ],
        contacts=contacts, cost=cost, cost_per_contact=_each(cost, contacts),
        cost_per_success=[_each(cost, k) for k in _worth(entry, holdouts)],
        may_change=may, may_see_people=actor.may("customers.read"), took_ms=figures["took_ms"],
    )  # fmt: skip


def _as_seen(chosen: Settings, actor: Actor) -> Settings:
    """Without the sums of fields that the reader sees masked: figures are kept for all readers."""
    if actor.pii == "high":
        return chosen
    told = catalog()
    return replace(
        chosen,
        conversions=[
            one.model_copy(update={"value": ""})
            if one.value and value_hidden(one, told, actor.pii) else one
            for one in chosen.conversions
        ],
    )  # fmt: skip


def _nothing(
    figures: Mapping[str, Any], chosen: Settings, locale: Locale, may: bool, actor: Actor
) -> ProofOut:
    told = Text(
        "人数が多すぎて、担当範囲で数えられません。",
        "There are too many people to count those in your scope.",
    )
    return ProofOut(
        as_of=figures["as_of"], counted=False, scoped=True, sentence=told[locale], entered=0,
        people=0, aims=_aims(chosen, (), (), locale), own=chosen.own, entry=[], steps=[],
        holdouts=[], contacts=0, cost=None, cost_per_contact=None, cost_per_success=[],
        may_change=may, may_see_people=actor.may("customers.read"), took_ms=0,
    )  # fmt: skip


def _worth(entry: Sequence[ProofSuccess], holdouts: Sequence[ProofHoldout]) -> list[int]:
    """Successes that the cost is set against: of those treated, or of everybody."""
    if len(holdouts) == 1:
        return [one.k for one in holdouts[0].treated]
    return [one.k for one in entry]


def _aims(
    chosen: Settings, said: Sequence[str], faults: Sequence[Any], locale: Locale
) -> list[ProofAim]:
    wrong = {int(one["conversion"]) for one in faults}
    cannot = Text(
        "今のカタログでは数えられません。条件を直してください。",
        "Cannot be counted with the catalog of now. Correct its condition.",
    )
    return [
        ProofAim(
            name=aim_name(one)[locale], sentence=said[nth] if said else "", event=one.event,
            window=one.window, window_label=length(one.window)[locale], value=one.value,
            fault=cannot[locale] if nth in wrong else "",
        )
        for nth, one in enumerate(chosen.conversions)
    ]  # fmt: skip


# ── steps ────────────────────────────────────────────────────────────────────────────────────────


def _steps(about: About) -> dict[str, Named]:
    """The steps of the shown version in the order of its ways, then those that are gone."""
    if about.kind == "send":
        return {"": Named(None, False)}
    journey = Journey.objects.get(id=about.ref)
    shown = definitions.live_version(journey) or definitions.shown(journey)
    found = {name: Named(step, False) for name, step in in_order(shown).items()}
    for version in JourneyVersion.objects.filter(journey=journey).order_by("-number"):
        for name, step in read_draft(version.body).body.steps.items():
            found.setdefault(name, Named(step, True))
    return found


def in_order(version: JourneyVersion) -> dict[str, AnyStep]:
    """The steps of a version in the order in which people come to them."""
    body = read_draft(version.body).body
    ahead, order = [body.start] if body.start else [], dict[str, None]()
    while ahead:
        name = ahead.pop(0)
        if name in order or name not in body.steps:
            continue
        order[name] = None
        told = body.steps[name].model_dump(mode="json")
        ahead += [way.to for way in ways(told) if way.to]
    return {name: body.steps[name] for name in [*order, *body.steps]}


def _step(
    name: str, told: Mapping[str, Any], named: Named | None, chosen: Settings, locale: Locale
) -> ProofStep:
    step = named.step if named else None
    contact = told["contact"]
    return ProofStep(
        step=name, title=title(step, name)[locale], kind=step.kind if step else None,
        gone=named is None or named.gone, reached=told["reached"],
        contact=None if contact is None else _contact(contact, chosen, locale),
    )  # fmt: skip


def _contact(told: Mapping[str, Any], chosen: Settings, locale: Locale) -> ProofContact:
    sent, cost = int(told["sent"]), told["cost"]
    channel = told["channel"]
    label = CHANNELS.get(channel)
    converted = [
        _success(one, c) for one, c in zip(told["converted"], chosen.conversions, strict=False)
    ] or [_success({"k": 0, "n": 0, "value": 0, "open": 0}, c) for c in chosen.conversions]
    return ProofContact.model_validate(
        {
            "channel": channel, "channel_label": label[locale] if label else "",
            **{name: told[name] for name in _STATES}, "sent": _rate(sent, told["intended"]),
            "reasons": [
                ProofReason(code=code, sentence=why(code)[locale], people=people, state=state)
                for state, code, people in told["reasons"]
            ],
            **{name: _rate(told[name], sent) for name in _RESPONSES},
            "converted": converted, "cost": cost, "cost_per_contact": _each(cost, sent),
            "cost_per_success": [_each(cost, one.k) for one in converted],
        }
    )  # fmt: skip


_TASKS = {
    "refused": Text("担当者に渡せませんでした", "No one could be given it"),
    "withdrawn": Text("取り下げました", "Taken back"),
}


def why(code: str) -> Text:
    """Why a contact did not happen, in words."""
    said = _TASKS.get(code) or words_of(code)
    if said.en != code:
        return said
    told = reason_words(code)
    return Text(told.ja, told.en[:1].upper() + told.en[1:])


# ── arms ─────────────────────────────────────────────────────────────────────────────────────────


def _holdout(
    name: str,
    told: Mapping[str, Any],
    steps: Mapping[str, Named],
    chosen: Settings,
    cost: float | None,
    locale: Locale,
) -> ProofHoldout:
    control, treated = (
        [_success(one, c) for one, c in zip(told[arm], chosen.conversions, strict=False)]
        for arm in ("control", "treated")
    )
    apart = [
        None if one is None
        else ProofDifference(**one, certain=one["low"] > 0 or one["high"] < 0)
        for one in told["differences"]
    ]  # fmt: skip
    extra = [
        None if one is None or not one.certain or one.value <= 0 else one.value * arm.n
        for one, arm in zip(apart, treated, strict=False)
    ]
    ratio = told["ratio"]
    named = steps.get(name)
    return ProofHoldout(
        step=name, title=title(named.step, name)[locale] if named else name, control=control,
        treated=treated, differences=apart, extra=extra,
        extra_cost=[_each(cost, many) for many in extra],
        ratio=None if ratio is None else ProofRatio(**ratio),
    )  # fmt: skip


def _success(told: Mapping[str, Any], one: Conversion) -> ProofSuccess:
    rate, low, high = wilson(told["k"], told["n"])
    return ProofSuccess(
        k=told["k"], n=told["n"], rate=rate, low=low, high=high, open=told["open"],
        value=told["value"] if one.value else None,
    )  # fmt: skip


def _rate(k: int, n: int) -> ProofRate:
    rate, low, high = wilson(k, n)
    return ProofRate(k=k, n=n, rate=rate, low=low, high=high)


def _each(cost: float | None, many: float | None) -> float | None:
    return cost / many if cost is not None and many else None
