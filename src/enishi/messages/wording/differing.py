"""What two bodies say differently: part by part, and line by line."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from enishi.book.jsontext import dumps

Op: TypeAlias = Literal["same", "added", "removed"]
Lines: TypeAlias = list[tuple[Op, str]]
_OPS: dict[str, Op] = {" ": "same", "+": "added", "-": "removed"}
_MOST_LINES = 4000


@dataclass(frozen=True, slots=True)
class Change:
    """One part that differs. `path` is a JSON path in the body."""

    path: str
    what: Literal["added", "removed", "changed"]
    before: str
    after: str
    lines: Lines


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """The parts that differ, in the order of the newer body, then those that are gone."""
    return list(_walk("$", before, after))


def _walk(path: str, before: Any, after: Any) -> Iterator[Change]:
    if before == after:
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        same_kind = before.get("kind") == after.get("kind")
        if same_kind and not _is_value(path):
            for name in [*after, *(name for name in before if name not in after)]:
                yield from _member(f"{path}.{name}", before, after, name)
            return
    if isinstance(before, list) and isinstance(after, list):
        yield from _items(path, before, after)
        return
    old, new = _text(before), _text(after)
    yield Change(path, "changed", old, new, lines(old, new))


def _is_value(path: str) -> bool:
    """A value of the rule language is shown whole: half of one says nothing."""
    return path.endswith(".value")


def _member(
    path: str, before: Mapping[str, Any], after: Mapping[str, Any], name: str
) -> Iterator[Change]:
    if name not in before:
        if after[name] not in (None, "", [], {}):
            yield _whole(path, "added", after[name])
    elif name not in after:
        if before[name] not in (None, "", [], {}):
            yield _whole(path, "removed", before[name])
    else:
        yield from _walk(path, before[name], after[name])


def _items(path: str, before: list[Any], after: list[Any]) -> Iterator[Change]:
    """Items of a list, matched as they follow each other: one that was put in moves no other."""
    matcher = difflib.SequenceMatcher(
        None, [dumps(item) for item in before], [dumps(item) for item in after], autojunk=False
    )
    for op, low, high, start, end in matcher.get_opcodes():
        if op == "equal":
            continue
        pairs = min(high - low, end - start)
        for step in range(pairs):
            yield from _walk(f"{path}[{start + step}]", before[low + step], after[start + step])
        for place in range(start + pairs, end):
            yield _whole(f"{path}[{place}]", "added", after[place])
        for place in range(low + pairs, high):
            yield _whole(f"{path}[{place}]", "removed", before[place])


def _whole(path: str, what: Literal["added", "removed"], value: Any) -> Change:
    text = _text(value)
    op: Op = "added" if what == "added" else "removed"
    told: Lines = [(op, line) for line in text.split("\n")]
    return Change(path, what, "" if what == "added" else text, text if what == "added" else "",
                  told)  # fmt: skip


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping) and isinstance(value.get("text"), str):
        rest = {name: part for name, part in value.items() if name != "text" and part != ""}
        return f"{value['text']}\n{dumps(rest)}" if rest else str(value["text"])
    return dumps(value)


def lines(before: str, after: str) -> Lines:
    """Both texts as one list of lines: kept, added, removed."""
    old, new = before.split("\n")[:_MOST_LINES], after.split("\n")[:_MOST_LINES]
    return [
        (_OPS[line[0]], line[2:]) for line in difflib.ndiff(old, new) if line[0] in _OPS
    ] if len(old) * len(new) <= 250_000 else _coarse(old, new)  # fmt: skip


def _coarse(old: list[str], new: list[str]) -> Lines:
    """For long texts: `ndiff` compares every line with every other, character by character."""
    found: Lines = []
    for op, low, high, start, end in difflib.SequenceMatcher(None, old, new).get_opcodes():
        if op == "equal":
            found += [("same", line) for line in old[low:high]]
        else:
            found += [("removed", line) for line in old[low:high]]
            found += [("added", line) for line in new[start:end]]
    return found
