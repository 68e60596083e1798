"""How the event API answers: JSON, CORS for any page, errors in the product's one shape."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any, Final, TypeAlias

from enishi.kernel.errors import EnishiError
from enishi.kernel.text import Locale

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Headers: TypeAlias = dict[bytes, bytes]
Pairs: TypeAlias = list[tuple[bytes, bytes]]

OK: Final = b'{"success":true}'
RETRY_AFTER: Final = {"ingest_backlog": 30, "ingest_disk": 10}
"""Seconds after which to try again, by the code of a 503; 1 for the others."""

_JSON: Final = (b"content-type", b"application/json; charset=utf-8")
_NO_SNIFF: Final = (b"x-content-type-options", b"nosniff")
_ALLOWED_HEADERS: Final = b"authorization, content-type, content-encoding, anonymousid, sentat"
_HEADER_NAMES: Final = re.compile(rb"[A-Za-z0-9_-]+(?:\s*,\s*[A-Za-z0-9_-]+)*")


async def answer(
    send: Send,
    status: int,
    content: bytes,
    headers: Headers,
    more: Iterable[tuple[bytes, bytes]] = (),
    kind: tuple[bytes, bytes] = _JSON,
) -> None:
    """Send a whole answer; a page's origin is allowed to read it."""
    told: Pairs = [kind, (b"content-length", b"%d" % len(content)), _NO_SNIFF]
    origin = headers.get(b"origin")
    if origin is not None:
        told += _for_origin(origin)
    told += more
    await send({"type": "http.response.start", "status": status, "headers": told})
    await send({"type": "http.response.body", "body": content})


async def answer_json(send: Send, body: object, headers: Headers) -> None:
    """200 with settings, which a browser may keep for a minute."""
    content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    await answer(send, 200, content, headers, [(b"cache-control", b"private, max-age=60")])


async def refuse(send: Send, error: EnishiError, headers: Headers) -> None:
    """An error in the language asked for; 503 says when to try again."""
    wanted = headers.get(b"accept-language", b"").lower()
    locale: Locale = "en" if wanted.startswith(b"en") else "ja"
    content = json.dumps(error.as_json(locale), ensure_ascii=False).encode()
    more: Pairs = [(b"cache-control", b"no-store")]
    if error.status == 503:
        more.append((b"retry-after", b"%d" % RETRY_AFTER.get(error.code, 1)))
    if error.status == 401:
        # A scheme browsers do not know: with `Basic` they would ask the visitor for a password.
        more.append((b"www-authenticate", b'WriteKey realm="events"'))
    await answer(send, error.status, content, headers, more)


async def preflight(send: Send, headers: Headers) -> None:
    """204: any page may send, with the headers that the SDKs use and those it asks for.

    SDKs add headers from one release to the next, and a refused preflight loses events unseen;
    no header is looked at beyond those that any client could send.
    """
    asked = headers.get(b"access-control-request-headers", b"")
    allowed = _ALLOWED_HEADERS
    if asked and len(asked) <= 1000 and _HEADER_NAMES.fullmatch(asked):
        allowed += b", " + asked
    more: Pairs = [
        (b"access-control-allow-methods", b"GET, POST, OPTIONS"),
        (b"access-control-allow-headers", allowed),
        (b"access-control-max-age", b"86400"),
    ]
    origin = headers.get(b"origin")
    told = more + (_for_origin(origin) if origin is not None else [])
    await send({"type": "http.response.start", "status": 204, "headers": told})
    await send({"type": "http.response.body", "body": b""})


def _for_origin(origin: bytes) -> Pairs:
    """Beacons are sent with cookies, so the origin has to be named; no cookie is looked at here."""
    return [
        (b"access-control-allow-origin", origin),
        (b"access-control-allow-credentials", b"true"),
        (b"access-control-expose-headers", b"retry-after"),
        (b"vary", b"origin"),
    ]
