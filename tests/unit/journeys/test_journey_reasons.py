"""Why a contact of a journey did not happen, and what it tells, are said in words."""

from __future__ import annotations

import pytest

from enishi.journeys.inside.event_words import event_words
from enishi.journeys.proof.showing import why
from enishi.kernel.text import Text


@pytest.mark.parametrize(
    "code", ["not_allowed", "list_closed", "list_failed", "hold_deceased", "refused", "greylisted"]
)
def test_a_reason_is_told_in_words(code: str) -> None:
    assert code not in (why(code).ja, why(code).en)
    assert why(code).en[0].isupper()


def test_events_of_journeys_are_told_in_words() -> None:
    assert event_words("journey_exited") == Text("ジャーニーを終えました", "Left a journey")
    assert event_words("email_sent") is not None  # messages' own words stay
    assert event_words("app_login") is None
