"""The ingest process: a bare ASGI application that accepts events and answers when they are safe.

A request is checked (`protocol`), its write key looked up (`ingest_keys`), its body appended to the
durable log (`eventlog`) and answered with 200 once the log is on the disk. No database is touched.

    200 kept    400, 401, 403, 413 drop it    408, 503 with Retry-After: send it again

Run as `python -m enishi.sources.ingest HOST PORT [SHARD]`.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from enishi.book.workspace import Workspace, find_workspace
from enishi.kernel.errors import EnishiError, NotFound
from enishi.kernel.text import Text
from enishi.sources import protocol
from enishi.sources.eventlog.bell import WAKE
from enishi.sources.eventlog.format import Head, Kind, encode
from enishi.sources.eventlog.group import (
    Bounds,
    GroupWriter,
    Waiting,
    again,
    not_ready,
    too_busy,
)
from enishi.sources.ingest_answers import (
    OK,
    Headers,
    Message,
    Receive,
    Send,
    answer,
    answer_json,
    preflight,
    refuse,
)
from enishi.sources.ingest_keys import (
    KEYS,
    Keys,
    KnownSource,
    key_of,
    wrong_key,
    wrong_origin,
)
from enishi.sources.ingest_settings import rudder_settings, segment_settings
from enishi.sources.ingest_snippet import Snippet
from enishi.sources.ingest_tally import Tally

ENV_SHARD = "ENISHI_INGEST_SHARD"
MOST_READING = 64 * 1024 * 1024
"""The most bytes of bodies that are being read at a time, in all requests together."""

_MOST_DISCARDED = 8 * 1024 * 1024  # so much of a body that is too large is still read
_READ_SECONDS = 30.0  # a body that takes longer is given up
_START_SECONDS = 5.0  # a first look at the log; mending a full segment takes a fraction of one
_SWITCH = 0.0005  # seconds: lets the log's thread go on soon after a sync, not after 5 ms
_log = logging.getLogger("enishi.ingest")
_Future = asyncio.Future[EnishiError | None]


class Gone(Exception):
    """The sender has left before its request was whole."""


class Ingest:
    """The ASGI application on one workspace and one shard."""

    def __init__(
        self,
        workspace: Workspace,
        shard: str = "0",
        *,
        bounds: Bounds | None = None,
        now: Callable[[], int] = lambda: time.time_ns() // 1000,
    ) -> None:
        """`now` gives the time of acceptance in microseconds since 1970."""
        self._events, self._shard = workspace.events, shard
        self._bounds = bounds or Bounds(backlog=workspace.backlog_bytes)
        self._behind_proxy = workspace.security.proxies > 0
        self._now = now
        self._keys = Keys(workspace.events / KEYS)
        self._snippet = Snippet()
        self._writer: GroupWriter | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._reading = 0
        self._tally = Tally()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        if scope["type"] != "http":
            return
        headers: Headers = dict(scope["headers"])
        try:
            await self._serve(scope, receive, send, headers)
        except EnishiError as error:
            self._tally.add(error.code)
            await refuse(send, error, headers)
        except Gone:
            return
        except Exception as error:
            # Its kind and place alone: what it says could hold a part of the request.
            _log.error("a request failed: %s at %s", type(error).__name__, _place(error))
            await refuse(send, not_ready(), headers)

    def start(self) -> None:
        """Begin to write; called in the event loop."""
        self._loop = asyncio.get_running_loop()
        self._writer = GroupWriter(
            self._events / self._shard,
            self._written,
            bounds=self._bounds,
            wake=self._events / WAKE,
        )

    def stop(self) -> None:
        """Write what waits, and let go of the shard."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None
            self._tally.tell()

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self.start()
                assert self._writer is not None
                await asyncio.to_thread(self._writer.settled.wait, _START_SECONDS)
            else:
                await asyncio.to_thread(self.stop)
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return

    async def _serve(self, scope: Message, receive: Receive, send: Send, headers: Headers) -> None:
        method, path = scope["method"], scope["path"]
        if method == "POST":
            if (kind := protocol.call_of(path)) is not None:
                await self._accept(kind, scope, receive, headers)
                await answer(send, 200, OK, headers)
                return
            if path == "/v1/m":  # a browser SDK's measurements of itself: not wanted, not refused
                await answer(send, 200, OK, headers)
                return
            if path.startswith("/v1/"):
                raise protocol.unknown_call(path.removeprefix("/v1/"))
        elif method == "OPTIONS":
            await preflight(send, headers)
            return
        elif method in ("GET", "HEAD"):
            await self._show(path, scope, send, headers)
            return
        raise _no_such_place()

    async def _accept(self, kind: Kind, scope: Message, receive: Receive, headers: Headers) -> None:
        """Check a request, write it to the log, and return once it is on the disk."""
        packed = await self._body(receive, headers)
        encoding = headers.get(b"content-encoding", b"").decode("latin-1").strip().lower()
        checked = protocol.check(kind, protocol.unpack(packed, encoding))
        key = key_of(scope, headers) or checked.write_key
        source = self._source(key, headers)
        if not checked.events:
            return
        head = Head(source.id, kind, source.kind == "web")
        await self._keep(encode(self._now(), head, checked.body))

    async def _keep(self, record: bytes) -> None:
        if self._writer is None or self._loop is None:
            raise not_ready()
        written: _Future = self._loop.create_future()
        self._writer.submit(record, written)
        error = await written
        if error is not None:
            raise again(error)

    def _written(self, group: list[Waiting], error: EnishiError | None) -> None:
        """Called in the writer's thread."""
        assert self._loop is not None
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(_tell, group, error)

    async def _body(self, receive: Receive, headers: Headers) -> bytes:
        """The request's body. Raises TooLargeError, and TooSlowError after half a minute."""
        declared = headers.get(b"content-length", b"")
        if declared.isdigit() and (len(declared) > 9 or int(declared) > _MOST_DISCARDED):
            raise protocol.too_large_batch()
        try:
            async with asyncio.timeout(_READ_SECONDS):
                return await self._read(receive)
        except TimeoutError:
            raise protocol.too_slow() from None

    async def _read(self, receive: Receive) -> bytes:
        """Read to the end. What is beyond the limit is read too, and thrown away: a sender that is
        cut off while it sends sees a broken connection, and sends the same again and again."""
        pieces: list[bytes] = []
        size = held = 0
        try:
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise Gone
                piece: bytes = message.get("body", b"")
                size += len(piece)
                if size <= protocol.MOST_BATCH:
                    pieces.append(piece)
                    held += len(piece)
                    self._reading += len(piece)
                elif size > _MOST_DISCARDED:
                    raise protocol.too_large_batch()
                if self._reading > MOST_READING:
                    raise too_busy()
                if not message.get("more_body", False):
                    break
        finally:
            self._reading -= held
        if size > protocol.MOST_BATCH:
            raise protocol.too_large_batch()
        return b"".join(pieces)

    def _source(self, key: str, headers: Headers) -> KnownSource:
        if not self._keys.known:
            raise not_ready()  # a 401 would make the sender drop what it has
        found = self._keys.find(key) if key else None
        if found is None:
            raise wrong_key()
        if not found.accepts(headers.get(b"origin", b"").decode("latin-1")):
            raise wrong_origin()
        return found

    async def _show(self, path: str, scope: Message, send: Send, headers: Headers) -> None:
        """What is fetched, not sent: health, the snippet, the settings of browsers' SDKs."""
        if path == "/healthz":
            refusing = self._writer.refusing() if self._writer else not_ready()
            if refusing is not None:
                raise again(refusing)
            await answer(send, 200, b'{"ok": true}', headers)
            return
        if path == "/enishi.js":
            await self._snippet.serve(send, headers)
            return
        parts = path.split("/")
        host, scheme = self._address(scope, headers)
        if len(parts) == 5 and parts[1:3] == ["v1", "projects"] and parts[4] == "settings":
            self._source(parts[3], headers)
            await answer_json(send, segment_settings(parts[3], host, scheme), headers)
            return
        if path.rstrip("/") == "/sourceConfig":
            key = key_of(scope, headers)
            source = self._source(key, headers)
            await answer_json(send, rudder_settings(key, source, host, scheme), headers)
            return
        raise _no_such_place()

    def _address(self, scope: Message, headers: Headers) -> tuple[str, str]:
        """How the asker reaches us: host with port, and scheme; a proxy of ours may tell."""
        host, scheme = headers.get(b"host", b"localhost"), str(scope.get("scheme", "http"))
        if self._behind_proxy:
            host = headers.get(b"x-forwarded-host", host)
            scheme = headers.get(b"x-forwarded-proto", scheme.encode()).decode("latin-1")
        return host.decode("latin-1"), "https" if scheme == "https" else "http"


