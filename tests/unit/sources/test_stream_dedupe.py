"""The index of message ids against a plain dictionary: what it knows, and after which crash."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enishi.sources.stream import dedupe
from enishi.sources.stream.dedupe import PARTS, Seen, hashes, place

KEEP = 400


def ask(seen: Seen, ids: Sequence[str], at: int = 0, first: int = 0) -> list[bool]:
    """Which of these ids have been seen; each stands 16 bytes after the one before."""
    places = np.array([place(1, (first + n) * 16) for n in range(len(ids))], np.uint64)
    return seen.duplicates(hashes(ids), places, np.full(len(ids), at)).tolist()


class Oracle:
    """A dictionary: the latest quarter of `keep` in which each id was new."""

    def __init__(self) -> None:
        self.known: dict[str, int] = {}

    def ask(self, ids: Sequence[str], at: int) -> list[bool]:
        part, found = at // (KEEP // PARTS), []
        for one in ids:
            again = one in self.known and self.known[one] >= part - PARTS
            if not again:
                self.known[one] = part
            found.append(again)
        return found


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.lists(st.integers(0, 40), max_size=12), st.integers(0, 150),
            st.sampled_from(["commit", "undo", "reopen"]),
        ),
        max_size=25,
    )
)  # fmt: skip
def test_it_knows_what_a_dictionary_knows(
    tmp_path_factory: pytest.TempPathFactory,
    batches: list[tuple[list[int], int, str]],
) -> None:
    folder = tmp_path_factory.mktemp("seen") / "dedupe"
    first, dedupe.FIRST = dedupe.FIRST, 16  # so that tables fill and get levels
    try:
        seen, oracle, at, done = Seen(folder, KEEP), Oracle(), 0, 0
        for numbers, pause, then in batches:
            ids, at = [f"id{number}" for number in numbers], at + pause
            before = dict(oracle.known)
            assert ask(seen, ids, at, done) == oracle.ask(ids, at)
            if then == "undo":
                seen.undo()
                oracle.known = before
                continue
            if then == "reopen":  # killed before the commit: what it put in is not committed
                seen.close(clean=False)
                seen = Seen(folder, KEEP)
                assert seen.whole
                seen.forget({1: done * 16})
                oracle.known = before
                continue
            seen.commit()
            done += len(ids)
        seen.close()
    finally:
        dedupe.FIRST = first


def test_many_ids_over_several_tables(tmp_path: Path) -> None:
    seen = Seen(tmp_path / "dedupe", KEEP)
    ids = [f"id{number}" for number in range(120_000)]
    assert not any(ask(seen, ids))
    seen.commit()
    assert len(list((tmp_path / "dedupe").glob("0.*"))) == 3
    assert all(ask(seen, ids[::7]))
    assert ask(seen, ["new", ids[5], "new"]) == [False, True, True]
    seen.close()


@pytest.mark.parametrize(
    ("name", "value", "whole"),
    [("clean", False, True), ("boot", "another", False), ("keep", 7, False), ("format", 0, False)],
)
def test_what_may_not_be_whole_begins_anew(
    tmp_path: Path, name: str, value: object, whole: bool
) -> None:
    folder = tmp_path / "dedupe"
    seen = Seen(folder, KEEP)
    assert not seen.whole
    ask(seen, ["a"])
    seen.commit()
    seen.close(clean=False)
    state = json.loads((folder / "state.json").read_text())
    (folder / "state.json").write_text(json.dumps({**state, name: value}))
    again = Seen(folder, KEEP)
    assert again.whole is whole
    assert ask(again, ["a"]) == [whole]
    again.close()


def test_old_generations_go(tmp_path: Path) -> None:
    seen = Seen(tmp_path / "dedupe", KEEP)
    for at in range(0, 2000, 100):
        ask(seen, [f"id{at}"], at)
        seen.commit()
    kept = sorted(int(path.name.split(".")[0]) for path in (tmp_path / "dedupe").glob("*.0"))
    assert kept == list(range(19 - PARTS - 1, 20))
    seen.close()
