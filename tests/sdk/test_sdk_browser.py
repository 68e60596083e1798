"""The browser SDKs of Segment and RudderStack in a real Chromium, on a page of another origin."""

from __future__ import annotations

import functools
import shutil
import threading
from collections.abc import Callable, Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Response, sync_playwright
from sdk_packages import HERE, install
from sdk_said import GROUP, NAME, PROPERTIES, TRAITS, USER, check_one_of_each, numbers_in
from sdk_world import Api, a_home

from enishi.book.workspace import Workspace
from enishi.kernel.clock import system_clock
from ingest_world import WEB, a_source, events_logged, put_keys, start
from stream_world import StreamWorld

KINDS = {"page", "identify", "track", "group", "alias"}
SAY = """([user, group, name, properties, traits]) => {
  analytics.page('ローン', '金利', { section: 1 });
  analytics.identify(user, traits);
  analytics.track(name, properties);
  analytics.group(group, { name: '例示商事' });
  analytics.alias(user, 'before');
}"""
COUNT = """([name, count]) => {
  for (let number = 0; number < count; number += 1) analytics.track(name, { number });
}"""


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *arguments: Any) -> None:
        pass


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """The bank's site: pages and SDKs, on a port of their own."""
    install()
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(HERE)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_port}/pages"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    program = shutil.which("chromium")
    if program is None:
        pytest.fail("Chromium is missing; as root, run: apt-get install -y chromium")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(
            executable_path=program,
            args=["--no-sandbox", "--disable-background-networking", "--disable-component-update"],
        )
        yield found
        found.close()


@pytest.fixture
def opened(chromium: Browser, site: str) -> Iterator[Callable[..., Page]]:
    """Open a page with an SDK that sends to a host; a foreign request fails the test."""
    foreign: list[str] = []
    contexts = []

    def open_page(name: str, host: str, **options: str) -> Page:
        context = chromium.new_context()
        contexts.append(context)
        page = context.new_page()
        own = (site.removesuffix("/pages"), host)
        page.on(
            "request",
            lambda asked: None if asked.url.startswith(own) else foreign.append(asked.url),
        )
        query = "&".join(f"{k}={v}" for k, v in ({"key": WEB, "host": host} | options).items())
        page.goto(f"{site}/{name}.html?{query}")
        page.wait_for_function("window.loaded")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert foreign == []


def answered(page: Page, number: int, say: Callable[[], object]) -> list[Response]:
    """Let the page say something, and wait until so many calls were answered."""
    found: list[Response] = []

    def enough(response: Response) -> bool:
        if response.request.method == "POST":
            found.append(response)
        return len(found) >= number

    with page.expect_event("response", enough):
        say()
    return found


@pytest.mark.parametrize("name", ["segment", "rudderstack"])
def test_each_call_arrives(api: Api, opened: Callable[..., Page], name: str) -> None:
    page = opened(name, api.url)
    said = [USER, GROUP, NAME, PROPERTIES, TRAITS]
    answers = answered(page, len(KINDS), lambda: page.evaluate(SAY, said))
    assert [answer.status for answer in answers] == [200] * len(KINDS)
    events = api.events()
    check_one_of_each(events, KINDS)
    assert len({event["anonymousId"] for event in events}) == 1
    seen = next(event for event in events if event["type"] == "page")
    assert seen["properties"]["path"] == f"/pages/{name}.html"
    assert seen["properties"]["title"] == "住宅ローン"
    assert {record.head.source for record in api.records()} == {"src_web"}
    assert all(record.head.snippet for record in api.records())


@pytest.mark.heavy
def test_segment_in_batches(api: Api, opened: Callable[..., Page]) -> None:
    page = opened("segment", api.url, batching="1")
    answers = answered(page, 2, lambda: page.evaluate(COUNT, [NAME, 25]))
    assert {(answer.url, answer.status) for answer in answers} == {(f"{api.url}/v1/b", 200)}
    until(lambda: len(api.events()) == 25)
    assert sorted(numbers_in(api.events())) == list(range(25))


@pytest.mark.heavy
def test_segment_sends_what_is_left_when_the_page_is_left(
    api: Api, opened: Callable[..., Page]
) -> None:
    page = opened("segment", api.url, batching="1")
    page.evaluate(COUNT, [NAME, 3])
    page.evaluate("() => new Promise((resolve) => setTimeout(resolve, 50))")
    page.goto("about:blank")
    until(lambda: len(api.events()) == 3)
    assert sorted(numbers_in(api.events())) == [0, 1, 2]


@pytest.mark.heavy
def test_rudderstack_by_beacon(api: Api, opened: Callable[..., Page]) -> None:
    page = opened("rudderstack", api.url, beacon="1")
    sent: list[str] = []
    page.on("request", lambda asked: sent.append(asked.url) if asked.method == "POST" else None)
    page.evaluate(COUNT, [NAME, 25])
    page.goto("about:blank")
    until(lambda: len(api.events()) == 25)
    assert sorted(numbers_in(api.events())) == list(range(25))
    assert {record.head.kind for record in api.records()} == {"batch"}


@pytest.mark.heavy
@pytest.mark.parametrize("name", ["segment", "rudderstack"])
def test_what_was_said_while_ingest_was_down_comes_later(
    home: Workspace, opened: Callable[..., Page], name: str
) -> None:
    first = start(home.root)
    page = opened(name, first.url)
    answered(page, 1, lambda: page.evaluate(COUNT, [NAME, 1]))
    first.kill()
    with page.expect_event("requestfailed"):
        page.evaluate("(name) => analytics.track(name, { number: 1 })", NAME)
    second = start(home.root, first.port)
    try:
        until(lambda: len(set(numbers_in(events_logged(home)))) == 2)
    finally:
        second.process.terminate()
        second.process.wait(30)


@pytest.mark.heavy
@pytest.mark.parametrize("name", ["segment", "rudderstack"])
def test_a_page_that_may_not_send_is_refused(
    tmp_path: Path, opened: Callable[..., Page], name: str
) -> None:
    home = a_home(tmp_path)
    put_keys(home, {WEB: a_source(origins=("https://www.example.jp",))})
    served = start(home.root)
    try:
        page = opened("blank", served.url)
        with page.expect_response(lambda response: response.url.startswith(served.url)) as told:
            page.goto(page.url.replace("blank", name))
        assert told.value.status == 403
        assert events_logged(home) == []
    finally:
        served.process.terminate()
        served.process.wait(30)


@pytest.mark.heavy
@pytest.mark.parametrize("name", ["segment", "rudderstack"])
def test_what_a_visitor_did_is_hers_once_she_signs_in(
    tmp_path: Path, opened: Callable[..., Page], name: str
) -> None:
    world = StreamWorld(tmp_path)
    world.now = system_clock()
    put_keys(world.workspace)
    served = start(world.root)
    try:
        page = opened(name, served.url)
        answered(page, 2, lambda: page.evaluate(COUNT, [NAME, 2]))
        world.drain()
        assert world.rows() == []
        answered(page, 1, lambda: page.evaluate("(user) => analytics.identify(user)", USER))
        world.drain()
        rows = world.rows("event, person, channel, time_mark")
        assert sorted(rows) == sorted([
            ("identify", USER, "web", None), (NAME, USER, "web", None), (NAME, USER, "web", None)
        ])  # fmt: skip
    finally:
        served.process.terminate()
        served.process.wait(30)
        world.close()


def until(found: Callable[[], bool]) -> None:
    """Wait for something that happens in another process."""
    waited = threading.Event()
    for _ in range(600):
        if found():
            return
        waited.wait(0.05)
    raise AssertionError("waited in vain")
