"""The web snippet on a page in Chromium, against servers that write down what they get."""

from __future__ import annotations

import gzip
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from enishi.live.notice_items import ITEMS

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
SNIPPET = ROOT / "src" / "enishi" / "sources" / "static" / "enishi.js"

MOST_BYTES = 4096  # gzipped
WITHIN = 15.0

PAGE = """<!doctype html><html lang="ja"><head><title>{title}</title>
<script>window.enishi=window.enishi||function(){{
(enishi.q=enishi.q||[]).push([].slice.call(arguments))}}</script>
<script async src="{collector}/enishi.js" data-key="wk_web"{more}></script></head><body>
<a id="card" href="#" data-enishi-event="card_seen" data-enishi-product="gold">カード</a>
<form id="form" data-enishi-event="application" data-enishi-step="2" action="/thanks">
<input id="name" name="name"><button id="send" data-enishi-event="inside">送る</button></form>
<a id="away" href="/other?mail=hanako%40example.jp&utm_source=letter">次へ</a></body></html>"""


@dataclass
class Site:
    """A web site and an event collector on two ports, hence two origins."""

    pages: str = ""
    collector: str = ""
    more: str = ""
    answers: list[int] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    requests: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    batches: list[dict[str, Any]] = field(default_factory=list)
    came: threading.Condition = field(default_factory=threading.Condition)

    def wait(self, page: Page, enough: Callable[[list[dict[str, Any]]], bool]) -> None:
        """Let the page go on until the collector has what is waited for."""
        until = time.monotonic() + WITHIN
        while time.monotonic() < until:
            with self.came:
                if enough(self.events):
                    return
            page.clock.fast_forward(200)
            page.evaluate("0")  # the page runs on while the driver waits for it
        pytest.fail(f"did not come; there are {[one.get('event') for one in self.events]}")

    def settle(self, page: Page) -> None:
        """Let the page's clock run on, until what it had to send would have come."""
        page.clock.fast_forward(5000)
        page.evaluate(
            "url => fetch(url, {method: 'POST', body: '{\"batch\": []}'})", self.collector
        )

    def named(self, name: str) -> list[dict[str, Any]]:
        return [one for one in self.events if name in (one.get("event"), one["type"])]


