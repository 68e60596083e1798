"""The bank and the browser that the flows share."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ViewportSize,
    sync_playwright,
)

from demo_bank import DemoBank
from served_bank import WIDE, Served, Visit, serve


@pytest.fixture(scope="session")
def served(
    demo_bank: DemoBank, tmp_path_factory: pytest.TempPathFactory, browser: Browser
) -> Iterator[Served]:
    with serve(demo_bank, tmp_path_factory.mktemp("bank") / "demo") as bank:
        _contact_at_any_hour(bank, browser)
        yield bank


def _contact_at_any_hour(bank: Served, browser: Browser) -> None:
    """Retire the quiet hours: served on the real clock, the flows would differ by night."""
    admin = Visits(bank, browser).open("admin")
    rows = admin.get("policies")["items"]
    quiet = next(row["id"] for row in rows if row["slug"] == "quiet-hours")
    admin.call("POST", f"policies/{quiet}/retire")
    admin.context.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.fail("Chromium is missing; as root, run: apt-get install -y chromium")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(
            executable_path=chromium,
            args=["--no-sandbox", "--disable-background-networking", "--disable-component-update"],
        )
        yield found
        found.close()


class Visits:
    """Opens pages as a role. One is used again by the flows that come after: a new one has to
    start a process, fetch the interface and compile it, which takes longer than most flows.
    """

    def __init__(self, served: Served, browser: Browser) -> None:
        self._served, self._browser = served, browser
        self._sessions: dict[str, Any] = {}  # the cookies of each role
        self._free: dict[tuple[str, str], list[Visit]] = {}
        self._used: list[tuple[tuple[str, str] | None, Visit]] = []

    def open(
        self,
        role: str | None,
        *,
        locale: str = "ja",
        size: ViewportSize = WIDE,
        fresh: bool = False,
    ) -> Visit:
        """A page signed in as `role`. `fresh`: in a session of its own, which may be ended."""
        known = None if fresh or role is None else (role, locale)
        free = self._free.get(known, []) if known else []
        visit = free.pop() if free else self._new(role, locale, fresh=fresh)
        visit.page.set_viewport_size(size)
        self._used.append((known, visit))
        return visit

    def _new(self, role: str | None, locale: str, *, fresh: bool) -> Visit:
        context = self._browser.new_context(
            locale="ja-JP" if locale == "ja" else "en-GB",
            timezone_id="Asia/Tokyo",
            reduced_motion="reduce",
        )
        # Signing in through the form does this; here a session is handed over ready made.
        context.add_init_script(f"localStorage.setItem('enishi.locale', '{locale}')")
        if role is not None:
            self._enter(context, role, fresh=fresh)
        return Visit(context.new_page(), self._served.url)

    def _enter(self, context: BrowserContext, role: str, *, fresh: bool = False) -> None:
        """Sign in: by the role's one session, which all flows share, unless it is to be fresh."""
        known = None if fresh else self._sessions.get(role)
        if known is not None:
            context.clear_cookies()
            context.add_cookies(known)
            return
        answer = context.request.post(
            f"{self._served.url}/api/auth/sign-in",
            data={"email": self._served.emails[role], "password": self._served.password},
            headers={"Origin": self._served.url},
        )
        assert answer.ok, answer.text()
        if not fresh:
            self._sessions[role] = context.cookies()

    def end(self) -> list[str]:
        """Give the pages back as they were found; what went wrong on them, one line each."""
        troubles = [trouble for _, visit in self._used for trouble in visit.troubles]
        for known, visit in self._used:
            if known is None:
                visit.context.close()
                continue
            if visit.page.url != "about:blank":
                visit.page.evaluate("localStorage.clear(); sessionStorage.clear()")
                visit.leave()
            self._enter(visit.context, known[0])
            visit.troubles.clear()
            self._free.setdefault(known, []).append(visit)
        self._used.clear()
        return troubles


@pytest.fixture(scope="session")
def visits(served: Served, browser: Browser) -> Visits:
    return Visits(served, browser)


@pytest.fixture
def visit(visits: Visits) -> Iterator[Callable[..., Visit]]:
    """Open a page signed in as a role; foreign requests and script errors fail the test."""
    yield visits.open
    assert visits.end() == []
