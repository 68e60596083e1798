"""Collecting what is wrong with a rule: each fault with its JSON path and a proposal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from reprlib import Repr

from enishi.kernel.errors import Fault, Invalid
from enishi.kernel.text import Text, fold

_SHORT = Repr()
_SHORT.maxstring = _SHORT.maxother = 60


def short(json: object) -> str:
    """What was written, cut short however much of it there is."""
    return _SHORT.repr(json)


class Refused(Exception):
    """Unwinds one node of a rule after its fault was noted."""


class Faults:
    """Faults and warnings in the order they were found, each once."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.warnings: list[Fault] = []

    def add(self, code: str, path: str, message: Text, remedy: Text) -> None:
        fault = Fault(code, path, message, remedy)
        if fault not in self.faults:
            self.faults.append(fault)

    def refuse(self, code: str, path: str, message: Text, remedy: Text) -> Refused:
        """Note a fault and give the exception that leaves the node: `raise faults.refuse(…)`."""
        self.add(code, path, message, remedy)
        return Refused(code)

    def too_many(self, path: str, most: int) -> Refused:
        """Like `refuse`, for what is too long; told once, however much of it follows."""
        if any(fault.code == "too_many" for fault in self.faults):
            return Refused()
        return self.refuse(
            "too_many", path,
            Text("条件や値が多すぎます。", "There are too many conditions or values."),
            Text(f"{most:,}件までにしてください。", f"Stay within {most:,}."),
        )  # fmt: skip

    def too_deep(self, path: str, most: int) -> Refused:
        """Like `refuse`, for what is nested too deeply."""
        return self.refuse(
            "too_deep", path,
            Text("条件の入れ子が深すぎます。", "The rule is nested too deeply."),
            Text(f"{most}段までにしてください。", f"Stay within {most} levels."),
        )  # fmt: skip

    def warn(self, code: str, path: str, message: Text, remedy: Text) -> None:
        fault = Fault(code, path, message, remedy)
        if fault not in self.warnings:
            self.warnings.append(fault)

    def raise_if_any(self) -> None:
        if not self.faults:
            return
        count = len(self.faults)
        first = self.faults[0]
        more = Text("", "")
        if count > 1:
            more = Text(f"(ほか{count - 1}件)", f" (and {count - 1} more)")
        raise Invalid(
            Text(
                f"条件に誤りがあります。{first.path}: {first.message.ja}{more.ja}",
                f"The rule cannot be used. {first.path}: {first.message.en}{more.en}",
            ),
            first.remedy,
            code="rule_invalid",
            faults=tuple(self.faults),
        )


def proposal(name: str, known: Mapping[str, Iterable[str]]) -> Text | None:
    """ "Did you mean …?" for a name, given each known name with its labels and aliases."""
    words: dict[str, str] = {}
    for right, others in known.items():
        for word in (right, *others):
            words.setdefault(fold(word), right)
    wanted = fold(name)
    near = get_close_matches(wanted, words, n=1, cutoff=0.6)
    found = near[0] if near else next((w for w in words if wanted and wanted in w), None)
    if found is None:
        return None
    right = words[found]
    return Text(f"「{right}」のことではありませんか。", f"Did you mean `{right}`?")


def did_you_mean(name: str, known: Mapping[str, Iterable[str]], none: Text) -> Text:
    """A proposal, or what there is to choose from."""
    found = proposal(name, known)
    if found is not None:
        return found
    if not known:
        return none
    some = list(known)[:12]
    dots = "…" if len(known) > len(some) else ""
    return Text(f"使えるのは {'、'.join(some)}{dots} です。", f"There is: {', '.join(some)}{dots}.")
