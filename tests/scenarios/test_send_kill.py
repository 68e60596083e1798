"""The campaign that kills the sender, small; and what it has to find in two simpler designs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


def campaign(*more: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "campaigns.send_kill", *more],
        cwd=ROOT, capture_output=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_the_sender_is_killed_and_nothing_is_lost_or_doubled() -> None:
    found = campaign("--kills", "1", "--messages", "240")
    assert (found["lost"], found["doubled"], found["unlisted"]) == (0, 0, 0)
    assert found["sent"] + found["unknown"] == 240


@pytest.mark.heavy
@pytest.mark.parametrize(
    "more",
    [
        ("--provider", "dedupes"),
        ("--postgres",),
        ("--postgres", "--provider", "dedupes"),
        ("--marking", "before"),
        ("--marking", "after"),
    ],
    ids=" ".join,
)
def test_it_is_killed_more_often(more: tuple[str, ...]) -> None:
    campaign("--kills", "12", "--messages", "2000", *more)
