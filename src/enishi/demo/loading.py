"""The demo's catalog and definitions into a workspace, and its files into the warehouse."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING

from enishi.book.workspace import FILE, Workspace
from enishi.demo.files import STANDING_DAYS, standing_file
from enishi.kernel.clock import Clock
from enishi.kernel.errors import EnishiError
from enishi.kernel.text import Text

if TYPE_CHECKING:
    from enishi.sources.types import DatasetLoad

OnProgress = Callable[[Text, float], None]
"""Told what is being done and how much of the whole is behind, 0 to 1."""


def write_template(root: Path) -> None:
    """Write `enishi.toml`, the catalog, and everything that is kept as files."""
    with as_file(files("enishi.demo") / "workspace") as template:
        shutil.copy(template / FILE, root / FILE)
        for folder in ("catalog", "definitions", "segments", "templates", "journeys"):
            shutil.copytree(template / folder, root / folder)


def load_files(workspace: Workspace, now: datetime, clock: Clock, tell: OnProgress) -> int:
    """Load every file, the closings of earlier months first; the rows loaded.

    Nobody else may have the warehouse open. Raises EnishiError `demo_load_failed` when a dataset
    did not load whole. `tell` runs from 0.2 to 0.5.
    """
    from enishi.catalog.load import load_catalog
    from enishi.sources.service import load
    from enishi.sources.types import Progress
    from enishi.warehouse.engine import engine_url, open_engine
    from enishi.warehouse.tables import prepare

    catalog = load_catalog(workspace.root)
    names = [name for name, dataset in catalog.datasets.items() if dataset.source]
    seen: list[str] = []

    def report(step: Progress) -> None:
        if step.dataset not in seen:
            seen.append(step.dataset)
        label = catalog.datasets[step.dataset].label
        part = (len(seen) - 1 + step.part) / len(names)
        tell(Text(f"読み込み: {label.ja}", f"Loading: {label.en}"), 0.2 + 0.3 * part)

    done: list[DatasetLoad] = []
    engine = open_engine(engine_url(workspace), workspace.var)
    try:
        prepare(engine, catalog)
        for back in STANDING_DAYS[:-1]:
            closing = workspace.data / standing_file(back)
            day = now - timedelta(days=back)
            done += load(
                workspace, engine, catalog, ["standing"], [closing], clock=clock, valid_from=day
            )
        done += load(workspace, engine, catalog, progress=report, clock=clock)
    finally:
        engine.close()
    _check_loads(done)
    return sum(result.loaded for result in done)


def _check_loads(done: list[DatasetLoad]) -> None:
    from enishi.sources.types import LoadState

    for result in done:
        if result.state is not LoadState.LOADED or result.dead:
            raise EnishiError(
                Text(
                    f"「{result.dataset}」を読み込めませんでした（不備 {result.dead}件）。",
                    f"{result.dataset} did not load whole ({result.dead} dead letters).",
                ),
                Text(
                    "`enishi demo --fresh` で作り直してください。",
                    "Make it again with `enishi demo --fresh`.",
                ),
                code="demo_load_failed",
                detail={"load": result.as_json()},
            )
