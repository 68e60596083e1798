"""Journeys as the API tells them: rows, wordings with faults and cards, versions, flows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from django.db.models import Count, Q

from enishi.book.access import Actor
from enishi.book.clock import now
from enishi.gate.people import holder, names_of, ref
from enishi.journeys.drawing import definitions
from enishi.journeys.drawing.cards import ActionCard, Answer, cards_of
from enishi.journeys.drawing.checking import check, refusing
from enishi.journeys.drawing.draft import Draft, Found, read_draft
from enishi.journeys.drawing.known import Known, known
from enishi.journeys.drawing.naming import seen_events
from enishi.journeys.drawing.schemas import (
    CardOut,
    CardPart,
    CheckedJourney,
    FlowOut,
    JourneyDetail,
    JourneyFault,
    JourneyMay,
    JourneyRow,
    JourneyVersionOut,
    JourneyWording,
    StepWords,
)
from enishi.journeys.flows import Flow
from enishi.journeys.inside.scoping import TooMany, persons_seen, sees_all
from enishi.journeys.models import Enrollment, Journey, JourneyVersion
from enishi.journeys.types import GRACE, End, WalkState
from enishi.journeys.words import entry_words, step_words, title
from enishi.kernel.text import Locale, Text

_LATELY = timedelta(days=30)


# ── a wording ────────────────────────────────────────────────────────────────────────────────────


def fault_out(found: Found, locale: Locale) -> JourneyFault:
    """One fault."""
    fault = found.fault
    return JourneyFault(
        code=fault.code, path=fault.path, step=found.step, level=found.level,
        message=fault.message[locale], remedy=fault.remedy[locale],
    )  # fmt: skip


def _part(answer: Answer, locale: Locale) -> CardPart:
    return CardPart(text=answer.text[locale], derived=answer.derived, missing=answer.missing)


def card_out(card: ActionCard, locale: Locale) -> CardOut:
    """One card."""
    return CardOut.model_validate(
        {"step": card.step, "kind": card.kind}
        | {name: _part(answer, locale) for name, answer in card.answers.items()}
    )


def words_of(draft: Draft, known: Known, locale: Locale) -> list[StepWords]:
    """Every step in words; of a broken one its kind at least."""
    found = []
    for name in draft.ways:
        step = draft.body.steps.get(name)
        kind = str(draft.raw["steps"][name].get("kind", ""))
        told = step_words(step, known.label)[locale] if step is not None else ""
        named = str(draft.raw["steps"][name].get("name") or "")
        called = title(step, named or name)[locale]
        found.append(StepWords(step=name, kind=kind, title=called, sentence=told))
    return found


def entries_of(draft: Draft, known: Known, locale: Locale) -> list[str]:
    """Each entry in words, those that are broken as such, in their order."""
    raw = draft.raw.get("entries")
    good = dict(zip(draft.places.get("entries", ()), draft.body.entries, strict=True))
    unknown = Text("入口が決まっていません", "The entry is not chosen yet")
    return [
        entry_words(good[place], known.label)[locale] if place in good else unknown[locale]
        for place in range(len(raw) if isinstance(raw, list) else 0)
    ]


def checked(
    draft: Draft, known: Known, locale: Locale, *, author: Actor | None = None
) -> CheckedJourney:
    """A wording as it stands."""
    faults = check(draft, known, author=author, events=seen_events)
    return CheckedJourney(
        faults=[fault_out(found, locale) for found in faults],
        refused=len(refusing(faults)),
        cards=[card_out(card, locale) for card in cards_of(draft, known)],
        words=words_of(draft, known, locale),
        entries=entries_of(draft, known, locale),
    )


def wording(version: JourneyVersion, known: Known, locale: Locale) -> JourneyWording:
    """A version with its faults as of now."""
    told = checked(read_draft(version.body), known, locale)
    return JourneyWording.model_validate(
        {
            **dict(told), "number": version.number, "state": version.state, "body": version.body,
            "note": version.note, "changed_at": version.changed_at or version.created_at,
            "returned_because": version.returned_because,
        }
    )  # fmt: skip


# ── rows ─────────────────────────────────────────────────────────────────────────────────────────


def journey_rows(rows: Sequence[Journey], actor: Actor, locale: Locale) -> list[JourneyRow]:
    """Journeys for the overview."""
    told = known()
    counted = counts(rows, actor)
    users = names_of(row.owner for row in rows)
    return [JourneyRow.model_validate(_row(row, told, counted, users, locale)) for row in rows]


Counted = Mapping[str, Mapping[str, int]]


def counts(rows: Sequence[Journey], actor: Actor) -> Counted | None:
    """By journey: walks under way (`inside`), and of the last 30 days begun (`entered`) and at
    their goal (`goals`), and those past their due time by more than a minute now (`overdue`), of
    people whom the actor may see. None: cannot be told to her."""
    ids = [row.id for row in rows]
    try:
        persons = persons_seen(actor, ids)
    except TooMany:
        return None
    lately = now() - _LATELY
    walks = Enrollment.objects.filter(journey__in=ids)
    if persons is not None:
        walks = walks.filter(person__in=_spelled(persons))
    found = walks.values("journey").annotate(
        inside=Count("id", filter=~Q(state=WalkState.ENDED)),
        entered=Count("id", filter=Q(entered_at__gte=lately)),
        goals=Count("id", filter=Q(end=End.GOAL, ended_at__gte=lately)),
        overdue=Count("id", filter=Q(state=WalkState.ACTIVE, due_at__lt=now() - 2 * GRACE)),
    )
    zero = {"inside": 0, "entered": 0, "goals": 0, "overdue": 0}
    return dict.fromkeys(ids, zero) | {
        str(row["journey"]): {
            "inside": row["inside"], "entered": row["entered"], "goals": row["goals"],
            "overdue": row["overdue"],
        }
        for row in found
    }  # fmt: skip


def _spelled(persons: Iterable[str]) -> list[str]:
    return sorted(persons)


def _row(
    row: Journey,
    known: Known,
    counted: Counted | None,
    users: dict[str, str],
    locale: Locale,
) -> dict[str, object]:
    versions = sorted(row.versions.all(), key=lambda one: -one.number)
    live = next((one for one in versions if one.state == "live"), None)
    working = next((one for one in versions if one.state in ("draft", "review")), None)
    draft = read_draft((live or working or versions[0]).body)
    purpose = draft.body.purpose
    label = known.purposes.get(purpose, Text(purpose, purpose))
    unknown = {"inside": None, "entered": None, "goals": None, "overdue": None}
    told = unknown if counted is None else counted[row.id]
    return {
        "id": row.id, "slug": row.slug, "name": row.name, "state": row.state,
        "priority": row.priority, "flow": row.flow, "purpose": purpose,
        "purpose_label": label[locale], "owner": ref(row.owner, users),
        "version": None if live is None else live.number,
        "draft": None if working is None else working.state,
        "entries": entries_of(draft, known, locale),
        "live_since": row.live_since, "state_since": row.state_since,
        "changed_at": max(one.changed_at or one.created_at for one in versions),
        "archived_at": row.archived_at, **told,
    }  # fmt: skip


def detail(journey: Journey, actor: Actor, locale: Locale) -> JourneyDetail:
    """A journey with the wording to read or go on writing, and every version."""
    told = known()
    working = definitions.work_version(journey)
    refused = "no_draft" if working is None else definitions.refused_to(working, actor)
    may = JourneyMay(
        write=actor.may("journeys.write"),
        submit=actor.may("journeys.write") and working is not None and working.state == "draft",
        approve=actor.may("journeys.approve") and not refused,
        approve_refused=refused,
        run=actor.may("journeys.run"),
        see_people=actor.may("customers.read"),
    )
    row = _row(journey, told, counts([journey], actor), names_of([journey.owner]), locale)
    return JourneyDetail.model_validate(
        {
            **row, "shown": wording(definitions.shown(journey), told, locale),
            "versions": version_rows(journey, actor), "scoped": not sees_all(actor), "may": may,
        }
    )  # fmt: skip


def version_rows(journey: Journey, actor: Actor) -> list[JourneyVersionOut]:
    """Every version, newest first, with how many are inside it."""
    rows = definitions.versions_of(journey)
    inside = _inside(journey, actor)
    users = names_of(
        user
        for row in rows
        for user in (row.created_by, row.changed_by, row.submitted_by, row.live_by, row.returned_by)
    )
    return [
        JourneyVersionOut.model_validate(
            {
                "number": row.number, "state": row.state, "note": row.note,
                "created_by": holder(row.created_by, users), "created_at": row.created_at,
                "changed_by": ref(row.changed_by, users), "changed_at": row.changed_at,
                "submitted_by": ref(row.submitted_by, users), "submitted_at": row.submitted_at,
                "returned_by": ref(row.returned_by, users), "returned_at": row.returned_at,
                "returned_because": row.returned_because,
                "live_by": ref(row.live_by, users), "live_at": row.live_at,
                "replaced_at": row.replaced_at,
                "inside": None if inside is None else inside.get(row.number, 0),
            }
        )
        for row in rows
    ]  # fmt: skip


def _inside(journey: Journey, actor: Actor) -> dict[int, int] | None:
    try:
        persons = persons_seen(actor, [journey.id])
    except TooMany:
        return None
    walks = Enrollment.objects.filter(journey=journey.id).exclude(state=WalkState.ENDED)
    if persons is not None:
        walks = walks.filter(person__in=_spelled(persons))
    rows = walks.values("version").annotate(people=Count("id"))
    return {int(row["version"]): int(row["people"]) for row in rows}


def flow_out(flow: Flow, known: Known, locale: Locale) -> FlowOut:
    """A flow in one language, with what is left to choose in it."""
    body = flow.body(locale)
    draft = read_draft(body)
    left = [found for found in check(draft, known) if found.level == "refuse"]
    return FlowOut(
        name=flow.name, label=flow.label[locale], description=flow.description[locale],
        sheet=draft.body.sheet, body=body, words=words_of(draft, known, locale),
        entries=entries_of(draft, known, locale),
        to_choose=[fault_out(one, locale) for one in left],
    )  # fmt: skip
