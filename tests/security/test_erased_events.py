"""Events that we tell of ourselves: none of them survives the person whom it was about."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from enishi.book.clock import now
from enishi.book.workspace import Workspace
from enishi.journeys import emitting
from enishi.journeys.models import Emitted
from enishi.messages.models import Delivery
from enishi.messages.public import telling
from enishi.messages.public.responses import record
from enishi.privacy.erasing import Eraser
from enishi.privacy.models import Erasure
from enishi.privacy.types import Step
from enishi.sources.eventlog.rewrite import read_segment
from enishi.sources.own_events import let_go, nobody_tells
from listening_world import Listening, listening
from lists_world import START, Bank

__all__ = ["listening"]


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    let_go()


class Context:
    def __init__(self, bank: Bank) -> None:
        self.workspace, self.warehouse, self.clock = bank.workspace, bank.warehouse, bank.clock


def something_to_tell(person: str) -> None:
    """A message that was sent, one that was opened, and what a step says."""
    row = Delivery.objects.create(
        key="send:s:1", person=person, channel="email", purpose="deposits",
        template_version="tpv_1", state="sent", finished_at=START,
    )  # fmt: skip
    record(row.id, "opened", at=START, id="r1")
    Emitted.objects.create(key="e1", person=person, event="greeted", at=START)


def tell(bank: Bank) -> None:
    while telling.run_once() or emitting.run_once(Context(bank)):
        pass


def logged(workspace: Workspace) -> bytes:
    """Everything in the shards of our own events, unpacked."""
    segments = [path for shard in ("messages", "journeys")
                for path in (workspace.events / shard).glob("*.log*")]  # fmt: skip
    return b"".join(read_segment(path) for path in segments)


def her(bank: Bank) -> str:
    table = bank.warehouse.who({"all": []}, actor=bank.actor("manager"))
    named = dict(zip(table["key"].to_pylist(), table["_id"].to_pylist(), strict=True))
    return str(named["P001"])


def test_nothing_is_told_of_who_is_being_erased(listening: Listening) -> None:
    """The lanes come by after the log has been blanked, while the warehouse still knows her."""
    bank = listening.bank
    person = her(bank)
    Delivery.objects.create(
        key="send:s:0", person=person, channel="email", purpose="deposits",
        template_version="tpv_1", state="sent", finished_at=START,
    )  # fmt: skip
    tell(bank)
    assert b'"P001"' in logged(bank.workspace), "she is in the log before"
    something_to_tell(person)
    erasure = Erasure.objects.create(person=person, request="r", by="u", not_before=now())
    eraser = Eraser(bank.workspace, bank.warehouse)
    for step in (Step.TOMBSTONES, Step.LOG, Step.WAREHOUSE, Step.FILES, Step.BOOK):
        if step is Step.LOG:
            let_go()  # else it would have to let go of its segment while this waits
        eraser.step(step, erasure)
        if step is Step.LOG:
            tell(bank)
    tell(bank)
    assert b'"P001"' not in logged(bank.workspace)
    listening.lane.run()
    with bank.warehouse.engine.read() as question:
        told = question.rows("SELECT event FROM data.activity WHERE person = 'P001'")
    assert told == []


def test_tombstones_wait_for_what_is_being_told(listening: Listening) -> None:
    """Who has looked her up writes before her tombstones stand, so that blanking finds it."""
    bank = listening.bank
    person = her(bank)
    something_to_tell(person)
    erasure = Erasure.objects.create(person=person, request="r", by="u", not_before=now())
    eraser = Eraser(bank.workspace, bank.warehouse)
    done = threading.Event()

    def bury() -> None:
        from django.db import connections

        try:
            eraser.step(Step.TOMBSTONES, erasure)
            done.set()
        finally:
            connections.close_all()

    thread = threading.Thread(target=bury)
    with nobody_tells(bank.workspace.events):
        thread.start()
        assert not done.wait(0.3)
    thread.join(10)
    assert done.is_set()
    tell(bank)
    assert b'"P001"' not in logged(bank.workspace)
