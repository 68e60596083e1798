"""Deliveries that were handed over and got no answer: what may be done, by the class of message.

Enishi never sends one again by itself. Where the policy is `ask`, somebody who has made sure may.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from enishi.book import audit
from enishi.book.access import Actor, require
from enishi.book.clock import now
from enishi.book.unit import work
from enishi.gate.in_force import policies_in_force
from enishi.gate.types import PurposeClass
from enishi.kernel.errors import Conflict
from enishi.kernel.text import Text
from enishi.messages.models import Delivery, SendingSettings
from enishi.messages.types import DeliveryState

Answer = Literal["leave", "ask"]
LEFT = "unknown.left"
_NAME = "default"


class UnknownsBody(BaseModel):
    """What is done with a delivery whose end nobody knows. A promotion twice is worse than none; a
    notice that the law asks for is worth a look."""

    model_config = ConfigDict(extra="forbid")

    promotion: Answer = "leave"
    service: Answer = "ask"
    transactional: Answer = "ask"


def policy() -> UnknownsBody:
    """The policy as it is set."""
    row = SendingSettings.objects.filter(name=_NAME).first()
    return UnknownsBody() if row is None else UnknownsBody.model_validate(row.body)


def set_policy(body: UnknownsBody, actor: Actor) -> UnknownsBody:
    require(actor, "channels.write")
    with work("sending.unknowns"):
        told = body.model_dump()
        SendingSettings.objects.update_or_create(
            name=_NAME, defaults={"body": told, "updated_by": actor.user_id, "updated_at": now()}
        )
        audit.record(actor, "sending.unknowns", "sending", _NAME, told)
    return body


def answer_for(purpose: str) -> Answer:
    """What the policy says of this purpose."""
    kind = policies_in_force().class_of(purpose)
    body = policy()
    return {
        PurposeClass.PROMOTION: body.promotion,
        PurposeClass.SERVICE: body.service,
        PurposeClass.TRANSACTIONAL: body.transactional,
    }[kind]


def send_again(row: Delivery, note: str, actor: Actor) -> None:
    """Queue an unknown delivery once more; the gate is asked again when it is tried. Audited.

    Raises Conflict `not_unknown`, and `unknown_stays` where the policy leaves its class alone.
    """
    require(actor, "messages.send")
    if answer_for(row.purpose) != "ask":
        raise Conflict(
            Text(
                "この種類の配信は送り直しません。", "Deliveries of this class are not sent again."
            ),
            Text(
                "送り直すには、管理者に設定の変更を依頼してください。",
                "Ask an administrator to change the policy.",
            ),
            code="unknown_stays",
        )
    with work("delivery.again"):
        _decide(row, state=DeliveryState.QUEUED, due_at=now(), finished_at=None, reason="")
        audit.record(actor, "delivery.again", "delivery", row.id, {"note": note}, [row.person])


def leave(row: Delivery, note: str, actor: Actor) -> None:
    """Note that an unknown delivery has been looked at and stays as it is. Audited."""
    require(actor, "messages.send")
    with work("delivery.leave"):
        _decide(row, reason=LEFT)
        audit.record(actor, "delivery.leave", "delivery", row.id, {"note": note}, [row.person])


def _decide(row: Delivery, **values: object) -> None:
    changed = Delivery.objects.filter(id=row.id, state=DeliveryState.UNKNOWN).update(**values)
    if not changed:
        raise Conflict(
            Text("この配信の結果はもう分かっています。", "The end of this delivery is known."),
            Text("画面を更新してください。", "Reload the page."),
            code="not_unknown",
        )
