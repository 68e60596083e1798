"""Segments as files: `apply` brings YAML in, `export` writes it out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import Field

from enishi.book import audit
from enishi.book.access import Actor, require
from enishi.book.as_code import FileKind, write
from enishi.book.jsontext import digest
from enishi.kernel.errors import Fault, Invalid
from enishi.kernel.text import Text
from enishi.segments import service
from enishi.segments.checking import check_segment
from enishi.segments.models import Segment, SegmentVersion
from enishi.segments.naming import sets_named
from enishi.segments.schemas import (
    Every,
    KindName,
    RankIn,
    RuleJson,
    SegmentBody,
    SegmentIn,
    SegmentPatch,
    SegmentSlug,
    VersionIn,
)

_FILES = FileKind(
    "segment_invalid",
    Text("docs/segments.md の例を見て直してください。", "See the example in docs/segments.md."),
)


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of one file: `created`, `new_version`, `changed`, or `unchanged`."""

    slug: str
    version: int
    what: str


class Names(SegmentBody):
    ja: str = Field(min_length=1, max_length=200)
    en: str = Field(default="", max_length=200)


class SegmentFile(SegmentBody):
    """One file. Members are named as in the API; unknown ones are faults."""

    version: Literal[1] = 1
    segment: SegmentSlug
    name: Names
    description: str = Field(default="", max_length=4000)
    subject: str = "person"
    purpose: str | None = None
    kind: KindName = "dynamic"
    rule: RuleJson
    rank: RankIn | None = None
    refresh_every: Every | None = None
    live: bool = False


def is_segment(path: Path) -> bool:
    """Whether a YAML file says that it is a segment; one that cannot be read does not."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError):
        return False
    return isinstance(content, dict) and "segment" in content


def read(path: Path) -> SegmentFile:
    """One file; raises Invalid with file, path and remedy of every fault."""
    return _FILES.read(path, SegmentFile)


def apply(files: Sequence[Path], actor: Actor) -> list[Applied]:
    """Bring files into the book, those that others name first.

    All are read before anything is written. A slug that is new is made; where rule or rank differ a
    new version is; where only names, description, `refresh_every` or `live` differ they change.
    Subject, purpose and kind of a segment never change: Raises Invalid naming the file, Conflict.
    """
    require(actor, "segments.write")
    wanted = {path: read(path) for path in files}
    _FILES.refuse_twice(((path, one.segment) for path, one in wanted.items()), "$.segment")
    done = []
    for path in _in_order(wanted):
        with _FILES.naming(path):
            done.append(_apply(wanted[path], actor))
    return done


def _in_order(wanted: Mapping[Path, SegmentFile]) -> list[Path]:
    """The files so that each comes after those it names; a circle goes last and is refused."""
    left = dict(wanted)
    found: list[Path] = []
    while left:
        waiting = {one.segment for one in left.values()}
        ready = [
            path for path, one in left.items()
            if not sets_named(one.rule)[0] & (waiting - {one.segment})
        ] or list(left)  # fmt: skip
        found += sorted(ready)
        left = {path: one for path, one in left.items() if path not in ready}
    return found


def _apply(wanted: SegmentFile, actor: Actor) -> Applied:
    segment = Segment.objects.filter(slug=wanted.segment).first()
    if segment is None:
        made = service.create(
            SegmentIn(
                slug=wanted.segment, name=wanted.name.ja, name_en=wanted.name.en,
                description=wanted.description, subject=wanted.subject, purpose=wanted.purpose,
                kind=wanted.kind, rule=wanted.rule, rank=wanted.rank,
                refresh_every=wanted.refresh_every, live=wanted.live,
            ),
            actor,
        )  # fmt: skip
        return Applied(made.slug, 1, "created")
    _refuse_other(segment, wanted)
    what = "unchanged"
    named = {
        "name": wanted.name.ja, "name_en": wanted.name.en, "description": wanted.description,
        "refresh_every": wanted.refresh_every or "", "live": wanted.live,
    }  # fmt: skip
    if any(getattr(segment, name) != value for name, value in named.items()):
        service.change(segment.slug, SegmentPatch.model_validate(named), actor)
        what = "changed"
    wording = service.version_of(segment)
    found = check_segment(
        service.catalog(), slug=segment.slug, subject=segment.subject, purpose=segment.purpose,
        kind=segment.kind, rule=wanted.rule, rank=service.stored_rank(wanted.rank), author=actor,
    )  # fmt: skip
    same = digest([wording.rule, wording.rank]) == digest(
        [dict(found.rule.json), service.stored_rank(wanted.rank)]
    )
    if same:
        return Applied(segment.slug, segment.version, what)
    made_version = service.add_version(
        segment.slug, VersionIn(rule=wanted.rule, rank=wanted.rank), actor
    )
    return Applied(segment.slug, made_version.number, "new_version")


def _refuse_other(segment: Segment, wanted: SegmentFile) -> None:
    subject = service.catalog().subject_dataset(wanted.subject)
    for name, now, then in (
        ("subject", segment.subject, subject.name if subject else wanted.subject),
        ("purpose", segment.purpose, wanted.purpose),
        ("kind", segment.kind, wanted.kind),
    ):
        if now != then:
            said = Text(
                f"「{segment.slug}」の {name} は {now} で、変えられません。",
                f"The {name} of {segment.slug} is {now} and cannot be changed.",
            )
            remedy = Text("別の識別名で作ってください。", "Make it under another slug.")
            fault = Fault("segment_fixed", f"$.{name}", said, remedy)
            raise Invalid(said, remedy, code="segment_invalid", faults=(fault,))


def export(folder: Path, actor: Actor) -> list[Path]:
    """Write every segment in use as `<slug>.yaml`; returns the files. Audited."""
    require(actor, "segments.read")
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for wording in sorted(service.wordings_in_use(), key=lambda row: row.segment.slug):
        path = folder / f"{wording.segment.slug}.yaml"
        written.append(write(path, _content(wording.segment, wording)))
    audit.record(actor, "segment.export_code", "segment", "all", {"segments": len(written)})
    return written


def _content(segment: Segment, wording: SegmentVersion) -> dict[str, Any]:
    found: dict[str, Any] = {
        "version": 1,
        "segment": segment.slug,
        "name": {"ja": segment.name} | ({"en": segment.name_en} if segment.name_en else {}),
        "description": segment.description,
        "subject": segment.subject,
        "purpose": segment.purpose,
        "kind": segment.kind,
        "rule": wording.rule,
        "rank": wording.rank,
        "refresh_every": segment.refresh_every,
        "live": segment.live or None,
    }
    return {name: value for name, value in found.items() if value not in (None, "")}
