"""A month of random journeys for each of a thousand seeds; ten thousand by the campaign's command.

What the checks would miss is known: each way of breaking the play on purpose has to be noticed.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


def campaign(*arguments: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "campaigns.simulation", "--processes", "1", *arguments],
        cwd=ROOT, capture_output=True, timeout=900, check=False,
    )  # fmt: skip
    assert done.stdout, done.stderr.decode()
    found: dict[str, Any] = json.loads(done.stdout)
    assert done.returncode == 0, found["examples"]
    return found


def test_nothing_is_doubled_forbidden_stuck_or_late() -> None:
    found = campaign("--seeds", "1000")
    assert set(found["violations"].values()) == {0}
    assert found["seeds"] == 1000
    for code in (
        "waited", "opened", "heard", "timeout", "date", "followed", "sent", "failed", "unknown",
        "suppressed", "held", "released", "hold_ends", "quiet", "mapped", "moved_out", "left",
        "goal_reached", "control", "done", "outcome_0", "arm_0", "arm_1", "else",
    ):  # fmt: skip
        assert found["moves"][code] > 0, code
    for what, least in (("deaths", 500), ("asked_again", 20), ("jumps", 300), ("changes", 5000)):
        assert found[what] > least, what


def test_what_is_broken_on_purpose_is_noticed() -> None:
    """By the check that is named for it, and each check is named for something."""
    checks = "from campaigns.simulation import __main__ as m; print(*{*m.CHECKS, 'replay'}"
    asked = f"{checks} ^ {{*m.BROKEN.values()}})"
    unproven = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True)
    assert unproven.stdout.strip() == b""
    assert len(campaign("--broken", "all", "--seeds", "600")["noticed_by_seed"]) > 10


def test_a_real_book_comes_to_the_same() -> None:
    found = campaign("--book", "sqlite", "--seeds", "10")
    assert set(found["violations"].values()) == {0}
    assert found["messages"] > 15
    assert found["deaths"] > 5


@pytest.mark.heavy
def test_a_book_that_comes_to_something_else_is_noticed() -> None:
    assert campaign("--book", "sqlite", "--seeds", "5", "--broken", "deaf")["violations"]["book"]


@pytest.mark.heavy
def test_a_real_book_comes_to_the_same_often() -> None:
    found = campaign("--book", "sqlite", "--seeds", "200", "--from", "100")
    assert set(found["violations"].values()) == {0}


@pytest.mark.heavy
def test_ten_thousand_seeds() -> None:
    found = campaign("--seeds", "10000", "--from", "1000")
    assert set(found["violations"].values()) == {0}
