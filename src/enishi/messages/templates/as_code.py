"""Templates as files: `apply` brings YAML in, `export` writes it out.

A file never approves anything: `apply` saves drafts and submits those that no check refuses, and
another person approves them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from enishi.book import audit
from enishi.book.access import Actor, require
from enishi.book.as_code import FileKind, write
from enishi.book.jsontext import digest
from enishi.kernel.errors import Fault, Invalid
from enishi.kernel.text import Text
from enishi.messages.models import Template, TemplateVersion
from enishi.messages.templates import finding, versions
from enishi.messages.templates import service as templates
from enishi.messages.templates.schemas import ChannelName, Name, Slug, TemplateIn, TemplatePatch
from enishi.messages.types import VersionState
from enishi.messages.wording.bodies import TemplateBody, stored
from enishi.messages.wording.law import refused_by

_FILES = FileKind(
    "template_invalid",
    Text("docs/templates.md の例を見て直してください。", "See the example in docs/templates.md."),
)


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of one file: `created`, `new_version`, `changed`, or `unchanged`."""

    slug: str
    version: int
    what: str


class TemplateFile(BaseModel):
    """One file. Members are named as in the API; unknown ones are faults."""

    model_config = ConfigDict(extra="forbid")

    version: Literal[1] = 1
    template: Slug
    name: Name
    channel: ChannelName
    purpose: str = Field(min_length=1, max_length=64)
    product: str = Field(default="", max_length=64)
    body: TemplateBody


def is_template(path: Path) -> bool:
    """Whether a YAML file says that it is a template; one that cannot be read does not.

    A journey's steps name templates too, but not at the top of the file.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError):
        return False
    return isinstance(content, dict) and "template" in content and "body" in content


def read(path: Path) -> TemplateFile:
    """One file; raises Invalid with file, path and remedy of every fault."""
    return _FILES.read(path, TemplateFile)


def apply(files: Sequence[Path], actor: Actor, *, submit: bool = True) -> list[Applied]:
    """Bring files into the book. All are read before anything is written.

    A slug that is new is made; where the body differs from the newest version the draft is saved
    anew; a name alone is changed. With `submit` what no check refuses goes into review. Channel,
    purpose and product never change. Raises Invalid naming the file, Conflict.
    """
    require(actor, "messages.write")
    wanted = {path: read(path) for path in sorted(files)}
    _FILES.refuse_twice(((path, one.template) for path, one in wanted.items()), "$.template")
    done = []
    for path, one in wanted.items():
        with _FILES.naming(path):
            done.append(_apply(one, actor, submit))
    return done


def _apply(wanted: TemplateFile, actor: Actor, submit: bool) -> Applied:
    found = Template.objects.filter(slug=wanted.template).first()
    if found is None:
        made = templates.create(
            TemplateIn(
                slug=wanted.template, name=wanted.name, channel=wanted.channel,
                purpose=wanted.purpose, product=wanted.product, body=wanted.body,
            ),
            actor,
        )  # fmt: skip
        _submit(made.slug, actor, submit)
        return Applied(made.slug, 1, "created")
    _refuse_other(found, wanted)
    what = "unchanged"
    if found.name != wanted.name:
        templates.change(found.slug, TemplatePatch(name=wanted.name), actor)
        what = "changed"
    newest = found.versions.order_by("-number").first()
    assert newest is not None  # a template is made with its first version
    if digest(newest.body) == digest(stored(wanted.body)):
        return Applied(found.slug, newest.number, what)
    saved = versions.save_draft(found.slug, wanted.body, actor)
    _submit(found.slug, actor, submit)
    return Applied(found.slug, saved.number, "new_version")


def _submit(slug: str, actor: Actor, submit: bool) -> None:
    """Into review, unless a check refuses: then it stays a draft for its author to finish."""
    found = versions.work_version(finding.get_template(slug))
    if submit and found is not None and found.state == VersionState.DRAFT:
        found.template = finding.get_template(slug)
        if not refused_by(found):
            versions.submit(slug, found.id, actor)


def _refuse_other(found: Template, wanted: TemplateFile) -> None:
    for name, now, then in (
        ("channel", found.channel, wanted.channel),
        ("purpose", found.purpose, wanted.purpose),
        ("product", found.product, wanted.product),
    ):
        if now != then:
            said = Text(
                f"「{found.slug}」の {name} は {now} で、変えられません。",
                f"The {name} of {found.slug} is {now} and cannot be changed.",
            )
            remedy = Text("別の識別名で作ってください。", "Make it under another slug.")
            fault = Fault("template_fixed", f"$.{name}", said, remedy)
            raise Invalid(said, remedy, code="template_invalid", faults=(fault,))


def export(folder: Path, actor: Actor) -> list[Path]:
    """Write every template in use as `<slug>.yaml`: what is approved, else what is being written.

    Returns the files. Audited.
    """
    require(actor, "messages.read")
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for found in Template.objects.filter(archived_at=None).order_by("slug"):
        version = finding.approved_version(found.slug) or versions.work_version(found)
        if version is not None:
            path = folder / f"{found.slug}.yaml"
            written.append(write(path, _content(found, version)))
    audit.record(actor, "template.export_code", "template", "all", {"templates": len(written)})
    return written


def _content(found: Template, version: TemplateVersion) -> dict[str, Any]:
    told: dict[str, Any] = {
        "version": 1,
        "template": found.slug,
        "name": found.name,
        "channel": found.channel,
        "purpose": found.purpose,
        "product": found.product or None,
        "body": version.body,
    }
    return {name: value for name, value in told.items() if value is not None}
