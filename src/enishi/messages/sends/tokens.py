"""The token that a preview hands out and a dispatch must show: what was seen is what is sent."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from enishi.book import jsontext
from enishi.book.workspace import current_workspace
from enishi.kernel.errors import Conflict
from enishi.kernel.text import Text
from enishi.messages.sends.bodies import SendBody

LASTS = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a preview showed. `body` is the digest of the send's body, `until` in seconds; `within`
    tells the row scope it was counted in (`within.digest`)."""

    send: str
    body: str
    version: str
    people: int
    until: int
    within: str = ""


_decoder = msgspec.json.Decoder(Seen)


def body_digest(body: SendBody) -> str:
    """Changes whenever anything of the body does."""
    return jsontext.digest(body.model_dump(mode="json"))


def token_of(seen: Seen) -> str:
    payload = base64.urlsafe_b64encode(msgspec.json.encode(seen)).rstrip(b"=").decode()
    return f"{payload}.{_mark(payload)}"


def read_token(token: str, *, at: datetime) -> Seen:
    """What a token says. Raises Conflict `preview_token` for one that we have not made, and
    `preview_old` for one whose hour is over."""
    payload, _, mark = token.partition(".")
    if not hmac.compare_digest(mark.encode(), _mark(payload).encode()):
        raise _again("preview_token")
    try:
        raw = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
        seen = _decoder.decode(raw)
    except ValueError:
        raise _again("preview_token") from None
    if at.timestamp() > seen.until:
        raise _again("preview_old")
    return seen


def _mark(payload: str) -> str:
    key = hashlib.sha256(b"send-preview:" + current_workspace().secret()).digest()
    return hmac.new(key, payload.encode(), hashlib.sha256).hexdigest()[:40]


def _again(code: str) -> Conflict:
    return Conflict(
        Text(
            "確認した内容では送れません。",
            "This cannot be sent as it was previewed.",
        ),
        Text("もう一度プレビューを開いて確かめてください。", "Preview it again, and look."),
        code=code,
    )
