"""Wordings of a template: drafted, submitted, approved by somebody else, replaced.

The states are drawn in `types.VersionState`. Whoever has worked on a version, at any time, cannot
approve it: `authors` only grows.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import Max

from enishi.book import audit
from enishi.book.access import Actor
from enishi.book.clock import now
from enishi.book.jsontext import digest
from enishi.book.reviewing import (
    authors_of,
    draft_changed,
    no_draft,
    refuse_own,
    require,
    with_author,
)
from enishi.book.unit import work
from enishi.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from enishi.kernel.text import Text
from enishi.messages.models import Template, TemplateVersion
from enishi.messages.templates.finding import get_template, locked
from enishi.messages.templates.kinds import refuse_other_kind
from enishi.messages.types import VersionState
from enishi.messages.wording.bodies import BODY, TemplateBody, stored

IN_WORK = (VersionState.DRAFT, VersionState.REVIEW)


def body_of(version: TemplateVersion) -> TemplateBody:
    """The stored body, typed."""
    return BODY.validate_python(version.body)


def digest_of(version: TemplateVersion) -> str:
    """Names the wording: whoever approves says which one she has read."""
    return digest(version.body)


def work_version(template: Template) -> TemplateVersion | None:
    """The version being written or reviewed."""
    return template.versions.filter(state__in=IN_WORK).first()


def get_version(slug: str, reference: str) -> TemplateVersion:
    """A version of a template by id or number; raises NotFound."""
    template = get_template(slug)
    found = template.versions.filter(id=reference).first()
    if found is None and reference.isascii() and reference.isdigit() and len(reference) < 9:
        found = template.versions.filter(number=int(reference)).first()
    if found is None:
        raise NotFound(
            Text("この版は見つかりません。", "There is no such version."),
            Text("版の一覧から選び直してください。", "Choose one from the template's versions."),
            code="version_not_found",
        )
    found.template = template
    return found


def versions_of(slug: str, offset: int, limit: int) -> tuple[list[TemplateVersion], int]:
    """A page of versions, the newest first, and how many there are."""
    rows = get_template(slug).versions.order_by("-number")
    return list(rows[offset : offset + limit]), rows.count()


def add(
    template: Template, number: int, body: TemplateBody, actor: Actor, *, note: str = ""
) -> TemplateVersion:
    """A draft with this number, in the caller's unit."""
    made = TemplateVersion.objects.create(
        template=template, number=number, state=VersionState.DRAFT, body=stored(body), note=note,
        created_by=actor.user_id, authors=[actor.user_id], changed_by=actor.user_id,
        changed_at=now(),
    )  # fmt: skip
    _tell(actor, "template.draft", made)
    return made


def save_draft(
    slug: str, body: TemplateBody, actor: Actor, *, note: str = "", seen: datetime | None = None
) -> TemplateVersion:
    """Save the draft, or begin the next version. The body may still have faults.

    `seen`: the draft's `changed_at` as it was read. Raises Conflict `draft_changed` when
    somebody else has saved since, `in_review`, `archived`; Invalid for a body of another channel.
    """
    with work("template.draft"):
        template = _usable(slug)
        refuse_other_kind(body, template.channel)
        found = work_version(template)
        if found is None:
            last = template.versions.aggregate(last=Max("number"))["last"] or 0
            return add(template, last + 1, body, actor, note=note)
        require(found, "draft")
        if seen is not None and found.changed_at != seen and found.changed_by != actor.user_id:
            raise draft_changed()
        found.template = template
        found.body, found.note = stored(body), note
        found.changed_by, found.changed_at = actor.user_id, now()
        found.authors = with_author(found.authors, actor)
        found.save(update_fields=["body", "note", "changed_by", "changed_at", "authors"])
        _tell(actor, "template.draft", found)
    return found


def discard(slug: str, actor: Actor) -> None:
    """Throw the draft away. Raises Conflict when there is none, or when it is the only version."""
    with work("template.discard"):
        template = locked(slug)
        found = _worked_on(template)
        require(found, "draft")
        if template.versions.count() == 1:
            raise Conflict(
                Text("最初の版は破棄できません。", "The first version cannot be discarded."),
                Text("テンプレートをアーカイブしてください。", "Archive the template instead."),
                code="only_version",
            )
        _tell(actor, "template.discard", found)
        found.delete()


