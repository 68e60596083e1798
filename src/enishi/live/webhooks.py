"""What can be asked of webhooks: make, change, pause, start again, try out, replay, take away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import F, QuerySet

from enishi.book import audit
from enishi.book.access import Actor, require
from enishi.book.clock import now
from enishi.book.outbound import Undeliverable, locate
from enishi.book.unit import in_chunks, work
from enishi.book.workspace import current_workspace
from enishi.kernel.errors import Conflict, Fault, Invalid, NotFound
from enishi.kernel.text import Text
from enishi.live.models import Delivery, Webhook
from enishi.live.webhook_signing import secret
from enishi.live.webhook_types import PING, CrossingEvent, DeliveryState, WebhookState
from enishi.live.webhook_words import ERRORS
from enishi.segments.service import wordings_in_use

MOST = 50
"""So many webhooks there may be: each is a queue of its own."""


def get(webhook_id: str) -> Webhook:
    """One webhook; raises NotFound."""
    found = Webhook.objects.filter(id=webhook_id, deleted_at__isnull=True).first()
    if found is None:
        raise NotFound(
            Text("この Webhook はありません。", "There is no such webhook."),
            Text("一覧から選んでください。", "Choose one from the overview."),
            code="webhook_not_found",
        )
    return found


def create(
    name: str, url: str, segments: Sequence[str], events: Sequence[str], actor: Actor
) -> tuple[Webhook, str]:
    """A new webhook and its secret, which is shown this once. It tells of crossings from now on.

    Raises Invalid for an address that cannot be sent to or segments that are not live.
    """
    require(actor, "webhooks.write")
    if Webhook.objects.filter(deleted_at__isnull=True).count() >= MOST:
        raise Conflict(
            Text(f"Webhook は{MOST}個までです。", f"There can be {MOST} webhooks at most."),
            Text("使っていないものを削除してください。", "Take away one that is not used."),
            code="too_many_webhooks",
        )
    made = Webhook(
        name=name, url=_reachable(url), segments=_live(segments), events=_events(events),
        created_by=actor.user_id,
    )  # fmt: skip
    with work("webhook.create"):
        made.save(force_insert=True)
        audit.record(
            actor, "webhook.create", "webhook", made.id,
            {"segments": made.segments, "events": made.events, "url": url},
        )  # fmt: skip
    return made, secret(made.id, made.secret_number)


def change(
    webhook_id: str,
    actor: Actor,
    *,
    name: str | None = None,
    url: str | None = None,
    segments: Sequence[str] | None = None,
    events: Sequence[str] | None = None,
    state: WebhookState | None = None,
) -> Webhook:
    """Change what is given. `state` active starts a stopped or paused one again: it goes on where
    it had stopped."""
    require(actor, "webhooks.write")
    values: dict[str, object] = {}
    if name is not None:
        values["name"] = name
    if url is not None:
        values["url"] = _reachable(url)
    if segments is not None:
        values["segments"] = _live(segments)
    if events is not None:
        values["events"] = _events(events)
    if state is not None:
        values |= {"state": str(state), "stopped_for": "", "failing_since": None}
    with work("webhook.change"):
        found = get(webhook_id)
        Webhook.objects.filter(id=found.id).update(**values)
        if state == WebhookState.ACTIVE:
            _waiting(found).update(due_at=now())
        told = {key: value for key, value in values.items() if key not in ("name",)}
        audit.record(actor, "webhook.change", "webhook", found.id, told)
    return get(webhook_id)


def renew_secret(webhook_id: str, actor: Actor) -> tuple[Webhook, str]:
    """A new secret, shown this once; the former one signs along for a day."""
    require(actor, "webhooks.write")
    with work("webhook.secret"):
        found = get(webhook_id)
        Webhook.objects.filter(id=found.id).update(
            secret_number=F("secret_number") + 1, secret_at=now()
        )
        audit.record(actor, "webhook.secret", "webhook", found.id)
    found = get(webhook_id)
    return found, secret(found.id, found.secret_number)


def remove(webhook_id: str, actor: Actor) -> None:
    """Take a webhook away with what it had still to tell."""
    require(actor, "webhooks.write")
    with work("webhook.remove"):
        found = get(webhook_id)
        Webhook.objects.filter(id=found.id).update(deleted_at=now(), state=WebhookState.PAUSED)
        audit.record(actor, "webhook.remove", "webhook", found.id)


def ping(webhook_id: str, actor: Actor) -> Delivery:
    """Queue a delivery that names nobody, to try the address out."""
    require(actor, "webhooks.write")
    with work("webhook.ping"):
        found = get(webhook_id)
        if found.state != WebhookState.ACTIVE:
            raise Conflict(
                Text("この Webhook は止まっています。", "This webhook is not active."),
                Text("再開してから試してください。", "Start it again first."),
                code="webhook_not_active",
            )
        made = Delivery.objects.create(webhook=found, event=PING, at=now())
        audit.record(actor, "webhook.ping", "webhook", found.id, {"delivery": made.id})
    return made


def replay(webhook_id: str, actor: Actor, ids: Sequence[str] | None = None) -> int:
    """Let dead deliveries wait again, those named or all; returns how many."""
    require(actor, "webhooks.write")
    found = get(webhook_id)
    dead = Delivery.objects.filter(webhook=found, state=DeliveryState.DEAD)
    if ids is not None:
        dead = dead.filter(id__in=list(ids))
    numbers = list(dead.order_by("number").values_list("number", flat=True))

    def again(chunk: list[int]) -> None:
        Delivery.objects.filter(number__in=chunk, state=DeliveryState.DEAD).update(
            state=DeliveryState.WAITING, attempts=0, due_at=now(), ended_at=None
        )

    in_chunks(numbers, again, name="webhook.replay")
    audit.record(actor, "webhook.replay", "webhook", found.id, {"deliveries": len(numbers)})
    return len(numbers)


def prune(before: datetime) -> int:
    """Take away what was delivered before an instant, a bounded number; returns how many."""
    old = Delivery.objects.filter(state=DeliveryState.DELIVERED, ended_at__lt=before)
    numbers = list(old.order_by("ended_at").values_list("number", flat=True)[:5000])

    def drop(chunk: list[int]) -> None:
        Delivery.objects.filter(number__in=chunk).delete()

    return in_chunks(numbers, drop, name="webhook.prune")


def _waiting(webhook: Webhook) -> QuerySet[Delivery]:
    return Delivery.objects.filter(webhook=webhook, state=DeliveryState.WAITING)


def _reachable(url: str) -> str:
    """The address, when it can be sent to as things stand. Raises Invalid `url_refused`."""
    try:
        locate(url, current_workspace().webhooks_allow)
    except Undeliverable as error:
        raise Invalid(
            ERRORS[error.code],
            Text(
                "組織の外から届く https のアドレスを指定してください。組織内の宛先は、"
                "enishi.toml の [webhooks] allow に加えると使えます。",
                "Name an https address that is reachable from outside, or add a host of your own "
                "network to [webhooks] allow in enishi.toml.",
            ),
            code="url_refused",
        ) from None
    return url


def _live(slugs: Sequence[str]) -> list[str]:
    """The slugs, each of a segment that is decided live. Raises Invalid with a fault for each."""
    wanted = list(dict.fromkeys(slugs))
    live = {one.segment.slug for one in wordings_in_use() if one.segment.live}
    faults = [
        Fault(
            "segment_not_live",
            f"$.segments[{place}]",
            Text(
                f"「{slug}」はライブのセグメントではありません。", f"{slug!r} is no live segment."
            ),
            Text(
                "セグメントのページで「ライブにする」を選んでください。",
                "Make it live on the segment's page.",
            ),
        )
        for place, slug in enumerate(wanted)
        if slug not in live
    ]
    if faults or not wanted:
        raise Invalid(
            Text("伝えるセグメントを選んでください。", "Choose the segments to tell of."),
            faults[0].remedy if faults else Text("1つ以上選んでください。", "Choose at least one."),
            code="segment_not_live",
            faults=tuple(faults),
        )
    return wanted


def _events(events: Sequence[str]) -> list[str]:
    wanted = [str(event) for event in CrossingEvent if event in events]
    if not wanted or len(wanted) != len(set(events)):
        raise Invalid(
            Text(
                "入ったとき・出たときのどちらかを選んでください。", "Choose entries, exits or both."
            ),
            Text("1つ以上選んでください。", "Choose at least one."),
            code="events_missing",
        )
    return wanted
