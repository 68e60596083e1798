"""The built-in mailbox: where every message lands whose sender is not live."""

from __future__ import annotations

from enishi.messages.channels.mailbox.channel import MailboxChannel

__all__ = ["MailboxChannel"]
