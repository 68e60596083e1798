"""What the endpoints of senders read and write."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import ConfigDict, Field, StringConstraints

from enishi.gate.schemas import PersonRef

ChannelName = Literal["email", "sms", "line", "push", "webhook", "person"]
SenderSlug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,62}$")]
Named = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]


class Strict(Schema):
    """A request body: unknown members are refused."""

    model_config = ConfigDict(extra="forbid")


class SettingChoice(Schema):
    value: str
    label: str


class SettingOut(Schema):
    """One field of a provider's form. A `secret` or `secret_text` goes into `secrets`, anything
    else into `config`. `rates`: {"docomo.ne.jp": {"per_second": 5, "connections": 2}}."""

    name: str
    label: str
    help: str
    kind: Literal[
        "text", "host", "domain", "hosts", "label", "email", "number", "flag", "choice", "rates",
        "secret", "secret_text",
    ]  # fmt: skip
    required: bool
    default: Any
    low: int
    high: int
    choices: list[SettingChoice]


class ProviderOut(Schema):
    name: str
    channel: ChannelName
    label: str
    settings: list[SettingOut]


class ProvidersOut(Schema):
    items: list[ProviderOut]


class SenderOut(Schema):
    """`secrets`: the names of those that are set; never what they are. `ready`: nothing that is
    needed is missing. `hook`: the address at which the provider tells of bounces and the like;
    empty where it has nothing to tell."""

    id: str
    slug: str
    name: str
    channel: ChannelName
    provider: str
    provider_label: str
    config: dict[str, Any]
    secrets: list[str]
    live: bool
    main: bool
    ready: bool
    hook: str
    public_key: str
    created_by: PersonRef
    created_at: datetime
    changed_at: datetime | None


class SendersOut(Schema):
    items: list[SenderOut]
    total: int


class SenderIn(Strict):
    slug: SenderSlug
    name: Named
    provider: str = Field(max_length=40)
    config: dict[str, Any] = {}
    secrets: dict[str, str] = {}


class SenderPatch(Strict):
    """What is absent stays. `config` is taken whole; an empty secret takes one away."""

    name: Named | None = None
    config: dict[str, Any] | None = None
    secrets: dict[str, str] | None = None
    main: Literal[True] | None = None


class SenderLive(Strict):
    live: bool


class SenderTest(Strict):
    """Where a trial goes. An e-mail goes to the own address of whoever asks and nowhere else."""

    address: Annotated[str, StringConstraints(max_length=2000)] = ""


class SenderTested(Schema):
    """How a trial ended: `sent`, or why it was not, in words."""

    ok: bool
    state: Literal["sent", "refused", "later", "unknown"]
    code: str
    message: str


class DnsRecord(Schema):
    """A record to publish. `purpose`: what it is good for, in words."""

    kind: Literal["TXT", "CNAME"]
    name: str
    value: str
    purpose: str


class DnsOut(Schema):
    items: list[DnsRecord]


class QuotaOut(Schema):
    """How many messages the provider still takes this month; `limit` none: as many as you like.
    `expected`: how many are queued to go by this sender."""

    limit: int | None
    used: int
    left: int | None
    expected: int
    enough: bool


class AddressIn(Strict):
    """An address that the catalog does not hold: the person's Enishi id or customer number, and a
    LINE user id."""

    person: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    address: Annotated[str, StringConstraints(min_length=1, max_length=100)]


class AddressesIn(Strict):
    addresses: list[AddressIn] = Field(min_length=1, max_length=5000)


class AddressesOut(Schema):
    """`refused`: the persons whose address was none, or who are not known."""

    kept: int
    refused: list[str]
