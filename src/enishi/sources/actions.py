"""Loading for whoever asks: by the process that owns the file, or through its door."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from enishi.book.workspace import Workspace
from enishi.catalog.load import load_catalog
from enishi.sources.replay import load_of, replay
from enishi.sources.service import in_order, load
from enishi.sources.stream import jobs
from enishi.sources.stream.jobs import drainer
from enishi.sources.types import Progress
from enishi.sources.under_way import Note, told
from enishi.warehouse.warehouse import Warehouse

if TYPE_CHECKING:
    from enishi.warehouse.client import Attached
    from enishi.warehouse.door import Action

OnProgress = Callable[[Any], None]


def load_into(
    workspace: Workspace,
    warehouse: Warehouse | Attached,
    datasets: Sequence[str] | None = None,
    files: Sequence[Path] | None = None,
    *,
    progress: OnProgress | None = None,
    rebuild: bool = False,
    valid_from: datetime | None = None,
) -> list[dict[str, Any]]:
    """Load, wherever the file is open; the results and the progress as JSON (see `service.load`).

    Through a door the server does the work, and it goes on when the asker leaves.
    """
    if isinstance(warehouse, Warehouse):
        given = {
            "datasets": datasets, "files": files, "rebuild": rebuild, "valid_from": valid_from
        }  # fmt: skip
        tell = progress or (lambda _: None)
        return cast(list[dict[str, Any]], loader(workspace, warehouse)(given, tell))
    found: list[dict[str, Any]] = warehouse.do(
        "load",
        {
            "datasets": list(datasets) if datasets else None,
            "files": [str(path.resolve()) for path in files] if files else None,
            "rebuild": rebuild,
            "valid_from": valid_from,
        },
        progress,
    )
    return found


def loader(workspace: Workspace, warehouse: Warehouse) -> Action:
    """Loading as an action of the door."""

    def run(given: Mapping[str, Any], progress: Callable[[object], None]) -> list[dict[str, Any]]:
        files = given.get("files")
        load_catalog(workspace.root)  # a faulty catalog is told, not worked around
        note = Note(len(in_order(warehouse.catalog, given.get("datasets"))))

        def tell(told: Progress) -> None:
            note.told(told.as_json())
            progress(told.as_json())

        try:
            done = load(
                workspace,
                warehouse.engine,
                warehouse.catalog,
                given.get("datasets"),
                [Path(path) for path in files] if files else None,
                progress=tell,
                clock=warehouse.clock,
                rebuild_first=bool(given.get("rebuild")),
                valid_from=given.get("valid_from"),
            )
        finally:
            note.end()
        return [one.as_json() for one in done]

    return run


def replay_into(
    workspace: Workspace,
    warehouse: Warehouse | Attached,
    load_id: str | None = None,
    dataset: str | None = None,
    *,
    progress: OnProgress | None = None,
) -> dict[str, Any]:
    """Replay dead letters, wherever the file is open (see `replay.replay`); the replay as JSON."""
    given = {"load_id": load_id, "dataset": dataset}
    if isinstance(warehouse, Warehouse):
        tell = progress or (lambda _: None)
        return cast(dict[str, Any], replayer(workspace, warehouse)(given, tell))
    return cast(dict[str, Any], warehouse.do("replay", given, progress))


def replayer(workspace: Workspace, warehouse: Warehouse) -> Action:
    """Replaying as an action of the door."""

    def run(given: Mapping[str, Any], progress: Callable[[object], None]) -> dict[str, object]:
        load_catalog(workspace.root)  # a faulty catalog is told, not worked around
        catalog, engine = warehouse.catalog, warehouse.engine
        load_id = load_of(engine, catalog, given.get("load_id"), given.get("dataset"))
        if _of_stream(warehouse, load_id):
            return drainer(workspace, warehouse, warehouse.clock).replay(load_id).as_json()
        return replay(
            workspace,
            engine,
            catalog,
            load_id,
            progress=lambda told: progress(told.as_json()),
            clock=warehouse.clock,
        ).as_json()

    return run


def _of_stream(warehouse: Warehouse, load_id: str) -> bool:
    """Whether a load is one of the event stream."""
    stream = warehouse.catalog.stream
    with warehouse.engine.books.read() as question:
        dataset = question.one("SELECT dataset FROM enishi.loads WHERE id = ?", [load_id])
    return stream is not None and dataset == stream.activity


def rebuild_in(
    workspace: Workspace,
    warehouse: Warehouse | Attached,
    progress: OnProgress | None = None,
) -> int:
    """Drain the whole log again, wherever the file is open; returns how many events it had.

    `progress` is told how many have been read so far.
    """
    if isinstance(warehouse, Warehouse):
        return cast(int, rebuilder(workspace, warehouse)({}, progress or (lambda _: None)))
    return cast(int, warehouse.do("rebuild_events", {}, progress))


def rebuilder(workspace: Workspace, warehouse: Warehouse) -> Action:
    """Draining anew as an action of the door."""

    def run(_: Mapping[str, Any], progress: Callable[[object], None]) -> int:
        load_catalog(workspace.root)  # a faulty catalog is told, not worked around
        return jobs.rebuild(workspace, warehouse, warehouse.clock, progress)

    return run


def under_way(warehouse: Warehouse | Attached) -> dict[str, Any]:
    """How far the load is in the process that owns the file: see `under_way.told`."""
    if isinstance(warehouse, Warehouse):
        return cast(dict[str, Any], told())
    return cast(dict[str, Any], warehouse.do("under_way", {}, again=True))


def actions(workspace: Workspace, warehouse: Warehouse) -> dict[str, Action]:
    """What the door does on request: `Door(workspace, warehouse, actions(…))`."""
    return {
        "load": loader(workspace, warehouse),
        "replay": replayer(workspace, warehouse),
        "rebuild_events": rebuilder(workspace, warehouse),
        "under_way": lambda *_: told(),
    }
