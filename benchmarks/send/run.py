"""Personalised mails through the gate to a mail server on this machine.

    python -m benchmarks.send                                # 5,000 mails
    python -m benchmarks.send --mails 100000
    python -m benchmarks.send --mails 20000 --queued 1000000 # beside a million that wait

Prints JSON. Each mail is rendered for its person (Liquid in MJML, tracked links, unsubscribe),
signed with DKIM, decided by the gate with its contact counted, marked, handed over on one of 16
connections and finished in the book. `sink` is what the server itself takes from a bare client
that sends one such mail again and again over as many connections, measured just before. `units_ms`
is how long each kind of unit held the book; `child` makes and hands over the mails, and its share
has the second of its start in it. The book
is SQLite, or PostgreSQL by ENISHI_DATABASE_URL (an empty database).
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.send import ground
from benchmarks.send.pouring import pour

_SETTLE = 0.2


def spare_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        found: int = probe.getsockname()[1]
        return found


@contextmanager
def sink(port: int, *more: str) -> Iterator[subprocess.Popen[bytes]]:
    """The mail server, listening."""
    running = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.send.sink", "127.0.0.1", str(port), *more]
    )
    try:
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)
        yield running
    finally:
        running.send_signal(signal.SIGTERM)
        running.wait(20)


def bare(port: int, connections: int, mail: bytes, seconds: float, folder: Path) -> int:
    """What the sink takes from a client that does nothing else."""
    path = folder / "mail.eml"
    path.write_bytes(mail)
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.send.bare", "127.0.0.1", str(port),
         str(connections), str(seconds), str(path)],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return int(done.stdout)


def sample_mail(version: str, person: str) -> bytes:
    """One of the mails, as it leaves."""
    from enishi.book.clock import now
    from enishi.messages.channels.port import Outgoing
    from enishi.messages.channels.registry import channel_for
    from enishi.messages.public.links import links_for
    from enishi.messages.senders.service import account_for
    from enishi.messages.wording.readying import compiled
    from enishi.messages.wording.values import Missing, values_for

    made = compiled(version)
    values = values_for([person], made, now())[person]
    assert not isinstance(values, Missing)
    links = links_for("dlv_sample0000")
    rendered = made.render(values, links)
    outgoing = Outgoing(
        "sample", "dlv_sample0000", person, "p0@example.jp", "顧客", rendered, now(),
        links.unsubscribe,
    )  # fmt: skip
    return channel_for(account_for("email")).prepare(outgoing)


def prepare(mails: int) -> tuple[str, float]:
    """A send to everybody, as an operator makes it; its id and the seconds that writing it down
    took."""
    from enishi.book.access import OPERATOR
    from enishi.messages.sends import preparing
    from enishi.messages.sends import service as sends
    from enishi.messages.sends.bodies import SendBody
    from enishi.messages.sends.previewing import preview
    from enishi.messages.sends.schemas import SendIn

    rule = {"field": "id", "op": "lt", "value": mails}
    wanted = SendIn(name="満期", slug="maturity", body=SendBody(template="maturity", rule=rule))
    sends.create(wanted, OPERATOR)
    sends.dispatch("maturity", preview("maturity", OPERATOR, "ja").token, OPERATOR)
    begun = time.perf_counter()
    send = sends.get_send("maturity")
    preparing.step(send)
    return send.id, time.perf_counter() - begun


def queue_more(count: int, version: str, warehouse: Any) -> None:
    """Deliveries that come after the send's, so that they only wait."""
    from datetime import timedelta

    from enishi.book.clock import now
    from enishi.book.unit import in_chunks
    from enishi.messages.deliveries.service import Wanted, enqueue

    persons, due = ground.everybody(warehouse), now() + timedelta(seconds=1)
    rows = (
        Wanted(f"more:{n}", persons[n % len(persons)], "email", "deposits", version, due)
        for n in range(count)
    )
    in_chunks(rows, enqueue, size=5000)


def run(mails: int, queued: int, connections: int, seconds: float) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="enishi-send-") as made:
        folder, port = Path(made), spare_port()
        root = folder / "bank"
        ground.write_workspace(root, max(mails, 1000))
        with ground.opened(root) as warehouse, sink(port) as server:
            from enishi.book.workspace import current_workspace

            ground.load(current_workspace(), warehouse)
            version = ground.make_template()
            ground.make_sender(port, connections)
            mail = sample_mail(version, ground.everybody(warehouse)[0])
            limit = bare(port, connections, mail, seconds, folder)
            send, prepared = prepare(mails)
            if queued:
                queue_more(queued, version, warehouse)
            time.sleep(_SETTLE)
            before = _cpu_of(server.pid)
            found = pour(send)
            cpu = found["cpu_seconds"]
            cpu["sink"] = round(_cpu_of(server.pid) - before, 1)
            found["cpu_ms_a_mail"] = {
                name: round(took / mails * 1000, 2) for name, took in cpu.items()
            }
            from django.db import connection

            vendor = connection.vendor
    return {
        "benchmark": "send", "mails": mails, "also_queued": queued, "connections": connections,
        "book": vendor, "mail_bytes": len(mail), "sink": {"mails_per_second": limit},
        "prepared_per_second": round(mails / prepared), **found,
        "machine": {"cores": os.cpu_count(), "python": platform.python_version(),
                    "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1000},
    }  # fmt: skip


def _cpu_of(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--mails", type=int, default=5000)
    parser.add_argument("--queued", type=int, default=0, help="others that wait behind them")
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=3.0, help="of measuring the sink alone")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args(arguments)
    text = json.dumps(run(given.mails, given.queued, given.connections, given.seconds), indent=2)
    print(text)
    if given.out is not None:
        given.out.write_text(text + "\n")
