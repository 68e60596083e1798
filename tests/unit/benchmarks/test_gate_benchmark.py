"""The gate's benchmark runs by twenty policies, and every answer comes up."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.mark.heavy
def test_it_runs_and_answers() -> None:
    done = subprocess.run(
        [
            sys.executable,
            *("-m", "benchmarks.gate", "--persons", "200", "--decisions", "150", "--takes", "20"),
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["policies"] == 20
    assert set(told["answers"]) == {"allow", "defer", "deny", "needs_approval"}
    assert told["milliseconds"]["decide"]["p50"] > 0
