"""The work process: owns the warehouse, opens its door, runs the loops of the domains.

`python -m enishi.work.main`. While the catalog is faulty or another process has the file, it says
so and tries again, so that mending the catalog is enough.
"""

from __future__ import annotations

import logging
import signal
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import Any

from enishi.book.process import begin
from enishi.book.workspace import Workspace
from enishi.kernel.clock import system_clock
from enishi.kernel.errors import EnishiError

SWITCH_SECONDS = 0.0005
"""How long a thread that computes keeps the interpreter from one that comes back from the book.
With Python's own 5 ms a unit of twenty statements might hold the book for 100."""

_RETRY_SECONDS = 2.0
_log = logging.getLogger("enishi.work")


def main() -> None:
    workspace = begin("work")
    from enishi.sources.event_sources import write_keys

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    write_keys(workspace)
    warehouse = _open(workspace, stop)
    if warehouse is not None:
        _serve(workspace, warehouse, stop)


def _open(workspace: Workspace, stop: threading.Event) -> Any:
    """The warehouse on its file, as soon as it can be opened; None when asked to stop before."""
    from enishi.warehouse.client import open_file

    told = ""
    while not stop.is_set():
        try:
            return open_file(workspace)
        except EnishiError as error:
            if error.message.en != told:
                told = error.message.en
                _log.error(
                    "the warehouse is not open yet: %s %s", error.message.en, error.remedy.en
                )
        stop.wait(_RETRY_SECONDS)
    return None


def _serve(workspace: Workspace, warehouse: Any, stop: threading.Event) -> None:
    from enishi.book import jobs as book_jobs
    from enishi.gate import jobs as gate_jobs
    from enishi.gate.asking import provide_warehouse
    from enishi.journeys import jobs as journeys_jobs
    from enishi.journeys.dry import jobs as dry_jobs
    from enishi.journeys.feed import inbox
    from enishi.journeys.feed import intake as feed
    from enishi.journeys.proof import figures as proof
    from enishi.lists import jobs as lists_jobs
    from enishi.lists import telling
    from enishi.live import jobs as live_jobs
    from enishi.live import webhook_lane
    from enishi.messages import jobs as messages_jobs
    from enishi.messages.public import telling as messages_telling
    from enishi.privacy import jobs as privacy_jobs
    from enishi.privacy import rows as privacy_rows
    from enishi.segments import jobs as segments_jobs
    from enishi.sources import changes, own_events
    from enishi.sources.actions import actions
    from enishi.sources.stream import jobs as stream_jobs
    from enishi.warehouse.door import Door
    from enishi.warehouse.process import use_warehouse
    from enishi.work import noticing
    from enishi.work.backup import COPY, copier
    from enishi.work.lanes import Context, Lanes

    use_warehouse(warehouse)
    provide_warehouse(warehouse)
    lanes = Lanes(
        Context(workspace, system_clock, warehouse),
        [
            ("live", live_jobs.run_once),
            ("changes", changes.run_once),
            ("segments", segments_jobs.run_once),
            ("gate", gate_jobs.run_once),
            ("lists", lists_jobs.run_once),
            ("journeys", journeys_jobs.run_once),
            *journeys_jobs.HELPING.items(),
            ("journeys beside", feed.run_slow),
            ("journeys tried", dry_jobs.run_once),
            ("telling", telling.run_once),
            ("telling_messages", messages_telling.run_once),
            ("webhooks", webhook_lane.run_once),
            ("sending", messages_jobs.run_once),
            ("sending_ahead", messages_jobs.read_once),
            ("sends", messages_jobs.prepare_once),
            ("privacy", privacy_jobs.run_once),
            ("book", book_jobs.run_once),
        ],
        partial(noticing.mark, warehouse),
        prompt=("journeys", *journeys_jobs.HELPING, "sending", "sending_ahead"),
    )

    def poke(_: Mapping[str, Any], __: object) -> None:
        lanes.poke()

    own = {
        "poke": poke, COPY: copier(workspace, warehouse),
        privacy_rows.ACTION: privacy_rows.teller(warehouse),
        proof.ACTION: proof.teller(warehouse),
    }  # fmt: skip
    door = Door(workspace, warehouse, actions(workspace, warehouse) | own)
    inbox.provide_bell(lambda: lanes.wake("journeys", *journeys_jobs.HELPING))
    sys.setswitchinterval(SWITCH_SECONDS)
    lanes.start()
    _log.info("the door is open")
    try:
        stop.wait()
    finally:
        door.close()
        lanes.stop()
        messages_jobs.close()
        inbox.provide_bell(None)
        own_events.let_go()
        live_jobs.close()
        stream_jobs.close()
        with suppress(EnishiError):
            warehouse.close()
        _log.info("the door is closed")


if __name__ == "__main__":
    main()
