"""The durable loops of messages: sending, reading ahead for it, and sends on their way."""

from __future__ import annotations

import logging
import threading

from enishi.book.workspace import current_workspace
from enishi.messages.channels.registry import channel_for
from enishi.messages.public.links import links_for
from enishi.messages.sending import claiming, pauses, restored
from enishi.messages.sending.lane import Sending
from enishi.messages.sends import preparing

_WAIT_SECONDS = 0.05
_log = logging.getLogger("enishi.sending")
_lock = threading.Lock()
_sending: list[Sending] = []


def lane() -> Sending:
    """The sending lane of this process."""
    with _lock:
        if not _sending:
            if restored.hold_if_marked(current_workspace()):
                _log.warning("this workspace was restored: sending is held until it is released")
            _sending.append(Sending(links_for, channel_for))
        return _sending[0]


def run_once(context: object = None) -> bool:  # noqa: ARG001  the loops' common shape
    """One round of sending; True while anything is in hand."""
    found = lane()
    if found.round():
        return True
    if found.busy():
        found.wait(_WAIT_SECONDS)
        return True
    return False


def read_once(context: object = None) -> bool:  # noqa: ARG001  as above
    """Make ready what is due next."""
    found = lane()
    return False if claiming.all_held() else found.read_on()


def prepare_once(context: object = None) -> bool:  # noqa: ARG001  as above
    """One slice for every send on its way, and for every pause."""
    more = restored.drop_some() | pauses.sweep()
    for send in preparing.due():
        more |= preparing.step(send)
    return more


def close() -> None:
    """Let the workers finish, and write what they came to."""
    with _lock:
        for one in _sending:
            one.close()
        _sending.clear()
