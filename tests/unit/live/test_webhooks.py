"""Webhooks against a real server: order, signatures, retries, giving up, crashes, races."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from enishi.book import about
from enishi.book.access import Actor
from enishi.book.clock import clock_set_to
from enishi.book.models import AuditRow
from enishi.book.outbound import Answer
from enishi.book.workspace import Workspace, read_workspace, use_workspace
from enishi.kernel.clock import VirtualClock
from enishi.live import webhook_signing, webhooks
from enishi.live.following import Told
from enishi.live.models import Delivery, Webhook
from enishi.live.webhook_lane import TAKE, WAITING, work_on
from enishi.live.webhook_types import BACKOFF, REFUSALS, WebhookState

START = datetime(2026, 4, 1, tzinfo=UTC)


@dataclass
class Receiver:
    """A server that writes down what it gets and answers as told, else 200."""

    place: str = ""
    answers: list[int | tuple[int, dict[str, str]]] = field(default_factory=list)
    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def told(self) -> list[str]:
        """The crossings that were accepted or refused, in the order they came."""
        return [json.loads(body)["data"].get("crossing", "ping") for _, body in self.heard]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            made.heard.append(({name.lower(): v for name, v in self.headers.items()}, body))
            answer = made.answers.pop(0) if made.answers else 200
            status, more = answer if isinstance(answer, tuple) else (answer, {})
            self.send_response(status)
            for name, value in more.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.place = f"127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield made
    server.shutdown()
    server.server_close()


@pytest.fixture
def clock() -> Iterator[VirtualClock]:
    made = VirtualClock(START)
    with clock_set_to(made):
        yield made


@pytest.fixture
def hook(book: Workspace, receiver: Receiver, clock: VirtualClock) -> Webhook:
    """A webhook that has looked once, on a workspace that allows the receiver."""
    text = f'name = "試験銀行"\n[webhooks]\nallow = ["{receiver.place}"]\n'
    (book.root / "enishi.toml").write_text(text, encoding="utf-8")
    use_workspace(read_workspace(book.root))
    return Webhook.objects.create(
        name="CRM", url=f"http://{receiver.place}/hook", segments=["vip"], cursor="0",
        events=["segment_entered", "segment_left"], created_by="usr_x",
    )  # fmt: skip


def crossings(count: int, **more: Any) -> list[Told]:
    values = {"event": "segment_entered", "at": START, "segment": "vip", "cause": "event"} | more
    return [Told(id=f"{n:020}", person=f"per_{n:04}", **values) for n in range(1, count + 1)]


def following(rows: list[Told]) -> Callable[..., list[Told]]:
    def follow(after: str, limit: int) -> list[Told]:
        return [row for row in rows if row.id > after][:limit]

    return follow


def run(hook: Webhook, rows: list[Told], most: int = 100) -> None:
    """What the loop would do until there is nothing to do now."""
    for _ in range(most):
        if not work_on(hook.id, follow=following(rows)):
            return
    raise AssertionError("the loop of webhooks does not come to rest")


def states(hook: Webhook) -> list[str]:
    return list(
        Delivery.objects.filter(webhook=hook).order_by("number").values_list("state", flat=True)
    )


def test_crossings_are_told_once_each_in_order_and_signed(
    hook: Webhook, receiver: Receiver, clock: VirtualClock
) -> None:
    rows = crossings(5)
    rows[1] = Told("00000000000000000002", "segment_left", START, "other", "time", "per_0002")
    run(hook, rows)
    run(hook, rows)
    assert [int(one) for one in receiver.told()] == [1, 3, 4, 5]
    headers, body = receiver.heard[0]
    assert json.loads(body) == {
        "type": "segment_entered",
        "timestamp": "2026-04-01T00:00:00+00:00",
        "data": {"segment": "vip", "person": "per_0001", "crossing": "0" * 19 + "1",
                 "cause": "event"},
    }  # fmt: skip
    key = base64.b64decode(webhook_signing.secret(hook.id, 1).removeprefix("whsec_"))
    assert len(key) == 32
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    mark = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{mark}"
    assert headers["webhook-timestamp"] == str(int(START.timestamp()))
    assert len({told["webhook-id"] for told, _ in receiver.heard}) == 4
    audited = AuditRow.objects.get(action="webhook.tell")
    assert audited.subjects == ["per_0001", "per_0003", "per_0004", "per_0005"]


def test_after_a_new_secret_both_sign_for_a_day(
    hook: Webhook, receiver: Receiver, clock: VirtualClock
) -> None:
    Webhook.objects.filter(id=hook.id).update(secret_number=2, secret_at=START)
    run(hook, crossings(1))
    clock.advance(timedelta(hours=24))
    run(hook, crossings(2))
    marks = [headers["webhook-signature"].split() for headers, _ in receiver.heard]
    assert [len(found) for found in marks] == [2, 1]
    assert webhook_signing.secret(hook.id, 1) != webhook_signing.secret(hook.id, 2)


def test_a_failure_holds_the_next_back_until_it_is_through(
    hook: Webhook, receiver: Receiver, clock: VirtualClock
) -> None:
    receiver.answers = [500, 200]
    rows = crossings(3)
    run(hook, rows)
    assert states(hook) == ["waiting"] * 3
    assert len(receiver.heard) == 1
    clock.advance(BACKOFF[0] - timedelta(seconds=1))
    run(hook, rows)
    assert len(receiver.heard) == 1
    clock.advance(timedelta(seconds=1))
    run(hook, rows)
    assert [int(one) for one in receiver.told()] == [1, 1, 2, 3]
    ids = [headers["webhook-id"] for headers, _ in receiver.heard]
    assert ids[0] == ids[1], "the receiver can drop what it has seen"
    assert states(hook) == ["delivered"] * 3
    assert Webhook.objects.get(id=hook.id).failing_since is None


def test_a_receiver_that_asks_for_time_is_given_it(
    hook: Webhook, receiver: Receiver, clock: VirtualClock
) -> None:
    receiver.answers = [(429, {"Retry-After": "600"}), 200, (503, {"Retry-After": "99999999"})]
    run(hook, crossings(1))
    assert Delivery.objects.get().due_at == START + timedelta(seconds=600)
    clock.advance(timedelta(seconds=600))
    run(hook, crossings(2))
    assert Delivery.objects.get(state="waiting").due_at == clock() + timedelta(hours=8)


def test_what_is_refused_is_given_up_soon_and_the_next_goes_out(
    hook: Webhook, receiver: Receiver, clock: VirtualClock
) -> None:
    receiver.answers = [400] * REFUSALS
    rows = crossings(2)
    for pause in (*BACKOFF[:REFUSALS],):
        run(hook, rows)
        clock.advance(pause)
    assert states(hook) == ["dead", "delivered"]
    assert len(receiver.heard) == REFUSALS + 1
    assert webhooks.replay(hook.id, _admin()) == 1
    run(hook, rows)
    assert states(hook) == ["delivered", "delivered"]
    assert webhooks.replay(hook.id, _admin()) == 0


def test_an_outage_is_tried_for_hours_and_then_given_up(
    hook: Webhook, receiver: Receiver, clock: VirtualClock
) -> None:
    receiver.answers = [500] * (len(BACKOFF) + 1)
    for pause in (*BACKOFF, timedelta(0)):
        run(hook, crossings(1))
        clock.advance(pause)
    assert states(hook) == ["dead"]
    assert len(receiver.heard) == len(BACKOFF) + 1


def test_three_days_without_success_stop_it_and_nothing_is_lost(
    hook: Webhook, receiver: Receiver, clock: VirtualClock
) -> None:
    receiver.answers = [500] * 100
    rows = crossings(3)
    for _ in range(100):
        run(hook, rows)
        clock.advance(timedelta(hours=8))
        if Webhook.objects.get(id=hook.id).state == WebhookState.STOPPED:
            break
    stopped = Webhook.objects.get(id=hook.id)
    assert (stopped.state, stopped.stopped_for) == (WebhookState.STOPPED, "failing")
    assert clock() - START < timedelta(days=4)
    before = len(receiver.heard)
    run(hook, [*rows, *crossings(4)[3:]])
    assert len(receiver.heard) == before
    receiver.answers = []
    webhooks.change(hook.id, _admin(), state=WebhookState.ACTIVE)
    webhooks.replay(hook.id, _admin())
    run(hook, crossings(4))
    assert sorted({int(one) for one in receiver.told()[before:]}) == [1, 2, 3, 4]
    assert set(states(hook)) == {"delivered"}


@pytest.mark.parametrize(("answer", "reason"), [(410, "gone"), (None, "url_refused")])
def test_gone_for_good_or_no_longer_allowed_stops_it_at_once(
    hook: Webhook,
    receiver: Receiver,
    clock: VirtualClock,
    book: Workspace,
    answer: int | None,
    reason: str,
) -> None:
    if answer is None:
        (book.root / "enishi.toml").write_text('name = "試験銀行"\n', encoding="utf-8")
        use_workspace(read_workspace(book.root))
    else:
        receiver.answers = [answer]
    run(hook, crossings(2))
    found = Webhook.objects.get(id=hook.id)
    assert (found.state, found.stopped_for) == (WebhookState.STOPPED, reason)
    assert states(hook) == ["waiting", "waiting"]
    assert len(receiver.heard) == (0 if answer is None else 1)
    assert AuditRow.objects.filter(action="webhook.stop").count() == 1


def _admin() -> Actor:
    return Actor("usr_admin", "administrator")


def test_what_waits_is_bounded(hook: Webhook, receiver: Receiver, clock: VirtualClock) -> None:
    receiver.answers = [500] * 50
    rows = crossings(WAITING + 3 * TAKE)
    for _ in range(20):
        work_on(hook.id, follow=following(rows))
    assert len(states(hook)) == WAITING
    assert Webhook.objects.get(id=hook.id).cursor == f"{WAITING:020}"


def test_two_workers_at_once_send_nothing_twice(
    hook: Webhook, receiver: Receiver, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    from enishi.live import webhook_lane

    inside, go_on = threading.Event(), threading.Event()

    def slow(url: str, body: bytes, headers: dict[str, str]) -> Answer:
        inside.set()
        assert go_on.wait(10)
        return webhook_lane._post(url, body, headers)

    thread = threading.Thread(
        target=lambda: work_on(hook.id, send=slow, follow=following(crossings(1)))
    )
    thread.start()
    assert inside.wait(10)
    monkeypatch.setattr(webhook_lane, "_worker", "another")
    assert not work_on(hook.id, follow=following(crossings(1)))
    go_on.set()
    thread.join()
    assert len(receiver.heard) == 1


KILLED = """
import sys
from enishi.book.setup import setup
from enishi.book.workspace import find_workspace
setup(find_workspace())
from enishi.live.following import Told
from enishi.live.webhook_lane import work_on
from datetime import datetime, UTC
rows = [Told(f"{n:020}", "segment_entered", datetime(2026, 4, 1, tzinfo=UTC), "vip", "event",
                 f"per_{n:04}") for n in range(1, 4)]
