"""One file that holds a workspace: made while it is being served, and unpacked into a new folder.

The archive (tar, gzip) begins with `manifest.json`: format, when, and the SHA-256 of each file. It
holds the secret key and personal data: it is readable by its owner alone and is not encrypted.

The log of events is in it. Left out: the source files in `data`, exports, the processes' own logs,
mails, and what a running server writes for itself. A book on PostgreSQL is left to `pg_dump`. Of a
warehouse on ClickHouse or Spark the archive holds the books kept here; the rows there are left to
that engine's own backup.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from enishi.book.anchor import NAME as ANCHOR
from enishi.book.workspace import FILE, Workspace
from enishi.kernel.errors import Conflict, Forbidden, Invalid
from enishi.kernel.text import Text
from enishi.privacy.journal import FILE as JOURNAL
from enishi.sources.eventlog.copying import copy_log
from enishi.warehouse.client import Attached
from enishi.warehouse.engine import engine_url
from enishi.warehouse.warehouse import Warehouse

COPY = "copy_warehouse"
"""The door's action that copies the warehouse for a backup."""

_FORMAT = 1
_MANIFEST = "manifest.json"
_LONGEST_MANIFEST = 50_000_000
_TREES = (
    "catalog", "definitions", "segments", "templates", "journeys", "var/curated", "var/uploads",
    "var/assets",
)  # fmt: skip
_BOOK = "var/book.sqlite3"
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Archive:
    """What an archive holds: when it was made, by which version, of which workspace."""

    path: Path
    made_at: str
    enishi: str
    name: str
    files: Mapping[str, str]  # path in the workspace → SHA-256

    @property
    def has_book(self) -> bool:
        return _BOOK in self.files


def copier(workspace: Workspace, warehouse: Warehouse) -> Callable[..., None]:
    """Copying the warehouse as an action of the door; it writes below `var` and nowhere else."""

    def run(given: Mapping[str, Any], _: object) -> None:
        to = Path(str(given.get("to"))).resolve()
        if not to.is_relative_to(workspace.var.resolve()) or to.exists():
            raise Forbidden(
                Text("そこには書き込めません。", "Nothing is written there."),
                Text("`enishi backup` を使ってください。", "Use `enishi backup`."),
            )
        warehouse.engine.books.copy_to(to)

    return run


def make(
    workspace: Workspace, warehouse: Warehouse | Attached, to: Path, at: datetime, *, book: bool
) -> Archive:
    """Write the archive `to`, which must not exist. `book` False leaves the book out.

    The parts are each consistent in themselves. The heads of the audit are copied before the book,
    so that the book holds at least what they vouch for.
    """
    if to.exists():
        raise Conflict(
            Text(f"{to} はすでにあります。", f"{to} exists already."),
            Text("別の名前を指定してください。", "Choose another name."),
            code="backup_exists",
        )
    stored = engine_url(workspace).books(workspace.var)
    kept = f"var/{stored.name if stored.parent == workspace.var else 'warehouse.duckdb'}"
    with tempfile.TemporaryDirectory(prefix="backup-", dir=workspace.var) as made:
        aside = Path(made)
        found = dict(_set_aside(workspace.root, aside / "files"))
        for name, copy in (
            (f"var/{ANCHOR}", lambda path: shutil.copy2(workspace.var / ANCHOR, path)),
            (_BOOK, lambda path: _copy_book(workspace.book_path, path)),
            (kept, lambda path: _copy_warehouse(warehouse, path)),
        ):
            there = (stored if name == kept else workspace.root / name).exists()
            if there and (book or name == kept):
                found[name] = aside / Path(name).name
                copy(found[name])
        # After the warehouse: so it holds all that the copied warehouse has drained.
        for name, copied in copy_log(workspace.events, aside / "events"):
            found[f"var/events/{name}"] = copied
        archive = Archive(
            to, at.isoformat(), version("enishi"), workspace.name,
            {name: _digest(path) for name, path in sorted(found.items())},
        )  # fmt: skip
        _write(archive, found)
    return archive


def _set_aside(root: Path, aside: Path) -> Iterator[tuple[str, Path]]:
    """Copies of the plain files, by their path in the workspace: the originals may change."""
    for name in (FILE, ".gitignore", "var/secret.key", f"var/{JOURNAL}"):
        if (root / name).is_file():
            yield name, _copied(root / name, aside / name)
    for tree in _TREES:
        for path in sorted((root / tree).rglob("*")):
            if path.is_file() and not path.is_symlink() and path.suffix != ".part":
                name = path.relative_to(root).as_posix()
                yield name, _copied(path, aside / name)


