"""A message as one person would get it, shown to who may see that person; or with sample values."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

from enishi.book.access import Actor
from enishi.book.clock import now
from enishi.book.opening import look_at
from enishi.book.workspace import current_workspace
from enishi.gate.asking import in_scope
from enishi.gate.purposes import purposes
from enishi.gate.visibility import no_such_person, opened_to, require_visible
from enishi.kernel.errors import Fault, Invalid, NotFound
from enishi.kernel.text import Locale, Text
from enishi.messages.models import TemplateVersion
from enishi.messages.templates.assets import picture
from enishi.messages.templates.schemas import (
    MjmlIn,
    MjmlOut,
    SmsOut,
    TemplatePerson,
    TemplatePreview,
    TemplatePreviewIn,
)
from enishi.messages.templates.showing import check_out
from enishi.messages.templates.versions import body_of
from enishi.messages.types import MessageChannel
from enishi.messages.wording import compiling, law, sampling, sms
from enishi.messages.wording.bodies import BlocksDesign, EmailMessage, MjmlDesign, TemplateBody
from enishi.messages.wording.formats import unset
from enishi.messages.wording.readying import compiled
from enishi.messages.wording.rendering import (
    GIVEN,
    Compiled,
    Rendered,
    UnrenderableError,
    Untracked,
)
from enishi.messages.wording.values import ask, bounded
from enishi.warehouse.process import warehouse

_LINK_TAGS = re.compile(r"\{% (?:end)?link %\}|\{% pixel %\}")


@dataclass(slots=True)
class _Shown:
    """Whose values are shown, and what of them is not there or not for this reader."""

    values: dict[str, Any]
    person: TemplatePerson | None = None
    missing: list[str] = field(default_factory=list)
    defaulted: list[str] = field(default_factory=list)
    masked: list[str] = field(default_factory=list)


def preview(wanted: TemplatePreviewIn, actor: Actor, locale: Locale) -> TemplatePreview:
    """The message and what the checks find. Raises NotFound for a person the actor may not see.

    What is broken is told in `checks` and `error`: a preview is asked for while somebody types.
    """
    body, purpose, product = _meant(wanted)
    examined = law.examine(body, purpose, product)
    made = examined.compiled
    shown = _Shown({}) if made is None else _values(made, wanted, actor)
    rendered, preheader, error = Rendered(MessageChannel(body.kind)), "", ""
    if made is not None:
        try:
            rendered = _with_names(made, body).render(shown.values, Untracked())
            preheader = made.text("preheader", made.names(shown.values, Untracked()), Untracked())
        except UnrenderableError as failed:
            error = law.unrenderable(failed).message[locale]
    elif examined.checks:
        error = examined.checks[0].message[locale]
    html = _local(rendered.html)
    return TemplatePreview(
        channel=body.kind,
        subject=rendered.subject,
        preheader=preheader,
        sender_name=rendered.sender_name or (made.sender_name if made else ""),
        html=html,
        text=rendered.text,
        payload=_local_payload(rendered.payload),
        url=rendered.url,
        sms=_sms(rendered) if body.kind == "sms" else None,
        size=len(rendered.html.encode()),
        person=shown.person,
        missing=shown.missing,
        defaulted=shown.defaulted,
        masked=shown.masked,
        checks=[check_out(check, locale) for check in examined.checks],
        error=error,
    )


def filled(version: TemplateVersion, person: str, actor: Actor) -> tuple[Rendered, str]:
    """A stored version filled in as its preview is, and the id of whom it is filled in for.

    Raises Invalid when it cannot be drawn, NotFound for a person the actor may not see.
    """
    made = compiled(version.id)
    shown = _values(made, TemplatePreviewIn(version=version.id, person=person), actor)
    try:
        return made.render(shown.values, Untracked()), shown.person.id if shown.person else ""
    except UnrenderableError as failed:
        found = law.unrenderable(failed)
        raise Invalid(found.message, found.remedy, code=failed.code) from failed


def _with_names(made: Compiled, body: TemplateBody) -> Compiled:
    """The same with its blocks named, so that a click on one is told from a click on another."""
    if not isinstance(body, EmailMessage) or isinstance(body.design, MjmlDesign):
        return made
    html = compiling.mail(body, picture, named=True).html
    return replace(made, parts={**made.parts, "html": html})


def _meant(wanted: TemplatePreviewIn) -> tuple[TemplateBody, str, str]:
    if wanted.body is not None:
        if wanted.purpose not in purposes():
            said = Text("利用目的がありません。", "There is no such purpose.")
            remedy = Text("利用目的を選んでください。", "Choose the purpose.")
            fault = Fault("unknown_purpose", "$.purpose", said, remedy)
            raise Invalid(said, remedy, code="unknown_purpose", faults=(fault,))
        return wanted.body, wanted.purpose, wanted.product
    rows = TemplateVersion.objects.select_related("template").filter(id=wanted.version)
    found = rows.first()
    if found is None:
        raise NotFound(
            Text("この版は見つかりません。", "There is no such version."),
            Text("本文か版を指定してください。", "Give a body, or a version's id."),
            code="version_not_found",
        )
    return body_of(found), found.template.purpose, found.template.product


def _values(made: Compiled, wanted: TemplatePreviewIn, actor: Actor) -> _Shown:
    today = now().astimezone(current_workspace().zone).date()
    if not wanted.person:
        return _Shown(sampling.sample(made, today, bounded(wanted.given)))
    seen = opened_to(actor, wanted.person)
    person = warehouse().find(wanted.person, actor=seen, subject=made.subject)
    require_visible(actor, person, in_scope)
    look_at(actor, person, "message")
    shown_to = opened_to(actor, person)
    answered = ask([person], made, now(), shown_to)
    row = answered.rows.get(person)
    if row is None:
        raise no_such_person()
    row[GIVEN] = bounded(wanted.given)
    lacking = [name for name in made.fields if unset(row[name])]
    return _Shown(
        row,
        TemplatePerson(id=person, name=answered.display.get(person, "")),
        missing=[name for name in lacking if made.fields[name].default is None],
        defaulted=[name for name in lacking if made.fields[name].default is not None],
        masked=answered.masked,
    )


def _sms(rendered: Rendered) -> SmsOut:
    found = sms.count(rendered.text)
    return SmsOut(
        encoding=found.encoding, units=found.units, segments=found.segments, left=found.left
    )


def _local(text: str) -> str:
    """Images of ours by the address of the page that shows them, whatever the public one is."""
    return text.replace(f"{current_workspace().url}/m/a/", "/m/a/")


def _local_payload(value: Any) -> Any:
    if isinstance(value, str):
        return _local(value)
    if isinstance(value, dict):
        return {name: _local_payload(part) for name, part in value.items()}
    return [_local_payload(part) for part in value] if isinstance(value, list) else value


def drawn(wanted: MjmlIn) -> MjmlOut:
    """Blocks as MJML and both as HTML, with the Liquid as it stands. Raises Invalid."""
    design = (
        MjmlDesign(mjml=wanted.mjml)
        if wanted.mjml is not None
        else BlocksDesign(blocks=wanted.blocks or [], theme=wanted.theme)
    )
    body = EmailMessage(
        subject="", preheader=wanted.preheader, design=design, language=wanted.language
    )
    made = compiling.mail(body, picture)
    return MjmlOut(mjml=made.mjml, html=_local(_LINK_TAGS.sub("", made.html)))
