"""Collect everything that is wrong with a catalog, each with place, sentence and remedy."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field

from enishi.catalog.yaml_source import Document
from enishi.kernel.errors import Fault
from enishi.kernel.text import Text, fold

NOTHING_TO_PROPOSE = Text(
    "綴りを確かめるか、先に定義してください。", "Check the spelling, or define it first."
)


def proposal(given: str, known: Iterable[str]) -> Text | None:
    """「もしかして」: the known name nearest to what was written, None when none is near."""
    by_folded = {fold(name): name for name in known}
    near = difflib.get_close_matches(fold(given), list(by_folded), n=1, cutoff=0.6)
    if not near:
        return None
    name = by_folded[near[0]]
    return Text(f"「{name}」のことでしょうか。", f"Did you mean `{name}`?")


def remedy_for(given: str, known: Iterable[str]) -> Text:
    """A proposal, or the names that exist when few, or the plain advice."""
    names = list(known)
    found = proposal(given, names)
    if found is not None:
        return found
    if 0 < len(names) <= 12:
        listed = ", ".join(names)
        return Text(f"使えるもの: {listed}", f"Known here: {listed}.")
    return NOTHING_TO_PROPOSE


@dataclass
class Faults:
    """The faults of all files, in the order of the files' lines."""

    found: list[Fault] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)

    def add(self, code: str, path: str, message: Text, remedy: Text, file: str = "") -> None:
        fault = Fault(code, path, message, remedy, file or self._file(path))
        if fault not in self.found:
            self.found.append(fault)

    def _file(self, path: str) -> str:
        """The file that wrote this path, with its line: the one that knows the most of it."""
        here = path
        while here:
            for document in self.documents:
                if here in document.lines:
                    return document.where(here)
            here = here.rpartition("[")[0] if here.endswith("]") else here.rpartition(".")[0]
        return self.documents[0].file if self.documents else ""
