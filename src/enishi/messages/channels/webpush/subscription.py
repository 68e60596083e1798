"""A browser's subscription: where its push service listens, and with what to encrypt."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec

from enishi.book.outbound import check_url
from enishi.kernel.errors import Invalid
from enishi.kernel.text import Text

LONGEST = 4000
"""No subscription is longer, in characters of its JSON."""

_POINT = 65
_AUTH = 16


@dataclass(frozen=True, slots=True)
class Subscription:
    """`public` is the browser's key, an uncompressed point on P-256; `auth` its secret."""

    endpoint: str
    public: bytes = field(repr=False)
    auth: bytes = field(repr=False)

    def as_address(self) -> str:
        """How it is kept: JSON that is the same for the same subscription."""
        told = {
            "endpoint": self.endpoint,
            "keys": {"auth": _encode(self.auth), "p256dh": _encode(self.public)},
        }
        return msgspec.json.encode(told).decode()


class _Keys(msgspec.Struct):
    p256dh: str
    auth: str


class _Told(msgspec.Struct):
    endpoint: str
    keys: _Keys


def read_subscription(text: str | bytes, allow: tuple[str, ...] = ()) -> Subscription:
    """What a browser gave (`PushSubscription.toJSON()`), checked. Raises Invalid.

    The endpoint has to be one we may send to at all: public, https. `allow` as in
    `outbound.check_url`.
    """
    if len(text) > LONGEST:
        raise _unreadable()
    try:
        told = msgspec.json.decode(text, type=_Told)
        public, auth = _decode(told.keys.p256dh), _decode(told.keys.auth)
        if len(public) != _POINT or len(auth) != _AUTH:
            raise _unreadable()
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public)
    except (msgspec.MsgspecError, ValueError, binascii.Error, RecursionError):
        raise _unreadable() from None
    check_url(told.endpoint, allow)
    return Subscription(told.endpoint, public, auth)


def _decode(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _unreadable() -> Invalid:
    return Invalid(
        Text("通知の登録を読めません。", "The subscription cannot be read."),
        Text("もう一度、登録してください。", "Subscribe again."),
        code="address_bad",
    )
