"""What a voice is told of one step of a sequence."""

from __future__ import annotations

from typing import NamedTuple

from enishi.rules.tree import Span


class StepWords(NamedTuple):
    """`noun`: the event with its condition. `last`: the event that happened before, by name."""

    noun: str
    within: Span | None
    absent: bool
    last: str
