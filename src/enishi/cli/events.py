"""`enishi events`, `enishi tail`, `enishi rebuild`: bring events in, watch and remake them."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import click

from enishi.cli.words import locale, say
from enishi.cli.workspace import open_book

_LOOK_SECONDS = 0.5
_MOST = 200
_as_json = click.option("--json", "as_json", is_flag=True, help=say("JSON で出力", "Print JSON."))


@click.group(help=say("オフラインのイベント", "Events that happened offline."))
def events() -> None:
    pass


@events.command(
    "import",
    help=say(
        "CSV の行をイベントとして取り込む(同じ行は一度だけ)",
        "Bring in the rows of a CSV as events; the same row comes in once.",
    ),
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--event", help=say("すべての行のイベント名", "The event that every row is."))
@click.option("--event-column", help=say("イベント名の列", "The column of the event's name."))
@click.option("--user-column", required=True, help=say("人を表す列", "The column of the user."))
@click.option("--time-column", required=True, help=say("日時の列", "The column of the time."))
@click.option(
    "--source",
    default="offline",
    show_default=True,
    help=say("送信元としての名前", "What the source is called."),
)
@click.option("--dry-run", is_flag=True, help=say("取り込まずに確かめる", "Only look."))
@_as_json
def import_(
    file: Path,
    event: str | None,
    event_column: str | None,
    user_column: str,
    time_column: str,
    source: str,
    dry_run: bool,
    as_json: bool,
) -> None:
    workspace = open_book()
    from enishi.book.access import OPERATOR
    from enishi.book.audit import record
    from enishi.sources.offline import TROUBLES, Meaning, import_file

    meaning = Meaning(user_column, time_column, event, event_column, source)
    done = import_file(file, meaning, workspace.events, workspace.zone, only_look=dry_run)
    told = {"rows": done.rows, "written": done.written, "left_out": done.left_out}
    if not dry_run:
        record(OPERATOR, "events.imported", "event_source", "", told)
    if as_json:
        faults = [{"line": line, "code": code} for line, code in done.faults]
        click.echo(json.dumps({**told, "faults": faults}))
        return
    click.echo(
        say(
            f"{done.rows:,}行のうち {done.written:,}件を取り込みました。"
            if not dry_run
            else f"{done.rows:,}行のうち {done.written:,}件を取り込めます。",
            f"{done.written:,} of {done.rows:,} rows "
            + ("can be imported." if dry_run else "were imported."),
        )
    )
    for line, code in done.faults:
        reason = TROUBLES[code][locale()]
        click.echo(say(f"{line}行目: {reason}", f"Line {line}: {reason}"), err=True)


@click.command(
    help=say(
        "届いたイベントを新しい順に末尾へ表示する(値は伏せる)",
        "Show the events that have come in, the newest last; personal values are masked.",
    )
)
@click.option("--source", help=say("この送信元だけ", "Of this event source alone."))
@click.option("--event", help=say("この名前のイベントだけ", "Events of this name alone."))
@click.option("--follow", "-f", is_flag=True, help=say("届くのを待ち続ける", "Go on watching."))
@click.option("--unmasked", is_flag=True, help=say("伏せずに表示する", "Show every value."))
@_as_json
def tail(
    source: str | None, event: str | None, follow: bool, unmasked: bool, as_json: bool
) -> None:
    workspace = open_book()
    from dataclasses import replace

    from enishi.book.access import OPERATOR
    from enishi.book.audit import record
    from enishi.gate.asking import catalog
    from enishi.live.arrival_rows import rows
    from enishi.live.arrivals import glance
    from enishi.sources.event_sources import event_sources

    actor = OPERATOR if unmasked else replace(OPERATOR, pii="none")
    record(OPERATOR, "events.watch", "events", "", {"unmasked": unmasked})
    names = {one.id: one.name for one in event_sources()}
    after = ""
    while True:
        found = glance(workspace.events, after, _MOST)
        for row in rows(found.arrivals, names, catalog(), actor):
            if source not in (None, row["source"]["name"], row["source"]["id"]):
                continue
            if event is None or event in (row["event"], row["type"]):
                _show(row, as_json=as_json)
        after = found.after
        if not follow:
            return
        sys.stdout.flush()
        time.sleep(_LOOK_SECONDS)


def _show(row: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(row, ensure_ascii=False, default=str))
        return
    who = row["user_id"] or row["anonymous_id"] or "-"
    values = " ".join(f"{one['name']}={one['value']}" for one in row["values"])
    at = row["at"].astimezone().strftime("%H:%M:%S")
    name = row["event"] or row["type"]
    told = f"{at}  {row['source']['name']}  {name}  {who}  {values}".rstrip()
    # Anybody may send an event: what a terminal would obey is not written to it.
    click.echo("".join(one if one.isprintable() else "\ufffd" for one in told))


@click.command(
    help=say(
        "アクティビティを空にし、イベントのログから作り直す",
        "Empty the activity and make it again from the log of events.",
    )
)
@_as_json
def rebuild(as_json: bool) -> None:
    workspace = open_book()
    from enishi.book.access import OPERATOR
    from enishi.book.audit import record
    from enishi.sources.actions import rebuild_in
    from enishi.warehouse.client import open_warehouse

    live = not as_json and sys.stderr.isatty()

    def show(done: int) -> None:
        if live:
            click.echo(say(f"\r\033[K{done:,}件", f"\r\033[K{done:,} events"), err=True, nl=False)

    with open_warehouse(workspace) as warehouse:
        count = rebuild_in(workspace, warehouse, show)
    if live:
        click.echo("\r\033[K", err=True, nl=False)
    record(OPERATOR, "events.rebuilt", "events", "", {"events": count})
    if as_json:
        click.echo(json.dumps({"events": count}))
    else:
        click.echo(
            say(f"イベント{count:,}件を作り直しました。", f"{count:,} events were made again.")
        )
