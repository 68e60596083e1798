"""`enishi load` and `enishi data`: bring files in, and see what is there."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from enishi.cli.words import locale, say
from enishi.cli.workspace import open_book

if TYPE_CHECKING:
    from enishi.book.workspace import Workspace
    from enishi.warehouse.client import Attached
    from enishi.warehouse.warehouse import Warehouse

_COUNTS = ("read", "loaded", "dead", "added", "changed", "unchanged", "removed")
_as_json = click.option("--json", "as_json", is_flag=True, help=say("JSON で出力", "Print JSON."))


@click.command(
    help=say(
        "データセットを読み込む(省略時は source のあるものすべて)",
        "Load datasets from their files; without a name, all that have a source.",
    )
)
@click.argument("datasets", nargs=-1, metavar="[DATASET]...")
@click.option(
    "--file",
    "files",
    multiple=True,
    type=click.Path(path_type=Path),
    help=say("カタログの代わりに読むファイル", "Read this file instead of the catalog's."),
)
@click.option(
    "--at",
    metavar="TIME",
    help=say(
        "ファイルの内容が成り立つ時点(履歴を持つデータセット)",
        "The instant whose state the files hold, for versioned datasets.",
    ),
)
@click.option(
    "--rebuild",
    is_flag=True,
    help=say("空にしてから読み込む(履歴も消える)", "Empty the datasets first, history too."),
)
@_as_json
def load(
    datasets: tuple[str, ...], files: tuple[Path, ...], at: str | None, rebuild: bool, as_json: bool
) -> None:
    workspace = open_book()
    from enishi.book.access import OPERATOR
    from enishi.book.audit import record
    from enishi.sources.actions import load_into
    from enishi.warehouse.client import open_warehouse
    from enishi.warehouse.instants import read_instant

    instant: datetime | None = read_instant(at, workspace.zone) if at else None
    shown = _Progress(quiet=as_json)
    with open_warehouse(workspace) as warehouse:
        done = load_into(
            workspace,
            warehouse,
            list(datasets) or None,
            list(files) or None,
            progress=shown.show,
            rebuild=rebuild,
            valid_from=instant,
        )
    shown.end()
    for one in done:
        told = {name: one[name] for name in ("state", *_COUNTS)}
        record(OPERATOR, "data.load", "dataset", one["dataset"], {"load": one["id"], **told})
    if as_json:
        click.echo(json.dumps(done, ensure_ascii=False, indent=2))
    else:
        _print_loads(done)
    raise SystemExit(0 if all(one["state"] == "loaded" for one in done) else 1)


class _Progress:
    """One line on a terminal, rewritten as rows come in; nothing elsewhere."""

    def __init__(self, *, quiet: bool) -> None:
        self._live = not quiet and sys.stderr.isatty()

    def show(self, told: dict[str, Any]) -> None:
        if self._live:
            rows = say(f"{told['rows']:,}行", f"{told['rows']:,} rows")
            click.echo(
                f"\r\033[K{told['part']:4.0%}  {told['dataset']}  {rows}", err=True, nl=False
            )

    def end(self) -> None:
        if self._live:
            click.echo("\r\033[K", err=True, nl=False)


def _print_loads(done: list[dict[str, Any]]) -> None:
    heads = [
        say("読込", "read"),
        say("格納", "loaded"),
        say("不備", "dead"),
        say("追加", "added"),
        say("変更", "changed"),
        say("変更なし", "unchanged"),
        say("削除", "removed"),
    ]
    name_width = max([_width(one["dataset"]) for one in done] + [8])
    widths = [max(_width(head), 9) for head in heads]
    click.echo(
        " " * name_width
        + "  "
        + "  ".join(" " * (w - _width(h)) + h for h, w in zip(heads, widths, strict=True))
    )
    for one in done:
        name = one["dataset"] + " " * (name_width - _width(one["dataset"]))
        numbers = "  ".join(f"{one[c]:>{w},}" for c, w in zip(_COUNTS, widths, strict=True))
        click.echo(f"{name}  {numbers}")
    for one in done:
        if one["message"]:
            told = one["message"][locale()]
            click.secho(f"{one['dataset']}: {told['message']}", fg="red", err=True)
            for fault in told["faults"]:
                click.echo(f"  {fault['path']}: {fault['message']} {fault['remedy']}", err=True)
            click.echo(f"  {told['remedy']}", err=True)
        if one["ignored_columns"]:
            names = ", ".join(one["ignored_columns"])
            click.echo(
                say(
                    f"{one['dataset']}: カタログにない列は読みません: {names}",
                    f"{one['dataset']}: columns not in the catalog, left out: {names}",
                ),
                err=True,
            )
    if any(one["dead"] for one in done):
        click.echo(
            say("不備の行: enishi data dead-letters", "What did not fit: enishi data dead-letters"),
            err=True,
        )


def _width(text: str) -> int:
    return sum(2 if ord(character) > 0x2E80 else 1 for character in text)


@click.group(
    help=say("データセットと読み込みの状況を見る", "Show datasets, loads and dead letters.")
)
def data() -> None:
    pass


def _open(workspace: Workspace) -> Warehouse | Attached:
    from enishi.warehouse.client import open_warehouse

    return open_warehouse(workspace)


@data.command(help=say("データセットの行数と新しさ", "Datasets: rows, freshness, the last load."))
@_as_json
def datasets(as_json: bool) -> None:
    workspace = open_book()
    from enishi.book.access import OPERATOR

    with _open(workspace) as warehouse:
        found = warehouse.datasets(actor=OPERATOR)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    for one in found:
        when = one["loaded_at"] or say("未読込", "not loaded")
        old = "" if one["fresh"] in (True, None) else say(" (古い)", " (old)")
        stale = say(" (要再読込)", " (load anew)") if one["stale"] else ""
        click.echo(f"{one['name']:<20} {one['rows']:>12,}  {when}{old}{stale}")


@data.command("dead-letters", help=say("読めなかった行とその理由", "Rows that did not fit."))
@click.argument("load_id", required=False)
@click.option("--limit", type=click.IntRange(1, 100_000), default=100, show_default=True)
@click.option("--offset", type=click.IntRange(0), default=0)
@_as_json
def dead_letters(load_id: str | None, limit: int, offset: int, as_json: bool) -> None:
    workspace = open_book()
    from enishi.book.access import OPERATOR
    from enishi.book.audit import record
    from enishi.sources.reasons import sentence

    with _open(workspace) as warehouse:
        found = warehouse.dead_letters(load_id, offset, limit, actor=OPERATOR)
    record(OPERATOR, "data.dead_letters", "load", load_id or "latest", {"rows": found["total"]})
    for item in found["items"]:
        item["reason"] = sentence(item["code"], item["args"])[locale()]
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    for item in found["items"]:
        field = f" {item['field']}" if item["field"] else ""
        click.echo(f"{item['file']}:{item['line']}{field}: {item['reason']}")
        click.echo(f"    {item['raw']}")
    shown = len(found["items"])
    click.echo(_shown(shown, found["total"]), err=True)


@data.command(
    help=say(
        "不備の行を、いまのカタログで読み直す",
        "Read dead letters again with today's catalog: those of a load, or of a dataset's latest.",
    )
)
@click.argument("load_id", required=False)
@click.option(
    "--dataset",
    metavar="DATASET",
    help=say("このデータセットの最新の読み込みの分", "Those of this dataset's latest load."),
)
@_as_json
def replay(load_id: str | None, dataset: str | None, as_json: bool) -> None:
    if (load_id is None) == (dataset is None):
        raise click.UsageError(
            say(
                "読み込みの番号か --dataset のどちらかを指定してください。",
                "Name a load, or a dataset with --dataset.",
            )
        )
    workspace = open_book()
    from enishi.book.access import OPERATOR
    from enishi.book.audit import record
    from enishi.sources.actions import replay_into

    with _open(workspace) as warehouse:
        done = replay_into(workspace, warehouse, load_id, dataset)
    told = {name: done[name] for name in ("state", *_COUNTS)}
    record(OPERATOR, "data.replay", "dataset", done["dataset"], {"load": done["id"], **told})
    if as_json:
        click.echo(json.dumps(done, ensure_ascii=False, indent=2))
    else:
        _print_loads([done])
    raise SystemExit(0 if done["state"] == "loaded" else 1)


def _shown(shown: int, total: int) -> str:
    return say(f"{total:,}件中 {shown:,}件", f"{shown:,} of {total:,}")


@data.command(help=say("これまでの読み込み", "The loads so far, latest first."))
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True)
@_as_json
def loads(limit: int, as_json: bool) -> None:
    workspace = open_book()
    from enishi.book.access import OPERATOR

    with _open(workspace) as warehouse:
        found = warehouse.loads(0, limit, actor=OPERATOR)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    for one in found["items"]:
        click.echo(
            f"{one['started_at']}  {one['dataset']:<20} {one['state']:<12}"
            f" {one['read']:>10,} {one['dead']:>8,}  {one['id']}"
        )
