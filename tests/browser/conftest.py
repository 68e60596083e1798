"""The bank and the browser that the flows share."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, StorageState, sync_playwright

from served_bank import WIDE, Served, Visit, serve


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serve(tmp_path_factory.mktemp("bank") / "demo") as bank:
        _contact_at_any_hour(bank)
        yield bank


def _contact_at_any_hour(bank: Served) -> None:
    """Retire the quiet hours: served on the real clock, the flows would differ by night."""
    with sync_playwright() as playwright:
        asked = playwright.request.new_context(
            base_url=bank.url, extra_http_headers={"Origin": bank.url}
        )
        who = {"email": bank.emails["admin"], "password": bank.password}
        assert asked.post("/api/auth/sign-in", data=who).ok
        rows = asked.get("/api/policies").json()["items"]
        quiet = next(row["id"] for row in rows if row["slug"] == "quiet-hours")
        cookies = asked.storage_state()["cookies"]
        token = next((one["value"] for one in cookies if "csrf" in one["name"]), "")
        answer = asked.post(f"/api/policies/{quiet}/retire", headers={"X-CSRFToken": token})
        assert answer.ok, answer.text()
        asked.dispose()


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


@pytest.fixture(scope="session")
def sessions() -> dict[str, StorageState]:
    """One session of each role, shared by the flows that neither end nor count sessions."""
    return {}


@pytest.fixture
def visit(
    served: Served, browser: Browser, sessions: dict[str, StorageState]
) -> Iterator[Callable[..., Visit]]:
    """Open a page signed in as a role; foreign requests and script errors fail the test."""
    visits: list[Visit] = []

    def open_as(
        role: str | None,
        *,
        locale: str = "ja",
        size: dict[str, int] = WIDE,
        fresh: bool = False,
    ) -> Visit:
        known = None if fresh or role is None else sessions.get(role)
        context = browser.new_context(
            viewport=size,
            locale="ja-JP" if locale == "ja" else "en-GB",
            timezone_id="Asia/Tokyo",
            reduced_motion="reduce",
            storage_state=known,
        )
        # Signing in through the form does this; here a session is handed over ready made.
        context.add_init_script(f"localStorage.setItem('enishi.locale', '{locale}')")
        if role is not None and known is None:
            answer = context.request.post(
                f"{served.url}/api/auth/sign-in",
                data={"email": served.emails[role], "password": served.password},
                headers={"Origin": served.url},
            )
            assert answer.ok, answer.text()
            if not fresh:
                sessions[role] = context.storage_state()
        page = context.new_page()
        found = Visit(page, served.url, context)
        page.on("pageerror", lambda error: found.troubles.append(f"script error: {error}"))
        page.on(
            "console",
            lambda message: (
                found.troubles.append(f"console: {message.text}")
                if message.type == "error"
                else None
            ),
        )
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith((served.url, "data:", "blob:"))
                else found.troubles.append(f"foreign request: {request.url}")
            ),
        )
        visits.append(found)
        return found

    yield open_as
    for found in visits:
        found.context.close()
    assert [trouble for found in visits for trouble in found.troubles] == []
