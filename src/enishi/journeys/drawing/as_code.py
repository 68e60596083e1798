"""Journeys as files: `export` writes their wordings out, `apply` brings them in as drafts.

A file never puts anything live: that takes somebody else's approval.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from enishi.book import audit
from enishi.book.access import Actor, require
from enishi.book.as_code import FileKind, write
from enishi.book.jsontext import digest, exact
from enishi.journeys.drawing import definitions
from enishi.journeys.drawing.draft import read_draft
from enishi.journeys.models import Journey
from enishi.kernel.text import Text

_FILES = FileKind(
    "journey_invalid",
    Text("docs/journeys.md の例を見て直してください。", "See the example in docs/journeys.md."),
)


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of one file: `created`, `draft` (a new or rewritten one), `changed` (its name or
    priority), or `unchanged`."""

    slug: str
    version: int
    what: str


class JourneyFile(BaseModel):
    """One file. The body may be unfinished, like any draft, but has to hold its shape."""

    model_config = ConfigDict(extra="forbid")

    version: Literal[1] = 1
    journey: str = Field(pattern=r"^[a-z][a-z0-9-]{0,62}$")
    name: str = Field(min_length=1, max_length=200)
    priority: int = Field(default=0, ge=-1000, le=1000)
    body: Annotated[dict[str, Any], BeforeValidator(exact)]


def is_journey(path: Path) -> bool:
    """Whether a YAML file says that it is a journey; one that cannot be read does not."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError):
        return False
    return isinstance(content, dict) and "journey" in content


def read(path: Path) -> JourneyFile:
    """One file; raises Invalid with file, path and remedy of every fault of its shape.

    What is only still to be chosen is none.
    """
    found = _FILES.read(path, JourneyFile)
    wrong = [one.fault for one in read_draft(found.body).faults if one.fault.code == "shape"]
    if wrong:
        raise _FILES.refused(path, wrong)
    return found


def apply(files: Sequence[Path], actor: Actor) -> list[Applied]:
    """Bring files into the book as drafts; all are read before anything is written.

    Raises Invalid naming the file, Conflict while a version is in review.
    """
    if not files:
        return []
    require(actor, "journeys.write")
    wanted = {path: read(path) for path in files}
    _FILES.refuse_twice(((path, one.journey) for path, one in wanted.items()), "$.journey")
    done = []
    for path, one in sorted(wanted.items()):
        with _FILES.naming(path):
            done.append(_apply(one, actor))
    return done


def _apply(wanted: JourneyFile, actor: Actor) -> Applied:
    journey = Journey.objects.filter(slug=wanted.journey).first()
    if journey is None:
        made = definitions.create(wanted.name, actor, slug=wanted.journey, body=wanted.body)
        if wanted.priority:
            definitions.change(made.slug, actor, priority=wanted.priority)
        return Applied(made.slug, 1, "created")
    what = "unchanged"
    if (journey.name, journey.priority) != (wanted.name, wanted.priority):
        definitions.change(journey.slug, actor, name=wanted.name, priority=wanted.priority)
        what = "changed"
    shown = definitions.shown(journey)
    if digest(shown.body) == digest(wanted.body):
        return Applied(journey.slug, shown.number, what)
    saved = definitions.save_draft(journey.slug, wanted.body, actor)
    return Applied(journey.slug, saved.number, "draft")


def export(folder: Path, actor: Actor) -> list[Path]:
    """Write every journey that is not archived as `<slug>.yaml`: the version in work, else the live
    one, else the last. Returns the files. Audited."""
    require(actor, "journeys.read")
    rows = list(Journey.objects.filter(archived_at=None).order_by("slug"))
    if rows:
        folder.mkdir(parents=True, exist_ok=True)
    written = []
    for row in rows:
        content: dict[str, Any] = {"version": 1, "journey": row.slug, "name": row.name}
        if row.priority:
            content["priority"] = row.priority
        content["body"] = definitions.shown(row).body
        written.append(write(folder / f"{row.slug}.yaml", content))
    if rows:
        audit.record(actor, "journey.export_code", "journey", "all", {"journeys": len(written)})
    return written
