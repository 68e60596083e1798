"""`enishi apply` and `enishi export`: segments, lists, templates and journeys as YAML files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from enishi.cli.words import locale, say
from enishi.cli.workspace import open_book
from enishi.kernel.text import Text

if TYPE_CHECKING:
    from enishi.book.access import Actor
    from enishi.book.workspace import Workspace

_WHAT = {
    "created": Text("新規", "new"),
    "new_version": Text("新しい版", "new version"),
    "draft": Text("新しい下書き", "new draft"),
    "changed": Text("名称などの変更", "names changed"),
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
        "セグメント、リスト定義、テンプレート、ジャーニーの下書きをYAMLから取り込む"
        "(既定: ワークスペースの segments、definitions、templates、journeys)",
        "Bring segments, list definitions, templates and drafts of journeys in from YAML (default:"
        " the workspace's folders segments, definitions, templates and journeys).",
    )
)
@click.argument("path", metavar="[FILE|DIR]", required=False, type=click.Path(path_type=Path))
@click.option("--draft", is_flag=True, help=say("定義を下書きのままにする", "Keep drafts."))
@_as
def apply(path: Path | None, draft: bool, user: str | None) -> None:
    workspace = open_book()
    from enishi.journeys.drawing import as_code as journeys
    from enishi.lists import as_code as definitions
    from enishi.messages.templates import as_code as templates
    from enishi.segments import as_code as segments

    actor = _actor(user)
    files = _files(workspace, path)
    of_segments = [file for file in files if segments.is_segment(file)]
    of_journeys = [file for file in files if journeys.is_journey(file)]
    of_templates = [file for file in files if templates.is_template(file)]
    others = [file for file in files if file not in of_segments + of_journeys + of_templates]
    done: list[tuple[str, int, str]] = []
    if of_segments:  # first: definitions may name them
        done += [(a.slug, a.version, a.what) for a in segments.apply(of_segments, actor)]
    if others or not files:
        found = others or path or workspace.definitions_path
        applied = definitions.apply(found, actor, activate=not draft)
        done += [(a.slug, a.version, a.what) for a in applied]
    if of_templates:  # before the journeys whose messages they are
        applied_templates = templates.apply(of_templates, actor, submit=not draft)
        done += [(a.slug, a.version, a.what) for a in applied_templates]
    done += [(a.slug, a.version, a.what) for a in journeys.apply(of_journeys, actor)]
    for slug, number, what in done:
        version = say(f"第{number}版", f"v{number}")
        click.echo(f"{slug}  {version}  {_WHAT[what][locale()]}")


def _files(workspace: Workspace, path: Path | None) -> list[Path]:
    """The YAML files named: one, those of a folder and of its `segments`, `definitions`,
    `templates` and `journeys`, or those of the workspace's four folders."""
    if path is not None and path.is_file():
        return [path]
    folders = (
        [workspace.segments_path, workspace.definitions_path, workspace.templates_path,
         workspace.journeys_path]
        if path is None
        else [path, *(path / n for n in ("segments", "definitions", "templates", "journeys"))]
    )  # fmt: skip
    return [file for folder in folders for file in sorted(folder.glob("*.y*ml"))]


@click.command(
    help=say(
        "セグメント、リスト定義、テンプレート、ジャーニーをYAMLに書き出す"
        "(既定: ワークスペースの segments、definitions、templates、journeys)",
        "Write segments, list definitions, templates and journeys as YAML (default: the"
        " workspace's folders segments, definitions, templates and journeys).",
    )
)
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
@_as
def export(folder: Path | None, user: str | None) -> None:
    workspace = open_book()
    from enishi.journeys.drawing import as_code as journeys
    from enishi.lists import as_code as definitions
    from enishi.messages.templates import as_code as templates
    from enishi.segments import as_code as segments

    actor = _actor(user)
    written = definitions.export(folder or workspace.definitions_path, actor)
    written += segments.export(folder / "segments" if folder else workspace.segments_path, actor)
    written += templates.export(folder / "templates" if folder else workspace.templates_path, actor)
    written += journeys.export(folder / "journeys" if folder else workspace.journeys_path, actor)
    for file in written:
        click.echo(str(file))


def _actor(user: str | None) -> Actor:
    """The user named, or who holds the workspace's files. Raises NotFound."""
    from enishi.book.access import OPERATOR, actor_of
    from enishi.book.accounts import find_user

    return OPERATOR if user is None else actor_of(find_user(user))
