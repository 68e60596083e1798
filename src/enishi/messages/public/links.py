"""Links that come back to us: each carries all it needs, signed, so that nothing is stored.

    <base>/m/o/<token>.gif    opened
    <base>/m/c/<token>        clicked: the address itself stands in the token
    <base>/m/u/<token>        unsubscribe: a page; a POST of RFC 8058 does it
    <base>/m/p/<token>        the preferences
    <base>/m/s/<token>        a browser that wants pushes
    (h)                       in what a provider calls us back with

A token is `<delivery>.<mark>`, that of a click `<delivery>.<address, base64url>.<mark>`. The mark
is a keyed hash (BLAKE2b, which takes a third of an HMAC's time: a mail has ten of them) with a
key made of the workspace's secret that is good for that kind of link alone, so a token of one kind
is none of another, and without the secret none can be made.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal, TypeAlias

from enishi.book.workspace import current_workspace

Kind: TypeAlias = Literal["o", "c", "u", "p", "s", "h"]

LONGEST = 8000
"""No token is longer, in characters."""
LONGEST_URL = 4000
"""No address that a click may lead to is longer."""

_MARK = 16  # bytes of a mark
_MARKED = 22  # the same in base64url
_DELIVERY = re.compile(r"[a-z]{2,4}_[0-9a-z]{1,36}")
_WEB = re.compile(r"https?://[^\s\x00-\x20\x7f\\]+\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class DeliveryLinks:
    """The links of one delivery; can be pickled. Only those that are asked for are made."""

    base: str
    delivery: str
    keys: dict[str, bytes] = field(repr=False)

    def click(self, url: str) -> str:
        """Our address that notes the click and leads on to `url`. What is no http(s) address (a
        mailto:, a tel:) stays as it is."""
        address = _addressed(url)
        if not address:
            return url
        told = f"{self.delivery}.{address}"
        return f"{self.base}/m/c/{told}.{_mark(self.keys['c'], told)}"

    def open(self) -> str:
        """The picture of one pixel."""
        return f"{self.base}/m/o/{self._token('o')}.gif"

    @property
    def unsubscribe(self) -> str:
        return f"{self.base}/m/u/{self._token('u')}"

    @property
    def preferences(self) -> str:
        return f"{self.base}/m/p/{self._token('p')}"

    def _token(self, kind: Kind) -> str:
        return f"{self.delivery}.{_mark(self.keys[kind], self.delivery)}"


def links_for(delivery: str) -> DeliveryLinks:
    """The links of one delivery, at the workspace's address."""
    workspace = current_workspace()
    return DeliveryLinks(workspace.url, delivery, _keys(workspace.secret()))


@dataclass(frozen=True, slots=True)
class Followed:
    """What a good token says. `url` is that of a click, else empty."""

    delivery: str
    url: str = ""


def read_token(kind: Kind, token: str) -> Followed | None:
    """A token as somebody brought it; None for whatever was not made here for this kind."""
    if len(token) > LONGEST or not token.isascii():
        return None
    told, _, mark = token.rpartition(".")
    expected = _mark(_keys(current_workspace().secret())[kind], told)
    if len(mark) != _MARKED or not hmac.compare_digest(mark, expected):
        return None
    delivery, _, rest = told.partition(".")
    if not _DELIVERY.fullmatch(delivery):
        return None
    if kind != "c":
        return None if rest else Followed(delivery)
    try:
        url = base64.urlsafe_b64decode(rest + "=" * (-len(rest) % 4)).decode()
    except (ValueError, binascii.Error):
        return None
    return Followed(delivery, url) if _WEB.fullmatch(url) else None


def token_of(kind: Kind, delivery: str) -> str:
    """A token by itself, for pages that lead to one another."""
    return f"{delivery}.{_mark(_keys(current_workspace().secret())[kind], delivery)}"


@lru_cache(maxsize=8)
def _keys(secret: bytes) -> dict[str, bytes]:
    return {kind: hmac.digest(secret, f"messages:link:{kind}".encode(), "sha256")
            for kind in "ocupsh"}  # fmt: skip


def _mark(key: bytes, told: str) -> str:
    return _encode(hashlib.blake2b(told.encode(), digest_size=_MARK, key=key).digest())


@lru_cache(maxsize=500)
def _addressed(url: str) -> str:
    """An address as a token has it, most of a mail's being those of every other; empty for what a
    click cannot lead to."""
    return _encode(url.encode()) if len(url) <= LONGEST_URL and _WEB.fullmatch(url) else ""


def _encode(data: bytes) -> str:
    return binascii.b2a_base64(data, newline=False).translate(_URL_SAFE, b"=").decode()


_URL_SAFE = bytes.maketrans(b"+/", b"-_")
