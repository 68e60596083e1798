"""The processes of `campaigns.send_kill`: the one that sends, and a provider that knows keys.

python -m campaigns.send_kill_worker ROOT prepare MESSAGES PORT
python -m campaigns.send_kill_worker ROOT blind|dedupes MARKING      # begets those who send
python -m campaigns.send_kill_worker provider PORT FILE MUTE
"""

from __future__ import annotations

import os
import select
import socket
import socketserver
import sys
import threading
import time
import traceback
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from benchmarks.send import ground

WORKERS = 8


# ── a provider that recognises our key ───────────────────────────────────────────────────────────


class Provider(socketserver.StreamRequestHandler):
    """Takes lines `key id`: a key that is new is written down, then any is answered `ok`."""

    known: set[bytes] = set()
    file = 0
    mute = 0
    count = 0
    lock = threading.Lock()

    def handle(self) -> None:
        with suppress(ConnectionError):  # the sender was killed
            self._take()

    def _take(self) -> None:
        for line in self.rfile:
            key, _, id_ = line.strip().partition(b" ")
            with Provider.lock:
                if key not in Provider.known:
                    os.write(Provider.file, id_ + b"\n")
                    Provider.known.add(key)
                Provider.count += 1
                lost = Provider.mute and Provider.count % Provider.mute == 0
            if lost:
                return
            self.wfile.write(b"ok\n")


def provide(port: int, file: str, mute: int) -> None:
    Provider.file, Provider.mute = os.open(file, os.O_APPEND | os.O_WRONLY), mute
    socketserver.ThreadingTCPServer.allow_reuse_address = True
    with socketserver.ThreadingTCPServer(("127.0.0.1", port), Provider) as server:
        server.daemon_threads = True
        server.serve_forever()


