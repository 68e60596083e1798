"""Fixtures every suite shares."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

pytest_plugins = ("book_fixtures", "lists_world")

_SKIPPED_FOR_DATA = "ENISHI_TEST_DATA is not set"


@pytest.fixture(scope="session")
def test_data() -> Path:
    """The folder of real data sets; a test that needs it skips when the variable is unset."""
    named = os.environ.get("ENISHI_TEST_DATA")
    if not named:
        pytest.skip(_SKIPPED_FOR_DATA)
    folder = Path(named).resolve()
    if not folder.is_dir():
        pytest.fail(f"ENISHI_TEST_DATA names {named}, which is not a folder. Correct or unset it.")
    return folder


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Sum up what was skipped for want of real data, so that a green run cannot hide it."""
    skipped = [
        report
        for report in terminalreporter.stats.get("skipped", [])
        if _SKIPPED_FOR_DATA in str(report.longrepr)
    ]
    if skipped:
        terminalreporter.write_line(
            f"{len(skipped)} tests skipped: set ENISHI_TEST_DATA to a folder of real data."
        )
