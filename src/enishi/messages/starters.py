from __future__ import annotations

from enishi.kernel.text import Locale
from enishi.messages.bodies import BODY, TemplateBody
from enishi.messages.schemas import StarterOut


def offered(channel: str | None, locale: Locale) -> list[StarterOut]:
    return []


def beginning(channel: str, starter: str) -> TemplateBody:
    return BODY.validate_python({"kind": "sms", "text": ""})
