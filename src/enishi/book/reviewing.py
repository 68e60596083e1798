"""What is written by one and approved by another: who has worked on it, and what is refused.

    draft ──submit──► review ──► approved by somebody else
      ▲                 │
      └──── returned ───┘

Journeys and templates live so. Whoever has worked on a version, at any time, cannot approve it:
its authors only grow.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

from enishi.book.access import Actor
from enishi.kernel.errors import Conflict, Fault, Forbidden
from enishi.kernel.text import Text


class Version(Protocol):
    """A wording, and the users who have worked on it ("": nobody yet)."""

    state: str
    created_by: str
    changed_by: str
    submitted_by: str
    authors: Sequence[str]


def authors_of(version: Version) -> frozenset[str]:
    """Everybody who has worked on this version."""
    named = {version.created_by, version.changed_by, version.submitted_by, *version.authors}
    return frozenset(named - {""})


def with_author(authors: Sequence[str], actor: Actor) -> list[str]:
    """The authors, the actor among them."""
    return list(dict.fromkeys([*authors, actor.user_id]))


def require(version: Version, state: Literal["draft", "review"]) -> None:
    """Raises Conflict `in_review` for what is to be written, `not_in_review` for what is to be
    decided about."""
    if version.state == state:
        return
    if state == "draft":
        raise Conflict(
            Text("承認待ちの版は変えられません。", "A version in review cannot be changed."),
            Text(
                "取り下げるか、差し戻してもらってください。", "Take it back, or have it returned."
            ),
            code="in_review",
        )
    raise Conflict(
        Text("この版は承認待ちではありません。", "This version is not in review."),
        Text("先に承認を依頼してください。", "Submit it first."),
        code="not_in_review",
    )


def refuse_own(version: Version, actor: Actor) -> None:
    """Raises Forbidden `own_work` for whoever has worked on it."""
    if actor.user_id not in authors_of(version):
        return
    said = Text(
        "自分が作業した版は、自分では承認できません。",
        "You have worked on this version, so another person must decide.",
    )
    remedy = Text("ほかの承認者に依頼してください。", "Ask another approver.")
    raise Forbidden(said, remedy, code="own_work", faults=(Fault("own_work", "$", said, remedy),))


def no_draft() -> Conflict:
    """There is nothing to submit, publish or throw away."""
    return Conflict(
        Text("下書きはもうありません。", "There is no draft any more."),
        Text("画面を更新してください。", "Reload the page."),
        code="no_draft",
    )


def draft_changed() -> Conflict:
    """Somebody else has written since it was read."""
    return Conflict(
        Text("その間に下書きが書き換えられました。", "The draft has been rewritten meanwhile."),
        Text("画面を更新し、内容を見直してください。", "Reload the page and look at it again."),
        code="draft_changed",
    )
