"""Enishi's own datasets: how they hang on the person, and what the section `stream` says."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from enishi.catalog.builtin import values_told
from enishi.catalog.load import load_catalog
from enishi.catalog.types import Catalog, FieldType, Pii
from enishi.kernel.errors import Invalid

BANK = """
version: 1
purposes:
  offers: {label: Offers}
datasets:
  client:
    kind: versioned
    subject: person
    key: client_id
    fields:
      client_id: {type: integer}
      number: {type: string, pii: low}
      name: {type: string, pii: high}
      marital: {type: string}
      income: {type: decimal, purposes: [offers]}
      born: {type: date, pii: high}
  account:
    kind: versioned
    key: [branch, account_id]
    fields:
      branch: {type: string}
      account_id: {type: integer}
      owner: {type: integer}
      grade: {type: string}
  branch:
    kind: versioned
    key: branch_id
    fields: {branch_id: {type: string}, name: {type: string}}
relations:
  - {from: account.owner, to: client.client_id, name: owner, inverse: accounts}
"""


def load(root: Path, text: str = BANK) -> Catalog:
    (root / "catalog").mkdir(exist_ok=True)
    (root / "catalog" / "bank.yaml").write_text(text, encoding="utf-8")
    return load_catalog(root)


def test_events_hang_on_the_person(tmp_path: Path) -> None:
    catalog = load(tmp_path)
    stream = catalog.stream
    assert stream is not None
    assert (stream.person, stream.user, stream.keep) == ("client", "client_id", timedelta(days=7))
    activity = catalog.datasets[stream.activity]
    assert activity.builtin
    assert activity.fields["person"].type is FieldType.INTEGER
    assert activity.event is not None
    assert activity.event.of == {"person": "activities"}
    (step,) = catalog.expand("client", "activities") or ()
    assert (step.target, step.columns) == ("activity", (("client_id", "person"),))
    assert catalog.relations["activity"]["client"].inverse == "activities"


def test_only_crossings_hold_the_names_of_crossings(tmp_path: Path) -> None:
    catalog = load(tmp_path)
    for names, found in (({"bought"}, ["activity"]), ({"segment_left"}, ["activity", "crossing"])):
        sources = catalog.event_sources("person", frozenset(names))
        assert [one.name for one in sources] == found


def test_changes_of_what_belongs_to_a_person(tmp_path: Path) -> None:
    catalog = load(tmp_path)
    assert catalog.changed == {"client": "client_changed", "account": "account_changed"}
    own, theirs = catalog.datasets["client_changed"], catalog.datasets["account_changed"]
    assert own.key == ("client_id", "field", "ts")
    assert own.event is not None
    assert own.event.name == "client_changed"
    assert own.event.of == {"person": "changes"}
    assert theirs.event is not None
    assert theirs.event.of == {"person": "accounts.changes"}
    assert [s.target for s in catalog.expand("client", "accounts.changes") or ()] == [
        "account", "account_changed"
    ]  # fmt: skip


STANDING = """
version: 1
datasets:
  client:
    kind: current
    subject: person
    key: client_id
    fields: {client_id: {type: integer}, employer: {type: integer}}
  company:
    kind: current
    subject: company
    key: company_id
    fields: {company_id: {type: integer}}
  standing:
    kind: versioned
    key: client_id
    fields: {client_id: {type: integer}, stage: {type: string}}
relations:
  - {from: client.client_id, to: standing.client_id, name: standing, inverse: clients}
  - {from: client.employer, to: company.company_id, name: employer, inverse: employees}
"""


def test_what_is_kept_under_the_persons_own_key_is_hers_and_not_her_employers(
    tmp_path: Path,
) -> None:
    changes = load(tmp_path, STANDING).datasets["standing_changed"]
    assert changes.event is not None
    assert changes.event.of == {"person": "standing.changes"}


def test_values_that_are_guarded_are_not_told(tmp_path: Path) -> None:
    catalog = load(tmp_path)
    assert values_told(catalog.datasets["client"]) == {"number", "marital"}
    assert catalog.datasets["client_changed"].fields["old"].pii is Pii.LOW
    assert catalog.datasets["account_changed"].fields["new"].pii is Pii.NONE


def test_the_section_stream(tmp_path: Path) -> None:
    catalog = load(
        tmp_path,
        BANK
        + """
stream:
  user: number
  keep: 12h
  purposes: [offers]
  fields:
    amount: {type: decimal, scale: 2, property: order.total, label: {ja: 金額, en: Amount}}
    plan: {type: string}
""",
    )
    stream = catalog.stream
    assert stream is not None
    assert (stream.user, stream.keep) == ("number", timedelta(hours=12))
    assert stream.properties == {"amount": "order.total", "plan": "plan"}
    fields = catalog.datasets["activity"].fields
    assert fields["amount"].scale == 2
    assert {one.purposes for one in fields.values()} == {frozenset({"offers"})}
    assert catalog.version != load(tmp_path).version


@pytest.mark.parametrize(
    ("section", "code", "path"),
    [
        ("{user: nobody}", "unknown_field", "stream.user"),
        ("{user: born}", "bad_user_type", "stream.user"),
        ("{purposes: [sale]}", "unknown_purpose", "stream.purposes"),
        ("{fields: {Title: {type: string}}}", "duplicate_name", "stream.fields.Title"),
        ("{fields: {a-b: {type: string}}}", "bad_name", "stream.fields.a-b"),
        ("{fields: {a: {type: text}}}", "unknown_choice", "stream.fields.a.type"),
        ("{fields: {マイナンバー: {type: string}}}", "my_number", "stream.fields.マイナンバー"),
        ("{keep: 7 days}", "wrong_value", "stream.keep"),
        ("{kept: 7d}", "unknown_key", "stream.kept"),
    ],
)
def test_what_is_wrong_with_a_stream_is_told(
    tmp_path: Path, section: str, code: str, path: str
) -> None:
    with pytest.raises(Invalid) as found:
        load(tmp_path, f"{BANK}\nstream: {section}\n")
    (fault,) = found.value.faults
    assert (fault.code, fault.path) == (code, path)
    assert fault.file.startswith("catalog/bank.yaml")


def test_names_that_are_taken_make_way(tmp_path: Path) -> None:
    taken = """
datasets:
  member: {kind: current, key: id, subject: staff, fields: {id: {type: string}}}
  Activity:
    kind: current
    key: id
    fields: {id: {type: string}, member: {type: string}}
relations:
  - {from: Activity.member, to: member.id, name: member, inverse: activities}
"""
    catalog = load(tmp_path, taken)
    assert catalog.stream is not None
    assert catalog.stream.activity == "enishi_activity"
    event = catalog.datasets["enishi_activity"].event
    assert event is not None
    assert event.of == {"staff": "enishi_activity"}


def test_without_a_person_there_is_no_activity(tmp_path: Path) -> None:
    nobody = "datasets: {shop: {kind: current, key: id, fields: {id: {type: string}}}}"
    catalog = load(tmp_path, nobody)
    assert catalog.stream is None
    assert set(catalog.datasets) == {"shop"}
    with pytest.raises(Invalid) as found:
        load(tmp_path, f"{nobody}\nstream: {{}}\n")
    assert [fault.code for fault in found.value.faults] == ["no_person"]
