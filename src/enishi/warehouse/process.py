"""The warehouse of this process, opened when it is first asked for."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any

from enishi.book.workspace import current_workspace

if TYPE_CHECKING:
    from pathlib import Path

_lock = Lock()
_open: dict[Path, Any] = {}
_given: list[Any] = []


def warehouse() -> Any:
    """The warehouse given by `use_warehouse`, else that of the current workspace."""
    if _given:
        return _given[-1]
    workspace = current_workspace()
    with _lock:
        found = _open.get(workspace.root)
        if found is None:
            from enishi.warehouse.client import open_warehouse

            found = _open[workspace.root] = open_warehouse(workspace)
        return found


def use_warehouse(found: Any) -> None:
    """Let this process ask a warehouse it has opened itself; None: no longer."""
    _given[:] = [] if found is None else [found]
