"""Hands out Enishi's own web snippet, `/enishi.js`."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path
from typing import Final

from enishi.kernel.errors import NotFound
from enishi.kernel.text import Text
from enishi.sources.ingest_answers import Headers, Pairs, Send, answer

FILE: Final = Path(__file__).parent / "static" / "enishi.js"
_KIND: Final = (b"content-type", b"text/javascript; charset=utf-8")


class Snippet:
    """The built file, held in memory, plain and gzipped; read again when it is built anew."""

    def __init__(self, path: Path = FILE) -> None:
        self._path = path
        self._stamp = 0
        self._plain = self._packed = self._tag = b""

    async def serve(self, send: Send, headers: Headers) -> None:
        """200, or 304 when the browser has it. Raises NotFound where it has not been built."""
        self._read()
        more: Pairs = [
            (b"etag", self._tag),
            (b"cache-control", b"public, max-age=3600"),
            (b"cross-origin-resource-policy", b"cross-origin"),
        ]
        if headers.get(b"if-none-match") == self._tag:
            await answer(send, 304, b"", headers, more, _KIND)
            return
        content = self._plain
        if b"gzip" in headers.get(b"accept-encoding", b""):
            content = self._packed
            more.append((b"content-encoding", b"gzip"))
        more.append((b"vary", b"accept-encoding"))
        await answer(send, 200, content, headers, more, _KIND)

    def _read(self) -> None:
        try:
            stamp = self._path.stat().st_mtime_ns
            if stamp == self._stamp:
                return
            content = self._path.read_bytes()
        except FileNotFoundError as error:
            raise NotFound(
                Text("計測タグがまだ作られていません。", "The snippet has not been built."),
                Text("make ui を実行してください。", "Run `make ui`."),
            ) from error
        self._stamp, self._plain = stamp, content
        self._packed = gzip.compress(content, 9, mtime=0)
        self._tag = b'"' + hashlib.sha256(content).hexdigest()[:20].encode() + b'"'
