"""A rule taken apart along its JSON: what a funnel counts, and where a fault belongs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from enishi.kernel.errors import Invalid
from enishi.kernel.text import Text

Mode = Literal["all", "any", "at_least", "steps", "one"]
_STEP = re.compile(r"\.?([A-Za-z_]+)|\[(\d+)\]")
_GROUPS = ("all", "any", "of")


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a rule: where it stands, and a rule that can be asked alone.

    `opens`: it is itself made of pieces, so its own funnel can be asked for.
    """

    path: str
    rule: object
    opens: bool


@dataclass(frozen=True, slots=True)
class Parts:
    """The pieces of one node. `mode` says how they join: `steps` are those of a sequence, each
    piece asking for all steps up to it; `one` is a node without pieces."""

    mode: Mode
    parts: tuple[Part, ...]


def parts_at(rule: object, path: str | None = None, prefix: str = "$") -> Parts:
    """The pieces of the node at `path` (None: the top of `rule`, which stands at `prefix`).

    `not` is passed through: its pieces are those of what it negates. Raises Invalid
    `path_unknown` when nothing stands there.
    """
    where = path or prefix
    if path is not None:
        rule = _at(rule, path, prefix)
    while isinstance(rule, Mapping) and set(rule) == {"not"}:
        rule, where = rule["not"], f"{where}.not"
    if isinstance(rule, Mapping):
        if set(rule) == {"all"} and _is_list(rule["all"]):
            return Parts("all", _children(rule["all"], f"{where}.all"))
        if set(rule) == {"any"} and _is_list(rule["any"]):
            return Parts("any", _children(rule["any"], f"{where}.any"))
        if set(rule) == {"at_least", "of"} and _is_list(rule["of"]):
            return Parts("at_least", _children(rule["of"], f"{where}.of"))
        if "sequence" in rule and _is_list(rule["sequence"]):
            return Parts("steps", tuple(_steps(rule, f"{where}.sequence")))
    return Parts("one", (Part(where, rule, False),))


def leaves(rule: object, path: str = "$") -> Iterator[Part]:
    """Every condition that is no group, with its path."""
    if isinstance(rule, Mapping):
        for name in _GROUPS:
            if _is_list(rule.get(name)) and set(rule) <= {name, "at_least"}:
                for index, child in enumerate(rule[name]):
                    yield from leaves(child, f"{path}.{name}[{index}]")
                return
        if set(rule) == {"not"}:
            yield from leaves(rule["not"], f"{path}.not")
            return
    yield Part(path, rule, False)


def _children(rules: Sequence[object], where: str) -> tuple[Part, ...]:
    return tuple(Part(f"{where}[{index}]", rule, _opens(rule)) for index, rule in enumerate(rules))


def _opens(rule: object) -> bool:
    """Whether a node has pieces worth a funnel of their own."""
    while isinstance(rule, Mapping) and set(rule) == {"not"}:
        rule = rule["not"]
    if not isinstance(rule, Mapping):
        return False
    pieces = next((rule[k] for k in (*_GROUPS, "sequence") if k in rule), None)
    return _is_list(pieces) and len(pieces) > 1  # type: ignore[arg-type]  # a list is sized


def _steps(rule: Mapping[str, object], where: str) -> Iterator[Part]:
    """What has come about up to each step: the first event alone, then ever longer sequences."""
    steps = rule["sequence"]
    assert isinstance(steps, Sequence)
    for count in range(1, len(steps) + 1):
        path = f"{where}[{count - 1}]"
        if count > 1:
            yield Part(path, {**rule, "sequence": list(steps[:count])}, False)
            continue
        first = steps[0]
        if not isinstance(first, Mapping):
            yield Part(path, first, False)
            continue
        alone = {key: first[key] for key in ("event", "where") if key in first}
        if "during" in rule:
            alone["during"] = rule["during"]
        if "same" in rule:
            has = {"field": rule["same"], "op": "is_set"}
            alone["where"] = {"all": [alone["where"], has]} if "where" in alone else has
        yield Part(path, alone, False)


def _at(rule: object, path: str, prefix: str) -> object:
    if not path.startswith(prefix) or len(path) > 2_000:
        raise _unknown(path)
    rest, here = path[len(prefix) :], 0
    for step in _STEP.finditer(rest):
        if step.start() != here:
            break
        here = step.end()
        if step[1] is not None and isinstance(rule, Mapping) and step[1] in rule:
            rule = rule[step[1]]
        elif step[2] is not None and _is_list(rule) and int(step[2]) < len(rule):  # type: ignore[arg-type]  # as above
            rule = rule[int(step[2])]  # type: ignore[index]  # as above
        else:
            raise _unknown(path)
    if here != len(rest):
        raise _unknown(path)
    return rule


def _is_list(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _unknown(path: str) -> Invalid:
    return Invalid(
        Text(
            f"条件の中に「{path[:80]}」という場所はありません。",
            f"The rule has no place {path[:80]!r}.",
        ),
        Text("条件の JSON パスを確かめてください。", "Check the JSON path against the rule."),
        code="path_unknown",
    )
