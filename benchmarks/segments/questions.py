"""The questions: each a rule, and the SQL an expert writes for it on DuckDB and on PostgreSQL.

The hand-written SQL gives `_id`s over the same tables. Where several ways of writing are natural
on an engine, the one that was fastest there stands here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from benchmarks.segments.data import AS_OF

_NOW = AS_OF.replace(tzinfo=None)


def since(days: int) -> str:
    """(as_of - days, as_of] as SQL over `ts`."""
    return f"ts > TIMESTAMP '{_NOW - timedelta(days=days)}' AND ts <= TIMESTAMP '{_NOW}'"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question; `postgres` None: the same text as on DuckDB."""

    name: str
    rule: object
    by_hand: str
    postgres: str | None = None


ATTRIBUTES = Asked(
    "attributes, and/or",
    {
        "all": [
            {"field": "prefecture", "op": "in", "value": ["東京都", "神奈川県"]},
            {
                "any": [
                    {"field": "birth_date.age", "op": "ge", "value": 60},
                    {"field": "income", "op": "ge", "value": 8_000_000},
                ]
            },
            {"field": "email_ok", "op": "is_true"},
        ]
    },
    """SELECT _id FROM data.person
       WHERE prefecture IN ('東京都', '神奈川県') AND email_ok
         AND (birth_date <= DATE '1966-11-01' OR income >= 8000000)""",
)

BALANCE = Asked(
    "balance over related rows, no loan",
    {
        "all": [
            {
                "related": "accounts",
                "where": {"field": "type", "op": "eq", "value": "定期預金"},
                "measure": {"sum": "balance"},
                "op": "gt",
                "value": 10_000_000,
            },
            {
                "not": {
                    "related": "accounts",
                    "where": {"field": "type", "op": "eq", "value": "カードローン"},
                }
            },
        ]
    },
    """SELECT _id FROM data.person
       SEMI JOIN (SELECT person_no FROM data.account WHERE type = '定期預金'
                  GROUP BY person_no HAVING sum(balance) > 10000000) USING (person_no)
       ANTI JOIN (SELECT person_no FROM data.account WHERE type = 'カードローン')
         USING (person_no)""",
    """SELECT _id FROM data.person WHERE person_no IN (
         SELECT person_no FROM data.account WHERE type IN ('定期預金', 'カードローン')
         GROUP BY person_no
         HAVING sum(balance) FILTER (WHERE type = '定期預金') > 10000000
            AND count(*) FILTER (WHERE type = 'カードローン') = 0)""",
)

BOUGHT = Asked(
    "3 purchases in 30 days, no e-mail opened in 90",
    {
        "all": [
            {"event": "purchase", "during": {"last": "30d"}, "op": "ge", "value": 3},
            {"not": {"event": "email_opened", "during": {"last": "90d"}}},
        ]
    },
    f"""SELECT _id FROM data.person
        SEMI JOIN (SELECT person_no FROM data.event WHERE event = 'purchase' AND {since(30)}
                   GROUP BY person_no HAVING count(*) >= 3) USING (person_no)
        ANTI JOIN (SELECT person_no FROM data.event WHERE event = 'email_opened' AND {since(90)})
          USING (person_no)""",
    f"""SELECT _id FROM data.person p JOIN (
          SELECT person_no FROM data.event WHERE event = 'purchase' AND {since(30)}
          GROUP BY person_no HAVING count(*) >= 3) b USING (person_no)
        WHERE NOT EXISTS (
          SELECT FROM data.event e WHERE e.person_no = p.person_no AND event = 'email_opened'
            AND {since(90)})""",
)


def _then(days: int) -> Asked:
    return Asked(
        f"A then B within 7 days, over {'2 years' if days > 365 else f'{days} days'}",
        {
            "sequence": [
                {"event": "loan_simulated"},
                {"event": "branch_visited", "within": "7d"},
            ],
            "during": {"last": f"{days}d"},
        },
        f"""SELECT _id FROM data.person WHERE person_no IN (
              SELECT a.person_no FROM
                (SELECT person_no, ts FROM data.event
                 WHERE event = 'loan_simulated' AND {since(days)}) a
              SEMI JOIN (SELECT person_no, ts FROM data.event
                 WHERE event = 'branch_visited' AND {since(days)}) b
              ON a.person_no = b.person_no AND a.ts < b.ts AND b.ts <= a.ts + INTERVAL 7 DAY)""",
        f"""SELECT _id FROM data.person WHERE person_no IN (
              SELECT person_no FROM (
                SELECT person_no, event, ts,
                  lead(event) OVER w AS next_event, lead(ts) OVER w AS next_ts
                FROM (SELECT person_no, event, ts FROM data.event
                      WHERE event IN ('loan_simulated', 'branch_visited') AND {since(days)}) e
                WINDOW w AS (PARTITION BY person_no ORDER BY ts, event)) x
              WHERE event = 'loan_simulated' AND next_event = 'branch_visited'
                AND next_ts > ts AND next_ts <= ts + INTERVAL '7 days')""",
    )


