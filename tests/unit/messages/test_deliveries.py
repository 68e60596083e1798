"""Deliveries asked for, withdrawn and paused, on both books."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from enishi.book.unit import work
from enishi.book.workspace import Workspace
from enishi.messages.deliveries import service as deliveries
from enishi.messages.deliveries.service import Wanted, walk_key
from enishi.messages.models import Delivery, DeliveryHold

NOW = datetime(2026, 4, 1, 1, tzinfo=UTC)


def wanted(key: str, **more: object) -> Wanted:
    base: dict[str, object] = {
        "key": key, "person": "per_1", "channel": "email", "purpose": "deposits",
        "template_version": "tpv_1", "due_at": NOW, "given": {"amount": 1, "name": "満期"},
    }  # fmt: skip
    return Wanted(**(base | more))  # type: ignore[arg-type]  # fields by name


def test_a_delivery_is_written_once(both_books: Workspace) -> None:
    with work():
        assert deliveries.enqueue([wanted("a"), wanted("b", enrollment=7, step="mail")]) == 2
    with work():
        assert deliveries.enqueue([wanted("a", person="per_2"), wanted("c")]) == 1
    found = {row.key: row for row in Delivery.objects.all()}
    assert set(found) == {"a", "b", "c"}
    assert found["a"].person == "per_1"
    assert found["a"].given == {"amount": 1, "name": "満期"}
    assert (found["a"].state, found["a"].due_at, found["a"].held) == ("queued", NOW, False)
    assert (found["b"].enrollment, found["b"].step) == (7, "mail")


def test_nothing_is_written_by_a_unit_that_fails(both_books: Workspace) -> None:
    try:
        with work():
            deliveries.enqueue([wanted("a")])
            raise RuntimeError
    except RuntimeError:
        pass
    assert not Delivery.objects.exists()


def test_one_that_never_was_to_be_sent_keeps_its_reason(both_books: Workspace) -> None:
    with work():
        deliveries.enqueue([wanted("a", state="suppressed", reason="same_address", send="snd_1")])
    row = Delivery.objects.get()
    assert (row.state, row.reason, row.due_at) == ("suppressed", "same_address", None)
    assert row.finished_at is not None


def test_only_queued_ones_can_be_withdrawn(both_books: Workspace) -> None:
    key = walk_key(7, "mail", 2)
    with work():
        deliveries.enqueue([wanted(key), wanted("b"), wanted("c")])
        Delivery.objects.filter(key="b").update(state="attempting")
    later = NOW + timedelta(hours=1)
    with work():
        assert deliveries.withdraw([key, "b"], "exit", at=later) == 1
    row = Delivery.objects.get(key=key)
    assert (row.state, row.reason, row.finished_at) == ("suppressed", "exit", later)
    assert Delivery.objects.get(key="b").state == "attempting"
    assert Delivery.objects.get(key="c").state == "queued"
    assert (deliveries.visit_of(key), deliveries.visit_of("b")) == (2, 0)


def test_a_pause_stands_until_it_is_ended(both_books: Workspace) -> None:
    deliveries.hold(journey="jny_1")
    deliveries.hold(journey="jny_1")
    assert deliveries.held(journey="jny_1")
    assert not deliveries.held(send="jny_1")
    deliveries.unhold(journey="jny_1")
    assert not deliveries.held(journey="jny_1")
    deliveries.hold(journey="jny_1")
    assert DeliveryHold.objects.count() == 1
    assert deliveries.held(journey="jny_1")
