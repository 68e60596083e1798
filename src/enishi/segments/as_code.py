"""Segments as files: `apply` brings YAML in, `export` writes it out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import Field, ValidationError

from enishi.book import audit
from enishi.book.access import Actor, require
from enishi.book.jsontext import digest, exact
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


def is_segment(path: Path) -> bool:
    """Whether a YAML file says that it is a segment; one that cannot be read does not."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError):
        return False
    return isinstance(content, dict) and "segment" in content


def read(path: Path) -> SegmentFile:
    """One file; raises Invalid with file, path and remedy of every fault."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())
        said = Text(f"YAML として読めません: {reason}", f"This is not YAML: {reason}")
        remedy = Text("示された場所を直してください。", "Correct the place named.")
        raise _broken(path, [Fault("yaml", "$", said, remedy, path.name)]) from error
    try:
        return SegmentFile.model_validate(exact(content))
    except ValidationError as error:
        raise _broken(path, [_fault(path, found) for found in error.errors()]) from error


def _fault(path: Path, found: Any) -> Fault:
    where = "$" + "".join(
        f"[{part}]" if isinstance(part, int) else f".{part}" for part in found["loc"]
    )
    said = str(found["msg"])
    return Fault(
        str(found["type"]), where,
        Text(f"形が正しくありません: {said}", said),
        Text("docs/segments.md の例を見て直してください。", "See the example in docs/segments.md."),
        path.name,
    )  # fmt: skip


def _broken(path: Path, faults: Sequence[Fault]) -> Invalid:
    first = faults[0]
    return Invalid(
        Text(
            f"{path.name} の {first.path}: {first.message.ja}",
            f"{path.name} at {first.path}: {first.message.en}",
        ),
        first.remedy,
        code="segment_invalid",
        faults=tuple(faults),
    )


def apply(files: Sequence[Path], actor: Actor) -> list[Applied]:
    """Bring files into the book, those that others name first.

    All are read before anything is written. A slug that is new is made; where rule or rank differ a
    new version is; where only names, description or `refresh_every` differ they are changed.
    Subject, purpose and kind of a segment never change: Raises Invalid naming the file, Conflict.
    """
    require(actor, "segments.write")
    wanted = {path: read(path) for path in files}
    done = []
    for path in _in_order(wanted):
        try:
            done.append(_apply(wanted[path], actor))
        except Invalid as error:
            faults = error.faults or (Fault(error.code, "$", error.message, error.remedy),)
            raise _broken(
                path,
                [Fault(f.code, f.path, f.message, f.remedy, path.name) for f in faults],
            ) from error
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
                refresh_every=wanted.refresh_every,
            ),
            actor,
        )  # fmt: skip
        return Applied(made.slug, 1, "created")
    _refuse_other(segment, wanted)
    what = "unchanged"
    named = {
        "name": wanted.name.ja, "name_en": wanted.name.en, "description": wanted.description,
        "refresh_every": wanted.refresh_every or "",
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
        text = yaml.safe_dump(
            _content(wording.segment, wording), allow_unicode=True, sort_keys=False, width=100
        )
        path.write_text(text, encoding="utf-8")
        written.append(path)
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
        "rule": _yaml(wording.rule),
        "rank": _yaml(wording.rank),
        "refresh_every": segment.refresh_every,
    }
    return {name: value for name, value in found.items() if value not in (None, "")}


def _yaml(value: object) -> object:
    """A value as YAML writes it: Decimal as a number of the same digits where a float has them."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, dict):
        return {key: _yaml(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_yaml(item) for item in value]
    return value
