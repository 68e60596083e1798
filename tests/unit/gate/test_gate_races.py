"""Workers that race on the last slot of a cap: it is never exceeded, and never left unused."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from enishi.book.workspace import Workspace
from enishi.gate.models import ContactMade, DecisionRecord, Profile

AT = datetime(2026, 11, 20, 3, tzinfo=UTC)  # noon in Tokyo, a Friday
WORKERS, TRIES = 2, 18


def race(book: Workspace) -> list[int]:
    """What each worker was allowed."""
    from django.db import connection, connections

    url = {}
    if connection.vendor == "postgresql":
        at = connection.settings_dict
        where = f"{at['USER']}@{at['HOST']}:{at['PORT']}/{at['NAME']}"
        url["ENISHI_DATABASE_URL"] = f"postgresql://{where}"
    connections.close_all()
    script = Path(__file__).parents[2] / "gate_worker.py"
    names = [f"w{n}" for n in range(WORKERS)]
    running = [
        subprocess.Popen(
            [sys.executable, str(script), str(book.root), name, AT.isoformat(), str(TRIES)],
            env=os.environ | url, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for name in names
    ]  # fmt: skip
    deadline = time.monotonic() + 60
    while not all((book.root / f"ready-{name}").exists() for name in names):
        assert time.monotonic() < deadline, [worker.poll() for worker in running]
        time.sleep(0.01)
    (book.root / "go").touch()
    told = [worker.communicate(timeout=60) for worker in running]
    assert all(worker.returncode == 0 for worker in running), told
    return [int(out) for out, _ in told]


def test_racing_workers_never_exceed_a_cap(both_books: Workspace) -> None:
    """p1 and p2 share a household (three a week for a purpose), p3 has her own five a week."""
    Profile.objects.bulk_create(
        [
            Profile(person="p1", household="h1", digest=""),
            Profile(person="p2", household="h1", digest=""),
            Profile(person="p3", digest=""),
        ]
    )
    allowed = race(both_books)
    made = Counter(ContactMade.objects.values_list("person", flat=True))
    assert sum(allowed) == sum(made.values()) == 8
    assert made["p1"] + made["p2"] == 3
    assert made["p3"] == 5
    assert DecisionRecord.objects.count() == WORKERS * TRIES
