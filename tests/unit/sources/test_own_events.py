"""Who tells holds a shard of the log, until the process lets go of all it holds."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace

from enishi.journeys import emitting
from enishi.journeys.models import Emitted
from enishi.messages.models import Delivery
from enishi.messages.public import telling
from enishi.sources.own_events import let_go
from listening_world import Listening, listening
from lists_world import START

__all__ = ["listening"]

ANOTHER = """
import sys
from pathlib import Path
from enishi.kernel.errors import Conflict
from enishi.sources.eventlog.writer import Shard
for folder in sys.argv[1:]:
    try:
        Shard(Path(folder)).close()
    except Conflict as refused:
        print(refused.code)
    else:
        print("free")
"""


def test_a_process_lets_go_of_every_shard_at_once(listening: Listening) -> None:
    bank = listening.bank
    table = bank.warehouse.who({"all": []}, actor=bank.actor("manager"))
    person = str(table["_id"][0])
    Delivery.objects.create(
        key="send:s:1", person=person, channel="email", purpose="deposits",
        template_version="tpv_1", state="sent", finished_at=START,
    )  # fmt: skip
    Emitted.objects.create(key="e1", person=person, event="greeted", at=START)
    context = SimpleNamespace(workspace=bank.workspace, warehouse=bank.warehouse, clock=bank.clock)
    while telling.run_once() or emitting.run_once(context):
        pass
    shards = [bank.workspace.events / name for name in (telling.SHARD, emitting.SHARD)]

    def seen_by_another() -> list[str]:
        done = subprocess.run(
            [sys.executable, "-c", ANOTHER, *map(str, shards)],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        return done.stdout.split()

    try:
        assert seen_by_another() == ["shard_taken", "shard_taken"]
    finally:
        let_go()
    assert seen_by_another() == ["free", "free"]
