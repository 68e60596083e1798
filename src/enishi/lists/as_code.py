"""Definitions as files: `apply` brings YAML in, `export` writes it out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from enishi.book import audit
from enishi.book.access import Actor, require
from enishi.book.jsontext import exact
from enishi.gate.asking import catalog
from enishi.kernel.errors import Fault, Invalid
from enishi.kernel.text import Text
from enishi.lists import definitions
from enishi.lists.body import DefinitionFile
from enishi.lists.checking import check_body
from enishi.lists.models import ListDefinition
from enishi.lists.types import DefinitionState


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of one file: `created`, `new_version`, or `unchanged`."""

    slug: str
    version: int
    what: str


def read(path: Path) -> DefinitionFile:
    """One file; raises Invalid with file, path and remedy of every fault."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())
        raise _broken(
            path,
            [
                Fault(
                    "yaml",
                    "$",
                    Text(f"YAML として読めません: {reason}", f"This is not YAML: {reason}"),
                    Text("示された場所を直してください。", "Correct the place named."),
                    path.name,
                )
            ],
        ) from error
    try:
        return DefinitionFile.model_validate(exact(content))
    except ValidationError as error:
        raise _broken(path, [_fault(path, found) for found in error.errors()]) from error


def _fault(path: Path, found: Any) -> Fault:
    where = "$" + "".join(
        f"[{part}]" if isinstance(part, int) else f".{part}" for part in found["loc"]
    )
    said = str(found["msg"])
    return Fault(
        str(found["type"]),
        where,
        Text(f"形が正しくありません: {said}", said),
        Text(
            "docs/lists.md の「A definition as YAML」を見て直してください。",
            "See “A definition as YAML” in docs/lists.md.",
        ),
        path.name,
    )


def _broken(path: Path, faults: list[Fault]) -> Invalid:
    first = faults[0]
    return Invalid(
        Text(
            f"{path.name} の {first.path}: {first.message.ja}",
            f"{path.name} at {first.path}: {first.message.en}",
        ),
        first.remedy,
        code="definition_invalid",
        faults=tuple(faults),
    )


def apply(path: Path | Sequence[Path], actor: Actor, *, activate: bool = True) -> list[Applied]:
    """Bring a file, every `*.yaml` of a folder, or the files given, into the book.

    All files are read and checked before anything is written. A slug that is new becomes version 1,
    one whose newest version says the same is left alone, else a new version is made; `activate`
    puts it to use. Raises Invalid naming the file, Forbidden.
    """
    require(actor, "definitions.write")
    files = _files(path) if isinstance(path, Path) else path
    pairs = [(file, read(file)) for file in files]
    _refuse_twice(pairs)
    known = catalog()
    for file, wanted in pairs:  # everything is checked before anything is written
        with _naming(file):
            check_body(wanted.body(), known)
    found = []
    for file, wanted in pairs:
        with _naming(file):
            found.append(_apply(wanted, actor, activate))
    return found


def _files(path: Path) -> list[Path]:
    files = sorted(path.glob("*.y*ml")) if path.is_dir() else [path] if path.is_file() else []
    if not files:
        raise Invalid(
            Text(f"{path} にリスト定義がありません。", f"There is no list definition at {path}."),
            Text(
                "YAML のファイルか、それを入れたフォルダーを指定してください。",
                "Name a YAML file, or a folder that holds some.",
            ),
            code="no_definitions",
        )
    return files


def _refuse_twice(pairs: list[tuple[Path, DefinitionFile]]) -> None:
    """Raise Invalid when two files speak of one slug: which would count is left to chance."""
    seen: dict[str, Path] = {}
    for file, wanted in pairs:
        other = seen.setdefault(wanted.slug, file)
        if other is not file:
            slug = wanted.slug
            said = Text(
                f"「{slug}」は {other.name} にもあります。", f"{slug} stands in {other.name} too."
            )
            remedy = Text("どちらか一方を消してください。", "Remove one of the two.")
            raise _broken(file, [Fault("slug_twice", "$.slug", said, remedy, file.name)])


@contextmanager
def _naming(file: Path) -> Iterator[None]:
    """Let the faults of what is done inside name the file."""
    try:
        yield
    except Invalid as error:
        raise _broken(
            file,
            [Fault(f.code, f.path, f.message, f.remedy, file.name) for f in error.faults]
            or [Fault(error.code, "$", error.message, error.remedy, file.name)],
        ) from error


def _apply(wanted: DefinitionFile, actor: Actor, activate: bool) -> Applied:
    body = wanted.body()
    newest = ListDefinition.objects.filter(slug=wanted.slug).order_by("-version").first()
    if newest is None:
        what, made = "created", definitions.create(wanted.slug, body, actor)
    elif definitions.stored(definitions.body_of(newest)) == definitions.stored(body):
        what, made = "unchanged", newest
    elif newest.state == DefinitionState.DRAFT:
        what, made = "new_version", definitions.edit(newest.id, body, actor)
    else:
        made = definitions.new_version(newest.id, actor)
        what, made = "new_version", definitions.edit(made.id, body, actor)
    if activate and made.state == DefinitionState.DRAFT:
        made = definitions.activate(made.id, actor)
    return Applied(made.slug, made.version, what)


def export(folder: Path, actor: Actor) -> list[Path]:
    """Write every definition as `<slug>.yaml`; returns the files. Audited.

    Written is the version in use, or the draft where none is; what has been retired is left out,
    so that applying the folder elsewhere does not bring it back.
    """
    require(actor, "definitions.read")
    folder.mkdir(parents=True, exist_ok=True)
    newest: dict[str, ListDefinition] = {}
    for found in ListDefinition.objects.exclude(state=DefinitionState.RETIRED).order_by("slug"):
        if found.slug not in newest or found.state == DefinitionState.ACTIVE:
            newest[found.slug] = found
    written = []
    for slug, found in newest.items():
        body = definitions.stored(definitions.body_of(found))
        text = yaml.safe_dump(
            {"version": 1, "slug": slug} | {name: _yaml(part) for name, part in body.items()},
            allow_unicode=True,
            sort_keys=False,
            width=100,
        )
        path = folder / f"{slug}.yaml"
        path.write_text(text, encoding="utf-8")
        written.append(path)
    detail = {"definitions": len(written)}
    audit.record(actor, "definition.export", "definition", "all", detail)
    return written


def _yaml(value: object) -> object:
    """A value as YAML writes it: Decimal as a number of the same digits where a float has them."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, dict):
        return {key: _yaml(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_yaml(item) for item in value]
    return value
