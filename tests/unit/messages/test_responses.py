"""What comes back of deliveries, and what follows: on both books."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from enishi.book.unit import work
from enishi.gate import service as gate
from enishi.gate.models import Consent, Restriction
from enishi.messages.models import AddressStop, ChannelAddress, Delivery, Response
from enishi.messages.public import responses
from enishi.messages.public.responses import Came, record, record_many
from lists_world import START, Bank

LATER = START + timedelta(hours=1)


def delivery(person: str = "p1", channel: str = "email", **more: Any) -> Delivery:
    told: dict[str, Any] = {
        "key": f"send:snd_1:{person}:{channel}", "person": person, "channel": channel,
        "purpose": "deposits", "template_version": "tpv_1", "state": "sent",
        "address": f"digest-{person}", "finished_at": START, **more,
    }  # fmt: skip
    return Delivery.objects.create(**told)


def test_each_kind_sets_its_column_once(bank: Bank) -> None:
    row = delivery()
    assert record(row.id, "delivered", at=LATER)
    assert record(row.id, "opened", at=LATER, machine=True)
    row.refresh_from_db()
    assert (row.delivered_at, row.opened_at, row.machine_opened_at) == (LATER, None, LATER)
    assert record(row.id, "opened", at=LATER + timedelta(minutes=1))
    assert record(row.id, "opened", at=LATER + timedelta(minutes=2))
    assert record(row.id, "clicked", at=LATER, machine=True, detail={"url": "https://x.test/"})
    assert record(row.id, "replied", at=LATER)
    assert not record(row.id, "delivered", at=LATER + timedelta(minutes=9)), "once only"
    row.refresh_from_db()
    assert row.opened_at == LATER + timedelta(minutes=1)
    assert (row.clicked_at, row.replied_at) == (None, LATER)
    assert Response.objects.count() == 6


def test_the_same_call_twice_is_one_response(bank: Bank) -> None:
    row = delivery()
    came = [Came(row.id, "opened", LATER, id="x-1"), Came(row.id, "opened", LATER, id="x-1"),
            Came(row.id, "opened", LATER, id="x-2"), Came("dlv_none", "opened", LATER)]  # fmt: skip
    assert record_many(came) == 2
    assert record_many(came) == 0
    assert Response.objects.count() == 2


def test_a_bounce_for_good_stops_the_address_and_another_does_not(bank: Bank) -> None:
    soft, hard = delivery("p1"), delivery("p2")
    record(soft.id, "bounced", at=LATER, detail={"code": "4.2.2", "permanent": False})
    record(hard.id, "bounced", at=LATER, detail={"code": "5.1.1", "permanent": True})
    assert responses.stopped("email", ["digest-p1", "digest-p2", ""]) == {"digest-p2": "bounced"}
    assert responses.stopped("sms", ["digest-p2"]) == {}
    stop = AddressStop.objects.get()
    assert (stop.person, stop.delivery, stop.code) == ("p2", hard.id, "bounced")
    with work():
        responses.stop_address("email", "digest-p2", "complained", person="p2", at=LATER)
    assert AddressStop.objects.count() == 1
    assert not Consent.objects.exists()


def test_a_complaint_stops_the_address_and_withdraws(bank: Bank) -> None:
    record(delivery().id, "complained", at=LATER)
    assert AddressStop.objects.get().code == "complained"
    said = Consent.objects.get()
    assert (said.channel, said.purpose, said.given, said.how) == ("email", None, False, "email")


@pytest.mark.parametrize(("channel", "code"), [("line", "blocked"), ("push", "gone")])
def test_an_address_of_ours_ends(bank: Bank, channel: str, code: str) -> None:
    ChannelAddress.objects.create(
        person="p1", channel=channel, address="U1", digest="digest-p1", since=START
    )
    row = delivery(channel=channel)
    record(row.id, "bounced", at=LATER, detail={"code": code, "permanent": True})
    found = ChannelAddress.objects.get()
    assert (found.ended_at, found.ended_because) == (LATER, code)
    assert not AddressStop.objects.exists()


def test_the_gate_says_no_after_an_unsubscribe(bank: Bank) -> None:
    person = str(bank.warehouse.who({"all": []}, actor=bank.actor("manager")).column("_id")[0])
    row = delivery(person, "push")
    actor = bank.actor("manager")

    def asked(purpose: str) -> str:
        found = gate.decide(person, "push", purpose, at=bank.clock(), actor=actor)
        return str(found.answer)

    assert asked("deposits") == "allow"
    record(row.id, "unsubscribed", at=bank.clock())
    assert asked("deposits") == "deny"
    assert asked("cards") == "deny"
    assert asked("transactional") == "allow", "what a procedure needs still goes"


def test_without_a_policy_on_consent_a_do_not_contact_stands_in(
    sqlite_bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(delivery().id, "unsubscribed", at=LATER)
    assert not Restriction.objects.exists()
    monkeypatch.setattr(responses, "_consent_counts", lambda _: False)
    record(delivery("p2").id, "unsubscribed", at=LATER)
    (found,) = Restriction.objects.all()
    assert (found.person, found.channel, found.type) == ("p2", "email", "do_not_contact")


def test_all_of_it_or_nothing(sqlite_bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    row = delivery()

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(responses.consents, "record", broken)
    with pytest.raises(RuntimeError):
        record(row.id, "unsubscribed", at=LATER)
    row.refresh_from_db()
    assert row.unsubscribed_at is None
    assert not Response.objects.exists()
