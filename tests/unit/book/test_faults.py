"""What is logged of an unexpected error tells where, never what was in it."""

from __future__ import annotations

from enishi.book.faults import kind_and_place


def _inner() -> None:
    raise ValueError("佐藤花子")


def _outer() -> None:
    try:
        _inner()
    except ValueError as error:
        raise KeyError("03-0000-0000") from error


def test_the_kind_and_the_place_without_the_message() -> None:
    try:
        _outer()
    except KeyError as error:
        told = kind_and_place(error)
    assert told.startswith("KeyError\n")
    assert "test_faults.py" in told
    assert told.endswith("_outer")
    assert "佐藤" not in told
    assert "03-" not in told


def test_a_deep_recursion_is_told_by_its_innermost_frames() -> None:
    def down() -> None:
        down()

    try:
        down()
    except RecursionError as error:
        told = kind_and_place(error)
    assert len(told.splitlines()) == 26
