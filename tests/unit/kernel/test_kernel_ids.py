"""Ids: of one length, sorted by the time they were drawn at, and never twice."""

from __future__ import annotations

import time

from enishi.kernel.ids import new_id, new_ids


def test_ids_are_drawn_together_as_one_by_one() -> None:
    together = new_ids("dlv", 5000)
    assert len(set(together)) == 5000
    assert {len(one) for one in together} == {len(new_id("dlv"))} == {24}
    assert all(one.startswith("dlv_") for one in together)
    assert new_ids("dlv", 0) == []


def test_later_ones_come_later() -> None:
    first = new_ids("x", 100)
    time.sleep(0.003)
    assert max(first) < min(new_ids("x", 100))
