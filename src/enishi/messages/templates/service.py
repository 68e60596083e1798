"""Templates: found, made, named, put away. Their wordings are `versions`."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.db import IntegrityError
from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, Greatest

from enishi.book import audit
from enishi.book.access import Actor
from enishi.book.clock import now
from enishi.book.unit import work
from enishi.gate.purposes import purposes
from enishi.kernel.errors import Conflict, Fault, Invalid
from enishi.kernel.text import Text
from enishi.messages.models import Template, TemplateVersion
from enishi.messages.templates.finding import locked
from enishi.messages.templates.kinds import refuse_other_kind
from enishi.messages.templates.schemas import TemplateIn, TemplatePatch
from enishi.messages.types import VersionState
from enishi.messages.wording.bodies import TemplateBody


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which templates are asked for. `q` is sought in slug and name."""

    q: str = ""
    channel: str | None = None
    purpose: str = ""
    approved: bool | None = None
    archived: bool = False


def find(wanted: Wanted, offset: int, limit: int) -> tuple[list[Template], int]:
    """A page of templates, the one changed last first, and how many there are."""
    rows = _narrowed(wanted)
    changed = rows.annotate(
        touched=Greatest(
            "created_at",
            Coalesce(Max("versions__changed_at"), "created_at"),
            Coalesce(Max("versions__decided_at"), "created_at"),
        )
    )
    return list(changed.order_by("-touched", "slug")[offset : offset + limit]), rows.count()


def _narrowed(wanted: Wanted) -> QuerySet[Template]:
    rows = Template.objects.filter(archived_at__isnull=not wanted.archived)
    if wanted.q:
        rows = rows.filter(Q(slug__icontains=wanted.q) | Q(name__icontains=wanted.q))
    if wanted.channel:
        rows = rows.filter(channel=wanted.channel)
    if wanted.purpose:
        rows = rows.filter(purpose=wanted.purpose)
    if wanted.approved is not None:
        usable = TemplateVersion.objects.filter(
            template=OuterRef("pk"), state=VersionState.APPROVED
        )
        rows = rows.filter(Exists(usable) if wanted.approved else ~Exists(usable))
    return rows


def create(wanted: TemplateIn, actor: Actor) -> Template:
    """A template with its first draft. Raises Invalid for an unknown purpose, channel or starter,
    Conflict when the slug is taken."""
    from enishi.messages.wording import starters

    if wanted.purpose not in purposes():
        raise _no_purpose(wanted.purpose)
    body = wanted.body or starters.beginning(wanted.channel, wanted.starter)
    refuse_other_kind(body, wanted.channel)
    try:
        return _create(wanted, body, actor)
    except IntegrityError as error:  # another one at the same instant
        raise _taken(wanted.slug) from error


def _create(wanted: TemplateIn, body: TemplateBody, actor: Actor) -> Template:
    from enishi.messages.templates import versions

    with work("template.create"):
        if Template.objects.filter(slug=wanted.slug).exists():
            raise _taken(wanted.slug)
        made = Template.objects.create(
            slug=wanted.slug, name=wanted.name, channel=wanted.channel, purpose=wanted.purpose,
            product=wanted.product, owner=actor.user_id, created_by=actor.user_id,
        )  # fmt: skip
        audit.record(
            actor, "template.create", "template", made.id,
            {"slug": made.slug, "channel": made.channel, "purpose": made.purpose},
        )  # fmt: skip
        versions.add(made, 1, body, actor, note=wanted.note)
    return made


def _taken(slug: str) -> Conflict:
    return Conflict(
        Text(f"「{slug}」はすでに使われています。", f"The slug {slug!r} is taken."),
        Text("別の識別名にしてください。", "Choose another slug."),
        code="slug_taken",
    )


def change(slug: str, patch: TemplatePatch, actor: Actor) -> Template:
    """Another name or owner. Raises Invalid for an owner who is no active user."""
    with work("template.change"):
        found = locked(slug)
        if patch.owner is not None and not _is_user(patch.owner):
            said = Text("この利用者はいません。", "There is no such user.")
            raise Invalid(said, Text("一覧から選んでください。", "Choose one from the list."),
                          code="owner_unknown")  # fmt: skip
        found.name = patch.name if patch.name is not None else found.name
        found.owner = patch.owner if patch.owner is not None else found.owner
        found.save(update_fields=["name", "owner"])
        told = {"slug": found.slug, "owner": found.owner}
        audit.record(actor, "template.change", "template", found.id, told)
    return found


def archive(slug: str, actor: Actor) -> Template:
    """Put a template away. What is queued already goes out; nothing new may use it."""
    with work("template.archive"):
        found = locked(slug)
        if found.archived_at is None:
            found.archived_at = now()
            found.save(update_fields=["archived_at"])
            audit.record(actor, "template.archive", "template", found.id, {"slug": found.slug})
    return found


def restore(slug: str, actor: Actor) -> Template:
    """Take a template back into use."""
    with work("template.restore"):
        found = locked(slug)
        if found.archived_at is not None:
            found.archived_at = None
            found.save(update_fields=["archived_at"])
            audit.record(actor, "template.restore", "template", found.id, {"slug": found.slug})
    return found


def _is_user(user: str) -> bool:
    return get_user_model().objects.filter(pk=user, is_active=True).exists()


def _no_purpose(purpose: str) -> Invalid:
    names = ", ".join(sorted(purposes()))
    said = Text(f"「{purpose}」という利用目的はありません。", f"There is no purpose {purpose!r}.")
    remedy = Text(f"選べるもの: {names}", f"Choose one of: {names}")
    fault = Fault("unknown_purpose", "$.purpose", said, remedy)
    return Invalid(said, remedy, code="unknown_purpose", faults=(fault,))
