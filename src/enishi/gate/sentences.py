"""The gate's reasons in words: who, when, how, and what about."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from enishi.gate.models import Restriction
from enishi.gate.policy_words import day
from enishi.gate.types import CHANNEL_WORDS, HOLD_WORDS, RestrictionType
from enishi.kernel.text import Text

_ELSEWHERE = Text("", "")


def product_words(restriction: Restriction) -> Text:
    """What a refusal is about, as the definition called it."""
    label = restriction.product_label
    if isinstance(label, Mapping) and label.get("ja") and label.get("en"):
        return Text(str(label["ja"]), str(label["en"]))
    return Text(restriction.product or "", restriction.product or "")


def label_of(restriction: Restriction) -> Text:
    """The short name of a restriction, as a chip shows it."""
    if restriction.type == RestrictionType.HOLD:
        return HOLD_WORDS[restriction.kind]
    channel = CHANNEL_WORDS.get(restriction.channel or "")
    on = Text(f"({channel.ja})", f" ({channel.en})") if channel else _ELSEWHERE
    if restriction.type == RestrictionType.DO_NOT_CONTACT:
        return Text(f"連絡不可{on.ja}", f"Do not contact{on.en}")
    if restriction.product is None:
        return Text(f"すべての案内を拒否{on.ja}", f"Refused all contact{on.en}")
    product = product_words(restriction)
    return Text(f"「{product.ja}」の案内を拒否{on.ja}", f"Refused {product.en}{on.en}")


def sentence_of(restriction: Restriction, by: str, zone: ZoneInfo, now: datetime) -> Text:
    """A restriction as one sentence: 「11月3日に電話で「カード」の案内を断られています（佐藤）」.

    `by` is the name of the user who recorded it; empty when unknown.
    """
    when = day(restriction.at, zone, now)
    via = CHANNEL_WORDS.get(restriction.via)
    how = Text(f"{via.ja}で", f" by {via.en}") if via else _ELSEWHERE
    who = Text(f"（{by}）", f" ({by})") if by else _ELSEWHERE
    if restriction.type == RestrictionType.HOLD:
        kind = HOLD_WORDS[restriction.kind]
        told = Text(
            f"{when.ja}から「{kind.ja}」のため案内を止めています{who.ja}",
            f"On hold since {when.en} because of {kind.en}{who.en}",
        )
    elif restriction.type == RestrictionType.DO_NOT_CONTACT:
        channel = CHANNEL_WORDS.get(restriction.channel or "")
        on = Text(f"{channel.ja}での", f" by {channel.en}") if channel else _ELSEWHERE
        told = Text(
            f"{when.ja}に{on.ja}連絡を望まないとの申し出がありました{who.ja}",
            f"Asked on {when.en} not to be contacted{on.en}{who.en}",
        )
    elif restriction.product is None:
        told = Text(
            f"{when.ja}に{how.ja}今後の案内をすべて断られています{who.ja}",
            f"Refused all further contact on {when.en}{how.en}{who.en}",
        )
    else:
        product = product_words(restriction)
        told = Text(
            f"{when.ja}に{how.ja}「{product.ja}」の案内を断られています{who.ja}",
            f"Refused {product.en} on {when.en}{how.en}{who.en}",
        )
    if restriction.until is None:
        return told
    until = day(restriction.until, zone, now)
    return Text(f"{told.ja}。{until.ja}まで", f"{told.en}, until {until.en}")
