"""Delivers into the built-in mailbox what another channel has prepared; nothing leaves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from enishi.book.jsontext import dumps
from enishi.kernel.errors import EnishiError
from enishi.messages.channels.port import Channel, Later, Outcome, Outgoing, Sent


@dataclass(frozen=True, slots=True)
class MailboxChannel:
    """Stands in for `real`, and says so in its name."""

    real: Channel

    name = "mailbox"
    dedupes = True  # a delivery is kept once
    workers = 1

    @property
    def channel(self) -> str:
        return self.real.channel

    def prepare(self, outgoing: Outgoing) -> bytes:
        """A mail as it would have left; of other channels what the message says, as JSON. What the
        real channel could not send is refused here too."""
        made = self.real.prepare(outgoing)
        return made if self.channel == "email" else dumps(said(outgoing)).encode()

    def open(self) -> MailboxConnection:
        return MailboxConnection(self.channel)

    def wait_for(self, address: str) -> float:  # noqa: ARG002  the channels' common shape
        return 0.0


def said(outgoing: Outgoing) -> Any:
    """What a message that is no mail says."""
    rendered = outgoing.rendered
    if rendered.channel == "sms":
        return {"text": rendered.text}
    if rendered.channel == "person":
        return {"title": rendered.subject, "text": rendered.text}
    if rendered.channel == "webhook":
        return {"url": rendered.url, "json": rendered.payload}
    return rendered.payload


@dataclass(frozen=True, slots=True)
class MailboxConnection:
    """Writes to the book."""

    channel: str

    def send(self, prepared: bytes, outgoing: Outgoing) -> Outcome:
        from enishi.messages.mailbox import kept as mailbox

        try:
            mailbox.keep(self.channel, prepared, outgoing)
        except EnishiError as error:  # the book is busy, or its disk is full
            return Later(error.code, 5.0, whole_channel=True)
        return Sent(f"mailbox:{outgoing.delivery}")

    def close(self) -> None:
        """Nothing is open."""
