"""`enishi serve`: web, work and ingest under one supervisor."""

from __future__ import annotations

import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import replace

import click

from enishi.book.workspace import ENV_EVENTS_URL, ENV_URL, ENV_WORKSPACE, Workspace
from enishi.cli.supervisor import Child, Supervisor, module
from enishi.cli.words import say
from enishi.cli.workspace import the_workspace
from enishi.kernel.errors import Conflict, EnishiError
from enishi.kernel.text import Text


@click.command(
    help=say(
        "画面・API・処理・受付をすべて起動する。Ctrl-C で終わる。",
        "Start the interface, the API, the work and the ingest. Ctrl-C ends them.",
    )
)
@click.option("--host", help=say("待ち受けるアドレス", "The address to listen on."))
@click.option(
    "--port", type=int, default=None, help=say("待ち受けるポート", "The port to listen on.")
)
def serve(host: str | None, port: int | None) -> None:
    run(the_workspace(), host=host, port=port)


def run(
    workspace: Workspace,
    *,
    host: str | None = None,
    port: int | None = None,
    beside: Callable[[str], Sequence[Child]] = lambda _url: (),
) -> None:
    """Serve a workspace until a signal ends it. Raises Conflict when the port is taken.

    `beside` is told where events are taken, and gives further processes to be kept running.
    """
    host, port = host or workspace.host, port or workspace.port
    _refuse_taken(host, port)
    workspace.prepare()
    ingest = _ingest_port(host, port)
    events = f"http://{_reached(host)}:{ingest}"
    watch = _Watch(f"http://{_reached(host)}:{port}", events)
    # Links in mails and invitations lead here, also when the port is not the workspace's own.
    address = {ENV_URL: replace(workspace, host=host, port=port).url}
    address[ENV_EVENTS_URL] = workspace.public_events_url or events
    environment = os.environ | {ENV_WORKSPACE: str(workspace.root)} | address
    _migrate(environment)
    Supervisor(
        children=[
            Child("work", module("enishi.work.main")),
            Child("web", module("enishi.web.main", host, str(port))),
            Child("ingest", module("enishi.sources.ingest", host, str(ingest))),
            *beside(events),
        ],
        environment=environment,
        on_exit=_tell,
        on_tick=watch.look,
    ).run()
    click.echo(say("終了しました。", "Stopped."))


class _Watch:
    """Says where Enishi is, once it answers."""

    def __init__(self, url: str, events: str) -> None:
        self.url, self.events = url, events
        self.told = False
        self.next = 0.0

    def look(self) -> None:
        if self.told or time.monotonic() < self.next:
            return
        self.next = time.monotonic() + 0.3
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=1):  # noqa: S310  our own http address
                pass
        except OSError:
            return
        self.told = True
        click.echo(
            say(
                f"Enishi を起動しました: {self.url} (終了は Ctrl-C)\nイベントの受付: {self.events}",
                f"Enishi is at {self.url} (Ctrl-C to stop)\nIt takes events at {self.events}",
            )
        )


def _reached(host: str) -> str:
    """The name by which this machine reaches a server that listens on `host`."""
    return "localhost" if host in ("127.0.0.1", "0.0.0.0", "::1") else host  # noqa: S104  compared, not bound


def _tell(child: Child, code: int) -> None:
    click.secho(
        say(
            f"{child.name} が終了しました(コード {code})。{child.pause:.1f}秒後に再起動します。",
            f"{child.name} ended with code {code}; restarting it in {child.pause:.1f} s.",
        ),
        fg="yellow",
        err=True,
    )


def _migrate(environment: dict[str, str]) -> None:
    """Bring the book up in a process of its own, so that the supervisor stays small."""
    done = subprocess.run(  # noqa: S603  the command is our own
        module("enishi.cli.main", "migrate"),
        env=environment,
        stdout=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode:
        raise EnishiError(
            Text("データベースを準備できませんでした。", "The book could not be made ready."),
            Text(
                "`enishi doctor` で原因を確かめてください。", "Find out why with `enishi doctor`."
            ),
            code="book_not_ready",
        )


def is_free(host: str, port: int) -> bool:
    """Whether this process may listen on a port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _refuse_taken(host: str, port: int) -> None:
    if is_free(host, port):
        return
    raise Conflict(
        Text(f"ポート {port} は使用中です。", f"Port {port} is taken."),
        Text(
            f"そのポートを使っているプログラムを止めるか、`enishi serve --port {port + 10}` "
            "のように別のポートで起動してください。",
            f"Stop what uses it, or take another port: `enishi serve --port {port + 10}`.",
        ),
        code="port_taken",
    )


def _ingest_port(host: str, port: int) -> int:
    """The port after the web's, or any other one when that is taken."""
    if is_free(host, port + 1):
        return port + 1
    with socket.socket() as probe:
        probe.bind((host, 0))
        found: int = probe.getsockname()[1]
        return found
