"""The ingest process: a bare ASGI application that will accept events.

It answers `/healthz`, and says of everything else that the event API is not open yet. Run as
`python -m enishi.sources.ingest HOST PORT`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

from enishi.kernel.errors import Unavailable
from enishi.kernel.text import Text

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]

_CLOSED = Unavailable(
    Text("イベントの受付はまだ開いていません。", "The event API is not open yet."),
    Text(
        "ファイルからの取り込み(enishi load)をご利用ください。",
        "Load events from files with `enishi load`.",
    ),
    code="ingest_closed",
)


async def application(scope: Message, receive: Receive, send: Send) -> None:
    """ASGI: 200 at `/healthz`, else 503 with the error shape, in the language asked for."""
    if scope["type"] == "lifespan":
        await _live(receive, send)
        return
    if scope["type"] != "http":
        return
    if scope["path"] == "/healthz":
        await _answer(send, 200, {"ok": True})
        return
    wanted = dict(scope["headers"]).get(b"accept-language", b"").lower()
    await _answer(send, 503, _CLOSED.as_json("en" if wanted.startswith(b"en") else "ja"))


async def _live(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


async def _answer(send: Send, status: int, body: object) -> None:
    content = json.dumps(body, ensure_ascii=False).encode()
    headers = [
        (b"content-type", b"application/json; charset=utf-8"),
        (b"content-length", str(len(content)).encode()),
        (b"x-content-type-options", b"nosniff"),
    ]
    if status == 503:
        headers.append((b"retry-after", b"3600"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})


def main() -> None:
    from granian import Granian
    from granian.constants import Interfaces

    from enishi.book.process import hold_on_to_parent

    hold_on_to_parent()
    Granian(
        "enishi.sources.ingest:application",
        address=sys.argv[1],
        port=int(sys.argv[2]),
        interface=Interfaces.ASGI,
        websockets=False,
        respawn_failed_workers=True,
        log_access=False,
        log_enabled=False,
    ).serve()


if __name__ == "__main__":
    main()
