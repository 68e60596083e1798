"""The small bank of `lists_world`, with helpers for its segments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lists_world import Bank

RICH: dict[str, Any] = {
    "related": "deposits", "measure": {"sum": "balance"}, "op": "ge", "value": 3000000
}  # fmt: skip
MAIN: dict[str, Any] = {"field": "branch", "op": "eq", "value": "本店"}


@dataclass
class Segments:
    """Segments of one bank. `run()` does what the work process would."""

    bank: Bank

    def make(self, slug: str, rule: object, role: str = "manager", **more: Any) -> Any:
        body = {"slug": slug, "name": slug, "rule": rule, **more}
        made = self.bank.api(role).post("segments", body)
        assert made.status_code == 201, made.content.decode()
        return made.json()

    def run(self) -> None:
        from enishi.segments.jobs import run_once

        for _ in range(20):
            if not run_once():
                return
        raise AssertionError("the loop of segments does not come to rest")

    def get(self, path: str, role: str = "manager") -> Any:
        answer = self.bank.api(role).get(f"segments/{path}".replace("/?", "?"))
        assert answer.status_code == 200, answer.content.decode()
        return answer.json()

    def post(self, path: str, body: object = None, role: str = "manager") -> Any:
        answer = self.bank.api(role).post(f"segments/{path}", body)
        assert answer.status_code < 300, answer.content.decode()
        return answer.json()

    def inside(self, slug: str) -> set[str]:
        """The keys of who is in, as stored."""
        with self.bank.warehouse.engine.read() as question:
            rows = question.rows(
                "SELECT p.person_id FROM enishi.memberships m JOIN data.person p USING (_id)"
                " WHERE m.segment = ? AND m.left_at IS NULL",
                [slug],
            )
        return {row[0] for row in rows}

    def true_of(self, rule: object) -> set[str]:
        """The keys of those for whom a rule is true now."""
        from enishi.book.access import SYSTEM

        table = self.bank.warehouse.who(rule, actor=SYSTEM)
        return set(table.column("key").to_pylist())


def numbers(first: int, last: int) -> set[str]:
    return {f"P{n:03}" for n in range(first, last + 1)}
