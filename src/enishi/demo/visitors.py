"""The visitors of the demo bank while it is served: they send to the event API, now and then.

`python -m enishi.demo.visitors INGEST_URL`, started by `enishi demo`.
"""

from __future__ import annotations

import base64
import json
import logging
import sys
import time
import urllib.error
import urllib.request

from enishi.book.process import begin
from enishi.demo.columns import generator
from enishi.demo.visits import Request, Visits
from enishi.kernel.clock import system_clock

EVERY = 3.0
"""Seconds between two requests, on average."""
_log = logging.getLogger("enishi.demo")


def main() -> None:
    """Send for ever; while the server is away, what would have been sent is not."""
    url = sys.argv[1].rstrip("/")
    workspace = begin("visitors")
    # They know the book, which is open only now.
    from enishi.demo.streaming import STREAM, customers_online
    from enishi.sources.event_sources import event_sources

    keys = {one.kind: one.key for one in event_sources() if one.disabled_at is None}
    rng = generator(int(time.time()), STREAM)
    visits = Visits(customers_online(workspace), rng)
    while True:
        for request in visits.one(system_clock()):
            time.sleep(float(rng.exponential(EVERY)))
            if key := keys.get(request.where):
                _send(url, key, request.now(system_clock()))


def _send(url: str, key: str, request: Request) -> None:
    told = urllib.request.Request(  # noqa: S310  the ingest process of this very server
        f"{url}/v1/batch",
        data=json.dumps(request.body).encode(),
        headers={
            "content-type": "application/json",
            "authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode(),
        },
    )
    try:
        with urllib.request.urlopen(told, timeout=5):  # noqa: S310  see above
            pass
    except (urllib.error.URLError, TimeoutError) as error:
        _log.warning("a visitor was not heard: %s", type(error).__name__)


if __name__ == "__main__":
    main()