def wait_for(port: int) -> None:
    """Until something listens."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        time.sleep(0.02)
    raise SystemExit("the provider does not listen")


@dataclass
class KeyChannel:
    """The way to that provider."""

    port: int
    name: str = "keys"
    channel: str = "email"
    dedupes: bool = True
    workers: int = WORKERS

    def prepare(self, outgoing: Any) -> bytes:
        return f"{outgoing.key} {outgoing.delivery}\n".encode()

    def open(self) -> KeyConnection:
        return KeyConnection(self.port)

    def wait_for(self, _: str) -> float:
        return 0.0


@dataclass(frozen=True)
class MakeKeys:
    """Makes that channel of any account; a child process may be given it."""

    port: int

    def __call__(self, _: object) -> KeyChannel:
        return KeyChannel(self.port)


class KeyConnection:
    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None

    def send(self, prepared: bytes, outgoing: Any) -> Any:
        from enishi.messages.channels.port import Sent, Unknown

        try:
            if self._socket is None:
                self._socket = socket.create_connection(("127.0.0.1", self._port), 10)
            self._socket.sendall(prepared)
            if self._socket.recv(10) == b"ok\n":
                return Sent(outgoing.key)
        except OSError:
            pass
        self.close()
        return Unknown("no_answer")

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


# ── the one that sends ───────────────────────────────────────────────────────────────────────────


def mark_wrongly(marking: str) -> None:
    """What two simpler ways of marking would do: they must lose, and double."""
    from enishi.book.clock import now
    from enishi.messages.models import Delivery
    from enishi.messages.sending import claiming

    def before(claimed: Any, *_: object, **__: object) -> None:
        """Sent as soon as somebody sets out to send it."""
        ids = [one[0] for one in claimed]
        Delivery.objects.filter(id__in=ids).update(state="sent", finished_at=now(), due_at=None)

    def after(*_: object, **__: object) -> None:
        """Nothing until it has been sent."""

    if marking:
        claiming.mark_attempting = {"before": before, "after": after}[marking]
        claiming.mine = lambda ids, _: set(ids)


def beget(root: Path, provider: str, marking: str) -> None:
    """Fork a process that sends for each line `POINT [alone]` of the standard input, and tell of it
    on the standard output: `ready PID`, `over PID CODE`.

    All that a sender needs is imported before: it begins within a fraction of a second. It is a
    process like any other, with its own connections, threads and child. `alone`: without a child.
    """
    from enishi.book.setup import setup
    from enishi.book.workspace import read_workspace

    setup(read_workspace(root))
    import enishi.messages.channels.registry
    import enishi.messages.sending.lane
    import enishi.messages.wording.values
    import enishi.warehouse.client  # noqa: F401  # for those who are forked
    from enishi.messages.models import TemplateVersion
    from enishi.messages.wording.readying import compiled

    for version in TemplateVersion.objects.all():
        compiled(version.id)
    _forget()
    running = 0
    while True:
        if select.select([sys.stdin], [], [], 0.005 if running else None)[0]:
            line = sys.stdin.readline()
            if not line:
                return
            point, _, alone = line.strip().partition(" ")
            running = os.fork()
            if not running:
                _live(root, provider, marking, point, bool(alone))
        if running and (ended := os.waitpid(running, os.WNOHANG))[0]:
            print("over", running, os.waitstatus_to_exitcode(ended[1]), flush=True)
            running = 0


def _live(root: Path, provider: str, marking: str, point: str, alone: bool) -> None:
    os.setsid()
    if point != "-":
        os.environ["ENISHI_CRASH_AT"] = point
    from enishi.messages.sending import ahead, apart

    ahead._CHILD_FROM = 1  # lives are short: the child is not to come at their end only
    if alone:
        apart.PROVIDERS = ()
    code = 1
    try:
        send(root, provider, marking)
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)  # what belongs to the process that begot this one is not ours to end


def send(root: Path, provider: str, marking: str) -> None:
    """Send until nothing is left."""
    begun = datetime.fromisoformat(os.environ["ENISHI_CAMPAIGN_BEGUN"])
    with ground.opened(root, begun, make=False):
        from django.db import DatabaseError

        from enishi.messages.channels.registry import channel_for
        from enishi.messages.models import Delivery, Sender
        from enishi.messages.public.links import links_for
        from enishi.messages.sending.lane import Sending

        mark_wrongly(marking)
        port = int(Sender.objects.get(slug="sink").config["port"])
        make: Any = channel_for if provider == "blind" else MakeKeys(port)
        lane, stop = Sending(links_for, make), threading.Event()

        def read() -> None:
            while not stop.is_set():
                try:
                    if not lane.read_on():
                        stop.wait(0.02)
                except Exception:  # as the lanes of the work process do
                    _forget()
                    stop.wait(0.2)

        reader = threading.Thread(target=read)
        reader.start()
        print("ready", os.getpid(), flush=True)
        while True:
            try:
                if lane.round():
                    continue
                if lane.busy():
                    lane.wait(0.02)
                elif not Delivery.objects.filter(state__in=["queued", "attempting"]).exists():
                    break
                else:
                    time.sleep(0.02)
            except DatabaseError:
                _forget()
                time.sleep(0.2)
        stop.set()
        reader.join()
        lane.close()


def _forget() -> None:
    from django.db import connections

    connections.close_all()


def prepare(root: Path, messages: int, port: int) -> None:
    with ground.opened(root) as warehouse:
        from enishi.book.clock import now
        from enishi.book.unit import in_chunks
        from enishi.book.workspace import current_workspace
        from enishi.messages.deliveries.service import Wanted, enqueue

        ground.load(current_workspace(), warehouse)
        version = ground.make_template()
        ground.make_sender(port, WORKERS)
        persons, due = ground.everybody(warehouse), now()
        rows = (
            Wanted(f"kill:{n}", persons[n % len(persons)], "email", "transactional", version, due)
            for n in range(messages)
        )
        in_chunks(rows, enqueue, size=2000)


def main() -> None:
    if sys.argv[1] == "provider":
        provide(int(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
    elif sys.argv[2] == "prepare":
        prepare(Path(sys.argv[1]), int(sys.argv[3]), int(sys.argv[4]))
    else:
        beget(Path(sys.argv[1]), sys.argv[2], sys.argv[3])


if __name__ == "__main__":
    main()
