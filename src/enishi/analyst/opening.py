"""Opening a workspace from a notebook, as a named user."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from enishi.analyst.given import explained
from enishi.analyst.workspace import Workspace
from enishi.book.access import Actor
from enishi.book.workspace import find_workspace
from enishi.kernel.errors import Conflict
from enishi.kernel.text import Locale, Text

T = TypeVar("T")


def open(
    path: str | Path | None = None, *, as_user: str | None = None, locale: Locale = "ja"
) -> Workspace:
    """Open the workspace at `path`, by default the one around this folder.

    While `enishi serve` runs, questions go through its door, else the files are opened directly.
    `as_user` is the e-mail address of the user who asks: role, row scope and masking are theirs,
    and what they are shown is recorded. Without it the questions are the operator's, like those of
    the command line: whoever can read the files.

    Raises EnishiError: `workspace_missing`, `user_unknown`, `warehouse_busy`, and Conflict
    `other_workspace`, since one process works on one workspace.
    """

    def work() -> Workspace:
        from enishi.book.setup import migrate, pending_migrations, setup

        place = find_workspace(Path(path) if path is not None else None)
        try:
            setup(place)
        except RuntimeError as error:
            raise _other_workspace() from error
        if pending_migrations():
            migrate()
        from enishi.book.access import OPERATOR, actor_named
        from enishi.warehouse.client import open_warehouse

        def asker() -> Actor:
            return OPERATOR if as_user is None else actor_named(as_user)

        asker()  # somebody unknown is refused before anything is opened
        return Workspace(place, open_warehouse(place), asker, locale, aside)

    with explained(locale):
        return aside(work)


def aside(work: Callable[[], T]) -> T:
    """Run work that touches the book: in a thread of its own where an event loop runs here, as in
    a notebook, since Django keeps its database away from event loops."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return work()
    return _thread().submit(work).result()


@lru_cache(maxsize=1)
def _thread() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="enishi")


def _other_workspace() -> Conflict:
    return Conflict(
        Text(
            "このプロセスでは、別のワークスペースが開かれています。",
            "Another workspace is open in this process.",
        ),
        Text(
            "カーネルを再起動するか、別のノートブックで開いてください。",
            "Restart the kernel, or open it in another notebook.",
        ),
        code="other_workspace",
    )
