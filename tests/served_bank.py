"""A small demo bank behind a real server, and pages opened on it."""

from __future__ import annotations

import os
import queue
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page

ENISHI = str(Path(sys.executable).parent / "enishi")
READY_WITHIN = 90
WIDE = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}


@dataclass(frozen=True, slots=True)
class Served:
    """A workspace that is being served, and how each role signs in."""

    url: str
    workspace: Path
    emails: dict[str, str]
    password: str


@dataclass(slots=True)
class Visit:
    """A signed-in page, and everything that went wrong while it was used."""

    page: Page
    base: str
    context: BrowserContext
    troubles: list[str] = field(default_factory=list)

    def go(self, path: str) -> Page:
        self.page.goto(self.base + path, wait_until="networkidle")
        return self.page


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        found: int = probe.getsockname()[1]
        return found


def _wait_for_address(process: subprocess.Popen[str], url: str) -> None:
    """Read what the server says until it says where it is."""
    lines: queue.Queue[str] = queue.Queue()
    assert process.stdout is not None
    output = process.stdout

    def read() -> None:
        for line in output:
            lines.put(line)
        lines.put("")

    threading.Thread(target=read, daemon=True).start()
    seen = []
    while True:
        try:
            line = lines.get(timeout=READY_WITHIN)
        except queue.Empty:
            pytest.fail(f"the server did not say it was ready; it said: {''.join(seen)}")
        seen.append(line)
        if url in line:
            return
        if not line:
            pytest.fail(f"the server ended: {''.join(seen)}")


@contextmanager
def serve(folder: Path) -> Iterator[Served]:
    """Make a demo bank in `folder` and serve it, by the commands a newcomer would use."""
    environment = os.environ | {"ENISHI_LANG": "en"}
    made = subprocess.run(
        [ENISHI, "demo", "--customers", "3000", "--workspace", str(folder), "--no-serve"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    emails = {email.split("@")[0]: email for email in re.findall(r"\S+@example\.jp", made.stdout)}
    password = re.search(r"hinode-\S+", made.stdout)
    assert password is not None, made.stdout
    with (folder / "enishi.toml").open("a", encoding="utf-8") as file:
        file.write('\n[webhooks]\nallow = ["127.0.0.1"]\n')  # where the tests listen
    port = _free_port()
    url = f"http://localhost:{port}"
    process = subprocess.Popen(
        [ENISHI, "-w", str(folder), "serve", "--port", str(port)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        _wait_for_address(process, url)
        yield Served(url, folder, emails, password.group())
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)
