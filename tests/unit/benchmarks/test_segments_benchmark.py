"""The segments benchmark runs, and every contender gives the answers of the others."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            sys.executable,
            *("-m", "benchmarks.segments", "--scale", "0.0005", "--rounds", "1"),
            *("--keep", str(folder)),
            *arguments,
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.heavy
def test_it_runs_and_its_answers_agree(tmp_path: Path) -> None:
    done = run(tmp_path, "--postgres")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert len(told["queries"]) == 6
    assert all(row["count"] > 0 for row in told["queries"][:2])
    assert told["fifty"]["segments"] == 50
    assert told["fifty"]["members"] > 1000
    assert told["incremental"]["1000_events_touched"] > 0
    assert "| by hand |" in done.stderr


def test_a_wrong_answer_ends_it(tmp_path: Path) -> None:
    code = (
        "from benchmarks.segments import questions, run; from dataclasses import replace;"
        "wrong = replace(questions.SETS, by_hand='SELECT _id FROM data.person');"
        f"run.SINGLE = (wrong,); run.main({['--scale', '0.0005', '--only', 'queries']!r})"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "by hand" in done.stderr
