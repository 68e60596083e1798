"""The kill campaign, small: nothing acknowledged is lost, nothing doubled; and it would be seen."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SMALL = ("--kills", "6", "--events", "20000", "--interval", "2.5")


@pytest.mark.heavy
@pytest.mark.parametrize("more", [(), ("--without-dedupe",)], ids=["whole", "control"])
def test_processes_are_killed_and_nothing_is_lost(more: tuple[str, ...]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "campaigns.ingest_kill", *SMALL, *more],
        cwd=ROOT, capture_output=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
    found = json.loads(done.stdout)
    assert found["acknowledged"] == found["events"] == 20_000
    assert found["lost"] == 0
    assert (found["doubled"] == 0) is (more == ())
