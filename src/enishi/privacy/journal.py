"""The journal of erasures: who was erased, by opaque ids and tombstones, outside every database.

`var/erased.jsonl`, one line a person, only ever added to. It is what a restored backup is held
against: an older backup does not know of later erasures, the journal does.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from enishi.kernel.errors import Invalid
from enishi.kernel.text import Text

FILE = "erased.jsonl"


@dataclass(frozen=True, slots=True)
class Entry:
    """One person's erasure: her Enishi id, when it began, her tombstones."""

    person: str
    at: str
    hashes: tuple[str, ...]


def add(var: Path, person: str, at: datetime, hashes: Iterable[str]) -> None:
    """Write an entry and sync it; an entry that tells nothing new is not written again."""
    path = var / FILE
    told = {h for entry in read(path) if entry.person == person for h in entry.hashes}
    new = set(hashes)
    if told and new <= told:
        return
    entry = {"person": person, "at": at.isoformat(), "hashes": sorted(new)}
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "w") as file:
        file.write(json.dumps(entry) + "\n")
        file.flush()
        os.fsync(file.fileno())


def read(path: Path) -> list[Entry]:
    """The entries, oldest first, if there is a journal. Raises Invalid `journal_broken`."""
    if not path.exists():
        return []
    found = []
    lines = path.read_text("utf-8").splitlines(keepends=True)
    for number, line in enumerate(lines, start=1):
        if number == len(lines) and not line.endswith("\n"):
            break  # being written when the machine went down: the erasure begins again
        try:
            told = json.loads(line)
            found.append(Entry(told["person"], told["at"], tuple(told["hashes"])))
        except (ValueError, KeyError, TypeError) as error:
            raise Invalid(
                Text(
                    f"消去の記録 {path} の {number} 行目が読めません。",
                    f"Line {number} of the journal of erasures {path} cannot be read.",
                ),
                Text("写しから戻してください。", "Put it back from a copy."),
                code="journal_broken",
            ) from error
    return found
