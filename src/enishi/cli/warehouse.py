"""`enishi warehouse`: where the data is, and moving it to another engine."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from enishi.cli.words import say
from enishi.cli.workspace import open_book

if TYPE_CHECKING:
    from enishi.warehouse.moving import Copied


@click.group(help=say("データの置き場所を見る・移す", "See where the data is, and move it."))
def warehouse() -> None: ...


@warehouse.command(
    help=say("エンジンと表、行数を見る", "Show the engine, its tables and their rows.")
)
@click.option("--json", "as_json", is_flag=True, help=say("JSON で出力", "Print JSON."))
def show(as_json: bool) -> None:
    workspace = open_book()
    from enishi.book.access import OPERATOR
    from enishi.warehouse.client import open_warehouse

    with open_warehouse(workspace) as opened:
        found = opened.stored(actor=OPERATOR)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    click.echo(f"{found['engine']} ({found['dialect']})")
    width = max([len(one["table"]) for one in found["tables"]] + [8])
    for one in found["tables"]:
        size = "" if one["bytes"] is None else f"  {one['bytes'] / 1e6:>12,.1f} MB"
        click.echo(f"  {one['schema']}.{one['table']:<{width}}  {one['rows']:>14,}{size}")


@warehouse.command(
    help=say(
        "すべてのデータを別のエンジンにコピーする(サーバーを止めてから)",
        "Copy everything to the engine at URL. Stop the server first. The source stays as it is.",
    )
)
@click.option("--to", "url", required=True, metavar="URL", help=say("コピー先", "Where to."))
@click.option(
    "--replace", is_flag=True, help=say("コピー先を空にしてから", "Empty the target first.")
)
def copy(url: str, replace: bool) -> None:
    workspace = open_book()
    from enishi.book.access import OPERATOR
    from enishi.book.audit import record
    from enishi.warehouse.client import open_file
    from enishi.warehouse.engine import open_engine, read_url
    from enishi.warehouse.moving import copy as move

    target_url = read_url(url)

    def told(one: Copied) -> None:
        click.echo(say(f"{one.table}: {one.rows:,}行", f"{one.table}: {one.rows:,} rows"))

    with open_file(workspace) as source:
        target = open_engine(target_url, workspace.var)
        try:
            record(OPERATOR, "warehouse.copy", "warehouse", target_url.place, {"replace": replace})
            done = move(source.engine, target, source.catalog, replace=replace, progress=told)
        finally:
            target.close()
    rows = sum(one.rows for one in done)
    click.echo(
        say(
            f"{rows:,}行をコピーし、行数を照合しました。enishi.toml の [warehouse] url か"
            " ENISHI_WAREHOUSE に新しい URL を書くと、次の起動から使われます。",
            f"Copied {rows:,} rows and compared the counts. Write the URL to url of [warehouse] in"
            " enishi.toml, or to ENISHI_WAREHOUSE, and it is used from the next start on.",
        )
    )
