"""Kills the sending process at named places and at random, and counts lost and doubled messages.

    python -m campaigns.send_kill                                  # 200 kills, 60,000 messages
    python -m campaigns.send_kill --kills 20 --messages 4000
    python -m campaigns.send_kill --provider dedupes               # one that recognises our key
    python -m campaigns.send_kill --postgres                       # and restarts of the database
    python -m campaigns.send_kill --marking before|after           # must lose, must double

A process of its own sends; it dies by SIGKILL, half the time at one of the lane's crash points,
and is started again at once. A mail server of the campaign writes down the id of each mail before
it answers; of one in two hundred the answer is lost. At the end the book is compared with it.

Prints JSON. `lost`: the book says sent, and nobody got it. `doubled`: got twice. `unknown`: listed
as unknown; `unlisted`: neither finished nor listed. The exit code is 0 if nothing was lost, doubled
or unlisted and no kill left more unknown than there are workers; with `--marking` if what must go
wrong did.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.send import ground
from benchmarks.send.run import sink, spare_port
from campaigns import send_kill_worker
from campaigns.send_kill_worker import WORKERS

POINTS = ("sending.commit", "sending.marked", "sending.handing", "sending.answered")
MUTE = 200
"""Of so many mails the answer to one is lost."""

_LONGEST = 900.0


class Database:
    """A PostgreSQL of the campaign's own, that keeps what it has committed."""

    def __init__(self) -> None:
        sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
        import postgres_server

        self._module = postgres_server
        found = postgres_server.start_server()
        if found is None:
            raise SystemExit("PostgreSQL 15 or newer is not installed.")
        self._server = found
        self._server.create("campaign")
        self._server._run("ALTER SYSTEM SET synchronous_commit = on")
        self._server._run("SELECT pg_reload_conf()")
        self.url = self._server.url("campaign")
        self.restarts = 0

    def restart(self) -> None:
        """As by a power cut of the database alone."""
        data = str(self._server.folder / "data")
        server = self._server
        options = (
            f"-p {server.port} -c listen_addresses=127.0.0.1 -c fsync=off "
            f"-c unix_socket_directories={server.folder}"
        )
        control = str(self._server.binaries / "pg_ctl")
        self._module._as_ordinary_user(
            [control, "restart", "-w", "-D", data, "-m", "immediate", "-o", options,
             "-l", str(self._server.folder / "log")]
        )  # fmt: skip
        self.restarts += 1

    def stop(self) -> None:
        self._server.stop()


class Sender:
    """The process that sends, killed and started again."""

    def __init__(self, root: Path, given: argparse.Namespace, environment: dict[str, str]) -> None:
        self._command = [
            sys.executable, "-m", "campaigns.send_kill_worker", str(root), given.provider,
            given.marking,
        ]  # fmt: skip
        self._environment = environment
        self._log = (root / "worker.log").open("ab")
        self.running: subprocess.Popen[bytes] | None = None

    def start(self, crash_at: str = "") -> None:
        """Start it and wait until it sends."""
        more = {"ENISHI_CRASH_AT": crash_at} if crash_at else {}
        self.running = subprocess.Popen(
            self._command, env=self._environment | more, stdout=subprocess.PIPE,
            stderr=self._log, start_new_session=True,
        )  # fmt: skip
        assert self.running.stdout is not None
        self.running.stdout.readline()

    def over(self, seconds: float) -> int | None:
        """Its exit code, if it ends within the time."""
        assert self.running is not None
        try:
            return self.running.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def kill(self, *, alone: bool) -> None:
        """With all its children, or alone: they then end by themselves."""
        assert self.running is not None
        (os.kill if alone else os.killpg)(self.running.pid, signal.SIGKILL)
        self.running.wait(20)


def campaign(sender: Sender, database: Database | None, kills: int, seed: int) -> Counter[str]:
    """Kill so often while it sends, and let it finish; how often by what."""
    chance = random.Random(seed)
    done: Counter[str] = Counter()
    while sum(done.values()) < kills:
        point = chance.choice(POINTS) if chance.random() < 0.5 else ""
        sender.start(f"{point}:{chance.randint(1, 12)}" if point else "")
        if database is not None and chance.random() < 0.2:
            time.sleep(chance.uniform(0.05, 0.3))
            database.restart()
        ended = sender.over(8.0 if point else chance.uniform(0.05, 0.8))
        if ended == 0:
            return done  # everything is sent: there is nothing more to kill
        if ended is None:
            sender.kill(alone=chance.random() < 0.5)
        done[point if ended is not None and point else "random"] += 1
    sender.start()
    if sender.over(_LONGEST) != 0:
        raise SystemExit("the sender does not come to an end")
    return done