def _tell(group: list[Waiting], error: EnishiError | None) -> None:
    for waiting in group:
        future = waiting.whose
        assert isinstance(future, asyncio.Future)
        if not future.done():  # its sender may have left
            future.set_result(error)


def _place(error: Exception) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "?"
    return f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"


def _no_such_place() -> NotFound:
    return NotFound(
        Text("そのような受付先はありません。", "There is nothing at this address."),
        Text("URL を確認してください。", "Check the address."),
    )


_ingest: Ingest | None = None


async def application(scope: Message, receive: Receive, send: Send) -> None:
    """ASGI, on the workspace of this process; made when granian starts its worker."""
    global _ingest
    if _ingest is None:
        from enishi.book.process import log_to

        os.umask(0o077)  # what is written is for its owner alone
        sys.setswitchinterval(_SWITCH)
        workspace = find_workspace()
        workspace.prepare()
        logging.getLogger("_granian").setLevel(logging.CRITICAL)
        log_to(workspace.log / "ingest.log")
        _end_with_parent()
        _ingest = Ingest(workspace, os.environ.get(ENV_SHARD, "0"))
    await _ingest(scope, receive, send)


def _end_with_parent() -> None:
    """End this worker at once when its server is gone: the next one waits for the shard."""
    import threading

    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.2)
        os._exit(1)

    threading.Thread(target=watch, name="server", daemon=True).start()


def main() -> None:
    from granian import Granian
    from granian.constants import Interfaces

    from enishi.book.process import hold_on_to_parent

    hold_on_to_parent()
    if len(sys.argv) > 3:
        os.environ[ENV_SHARD] = sys.argv[3]
    Granian(
        "enishi.sources.ingest:application",
        address=sys.argv[1],
        port=int(sys.argv[2]),
        interface=Interfaces.ASGI,
        workers=1,
        backlog=2048,
        backpressure=4096,
        websockets=False,
        respawn_failed_workers=True,
        respawn_interval=0.5,
        log_access=False,
        log_enabled=False,
    ).serve()


if __name__ == "__main__":
    main()
