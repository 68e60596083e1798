"""The events that journeys tell, in words: for whoever shows a customer's history or names one."""

from __future__ import annotations

from collections.abc import Mapping

from enishi.journeys.emitting import ENTERED, EXITED, GOAL
from enishi.kernel.text import Text
from enishi.messages.public.event_words import event_words as message_words

_WORDS: Mapping[str, Text] = {
    ENTERED: Text("ジャーニーに参加しました", "Came into a journey"),
    GOAL: Text("ジャーニーの目的を果たしました", "Reached the goal of a journey"),
    EXITED: Text("ジャーニーを終えました", "Left a journey"),
    "score_changed": Text("スコアが変わりました", "A score changed"),
}


def event_words(event: str) -> Text | None:
    """An event of a journey or of a message in words; None for any other."""
    return _WORDS.get(event) or message_words(event)
