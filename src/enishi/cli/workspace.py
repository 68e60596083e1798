"""Which workspace a command works on, and how it opens the book."""

from __future__ import annotations

from pathlib import Path

import click

from enishi.book.workspace import Workspace, find_workspace


def the_workspace() -> Workspace:
    """The workspace of `--workspace`, of the environment, or around this folder."""
    context = click.get_current_context(silent=True)
    named = context.find_root().params.get("workspace") if context else None
    return find_workspace(Path(named) if named else None)


def open_book(*, migrated: bool = True) -> Workspace:
    """The workspace with Django set up on its book; brings the tables up to date by default."""
    from enishi.book.setup import migrate, pending_migrations, setup

    workspace = the_workspace()
    setup(workspace)
    if migrated and pending_migrations():
        migrate()
    return workspace
