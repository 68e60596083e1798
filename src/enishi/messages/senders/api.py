"""Senders over HTTP. Secrets go in and never come out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

from ninja import Status

from enishi.book.http import Request, Router
from enishi.book.workspace import current_workspace
from enishi.gate.people import holder, names_of
from enishi.kernel.text import Locale
from enishi.messages.channels.registry import provider, providers
from enishi.messages.channels.settings import Setting, missing
from enishi.messages.models import Sender
from enishi.messages.senders import checks as sender_checks
from enishi.messages.senders import service as senders
from enishi.messages.senders import trial
from enishi.messages.senders.schemas import (
    AddressesIn,
    AddressesOut,
    DnsOut,
    ProvidersOut,
    QuotaOut,
    SenderIn,
    SenderLive,
    SenderOut,
    SenderPatch,
    SendersOut,
    SenderTest,
    SenderTested,
)

router = Router(tags=["senders"])
Row: TypeAlias = dict[str, Any]
_HOOKED = frozenset({"anymail", "twilio", "line", "smtp"})


@router.get("/senders/providers", permission="channels.read", response=ProvidersOut)
def kinds(request: Request) -> Row:
    """Every provider that can be set up, and what it asks to be told."""
    locale = request.locale
    return {
        "items": [
            {
                "name": one.name,
                "channel": one.channel,
                "label": one.label[locale],
                "settings": [_setting(setting, locale) for setting in one.settings],
            }
            for one in providers()
        ]
    }


@router.get("/senders", permission="channels.read", response=SendersOut)
def every(request: Request) -> Row:
    """Every sender that is set up."""
    found = senders.senders()
    return {"items": _rows(found, request.locale), "total": len(found)}


@router.post("/senders", permission="channels.write", response={201: SenderOut})
def create(request: Request, body: SenderIn) -> Status[Row]:
    """Set up a sender. Until it is switched live, what it sends lands in the mailbox."""
    made = senders.create(
        body.slug, body.name, body.provider, body.config, body.secrets, request.actor
    )
    return Status(201, _rows([made], request.locale)[0])


@router.get("/senders/{slug}", permission="channels.read", response=SenderOut)
def one(request: Request, slug: str) -> Row:
    """One sender."""
    return _rows([senders.get(slug)], request.locale)[0]


@router.patch("/senders/{slug}", permission="channels.write", response=SenderOut)
def change(request: Request, slug: str, body: SenderPatch) -> Row:
    """Change it."""
    found = senders.change(
        slug, request.actor, name=body.name, config=body.config, secrets=body.secrets,
        main=body.main,
    )  # fmt: skip
    return _rows([found], request.locale)[0]


@router.delete("/senders/{slug}", permission="channels.write", response={204: None})
def archive(request: Request, slug: str) -> Status[None]:
    """Take it out of use."""
    senders.archive(slug, request.actor)
    return Status(204, None)


@router.post("/senders/{slug}/live", permission="channels.write", response=SenderOut)
def switch(request: Request, slug: str, body: SenderLive) -> Row:
    """Send for real from now on, or into the mailbox again."""
    return _rows([senders.switch(slug, body.live, request.actor)], request.locale)[0]


@router.post("/senders/{slug}/test", permission="channels.write", response=SenderTested)
def test(request: Request, slug: str, body: SenderTest) -> Row:
    """Send a trial for real, whether the sender is live or not: an e-mail to one's own address."""
    return trial.send(slug, body.address, request.user.email, request.actor, request.locale)


@router.get("/senders/{slug}/dns", permission="channels.read", response=DnsOut)
def dns(request: Request, slug: str) -> Row:
    """What to publish so that mail from this sender is believed: SPF, DKIM and DMARC."""
    return {"items": sender_checks.dns_records(senders.get(slug), request.locale)}


@router.get("/senders/{slug}/quota", permission="channels.read", response=QuotaOut)
def quota(request: Request, slug: str) -> Row:
    """What the provider still takes this month, beside what is queued (LINE)."""
    return sender_checks.quota(senders.get(slug))


@router.post("/senders/{slug}/addresses", permission="channels.write", response=AddressesOut)
def addresses(request: Request, slug: str, body: AddressesIn) -> Row:
    """Tell whose LINE user ids are whose."""
    told = [(one.person, one.address) for one in body.addresses]
    return sender_checks.keep_addresses(senders.get(slug), told, request.actor)


def _setting(one: Setting, locale: Locale) -> Row:
    return {
        "name": one.name,
        "label": one.label[locale],
        "help": one.help[locale],
        "kind": one.kind,
        "required": one.required,
        "default": one.default,
        "low": one.low,
        "high": one.high,
        "choices": [{"value": value, "label": label[locale]} for value, label in one.choices],
    }


def _rows(rows: Iterable[Sender], locale: Locale) -> list[Row]:
    found = list(rows)
    users = names_of(row.created_by for row in found)
    return [_row(row, users, locale) for row in found]


def _row(row: Sender, users: dict[str, str], locale: Locale) -> Row:
    kind = provider(row.provider)
    opened = senders.opened_secrets(row)
    hooked = row.provider in _HOOKED
    name = "inbound" if row.provider == "smtp" else row.provider
    return {
        "id": row.id,
        "slug": row.slug,
        "name": row.name,
        "channel": row.channel,
        "provider": row.provider,
        "provider_label": kind.label[locale],
        "config": row.config,
        "secrets": sorted(opened),
        "live": row.live,
        "main": row.main,
        "ready": not missing(kind.settings, row.config, list(opened)),
        "hook": f"{current_workspace().url}/m/hooks/{name}/{row.slug}" if hooked else "",
        "public_key": sender_checks.public_key(row.provider, opened),
        "created_by": holder(row.created_by, users),
        "created_at": row.created_at,
        "changed_at": row.changed_at,
    }
