"""Which contacts may take the place of others: those that a cap is about, or counts."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from enishi.gate.bodies import BODY
from enishi.gate.policy_set import InForce, PolicySet
from enishi.kernel.business_days import BusinessCalendar

CAP = {
    "kind": "cap", "name": {"ja": "1日1回", "en": "Once a day"}, "most": 1,
    "window": {"unit": "hours", "count": 24},
}  # fmt: skip


@pytest.mark.parametrize(
    ("cap", "channel", "purpose", "expected"),
    [
        ({}, "email", "transactional", True),
        ({"applies": {"channels": ["line"]}}, "email", "cards", True),  # it counts mails, too
        ({"applies": {"channels": ["line"]}, "counts": {"channels": ["line"]}},
         "email", "cards", False),
        ({"applies": {"classes": ["promotion"]}, "counts": {"classes": ["promotion"]}},
         "email", "transactional", False),
        ({"applies": {"classes": ["promotion"]}, "counts": {"classes": ["promotion"]}},
         "email", "cards", True),
        ({"applies": {"purposes": ["loans"]}, "counts": {"purposes": ["loans"]}},
         "email", "cards", False),
    ],
)  # fmt: skip
def test_what_a_cap_concerns(
    cap: dict[str, Any], channel: str, purpose: str, expected: bool
) -> None:
    policies = (InForce("v1", "once", BODY.validate_python({**CAP, **cap})),)
    found = PolicySet(policies, BusinessCalendar(), ZoneInfo("Asia/Tokyo"))
    assert found.capped(channel, purpose) is expected


def test_without_a_cap_nothing_takes_a_place() -> None:
    found = PolicySet((), BusinessCalendar(), ZoneInfo("Asia/Tokyo"))
    assert not found.capped("email", "cards")
