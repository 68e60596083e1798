"""One-off sends: written, dispatched with a preview's token, paused, resumed, cancelled.

    draft ──dispatch──▶ preparing ──▶ sending ──▶ done      (preparing: `preparing`)
      ▲                   │
      └──── drifted ──────┘

Pausing and cancelling count from their commit on, for deliveries that are queued too: a hold
stands in the book that every attempt looks at (`claiming`), and marking the rows follows.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import IntegrityError
from django.db.models import QuerySet

from enishi.book import audit
from enishi.book.access import Actor, require
from enishi.book.clock import now
from enishi.book.unit import work
from enishi.kernel.errors import Conflict, Invalid, NotFound
from enishi.kernel.ids import new_id
from enishi.kernel.text import Text
from enishi.messages.deliveries import service as deliveries
from enishi.messages.models import Send, Sender, Template, TemplateVersion
from enishi.messages.sends import within
from enishi.messages.sends.audience import Audience
from enishi.messages.sends.bodies import SendBody
from enishi.messages.sends.schemas import SendIn, SendPatch
from enishi.messages.sends.tokens import LASTS, Seen, body_digest, read_token
from enishi.messages.types import MessageChannel, SendState
from enishi.segments.known import segments_named
from enishi.segments.naming import slug_from

RUNNING = (SendState.PREPARING, SendState.SENDING)


def get_send(reference: str) -> Send:
    """By slug or id; raises NotFound."""
    found = Send.objects.filter(slug=reference).first() or Send.objects.filter(id=reference).first()
    if found is None:
        raise NotFound(
            Text("この一斉配信は見つかりません。", "There is no such send."),
            Text("一覧から選んでください。", "Choose one from the overview."),
            code="send_not_found",
        )
    return found


def find(state: str | None, archived: bool) -> QuerySet[Send]:
    """Sends, the newest first."""
    rows = Send.objects.filter(archived_at__isnull=not archived).order_by("-created_at", "-id")
    return rows if state is None else rows.filter(state=state)


def body_of(send: Send) -> SendBody:
    return SendBody.model_validate(send.body)


def template_of(body: SendBody) -> Template:
    """The template of a send; raises Invalid `template_unknown` also for one put away."""
    found = Template.objects.filter(slug=body.template, archived_at__isnull=True).first()
    if found is None:
        raise _wrong(
            "template_unknown",
            Text(
                f"テンプレート「{body.template}」はありません。",
                f"There is no template {body.template!r}.",
            ),
            Text("使えるテンプレートを選んでください。", "Choose a template that is in use."),
        )
    return found


def approved(template: Template) -> TemplateVersion:
    """The approved version; raises Conflict `template_not_approved`."""
    found = TemplateVersion.objects.filter(template=template, state="approved").first()
    if found is None:
        raise Conflict(
            Text(
                "このテンプレートはまだ承認されていません。",
                "This template has no approved version.",
            ),
            Text("作成者以外の方に承認を依頼してください。", "Ask somebody else to approve it."),
            code="template_not_approved",
        )
    return found


def audience_of(send: Send, actor: Actor | None = None) -> Audience:
    """The people of a send: of those whom the actor may see, else of the scope it was sent in."""
    body = body_of(send)
    kept = within.scope_kept(send) if actor is None else within.scope_of(actor)
    return Audience(body, template_of(body), send.slug, within.asking(kept))


# ── written ──────────────────────────────────────────────────────────────────────────────────────


def create(wanted: SendIn, actor: Actor) -> Send:
    """A draft. Raises Invalid for what it names and is not there, Conflict on a taken slug,
    Forbidden for a rule over what the actor may not see."""
    require(actor, "messages.write")
    _check(wanted.body, actor)
    base = wanted.slug or slug_from(wanted.name) or f"send-{new_id('s')[-6:]}"
    slug, number = base, 2
    while wanted.slug is None and Send.objects.filter(slug=slug).exists():
        slug, number = f"{base[:58]}-{number}", number + 1
    send = Send(
        slug=slug, name=wanted.name, body=_stored(wanted.body), created_by=actor.user_id
    )  # fmt: skip
    try:
        with work("send.create"):
            send.save(force_insert=True)
            audit.record(actor, "send.create", "send", send.id, {"slug": slug})
    except IntegrityError as error:
        raise Conflict(
            Text(f"「{slug}」はすでに使われています。", f"The slug {slug!r} is taken."),
            Text("別の識別名を付けてください。", "Choose another slug."),
            code="slug_taken",
        ) from error
    return send


def change(reference: str, patch: SendPatch, actor: Actor) -> Send:
    """Rename it, or word it anew while it is a draft; raises Conflict `send_not_draft`."""
    require(actor, "messages.write")
    if patch.body is not None:
        _check(patch.body, actor)
    with work("send.change"):
        send = _locked(reference)
        detail: dict[str, object] = {}
        if patch.name is not None:
            send.name, detail["name"] = patch.name, patch.name
        if patch.body is not None:
            _require_state(send, SendState.DRAFT)
            send.body, send.preview, detail["body"] = _stored(patch.body), {}, True
            send.progress = {}
        send.save(update_fields=["name", "body", "preview", "progress"])
        audit.record(actor, "send.change", "send", send.id, detail)
    return send


def put_away(reference: str, actor: Actor, *, away: bool) -> Send:
    """Archive or restore; raises Conflict while it runs."""
    require(actor, "messages.write")
    with work("send.archive"):
        send = _locked(reference)
        if away and send.state in (*RUNNING, SendState.PAUSED):
            raise _not_now(send)
        send.archived_at = now() if away else None
        send.save(update_fields=["archived_at"])
        audit.record(actor, "send.archive" if away else "send.restore", "send", send.id, {})
    return send


def _check(body: SendBody, author: Actor) -> None:
    """What it names is there: all that is not, at once in the remedy's words.

    Raises Forbidden `masked_field` for a rule over what its author sees masked: the preview counts.
    """
    template = template_of(body)
    if template.channel == MessageChannel.PERSON:
        raise _wrong(
            "send_by_person",
            Text(
                "担当者への依頼は、一斉配信では出せません。",
                "What a person is asked to do cannot be sent.",
            ),
            Text(
                "アクション可能リストを作るか、ジャーニーに担当者の作業を置いてください。",
                "Build an actionable list, or put a task into a journey.",
            ),
        )
    named = segments_named([*body.segments, *body.exclude])
    known = {slug for slug, found in named.items() if found.archived_at is None}
    missing = sorted({*body.segments, *body.exclude} - known)
    if missing:
        told = ", ".join(missing)
        raise _wrong(
            "segment_unknown",
            Text(f"セグメントがありません: {told}", f"There is no segment {told}."),
            Text("一覧から選び直してください。", "Choose from the segments in use."),
        )
    if body.sender:
        found = Sender.objects.filter(slug=body.sender, archived_at__isnull=True).first()
        if found is None or found.channel != template.channel:
            raise _wrong(
                "sender_unknown",
                Text("この送信設定は使えません。", "This sender cannot be used here."),
                Text(
                    "テンプレートのチャネルの送信設定を選んでください。",
                    "Choose a sender of the template's channel.",
                ),
            )
    audience = Audience(body, template, "")
    if body.rule is not None:
        audience.count(audience.intended, author)  # raises Invalid with its faults


def _stored(body: SendBody) -> dict[str, object]:
    return body.model_dump(mode="json")


# ── sent, stopped ────────────────────────────────────────────────────────────────────────────────


def seen_now(send: Send, people: int, actor: Actor) -> Seen:
    """What a token of a preview that has just counted `people` for the actor says."""
    body = body_of(send)
    version = approved(template_of(body))
    until = int((now() + LASTS).timestamp())
    scope = within.digest(within.scope_of(actor))
    return Seen(send.id, body_digest(body), version.id, people, until, scope)


def dispatch(reference: str, token: str, actor: Actor) -> Send:
    """Let it go, now or at its time; of who has a row scope, to the people within it. Raises
    Conflict: `preview_token`, `preview_old`, `preview_changed` (body, template, or previewed in
    another row scope), `drifted`, `send_not_draft`, `template_not_approved`."""
    require(actor, "messages.send")
    send = get_send(reference)
    _require_state(send, SendState.DRAFT)
    seen = read_token(token, at=now())
    audience = audience_of(send, actor)
    version, kept = approved(audience.template), within.scope_of(actor)
    now_is = (send.id, body_digest(audience.body), version.id, within.digest(kept))
    if (seen.send, seen.body, seen.version, seen.within) != now_is:
        raise Conflict(
            Text("確認した後に内容が変わりました。", "It was changed after it was previewed."),
            Text("もう一度プレビューを開いて確かめてください。", "Preview it again, and look."),
            code="preview_changed",
        )
    due = audience.body.at or now()
    if due <= now() + timedelta(minutes=1):
        found = audience.count(audience.intended)
        if drifted(seen.people, found, audience.body.drift):
            raise drift_refusal(seen.people, found)
    with work("send.dispatch"):
        send = _locked(reference)
        _require_state(send, SendState.DRAFT)
        if body_digest(body_of(send)) != seen.body:
            raise _not_now(send)
        send.state, send.template_version = SendState.PREPARING, version.id
        send.due_at, send.dispatched_at, send.dispatched_by = due, now(), actor.user_id
        send.preview, send.progress = {"people": seen.people, "within": kept}, {}
        send.save()
        audit.record(
            actor, "send.dispatch", "send", send.id,
            {"people": seen.people, "template_version": version.id, "at": due.isoformat(),
             "within": kept},
        )  # fmt: skip
    return send


def drifted(previewed: int, found: int, percent: float) -> bool:
    """Whether an audience has moved further than `percent` from what was previewed."""
    return abs(found - previewed) * 100 > percent * previewed


def drift_refusal(previewed: int, found: int) -> Conflict:
    return Conflict(
        Text(
            f"対象が{previewed:,}人から{found:,}人に変わっています。",
            f"The audience has changed from {previewed:,} to {found:,} people.",
        ),
        Text(
            "もう一度プレビューを開いて、この人数でよいか確かめてください。",
            "Preview it again and see whether that is what you want.",
        ),
        code="drifted",
        detail={"previewed": previewed, "found": found},
    )


def pause(reference: str, actor: Actor) -> Send:
    """Stop at once: nothing more is attempted. Raises Conflict unless it runs."""
    require(actor, "messages.send")
    with work("send.pause"):
        send = _locked(reference)
        within.require_reach(send, actor)
        if send.state not in RUNNING:
            raise _not_now(send)
        send.paused_from, send.state = send.state, SendState.PAUSED
        # What is in a worker's hands still comes to its end: it is counted until it has.
        send.progress = {**send.progress, "settled": False}
        send.save(update_fields=["state", "paused_from", "progress"])
        deliveries.hold(send=send.id)
        audit.record(actor, "send.pause", "send", send.id, {})
    return send


def resume(reference: str, actor: Actor) -> Send:
    """Go on where it was paused."""
    require(actor, "messages.send")
    with work("send.resume"):
        send = _locked(reference)
        within.require_reach(send, actor)
        _require_state(send, SendState.PAUSED)
        send.state, send.paused_from = send.paused_from, ""
        send.progress = {k: v for k, v in send.progress.items() if k != "released_at"}
        send.save(update_fields=["state", "paused_from", "progress"])
        deliveries.unhold(send=send.id)
        audit.record(actor, "send.resume", "send", send.id, {})
    return send


def cancel(reference: str, actor: Actor) -> Send:
    """End it at once: what is still queued is never sent. What has been attempted stays."""
    require(actor, "messages.send")
    with work("send.cancel"):
        send = _locked(reference)
        within.require_reach(send, actor)
        if send.state not in (*RUNNING, SendState.PAUSED):
            raise _not_now(send)
        send.state, send.paused_from = SendState.CANCELLED, ""
        send.save(update_fields=["state", "paused_from"])
        deliveries.hold(send=send.id)
        audit.record(actor, "send.cancel", "send", send.id, {})
    return send


def _locked(reference: str) -> Send:
    found = get_send(reference)
    return Send.objects.select_for_update().get(id=found.id)


def _require_state(send: Send, state: SendState) -> None:
    if send.state != state:
        raise _not_now(send)


def _not_now(send: Send) -> Conflict:
    return Conflict(
        Text("この一斉配信は今この操作ができません。", "This cannot be done with the send now."),
        Text("画面を更新して、状態を確かめてください。", "Reload the page and look at its state."),
        code="send_not_now",
        detail={"state": str(send.state)},
    )


def _wrong(code: str, message: Text, remedy: Text) -> Invalid:
    return Invalid(message, remedy, code=code)