def compare(book: dict[str, Any], taken: Sequence[str], kills: int) -> dict[str, int]:
    """What the book says against what was taken, by the ids of deliveries."""
    got = Counter(taken)
    sent = set(book["sent"])
    return {
        "sent": len(sent),
        "taken": len(got),
        "lost": len(sent - got.keys()),
        "doubled": sum(count - 1 for count in got.values()),
        "unknown": len(book["unknown"]),
        "unknown_that_arrived": len(got.keys() & set(book["unknown"])),
        "failed": book["failed"],
        "unlisted": book["total"] - len(sent) - len(book["unknown"]) - book["failed"],
        "unknown_allowed": kills * WORKERS,
    }


def run(given: argparse.Namespace) -> dict[str, Any]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="enishi-send-kill-")))
        root, port, record = folder / "bank", spare_port(), folder / "taken"
        record.touch()
        database = Database() if given.postgres else None
        environment = os.environ | {"ENISHI_CAMPAIGN_BEGUN": datetime.now(UTC).isoformat()}
        if database is not None:
            stack.callback(database.stop)
            environment |= {"ENISHI_DATABASE_URL": database.url}
        ground.write_workspace(root, min(given.messages, 2000))
        command = [sys.executable, "-m", "campaigns.send_kill_worker", str(root)]
        subprocess.run(
            [*command, "prepare", str(given.messages), str(port)], env=environment, check=True
        )
        if given.provider == "dedupes":
            more = ["campaigns.send_kill_worker", "provider", str(port), str(record), str(MUTE)]
            provider = subprocess.Popen([sys.executable, "-m", *more])
            stack.callback(provider.wait)
            stack.callback(provider.terminate)
            send_kill_worker.wait_for(port)
        else:
            mute = 0 if given.marking else MUTE
            stack.enter_context(sink(port, str(record), "--delay", "5", "--mute", str(mute)))
        began = time.monotonic()
        sender = Sender(root, given, environment)
        kills = campaign(sender, database, given.kills, given.seed)
        seconds = time.monotonic() - began
        told = subprocess.run(
            [*command, "check"], env=environment, check=True, capture_output=True
        ).stdout
        book = json.loads(told)
        taken = record.read_text(encoding="ascii").split()
    total = sum(kills.values())
    lost_answers = given.messages // MUTE * 2 + 20  # of those the provider kept to itself
    found = compare(book, taken, total)
    found["unknown_allowed"] += 0 if given.marking else lost_answers
    return {
        "campaign": "send_kill", "provider": given.provider, "marking": given.marking or "ours",
        "book": "postgresql" if given.postgres else "sqlite", "seed": given.seed,
        "messages": given.messages, "workers": WORKERS, "kills": dict(kills),
        "restarts": database.restarts if database is not None else 0, **found,
        "seconds": round(seconds, 1),
    }  # fmt: skip


def good(found: dict[str, Any]) -> bool:
    """Whether a campaign has shown what it has to."""
    if found["marking"] == "before":
        return bool(found["lost"])
    if found["marking"] == "after":
        return bool(found["doubled"])
    return (
        not (found["lost"] or found["doubled"] or found["unlisted"] or found["failed"])
        and found["unknown"] <= found["unknown_allowed"]
        and (found["provider"] != "dedupes" or found["unknown"] == 0)
    )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--messages", type=int, default=60_000)
    parser.add_argument("--provider", choices=["blind", "dedupes"], default="blind")
    parser.add_argument("--marking", choices=["", "before", "after"], default="")
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args(arguments)
    found = run(given)
    text = json.dumps(found, indent=2)
    print(text)
    if given.out is not None:
        given.out.write_text(text + "\n")
    return 0 if good(found) else 1


if __name__ == "__main__":
    raise SystemExit(main())
