"""`enishi doctor`: looks at everything Enishi stands on, and says what mends what is missing."""

from __future__ import annotations

import json
import shutil
import socket
import stat
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Literal

import click

from enishi.book.workspace import Workspace
from enishi.cli.words import locale, say
from enishi.cli.workspace import the_workspace
from enishi.kernel.errors import EnishiError
from enishi.kernel.text import Text

State = Literal["ok", "warn", "fail"]
_ENOUGH_BYTES = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. `warn` is what only some uses need; `fail` stops Enishi."""

    name: str
    state: State
    message: Text
    remedy: Text | None = None

    def as_json(self) -> dict[str, str | None]:
        language = locale()
        return {
            "name": self.name,
            "state": self.state,
            "message": self.message[language],
            "remedy": self.remedy[language] if self.remedy else None,
        }


@click.command(
    help=say(
        "足りないものと、それを直す命令を示す(問題があれば終了コード1)",
        "Name what is missing and the command that mends it. Exits with 1 when something fails.",
    )
)
@click.option("--json", "as_json", is_flag=True, help=say("JSON で出力する", "Print JSON."))
def doctor(as_json: bool) -> None:
    findings = list(examine())
    failed = any(finding.state == "fail" for finding in findings)
    if as_json:
        told = {"ok": not failed, "findings": [finding.as_json() for finding in findings]}
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        for finding in findings:
            _show(finding)
    raise SystemExit(1 if failed else 0)


def _show(finding: Finding) -> None:
    mark, colour = {"ok": ("✓", "green"), "warn": ("!", "yellow"), "fail": ("✗", "red")}[
        finding.state
    ]
    click.echo(click.style(mark, fg=colour) + " " + finding.message[locale()])
    if finding.remedy is not None:
        click.echo("    → " + finding.remedy[locale()])


def examine() -> Iterator[Finding]:
    """Everything, in the order in which one thing needs the other."""
    yield _python()
    yield _packages()
    yield _interface()
    try:
        workspace = the_workspace()
    except EnishiError as error:
        yield Finding("workspace", "fail", error.message, error.remedy)
    else:
        yield Finding(
            "workspace", "ok",
            Text(f"ワークスペース: {workspace.root}", f"Workspace: {workspace.root}"),
        )  # fmt: skip
        for look in (_folders, _secret, _disk, _catalog, _book, _journeys, _warehouse, _port):
            yield _safely(look, workspace)
    yield from _for_tests()


def _safely(look: Callable[[Workspace], Finding], workspace: Workspace) -> Finding:
    try:
        return look(workspace)
    except EnishiError as error:
        return Finding(look.__name__.strip("_"), "fail", error.message, error.remedy)
    except OSError as error:
        from enishi.book.database import no_space

        full = no_space(error, workspace.root)
        if full is None:
            raise
        return Finding(look.__name__.strip("_"), "fail", full.message, full.remedy)


def _python() -> Finding:
    here = ".".join(str(part) for part in sys.version_info[:3])
    return Finding("python", "ok", Text(f"Python {here}", f"Python {here}"))


def _packages() -> Finding:
    absent = []
    for requirement in requires("enishi") or []:
        if "extra ==" in requirement:
            continue
        name = next(p for p in requirement.replace(";", " ").split())
        for sign in "[<>=!~(":
            name = name.partition(sign)[0]
        try:
            version(name)
        except PackageNotFoundError:
            absent.append(name)
    if not absent:
        return Finding(
            "packages", "ok",
            Text("必要なパッケージが揃っています。", "Every package that is needed is there."),
        )  # fmt: skip
    return Finding(
        "packages", "fail",
        Text(f"パッケージがありません: {'、'.join(absent)}", f"Missing: {', '.join(absent)}"),
        Text("pip install --upgrade enishi", "pip install --upgrade enishi"),
    )  # fmt: skip


def _interface() -> Finding:
    page = Path(__file__).parent.parent / "web" / "static" / "index.html"
    if page.is_file():
        return Finding("interface", "ok", Text("画面があります。", "The interface is built."))
    return Finding(
        "interface", "fail",
        Text("画面がまだ作られていません。", "The interface is not built."),
        Text("make ui(ソースから)", "make ui (in the sources)"),
    )  # fmt: skip


def _folders(workspace: Workspace) -> Finding:
    if not workspace.var.exists():
        workspace.prepare()
    mode = stat.S_IMODE(workspace.var.stat().st_mode)
    if mode & 0o077:
        return Finding(
            "folders", "fail",
            Text("ほかの利用者が var に入れます。", "Others may enter the folder var."),
            Text(f"chmod 700 {workspace.var}", f"chmod 700 {workspace.var}"),
        )  # fmt: skip
    if loose := workspace.open_files():
        names = ", ".join(sorted(file.name for file in loose))
        return Finding(
            "folders", "fail",
            Text(
                f"var のファイルをほかの利用者が読めます: {names}",
                f"Others may read files in var: {names}",
            ),
            Text(f"chmod -R go-rwx {workspace.var}", f"chmod -R go-rwx {workspace.var}"),
        )  # fmt: skip
    return Finding("folders", "ok", Text("var は所有者専用です。", "Only its owner may enter var."))


def _secret(workspace: Workspace) -> Finding:
    workspace.secret()
    mode = stat.S_IMODE(workspace.secret_path.stat().st_mode)
    if mode & 0o077:
        path = workspace.secret_path
        return Finding(
            "secret", "fail",
            Text("秘密鍵をほかの利用者が読めます。", "Others may read the secret key."),
            Text(f"chmod 600 {path}", f"chmod 600 {path}"),
        )  # fmt: skip
    return Finding("secret", "ok", Text("秘密鍵は安全です。", "The secret key is safe."))


def _disk(workspace: Workspace) -> Finding:
    free = shutil.disk_usage(workspace.var).free
    shown = f"{free / 1e9:.1f} GB"
    if free >= _ENOUGH_BYTES:
        return Finding("disk", "ok", Text(f"空き容量 {shown}", f"{shown} of disk are free"))
    return Finding(
        "disk", "warn",
        Text(f"空き容量が {shown} しかありません。", f"Only {shown} of disk are free."),
        Text("不要なファイルを消してください。", "Make room on this disk."),
    )  # fmt: skip


def _catalog(workspace: Workspace) -> Finding:
    from enishi.catalog.load import load_catalog

    try:
        found = load_catalog(workspace.root)
    except EnishiError as error:
        first = error.faults[0] if error.faults else None
        place = f"{first.file} {first.path}: " if first else ""
        told = first.message if first else error.message
        remedy = first.remedy if first else error.remedy
        return Finding("catalog", "fail", Text(place + told.ja, place + told.en), remedy)
    count = len(found.datasets)
    if count:
        return Finding("catalog", "ok", Text(f"データセット {count}件", f"{count} datasets"))
    return Finding(
        "catalog", "warn",
        Text("カタログにデータセットがありません。", "The catalog has no dataset yet."),
        Text("enishi catalog infer data --write", "enishi catalog infer data --write"),
    )  # fmt: skip


def _book(workspace: Workspace) -> Finding:
    from django.db import DatabaseError

    from enishi.book.database import no_space
    from enishi.book.setup import pending_migrations, setup

    setup(workspace)
    kind = "PostgreSQL" if workspace.database_url else "SQLite"
    try:
        pending = pending_migrations()
    except DatabaseError as error:
        full = None if workspace.database_url else no_space(error, workspace.root)
        if full is not None:
            raise full from error
        return Finding(
            "book", "fail",
            Text(
                f"データベース({kind})につながりません: {type(error).__name__}",
                f"The book ({kind}) cannot be reached: {type(error).__name__}",
            ),
            Text(
                "ENISHI_DATABASE_URL と、データベースが動いていることを確かめてください。",
                "Check ENISHI_DATABASE_URL, and that the database is running.",
            ),
        )  # fmt: skip
    if pending:
        return Finding(
            "book", "fail",
            Text(
                f"データベースに未適用の変更が{len(pending)}件あります。",
                f"{len(pending)} changes are not applied to the book.",
            ),
            Text("enishi migrate", "enishi migrate"),
        )  # fmt: skip
    return Finding("book", "ok", Text(f"データベース({kind})", f"The book ({kind})"))


def _journeys(_: Workspace) -> Finding:
    from django.db import DatabaseError

    from enishi.journeys.walking import watchdog

    try:
        report = watchdog.last()
    except DatabaseError:  # the line about the book says why
        report = None
    if report is None:
        return Finding(
            "journeys", "ok",
            Text("ジャーニーの見回りはまだです。", "Journeys have not been looked through yet."),
        )  # fmt: skip
    if report.total == 0:
        return Finding(
            "journeys", "ok",
            Text("止まっているジャーニーの参加者はいません。", "Nobody is stuck in a journey."),
        )  # fmt: skip
    found = ", ".join(f"{code} {count}" for code, count in report.breaches.items() if count)
    return Finding(
        "journeys", "warn",
        Text(
            f"ジャーニーの途中で止まっている参加者が{report.total}人います({found})。",
            f"{report.total} people are stuck in journeys ({found}).",
        ),
        Text(
            "docs/journeys.md の “The watchdog” に、それぞれ何が足りないかがあります。",
            "“The watchdog” in docs/journeys.md says what each of them lacks.",
        ),
    )  # fmt: skip


def _warehouse(workspace: Workspace) -> Finding:
    from enishi.warehouse.client import open_warehouse
    from enishi.warehouse.engine import engine_url

    url = engine_url(workspace)
    if url.scheme == "duckdb" and not url.books(workspace.var).exists():
        return Finding(
            "warehouse", "warn",
            Text("まだデータが取り込まれていません。", "Nothing has been loaded yet."),
            Text("enishi load", "enishi load"),
        )  # fmt: skip
    found = open_warehouse(workspace)
    try:
        served = found.attached
    finally:
        found.close()
    return Finding(
        "warehouse", "ok",
        Text("倉庫は稼働中です。", "The warehouse is being served.")
        if served
        else Text("倉庫を開けます。", "The warehouse can be opened."),
    )  # fmt: skip


def _port(workspace: Workspace) -> Finding:
    port = workspace.port
    with socket.socket() as probe:
        probe.settimeout(1)
        taken = probe.connect_ex(("127.0.0.1", port)) == 0
    if not taken:
        return Finding(
            "port", "ok", Text(f"ポート {port} は空いています。", f"Port {port} is free.")
        )
    if workspace.door_token_path.exists():
        return Finding(
            "port", "ok", Text(f"ポート {port} で稼働中です。", f"Enishi is serving port {port}.")
        )
    return Finding(
        "port", "warn",
        Text(f"ポート {port} は使用中です。", f"Port {port} is taken by another program."),
        Text(f"enishi serve --port {port + 10}", f"enishi serve --port {port + 10}"),
    )  # fmt: skip


def _for_tests() -> Iterator[Finding]:
    """What only the tests need."""
    fonts = [Path("/usr/share/fonts"), Path("/usr/local/share/fonts")]
    needs = {
        "chromium": shutil.which("chromium") is not None,
        "fonts-noto-cjk": any(
            any(folder.rglob("NotoSansCJK*")) for folder in fonts if folder.is_dir()
        ),
        "postgresql": any(Path("/usr/lib/postgresql").glob("*/bin/initdb")),
    }
    for package, there in needs.items():
        if there:
            yield Finding(
                f"tests.{package}", "ok", Text(f"テスト用: {package}", f"For tests: {package}")
            )
        else:
            yield Finding(
                f"tests.{package}", "warn",
                Text(f"テストに必要な {package} がありません。", f"The tests need {package}."),
                Text(f"apt-get install -y {package}", f"apt-get install -y {package}"),
            )  # fmt: skip
