"""The policies a new workspace begins with (`shipped.yaml`), written once, when there are none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from importlib.resources import files
from typing import Any

import yaml

from enishi.book.clock import now
from enishi.book.jsontext import exact
from enishi.gate.bodies import BODY, GROUND, Example, PolicyBody
from enishi.gate.models import GateState, Policy, PolicyVersion

BY = "system"


@dataclass(frozen=True, slots=True)
class Shipped:
    """One policy as shipped."""

    slug: str
    body: PolicyBody
    examples: Sequence[Example]


def shipped() -> list[Shipped]:
    """All of them, in the order of the file."""
    told: Any = exact(
        yaml.safe_load((files("enishi.gate") / "shipped.yaml").read_text(encoding="utf-8"))
    )
    found = []
    for row in told:
        slug, examples = row.pop("slug"), row.pop("examples")
        found.append(
            Shipped(slug, BODY.validate_python(row), [Example.model_validate(e) for e in examples])
        )
    return found


def write_shipped(using: str = "default") -> int:
    """Publish them in a book that has no policy; returns how many. Part of making the tables."""
    if Policy.objects.using(using).exists():
        return 0
    at = now()
    policies, versions = [], []
    for n, one in enumerate(shipped()):
        policy = Policy(
            slug=one.slug, kind=one.body.kind, ground=one.body.kind in GROUND, created_by=BY,
            created_at=at + timedelta(microseconds=n),  # keeps the order of the file
        )  # fmt: skip
        policies.append(policy)
        versions.append(
            PolicyVersion(
                policy=policy, number=1, state="published", created_by=BY, created_at=at,
                body=one.body.model_dump(mode="json", exclude_none=True),
                examples=[e.model_dump(mode="json", exclude_none=True) for e in one.examples],
                published_by=BY, published_at=at,
            )
        )  # fmt: skip
    Policy.objects.using(using).bulk_create(policies)
    PolicyVersion.objects.using(using).bulk_create(versions)
    GateState.objects.using(using).get_or_create(id=1, defaults={"stamp": 1})
    return len(policies)
