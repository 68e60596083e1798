"""The published bank through the command line: loads whole, and the known answers come out."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "berka"
ROWS = {
    "account": 4500, "client": 5369, "disposition": 5369, "order": 6471, "loan": 682, "card": 892,
    "district": 77, "trans": 49102,
}  # fmt: skip
QUESTIONS = [
    ({"field": "district.A3", "op": "eq", "value": "Prague"}, None, 663),
    (
        {"all": [{"field": "gender", "op": "eq", "value": "female"},
                 {"field": "birth_date.age", "op": "ge", "value": 50}]},
        "1994-03-31", 805,
    ),
    (
        {"related": "owned_accounts.loans",
         "where": {"all": [{"field": "status", "op": "in", "value": ["A", "C"]},
                           {"field": "amount", "op": "gt", "value": 100000}]}},
        None, 324,
    ),
    (
        {"all": [{"related": "owned_accounts.orders", "measure": {"sum": "amount"}, "op": "gt",
                  "value": 10000},
                 {"not": {"related": "owned_accounts.loans"}}]},
        None, 167,
    ),
    ({"event": "trans", "during": {"last": "90d"}, "op": "ge", "value": 10}, "1994-03-31", 926),
]  # fmt: skip


def enishi(workspace: Path, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "enishi.cli.main", "-w", str(workspace), *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        env=os.environ | {"ENISHI_LANG": "en"},
        check=False,
    )


@pytest.fixture(scope="module")
def berka(test_data, tmp_path_factory):
    root = tmp_path_factory.mktemp("berka") / "workspace"
    shutil.copytree(EXAMPLE, root, ignore=shutil.ignore_patterns("var", "data"))
    (root / "data").symlink_to(test_data / "berka")
    done = enishi(root, "load", "--json")
    assert done.returncode == 0, done.stderr
    return root, json.loads(done.stdout)


def test_every_row_is_loaded(berka):
    _, loads = berka
    found = {one["dataset"]: (one["read"], one["loaded"], one["dead"]) for one in loads}
    assert found == {name: (rows, rows, 0) for name, rows in ROWS.items()}


@pytest.mark.parametrize(("rule", "as_of", "clients"), QUESTIONS)
def test_the_known_answers(berka, rule, as_of, clients):
    root, _ = berka
    at = ["--as-of", as_of] if as_of else []
    done = enishi(root, "count", "-", *at, stdin=json.dumps(rule))
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["count"] == clients
    assert told["sentence"]
    if as_of:
        assert told["as_of"].startswith(f"{as_of}T00:00:00")
        assert "client" in told["as_known_today"]


def test_who_and_why_agree_with_count(berka, tmp_path):
    root, _ = berka
    rule = tmp_path / "prague.yaml"
    rule.write_text("{field: district.A3, op: eq, value: Prague}\n")
    done = enishi(root, "who", str(rule), "--columns", "district.A3", "--format", "jsonl")
    people = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(people) == len({person["id"] for person in people}) == 663
    assert {person["district_A3"] for person in people} == {"Prague"}
    inside = json.loads(enishi(root, "why", str(rule), people[0]["key"]).stdout)
    assert (inside["truth"], inside["id"]) == (True, people[0]["id"])
    outside = enishi(root, "why", str(rule), "no such client")
    assert outside.returncode == 1
    assert "not found" in outside.stderr
    unknown = enishi(root, "count", "-", stdin='{"field": "distrct.A3", "op": "eq", "value": 1}')
    assert unknown.returncode == 1
    assert "district" in unknown.stderr


def test_the_questions_are_in_the_audit(berka):
    root, _ = berka
    done = enishi(root, "audit", "verify", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["ok"]
    assert told["checked"] > len(ROWS)
