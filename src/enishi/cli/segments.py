"""`enishi segment list|refresh|trend|members`: segments on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from enishi.cli.words import locale, say
from enishi.cli.workspace import open_book

if TYPE_CHECKING:
    from enishi.segments.models import Segment


@click.group(
    help=say("セグメントを見る・更新する", "Look at segments and refresh them."),
)
def segment() -> None:
    """The subcommands are below."""


@segment.command("list", help=say("セグメントの一覧", "All segments, with size and state."))
def list_() -> None:
    open_book()
    from enishi.book.access import OPERATOR
    from enishi.segments.detail import look_up, segment_rows

    rows = segment_rows(look_up(OPERATOR, locale()), limit=500).items
    for row in rows:
        size = "-" if row.size is None else f"{row.size:,}"
        as_of = "-" if row.as_of is None else f"{row.as_of.astimezone():%Y-%m-%d %H:%M}"
        click.echo(f"{row.slug:<32}{size:>12}  {row.state:<11}{as_of:<18}{row.name}")
    if not rows:
        click.echo(
            say("セグメントはまだありません。", "There is no segment yet. See docs/segments.md.")
        )


@segment.command(help=say("いますぐ更新する", "Refresh now and wait for the result."))
@click.argument("slug")
@click.option(
    "--incremental",
    is_flag=True,
    help=say("新しいデータに関わる人だけ", "Only the people that new data leads to."),
)
def refresh(slug: str, incremental: bool) -> None:
    open_book()
    from enishi.book.access import OPERATOR
    from enishi.segments import service

    made, _ = service.refresh(slug, "incremental" if incremental else "full", OPERATOR)
    _wait(made.id)
    _tell(service.get_segment(slug))


def _wait(refresh_id: str) -> None:
    """Do the work here when no server does it; else wait until the server has."""
    import time

    from enishi.segments.jobs import run_once
    from enishi.segments.models import Refresh
    from enishi.segments.types import UNFINISHED
    from enishi.warehouse.process import warehouse

    served = bool(warehouse().attached)
    if served:
        warehouse().do("poke", {})
    while Refresh.objects.filter(id=refresh_id, state__in=UNFINISHED).exists():
        if served or not run_once():
            time.sleep(0.1)


def _tell(found: Segment) -> None:
    if found.failures:
        message = (found.message or {}).get("message", {}).get(locale(), "")
        raise click.ClickException(message)
    click.echo(
        say(
            f"{found.name}: {found.size or 0:,}人(新規 {found.entered:,}、離脱 {found.left:,})",
            f"{found.name_en or found.name}: {found.size or 0:,}"
            f" ({found.entered:,} entered, {found.left:,} left)",
        )
    )


@segment.command(help=say("日ごとの人数・新規・離脱", "Size, entries and exits by day."))
@click.argument("slug")
@click.option("--days", type=click.IntRange(1, 730), default=14)
def trend(slug: str, days: int) -> None:
    open_book()
    from enishi.book.access import OPERATOR
    from enishi.segments import asking

    found = asking.trend(slug, days, OPERATOR)
    for size, flow in zip(found["sizes"], found["flows"], strict=True):
        click.echo(f"{size['day']}  {size['size']:>10,}  +{flow['entered']:,}  -{flow['left']:,}")


@segment.command(help=say("いま入っている人", "Who is in, who came last first."))
@click.argument("slug")
@click.option("--limit", type=click.IntRange(1, 500), default=20)
def members(slug: str, limit: int) -> None:
    open_book()
    from enishi.book.access import OPERATOR
    from enishi.segments import asking

    found = asking.members(slug, OPERATOR, left=False, q="", offset=0, limit=limit)
    for item in found["items"]:
        since = str(item["entered_at"])[:16].replace("T", " ")
        click.echo(f"{item['key']:<16}{since:<18}{item['display'] or ''}")
    click.echo(say(f"全{found['total']:,}人", f"{found['total']:,} in all"))