def _copied(path: Path, to: Path) -> Path:
    to.parent.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copy2(path, to))


def _copy_book(book: Path, to: Path) -> None:
    """SQLite's own copy: one snapshot, whoever writes meanwhile."""
    with closing(sqlite3.connect(book)) as source, closing(sqlite3.connect(to)) as target:
        source.backup(target)


def _copy_warehouse(warehouse: Warehouse | Attached, to: Path) -> None:
    if isinstance(warehouse, Warehouse):
        warehouse.engine.books.copy_to(to)
    else:
        warehouse.do(COPY, {"to": str(to)})


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write(archive: Archive, found: Mapping[str, Path]) -> None:
    """Write aside and rename: an archive that is there is whole."""
    part = archive.path.with_name(f".{archive.path.name}.part")
    manifest = json.dumps(
        {"format": _FORMAT, "made_at": archive.made_at, "enishi": archive.enishi,
         "name": archive.name, "files": dict(archive.files)},
        ensure_ascii=False, indent=2,
    ).encode()  # fmt: skip
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            with tarfile.open(fileobj=file, mode="w:gz", compresslevel=3) as tar:
                info = tarfile.TarInfo(_MANIFEST)
                info.size = len(manifest)
                tar.addfile(info, io.BytesIO(manifest))
                for name in archive.files:
                    tar.add(found[name], name, recursive=False)
            file.flush()
            os.fsync(file.fileno())
        part.replace(archive.path)
    finally:
        part.unlink(missing_ok=True)


def unpack(path: Path, target: Path) -> Archive:
    """Unpack an archive into an empty or new folder, each file compared with its SHA-256.

    Raises Conflict `restore_target` for a folder that holds anything, Invalid `backup_broken` for
    what is not a whole archive; the folder is then as empty as before.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise Conflict(
            Text(f"{target} は空ではありません。", f"{target} is not empty."),
            Text("新しいフォルダを指定してください。", "Name a new folder."),
            code="restore_target",
        )
    target.mkdir(parents=True, exist_ok=True)
    aside = target / ".restoring"
    aside.mkdir(mode=0o700)
    try:
        archive = _unpack(path, aside)
        (aside / "var").mkdir(exist_ok=True)
        (aside / "var").chmod(0o700)
        for part in sorted(aside.iterdir()):
            part.rename(target / part.name)
    except (tarfile.TarError, EOFError, OSError, ValueError, KeyError) as error:
        raise _broken(path) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return archive


def _unpack(path: Path, into: Path) -> Archive:
    with tarfile.open(path, mode="r:gz") as tar:
        first = tar.next()
        if first is None or first.name != _MANIFEST or first.size > _LONGEST_MANIFEST:
            raise _broken(path)
        archive = _read_manifest(path, _opened(tar, first).read())
        left = dict(archive.files)
        while (member := tar.next()) is not None:
            wanted = left.pop(member.name, None)
            parts = Path(member.name).parts
            if wanted is None or not member.isreg() or ".." in parts or member.name[0] == "/":
                raise _broken(path)
            mode = 0o600 if parts[0] == "var" else 0o644
            if _extract(_opened(tar, member), into / member.name, mode) != wanted:
                raise _broken(path)
    if left:
        raise _broken(path)
    return archive


def _opened(tar: tarfile.TarFile, member: tarfile.TarInfo) -> Any:
    found = tar.extractfile(member)
    if found is None:
        raise tarfile.ReadError(member.name)
    return found


def _extract(source: Any, to: Path, mode: int) -> str:
    """Write one file and return its SHA-256."""
    to.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with os.fdopen(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        while block := source.read(_BLOCK):
            digest.update(block)
            file.write(block)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


def _read_manifest(path: Path, content: bytes) -> Archive:
    told = json.loads(content)
    if told["format"] != _FORMAT:
        raise Invalid(
            Text(
                "このバックアップは別の版の Enishi のものです。",
                "This backup is of another version of Enishi.",
            ),
            Text(
                f"Enishi {told['enishi']} で戻してください。",
                f"Restore it with Enishi {told['enishi']}.",
            ),
            code="backup_version",
        )
    return Archive(path, told["made_at"], told["enishi"], told["name"], dict(told["files"]))


def _broken(path: Path) -> Invalid:
    return Invalid(
        Text(
            f"{path} は完全なバックアップではありません。何も戻していません。",
            f"{path} is not a whole backup. Nothing was restored.",
        ),
        Text(
            "`enishi backup` で作った別のファイルを指定してください。",
            "Name another file made by `enishi backup`.",
        ),
        code="backup_broken",
    )
