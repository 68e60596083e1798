"""`enishi demo`: makes the demo bank when it is absent, says who signs in, and serves it."""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from enishi.book.workspace import read_workspace
from enishi.cli.supervisor import Child, module
from enishi.cli.words import locale, say
from enishi.kernel.errors import Conflict
from enishi.kernel.text import Text

if TYPE_CHECKING:
    from enishi.demo.service import DemoBank


@click.command(
    help=say(
        "日の出銀行(架空)を作って起動する。あれば、そのまま起動する。",
        "Make the demo bank 日の出銀行 (invented) and serve it; if it is there, just serve it.",
    )
)
@click.option(
    "--customers",
    type=click.IntRange(min=500, max=5_000_000),
    default=None,
    help=say("顧客の数(既定 20000)", "How many customers (default 20000)."),
)
@click.option("--seed", type=int, default=None, help=say("乱数の種(既定 1)", "Seed (default 1)."))
@click.option(
    "--workspace",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=None,
    help=say("作るフォルダ(既定 ./demo)", "The folder to make it in (default ./demo)."),
)
@click.option("--port", type=int, default=None, help=say("待ち受けるポート", "The port."))
@click.option("--no-serve", is_flag=True, help=say("作るだけ", "Make it, do not serve it."))
@click.option("--fresh", is_flag=True, help=say("作り直す", "Throw it away and make it again."))
def demo(
    customers: int | None,
    seed: int | None,
    folder: Path | None,
    port: int | None,
    no_serve: bool,
    fresh: bool,
) -> None:
    from enishi.demo.service import found, remove

    # `enishi --workspace DIR demo` says the same as `enishi demo --workspace DIR`.
    named = click.get_current_context().find_root().params.get("workspace")
    folder = folder or Path(named or "demo")
    if fresh:
        _refuse_running(folder)
        remove(folder)
    bank = found(folder)
    if bank is None:
        bank = _make(folder, customers or 20_000, 1 if seed is None else seed)
    else:
        _refuse_other(bank, customers, seed)
    workspace = read_workspace(folder)
    if port is not None:
        workspace = replace(workspace, port=port)
    _introduce(bank, workspace.url)
    if not no_serve:
        from enishi.cli.serve import run

        run(workspace, beside=_visitors)


def _visitors(ingest: str) -> list[Child]:
    """Who visits the bank's site while it is shown."""
    return [Child("visitors", module("enishi.demo.visitors", ingest))]


def _make(folder: Path, customers: int, seed: int) -> DemoBank:
    from enishi.demo.service import make

    begun = time.monotonic()
    shown = _Progress()
    bank = make(folder, customers, seed, progress=shown.show)
    took = time.monotonic() - begun
    click.echo(
        say(
            f"日の出銀行を作りました: 顧客 {bank.customers:,}人、{bank.rows:,}行、{took:.1f}秒",
            f"Made 日の出銀行: {bank.customers:,} customers, {bank.rows:,} rows, {took:.1f} s",
        )
    )
    return bank


class _Progress:
    """One line that is written over on a terminal, a line for each step elsewhere."""

    def __init__(self) -> None:
        self._told = ""

    def show(self, what: Text, part: float) -> None:
        text = what[locale()]
        if sys.stderr.isatty():
            end = "\n" if part >= 1.0 else ""
            click.echo(f"\r\033[K{part:4.0%}  {text}{end}", err=True, nl=False)
        elif text != self._told:
            click.echo(f"{part:4.0%}  {text}", err=True)
        self._told = text


def _refuse_other(bank: DemoBank, customers: int | None, seed: int | None) -> None:
    """A bank of another size or seed is not silently served instead of the one asked for."""
    if customers in (None, bank.customers) and seed in (None, bank.seed):
        return
    raise Conflict(
        Text(
            f"{bank.root} には顧客 {bank.customers:,}人、種 {bank.seed} の銀行があります。",
            f"{bank.root} holds a bank of {bank.customers:,} customers, seed {bank.seed}.",
        ),
        Text(
            "作り直すなら `--fresh`、残すなら `--workspace` で別のフォルダを指定してください。",
            "Make it anew with `--fresh`, or name another folder with `--workspace`.",
        ),
        code="other_demo",
    )


def _refuse_running(folder: Path) -> None:
    """Whoever is serving the bank keeps it: a file in use is not thrown away."""
    from enishi.demo.service import is_served

    if is_served(folder):
        raise Conflict(
            Text(f"{folder} は起動中です。", f"{folder} is being served."),
            Text("先に Ctrl-C で終了してください。", "Stop it first with Ctrl-C."),
            code="demo_running",
        )


def _introduce(bank: DemoBank, url: str) -> None:
    from enishi.book.roles import ROLES

    click.echo(f"\n日の出銀行  {url}")
    click.echo(
        say(f"パスワードはどれも {bank.password}", f"The password of each is {bank.password}")
    )
    for person in bank.sign_ins:
        role = ROLES[person.role][locale()]
        click.echo(f"  {person.email:<24}{_wide(role, 16)}{person.name}")
    click.echo(
        say(
            "ほかの利用者は「設定 → 利用者」にあります。データはすべて架空です。\n",
            "More people are under Settings, Users. Everything in it is invented.\n",
        )
    )


def _wide(text: str, width: int) -> str:
    """Pad to a width on the terminal, where Japanese letters take two places."""
    return text + " " * max(1, width - sum(1 + (ord(letter) > 0x2E80) for letter in text))
