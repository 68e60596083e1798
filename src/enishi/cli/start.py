"""`enishi init` and `enishi migrate`."""

from __future__ import annotations

from pathlib import Path

import click

from enishi.book.workspace import FILE
from enishi.cli.words import say
from enishi.cli.workspace import open_book
from enishi.kernel.errors import Conflict
from enishi.kernel.text import Text

_TOML = """\
name = {name}
timezone = "Asia/Tokyo"
week_start = "monday"
fiscal_year_start = 4     # month
data = "data"             # where `enishi load` looks for files

[server]
host = "127.0.0.1"
port = 8000
# url = "https://enishi.example.co.jp"   # how browsers reach it, when a proxy stands before it

[security]
idle_minutes = 30         # a session ends after this much rest
absolute_hours = 12       # and after this much time whatever happens
# https = true            # behind TLS: secure cookies, HSTS
# allowed_hosts = ["enishi.example.co.jp"]
# proxies = 1             # how many of your proxies add to X-Forwarded-For

[book]
# url = "postgresql://enishi@db.example.co.jp/enishi"   # instead of var/book.sqlite3

[mail]                    # without it, mails are files in var/mailbox
# url = "smtp://user:password@mail.example.co.jp:587"   # better in ENISHI_SMTP_URL
# from = "Enishi <no-reply@example.co.jp>"
"""

_IGNORE = "var/\ndata/\n"


@click.command(help=say("ワークスペースを作る", "Make a new workspace in FOLDER."))
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=Path())
@click.option("--name", default=None, help=say("表示する名前", "The name it is shown under."))
def init(folder: Path, name: str | None) -> None:
    folder = folder.resolve()
    if (folder / FILE).exists():
        raise Conflict(
            Text(f"{folder} にはすでに {FILE} があります。", f"{folder} holds a {FILE} already."),
            Text("別のフォルダを指定してください。", "Choose another folder."),
            code="workspace_exists",
        )
    for part in ("catalog", "data", "definitions"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    quoted = '"' + (name or folder.name).replace("\\", "\\\\").replace('"', '\\"') + '"'
    (folder / FILE).write_text(_TOML.format(name=quoted), encoding="utf-8")
    if not (folder / ".gitignore").exists():
        (folder / ".gitignore").write_text(_IGNORE, encoding="utf-8")
    click.echo(
        say(
            f"ワークスペースを作りました: {folder}\n次は:\n"
            f"  cd {folder}\n"
            "  enishi catalog infer data --write   # ファイルを data/ に置いてから\n"
            "  enishi load\n  enishi user create …\n  enishi serve",
            f"Made a workspace: {folder}\nNext:\n"
            f"  cd {folder}\n"
            "  enishi catalog infer data --write   # once your files are in data/\n"
            "  enishi load\n  enishi user create …\n  enishi serve",
        )
    )


@click.command(help=say("データベースをこの版に合わせる", "Bring the book up to this version."))
@click.option("--check", is_flag=True, help=say("確かめるだけ", "Only say what is pending."))
def migrate(check: bool) -> None:
    from enishi.book.setup import migrate as bring_up
    from enishi.book.setup import pending_migrations

    open_book(migrated=False)
    pending = pending_migrations()
    if check:
        for name in pending:
            click.echo(name)
        raise SystemExit(1 if pending else 0)
    if pending:
        bring_up()
    click.echo(
        say(f"{len(pending)}件の変更を適用しました。", f"Applied {len(pending)} changes.")
        if pending
        else say("データベースは最新です。", "The book is up to date.")
    )
