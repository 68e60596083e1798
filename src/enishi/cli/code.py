"""`enishi apply` and `enishi export`: list definitions as YAML files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from enishi.cli.words import locale, say
from enishi.cli.workspace import open_book
from enishi.kernel.text import Text

if TYPE_CHECKING:
    from enishi.book.access import Actor

_WHAT = {
    "created": Text("新規", "new"),
    "new_version": Text("新しい版", "new version"),
    "unchanged": Text("変更なし", "unchanged"),
}
_as = click.option(
    "--as",
    "user",
    metavar="EMAIL",
    help=say("この利用者として(既定はこの端末の運用者)", "As this user (default: the operator)."),
)


@click.command(
    help=say(
        "リスト定義を YAML から取り込む(既定はワークスペースの definitions)",
        "Bring list definitions in from YAML (default: the workspace's definitions folder).",
    )
)
@click.argument("path", metavar="[FILE|DIR]", required=False, type=click.Path(path_type=Path))
@click.option("--draft", is_flag=True, help=say("下書きのままにする", "Leave them as drafts."))
@_as
def apply(path: Path | None, draft: bool, user: str | None) -> None:
    workspace = open_book()
    from enishi.lists import as_code

    done = as_code.apply(path or workspace.definitions_path, _actor(user), activate=not draft)
    for one in done:
        version = say(f"第{one.version}版", f"v{one.version}")
        click.echo(f"{one.slug}  {version}  {_WHAT[one.what][locale()]}")


@click.command(
    help=say(
        "リスト定義を YAML に書き出す(既定はワークスペースの definitions)",
        "Write list definitions as YAML (default: the workspace's definitions folder).",
    )
)
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
@_as
def export(folder: Path | None, user: str | None) -> None:
    workspace = open_book()
    from enishi.lists import as_code

    for file in as_code.export(folder or workspace.definitions_path, _actor(user)):
        click.echo(str(file))


def _actor(user: str | None) -> Actor:
    """The user named, or who holds the workspace's files. Raises NotFound."""
    from enishi.book.access import OPERATOR, actor_of
    from enishi.book.accounts import find_user

    return OPERATOR if user is None else actor_of(find_user(user))
