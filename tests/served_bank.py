"""A small demo bank behind a real server, and pages opened on it."""

from __future__ import annotations

import os
import queue
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import APIResponse, ConsoleMessage, Page, Request, ViewportSize

from demo_bank import ENISHI, DemoBank

AXE = Path(__file__).parents[1] / "ui" / "node_modules" / "axe-core" / "axe.min.js"
IDLE = """() => new Promise(done => setTimeout(() => requestIdleCallback(done), 100))"""
READY_WITHIN = 90
WIDE: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}


@dataclass(frozen=True, slots=True)
class Served:
    """A workspace that is being served, and how each role signs in."""

    url: str
    workspace: Path
    emails: dict[str, str]
    password: str


class Visit:
    """A page of one's own, and everything that went wrong while it was used."""

    def __init__(self, page: Page, base: str) -> None:
        self.page, self.base, self.context = page, base, page.context
        self.troubles: list[str] = []
        self._open: set[Request] = set()
        self._asked = 0
        page.on("pageerror", lambda error: self.troubles.append(f"script error: {error}"))
        page.on("console", self._said)
        page.on("request", self._ask)
        page.on("requestfinished", self._answered)
        page.on("requestfailed", self._answered)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.troubles.append(f"console: {message.text}")

    def _ask(self, request: Request) -> None:
        if not request.url.startswith((self.base, "data:", "blob:")):
            self.troubles.append(f"foreign request: {request.url}")
        if request.resource_type != "eventsource":  # it lasts as long as the page
            self._open.add(request)
            self._asked += 1

    def _answered(self, request: Request) -> None:
        self._open.discard(request)

    def go(self, path: str) -> Page:
        """Open the page at an address, and let it fetch what it shows."""
        self._open.clear()
        self.page.goto(self.base + path, wait_until="load")
        self.settle()
        return self.page

    def settle(self) -> None:
        """Wait until the page has everything it asked for and nothing more to do."""
        known = -1
        while self._open or known != self._asked:
            known = self._asked
            self.page.evaluate(IDLE)

    def get(self, path: str) -> Any:
        """Ask the API as the page would."""
        return self._told(self.context.request.get(f"{self.base}/api/{path}"))

    def call(self, method: str, path: str, body: object = None) -> Any:
        """Tell the API to change something, as the page would."""
        headers = {"Origin": self.base, "X-CSRFToken": self.get("session")["csrf"]}
        more: Any = {} if body is None else {"data": body}
        at = f"{self.base}/api/{path}"
        return self._told(self.context.request.fetch(at, method=method, headers=headers, **more))

    @staticmethod
    def _told(answer: APIResponse) -> Any:
        assert answer.ok, answer.text()
        return answer.json()

    def leave(self) -> None:
        """Go where nothing happens: a page left open goes on asking, and renews its lease.

        The page itself goes: sent by the browser it would get another process, and lose what
        it has compiled. An empty page that comes after another one has that one's storage.
        """
        if self.page.url.startswith(self.base):
            self.page.evaluate("location.href = 'about:blank'")
            self.page.wait_for_url("about:blank")


def faults(page: Page, part: str = "html") -> list[str]:
    """What axe-core finds in a part of the page against WCAG 2.2 AA, one line each."""
    if page.evaluate("typeof axe === 'undefined'"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        """async part => {
          // A colour on its way to another one is neither.
          await Promise.all(document.getAnimations()
            .filter(a => a.effect.getComputedTiming().iterations !== Infinity)
            .map(a => a.finished.catch(() => null)));
          const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
          return (await axe.run(part, {runOnly: rules})).violations.map(
            v => `${v.id}: ${v.nodes.slice(0, 3).map(n => n.target.join(' ')).join(' | ')}`);
        }""",
        part,
    )
    return list(found)


def fits_a_phone(page: Page) -> None:
    """Nothing reaches beyond a phone's edge; the page is left as narrow as that."""
    page.set_viewport_size(PHONE)
    page.wait_for_function("document.documentElement.clientWidth === 390")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], page.url


def accessible(page: Page) -> None:
    """Nothing that axe-core finds, and nothing beyond a phone's edge; the size is given back."""
    assert faults(page) == [], page.url
    wide = page.viewport_size
    assert wide is not None
    fits_a_phone(page)
    page.set_viewport_size(wide)


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
def serve(bank: DemoBank, folder: Path) -> Iterator[Served]:
    """Serve a copy of the demo bank in `folder`."""
    bank.lend(folder)
    with (folder / "enishi.toml").open("a", encoding="utf-8") as file:
        file.write('\n[webhooks]\nallow = ["127.0.0.1"]\n')  # where the tests listen
    port = _free_port()
    url = f"http://localhost:{port}"
    process = subprocess.Popen(
        [ENISHI, "-w", str(folder), "serve", "--port", str(port)],
        env=os.environ | {"ENISHI_LANG": "en"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        _wait_for_address(process, url)
        yield Served(url, folder, bank.emails, bank.password)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)
