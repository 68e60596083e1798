"""Mail that comes back: bounces (RFC 3464), reports of abuse (RFC 5965), replies.

One's own mail server hands each mail that arrives at the bounce or reply address to
`POST /m/hooks/inbound/<sender>`, raw, signed as Standard Webhooks has it with the sender's
`inbound_secret`. What names no mail of ours, and what machines answer, is passed over. Nothing of
the mail's text is kept.
"""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator
from email.message import EmailMessage

from django.http import HttpRequest

from enishi.book import webhook_signing
from enishi.book.clock import now
from enishi.messages.channels.port import Account
from enishi.messages.channels.smtp.replies import stops_address
from enishi.messages.public.hooks import Unsigned
from enishi.messages.public.responses import Came
from enishi.messages.types import ResponseKind

_OURS = re.compile(r"<?(dlv_[0-9a-z]{20})@[A-Za-z0-9.-]+>?")
_STATUS = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})")
_AWAY = re.compile(
    r"out of office|automatic reply|auto(matic)?[- ]?repl|vacation|"
    r"自動返信|自動応答|不在(通知|のお知らせ)",
    re.IGNORECASE,
)


def read(request: HttpRequest, account: Account) -> list[Came]:
    """What one mail tells. Raises Unsigned."""
    key = webhook_signing.key_of(account.secrets.get("inbound_secret", ""))
    if not webhook_signing.good(key, request.headers, request.body, now()):
        raise Unsigned
    return read_mail(request.body)


def read_mail(content: bytes) -> list[Came]:
    """The same of a mail as it is."""
    found = email.message_from_bytes(content, policy=email.policy.default)
    kind = str(found.get_param("report-type") or "").lower()
    if found.get_content_type() == "multipart/report" and kind == "delivery-status":
        return _bounced(found)
    if found.get_content_type() == "multipart/report" and kind == "feedback-report":
        return _complained(found)
    return _replied(found)


def _bounced(found: EmailMessage) -> list[Came]:
    delivery = _original(found)
    failed = next((s for s in _statuses(found) if s[0] == "failed"), None)
    if delivery is None or failed is None:
        return []  # delayed, relayed or delivered: nothing has come of it yet
    code = failed[1]
    told = _STATUS.fullmatch(code)
    permanent = told is not None and stops_address(int(told[1]), int(told[2]), int(told[3]))
    detail = {"code": code if told else "failed", "permanent": permanent}
    return [Came(delivery, ResponseKind.BOUNCED, now(), detail=detail)]


def _statuses(found: EmailMessage) -> Iterator[tuple[str, str]]:
    """Action and status of each recipient in the report."""
    for part in found.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        blocks = part.get_payload()
        for block in blocks if isinstance(blocks, list) else []:
            if isinstance(block, str):
                continue
            action, status = block.get("Action"), block.get("Status")
            if action and status:
                yield str(action).strip().lower(), str(status).split()[0][:20]


def _complained(found: EmailMessage) -> list[Came]:
    delivery = _original(found)
    abuse = any(
        "abuse" in _text(part).lower()
        for part in found.walk()
        if part.get_content_type() == "message/feedback-report"
    )
    if delivery is None or not abuse:
        return []
    return [Came(delivery, ResponseKind.COMPLAINED, now(), detail={"code": "abuse"})]


def _text(part: EmailMessage) -> str:
    """A part's text, whatever it is made of."""
    payload = part.get_payload()
    if isinstance(payload, list):
        return "\n".join(str(one) for one in payload)
    return str(payload)


def _original(found: EmailMessage) -> str | None:
    """Which of our mails a report is about: the Message-ID in what it returns."""
    for part in found.walk():
        if part.get_content_type() in ("message/rfc822", "text/rfc822-headers"):
            named = re.search(r"^Message-ID:\s*(\S+)", _text(part), re.IGNORECASE | re.MULTILINE)
            if named and (ours := _OURS.fullmatch(named[1])):
                return ours[1]
    return None


def _replied(found: EmailMessage) -> list[Came]:
    if _by_machine(found):
        return []
    told = f"{found.get('In-Reply-To', '')} {found.get('References', '')}"
    named = _OURS.findall(told[:20_000])
    if not named:
        return []
    return [Came(named[-1], ResponseKind.REPLIED, now())]


def _by_machine(found: EmailMessage) -> bool:
    auto = str(found.get("Auto-Submitted", "no")).strip().lower()
    precedence = str(found.get("Precedence", "")).strip().lower()
    return (
        not auto.startswith("no")
        or precedence in ("bulk", "junk", "list", "auto_reply")
        or found.get("X-Autoreply") is not None
        or found.get("X-Autorespond") is not None
        or str(found.get("Return-Path", "")).strip() == "<>"
        or _AWAY.search(str(found.get("Subject", ""))) is not None
    )
