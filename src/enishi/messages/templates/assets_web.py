"""The public address of our images, `/m/a/<digest>.<kind>`: mails are read anywhere."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from enishi.messages.templates.assets import KINDS, file_of

_KIND = {extension: kind for kind, extension in KINDS.values()}


@require_safe
def image(_: HttpRequest, digest: str, extension: str) -> HttpResponse:
    """An image by the digest of its bytes: whoever knows it may see it, for ever the same.

    The bytes were written by us, so the kind is what the address says; nothing is sniffed.
    """
    path = file_of(digest)
    if not path.is_file() or not path.read_bytes()[:4].startswith(_BEGINS[extension]):
        return HttpResponse(status=404)
    answer = HttpResponse(path.read_bytes(), content_type=_KIND[extension])
    answer["Cache-Control"] = "public, max-age=31536000, immutable"
    answer["Cross-Origin-Resource-Policy"] = "cross-origin"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["Content-Disposition"] = "inline"
    return answer


_BEGINS = {"png": b"\x89PNG", "jpg": b"\xff\xd8", "gif": b"GIF8"}