while work_on(sys.argv[1], follow=lambda after, limit: [r for r in rows if r.id > after]):
    pass
"""


@pytest.mark.parametrize(("place", "most"), [("webhooks.taken_in", 3), ("webhooks.sent:2", 4)])
def test_a_worker_that_dies_loses_nothing_and_repeats_at_most_one_with_its_id(
    hook: Webhook, receiver: Receiver, book: Workspace, place: str, most: int
) -> None:
    for crash in (place, ""):
        environment = os.environ | {"ENISHI_WORKSPACE": str(book.root), "ENISHI_CRASH_AT": crash}
        done = subprocess.run([sys.executable, "-c", KILLED, hook.id], env=environment, check=False)
        assert done.returncode == (-9 if crash else 0)
        Webhook.objects.filter(id=hook.id).update(lease_until=None)
    by_id = {headers["webhook-id"]: json.loads(body) for headers, body in receiver.heard}
    assert sorted(int(one["data"]["crossing"]) for one in by_id.values()) == [1, 2, 3]
    assert len(receiver.heard) == most
    assert states(hook) == ["delivered"] * 3


def test_what_was_delivered_is_kept_for_a_while_and_a_person_erased_not_at_all(
    hook: Webhook, receiver: Receiver, clock: VirtualClock
) -> None:
    run(hook, crossings(3))
    about.erase("per_0002")
    assert not Delivery.objects.filter(person="per_0002").exists()
    assert webhooks.prune(clock()) == 0
    assert webhooks.prune(clock() + timedelta(seconds=1)) == 2
