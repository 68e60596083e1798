"""Every provider, by name, and the channel that an account makes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, cast

from enishi.kernel.errors import NotFound
from enishi.kernel.text import Text
from enishi.messages.channels.port import Account, Channel

if TYPE_CHECKING:
    from enishi.messages.channels.settings import Setting

PROVIDERS: Mapping[str, str] = {
    "smtp": "email", "anymail": "email", "twilio": "sms", "line": "line", "webpush": "push",
    "webhook": "webhook", "person": "person",
}  # fmt: skip
"""Every provider that can be set up, and its channel."""


@dataclass(frozen=True, slots=True)
class Provider:
    """What a folder under `channels` offers, as `PROVIDER` of its package.

    `generated` makes secrets that nobody types in (a signing key), by what is set already.
    """

    name: str
    channel: str
    label: Text
    settings: tuple[Setting, ...]
    make: Callable[[Account], Channel]
    generated: Callable[[Mapping[str, object], Mapping[str, str]], dict[str, str]] | None = None


def provider(name: str) -> Provider:
    """One provider; raises NotFound."""
    if name not in PROVIDERS:
        raise NotFound(
            Text("この送信方法はありません。", "There is no such provider."),
            Text("一覧から選んでください。", "Choose one from the list."),
            code="provider_unknown",
        )
    return cast(Provider, import_module(f"enishi.messages.channels.{name}").PROVIDER)


def providers() -> list[Provider]:
    return [provider(name) for name in PROVIDERS]


def channel_for(account: Account) -> Channel:
    """The way out that an account is: while it is not live, the built-in mailbox.

    Costs little; what it keeps (rates, parsed keys) is lost with it, so keep it by `account.stamp`.
    """
    made = provider(account.provider).make(account)
    if account.live:
        return made
    from enishi.messages.channels.mailbox import MailboxChannel

    return MailboxChannel(made)
