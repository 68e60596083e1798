"""Templates over HTTP: written, looked at as anybody, submitted, approved, compared."""

from __future__ import annotations

from typing import Annotated, Any

from ninja import Query, Status

from enishi.book.http import Limit, Offset, Request, Router
from enishi.messages.senders import trial
from enishi.messages.templates import finding, preview, showing, versions
from enishi.messages.templates import service as templates
from enishi.messages.templates.schemas import (
    ChannelName,
    MjmlIn,
    MjmlOut,
    StartersOut,
    TemplateDecision,
    TemplateDetail,
    TemplateDiff,
    TemplateDraftIn,
    TemplateIn,
    TemplatePatch,
    TemplatePreview,
    TemplatePreviewIn,
    TemplatesOut,
    TemplateTest,
    TemplateTested,
    TemplateVersionOut,
    TemplateVersionRef,
    TemplateVersions,
    TemplateWords,
)
from enishi.messages.wording import starters

router = Router(tags=["templates"])


@router.get("/templates", permission="messages.read", response=TemplatesOut)
def all_templates(
    request: Request,
    q: Annotated[str, Query(max_length=200)] = "",
    channel: ChannelName | None = None,
    purpose: Annotated[str, Query(max_length=64)] = "",
    approved: bool | None = None,
    archived: bool = False,
    offset: Offset = 0,
    limit: Limit = 50,
) -> TemplatesOut:
    """Templates, the one changed last first. `approved`: those that can be sent, or cannot yet."""
    wanted = templates.Wanted(q, channel, purpose, approved, archived)
    rows, total = templates.find(wanted, offset, limit)
    return TemplatesOut(items=showing.template_rows(rows, request.locale), total=total)


@router.post("/templates", permission="messages.write", response={201: TemplateDetail})
def create(request: Request, body: TemplateIn) -> Status[TemplateDetail]:
    """A new template with a first draft: of `body`, of a starter, or nearly empty."""
    made = templates.create(body, request.actor)
    return Status(201, showing.detail(made, request.actor, request.locale))


@router.get("/templates/starters", permission="messages.read", response=StartersOut)
def beginnings(request: Request, channel: ChannelName | None = None) -> StartersOut:
    """Designs to begin with, fitted to this workspace's catalog."""
    return StartersOut(items=starters.offered(channel, request.locale))


@router.get("/templates/words", permission="messages.read", response=TemplateWords)
def words(request: Request) -> TemplateWords:
    """What may be written in a template: names that are always there, and filters."""
    return showing.words(request.locale)


@router.post("/templates/preview", permission="messages.read", response=TemplatePreview)
def look(request: Request, body: TemplatePreviewIn) -> TemplatePreview:
    """A message as a person would get it, or with sample values, and what the checks find.

    A person must lie in one's row scope; what one's role may not see is masked; the look is
    recorded.
    """
    return preview.preview(body, request.actor, request.locale)


@router.post("/templates/mjml", permission="messages.read", response=MjmlOut)
def drawn(request: Request, body: MjmlIn) -> MjmlOut:
    """Blocks as MJML, and MJML as HTML: what the editor shows beside the blocks."""
    return preview.drawn(body)


@router.get("/templates/{slug}", permission="messages.read", response=TemplateDetail)
def one(request: Request, slug: str) -> TemplateDetail:
    """One template with the wording in use and the one being worked on, checked."""
    return showing.detail(finding.get_template(slug), request.actor, request.locale)


@router.patch("/templates/{slug}", permission="messages.write", response=TemplateDetail)
def change(request: Request, slug: str, body: TemplatePatch) -> TemplateDetail:
    """Another name or owner. Channel and purpose never change."""
    found = templates.change(slug, body, request.actor)
    return showing.detail(found, request.actor, request.locale)


@router.put("/templates/{slug}/draft", permission="messages.write", response=TemplateVersionOut)
def save(request: Request, slug: str, body: TemplateDraftIn) -> TemplateVersionOut:
    """Save the draft; a template without one gets its next version. What is broken may be saved."""
    saved = versions.save_draft(
        slug, body.body, request.actor, note=body.note, seen=body.seen
    )  # fmt: skip
    return showing.version_out(saved, request.actor, request.locale)


