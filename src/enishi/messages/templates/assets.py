"""Images that we serve ourselves: decoded, written anew, kept under the digest of their bytes.

Nothing of the file that came is kept: what is served is what Pillow wrote of its pixels, so that
neither a camera's place nor a second file hidden in the first goes out. SVG is a program and is
refused.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import os
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import IntegrityError
from django.db.models import Q

from enishi.book import audit
from enishi.book.access import Actor
from enishi.book.clock import now
from enishi.book.jsontext import dumps
from enishi.book.unit import work
from enishi.book.workspace import current_workspace
from enishi.gate.people import holder, names_of
from enishi.kernel.errors import Fault, Invalid, NotFound
from enishi.kernel.text import Text
from enishi.messages.models import Asset, TemplateVersion
from enishi.messages.templates.schemas import AssetOut, AssetPatch
from enishi.messages.types import VersionState

MOST_BYTES = 5 * 1024 * 1024
MOST_PIXELS = 12_000_000
WIDEST = 1200
"""Pixels: twice the width of a mail, for sharp screens; wider pictures are scaled down."""
MOST_FRAMES = 120

KINDS = {"PNG": ("image/png", "png"), "JPEG": ("image/jpeg", "jpg"), "GIF": ("image/gif", "gif")}
_EXTENSIONS = dict(KINDS.values())


@dataclass(frozen=True, slots=True)
class Image:
    """A picture written anew."""

    content: bytes
    kind: str
    width: int
    height: int


def find(q: str, archived: bool, offset: int, limit: int) -> tuple[list[Asset], int]:
    """A page of images, the newest first, and how many there are."""
    rows = Asset.objects.filter(archived_at__isnull=not archived)
    if q:
        rows = rows.filter(Q(name__icontains=q) | Q(alt__icontains=q))
    return list(rows.order_by("-created_at", "-id")[offset : offset + limit]), rows.count()


def get_asset(asset_id: str) -> Asset:
    """An image by its id; raises NotFound."""
    found = Asset.objects.filter(id=asset_id).first()
    if found is None:
        raise NotFound(
            Text("この画像は見つかりません。", "There is no such image."),
            Text("画像を選び直してください。", "Choose the image again."),
            code="asset_not_found",
        )
    return found


def picture(asset_id: str) -> str:
    """The public address of an image, by its id; raises Invalid for one that is not there."""
    found = Asset.objects.filter(id=asset_id).first()
    if found is None:
        said = Text("画像が見つかりません。", "An image is not there.")
        remedy = Text("画像を選び直してください。", "Choose the image again.")
        fault = Fault("asset_missing", "$.design", said, remedy)
        raise Invalid(said, remedy, code="asset_missing", faults=(fault,))
    return address(found)


def address(asset: Asset) -> str:
    """Where everybody can load it: mails are read anywhere."""
    return f"{current_workspace().url}/m/a/{asset.digest}.{_EXTENSIONS[asset.kind]}"


def file_of(digest: str) -> Path:
    return current_workspace().var / "assets" / digest


def add(name: str, alt: str, content: str, actor: Actor) -> Asset:
    """Take an image in; the same picture a second time is the first one, brought back if archived.

    `content` is base64. Raises Invalid `image_refused` with what is wrong with the file.
    """
    made = written_anew(_decoded(content))
    digest = hashlib.sha256(made.content).hexdigest()
    _keep(digest, made.content)
    try:
        return _added(name, alt, digest, made, actor)
    except IntegrityError:  # the same picture at the same instant: it is there now
        return _added(name, alt, digest, made, actor)


def _added(name: str, alt: str, digest: str, made: Image, actor: Actor) -> Asset:
    with work("asset.add"):
        found = Asset.objects.filter(digest=digest).first()
        if found is None:
            found = Asset.objects.create(
                name=name, alt=alt, digest=digest, kind=made.kind, width=made.width,
                height=made.height, size=len(made.content), created_by=actor.user_id,
            )  # fmt: skip
            told = {"kind": made.kind, "bytes": len(made.content), "digest": digest}
            audit.record(actor, "asset.add", "asset", found.id, told)
        elif found.archived_at is not None:
            found.archived_at = None
            found.save(update_fields=["archived_at"])
            audit.record(actor, "asset.restore", "asset", found.id, {})
    return found


def change(asset_id: str, patch: AssetPatch, actor: Actor) -> Asset:
    """Another name or description. Templates keep the description they were written with."""
    with work("asset.change"):
        found = get_asset(asset_id)
        found.name = patch.name if patch.name is not None else found.name
        found.alt = patch.alt if patch.alt is not None else found.alt
        found.save(update_fields=["name", "alt"])
        audit.record(actor, "asset.change", "asset", found.id, {})
    return found


def archive(asset_id: str, actor: Actor) -> Asset:
    """Put an image away. It is served on: mails that were sent show it."""
    with work("asset.archive"):
        found = get_asset(asset_id)
        if found.archived_at is None:
            found.archived_at = now()
            found.save(update_fields=["archived_at"])
            audit.record(actor, "asset.archive", "asset", found.id, {})
    return found


def asset_rows(rows: Sequence[Asset]) -> list[AssetOut]:
    """Images as the API tells them, with the templates that show them."""
    named = names_of(row.created_by for row in rows)
    uses = _uses([row.id for row in rows])
    return [
        AssetOut(
            id=row.id, name=row.name, digest=row.digest, kind=row.kind, width=row.width,
            height=row.height, size=row.size, alt=row.alt, url=f"/m/a/{row.digest}."
            f"{_EXTENSIONS[row.kind]}", created_by=holder(row.created_by, named),
            created_at=row.created_at, archived_at=row.archived_at, used_by=uses.get(row.id, []),
        )
        for row in rows
    ]  # fmt: skip


def _uses(ids: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, set[str]] = {}
    if not ids:
        return {}
    rows = TemplateVersion.objects.exclude(state=VersionState.REPLACED).values_list(
        "template__slug", "body"
    )
    for slug, body in rows:
        text = dumps(body)
        for one in ids:
            if one in text:
                found.setdefault(one, set()).add(slug)
    return {one: sorted(slugs) for one, slugs in found.items()}


# ── the bytes ──────────────────────────────────────────────────────────────────────────────────


def _decoded(content: str) -> bytes:
    bare = content.partition(",")[2] if content.startswith("data:") else content
    try:
        found = base64.b64decode(bare, validate=True)
    except (binascii.Error, ValueError) as error:
        raise refused("壊れています", "is damaged") from error
    if len(found) > MOST_BYTES:
        raise refused("5MBを超えています", "is larger than 5 MB")
    return found


def written_anew(content: bytes) -> Image:
    """The picture of a file, written anew as PNG, JPEG or GIF; raises Invalid `image_refused`."""
    from PIL import Image as Pillow
    from PIL import ImageOps, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Pillow.DecompressionBombWarning)
            with Pillow.open(io.BytesIO(content), formats=("PNG", "JPEG", "GIF", "WEBP")) as read:
                if read.width * read.height > MOST_PIXELS:
                    raise refused("画素数が多すぎます", "has too many pixels")
                frames = getattr(read, "n_frames", 1)
                if frames > MOST_FRAMES or frames * read.width * read.height > MOST_PIXELS * 4:
                    raise refused("動きが長すぎます", "moves for too long")
                if frames > 1:
                    return _moving(read)
                return _still(ImageOps.exif_transpose(read), str(read.format))
    except (Pillow.DecompressionBombError, Pillow.DecompressionBombWarning) as error:
        raise refused("画素数が多すぎます", "has too many pixels") from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, MemoryError) as error:
        raise refused("読めません", "cannot be read") from error


def _still(read: Any, form: str) -> Image:
    size = _fitting(read.width, read.height)
    clear = read.mode in ("RGBA", "LA", "PA") or "transparency" in read.info
    made = read.convert("RGBA" if clear else "RGB")
    if size != made.size:
        made = made.resize(size)
    out = io.BytesIO()
    if not clear and form in ("JPEG", "WEBP"):
        made.save(out, "JPEG", quality=86, optimize=True, progressive=True)
        return Image(out.getvalue(), "image/jpeg", *size)
    made.save(out, "PNG", optimize=True)
    return Image(out.getvalue(), "image/png", *size)


def _moving(read: Any) -> Image:
    from PIL import ImageSequence

    frames = [frame.convert("RGBA") for frame in ImageSequence.Iterator(read)]
    pauses = [
        max(20, min(10_000, int(frame.info.get("duration", 100))))
        for frame in ImageSequence.Iterator(read)
    ]
    out = io.BytesIO()
    frames[0].save(
        out, "GIF", save_all=True, append_images=frames[1:], duration=pauses, loop=0, disposal=2
    )
    return Image(out.getvalue(), "image/gif", read.width, read.height)


def _fitting(width: int, height: int) -> tuple[int, int]:
    if width <= WIDEST:
        return width, height
    return WIDEST, max(1, round(height * WIDEST / width))


def _keep(digest: str, content: bytes) -> None:
    """Written aside and renamed, so that a file that is there is whole."""
    path = file_of(digest)
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    aside = path.with_name(f"{digest}.{os.getpid()}.part")
    aside.write_bytes(content)
    aside.replace(path)


def refused(ja: str, en: str) -> Invalid:
    said = Text(f"この画像ファイルは{ja}。", f"This image file {en}.")
    remedy = Text(
        "5MB以下の PNG・JPEG・GIF・WebP を選んでください。",
        "Choose a PNG, JPEG, GIF or WebP of at most 5 MB.",
    )
    fault = Fault("image_refused", "$.content", said, remedy)
    return Invalid(said, remedy, code="image_refused", faults=(fault,))
