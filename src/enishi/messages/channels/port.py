"""What every channel is made of: an account, a channel that prepares, a connection that hands over.

    Account ──channel_for──▶ Channel ──prepare(Outgoing)──▶ bytes      (any process: CPU alone)
                                └────open()──▶ Connection ──send(bytes, Outgoing)──▶ Outcome

A worker opens one connection, sends one message at a time over it, and closes it when there is
nothing more to do. A connection mends itself: after any outcome the next `send` may be called.
`send` raises nothing that a provider can cause; whatever happens is an outcome.

    Sent      the provider has taken it
    Refused   it has not, and never will: this message is over
    Later     it has not, and may later: nothing of it went out
    Unknown   handed over, and no answer came. Only a channel whose provider recognises our key
              (`dedupes`) may be asked again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    from enishi.messages.wording.rendered import Rendered


@dataclass(frozen=True, slots=True)
class Account:
    """A sender as a channel needs it: opened secrets and all, so never logged nor shown.

    It can be pickled, so that another process prepares with it. `stamp` changes whenever anything
    of it does: a channel made of it may be kept under it.
    """

    id: str
    slug: str
    channel: str
    provider: str
    config: Mapping[str, Any] = field(repr=False)
    secrets: Mapping[str, str] = field(repr=False)
    live: bool = False
    stamp: str = ""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to one person. It can be pickled.

    `key` is `Delivery.key`, the same at every try; `delivery` its id. `address` is normalised: a
    mail address, a number in E.164, a LINE user id, a push subscription as JSON, or empty where the
    content says where it goes (webhook, person). `name` is who it goes to, as a mail program shows
    it. `unsubscribe` is the one-click address (`links.DeliveryLinks.unsubscribe`), empty where
    there is none. `headers` are more of a mail's. `at`: the instant of this try.
    """

    key: str
    delivery: str
    person: str
    address: str = field(repr=False)
    name: str = field(repr=False)
    rendered: Rendered = field(repr=False)
    at: datetime
    unsubscribe: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sent:
    """Taken. `cost` in yen, where the provider tells."""

    provider_id: str = ""
    cost: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """Refused for good. `code` is stable (`mailbox_unknown`, `blocked`, `content_refused`…).

    `stops_address`: the address itself is no good; nothing is sent to it any more.
    """

    code: str
    stops_address: bool = False
    provider_id: str = ""


@dataclass(frozen=True, slots=True)
class Later:
    """Not now. Try again after `after` seconds, or more.

    `whole_channel`: it is not about this message. Nothing of this account goes until then
    (a quota that is used up, a server that is down, a password that is refused).
    """

    code: str
    after: float = 60.0
    whole_channel: bool = False


@dataclass(frozen=True, slots=True)
class Unknown:
    """Handed over, and no answer came."""

    code: str


Outcome: TypeAlias = Sent | Refused | Later | Unknown


class Connection(Protocol):
    """One line to a provider, for one thread at a time."""

    def send(self, prepared: bytes, outgoing: Outgoing) -> Outcome:
        """Hand over what `Channel.prepare` made of the same message."""
        ...

    def close(self) -> None:
        """End it; never raises."""
        ...


class Channel(Protocol):
    """A way out, made of an account (`registry.channel_for`). For many threads at a time."""

    @property
    def name(self) -> str:
        """The provider: the folder's name."""
        ...

    @property
    def channel(self) -> str: ...

    @property
    def dedupes(self) -> bool:
        """Whether the provider recognises our key, so that trying again after Unknown is safe."""
        ...

    @property
    def workers(self) -> int:
        """How many connections may be open at a time, in all processes together."""
        ...

    def prepare(self, outgoing: Outgoing) -> bytes:
        """What will be handed over: all that costs CPU (MIME, signatures, JSON), no I/O.

        Raises Invalid when the message cannot be sent at all (`address_bad`, `header_bad`…): its
        code is the reason of a failure.
        """
        ...

    def open(self) -> Connection:
        """A connection. It may connect only when the first message goes."""
        ...

    def wait_for(self, address: str) -> float:
        """Seconds until something may go to this address, 0 when it may now.

        What is asked here before a delivery is marked `attempting` need not be refused with Later
        by `send`, which asks again (per-domain rates of mail).
        """
        ...
