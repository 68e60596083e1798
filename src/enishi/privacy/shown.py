"""Requests and erasures as the API tells them, masked as the reader's role asks."""

from __future__ import annotations

from datetime import date
from typing import Any

from enishi.book.access import Actor
from enishi.gate.asking import catalog
from enishi.gate.people import holder, names_of
from enishi.gate.restrictions import written
from enishi.kernel.text import Locale
from enishi.lists.columns import shown_name
from enishi.privacy import service
from enishi.privacy.models import Erasure, PrivacyRequest
from enishi.privacy.schemas import ErasureOut, RequestDetail, RequestRow, StepOut
from enishi.privacy.types import OPEN_STATES, ErasureState, Step


def row(found: PrivacyRequest, actor: Actor) -> RequestRow:
    """One line of the list."""
    return RequestRow.model_validate(_row(found, actor))


def detail(found: PrivacyRequest, actor: Actor, locale: Locale) -> RequestDetail:
    """A request with its history and its erasure."""
    steps = list(found.steps.order_by("id"))
    names = names_of(step.by for step in steps)
    last = Erasure.objects.filter(request=found.id).order_by("-at").first()
    return RequestDetail.model_validate(
        _row(found, actor)
        | {
            "wording": written(found.wording, found.created_by, actor),
            "check_method": found.check_method or None,
            "check_note": written(found.check_note, "", actor),
            "answer": written(found.answer, "", actor),
            "stopped": bool(found.restriction) and found.state in (*OPEN_STATES, "answered"),
            "steps": [
                StepOut(action=step.action, by=holder(step.by, names), at=step.at) for step in steps
            ],
            "erasure": None if last is None else erasure(last, locale),
        }
    )


def erasure(found: Erasure, locale: Locale) -> ErasureOut:
    """An erasure and how far it is."""
    order = [str(step) for step in Step]
    done = len(order) if found.state == ErasureState.DONE else order.index(found.step)
    return ErasureOut.model_validate(
        {
            "id": found.id, "state": found.state, "step": found.step, "done": done,
            "steps": len(order), "counts": _labelled(found.counts, locale), "files": found.files,
            "message": (found.message or {}).get(locale, ""), "attempts": found.attempts,
            "at": found.at, "ended_at": found.ended_at,
        }
    )  # fmt: skip


def _labelled(counts: dict[str, int], locale: Locale) -> dict[str, int]:
    """The counts with datasets called by their labels; other names are the interface's to word."""
    datasets = catalog().datasets
    return {
        datasets[name].label[locale] if name in datasets else name: gone
        for name, gone in counts.items()
    }


def _row(found: PrivacyRequest, actor: Actor) -> dict[str, Any]:
    is_open = found.state in OPEN_STATES
    return {
        "id": found.id, "kind": found.kind, "state": found.state, "person": found.person,
        "key": found.key,
        "display": shown_name(found.display, found.subject, actor) if found.display else "",
        "erased": not found.key, "received_on": found.received_on, "due": found.due,
        "days_left": _days_left(found.due) if is_open else None, "via": found.via,
        "ended_on": found.ended_on,
    }  # fmt: skip


def _days_left(due: date) -> int:
    """Business days from today to the due date, negative when it has passed."""
    days, today = service.calendar(), service.today()
    begin, end = min(today, due), max(today, due)
    between = sum(
        days.is_business_day(date.fromordinal(number))
        for number in range(begin.toordinal() + 1, end.toordinal() + 1)
    )
    return between if due >= today else -max(between, 1)
