"""What is beside a sender: the records to publish for it, its quota, addresses only it knows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from enishi.book import audit
from enishi.book.access import SYSTEM, Actor, require
from enishi.book.clock import now
from enishi.book.unit import in_chunks, work
from enishi.gate import matching
from enishi.gate.asking import in_scope, persons_named
from enishi.kernel.errors import Conflict
from enishi.kernel.text import Locale, Text
from enishi.messages.addresses import digest
from enishi.messages.channels import dkim
from enishi.messages.channels.webpush.vapid import public_key as vapid_public_key
from enishi.messages.models import ChannelAddress, Delivery, Sender
from enishi.messages.senders.service import account_of, opened_secrets
from enishi.messages.types import DeliveryState

_LINE_USER = re.compile(r"U[0-9a-f]{32}")
_SPF = Text(
    "このサーバーから送ってよいことを示します（SPF）。既存の SPF があれば、そこに加えてください。",
    "Says that this server may send (SPF). Where there is one already, add to it.",
)
_DKIM = Text("署名を確かめる公開鍵です（DKIM）。", "The public key that checks signatures (DKIM).")
_DMARC = Text(
    "合わないメールの扱いと、報告の宛先です（DMARC）。まずは様子を見る設定です。",
    "What to do with mail that does not fit, and where to report (DMARC). This one only watches.",
)


def dns_records(sender: Sender, locale: Locale) -> list[dict[str, str]]:
    """The records to publish for a sender of mail; none for other channels."""
    address = str(sender.config.get("from_address", ""))
    domain = address.rpartition("@")[2]
    if sender.channel != "email" or not domain:
        return []
    found = []
    if sender.provider == "smtp":
        host = str(sender.config["host"])
        literal = re.fullmatch(r"[0-9.]+|\[?[0-9a-fA-F:]+\]?", host)
        how = f"ip{6 if ':' in host else 4}:{host.strip('[]')}" if literal else f"a:{host}"
        bounces = str(sender.config.get("return_path") or address).rpartition("@")[2]
        found.append(("TXT", bounces, f"v=spf1 {how} ~all", _SPF))
        key = opened_secrets(sender).get("dkim_key")
        signed = sender.config.get("dkim_domain")
        if key and signed:
            name = f"{sender.config['dkim_selector']}._domainkey.{signed}"
            found.append(("TXT", name, dkim.dns_record(key), _DKIM))
    found.append(("TXT", f"_dmarc.{domain}", f"v=DMARC1; p=none; rua=mailto:{address}", _DMARC))
    return [
        {"kind": kind, "name": name, "value": value, "purpose": purpose[locale]}
        for kind, name, value, purpose in found
    ]


def public_key(provider: str, opened: Mapping[str, str]) -> str:
    """What is public of a sender's key: a browser subscribes with it (web push)."""
    if provider == "webpush" and "vapid_key" in opened:
        return vapid_public_key(opened["vapid_key"])
    return ""


def quota(sender: Sender) -> dict[str, Any]:
    """What LINE still takes this month, beside what is queued. Raises Conflict for others."""
    from enishi.messages.channels.line.quota import read_quota

    if sender.provider != "line":
        raise Conflict(
            Text("このチャネルに上限はありません。", "This channel has no quota."),
            Text("LINEの送信設定で確認できます。", "Ask for that of a sender of LINE."),
            code="no_quota",
        )
    limit, used = read_quota(account_of(sender))
    waiting = Delivery.objects.filter(channel="line", state=DeliveryState.QUEUED)
    mine = [sender.slug, ""] if sender.main else [sender.slug]
    expected = waiting.filter(sender__in=mine).count()
    left = None if limit is None else max(0, limit - used)
    return {
        "limit": limit, "used": used, "left": left, "expected": expected,
        "enough": left is None or expected <= left,
    }  # fmt: skip


def keep_addresses(sender: Sender, told: Sequence[tuple[str, str]], actor: Actor) -> dict[str, Any]:
    """Keep whose LINE user ids are whose, by Enishi ids or customer numbers; an id that was
    another's is this person's now."""
    require(actor, "channels.write")
    if sender.channel != "line":
        raise Conflict(
            Text("LINEの送信設定ではありません。", "This is no sender of LINE."),
            Text("LINEの送信設定を選んでください。", "Choose a sender of LINE."),
            code="not_line",
        )
    numbers = matching.known({said for said, _ in told}, (), ()).keys
    ids = {number: found[0] for number, found in numbers.items() if len(found) == 1}
    people = {ids.get(said, said) for said, _ in told}
    known = in_scope(people, actor) & set(persons_named(sorted(people), SYSTEM))
    fits = [ids.get(said, said) in known and bool(_LINE_USER.fullmatch(a)) for said, a in told]
    good = [(ids.get(s, s), a) for (s, a), fit in zip(told, fits, strict=True) if fit]

    def write(chunk: list[tuple[str, str]]) -> None:
        for person, address in chunk:
            keep_address(person, "line", address)
        audit.record(
            actor, "address.keep", "sender", sender.id, {"addresses": len(chunk)},
            [person for person, _ in chunk],
        )  # fmt: skip

    in_chunks(good, write, name="addresses.keep")
    return {
        "kept": len(good),
        "refused": sorted({s for (s, _), fit in zip(told, fits, strict=True) if not fit}),
    }


def keep_address(person: str, channel: str, address: str) -> None:
    """Keep one address of a person that the catalog does not hold; it counts from now on."""
    with work("address.keep"):
        ChannelAddress.objects.update_or_create(
            channel=channel,
            digest=digest(channel, address),
            defaults={
                "person": person, "address": address, "since": now(), "ended_at": None,
                "ended_because": "",
            },
        )  # fmt: skip


def end_address(channel: str, address: str, because: str) -> None:
    """An address that we kept is none any more: blocked, or gone."""
    with work("address.end"):
        ChannelAddress.objects.filter(
            channel=channel, digest=digest(channel, address), ended_at__isnull=True
        ).update(ended_at=now(), ended_because=because)