QUARTER, YEARS = _then(90), _then(730)

SETS = Asked(
    "in S1 and not in S2",
    {"all": [{"segment": "s1"}, {"not": {"segment": "s2"}}]},
    f"""SELECT _id FROM data.person SEMI JOIN (
          SELECT _id FROM enishi.memberships WHERE segment = 's1'
            AND entered_at <= TIMESTAMP '{_NOW}'
            AND (left_at IS NULL OR left_at > TIMESTAMP '{_NOW}')) USING (_id)
        ANTI JOIN (
          SELECT _id FROM enishi.memberships WHERE segment = 's2'
            AND entered_at <= TIMESTAMP '{_NOW}'
            AND (left_at IS NULL OR left_at > TIMESTAMP '{_NOW}')) USING (_id)""",
    f"""SELECT _id FROM data.person p
        WHERE EXISTS (SELECT FROM enishi.memberships m WHERE m._id = p._id AND segment = 's1'
            AND entered_at <= TIMESTAMP '{_NOW}'
            AND (left_at IS NULL OR left_at > TIMESTAMP '{_NOW}'))
        AND NOT EXISTS (SELECT FROM enishi.memberships m WHERE m._id = p._id AND segment = 's2'
            AND entered_at <= TIMESTAMP '{_NOW}'
            AND (left_at IS NULL OR left_at > TIMESTAMP '{_NOW}'))""",
)

SINGLE = (ATTRIBUTES, BALANCE, BOUGHT, QUARTER, YEARS, SETS)

TEN = {
    "all": [
        *ATTRIBUTES.rule["all"],  # type: ignore[index]  # written above
        *BALANCE.rule["all"],  # type: ignore[index]  # written above
        *BOUGHT.rule["all"],  # type: ignore[index]  # written above
        {"field": "gender", "op": "ne", "value": "male"},
        {"field": "joined", "op": "during", "value": {"last": "5y"}},
    ]
}
"""Ten conditions (the second of the first three is two)."""


def fifty() -> list[Asked]:
    """Fifty segments: thirty over events, ten over related rows, ten over attributes."""
    found = []
    names = ("purchase", "login", "email_opened", "transfer", "branch_visited", "page_view")
    for i in range(30):
        name, days, least = names[i % 6], (7, 14, 30, 60, 90)[i % 5], i % 3 + 1
        found.append(
            Asked(
                f"e{i}",
                {"event": name, "during": {"last": f"{days}d"}, "op": "ge", "value": least},
                f"SELECT _id FROM data.person WHERE person_no IN (SELECT person_no FROM data.event"
                f" WHERE event = '{name}' AND {since(days)}"
                f" GROUP BY person_no HAVING count(*) >= {least})",
            )
        )
    types = ("普通預金", "定期預金", "投資信託", "カードローン", "定期預金")
    for i in range(10):
        kind, least = types[i % 5], 2_000_000 * (i + 1)
        found.append(
            Asked(
                f"r{i}",
                {
                    "related": "accounts",
                    "where": {"field": "type", "op": "eq", "value": kind},
                    "measure": {"sum": "balance"},
                    "op": "gt",
                    "value": least,
                },
                "SELECT _id FROM data.person WHERE person_no IN (SELECT person_no FROM data.account"
                f" WHERE type = '{kind}' GROUP BY person_no HAVING sum(balance) > {least})",
            )
        )
    for i in range(10):
        first = 20 * i
        found.append(
            Asked(
                f"a{i}",
                {
                    "all": [
                        {"field": "branch", "op": "between", "value": [first, first + 19]},
                        {"field": "email_ok", "op": "is_true"},
                    ]
                },
                "SELECT _id FROM data.person WHERE email_ok AND branch"
                f" BETWEEN {first} AND {first + 19}",
            )
        )
    return found