def _collector(site: Site) -> type[BaseHTTPRequestHandler]:
    class Collector(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = SNIPPET.read_bytes()
            self.send_response(200)
            self.send_header("Content-Type", "text/javascript")
            self.end_headers()
            self.wfile.write(content)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            with site.came:
                status = site.answers.pop(0) if site.answers else 200
                site.requests.append((self.path, body.decode(), dict(self.headers)))
                if status == 200:
                    told = json.loads(body)
                    site.batches.append(told)
                    site.events.extend(told["batch"])
                site.came.notify_all()
            self.send_response(status)
            self.send_header("Access-Control-Allow-Origin", "*")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    return Collector


def _pages(site: Site) -> type[BaseHTTPRequestHandler]:
    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            title = urlsplit(self.path).path
            content = PAGE.format(title=title, collector=site.collector, more=site.more).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None: ...

    return Pages


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    servers = [
        ThreadingHTTPServer(("127.0.0.1", 0), handler)
        for handler in (_collector(made), _pages(made))
    ]
    made.collector = f"http://127.0.0.1:{servers[0].server_address[1]}"
    made.pages = f"http://localhost:{servers[1].server_address[1]}"
    for server in servers:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield made
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(locale="ja-JP")
    yield made
    made.close()


def _stored(page: Page) -> list[str]:
    found: list[str] = page.evaluate("Object.keys(localStorage)")
    return found


def test_it_is_small_and_calls_no_other_host() -> None:
    content = SNIPPET.read_bytes()
    assert len(gzip.compress(content, 9)) <= MOST_BYTES
    assert b"http://" not in content
    assert b"https://" not in content
    assert b"cookie" not in content


def test_a_visit_is_told_from_first_view_to_leaving(site: Site, context: BrowserContext) -> None:
    page = context.new_page()
    page.clock.install()
    page.goto(f"{site.pages}/loans?account=1234567&utm_source=mail&utm_campaign=spring#top")
    site.wait(page, lambda events: len(events) >= 1)
    first = site.events[0]
    assert first["type"] == "page"
    assert first["context"]["page"]["url"] == f"{site.pages}/loans"
    assert first["context"]["campaign"] == {"source": "mail", "name": "spring"}
    assert (context.cookies(), _stored(page)) == ([], [])

    page.click("#card")
    page.clock.fast_forward(7000)
    page.evaluate("history.pushState({}, '', '/loans/2?secret=1')")
    page.clock.fast_forward(1000)
    site.wait(page, lambda events: len(events) >= 4)
    (clicked,) = site.named("card_seen")
    assert clicked["properties"] == {"product": "gold"}
    assert 7 <= site.named("time_on_page")[0]["properties"]["seconds"] <= 60
    assert site.named("page")[1]["context"]["page"]["path"] == "/loans/2"
    assert site.named("page")[1]["context"]["page"]["referrer"] == f"{site.pages}/loans"

    page.fill("#name", "山田花子")
    page.click("#send")
    page.wait_for_url("**/thanks**")
    site.wait(page, lambda _: len(site.named("page")) >= 3)
    (applied,) = site.named("application")
    assert applied["properties"] == {"step": "2"}
    assert not site.named("inside")[1:]
    everything = "".join(body for _, body, _ in site.requests)
    for hidden in ("1234567", "secret", "山田花子"):
        assert hidden not in everything
    assert any(path.startswith("/beacon/v1/batch?writeKey=wk_web") for path, _, _ in site.requests)
    assert all("Cookie" not in headers for _, _, headers in site.requests)
    assert {batch["writeKey"] for batch in site.batches} == {"wk_web"}
    assert len({one["messageId"] for one in site.events}) == len(site.events)


def test_an_id_is_kept_only_after_consent(site: Site, context: BrowserContext) -> None:
    page = context.new_page()
    page.clock.install()
    page.goto(f"{site.pages}/a")
    site.wait(page, lambda events: len(events) >= 1)
    page.goto(f"{site.pages}/b")
    site.wait(page, lambda _: len(site.named("page")) >= 2)
    before = {one["anonymousId"] for one in site.named("page")}
    assert len(before) == 2, "without consent nothing ties two pages together"

    page.evaluate("enishi('consent', true)")
    page.evaluate("enishi('identify', 'C0000042', {plan: 'gold'})")
    site.wait(page, lambda _: len(site.named("identify")) == 1)
    assert _stored(page) == ["enishi"]
    page.goto(f"{site.pages}/c")
    site.wait(page, lambda _: len(site.named("page")) >= 3)
    told, after = site.named("identify")[0], site.named("page")[2]
    assert told["anonymousId"] == after["anonymousId"]
    assert (told["userId"], after["userId"]) == ("C0000042", "C0000042")
    assert told["traits"] == {"plan": "gold"}

    page.evaluate("enishi('identify', 'C0000043')")
    site.wait(page, lambda _: len(site.named("identify")) == 2)
    assert site.named("identify")[1]["anonymousId"] != told["anonymousId"]
    page.evaluate("enishi('consent', false)")
    assert _stored(page) == []
    page.evaluate("enishi('track', 'after')")
    page.click("#card")
    site.settle(page)
    assert not site.named("after")
    assert not site.named("card_seen")
    assert context.cookies() == []


def test_told_to_wait_it_says_nothing_before_consent(site: Site, context: BrowserContext) -> None:
    site.more = ' data-wait="consent"'
    page = context.new_page()
    page.clock.install()
    page.goto(f"{site.pages}/a", wait_until="load")
    page.click("#card")
    site.settle(page)
    assert site.events == []
    page.evaluate("enishi('consent', true)")
    site.settle(page)
    site.wait(page, lambda events: len(events) >= 1)
    assert [one["type"] for one in site.events] == ["page"]


@pytest.mark.parametrize("wish", ["doNotTrack", "globalPrivacyControl"])
def test_who_wishes_no_tracking_is_not_heard(
    site: Site, context: BrowserContext, wish: str
) -> None:
    value = '"1"' if wish == "doNotTrack" else "true"
    context.add_init_script(f"Object.defineProperty(navigator, '{wish}', {{get: () => {value}}})")
    page = context.new_page()
    page.clock.install()
    page.goto(f"{site.pages}/a", wait_until="load")
    page.evaluate("enishi('consent', true); enishi('track', 'x'); enishi('identify', 'C1')")
    page.click("#card")
    site.settle(page)
    page.goto(f"{site.pages}/b", wait_until="load")
    site.settle(page)
    assert site.events == []
    assert _stored(page) == []


def test_it_tries_again_when_told_to_and_drops_what_is_refused(
    site: Site, context: BrowserContext
) -> None:
    page = context.new_page()
    page.clock.install()
    site.answers = [503, 429, 200, 413]
    page.goto(f"{site.pages}/a")
    site.wait(page, lambda events: len(events) == 1)
    ids = [json.loads(body)["batch"][0]["messageId"] for _, body, _ in site.requests]
    assert len(ids) == 3
    assert len(set(ids)) == 1, "the same event, so that it counts once"
    page.evaluate("enishi('track', 'too_large')")
    site.wait(page, lambda _: len(site.requests) == 4)
    page.evaluate("enishi('track', 'next')")
    site.wait(page, lambda _: len(site.named("next")) == 1)
    assert not site.named("too_large")


def _paths(value: object, below: str = "") -> Iterator[str]:
    """The leaves of a payload; what a site names itself counts as `*`."""
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            free = below.endswith(("properties", "traits", "campaign"))
            yield from _paths(inner, f"{below}.{'*' if free else name}".lstrip("."))
    elif isinstance(value, list):
        for inner in value:
            yield from _paths(inner, f"{below}[]")
    elif value not in ({}, None):
        yield below


def test_the_notice_names_everything_that_is_sent_and_nothing_else(
    site: Site, context: BrowserContext
) -> None:
    page = context.new_page()
    page.clock.install()
    page.goto(f"{site.pages}/a?utm_source=x")
    page.evaluate("enishi('consent', true); enishi('identify', 'C1', {plan: 'gold'})")
    page.click("#card")
    page.evaluate("enishi('page', '商品')")
    site.wait(page, lambda events: len(events) >= 4)
    sent = {path for batch in site.batches for path in _paths(batch)}
    assert sent == {path for item in ITEMS for path in item.paths}


def test_the_wheel_takes_it_along() -> None:
    described = (ROOT / "pyproject.toml").read_text()
    assert '"src/enishi/sources/static/**"' in described
