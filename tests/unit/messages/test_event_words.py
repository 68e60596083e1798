"""What a customer's history says of messages."""

from __future__ import annotations

from enishi.messages.public.event_words import event_words
from enishi.messages.types import MessageChannel, ResponseKind, event_name


def test_every_event_of_a_message_has_words() -> None:
    kinds = [*ResponseKind, "sent", "failed", "unknown"]
    for channel in MessageChannel:
        for kind in kinds:
            words = event_words(event_name(channel, kind))
            assert words is not None
            assert words.ja
            assert words.en
    assert event_words("purchase") is None
