"""The event API as the real process, shared by the tests of a file, each of which sees its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sdk_world import Api, a_home

from enishi.book.workspace import Workspace
from ingest_world import Served, logged, served


@pytest.fixture
def home(tmp_path: Path) -> Workspace:
    """A workspace of the test's own, nothing running."""
    return a_home(tmp_path)


@pytest.fixture(scope="module")
def _running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Workspace, Served]]:
    workspace = a_home(tmp_path_factory.mktemp("events"))
    with served(workspace.root) as found:
        yield workspace, found


@pytest.fixture
def api(_running: tuple[Workspace, Served]) -> Api:
    workspace, process = _running
    since = max((record.after for record in logged(workspace)), default=0)
    return Api(process.url, process.port, workspace, since)
