"""Kills the sending process at named places and at random, and counts lost and doubled messages.

    python -m campaigns.send_kill                                  # 200 kills, 60,000 messages
    python -m campaigns.send_kill --kills 20 --messages 4000
    python -m campaigns.send_kill --provider dedupes               # one that recognises our key
    python -m campaigns.send_kill --postgres                       # and restarts of the database
    python -m campaigns.send_kill --marking before|after           # must lose, must double

A process of its own sends; it dies by SIGKILL, half the time at one of the lane's crash points (of
a simpler marking at the one that exposes it), else when so many mails have been taken, with its
child, without it, or after its child; the next one is begun at once. A mail server of the campaign
writes down the id of each mail before it answers; of one in two hundred the answer is lost. After
each kill the book is asked how many were being attempted, and at the end it is compared with the
mail server.

Prints JSON. `lost`: the book says sent, and nobody got it. `doubled`: got twice. `unknown`: listed
as unknown; `unlisted`: neither finished nor listed. The exit code is 0 if nothing was lost, doubled
or unlisted and no kill left more unknown than there are workers; with `--marking` if what must go
wrong did.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.send import ground
from benchmarks.send.run import sink, spare_port
from campaigns import send_kill_worker
from campaigns.send_kill_sender import Ledger, Sender
from campaigns.send_kill_worker import WORKERS
from enishi.kernel.ids import new_id

POINTS = ("sending.commit", "sending.marked", "sending.handing", "sending.answered")
EXPOSES = {"before": ("sending.marked",), "after": ("sending.answered",)}
"""Where a simpler way of marking surely goes wrong."""

MUTE = 200
"""Of so many mails the answer to one is lost."""

_LONGEST = 900.0
_STILL = 10.0
_LINE = len(new_id("dlv")) + 1


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


@dataclass
class Kills:
    """What was killed so far, and what each kill left behind."""

    done: Counter[str] = field(default_factory=Counter)
    left: list[int] = field(default_factory=list)  # attempted when the sender died, by kill
    children: list[int] = field(default_factory=list)  # unknown ends for each child that died
    unknown: int = 0

    def note(self, what: str, attempting: int, unknown: int, dedupes: bool) -> None:
        """A sender has died, and the book says so many; `what` was its death, and its child's."""
        before = 0 if dedupes or not self.left else self.left[-1]
        if "child" in what:
            self.children.append(unknown - self.unknown - before)
        self.left.append(attempting)
        self.unknown = unknown
        self.done.update(what.split(" and ") if what else ())


def campaign(
    sender: Sender, ledger: Ledger, record: Path, database: Database | None, given: Any
) -> Kills:
    """Kill so often while it sends, at moments spread over the work, and let it finish."""
    chance = random.Random(given.seed)
    kills = Kills()
    while (done := kills.done.total()) < given.kills:
        share = max(1.0, (given.messages - taken(record)) / (given.kills - done + 1))
        points = EXPOSES.get(given.marking, POINTS)
        point = chance.choice(points) if chance.random() < 0.5 else ""
        each = point in ("sending.handing", "sending.answered")
        times = chance.randint(1, max(2, int(share * (1.5 if each else 1.5 / WORKERS))))
        sender.start(f"{point}:{times}" if point else "", alone=each)
        if database is not None and chance.random() < 0.2:
            time.sleep(chance.uniform(0.0, 0.3))
            database.restart()
        child = not point and chance.random() < 0.4
        wanted = taken(record) + chance.uniform(0, share * (1 if child else 1.5))
        how = _watch(sender, record, None if point else wanted)
        if how == "done":
            return kills  # everything is sent: there is nothing more to kill
        died = point
        if how == "alive":
            died = "random"
            if child and sender.kill_child():
                died = "child and random"
                _watch(sender, record, taken(record) + share / 2)
            sender.kill(alone=chance.random() < 0.5)
        kills.note(died, *ledger.read(), given.provider == "dedupes")
    sender.start()
    if sender.over(_LONGEST) != 0:
        raise SystemExit("the sender does not come to an end")
    kills.note("", *ledger.read(), given.provider == "dedupes")
    return kills


def _watch(sender: Sender, record: Path, wanted: float | None) -> str:
    """Wait until so many are taken (None: until it dies by itself): `alive`, `died` or `done`. One
    that takes nothing more for a while is `alive` too."""
    known, since = taken(record), time.monotonic()
    while True:
        code = sender.over(0.002)
        if code is not None:
            return "done" if code == 0 else "died"
        now = taken(record)
        if (wanted is not None and now >= wanted) or time.monotonic() - since > _STILL:
            return "alive"
        if now != known:
            known, since = now, time.monotonic()


def taken(record: Path) -> int:
    """How many the provider has taken; the ids are all of one length."""
    return record.stat().st_size // _LINE


def compare(book: dict[str, Any], taken: Sequence[str]) -> dict[str, int]:
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
    }


def unknowns(kills: Kills, book: dict[str, Any], mute: int) -> dict[str, int]:
    """Whose unknown ends they are: of a kill each, or of a provider that kept its answer to itself
    (one in `mute`, by chance: so many are allowed that one campaign in a million has more)."""
    silent = book["reasons"].get("no_answer", 0)
    mean = book["total"] / mute if mute else 0.0
    return {
        "by_kills": len(book["unknown"]) - silent,
        "most_left_by_a_kill": max(kills.left, default=0),
        "most_of_a_child": max(kills.children, default=0),
        "allowed_of_each": WORKERS,
        "left_by_all_kills": sum(kills.left) + sum(kills.children),
        "unanswered": silent,
        "unanswered_allowed": math.ceil(mean + 5 * math.sqrt(mean)),
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
        sender = Sender(root, [given.provider, given.marking], environment)
        stack.callback(sender.close)
        ledger = Ledger(root, "" if database is None else database.url)
        kills = campaign(sender, ledger, record, database, given)
        seconds = time.monotonic() - began
        book = ledger.ends()
        ids = record.read_text(encoding="ascii").split()
    return {
        "campaign": "send_kill", "provider": given.provider, "marking": given.marking or "ours",
        "book": "postgresql" if given.postgres else "sqlite", "seed": given.seed,
        "messages": given.messages, "workers": WORKERS, "kills": kills.done.total(),
        "killed_at": dict(kills.done),
        "restarts": database.restarts if database is not None else 0,
        **compare(book, ids),
        "unknowns": unknowns(kills, book, 0 if given.marking else MUTE),
        "seconds": round(seconds, 1),
    }  # fmt: skip


def good(found: dict[str, Any]) -> bool:
    """Whether a campaign has shown what it has to."""
    if found["marking"] == "before":
        return bool(found["lost"])
    if found["marking"] == "after":
        return bool(found["doubled"])
    ends = found["unknowns"]
    return (
        not (found["lost"] or found["doubled"] or found["unlisted"] or found["failed"])
        and max(ends["most_left_by_a_kill"], ends["most_of_a_child"]) <= ends["allowed_of_each"]
        and ends["by_kills"] <= ends["left_by_all_kills"]
        and ends["unanswered"] <= ends["unanswered_allowed"]
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
