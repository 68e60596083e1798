"""What a mail server's replies mean.

A reply is a code of three digits, often an enhanced one (RFC 3463) and a sentence that repeats the
address: only codes are kept.
"""

from __future__ import annotations

import re

from enishi.messages.channels.port import Later, Outcome, Refused

_ENHANCED = re.compile(rb"\s*([245])\.(\d{1,3})\.(\d{1,3})\b")
_GREYLISTED = re.compile(rb"gr[ea]y[- ]?list", re.IGNORECASE)

GREYLIST_SECONDS = 300.0
BUSY_SECONDS = 120.0
FULL_SECONDS = 3600.0
CLOSING_SECONDS = 30.0

_NO_MAILBOX = {(1, 1), (1, 2), (1, 3), (1, 6), (1, 10), (2, 1)}
"""Enhanced codes that say the address itself is no good."""


def enhanced(text: bytes) -> tuple[int, int] | None:
    """Subject and detail of the enhanced code, (1, 1) of `5.1.1 …`."""
    found = _ENHANCED.match(text)
    return None if found is None else (int(found[2]), int(found[3]))


def stops_address(kind: int, subject: int, detail: int) -> bool:
    """Whether an enhanced code says that the address itself is no good."""
    return kind == 5 and (subject, detail) in _NO_MAILBOX


def read_reply(code: int, text: bytes, stage: str) -> Outcome:
    """A refusal at a stage (`mail`, `rcpt`, `data`, `done`) as an outcome."""
    told = enhanced(text)
    if code == 421:
        return Later("try_later", CLOSING_SECONDS)
    if 400 <= code < 500:
        return _later(code, told, text, stage)
    if told == (2, 2):
        return Refused("mailbox_full")
    if told in _NO_MAILBOX or (told is None and stage == "rcpt" and code in (550, 551, 553)):
        return Refused("mailbox_unknown", stops_address=True)
    if told == (3, 4) or code == 552:
        return Refused("too_large")
    if stage == "mail":
        return Refused("sender_refused")
    return Refused("content_refused" if stage in ("data", "done") else "refused")


def _later(code: int, told: tuple[int, int] | None, text: bytes, stage: str) -> Later:
    if told == (2, 2) or code == 452:
        return Later("mailbox_full", FULL_SECONDS)
    if stage == "rcpt" and (_GREYLISTED.search(text) or (code in (450, 451) and told == (7, 1))):
        return Later("greylisted", GREYLIST_SECONDS)
    return Later("try_later", BUSY_SECONDS)
