"""`enishi source`: event sources and their write keys."""

from __future__ import annotations

import json
from datetime import timedelta

import click

from enishi.cli.words import say
from enishi.cli.workspace import open_book


@click.group(help=say("イベントの送信元を作る・見る", "Make event sources and look at them."))
def source() -> None:
    pass


_as_json = click.option(
    "--json", "as_json", is_flag=True, help=say("JSON で出力する", "Print JSON.")
)


@source.command(
    help=say("送信元を作り、書き込みキーを表示する", "Make one and print its write key.")
)
@click.argument("name")
@click.option(
    "--kind",
    type=click.Choice(("web", "server", "app")),
    required=True,
    help=say("ウェブ、サーバー、アプリのどれか", "Where it runs."),
)
@click.option(
    "--origin",
    "origins",
    multiple=True,
    metavar="URL",
    help=say("送信してよいサイト(省けばどこからでも)", "A site that may send; none: any."),
)
@_as_json
def add(name: str, kind: str, origins: tuple[str, ...], as_json: bool) -> None:
    open_book()
    from enishi.book.access import OPERATOR
    from enishi.sources.event_sources import create

    made = create(OPERATOR, name, kind, origins)
    if as_json:
        click.echo(json.dumps({"id": made.source.id, "key": made.key}))
        return
    click.echo(say(f"書き込みキー: {made.key}", f"Write key: {made.key}"))
    if kind == "server":
        click.echo(
            say("このキーは二度と表示されません。", "This key will not be shown again."), err=True
        )


@source.command("list", help=say("一覧する", "List event sources."))
@_as_json
def list_sources(as_json: bool) -> None:
    open_book()
    from enishi.sources.event_sources import event_sources

    rows = [
        {
            "id": one.id,
            "name": one.name,
            "kind": one.kind,
            "key": one.key or None,
            "hint": one.hint,
            "enabled": one.disabled_at is None,
        }
        for one in event_sources()
    ]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        state = say("有効", "enabled") if row["enabled"] else say("停止", "disabled")
        click.echo(f"{row['id']}\t{row['kind']}\t{state}\t…{row['hint']}\t{row['name']}")


@source.command(help=say("キーを新しくする", "Give a source a new key."))
@click.argument("source_id")
@click.option(
    "--keep-old-hours",
    type=click.IntRange(0, 90 * 24),
    default=0,
    help=say("古いキーを残す時間", "For how many hours the old key goes on."),
)
def rotate(source_id: str, keep_old_hours: int) -> None:
    open_book()
    from enishi.book.access import OPERATOR
    from enishi.sources.event_sources import rotate as give_new

    made = give_new(OPERATOR, source_id, timedelta(hours=keep_old_hours))
    click.echo(say(f"書き込みキー: {made.key}", f"Write key: {made.key}"))


@source.command(help=say("受け付けを止める", "Take no more events from a source."))
@click.argument("source_id")
def disable(source_id: str) -> None:
    _switch(source_id, enabled=False)


@source.command(help=say("受け付けを再開する", "Take events from a source again."))
@click.argument("source_id")
def enable(source_id: str) -> None:
    _switch(source_id, enabled=True)


def _switch(source_id: str, *, enabled: bool) -> None:
    open_book()
    from enishi.book.access import OPERATOR
    from enishi.sources.event_sources import change

    changed = change(OPERATOR, source_id, enabled=enabled)
    click.echo(
        say(f"{changed.name} を再開しました。", f"{changed.name} is enabled.")
        if enabled
        else say(f"{changed.name} を停止しました。", f"{changed.name} is disabled.")
    )
