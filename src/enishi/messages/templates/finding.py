"""One template by its name: to be read, to be changed, and the version of it that may be sent."""

from __future__ import annotations

from django.db.models import Q

from enishi.kernel.errors import NotFound
from enishi.kernel.text import Text
from enishi.messages.models import Template, TemplateVersion
from enishi.messages.types import VersionState


def get_template(reference: str) -> Template:
    """A template by slug or id; raises NotFound."""
    found = Template.objects.filter(Q(slug=reference) | Q(id=reference)).first()
    if found is None:
        raise NotFound(
            Text("このテンプレートは見つかりません。", "There is no such template."),
            Text("一覧から選び直してください。", "Choose one from the overview."),
            code="template_not_found",
        )
    return found


def approved_version(slug: str) -> TemplateVersion | None:
    """The version of a template that may be sent; None when there is none or it is archived."""
    return (
        TemplateVersion.objects.filter(
            template__slug=slug, template__archived_at=None, state=VersionState.APPROVED
        )
        .select_related("template")
        .first()
    )


def locked(slug: str) -> Template:
    """The template, held until the unit's end: its versions change one at a time."""
    return Template.objects.select_for_update().get(pk=get_template(slug).pk)
