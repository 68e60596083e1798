"""Where messages to persons go: the catalog's addresses, and those that only channels know.

A person has one address on a channel: the first usable one in the order of the catalog's fields, or
the newest that a channel told us.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from enishi.book.access import SYSTEM
from enishi.book.workspace import current_workspace
from enishi.catalog.types import Field
from enishi.gate.asking import catalog, warehouse
from enishi.gate.profile import PERSON, telling
from enishi.messages.addresses import digest_with, normalise
from enishi.messages.models import ChannelAddress

_PART = r"[a-z0-9]+(?:-[a-z0-9]+)*"
_PLAIN = re.compile(rf"[a-z0-9]+(?:[._+-][a-z0-9]+)*@{_PART}(?:\.{_PART})*\.[a-z]{{2,}}")
"""An address that is its own normal form, as most are: telling so is a hundred times faster."""

_AT_ONCE = 5000
_WITHOUT = ("webhook", "person")  # the content, or a list, says where it goes


@dataclass(frozen=True, slots=True)
class Recipient:
    """`digest` is the keyed one of the address; both are empty where the channel needs none."""

    address: str = field(repr=False)
    digest: str
    name: str = field(repr=False)


def recipients(channel: str, persons: Sequence[str]) -> dict[str, Recipient]:
    """Where to reach each of these persons; who cannot be reached on the channel is absent.

    One question for 5,000 persons. Raises Unavailable while nothing serves the warehouse.
    """
    found: dict[str, Recipient] = {}
    wanted = list(dict.fromkeys(persons))
    secret = current_workspace().secret()
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        fields = address_fields(channel)
        table = _asked(fields, some)
        kept = _kept(channel, some) if channel not in ("email", "sms", *_WITHOUT) else {}
        for row in table.to_pylist():
            person, name = str(row["_id"]), str(row["display"] or "")
            if channel in _WITHOUT:
                found[person] = Recipient("", "", name)
            elif channel in ("email", "sms"):
                address = first_address(channel, row, len(fields))
                if address is not None:
                    found[person] = Recipient(address, digest_with(secret, channel, address), name)
            elif person in kept:
                address, digest = kept[person]
                found[person] = Recipient(address, digest, name)
    return found


def address_fields(channel: str) -> list[Field]:
    """The fields of persons that hold addresses of this channel."""
    told = telling(catalog())
    if told is None:
        return []
    return {"email": told.emails, "sms": told.phones}.get(channel, [])


def address_columns(fields: Sequence[Field]) -> dict[str, dict[str, Any]]:
    """These fields as columns of a question, for `first_address`."""
    return {f"a_{n}": {"field": one.name} for n, one in enumerate(fields)}


def first_address(channel: str, row: Mapping[str, Any], fields: int) -> str | None:
    """The first usable address of a row of `address_columns`, normalised."""
    for n in range(fields):
        for text in _texts(row[f"a_{n}"]):
            if channel == "email" and _PLAIN.fullmatch(text) and len(text) <= 64:
                return text
            address = normalise(channel, text)
            if address is not None:
                return address
    return None


def _texts(value: object) -> Iterable[str]:
    values: Iterable[object] = value if isinstance(value, list) else (value,)
    return (str(one) for one in values if one is not None and str(one).strip())


def _asked(fields: Sequence[Field], persons: Sequence[str]) -> pa.Table:
    return warehouse().view(PERSON, None, address_columns(fields), actor=SYSTEM, ids=list(persons))


def _kept(channel: str, persons: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Addresses that a channel told us, the newest of each person."""
    rows = (
        ChannelAddress.objects.filter(channel=channel, person__in=persons, ended_at__isnull=True)
        .order_by("since", "id")
        .values_list("person", "address", "digest")
    )
    return {person: (address, digest) for person, address, digest in rows}
