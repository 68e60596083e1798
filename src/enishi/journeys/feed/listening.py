"""Registers journeys with the packages above that tell of what happened in the book."""

from __future__ import annotations


def listen() -> None:
    """Hear of worked members and of holds, in the units that do them, in every process."""
    from enishi.gate import holding
    from enishi.journeys.feed.notices import note_worked
    from enishi.journeys.holds import note
    from enishi.lists import telling

    telling.listen(note_worked)
    holding.listen(note)
