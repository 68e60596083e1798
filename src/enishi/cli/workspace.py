"""Which workspace a command works on, and how it opens the book."""

from __future__ import annotations

from pathlib import Path

import click

from enishi.book.workspace import Workspace, find_workspace
from enishi.kernel.errors import Unavailable
from enishi.kernel.text import Text


def the_workspace() -> Workspace:
    """The workspace of `--workspace`, of the environment, or around this folder."""
    context = click.get_current_context(silent=True)
    named = context.find_root().params.get("workspace") if context else None
    return find_workspace(Path(named) if named else None)


def open_book(*, migrated: bool = True) -> Workspace:
    """The workspace with Django set up on its book; brings the tables up to date by default.

    Raises Unavailable `disk_full` when there is no room to open it, `book_unavailable` when the
    database does not answer.
    """
    from django.db import DatabaseError

    from enishi.book.database import no_space
    from enishi.book.setup import migrate, pending_migrations, setup

    workspace = the_workspace()
    try:
        setup(workspace)
        if migrated and pending_migrations():
            migrate()
    except OSError as error:
        if full := no_space(error, workspace.root):
            raise full from error
        raise
    except DatabaseError as error:
        full = None if workspace.database_url else no_space(error, workspace.root)
        if full:
            raise full from error
        raise _unreachable(workspace, type(error).__name__) from error
    return workspace


def _unreachable(workspace: Workspace, kind: str) -> Unavailable:
    where = "PostgreSQL" if workspace.database_url else str(workspace.book_path)
    return Unavailable(
        Text(
            f"データベース({where})を開けません。",
            f"The book ({where}) cannot be opened.",
        ),
        Text("`enishi doctor` で原因を確かめてください。", "Find out why with `enishi doctor`."),
        code="book_unavailable",
        detail={"kind": kind},
    )
