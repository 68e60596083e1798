from __future__ import annotations

from enishi.book.access import Actor
from enishi.kernel.errors import Unavailable
from enishi.kernel.text import Locale, Text
from enishi.messages.schemas import MjmlIn, MjmlOut, TemplatePreview, TemplatePreviewIn


def preview(body: TemplatePreviewIn, actor: Actor, locale: Locale) -> TemplatePreview:
    raise Unavailable(Text("", ""), Text("", ""))


def drawn(body: MjmlIn) -> MjmlOut:
    raise Unavailable(Text("", ""), Text("", ""))
