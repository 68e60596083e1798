"""Messages and accounts for the tests of channels."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from enishi.messages.channels.port import Account, Outgoing
from enishi.messages.types import MessageChannel
from enishi.messages.wording.rendered import Rendered

AT = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
DELIVERY = "dlv_01k9zz0000abcdefghjk"


def account(
    provider: str, channel: str, config: Mapping[str, Any], secrets: Mapping[str, str], **more: Any
) -> Account:
    told: dict[str, Any] = {"live": True, "stamp": "test", **more}
    return Account("sdr_1", "main", channel, provider, config, secrets, **told)


def mail(
    address: str = "hanako@mail.test",
    name: str = "日の出 花子 様",
    subject: str = "満期のご案内",
    html: str = "<p>満期が近づいています。</p>",
    text: str = "満期が近づいています。",
    **more: Any,
) -> Outgoing:
    outgoing = {
        one: more.pop(one) for one in ("unsubscribe", "headers", "key", "delivery") if one in more
    }
    rendered = Rendered(MessageChannel.EMAIL, subject=subject, html=html, text=text, **more)
    told: dict[str, Any] = {"key": "send:snd_1:p1", "delivery": DELIVERY, **outgoing}
    return Outgoing(person="p1", address=address, name=name, rendered=rendered, at=AT, **told)


def message(channel: str, address: str, **rendered: Any) -> Outgoing:
    return Outgoing(
        "walk:1:a:1", DELIVERY, "p1", address, "", Rendered(MessageChannel(channel), **rendered), AT
    )
