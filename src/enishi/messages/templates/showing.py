"""Templates and versions as the API tells them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from enishi.book.access import Actor
from enishi.book.reviewing import authors_of
from enishi.gate.in_force import policies_in_force
from enishi.gate.people import holder, names_of, ref
from enishi.gate.purposes import purposes
from enishi.kernel.text import Locale
from enishi.messages.models import Template, TemplateVersion
from enishi.messages.templates import versions
from enishi.messages.templates.schemas import (
    DiffLine,
    FieldChange,
    TemplateCheck,
    TemplateDetail,
    TemplateDiff,
    TemplateFilter,
    TemplateOut,
    TemplateVersionBrief,
    TemplateVersionOut,
    TemplateWord,
    TemplateWords,
)
from enishi.messages.types import VersionState
from enishi.messages.wording import differing, filters, law

_FIRST_WORDS = 80


def template_rows(rows: Sequence[Template], locale: Locale) -> list[TemplateOut]:
    """Rows of the overview, with the version in use and the one being worked on."""
    return [TemplateOut.model_validate(told) for told in _rows(rows, locale)]


def _rows(rows: Sequence[Template], locale: Locale) -> list[dict[str, Any]]:
    newest = TemplateVersion.objects.filter(template__in=rows).exclude(state=VersionState.REPLACED)
    found: dict[str, dict[str, TemplateVersion]] = {}
    for version in newest:
        kind = "approved" if version.state == VersionState.APPROVED else "work"
        found.setdefault(version.template_id, {})[kind] = version
    named, labels, policies = _names(newest, rows), purposes(), policies_in_force()
    told = []
    for row in rows:
        one = found.get(row.id, {})
        approved, work = one.get("approved"), one.get("work")
        shown = work or approved
        label = labels.get(row.purpose)
        told.append(
            {
                "id": row.id, "slug": row.slug, "name": row.name, "channel": row.channel,
                "purpose": row.purpose, "purpose_label": label[locale] if label else row.purpose,
                "purpose_class": policies.class_of(row.purpose).value, "product": row.product,
                "owner": holder(row.owner, named), "created_by": holder(row.created_by, named),
                "created_at": row.created_at, "archived_at": row.archived_at,
                "subject": first_words(shown) if shown else "",
                "approved": _brief(approved, named) if approved else None,
                "work": _brief(work, named) if work else None,
            }
        )  # fmt: skip
    return told


def first_words(version: TemplateVersion) -> str:
    """What a version begins with: a mail's subject, a title, the first words of a text."""
    body = version.body
    said = body.get("subject") or body.get("title") or body.get("text") or body.get("url") or ""
    if not said and body.get("messages"):
        first = body["messages"][0]
        said = first.get("text") or first.get("alt") or ""
    return str(said).replace("\n", " ")[:_FIRST_WORDS]


def detail(template: Template, actor: Actor, locale: Locale) -> TemplateDetail:
    """A template with the wordings in use and being worked on, each checked."""
    told = _rows([template], locale)[0]
    both: dict[str, TemplateVersionOut | None] = {"approved_version": None, "work_version": None}
    rows = template.versions.exclude(state=VersionState.REPLACED)
    for version in rows:
        kind = "approved" if version.state == VersionState.APPROVED else "work"
        version.template = template
        both[f"{kind}_version"] = version_out(version, actor, locale)
    return TemplateDetail.model_validate(told | both)


def version_out(version: TemplateVersion, actor: Actor, locale: Locale) -> TemplateVersionOut:
    """One wording with its checks, and whether the actor may approve it."""
    own = actor.user_id in authors_of(version)
    found = law.checks_of(version)
    waiting = version.state == VersionState.REVIEW and not any(c.level == "refuse" for c in found)
    return TemplateVersionOut.model_validate(
        _brief(version, _names([version])).model_dump()
        | {
            "body": versions.body_of(version),
            "wording": versions.digest_of(version),
            "checks": [check_out(check, locale) for check in found],
            "approvable": waiting and not own and actor.may("messages.approve"),
            "own_work": own,
        }
    )


def check_out(check: law.Check, locale: Locale) -> TemplateCheck:
    return TemplateCheck(
        code=check.code, level=check.level, path=check.path, message=check.message[locale],
        remedy=check.remedy[locale],
    )  # fmt: skip


def version_briefs(rows: Sequence[TemplateVersion]) -> list[TemplateVersionBrief]:
    named = _names(rows)
    return [_brief(row, named) for row in rows]


def _names(rows: Iterable[TemplateVersion], templates: Iterable[Template] = ()) -> dict[str, str]:
    users = {
        user
        for row in rows
        for user in (row.created_by, row.changed_by, row.submitted_by, row.decided_by)
    }
    return names_of(users | {user for row in templates for user in (row.owner, row.created_by)})


def _brief(row: TemplateVersion, named: dict[str, str]) -> TemplateVersionBrief:
    return TemplateVersionBrief.model_validate(
        {
            "id": row.id, "number": row.number, "state": row.state, "note": row.note,
            "created_by": holder(row.created_by, named), "created_at": row.created_at,
            "changed_by": ref(row.changed_by, named), "changed_at": row.changed_at,
            "submitted_by": ref(row.submitted_by, named), "submitted_at": row.submitted_at,
            "decided_by": ref(row.decided_by, named), "decided_at": row.decided_at,
            "decision_note": row.decision_note,
        }
    )  # fmt: skip


def difference(before: TemplateVersion, after: TemplateVersion) -> TemplateDiff:
    """What two versions say differently."""
    named = _names([before, after])
    changes = [
        FieldChange(
            path=change.path, what=change.what, before=change.before, after=change.after,
            lines=[DiffLine(op=op, text=text) for op, text in change.lines],
        )
        for change in differing.changes(before.body, after.body)
    ]  # fmt: skip
    read = differing.lines(law.plain_text(before), law.plain_text(after))
    return TemplateDiff(
        before=_brief(before, named), after=_brief(after, named), changes=changes,
        text=[DiffLine(op=op, text=text) for op, text in read],
    )  # fmt: skip


def words(locale: Locale) -> TemplateWords:
    """What may be written in a template."""
    return TemplateWords(
        names=[
            TemplateWord(name=name, label=label[locale], example=example[locale])
            for name, label, example in filters.NAMES
        ],
        filters=[TemplateFilter(name=name, label=label[locale]) for name, label in filters.FILTERS],
    )