def submit(
    slug: str, version: str, actor: Actor, *, note: str = "", wording: str = ""
) -> TemplateVersion:
    """Give the draft for approval. Raises Invalid with every check that refuses, Conflict."""
    from enishi.messages.wording.law import refused_by

    checked = _named(_worked_on(get_template(slug)), version)
    told = digest_of(checked)
    faults = refused_by(checked)
    if faults:
        raise Invalid(
            Text(f"提出できません。{faults[0].message.ja}", f"Not ready. {faults[0].message.en}"),
            faults[0].remedy,
            code="template_refused",
            faults=tuple(faults),
        )
    with work("template.submit"):
        found = _named(_worked_on(_usable(slug)), version)
        require(found, "draft")
        if digest_of(found) != told or wording not in ("", told):
            raise draft_changed()
        found.state = VersionState.REVIEW
        found.submitted_by, found.submitted_at = actor.user_id, now()
        found.authors = with_author(found.authors, actor)
        found.note = note or found.note
        found.save(update_fields=["state", "submitted_by", "submitted_at", "authors", "note"])
        _tell(actor, "template.submit", found)
    return found


def take_back(slug: str, version: str, actor: Actor) -> TemplateVersion:
    """Take a version out of review to go on writing; only who has worked on it may."""
    with work("template.take_back"):
        found = _named(_worked_on(locked(slug)), version)
        require(found, "review")
        if actor.user_id not in authors_of(found):
            raise Forbidden(
                Text("取り下げられるのは作成した人だけです。",
                     "Only those who have worked on it may take it back."),
                Text("差し戻しを使ってください。", "Return it instead."),
                code="not_own_work",
            )  # fmt: skip
        found.state = VersionState.DRAFT
        found.save(update_fields=["state"])
        _tell(actor, "template.take_back", found)
    return found


def approve(
    slug: str, version: str, actor: Actor, *, note: str = "", wording: str = ""
) -> TemplateVersion:
    """Let a version be sent; the one before is replaced in the same unit.

    `wording`: the digest of what was read. Raises Forbidden `own_work` for whoever has created,
    changed or submitted it; Conflict `not_in_review`, `draft_changed`; Invalid when a check has
    come to refuse it since.
    """
    from enishi.messages.wording.law import refused_by

    faults = refused_by(_named(_worked_on(get_template(slug)), version))
    if faults:
        raise Invalid(
            Text("状況が変わり、承認できません。", "It cannot be approved as things stand."),
            faults[0].remedy, code="template_refused", faults=tuple(faults),
        )  # fmt: skip
    with work("template.approve"):
        template = _usable(slug)
        found = _named(_worked_on(template), version)
        require(found, "review")
        refuse_own(found, actor)
        if wording not in ("", digest_of(found)):
            raise draft_changed()
        instant = now()
        template.versions.filter(state=VersionState.APPROVED).update(state=VersionState.REPLACED)
        _decide(found, VersionState.APPROVED, actor, note, instant)
        _tell(actor, "template.approve", found)
    return found


def return_(slug: str, version: str, actor: Actor, *, note: str = "") -> TemplateVersion:
    """Give a version back to its authors as a draft, saying why. Not one's own: take that back."""
    with work("template.return"):
        found = _named(_worked_on(locked(slug)), version)
        require(found, "review")
        refuse_own(found, actor)
        _decide(found, VersionState.DRAFT, actor, note, now())
        _tell(actor, "template.return", found)
    return found


def _decide(
    found: TemplateVersion, state: VersionState, actor: Actor, note: str, at: datetime
) -> None:
    found.state = state
    found.decided_by, found.decided_at, found.decision_note = actor.user_id, at, note
    found.save(update_fields=["state", "decided_by", "decided_at", "decision_note"])


def _usable(slug: str) -> Template:
    template = locked(slug)
    if template.archived_at is not None:
        raise Conflict(
            Text("アーカイブされたテンプレートです。", "This template is archived."),
            Text("元に戻してから操作してください。", "Restore it first."),
            code="archived",
        )
    return template


def _worked_on(template: Template) -> TemplateVersion:
    found = work_version(template)
    if found is None:
        raise no_draft()
    found.template = template
    return found


def _named(found: TemplateVersion, version: str) -> TemplateVersion:
    if found.id != version:
        raise draft_changed()
    return found


def _tell(actor: Actor, action: str, version: TemplateVersion) -> None:
    told = {
        "slug": version.template.slug, "version": version.number, "wording": digest_of(version),
    }  # fmt: skip
    audit.record(actor, action, "template", version.template_id, told)
