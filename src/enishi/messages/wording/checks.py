"""A finding about a template, and those that every channel has: its fields, names and filters."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from liquid.exceptions import LiquidError

from enishi.kernel.errors import Fault, Invalid
from enishi.kernel.text import Text
from enishi.messages.wording import filters
from enishi.messages.wording.bodies import RESERVED
from enishi.messages.wording.rendering import Compiled
from enishi.messages.wording.sandbox import has_liquid, parsed


@dataclass(frozen=True, slots=True)
class Check:
    """A finding. `refuse` keeps a version from being submitted and approved."""

    code: str
    level: Literal["refuse", "warn"]
    path: str
    message: Text
    remedy: Text

    @property
    def fault(self) -> Fault:
        return Fault(self.code, self.path, self.message, self.remedy)


def of_fault(fault: Fault) -> Check:
    return Check(fault.code, "refuse", fault.path, fault.message, fault.remedy)


def of_refusal(error: Invalid) -> list[Check]:
    """A refusal as findings."""
    faults = error.faults or (Fault(error.code, "$", error.message, error.remedy),)
    return [of_fault(fault) for fault in faults]


def refuse(code: str, path: str, said: tuple[str, str], remedy: tuple[str, str]) -> Check:
    return Check(code, "refuse", path, Text(*said), Text(*remedy))


def warn(code: str, path: str, said: tuple[str, str], remedy: tuple[str, str]) -> Check:
    return Check(code, "warn", path, Text(*said), Text(*remedy))


def liquid(compiled: Compiled, known: frozenset[str]) -> Iterator[Check]:
    """What is wrong with the Liquid of any part. `known` are the names of the template's fields."""
    said: set[tuple[str, str]] = set()
    for path, source in sources(compiled):
        if not has_liquid(source):
            continue
        for check in _of_source(path, source, compiled, known):
            if (check.code, check.message.en) not in said:
                said.add((check.code, check.message.en))
                yield check


def sources(compiled: Compiled) -> Iterator[tuple[str, str]]:
    """Every Liquid source with its place."""
    for part, source in compiled.parts.items():
        yield f"$.{'design' if part == 'html' else part}", source
    yield from _leaves("$.json" if compiled.channel == "webhook" else "$", compiled.shape)


def _leaves(path: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for name, part in value.items():
            yield from _leaves(f"{path}.{name}", part)
    elif isinstance(value, list):
        for place, part in enumerate(value):
            yield from _leaves(f"{path}[{place}]", part)


def _of_source(
    path: str, source: str, compiled: Compiled, known: frozenset[str]
) -> Iterator[Check]:
    escaping: Literal["html", "text"] = "html" if path == "$.design" else "text"
    try:
        found = parsed(source, escaping, compiled.language).analyze(include_partials=False)
    except (LiquidError, RecursionError) as error:
        said = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        yield refuse(
            "liquid_broken", path,
            (f"Liquid の書き方に誤りがあります: {said}", f"The Liquid here is wrong: {said}"),
            ("{{ 項目名 }} や {% if 項目名 %}…{% endif %} の形で書いてください。",
             "Write {{ name }} or {% if name %}…{% endif %}."),
        )  # fmt: skip
        return
    for name in found.globals:
        if name not in known and name not in RESERVED and name != "now":
            yield _unknown_name(path, str(name), known)
    for name in found.filters:
        if name not in filters.ALL:
            yield _unknown_filter(path, str(name))


def _unknown_name(path: str, name: str, known: frozenset[str]) -> Check:
    shown = ["salutation", "person", "today", "given", "unsubscribe_url", "preferences_url"]
    near = difflib.get_close_matches(name, [*known, *shown], 1)
    ja, en = (f"「{near[0]}」ではありませんか。", f"Did you mean {near[0]}? ") if near else ("", "")
    return refuse(
        "unknown_name", path,
        (f"「{name}」という項目はありません。", f"There is no field called {name}."),
        (f"{ja}項目を追加するか、名前を直してください。",
         f"{en}Add the field, or correct its name."),
    )  # fmt: skip


def _unknown_filter(path: str, name: str) -> Check:
    near = difflib.get_close_matches(name, list(filters.ALL), 1)
    return refuse(
        "unknown_filter", path,
        (f"「{name}」というフィルターはありません。", f"There is no filter called {name}."),
        (f"「{near[0]}」ではありませんか。" if near else "使えるフィルターから選んでください。",
         f"Did you mean {near[0]}?" if near else "Choose one of those offered."),
    )  # fmt: skip
