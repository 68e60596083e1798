"""What became of messages, told to the log of events and drained: once, whatever dies when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from enishi.catalog.types import Stream
from enishi.messages.models import Delivery, Response, Template, TemplateVersion
from enishi.messages.public import telling
from enishi.messages.public.responses import record
from enishi.sources.own_events import let_go
from listening_world import Listening, listening
from lists_world import START

__all__ = ["listening"]


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    let_go()


def persons(world: Listening) -> dict[str, str]:
    """Number → Enishi id."""
    table = world.bank.warehouse.who({"all": []}, actor=world.bank.actor("manager"))
    return dict(zip(table.column("key").to_pylist(), table.column("_id").to_pylist(), strict=True))


def delivery(person: str, key: str, **more: Any) -> Delivery:
    told: dict[str, Any] = {
        "key": key, "person": person, "channel": "email", "purpose": "deposits",
        "template_version": "tpv_1", "state": "sent", "finished_at": START, **more,
    }  # fmt: skip
    return Delivery.objects.create(**told)


def rows(world: Listening) -> list[tuple[Any, ...]]:
    world.lane.run()
    with world.bank.warehouse.engine.read() as question:
        found: list[tuple[Any, ...]] = question.rows(
            "SELECT message_id, event, person, properties FROM data.activity ORDER BY message_id"
        )
    return found


def tell() -> None:
    for _ in range(10):
        if not telling.run_once():
            return
    raise AssertionError("there is always more to tell")


def test_ends_and_responses_become_events_of_the_person(listening: Listening) -> None:
    template = Template.objects.create(
        slug="maturity", name="満期", channel="email", purpose="deposits", owner="u", created_by="u"
    )
    version = TemplateVersion.objects.create(
        template=template, number=3, state="approved", body={}, created_by="u"
    )
    known = persons(listening)
    sent = delivery(
        known["P001"], "walk:7:mail:1", template_version=version.id, journey="jny_1", step="mail"
    )
    delivery(known["P002"], "send:s:2", state="failed", reason="mailbox_unknown", send="snd_1")
    delivery(known["P003"], "send:s:3", state="queued", finished_at=None)
    delivery(known["P004"], "send:s:4", state="suppressed", reason="consent.missing")
    delivery("p-gone", "send:s:5")
    record(sent.id, "opened", at=START, machine=True, id="r1")
    record(sent.id, "clicked", at=START - timedelta(minutes=1), id="r2",
           detail={"url": "https://bank.test/", "agent": "x"})  # fmt: skip
    tell()
    found = {row[0]: row for row in rows(listening)}
    assert set(found) == {"r1", "r2", "walk:7:mail:1:sent", "send:s:2:failed"}
    assert found["walk:7:mail:1:sent"][1:3] == ("email_sent", "P001")
    assert found["send:s:2:failed"][1:3] == ("email_failed", "P002")
    assert '"reason":"mailbox_unknown"' in str(found["send:s:2:failed"][3]).replace(" ", "")
    told = str(found["r1"][3]).replace(" ", "")
    for part in ('"machine":true', '"template":"maturity"', '"version":3', '"journey":"jny_1"'):
        assert part in told
    assert '"url":"https://bank.test/"' in str(found["r2"][3]).replace(" ", "")
    tell()
    assert len(rows(listening)) == 4, "nothing is told twice"
    assert not Response.objects.filter(told=False).exists()


def test_a_click_is_told_once_it_has_settled(listening: Listening) -> None:
    row = delivery(persons(listening)["P001"], "send:s:1", told="sent")
    record(row.id, "clicked", at=listening.bank.clock(), id="r1", detail={"url": "https://a.test/"})
    tell()
    assert rows(listening) == []
    listening.bank.later(timedelta(seconds=4))
    tell()
    assert [found[0] for found in rows(listening)] == ["r1"]


def test_an_unknown_one_that_is_sent_again_is_told_again(listening: Listening) -> None:
    row = delivery(persons(listening)["P001"], "send:s:1", state="unknown")
    tell()
    Delivery.objects.filter(id=row.id).update(state="sent")
    tell()
    assert [found[1] for found in rows(listening)] == ["email_sent", "email_unknown"]


def test_telling_twice_is_telling_once(listening: Listening, monkeypatch: Any) -> None:
    """The process dies between the record and the mark."""
    row = delivery(persons(listening)["P001"], "send:s:1")
    record(row.id, "opened", at=START, id="r1")

    def dies(_: str) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(telling, "crash_point", dies)
        for _ in range(2):
            with pytest.raises(SystemExit):
                telling.run_once()
    let_go()
    tell()
    assert [found[0] for found in rows(listening)] == ["r1", "send:s:1:sent"]


def test_without_a_stream_nothing_is_kept_back(
    listening: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = delivery(persons(listening)["P001"], "send:s:1")
    held = telling.process.warehouse()
    assert isinstance(held.catalog.stream, Stream)
    without = SimpleNamespace(engine=held.engine, catalog=SimpleNamespace(stream=None))
    monkeypatch.setattr(telling.process, "warehouse", lambda: without)
    tell()
    row.refresh_from_db()
    assert row.told == "sent"
