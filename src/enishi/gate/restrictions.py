"""Decisions and restrictions as the API tells them."""

from __future__ import annotations

from collections.abc import Sequence

from enishi.book.access import Actor
from enishi.book.clock import now
from enishi.gate.models import Restriction
from enishi.gate.people import names_of, ref
from enishi.gate.schemas import DecisionOut, RestrictionOut
from enishi.gate.sentences import product_words
from enishi.gate.service import in_force, labelled, words
from enishi.gate.types import Decision
from enishi.kernel.text import Locale

MASK = "•••"


def written(text: str, by: str, actor: Actor) -> str:
    """What somebody has written about a person in their own words, as the actor may read it.

    Nobody knows what personal data it holds, so a role that sees none gets a mask instead.
    """
    return text if actor.pii != "none" or by == actor.user_id or not text else MASK


def restriction_rows(
    rows: Sequence[Restriction], actor: Actor, locale: Locale
) -> list[RestrictionOut]:
    """Restrictions in words, with who recorded and who released them."""
    instant = now()
    names = names_of([row.by for row in rows] + [row.released_by for row in rows])
    found = []
    for row in rows:
        label, sentence = labelled(row, names, instant)
        found.append(
            RestrictionOut.model_validate(
                {
                    "id": row.id, "type": row.type, "kind": row.kind or None,
                    "label": label[locale], "sentence": sentence[locale],
                    "product": row.product,
                    "product_label": product_words(row)[locale] if row.product else None,
                    "channel": row.channel, "until": row.until,
                    "reason": written(row.reason, row.by, actor),
                    "by": ref(row.by, names), "at": row.at,
                    "engagement_id": row.engagement_id or None, "list_id": row.list_id or None,
                    "active": in_force(row, instant), "released_at": row.released_at,
                    "released_by": ref(row.released_by, names),
                    "release_reason": written(row.release_reason, row.released_by, actor) or None,
                }
            )
        )  # fmt: skip
    return found


def decision_out(decision: Decision, locale: Locale) -> DecisionOut:
    """A decision as the API tells it."""
    return DecisionOut.model_validate(
        {
            "answer": str(decision.answer),
            "allowed": decision.allowed,
            "until": decision.until,
            "by": decision.by,
            "another": decision.another,
            "approval": decision.approval,
            "reasons": [
                {
                    "code": reason.code,
                    "sentence": reason.sentence[locale],
                    "restriction_id": reason.restriction_id,
                    "answer": str(reason.answer),
                    "until": reason.until,
                    "by": reason.by,
                    "another": reason.another,
                }
                for reason in decision.reasons
            ],
            "sentence": words(decision, locale),
        }
    )
