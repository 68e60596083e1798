"""Why a contact of a journey did not happen is said in words, a human's task no less."""

from __future__ import annotations

import pytest

from enishi.journeys.proof_showing import why


@pytest.mark.parametrize(
    "code", ["not_allowed", "list_closed", "list_failed", "hold_deceased", "refused", "greylisted"]
)
def test_a_reason_is_told_in_words(code: str) -> None:
    assert code not in (why(code).ja, why(code).en)
    assert why(code).en[0].isupper()
