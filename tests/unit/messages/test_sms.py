"""How many segments a short message takes."""

from __future__ import annotations

import pytest

from enishi.messages.wording.sms import Counted, count


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Counted("gsm-7", 0, 0, 160)),
        ("a", Counted("gsm-7", 1, 1, 159)),
        ("a" * 160, Counted("gsm-7", 160, 1, 0)),
        ("a" * 161, Counted("gsm-7", 161, 2, 145)),
        ("a" * 306, Counted("gsm-7", 306, 2, 0)),
        ("a" * 307, Counted("gsm-7", 307, 3, 152)),
        ("€" * 80, Counted("gsm-7", 160, 1, 0)),
        ("a" * 152 + "€" + "a" * 10, Counted("gsm-7", 164, 2, 141)),  # € is not cut apart
        ("あ", Counted("ucs-2", 1, 1, 69)),
        ("あ" * 70, Counted("ucs-2", 70, 1, 0)),
        ("あ" * 71, Counted("ucs-2", 71, 2, 63)),
        ("あ" * 134, Counted("ucs-2", 134, 2, 0)),
        ("あ" * 135, Counted("ucs-2", 135, 3, 66)),
        ("😀" * 35, Counted("ucs-2", 70, 1, 0)),
        ("😀" * 36, Counted("ucs-2", 72, 2, 61)),  # 33 pairs and a unit to spare
        ("a" * 69 + "あ", Counted("ucs-2", 70, 1, 0)),  # one character turns all of it
        ("`", Counted("ucs-2", 1, 1, 69)),
    ],
)
def test_segments(text: str, expected: Counted) -> None:
    assert count(text) == expected
