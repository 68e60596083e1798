"""From a body to `Compiled`: its texts drawn, its fields checked, its images found."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from enishi.book.jsontext import loads
from enishi.book.workspace import current_workspace
from enishi.catalog.types import Catalog
from enishi.gate.asking import catalog
from enishi.kernel.errors import NotFound
from enishi.kernel.text import Text
from enishi.messages.models import TemplateVersion
from enishi.messages.templates.assets import picture
from enishi.messages.types import MessageChannel, VersionState
from enishi.messages.wording import compiling
from enishi.messages.wording.bodies import (
    BODY,
    EmailMessage,
    LineFlex,
    LineImage,
    LineMessage,
    PersonMessage,
    PushMessage,
    SmsMessage,
    TemplateBody,
    WebhookMessage,
)
from enishi.messages.wording.fields import asked_of
from enishi.messages.wording.rendering import PERSON_LINKS, Compiled

_FIXED = (VersionState.APPROVED, VersionState.REPLACED)


def ready(version_id: str) -> tuple[Compiled, bool]:
    """A stored version made ready, and whether it can never change again.

    Raises NotFound, Invalid.
    """
    found = TemplateVersion.objects.select_related("template").filter(id=version_id).first()
    if found is None:
        raise NotFound(
            Text("この版は見つかりません。", "There is no such version of a template."),
            Text("テンプレートを選び直してください。", "Choose the template again."),
            code="version_not_found",
        )
    template = found.template
    made = of_body(
        BODY.validate_python(found.body), purpose=template.purpose, product=template.product,
        slug=template.slug, version_id=found.id,
    )  # fmt: skip
    return made, found.state in _FIXED


def of_body(
    body: TemplateBody, *, purpose: str, product: str = "", slug: str = "", version_id: str = "",
    known: Catalog | None = None,
) -> Compiled:  # fmt: skip
    """A body made ready. Fields with faults are left out: they print nothing (`law` tells).

    Raises Invalid for a mail that cannot be drawn, JSON that is none, an image that is not there.
    """
    asked = asked_of(body, purpose, known or catalog())
    parts, shape = _parts(body)
    sender = body.sender_name if isinstance(body, EmailMessage) else ""
    return Compiled(
        version_id=version_id,
        template=slug,
        channel=MessageChannel(body.kind),
        purpose=purpose,
        product=product,
        parts=parts,
        shape=shape,
        subject=asked.subject,
        fields=asked.specs,
        naming=asked.naming,
        honorific=body.addressing.honorific,
        unknown=body.addressing.unknown,
        language=body.language,
        sender_name=sender if sender and "{" not in sender else current_workspace().name,
        charset=body.charset if isinstance(body, EmailMessage) else "utf-8",
    )


def _parts(body: TemplateBody) -> tuple[dict[str, str], Any]:
    if isinstance(body, EmailMessage):
        made = compiling.mail(body, picture)
        return {
            "subject": body.subject, "preheader": body.preheader, "html": made.html,
            "text": made.text, "sender_name": body.sender_name, "reply_to": body.reply_to,
        }, None  # fmt: skip
    if isinstance(body, SmsMessage):
        return {"text": body.text}, None
    if isinstance(body, PersonMessage):
        return {"title": body.title, "text": body.text}, None
    if isinstance(body, PushMessage):
        icon = picture(body.icon) if body.icon else ""
        url = f"{{% link %}}{body.url}{{% endlink %}}" if body.url else ""
        return {"title": body.title, "body": body.body, "url": url, "icon": icon}, None
    if isinstance(body, WebhookMessage):
        asked = {PERSON_LINKS: "yes"} if body.person_links else {}
        return {"url": body.url, **asked}, json_of(body)
    return {}, line_shape(body)


def json_of(body: WebhookMessage) -> Any:
    """The JSON that a webhook's texts stand in; raises Invalid."""
    try:
        return loads(body.content)
    except (ValueError, RecursionError) as error:
        raise compiling.broken(
            "json_broken",
            Text(f"JSON として読めません: {error}"[:200], f"This is not JSON: {error}"[:200]),
            Text("値は \"{{ 項目 }}\" のように引用符の中に書いてください。",
                 "Write values in quotes: \"{{ name }}\"."),
            "$.json",
        ) from error  # fmt: skip


def line_shape(body: LineMessage) -> dict[str, Any]:
    """The messages as LINE takes them, with Liquid in their texts."""
    return {"messages": [_line(message) for message in body.messages]}


def _line(message: Any) -> dict[str, Any]:
    if isinstance(message, LineImage):
        url = picture(message.asset)
        return {"type": "image", "originalContentUrl": url, "previewImageUrl": url}
    if isinstance(message, LineFlex):
        return {"type": "flex", "altText": message.alt, "contents": _led(message.contents)}
    return {"type": "text", "text": message.text}


def _led(value: Any) -> Any:
    """Flex contents with the addresses of their actions led through us, images of ours found."""
    if isinstance(value, Mapping):
        uri = value.get("type") == "uri"
        return {
            name: f"{{% link %}}{part}{{% endlink %}}"
            if uri and name in ("uri",) and isinstance(part, str)
            else picture(part.removeprefix("asset:"))
            if name == "url" and isinstance(part, str) and part.startswith("asset:")
            else _led(part)
            for name, part in value.items()
        }
    return [_led(part) for part in value] if isinstance(value, list) else value


# ── kept by version ────────────────────────────────────────────────────────────────────────────

_KEPT = 200
_ready: OrderedDict[tuple[str, str], Compiled] = OrderedDict()
_guard = threading.Lock()


def compiled(version_id: str) -> Compiled:
    """The version made ready. One that has been approved never changes again and is kept by id.

    Raises NotFound, and Invalid when it no longer fits the catalog or an image of it is gone.
    """
    key = (str(current_workspace().root), version_id)
    with _guard:
        found = _ready.get(key)
        if found is not None:
            _ready.move_to_end(key)
            return found
    made, fixed = ready(version_id)
    if fixed:
        with _guard:
            _ready[key] = made
            while len(_ready) > _KEPT:
                _ready.popitem(last=False)
    return made
