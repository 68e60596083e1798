"""A person: the message is a task on somebody's list, and no machine sends it."""

from __future__ import annotations

from enishi.kernel.text import Text
from enishi.messages.channels.port import Account, Channel
from enishi.messages.channels.registry import Provider


def _make(account: Account) -> Channel:
    from enishi.messages.channels.person.channel import PersonChannel

    return PersonChannel(account)


PROVIDER = Provider("person", "person", Text("担当者", "A person"), (), _make)
