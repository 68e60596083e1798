"""What policies answer, in words."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from enishi.gate.bodies import Age, BusinessHours, QuietHours
from enishi.gate.types import CHANNEL_WORDS
from enishi.kernel.text import Text


def day(at: datetime, zone: ZoneInfo, today: datetime) -> Text:
    """`11月3日` and `3 Nov`, with the year when it is not this one."""
    local, now = at.astimezone(zone), today.astimezone(zone)
    ja = f"{local.month}月{local.day}日"
    en = f"{local.day} {local:%b}"
    if local.year != now.year:
        ja, en = f"{local.year}年{ja}", f"{en} {local.year}"
    return Text(ja, en)


def again(until: datetime, zone: ZoneInfo) -> Text:
    """From when on a contact that waits may be made."""
    local = until.astimezone(zone)
    return Text(
        f"{local.month}月{local.day}日{local:%H:%M}から連絡できます",
        f"possible from {local.day} {local:%b}, {local:%H:%M}",
    )


def consent_sentence(
    state: str, channel: str, purpose: Text, when: datetime | None, zone: ZoneInfo, today: datetime
) -> Text:
    """Why the consent does not suffice: none given, ended or withdrawn, and since when."""
    on = CHANNEL_WORDS.get(channel, Text(channel, channel))
    about = Text(f"「{purpose.ja}」の", f" about {purpose.en}") if purpose.ja else Text("", "")
    if when is None:
        return Text(
            f"{on.ja}での{about.ja}連絡への同意がありません",
            f"No consent to contact{about.en} by {on.en}",
        )
    since = day(when, zone, today)
    if state == "ended":
        return Text(
            f"{on.ja}での{about.ja}連絡への同意は{since.ja}に終わっています",
            f"The consent to contact{about.en} by {on.en} ended on {since.en}",
        )
    return Text(
        f"{on.ja}での{about.ja}連絡への同意が{since.ja}に取り消されています",
        f"The consent to contact{about.en} by {on.en} was withdrawn on {since.en}",
    )


def address_sentence(channel: str) -> Text:
    """There is no address for the channel."""
    ja, en = {
        "phone": ("電話番号", "phone number"),
        "sms": ("電話番号", "phone number"),
        "email": ("メールアドレス", "e-mail address"),
    }.get(channel, ("住所", "postal address"))
    return Text(f"使える{ja}がありません", f"There is no usable {en}")


def age_sentence(body: Age, *, known: bool) -> Text:
    """The age that a policy is about, or that the birth date is missing."""
    who = Text("別の承認者", "another approver") if body.another else Text("承認者", "an approver")
    if not known:
        return Text("生年月日が分からないお客さまです", "The customer's birth date is not known")
    if body.answer == "deny":
        return Text(
            f"{body.from_age}歳以上のお客さまには案内しません",
            f"Customers of {body.from_age} and over are not contacted about this",
        )
    return Text(
        f"{body.from_age}歳以上のお客さまへの案内には{who.ja}の承認が要ります",
        f"Contacting customers of {body.from_age} and over needs {who.en}",
    )


def hours_sentence(body: QuietHours | BusinessHours) -> Text:
    """Which hours these are."""
    if isinstance(body, QuietHours):
        if body.begin == body.end:
            return Text("連絡を控える日です", "Contacts rest on this day")
        begin, end = f"{body.begin:%H:%M}", f"{body.end:%H:%M}"
        return Text(
            f"{begin}から{end}までは連絡を控える時間です", f"Contacts rest from {begin} to {end}"
        )
    if body.hours:
        return Text("営業時間外です", "Outside business hours")
    return Text("営業日ではありません", "Not a business day")


def unknown_sentence() -> Text:
    """Nothing can be told about the person."""
    return Text(
        "お客さまの情報を確かめられないため、案内できません",
        "Nothing can be told about the customer, so promotion waits",
    )
