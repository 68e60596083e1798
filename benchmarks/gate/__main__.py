"""`python -m benchmarks.gate`: decisions by twenty policies over a book on SQLite, in process.

Persons have a mirrored profile, consents, contacts of the last weeks, and one in five a refusal or
a hold. Timed are single decisions of random persons, all channels and purposes of one, a page of
fifty, and contacts taken (decided, stored and counted in one durable unit). The baseline is five
lookups by key in the same book, with Django: about what a decision has to read.
"""

from __future__ import annotations

import argparse
import json
import platform
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

AT = datetime(2026, 11, 20, 3, tzinfo=UTC)  # noon in Tokyo, a Friday
POLICIES = 20
BOUND_MS = 2.0
PURPOSES = ("deposits", "loans", "cards", "insurance", "service")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--persons", type=int, default=10_000)
    parser.add_argument("--decisions", type=int, default=5_000)
    parser.add_argument("--takes", type=int, default=300)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(measure(Path(folder), asked), indent=2, ensure_ascii=False))


def measure(folder: Path, asked: Any) -> dict[str, Any]:
    from enishi.book.setup import migrate, setup
    from enishi.book.workspace import read_workspace

    (folder / "enishi.toml").write_text('name = "bench"\n', encoding="utf-8")
    (folder / "catalog").mkdir()
    workspace = read_workspace(folder)
    workspace.prepare()
    setup(workspace)
    migrate()
    rng = random.Random(1)
    persons = furnish(asked.persons, rng)
    from enishi.book.access import Actor
    from enishi.gate import service, slots
    from enishi.gate.in_force import policies_in_force
    from enishi.gate.models import ContactMade, Profile, Restriction
    from enishi.gate.types import Channel

    actor = Actor("usr_bench", "manager")
    answers: dict[str, int] = {}

    def decide() -> None:
        found = service.decide(
            rng.choice(persons), rng.choice(("phone", "email", "post")), rng.choice(PURPOSES),
            at=AT, actor=actor,
        )  # fmt: skip
        answers[str(found.answer)] = answers.get(str(found.answer), 0) + 1

    def lookups() -> None:
        person = rng.choice(persons)
        for _ in range(2):
            Profile.objects.filter(person=person).values_list("digest").first()
        list(Restriction.objects.filter(person=person).values_list("id"))
        list(ContactMade.objects.filter(person=person).values_list("at")[:20])
        Profile.objects.filter(person=person).values_list("known").first()

    grid = [(str(channel), purpose, None) for channel in Channel for purpose in PURPOSES]
    numbers = iter(range(10**9))

    def take() -> None:
        slots.take(
            rng.choice(persons), "phone", "deposits", at=AT, actor=actor,
            source=f"bench:{next(numbers)}",
        )  # fmt: skip

    decide()
    told = {
        "decide": timed(decide, asked.decisions),
        "lookups": timed(lookups, asked.decisions),
        f"one person, {len(grid)} questions": timed(
            lambda: service.decide_grid(rng.choice(persons), grid, at=AT, actor=actor), asked.takes
        ),
        "a page of 50": timed(
            lambda: service.decide_many(
                rng.sample(persons, 50), "phone", "deposits", at=AT, actor=actor
            ),
            asked.takes,
        ),
        "take": timed(take, asked.takes),
    }
    return {
        "python": platform.python_version(),
        "policies": len(policies_in_force().policies),
        "persons": asked.persons,
        "answers": answers,
        "milliseconds": told,
        "bound_ms": BOUND_MS,
        "held": told["decide"]["p99"] <= BOUND_MS,
    }


def timed(run: Callable[[], object], times: int) -> dict[str, float]:
    """Percentiles in milliseconds; `cpu` is the processor's time, which neighbours do not take."""
    took, cpu = [], []
    for _ in range(times):
        begun, worked = time.perf_counter(), time.thread_time()
        run()
        cpu.append((time.thread_time() - worked) * 1000)
        took.append((time.perf_counter() - begun) * 1000)
    wall, own = (statistics.quantiles(each, n=100) for each in (took, cpu))
    return {
        "p50": round(wall[49], 3), "p95": round(wall[94], 3), "p99": round(wall[98], 3),
        "cpu_p50": round(own[49], 3), "cpu_p99": round(own[98], 3),
    }  # fmt: skip


def furnish(size: int, rng: random.Random) -> list[str]:
    """Profiles, consents, contacts and restrictions of `size` persons, and policies up to 20."""
    from enishi.gate.models import Consent, ContactMade, Policy, PolicyVersion, Profile, Restriction

    persons = [f"p{n:024x}" for n in range(size)]
    reach, known = "email,phone,post,sms,visit", "address,birth_date,email,household,phone,post"
    Profile.objects.bulk_create(
        [
            Profile(
                person=person, household=f"h{n // 2}", address=f"a{n // 2}", reach=reach,
                known=known, digest="", branch="001",
                birth_date=datetime(1940 + n % 60, 1 + n % 12, 1 + n % 28, tzinfo=UTC).date(),
            )
            for n, person in enumerate(persons)
        ],
        batch_size=500,
    )  # fmt: skip
    Consent.objects.bulk_create(
        [
            Consent(
                person=person, channel=channel, purpose=None, given=True, origin="user",
                at=AT - timedelta(days=400 - n), by="usr_bench",
            )
            for person in persons
            for n, channel in enumerate(("email", "phone", None))
        ],
        batch_size=500,
    )  # fmt: skip
    ContactMade.objects.bulk_create(
        [
            ContactMade(
                person=person, household=f"h{n // 2}", address=f"a{n // 2}", by="usr_bench",
                channel=rng.choice(("phone", "email", "post")), purpose=rng.choice(PURPOSES),
                purpose_class="promotion", at=AT - timedelta(hours=rng.randrange(1, 2000)),
                source=f"seed:{n}",
            )
            for n, person in enumerate(persons)
            for _ in range(6)
        ],
        batch_size=500,
    )  # fmt: skip
    Restriction.objects.bulk_create(
        [
            Restriction(
                type="hold" if n % 2 else "refusal", kind="complaint" if n % 2 else "",
                product=None if n % 2 else "card", person=person, by="usr_bench",
                at=AT - timedelta(days=10),
            )
            for n, person in enumerate(persons)
            if n % 5 == 0 or n % 10 == 5
        ],
        batch_size=500,
    )  # fmt: skip
    for n in range(POLICIES - Policy.objects.count()):
        policy = Policy.objects.create(slug=f"bench-{n}", kind="cap", created_by="usr_bench")
        PolicyVersion.objects.create(
            policy=policy, number=1, state="published", created_by="usr_bench",
            published_at=AT, body={
                "kind": "cap", "name": {"ja": "上限", "en": "Cap"}, "most": 8 + n,
                "window": {"unit": "days", "count": 14 + n}, "per": ("person", "household")[n % 2],
            },
        )  # fmt: skip
    return persons


if __name__ == "__main__":
    main()
