"""Consents with their evidence: what a person said, when, how, and in which wording."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal

from enishi.book import audit
from enishi.book.access import Actor
from enishi.book.unit import work
from enishi.gate.deciding import consent_state
from enishi.gate.models import Consent
from enishi.gate.types import Statement
from enishi.kernel.errors import Conflict, Invalid, NotFound
from enishi.kernel.text import Text

How = Literal["form", "branch", "phone", "email", "web", "app", "line", "import", "other"]
HOW_WORDS: dict[str, Text] = {
    "form": Text("書面", "paper form"),
    "branch": Text("窓口", "at the counter"),
    "phone": Text("電話", "by phone"),
    "email": Text("メール", "by e-mail"),
    "web": Text("ウェブ", "on the web"),
    "app": Text("アプリ", "in the app"),
    "line": Text("LINE", "on LINE"),
    "import": Text("取り込み", "imported"),
    "other": Text("その他", "other"),
}


def record(
    person: str,
    *,
    given: bool,
    channel: str | None = None,
    purpose: str | None = None,
    how: str,
    wording: str,
    evidence: str = "",
    said_at: datetime,
    until: datetime | None = None,
    at: datetime,
    actor: Actor,
    origin: Literal["user", "import"] = "user",
) -> Consent:
    """Keep that a person gave or withdrew consent. One unit, audited.

    `channel` or `purpose` none is all of them. `said_at` is when the person said so and may not
    lie in the future of `at`; `until` ends what is given. Raises Invalid.
    """
    if said_at > at:
        raise Invalid(
            Text("同意の日時が未来になっています。", "The consent lies in the future."),
            Text("お客さまが示された日時を指定してください。", "Give the time it was said."),
            code="said_in_future",
        )
    if until is not None and (not given or until <= said_at):
        raise Invalid(
            Text("期限は、同意の日時より後にしてください。", "The end has to follow the consent."),
            Text("期限を直すか、外してください。", "Correct the end, or leave it out."),
            code="until_past",
        )
    with work("consent.record"):
        row = Consent.objects.create(
            person=person, channel=channel, purpose=purpose, given=given, at=said_at, until=until,
            how=how, wording=wording, evidence=evidence, origin=origin, by=actor.user_id,
            recorded_at=at,
        )  # fmt: skip
        detail = {"given": given, "channel": channel or "", "purpose": purpose or "", "how": how}
        audit.record(
            actor, "consent.give" if given else "consent.withdraw", "consent", row.id, detail,
            [person],
        )  # fmt: skip
    return row


def get_consent(consent_id: str) -> Consent:
    """One statement; raises NotFound."""
    found = Consent.objects.filter(id=consent_id).first()
    if found is None:
        raise NotFound(
            Text("この同意の記録は見つかりません。", "There is no such consent."),
            Text("画面を更新してください。", "Reload the page."),
            code="consent_not_found",
        )
    return found


def void(consent_id: str, reason: str, *, at: datetime, actor: Actor) -> Consent:
    """Mark a statement as recorded by mistake: it counts no more, and is kept.

    Raises Conflict `consent_voided` when it was voided before, `consent_loaded` for one that the
    catalog's consent dataset holds: that is corrected at its source.
    """
    row = get_consent(consent_id)
    if row.origin == "catalog":
        raise Conflict(
            Text(
                "取り込んだ同意はここでは取り消せません。", "A loaded consent is not voided here."
            ),
            Text(
                "元のデータを直すか、同意の取り消しを記録してください。",
                "Correct it at its source, or record a withdrawal.",
            ),
            code="consent_loaded",
        )
    with work("consent.void"):
        ended = Consent.objects.filter(id=row.id, voided_at__isnull=True).update(
            voided_at=at, voided_by=actor.user_id, void_reason=reason
        )
        if not ended:
            raise Conflict(
                Text("この記録はすでに取り消されています。", "This record has been voided."),
                Text("画面を更新してください。", "Reload the page."),
                code="consent_voided",
            )
        audit.record(actor, "consent.void", "consent", row.id, {}, [row.person])
        row.refresh_from_db()
    return row


def consents_of(person: str) -> list[Consent]:
    """All statements of a person, newest first, voided ones too."""
    return list(Consent.objects.filter(person=person).order_by("-at", "-id"))


def states(
    rows: Sequence[Consent],
    channels: Iterable[str],
    purposes: Iterable[str],
    *,
    at: datetime,
) -> dict[tuple[str, str], tuple[str, Consent | None]]:
    """(channel, purpose) → `given`, `withdrawn`, `ended` or `none`, and the row that says so."""
    told = [
        Statement(r.id, r.channel, r.purpose, r.given, r.at, r.until, r.voided_at) for r in rows
    ]
    by_id = {row.id: row for row in rows}
    everywhere = list(purposes)
    found = {}
    for channel in channels:
        for purpose in everywhere:
            state, said = consent_state(told, channel, purpose, at)
            found[channel, purpose] = (state, by_id[said.id] if said is not None else None)
    return found
