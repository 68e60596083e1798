"""A template's version made ready once, and filled in for each person.

`compiled(version_id)` is cached; what it gives never changes and can be pickled, so that a sender's
child process can take it. `Compiled.render` is pure: no database, no clock, no network.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from enishi.kernel.text import Locale
from enishi.messages.types import MessageChannel
from enishi.messages.wording.formats import Day, Spec, dressed, long_date
from enishi.messages.wording.naming import Honorific, named
from enishi.messages.wording.rendered import Links, Rendered, UnrenderableError, Untracked
from enishi.messages.wording.sandbox import filled, value_of

__all__ = ["Compiled", "Links", "Rendered", "UnrenderableError", "Untracked"]

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9.-]{1,250}\.[A-Za-z]{2,24}")
_LONGEST_HEADER = 400
LINE_LONGEST = 5000
PERSON_LINKS = "person_links"
"""The part of a webhook that hands over the addresses by which the person's consents change."""
GIVEN, NAMING, AT = "_given", "_naming", "_at"
"""Members of a person's values beside the fields: what came with the delivery, the parts of her
name, the local day of sending."""


@dataclass(frozen=True)
class Compiled:
    """A version made ready. `fields` and `naming` are what `values.values_for` asks for.

    `parts` are Liquid sources by their place; `shape` is the payload of line, push and webhook with
    sources in place of its texts.
    """

    version_id: str
    template: str  # slug
    channel: MessageChannel
    purpose: str
    product: str
    parts: Mapping[str, str]
    shape: Any = None
    subject: str = "person"
    fields: Mapping[str, Spec] = field(default_factory=dict)
    naming: Mapping[str, object] = field(default_factory=dict)
    honorific: Honorific = "auto"
    unknown: str = ""
    language: Locale = "ja"
    sender_name: str = ""
    charset: str = "utf-8"

    def render(self, values: Mapping[str, object], links: Links) -> Rendered:
        """This person's message; raises UnrenderableError.

        `values` as `values.values_for` gives them: a field that is unset takes its default.
        """
        names = self.names(values, links)
        return _RENDER[self.channel](self, names, links)

    def names(self, values: Mapping[str, object], links: Links) -> dict[str, object]:
        """What Liquid finds: fields as they print, the 宛名, the day, the links."""
        language = self.language
        found: dict[str, object] = {
            name: dressed(values.get(name), spec, language) for name, spec in self.fields.items()
        }
        called = values.get(NAMING)
        parts = called if isinstance(called, Mapping) else {}
        name = parts.get("name") or " ".join(
            str(part) for part in (parts.get("family"), parts.get("given")) if part
        )
        who = named(
            name, parts.get("company"), parts.get("department"), honorific=self.honorific,
            unknown=self.unknown, locale=language,
        )  # fmt: skip
        at = values.get(AT)
        today = _day(at if isinstance(at, date) else datetime.now(UTC).date(), language)
        found |= {
            "salutation": who.salutation,
            "person": {"name": who.name, "salutation": who.salutation},
            "sender": {"name": self.sender_name},
            "given": values.get(GIVEN) or {},
            "today": today,
            "now": today,
            "unsubscribe_url": links.unsubscribe,
            "preferences_url": links.preferences,
        }
        return found

    def text(self, part: str, names: Mapping[str, object], links: Links) -> str:
        """One part as text."""
        return filled(self.parts.get(part, ""), names, links, "text", self.language, part)

    def header(self, part: str, names: Mapping[str, object], links: Links) -> str:
        """One part as a line of a header: no control characters, or UnrenderableError."""
        said = self.text(part, names, links).strip()
        if _CONTROL.search(said):
            raise UnrenderableError("template_header", part)
        return said[:_LONGEST_HEADER]


def _day(day: date, language: Locale) -> Day:
    made = Day(day.year, day.month, day.day)
    made.shown = long_date(day, language)
    return made


def _email(one: Compiled, names: Mapping[str, object], links: Links) -> Rendered:
    subject = one.header("subject", names, links)
    html = filled(one.parts["html"], names, links, "html", one.language, "html")
    if not subject:
        raise UnrenderableError("template_empty", "subject")
    reply_to = one.header("reply_to", names, links)
    if reply_to and not _ADDRESS.fullmatch(reply_to):
        raise UnrenderableError("template_header", "reply_to")
    return Rendered(
        one.channel, subject=subject, html=html, text=one.text("text", names, links),
        sender_name=one.header("sender_name", names, links), reply_to=reply_to,
        charset=one.charset,
    )  # fmt: skip


def _sms(one: Compiled, names: Mapping[str, object], links: Links) -> Rendered:
    text = one.text("text", names, links).strip()
    if not text:
        raise UnrenderableError("template_empty", "text")
    return Rendered(one.channel, text=text)


def _line(one: Compiled, names: Mapping[str, object], links: Links) -> Rendered:
    payload = _shaped(one, names, links, typed=False)
    for message in payload["messages"]:
        if message["type"] == "text":
            message["text"] = message["text"].strip()
            if not message["text"]:
                raise UnrenderableError("template_empty", "messages")
            if len(message["text"].encode("utf-16-le")) // 2 > LINE_LONGEST:
                raise UnrenderableError("template_limit", "messages")
    return Rendered(one.channel, payload=payload)


def _push(one: Compiled, names: Mapping[str, object], links: Links) -> Rendered:
    title, body = one.header("title", names, links), one.text("body", names, links).strip()
    if not title and not body:
        raise UnrenderableError("template_empty", "title")
    url = one.header("url", names, links)
    payload = {"title": title, "body": body, "url": url, "icon": one.parts.get("icon", "")}
    return Rendered(one.channel, subject=title, text=body, payload=payload, url=url)


def _webhook(one: Compiled, names: Mapping[str, object], links: Links) -> Rendered:
    if PERSON_LINKS not in one.parts:
        names = {**names, "unsubscribe_url": "", "preferences_url": ""}
    url = one.header("url", names, links)
    if not re.fullmatch(r"https?://[^\s\\\"<>]+", url):
        raise UnrenderableError("template_url", "url")
    return Rendered(one.channel, payload=_shaped(one, names, links, typed=True), url=url)


def _person(one: Compiled, names: Mapping[str, object], links: Links) -> Rendered:
    title = one.header("title", names, links)
    if not title:
        raise UnrenderableError("template_empty", "title")
    return Rendered(one.channel, subject=title, text=one.text("text", names, links).strip())


_RENDER: dict[MessageChannel, Callable[[Compiled, Mapping[str, object], Links], Rendered]] = {
    MessageChannel.EMAIL: _email, MessageChannel.SMS: _sms, MessageChannel.LINE: _line,
    MessageChannel.PUSH: _push, MessageChannel.WEBHOOK: _webhook, MessageChannel.PERSON: _person,
}  # fmt: skip


def _shaped(one: Compiled, names: Mapping[str, object], links: Links, *, typed: bool) -> Any:
    """The payload with its texts filled in: a value never becomes structure.

    `typed`: a text that is one output alone becomes the value, a number say.
    """

    def walk(value: Any, where: str) -> Any:
        if isinstance(value, str):
            if typed:
                return value_of(value, names, links, one.language, where)
            return filled(value, names, links, "text", one.language, where)
        if isinstance(value, Mapping):
            return {name: walk(part, f"{where}.{name}") for name, part in value.items()}
        if isinstance(value, list):
            return [walk(part, f"{where}[]") for part in value]
        return value

    return walk(one.shape, "payload")
