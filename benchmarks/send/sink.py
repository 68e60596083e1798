"""A mail server that takes everything, in a process of its own: as little work as can be.

    python -m benchmarks.send.sink 127.0.0.1 PORT [FILE]

With a file, the id of each mail is on disk before the mail is answered: what was taken is known
whatever happens to the sender. `--delay MS` and `--mute N` make it slow, or let the answer to one
in N mails be lost after the mail was taken.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import re
from pathlib import Path

_ID = re.compile(rb"^message-id:\s*<([^@>]+)", re.IGNORECASE | re.MULTILINE)
_END = b"\r\n.\r\n"


class Talk(asyncio.Protocol):
    """One connection, with PIPELINING."""

    file: int | None = None
    delay = 0.0
    mute = 0
    taken = 0
    chance = random.Random(1)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport, self.buffer, self.data = transport, b"", False
        transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while self._step():
            pass

    def _step(self) -> bool:
        if self.data:
            head, found, rest = self.buffer.partition(_END)
            if not found:
                return False
            self.buffer, self.data = rest, False
            self._take(head)
            return True
        line, found, rest = self.buffer.partition(b"\r\n")
        if not found:
            return False
        self.buffer = rest
        word = line[:4].upper()
        if word == b"EHLO":
            self.transport.write(b"250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n")
        elif word == b"DATA":
            self.data = True
            self.transport.write(b"354 go on\r\n")
        elif word == b"QUIT":
            self.transport.write(b"221 bye\r\n")
            self.transport.close()
        else:
            self.transport.write(b"250 ok\r\n")
        return True

    def _take(self, mail: bytes) -> None:
        Talk.taken += 1
        if Talk.file is not None:
            found = _ID.search(mail)
            os.write(Talk.file, (found[1] if found else b"?") + b"\n")
        if Talk.mute and Talk.chance.randrange(Talk.mute) == 0:
            self.transport.abort()
            return
        if Talk.delay:
            asyncio.get_running_loop().call_later(Talk.delay, self._answer)
        else:
            self._answer()

    def _answer(self) -> None:
        if not self.transport.is_closing():
            self.transport.write(b"250 taken\r\n")


async def serve(host: str, port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Talk, host, port, backlog=200)
    async with server:
        await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("file", type=Path, nargs="?")
    parser.add_argument("--delay", type=float, default=0.0)
    parser.add_argument("--mute", type=int, default=0)
    given = parser.parse_args()
    Talk.delay, Talk.mute = given.delay / 1000, given.mute
    if given.file is not None:
        Talk.file = os.open(given.file, os.O_CREAT | os.O_APPEND | os.O_WRONLY)
    asyncio.run(serve(given.host, given.port))


if __name__ == "__main__":
    main()
