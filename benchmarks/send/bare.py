"""What the sink itself can take: the same mail again and again, over as many connections.

    python -m benchmarks.send.bare HOST PORT CONNECTIONS SECONDS FILE

FILE holds the mail. Prints the number of mails a second that were answered.
"""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

_ENVELOPE = b"MAIL FROM:<bench@example.jp>\r\nRCPT TO:<p@example.jp>\r\nDATA\r\n"


async def pour(host: str, port: int, mail: bytes, until: float) -> int:
    reader, writer = await asyncio.open_connection(host, port)
    await reader.readline()
    writer.write(b"EHLO bench\r\n")
    while not (await reader.readline()).startswith(b"250 "):
        pass
    sent = 0
    while time.perf_counter() < until:
        writer.write(_ENVELOPE)
        for _ in range(3):
            await reader.readline()
        writer.write(mail + b"\r\n.\r\n")
        await reader.readline()
        sent += 1
    writer.close()
    return sent


async def run(host: str, port: int, connections: int, seconds: float, mail: bytes) -> float:
    begun = time.perf_counter()
    each = [pour(host, port, mail, begun + seconds) for _ in range(connections)]
    sent = sum(await asyncio.gather(*each))
    return sent / (time.perf_counter() - begun)


if __name__ == "__main__":
    found = run(
        sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]),
        Path(sys.argv[5]).read_bytes(),
    )  # fmt: skip
    print(round(asyncio.run(found)))
