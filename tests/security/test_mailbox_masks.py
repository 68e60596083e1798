"""The built-in mailbox shows nobody what came with a delivery, or was made of a person's values,
beyond what the role may see."""

from __future__ import annotations

from typing import Any

import pytest

from enishi.book.clock import now
from enishi.messages.channels.port import Outgoing
from enishi.messages.channels.registry import channel_for
from enishi.messages.mailbox.masked import given_shown, trial_id
from enishi.messages.models import Delivery, MailboxItem, Template, TemplateVersion
from enishi.messages.public.links import links_for
from enishi.messages.public.responses import record
from enishi.messages.senders import trial
from enishi.messages.senders.service import account_for
from enishi.messages.types import MessageChannel
from enishi.messages.wording.readying import compiled
from enishi.messages.wording.rendered import Rendered
from enishi.messages.wording.values import values_for
from lists_world import Bank

SECRET = "薔薇小路 百合香"


def her(bank: Bank) -> str:
    table = bank.warehouse.who({"all": []}, actor=bank.actor("manager"))
    named = dict(zip(table["key"].to_pylist(), table["_id"].to_pylist(), strict=True))
    return str(named["P001"])


def kept(bank: Bank, text: str, given: dict[str, Any]) -> Delivery:
    """A short message of a template, delivered to the mailbox."""
    person = her(bank)
    template = Template.objects.create(
        slug="t", name="t", channel="sms", purpose="deposits", owner="u", created_by="u"
    )
    version = TemplateVersion.objects.create(
        template=template, number=1, state="approved", created_by="u",
        body={"kind": "sms", "text": text},
    )  # fmt: skip
    row = Delivery.objects.create(
        key="walk:1:mail:1", person=person, channel="sms", purpose="deposits",
        template_version=version.id, given=given,
    )  # fmt: skip
    made = compiled(version.id)
    values = values_for([person], made, now(), {person: given})[person]
    assert isinstance(values, dict)
    deliver(row.id, person, made.render(values, links_for(row.id)), "+819000000001")
    return row


def deliver(delivery: str, person: str, rendered: Rendered, address: str) -> None:
    way = channel_for(account_for("sms"))
    out = Outgoing(delivery, delivery, person, address, "", rendered, now())
    way.open().send(way.prepare(out), out)


def seen(bank: Bank, role: str) -> str:
    """Everything that the mailbox tells a role."""
    api = bank.api(role)
    rows = api.get("mailbox").json()["items"]
    assert rows
    return str([rows, *(api.get(f"mailbox/{row['id']}").json() for row in rows)])


def test_what_came_with_a_delivery_is_masked_like_its_row(sqlite_bank: Bank) -> None:
    """A loaded row's field of level low (`name`), and what an event of the API brought (`note`)."""
    kept(sqlite_bank, "{{ given.name }}/{{ given.note }}/{{ given.balance }}",
         {"name": SECRET, "note": "秘密のメモ", "balance": 4242})  # fmt: skip
    for role, shown in (("administrator", True), ("marketer", False)):
        told = seen(sqlite_bank, role)
        assert (SECRET in told) is shown, role
        assert ("秘密のメモ" in told) is shown, role
        assert "4242" in told, "a balance is personal data to nobody here"


def test_a_date_that_came_with_an_entry_is_masked_like_its_field(sqlite_bank: Bank) -> None:
    manager, marketer = sqlite_bank.actor("manager"), sqlite_bank.actor("marketer")
    given = {"date": "1990-11-22", "field": "phone"}  # whatever the field is called
    assert given_shown(given, manager)["date"] == "1990-11-22"
    assert "1990-11-22" not in str(given_shown(given, marketer))
    assert "1990-11-22" not in str(given_shown(given, sqlite_bank.actor("administrator")))
    nested = {"who": {"phone": "090-1111-2222", "list": [{"name": SECRET}]}}
    assert SECRET not in str(given_shown(nested, marketer))
    assert "1111" not in str(given_shown(nested, sqlite_bank.actor("administrator")))


def test_a_message_whose_delivery_is_gone_shows_nothing(sqlite_bank: Bank) -> None:
    """What was made of her values cannot be found in it again (a name spelt backwards)."""
    row = kept(sqlite_bank, "{{ given.name }} リユ", {"name": SECRET[::-1]})
    for role in ("administrator", "marketer"):
        assert "リユ" in seen(sqlite_bank, role)
    Delivery.objects.filter(id=row.id).delete()
    MailboxItem.objects.update(recipient="+819077770000")
    for role in ("administrator", "marketer"):
        told = seen(sqlite_bank, role)
        assert "リユ" not in told, role
        assert "＊＊＊" in told
        assert "819077770000" not in told, "nor an address that is not hers any more"


def test_a_clicked_link_tells_no_value_that_stood_in_it(sqlite_bank: Bank) -> None:
    row = kept(sqlite_bank, "https://bank.test/all https://bank.test/q?n={{ given.name }}", {})
    for url in ("https://bank.test/all", f"https://bank.test/q?n={SECRET}"):
        record(row.id, "clicked", at=now(), detail={"url": url})
    told = {
        role: [one["detail"]["url"] for one in
               sqlite_bank.api(role).get(f"deliveries/{row.id}").json()["responses"]]
        for role in ("manager", "analyst")
    }  # fmt: skip
    assert told["manager"] == ["https://bank.test/all", f"https://bank.test/q?n={SECRET}"]
    assert told["analyst"] == ["https://bank.test/all", "https://bank.test/…"]


@pytest.mark.parametrize("author", ["manager", "marketer"])
def test_a_trial_is_for_who_may_see_as_much_as_its_author(sqlite_bank: Bank, author: str) -> None:
    rendered = Rendered(MessageChannel.SMS, text="こんにちは 百合香")
    person, delivery = her(sqlite_bank), trial_id(sqlite_bank.actor(author))
    out = trial._outgoing(rendered, "+819000000001", delivery, person)
    way = channel_for(account_for("sms"))
    way.open().send(way.prepare(out), out)
    assert ("百合香" in seen(sqlite_bank, "marketer")) is (author == "marketer")
