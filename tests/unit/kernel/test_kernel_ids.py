"""Ids: of one length, sorted by the time they were drawn at, and never twice."""

from __future__ import annotations

import pytest

from enishi.kernel import ids
from enishi.kernel.ids import new_id, new_ids


def test_ids_are_drawn_together_as_one_by_one() -> None:
    together = new_ids("dlv", 5000)
    assert len(set(together)) == 5000
    assert {len(one) for one in together} == {len(new_id("dlv"))} == {24}
    assert all(one.startswith("dlv_") for one in together)
    assert new_ids("dlv", 0) == []


def test_later_ones_come_later(monkeypatch: pytest.MonkeyPatch) -> None:
    at = 1_800_000_000_000_000_000
    monkeypatch.setattr(ids.time, "time_ns", lambda: at)
    first = new_ids("x", 100)
    at += 1_000_000
    assert max(first) < min(new_ids("x", 100))
