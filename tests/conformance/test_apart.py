"""The child processes that make mails and hand them over: what they tell, and when they die."""

from __future__ import annotations

import os
import queue
import signal
from pathlib import Path

from channel_world import AT, account
from enishi.messages.channels.port import Account, Outcome, Sent, Unknown
from enishi.messages.sending.apart import GONE, Apart, Seated
from enishi.messages.sending.making import Batch, Draft
from enishi.messages.types import MessageChannel
from enishi.messages.wording.rendered import Untracked
from enishi.messages.wording.rendering import Compiled
from smtp_world import mail_server

PARTS = {"subject": "{{ given.n | plus: 1 }}通目", "html": "<p>{{ given.n }}</p>", "text": "本文"}
BROKEN = PARTS | {"subject": "{{ given.n | divided_by: given.n }}"}


def version(name: str, parts: dict[str, str]) -> Compiled:
    return Compiled(name, "hello", MessageChannel.EMAIL, "deposits", "", parts)


def draft(n: int, name: str) -> Draft:
    return Draft(f"dlv_{n}", f"test:{n}", f"p{n}", name, {"_given": {"n": n}},
                 f"p{n}@mail.test", "", AT, Untracked())  # fmt: skip


def batch(way: Account, name: str, parts: dict[str, str], *numbers: int) -> Batch:
    return Batch(way, [draft(n, name) for n in numbers], {name: version(name, parts)})


def test_a_child_makes_hands_over_and_tells_of_each_once(tmp_path: Path) -> None:
    come: queue.Queue[tuple[str, Outcome]] = queue.Queue()
    with mail_server(tmp_path) as (server, _):
        told = {
            "host": "127.0.0.1", "port": server.port, "security": "none",
            "from_address": "info@bank.test", "from_name": "日の出銀行", "connections": 4,
        }  # fmt: skip
        way = account("smtp", "email", told, {})

        def tell(outcomes: list[tuple[str, Outcome]]) -> None:
            for one in outcomes:
                come.put(one)

        apart = Apart(tell)
        try:
            first = apart.begin(batch(way, "v1", PARTS, *range(8)))
            second = apart.begin(batch(way, "v2", BROKEN, 0, 1, 20))
            again = apart.begin(batch(way, "v1", PARTS, 9))
            assert first.result() == {}
            assert second.result() == {"dlv_0": "template_broken"}, "nothing is divided by 0"
            assert again.result() == {}
            apart.give([Seated(way, f"dlv_{n}", first.seats[f"dlv_{n}"]) for n in (2, 3, 4)])
            outcomes = dict(come.get(timeout=30) for _ in range(3))
            assert outcomes.keys() == {"dlv_2", "dlv_3", "dlv_4"}
            assert all(isinstance(one, Sent) for one in outcomes.values())
            assert sorted(e.rcpt_tos[0] for e in server.taken) == [
                f"p{n}@mail.test" for n in (2, 3, 4)
            ]

            server.temper.hold = 20.0
            assert sorted(first.seats.values()) == [0] * 4 + [1] * 4
            apart.give([Seated(way, "dlv_5", 1), Seated(way, "dlv_6", 0)])
            assert len(apart._children) == 2
            for child in apart._children.values():
                os.kill(child._process.pid or 0, signal.SIGKILL)
                child._listener.join(30)  # it is noticed, and told
            ended = dict(come.get(timeout=30) for _ in range(2))
            assert ended == {"dlv_5": Unknown("stopped"), "dlv_6": Unknown("stopped")}
            apart.give([Seated(way, "dlv_7", first.seats["dlv_7"])])
            assert come.get(timeout=30) == ("dlv_7", GONE), "nobody has got it"
            server.release.set()

            server.temper.hold = 0.0
            assert apart.begin(batch(way, "v1", PARTS, 30)).result() == {}, "a new one is started"
            apart.give([Seated(way, "dlv_30", 0)])
            assert isinstance(come.get(timeout=30)[1], Sent)
        finally:
            apart.close()
    assert come.empty()
