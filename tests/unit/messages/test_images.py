"""Images: only pictures come in, and nothing of their files but the pixels goes out."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from enishi.kernel.errors import Invalid


def picture(form: str, size: tuple[int, int] = (40, 20), mode: str = "RGB", **more: Any) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, 1).save(out, form, **more)
    return out.getvalue()


def anew(content: bytes) -> Any:
    from enishi.messages.templates.assets import written_anew

    return written_anew(content)


@pytest.mark.usefixtures("_django")
@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<html><script>alert(1)</script>", b"", b"GIF89a", b"\x89PNG\r\n\x1a\n" + b"\0" * 50,
        b"%PDF-1.7", b"\xff\xd8\xff\xe0" + b"\0" * 1000, picture("BMP"), picture("TIFF"),
        picture("ICO", (16, 16)), picture("PNG")[:60], picture("PNG", (5000, 5000), "1"),
        picture("GIF", (3000, 3000), "P", save_all=True,
                append_images=[Image.new("P", (3000, 3000), n) for n in range(2, 9)]),
    ],
)  # fmt: skip
def test_what_is_no_picture_for_a_mail_is_refused(content: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        anew(content)
    assert refused.value.code == "image_refused"


@pytest.mark.usefixtures("_django")
@pytest.mark.parametrize(
    ("content", "kind", "size"),
    [
        (picture("PNG"), "image/png", (40, 20)),
        (picture("PNG", mode="RGBA"), "image/png", (40, 20)),
        (picture("JPEG"), "image/jpeg", (40, 20)),
        (picture("JPEG", mode="CMYK"), "image/jpeg", (40, 20)),
        (picture("WEBP"), "image/jpeg", (40, 20)),
        (picture("WEBP", mode="RGBA"), "image/png", (40, 20)),
        (picture("JPEG", (2400, 600)), "image/jpeg", (1200, 300)),
        (picture("GIF", mode="P"), "image/png", (40, 20)),
        (picture("GIF", save_all=True, append_images=[Image.new("RGB", (40, 20), "red")]),
         "image/gif", (40, 20)),
    ],
)  # fmt: skip
def test_a_picture_is_written_anew_in_a_form_that_mails_show(
    content: bytes, kind: str, size: tuple[int, int]
) -> None:
    made = anew(content + b"PK\x03\x04 a second file")
    assert (made.kind, (made.width, made.height)) == (kind, size)
    assert b"PK\x03\x04" not in made.content
    with Image.open(io.BytesIO(made.content)) as again:
        assert Image.MIME[str(again.format)] == kind
        assert again.size == size


@pytest.mark.usefixtures("_django")
def test_what_a_camera_adds_is_gone_and_the_picture_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x010E], exif[0x0112] = "the place it was taken", 6  # turned by a quarter
    made = anew(picture("JPEG", exif=exif))
    assert b"the place" not in made.content
    assert (made.width, made.height) == (20, 40)
