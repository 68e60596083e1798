"""Where those inside older versions go when a new one goes live, and how many that is.

The counts are of everybody, whatever the row scope of who asks: it is for everybody that going live
decides. They name nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from django.db.models import Count

from enishi.journeys.drawing import definitions
from enishi.journeys.drawing.draft import Draft, Found, read_draft
from enishi.journeys.drawing.schemas import MappedStep, MappingIn, MappingPreview
from enishi.journeys.drawing.showing import fault_out
from enishi.journeys.models import Enrollment, Journey
from enishi.journeys.types import WalkState
from enishi.journeys.words import title
from enishi.kernel.errors import Fault, Invalid
from enishi.kernel.text import Locale, Text

Moving = dict[str, dict[str, str | None]]
By = Literal["named", "same", "none"]


def preview(journey: Journey, wanted: MappingIn, locale: Locale) -> MappingPreview:
    """How many of those inside older versions would go where. The version in work is the new one.

    Raises Conflict `no_draft` by way of `definitions`.
    """
    new = definitions.shown(journey)
    draft = read_draft(new.body)
    olds = _olds(journey, new.number)
    rows = []
    for number, step, people in _standing(journey, new.number):
        to, by = _target(wanted, olds[number], draft, step)
        rows.append(
            MappedStep(
                version=number, step=step, title=_title(olds[number], step, locale), people=people,
                to=to or "", to_title=_title(draft, to, locale) if to else "", by=by,
            )
        )  # fmt: skip
    inside = sum(row.people for row in rows)
    moves = wanted.move == "move"
    ended = sum(row.people for row in rows if not row.to) if moves else 0
    return MappingPreview(
        number=new.number, inside=inside, moved=inside - ended if moves else 0, ended=ended,
        rows=rows, sentence=_sentence(inside, ended, moves)[locale],
        faults=[fault_out(one, locale) for one in faults(wanted, draft)],
    )  # fmt: skip


def moving(journey: Journey, wanted: MappingIn) -> Moving:
    """The mapping as a version keeps it: by older version, each of its steps with its target.

    Raises Invalid for a target that the new version does not have.
    """
    if wanted.move == "stay":
        return {}
    new = definitions.shown(journey)
    draft = read_draft(new.body)
    wrong = faults(wanted, draft)
    if wrong:
        first = wrong[0].fault
        told = tuple(one.fault for one in wrong)
        raise Invalid(first.message, first.remedy, code="mapping_invalid", faults=told)
    return {
        str(number): {step: _target(wanted, old, draft, step)[0] for step in old.ways}
        for number, old in _olds(journey, new.number).items()
    }


def faults(wanted: MappingIn, draft: Draft) -> list[Found]:
    """Targets that the new version does not have."""
    return [
        Found(
            Fault(
                "unknown_step", f"$.steps.{step}",
                Text(f"移す先「{to}」がありません。", f"There is no step {to} to move to."),
                Text("選び直してください。", "Choose another."),
            ),
            step,
        )
        for step, to in wanted.steps.items()
        if to and to not in draft.body.steps
    ]  # fmt: skip


def _target(wanted: MappingIn, old: Draft, new: Draft, step: str) -> tuple[str | None, By]:
    if not step:  # at the door: the first step is still to come
        return new.body.start, "same"
    if step in wanted.steps:
        return wanted.steps[step] or None, "named"
    before, after = old.body.steps.get(step), new.body.steps.get(step)
    if before is not None and after is not None and before.kind == after.kind:
        return step, "same"
    return None, "none"


def _olds(journey: Journey, number: int) -> Mapping[int, Draft]:
    return {
        row.number: read_draft(row.body)
        for row in journey.versions.exclude(number=number)
        if row.state in ("live", "replaced")
    }


def _standing(journey: Journey, number: int) -> list[tuple[int, str, int]]:
    rows = (
        Enrollment.objects.filter(journey=journey.id)
        .exclude(state=WalkState.ENDED)
        .exclude(version=number)
        .values("version", "step")
        .annotate(people=Count("id"))
        .order_by("version", "step")
    )
    return [(int(r["version"]), str(r["step"] or ""), int(r["people"])) for r in rows]


def _title(draft: Draft, step: str, locale: Locale) -> str:
    if not step:
        return Text("入口", "Entry")[locale]
    return title(draft.body.steps.get(step), step)[locale]


def _sentence(inside: int, ended: int, moves: bool) -> Text:
    if not inside:
        return Text("今、中にいる人はいません。", "Nobody is inside now.")
    if not moves:
        return Text(
            f"中にいる{inside:,}人は、入ったときの版のまま最後まで進みます。",
            f"The {inside:,} inside finish on the version they came in on.",
        )
    return Text(
        f"中にいる{inside:,}人のうち{inside - ended:,}人が新しい版に移り、"
        f"{ended:,}人は終わります。",
        f"Of {inside:,} inside, {inside - ended:,} go on in the new version and {ended:,} end.",
    )
