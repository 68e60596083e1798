"""Why a delivery came to nothing is said in words, whoever said it."""

from __future__ import annotations

import re
from pathlib import Path

from enishi import messages
from enishi.messages.channels.words import OUTCOMES
from enishi.messages.deliveries.why import words_of

_OUTCOME = re.compile(r"\b(?:Refused|Later|Unknown)\(\s*\"([a-z_0-9.]+)\"")


def test_every_end_of_an_attempt_is_told_in_words() -> None:
    source = Path(messages.__file__).parent.rglob("*.py")
    named = {code for file in source for code in _OUTCOME.findall(file.read_text())}
    assert len(named) > 20
    for code in named | set(OUTCOMES):
        words = words_of(code)
        assert words.ja not in ("", code), code
        assert words.en not in ("", code), code
        assert not words.ja.endswith("。"), code  # it stands in a table
