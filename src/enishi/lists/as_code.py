"""Definitions as files: `apply` brings YAML in, `export` writes it out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from enishi.book import audit
from enishi.book.access import Actor, require
from enishi.book.as_code import FileKind, write
from enishi.gate.asking import catalog
from enishi.kernel.errors import Invalid
from enishi.kernel.text import Text
from enishi.lists import definitions
from enishi.lists.body import DefinitionFile
from enishi.lists.checking import check_body
from enishi.lists.models import ListDefinition
from enishi.lists.types import DefinitionState

_FILES = FileKind(
    "definition_invalid",
    Text(
        "docs/lists.md の「A definition as YAML」を見て直してください。",
        "See “A definition as YAML” in docs/lists.md.",
    ),
)


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of one file: `created`, `new_version`, or `unchanged`."""

    slug: str
    version: int
    what: str


def read(path: Path) -> DefinitionFile:
    """One file; raises Invalid with file, path and remedy of every fault."""
    return _FILES.read(path, DefinitionFile)


def apply(path: Path | Sequence[Path], actor: Actor, *, activate: bool = True) -> list[Applied]:
    """Bring a file, every `*.yaml` of a folder, or the files given, into the book.

    All files are read and checked before anything is written. A slug that is new becomes version 1,
    one whose newest version says the same is left alone, else a new version is made; `activate`
    puts it to use. Raises Invalid naming the file, Forbidden.
    """
    require(actor, "definitions.write")
    files = _files(path) if isinstance(path, Path) else path
    pairs = [(file, read(file)) for file in files]
    _FILES.refuse_twice(((file, wanted.slug) for file, wanted in pairs), "$.slug")
    known = catalog()
    for file, wanted in pairs:  # everything is checked before anything is written
        with _FILES.naming(file):
            check_body(wanted.body(), known)
    found = []
    for file, wanted in pairs:
        with _FILES.naming(file):
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
        path = folder / f"{slug}.yaml"
        written.append(write(path, {"version": 1, "slug": slug, **body}))
    detail = {"definitions": len(written)}
    audit.record(actor, "definition.export", "definition", "all", detail)
    return written
