"""Making messages ready to be handed over: all that costs CPU, and nothing else.

It needs neither the book nor the warehouse, so that a child process can do it (`apart`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from enishi.book.faults import kind_and_place
from enishi.kernel.errors import EnishiError
from enishi.messages.channels.port import Account, Channel, Outgoing
from enishi.messages.channels.registry import channel_for
from enishi.messages.wording.rendering import Compiled, Links, UnrenderableError

MakeLinks: TypeAlias = Callable[[str], Links]
"""The links of a delivery, by its id. They can be pickled."""

MakeChannel: TypeAlias = Callable[[Account], Channel]


@dataclass(frozen=True, slots=True)
class Draft:
    """One message that is to be made. `version` is the id of its template's version."""

    delivery: str
    key: str
    person: str
    version: str
    values: Mapping[str, object] = field(repr=False)
    address: str = field(repr=False)
    name: str = field(repr=False)
    at: datetime
    links: Links = field(repr=False)


@dataclass(frozen=True, slots=True)
class Made:
    """One message made, or the stable code of why it cannot be."""

    delivery: str
    prepared: bytes = field(default=b"", repr=False)
    outgoing: Outgoing | None = None
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """Messages of one account. `compiled` are those of the versions that were not given before."""

    account: Account
    drafts: Sequence[Draft]
    compiled: Mapping[str, Compiled]
    channel: MakeChannel = channel_for


_versions: dict[str, Compiled] = {}
_channels: dict[tuple[str, str], Channel] = {}
_MOST_KEPT = 200
_log = logging.getLogger("enishi.sending")


def learn(batch: Batch) -> None:
    """Keep the templates that come with a batch, for it and for those after it."""
    for id_, compiled in batch.compiled.items():
        _versions.pop(id_, None)
        _versions[id_] = compiled
    for id_ in list(_versions)[:-_MOST_KEPT]:  # the oldest ones
        del _versions[id_]


def make(batch: Batch) -> list[Made]:
    """Make every message of a batch, in this process, which has learnt its templates."""
    channel = channel_of(batch)
    return [_made(draft, channel) for draft in batch.drafts]


def channel_of(batch: Batch) -> Channel:
    """The channel of a batch's account, kept as long as nothing of the account changes."""
    known = (batch.account.id, batch.account.stamp)
    found = _channels.get(known)
    if found is None:
        if len(_channels) > _MOST_KEPT:
            _channels.clear()
        found = _channels[known] = batch.channel(batch.account)
    return found


def _made(draft: Draft, channel: Channel) -> Made:
    try:
        rendered = _versions[draft.version].render(draft.values, draft.links)
        outgoing = Outgoing(
            draft.key, draft.delivery, draft.person, draft.address, draft.name, rendered, draft.at,
            draft.links.unsubscribe,
        )  # fmt: skip
        return Made(draft.delivery, channel.prepare(outgoing), outgoing)
    except UnrenderableError as error:
        return Made(draft.delivery, failure=error.code)
    except EnishiError as error:
        return Made(draft.delivery, failure=error.code)
    except Exception as error:  # a fault of ours is this message's end, not the lane's
        _log.error("a message of %s failed with %s", draft.version, kind_and_place(error))
        return Made(draft.delivery, failure="template_broken")