@router.delete("/templates/{slug}/draft", permission="messages.write", response={204: None})
def discard(request: Request, slug: str) -> Status[None]:
    """Throw the draft away. A version in review must be taken back first."""
    versions.discard(slug, request.actor)
    return Status(204, None)


@router.post("/templates/{slug}/submit", permission="messages.write", response=TemplateVersionOut)
def submit(request: Request, slug: str, body: TemplateDecision) -> TemplateVersionOut:
    """Give the draft to another person for approval. Refused while a check refuses."""
    found = versions.submit(slug, body.version, request.actor, note=body.note, wording=body.wording)
    return showing.version_out(found, request.actor, request.locale)


@router.post(
    "/templates/{slug}/approve", permission="messages.approve", response=TemplateVersionOut
)
def approve(request: Request, slug: str, body: TemplateDecision) -> TemplateVersionOut:
    """Let a version be sent. Nobody who has worked on it may: `own_work`."""
    found = versions.approve(
        slug, body.version, request.actor, note=body.note, wording=body.wording
    )
    return showing.version_out(found, request.actor, request.locale)


@router.post("/templates/{slug}/return", permission="messages.approve", response=TemplateVersionOut)
def give_back(request: Request, slug: str, body: TemplateDecision) -> TemplateVersionOut:
    """Give a version back to its authors, saying why."""
    found = versions.return_(slug, body.version, request.actor, note=body.note)
    return showing.version_out(found, request.actor, request.locale)


@router.post(
    "/templates/{slug}/take-back", permission="messages.write", response=TemplateVersionOut
)
def take_back(request: Request, slug: str, body: TemplateVersionRef) -> TemplateVersionOut:
    """Take one's version back out of review, to go on writing."""
    found = versions.take_back(slug, body.version, request.actor)
    return showing.version_out(found, request.actor, request.locale)


@router.post("/templates/{slug}/test", permission="messages.write", response=TemplateTested)
def test(request: Request, slug: str, body: TemplateTest) -> dict[str, Any]:
    """Send a mail as it is written now to one's own address, filled in for a person or not.

    Into the mailbox while no sender is live. A person must lie in one's row scope; what one's role
    may not see is masked; the trial is recorded.
    """
    own = request.user.email
    return trial.send_template(slug, body.person, own, request.actor, request.locale)


@router.post("/templates/{slug}/archive", permission="messages.write", response=TemplateDetail)
def archive(request: Request, slug: str) -> TemplateDetail:
    """Put a template away: nothing new may use it."""
    found = templates.archive(slug, request.actor)
    return showing.detail(found, request.actor, request.locale)


@router.post("/templates/{slug}/restore", permission="messages.write", response=TemplateDetail)
def restore(request: Request, slug: str) -> TemplateDetail:
    """Take a template back into use."""
    found = templates.restore(slug, request.actor)
    return showing.detail(found, request.actor, request.locale)


@router.get("/templates/{slug}/versions", permission="messages.read", response=TemplateVersions)
def all_versions(
    request: Request, slug: str, offset: Offset = 0, limit: Limit = 50
) -> TemplateVersions:
    """Every version, the newest first, with who wrote and who approved it."""
    rows, total = versions.versions_of(slug, offset, limit)
    return TemplateVersions(items=showing.version_briefs(rows), total=total)


@router.get(
    "/templates/{slug}/versions/{version}", permission="messages.read", response=TemplateVersionOut
)
def one_version(request: Request, slug: str, version: str) -> TemplateVersionOut:
    """One version by id or number."""
    found = versions.get_version(slug, version)
    return showing.version_out(found, request.actor, request.locale)


@router.get("/templates/{slug}/diff", permission="messages.read", response=TemplateDiff)
def compare(
    request: Request,
    slug: str,
    before: Annotated[str, Query(max_length=40, description="Id or number")],
    after: Annotated[str, Query(max_length=40, description="Id or number")],
) -> TemplateDiff:
    """What two versions say differently, part by part and line by line."""
    one_, other = versions.get_version(slug, before), versions.get_version(slug, after)
    return showing.difference(one_, other)
