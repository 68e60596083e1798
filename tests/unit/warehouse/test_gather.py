"""The facts fetched for `why` are enough for `evaluate` to agree with the compiled rule."""

from __future__ import annotations

from datetime import UTC, datetime

from enishi.book.access import OPERATOR
from enishi.warehouse.warehouse import Warehouse

CATALOG = """
datasets:
  person:
    label: {ja: 顧客, en: Person}
    kind: current
    subject: person
    key: id
    source: {files: "person.csv"}
    fields:
      id: {type: string}
  account:
    label: {ja: 口座, en: Account}
    kind: versioned
    key: no
    source: {files: "account.csv"}
    fields:
      no: {type: integer}
      owner: {type: string}
      rank: {type: string}
relations:
  - {from: account.owner, to: person.id, name: owned_by, inverse: accounts}
"""


def test_since_counts_the_time_when_a_row_led_to_somebody_else(world):
    """The rank has held since January, though the account became P2's in March."""
    here = world(CATALOG)
    here.put("person.csv", "id\nP1\nP2\n")
    here.put("account.csv", "no,owner,rank\n1,P1,gold\n")
    here.load(at=datetime(2026, 1, 1, tzinfo=UTC))
    here.put("account.csv", "no,owner,rank\n1,P2,gold\n")
    here.load(at=datetime(2026, 3, 1, tzinfo=UTC))
    rule = {
        "related": "accounts",
        "where": {"field": "rank.since", "op": "lt", "value": "2026-02-01"},
    }
    warehouse = Warehouse(here.engine, lambda: here.catalog, here.clock)
    asked = {"actor": OPERATOR, "as_of": datetime(2026, 4, 1, tzinfo=UTC)}
    counted = warehouse.count(rule, **asked)["count"]
    whys = [warehouse.why(rule, person, **asked)["truth"] for person in ("P1", "P2")]
    assert (counted, whys) == (1, [False, True])
