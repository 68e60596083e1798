"""Sets Django up for one workspace, once per process, before any model is imported."""

from __future__ import annotations

import os

from enishi.book.workspace import ENV_WORKSPACE, Workspace, use_workspace


def setup(workspace: Workspace) -> None:
    """Make `workspace` this process's workspace and start Django on its book.

    Call it before importing any module named `models`. A second call for the same workspace does
    nothing; for another one it raises RuntimeError, since a process has one book.
    """
    import django
    from django.conf import settings

    os.umask(0o077)  # what Enishi writes is for its owner alone
    if settings.configured:
        if str(workspace.root) != settings.ENISHI_ROOT:
            raise RuntimeError(f"This process already serves {settings.ENISHI_ROOT}.")
        return
    use_workspace(workspace)
    os.environ[ENV_WORKSPACE] = str(workspace.root)
    os.environ["DJANGO_SETTINGS_MODULE"] = "enishi.book.settings"
    workspace.prepare()
    django.setup()


def migrate(*, quiet: bool = True) -> None:
    """Bring the tables of the book up to this version of Enishi."""
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0 if quiet else 1)


def pending_migrations() -> list[str]:
    """The names of migrations not yet applied (`app.name`), in order."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]
