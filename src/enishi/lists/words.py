"""Small words that several pages of lists share: numbers, days, last contacts."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from enishi.gate.policy_words import day
from enishi.kernel.text import Text

CONTACT_VERBS = {
    "phone": Text("電話", "called"),
    "visit": Text("訪問", "visited"),
    "email": Text("メール", "wrote to"),
    "post": Text("郵送", "wrote to"),
    "meeting": Text("面談", "met"),
}


def number_words(value: int | float | Decimal) -> str:
    """A number with thousands separated and at most two decimals."""
    text = f"{value:,.2f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def last_contact(channel: str, at: datetime, by: str, zone: ZoneInfo, now: datetime) -> Text:
    """「11月3日に佐藤さんが電話」, "called 3 Nov by Sato"."""
    when = day(at, zone, now)
    verb = CONTACT_VERBS.get(channel, Text("連絡", "contacted"))
    return Text(f"{when.ja}に{by}さんが{verb.ja}", f"{verb.en} {when.en} by {by}")


def elsewhere(lists: int, contact: Text | None) -> Text | None:
    """「ほか2件のリストにも載っています。11月3日に佐藤さんが電話」; None when nothing is to say."""
    if lists == 0 and contact is None:
        return None
    parts_ja, parts_en = [], []
    if lists:
        parts_ja.append(f"ほか{lists}件のリストにも載っています")
        parts_en.append(f"on {lists} other list{'s' if lists > 1 else ''}")
    if contact is not None:
        parts_ja.append(contact.ja)
        parts_en.append(contact.en)
    return Text("。".join(parts_ja), "; ".join(parts_en))
