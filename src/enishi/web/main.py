"""The web process: granian with the WSGI application. `python -m enishi.web.main HOST PORT`."""

from __future__ import annotations

import sys

from granian import Granian
from granian.constants import Interfaces

from enishi.book.process import hold_on_to_parent

_THREADS = 8 + 12
"""Eight for requests, and one for each stream of `live.crossing_stream`."""


def main() -> None:
    host, port = sys.argv[1], int(sys.argv[2])
    hold_on_to_parent()
    Granian(
        "enishi.web.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=_THREADS,
        backlog=1024,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=10,
        log_access=False,
        log_enabled=False,
    ).serve()


if __name__ == "__main__":
    main()
