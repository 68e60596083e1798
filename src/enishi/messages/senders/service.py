"""Senders: the ways out that have been set up, and the accounts channels are made of.

Until a sender is switched live, everything that it is to send lands in the built-in mailbox. Where
none is set up for a channel, the mailbox stands in for it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError

from enishi.book import audit
from enishi.book.access import Actor, require
from enishi.book.clock import now
from enishi.book.unit import work
from enishi.book.workspace import current_workspace
from enishi.kernel.errors import Conflict, Invalid, NotFound
from enishi.kernel.text import Text
from enishi.messages.channels.port import Account
from enishi.messages.channels.registry import PROVIDERS, Provider, provider
from enishi.messages.channels.settings import checked, checked_secrets, missing
from enishi.messages.channels.webhook import hosts_of
from enishi.messages.models import Sender
from enishi.messages.senders import sealing

MOST = 100
"""So many senders there may be."""

_SHOWN_TO_SERVERS = ("password", "api_key")
"""Secrets that are told to the host of the settings."""

_BUILT_IN: Mapping[str, str] = {
    "email": "smtp", "sms": "twilio", "line": "line", "push": "webpush", "webhook": "webhook",
    "person": "person",
}  # fmt: skip


def get(slug: str) -> Sender:
    """One sender; raises NotFound."""
    found = Sender.objects.filter(slug=slug, archived_at__isnull=True).first()
    if found is None:
        raise NotFound(
            Text("この送信設定はありません。", "There is no such sender."),
            Text("一覧から選んでください。", "Choose one from the list."),
            code="sender_not_found",
        )
    return found


def senders() -> list[Sender]:
    """Every sender in use, by channel, the main one of each first."""
    return list(
        Sender.objects.filter(archived_at__isnull=True).order_by("channel", "-main", "name", "id")
    )


def create(
    slug: str,
    name: str,
    provider_name: str,
    config: Mapping[str, Any],
    secrets: Mapping[str, Any],
    actor: Actor,
) -> Sender:
    """A new sender, not live; the first of a channel is its main one. Raises Invalid, Conflict."""
    require(actor, "channels.write")
    kind = provider(provider_name)
    settled = checked(kind.settings, config)
    opened = {k: v for k, v in checked_secrets(kind.settings, secrets).items() if v}
    if kind.generated is not None:
        opened |= kind.generated(settled, opened)
    _check_keys(opened)
    if Sender.objects.filter(archived_at__isnull=True).count() >= MOST:
        raise Conflict(
            Text(f"送信設定は{MOST}個までです。", f"There can be {MOST} senders at most."),
            Text("使っていないものを外してください。", "Take away one that is not used."),
            code="too_many_senders",
        )
    made = Sender(
        slug=slug, name=name, channel=kind.channel, provider=kind.name, config=settled,
        created_by=actor.user_id,
    )  # fmt: skip
    made.secrets = sealing.seal(made.id, opened)
    try:
        with work("sender.create"):
            made.main = not Sender.objects.filter(
                channel=kind.channel, main=True, archived_at__isnull=True
            ).exists()
            made.save(force_insert=True)
            audit.record(
                actor, "sender.create", "sender", made.id,
                {"provider": kind.name, "config": settled, "secrets": sorted(opened),
                 **_leads_to(made)},
            )  # fmt: skip
    except IntegrityError:
        raise Conflict(
            Text("同じ識別名の送信設定があります。", "A sender has this name already."),
            Text("別の識別名にしてください。", "Choose another one."),
            code="sender_exists",
        ) from None
    return made


def change(
    slug: str,
    actor: Actor,
    *,
    name: str | None = None,
    config: Mapping[str, Any] | None = None,
    secrets: Mapping[str, Any] | None = None,
    main: bool | None = None,
) -> Sender:
    """Change what is given. `config` is taken whole; of `secrets` those that are named.

    Raises Invalid `secrets_again` where another server would be shown a password that it has never
    been given: whoever names a server of one's own could read it there.
    """
    require(actor, "channels.write")
    with work("sender.change"):
        found = get(slug)
        kind = provider(found.provider)
        if name is not None:
            found.name = name
        if config is not None:
            settled = checked(kind.settings, config)
            _refuse_elsewhere(kind, found, settled, secrets or {})
            found.config = settled
        if config is not None or secrets is not None:
            opened = sealing.unseal(found.id, found.secrets) if found.secrets else {}
            opened |= checked_secrets(kind.settings, secrets or {})
            opened = {key: value for key, value in opened.items() if value}
            if kind.generated is not None:
                opened |= kind.generated(found.config, opened)
            _check_keys(opened)
            if found.live and missing(kind.settings, found.config, list(opened)):
                raise _incomplete()
            found.secrets = sealing.seal(found.id, opened)
        if main:
            Sender.objects.filter(channel=found.channel, main=True).update(main=False)
            found.main = True
        found.changed_at = now()
        found.save()
        audit.record(
            actor, "sender.change", "sender", found.id,
            {"config": found.config, "secrets": sorted(secrets or {}), "main": bool(main),
             **_leads_to(found)},
        )  # fmt: skip
    return found


def switch(slug: str, live: bool, actor: Actor) -> Sender:
    """Send for real from now on, or into the mailbox again. Audited. Raises Conflict while
    something that is needed has not been set."""
    require(actor, "channels.write")
    with work("sender.switch"):
        found = get(slug)
        kind = provider(found.provider)
        if live and missing(kind.settings, found.config, list(opened_secrets(found))):
            raise _incomplete()
        if live and found.channel == "webhook" and not hosts_of(found.config):
            raise Conflict(
                Text("送ってよいホストがまだありません。", "It may not send to any host yet."),
                Text("「送ってよいホスト」に入力してください。", "Name the hosts it may send to."),
                code="sender_incomplete",
            )
        if live and found.channel == "person":
            raise Conflict(
                Text("担当者への依頼は、リストに載せて渡します。", "Tasks go onto a list."),
                Text("ここで切り替える必要はありません。", "There is nothing to switch here."),
                code="sender_not_needed",
            )
        found.live, found.changed_at = live, now()
        found.save(update_fields=["live", "changed_at"])
        audit.record(actor, "sender.switch", "sender", found.id, {"live": live})
    return found


def archive(slug: str, actor: Actor) -> None:
    """Take a sender out of use. What was to go by it waits for another of that name."""
    require(actor, "channels.write")
    with work("sender.archive"):
        found = get(slug)
        found.archived_at, found.live, found.main = now(), False, False
        found.slug = f"{found.slug[:40]}-{found.id[-8:]}"  # the name is free again
        found.secrets = ""
        found.save()
        audit.record(actor, "sender.archive", "sender", found.id)


def opened_secrets(sender: Sender) -> dict[str, str]:
    """Its secrets; for the code that sends and checks with them alone."""
    return sealing.unseal(sender.id, sender.secrets)


def account_of(sender: Sender) -> Account:
    """What a channel is made of."""
    told = f"{sender.id}:{sender.config}:{sender.secrets}:{sender.live}"
    return Account(
        sender.id, sender.slug, sender.channel, sender.provider, sender.config,
        opened_secrets(sender), sender.live, hashlib.sha256(told.encode()).hexdigest()[:24],
    )  # fmt: skip


def account_for(channel: str, slug: str = "") -> Account:
    """The account that a delivery goes by: the one named, else the channel's main one, else the
    built-in one, which is never live. Raises NotFound for a name that is gone."""
    if slug:
        return account_of(get(slug))
    rows = Sender.objects.filter(channel=channel, archived_at__isnull=True)
    found = rows.order_by("-main", "created_at", "id").first()
    return built_in(channel) if found is None else account_of(found)


def built_in(channel: str) -> Account:
    """An account that only ever leads to the mailbox, for a channel that nobody has set up."""
    workspace = current_workspace()
    config: dict[str, Any] = {}
    if channel == "email":
        config = {
            "host": "localhost", "from_address": "no-reply@enishi.invalid",
            "from_name": workspace.name,
        }  # fmt: skip
    return Account(
        f"built-in-{channel}", "", channel, _BUILT_IN[channel], config, {}, False, "built-in"
    )


def providers_of(channel: str) -> list[str]:
    return [name for name, its in PROVIDERS.items() if its == channel]


def _leads_to(found: Sender) -> dict[str, object]:
    """The hosts a sender of webhooks may send to, one by one, so that the audit tells them."""
    return {"hosts": sorted(hosts_of(found.config))} if found.channel == "webhook" else {}


def _check_keys(opened: Mapping[str, str]) -> None:
    """Refuse keys that cannot be read now rather than at the first message."""
    from enishi.messages.channels.dkim import read_key
    from enishi.messages.channels.webpush.vapid import readable

    if "dkim_key" in opened:
        read_key(opened["dkim_key"])
    if "vapid_key" in opened and not readable(opened["vapid_key"]):
        raise Invalid(
            Text("VAPIDの鍵が読めません。", "The VAPID key cannot be read."),
            Text("P-256 の秘密鍵を PEM で入力してください。", "Give a P-256 private key in PEM."),
            code="key_unreadable",
        )


def _refuse_elsewhere(
    kind: Provider, found: Sender, settled: Mapping[str, Any], given: Mapping[str, Any]
) -> None:
    hosts = [one.name for one in kind.settings if one.kind == "host"]
    if all(found.config.get(name) == settled.get(name) for name in hosts):
        return
    if set(_SHOWN_TO_SERVERS) & set(opened_secrets(found)) - set(given):
        raise Invalid(
            Text(
                "サーバーを変えるときは、パスワードを入力し直します。",
                "Where the server changes, the password has to be typed in again.",
            ),
            Text(
                "新しいサーバーのパスワードかAPIキーを入力してください。",
                "Give the password or API key of the new server.",
            ),
            code="secrets_again",
        )


def _incomplete() -> Conflict:
    return Conflict(
        Text("まだ設定されていない項目があります。", "Something that is needed is not set yet."),
        Text("必須の項目を入力してください。", "Fill in what is marked as needed."),
        code="sender_incomplete",
    )
