"""The sending process as the campaign has it: started, watched, killed; and what it left behind."""

from __future__ import annotations

import os
import queue
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

_SLOWEST = 60.0
"""Seconds within which a sender must have begun."""


class Sender:
    """The process that sends; another one is begun by `start` when it has died."""

    def __init__(self, root: Path, more: list[str], environment: dict[str, str]) -> None:
        self._log = (root / "worker.log").open("ab")
        self._begetter = subprocess.Popen(
            [sys.executable, "-m", "campaigns.send_kill_worker", str(root), *more],
            env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log,
        )  # fmt: skip
        self._told: queue.SimpleQueue[list[str]] = queue.SimpleQueue()
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        self.pid = 0
        self._code: int | None = None

    def _listen(self) -> None:
        assert self._begetter.stdout is not None
        for line in self._begetter.stdout:
            self._told.put(line.decode().split())
        self._told.put(["gone"])

    def start(self, crash_at: str = "", *, alone: bool = False) -> None:
        """Begin another one, and wait until it sends or has died. `alone`: without a child."""
        assert self._begetter.stdin is not None
        self._begetter.stdin.write(f"{crash_at or '-'}{' alone' if alone else ''}\n".encode())
        self._begetter.stdin.flush()
        self._code, self.pid = None, 0
        deadline = time.monotonic() + _SLOWEST
        while not self.pid and self._code is None:
            self._hear(deadline - time.monotonic())

    def _hear(self, seconds: float) -> None:
        try:
            told = self._told.get(timeout=max(seconds, 0.0))
        except queue.Empty:
            raise SystemExit("the sender does not begin") from None
        if told[0] == "gone":
            raise SystemExit("the process that begets senders has ended")
        if told[0] == "ready":
            self.pid = int(told[1])
        elif told[0] == "over":
            self._code = int(told[2])

    def over(self, seconds: float = 0.0) -> int | None:
        """Its exit code, if it ends within the time."""
        deadline = time.monotonic() + seconds
        while self._code is None:
            left = deadline - time.monotonic()
            if self._told.empty() and left <= 0:
                return None
            if self._told.empty():
                time.sleep(min(left, 0.002))
            else:
                self._hear(1.0)
        return self._code

    def kill(self, *, alone: bool) -> None:
        """With its child, or alone: the child then ends by itself."""
        with suppress(ProcessLookupError):
            (os.kill if alone else os.killpg)(self.pid, signal.SIGKILL)
        while self._code is None:
            self._hear(20.0)

    def kill_child(self) -> bool:
        """The process that makes and hands over mails, alone; whether there was one."""
        for thread in Path(f"/proc/{self.pid}/task").glob("*/children"):
            with suppress(OSError):  # a thread that has ended
                for child in map(int, thread.read_text(encoding="ascii").split()):
                    if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes():
                        os.kill(child, signal.SIGKILL)
                        return True
        return False

    def close(self) -> None:
        assert self._begetter.stdin is not None
        self._begetter.stdin.close()
        self._begetter.wait(20)
        self._log.close()


class Ledger:
    """The book between two senders: how many it says are being attempted, and how many have an
    unknown end because somebody died (not because a provider kept its answer to itself)."""

    def __init__(self, root: Path, url: str) -> None:
        self._path, self._url = root / "var" / "book.sqlite3", url

    def read(self) -> tuple[int, int]:
        """(attempting, unknown), once nobody is writing any more."""
        if not self._url:
            with closing(sqlite3.connect(self._path, timeout=10)) as book:
                return self._counted(book.execute(_COUNT).fetchall())
        import psycopg

        with psycopg.connect(self._url) as book:
            deadline = time.monotonic() + 10
            while time.monotonic() < deadline:
                others = book.execute(_OTHERS).fetchone()
                book.commit()
                if others is not None and not others[0]:
                    break
                time.sleep(0.01)
            return self._counted(book.execute(_COUNT).fetchall())

    def ends(self) -> dict[str, Any]:
        """How everything has ended: ids that are `sent` and `unknown`, why (`reasons`), how many
        `failed`, and the `total`."""
        asked = "SELECT id, state, reason FROM messages_delivery"
        if self._url:
            import psycopg

            with psycopg.connect(self._url) as server:
                rows = server.execute(asked).fetchall()
        else:
            with closing(sqlite3.connect(self._path, timeout=10)) as book:
                rows = book.execute(asked).fetchall()
        return {
            "sent": [id_ for id_, state, _ in rows if state == "sent"],
            "unknown": [id_ for id_, state, _ in rows if state == "unknown"],
            "reasons": Counter(reason for _, state, reason in rows if state == "unknown"),
            "failed": sum(state in ("failed", "suppressed") for _, state, _ in rows),
            "total": len(rows),
        }

    def _counted(self, rows: list[tuple[str, int]]) -> tuple[int, int]:
        found = dict(rows)
        return found.get("attempting", 0), found.get("unknown", 0)


_COUNT = (
    "SELECT state, count(*) FROM messages_delivery WHERE state = 'attempting'"
    " OR (state = 'unknown' AND reason = 'stopped') GROUP BY state"
)
_OTHERS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
)
