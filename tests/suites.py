"""Runs every suite in order, prints what each took beside its budget, and sums up.

`make test` runs this; `--all` adds what is too heavy for every day; names run only those suites.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from demo_bank import KEPT

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
ENGINES = ("*tests/conformance/test_engines_*.py", "*tests/conformance/test_rules_engines.py")
"""The tests that start other engines."""
COUNTS = re.compile(r"(\d+) (passed|failed|errors?|skipped)\b")


@dataclass(frozen=True, slots=True)
class Suite:
    """One step: its commands and the seconds it should stay within on two cores."""

    name: str
    budget: int
    commands: Sequence[Sequence[str]]


def pytest(*arguments: str) -> list[str]:
    """A run of tests in two processes; the tests of one file stay together.

    The files are taken in the order that `tests/conftest.py` gives them.
    """
    shared = ["-n2", "--dist=loadfile", "--no-loadscope-reorder"]
    return [str(BIN / "pytest"), "-q", *shared, "--durations=5", *arguments]


def suites(everything: bool) -> list[Suite]:
    python = str(BIN / "python")
    ruff = str(BIN / "ruff")
    folders = ["src", "tests", "benchmarks", "campaigns", "hatch_build.py"]
    selection = [] if everything else ["-m", "not heavy"]
    conformance = ["tests/conformance", "tests/oracle"]
    engines = sorted(str(path) for glob in ENGINES for path in ROOT.glob(glob.lstrip("*")))
    return [
        Suite("lint", 10, [[ruff, "check", *folders], [ruff, "format", "--check", *folders]]),
        Suite("types", 35, [[str(BIN / "mypy")]]),
        Suite("contracts", 10, [[str(BIN / "lint-imports")]]),
        Suite("unit", 195, [pytest(*selection, "tests/unit")]),
        Suite(
            "conformance",
            65,
            [pytest(*selection, *[f"--ignore-glob={glob}" for glob in ENGINES], *conformance)],
        ),
        Suite("engines", 120, [pytest(*selection, *engines)]),
        Suite("scenarios", 130, [pytest(*selection, "tests/scenarios")]),
        Suite("security", 50, [pytest(*selection, "tests/security")]),
        Suite(
            "interface",
            25,
            [[python, "hatch_build.py", script] for script in ("typecheck", "lint", "test")],
        ),
        Suite("sdks", 15, [pytest(*selection, "tests/sdk")]),
        Suite("browser", 245, [pytest(*selection, "tests/browser")]),
    ]


def run(suite: Suite, environment: Mapping[str, str]) -> tuple[bool, dict[str, int]]:
    """Run a suite, echo it, and read the counts that its runners print at their end."""
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    passed = True
    for command in suite.commands:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert process.stdout is not None
        closing = ""
        for line in process.stdout:
            print(line, end="", flush=True)
            if re.search(r"\d+ (passed|failed|skipped|error)", line):
                closing = line
        for number, word in COUNTS.findall(closing):
            counts["failed" if word.startswith("error") else word] += int(number)
        passed = process.wait() == 0 and passed
    return passed, counts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", action="store_true", help="run the heavy tests too")
    parser.add_argument("names", nargs="*", help="run only these suites")
    arguments = parser.parse_args()
    environment = dict(os.environ)
    if arguments.all:
        environment["HYPOTHESIS_PROFILE"] = "all"
    with TemporaryDirectory(prefix="enishi-suites-") as kept:
        environment.setdefault(KEPT, kept)
        run_all(arguments, environment)


def run_all(arguments: argparse.Namespace, environment: Mapping[str, str]) -> None:
    """Run what was chosen, sum it up, and leave with 1 when anything is broken."""
    chosen = [s for s in suites(arguments.all) if not arguments.names or s.name in arguments.names]
    totals = {"passed": 0, "failed": 0, "skipped": 0}
    broken, rows = [], []
    for suite in chosen:
        print(f"\n── {suite.name} (budget {suite.budget} s)", flush=True)
        begun = time.monotonic()
        passed, counts = run(suite, environment)
        took = time.monotonic() - begun
        for word, number in counts.items():
            totals[word] += number
        if not passed:
            broken.append(suite.name)
        state = "ok" if passed else "FAILED"
        over = ", over budget" if took > suite.budget and not arguments.all else ""
        rows.append(f"{suite.name:<12} {state:<7}{took:6.0f} s of {suite.budget} s{over}")
    print("\n" + "\n".join(rows))
    if broken:
        print(f"Broken: {', '.join(broken)}")
        totals["failed"] = max(totals["failed"], len(broken))
    print(f"{totals['passed']} passed, {totals['failed']} failed, {totals['skipped']} skipped")
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
