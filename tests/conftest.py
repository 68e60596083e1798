"""Fixtures every suite shares."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo_bank import DemoBank
from demo_bank import demo_bank as bank_of_this_run
from spark_cluster import SparkCluster
from spark_cluster import spark_cluster as running_cluster

pytest_plugins = ("book_fixtures", "lists_world", "sending_world")

LONGEST = (
    "test_story", "test_segments", "test_pages", "test_customers", "test_events",
    "test_send_kill", "test_lists_refresh", "test_simulation", "test_segments_faults",
    "test_permissions", "test_demo_bank", "test_serve", "test_commands",
    "test_catalog_derive_equal", "test_code", "test_notebook",
)  # fmt: skip
"""The files that take longest: begun first, so that two processes end at the same time."""

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


@pytest.fixture(scope="session")
def demo_bank(tmp_path_factory: pytest.TempPathFactory) -> DemoBank:
    """The demo bank as its command makes it, to be copied; made once in a run of the tests."""
    root = tmp_path_factory.getbasetemp()
    return bank_of_this_run(root.parent if "PYTEST_XDIST_WORKER" in os.environ else root)


@pytest.fixture(scope="session")
def spark_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkCluster]:
    """A Spark master and two workers, started for the first test that asks for them."""
    from enishi.warehouse import spark_session

    with running_cluster(tmp_path_factory.mktemp("spark")) as cluster:
        yield cluster
        spark_session.stop()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Of the files that are not named, those of most tests come first."""
    ranks = {name: rank for rank, name in enumerate(LONGEST)}
    counts = Counter(item.path for item in items)
    items.sort(key=lambda item: (ranks.get(item.path.stem, len(ranks)), -counts[item.path]))


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
