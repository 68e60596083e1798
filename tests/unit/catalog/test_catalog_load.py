"""Reading a catalog: every fault is found at once, at its place, with a remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from enishi.catalog.load import load_catalog
from enishi.catalog.types import DatasetKind, FieldType
from enishi.kernel.errors import Fault, Invalid

BANK = """
version: 1
purposes:
  deposits: {label: {ja: 預金の案内, en: Deposits}}
consents: {relation: consents, from: given, to: until}
datasets:
  client:
    kind: current
    subject: person
    key: client_id
    fields:
      client_id: {type: integer}
      name: {type: string, label: {ja: 氏名, en: Name}, meaning: person_name, pii: low}
      balance: {type: decimal, scale: 2, purposes: [deposits], consent_purposes: [deposits]}
  account:
    kind: versioned
    key: account_id
    fields:
      account_id: {type: integer}
      client_id: {type: integer}
      type: {type: string}
  movement:
    kind: event
    key: [account_id, number]
    time: {field: at, kind: occurred}
    event: {name: moved, of: {client: open_accounts.movements}}
    fields:
      account_id: {type: integer}
      number: {type: integer}
      at: {type: timestamp}
  consent:
    kind: current
    key: [client_id, purpose]
    fields:
      client_id: {type: integer}
      purpose: {type: string}
      channel: {type: string}
      given: {type: date}
      until: {type: date}
relations:
  - {from: account.client_id, to: client.client_id, inverse: accounts}
  - {from: movement.account_id, to: account.account_id, inverse: movements}
  - {from: consent.client_id, to: client.client_id, inverse: consents}
  - {name: moved, from: client, via: [open_accounts, movements]}
  - name: open_accounts
    from: client
    via: [{relation: accounts, where: {field: type, op: ne, value: closed}}]
"""
WORTH = """
worth:
  person: [{label: {ja: 口座, en: Accounts}, of: [accounts.account_id]}]
"""


def write(root: Path, text: str, name: str = "bank.yaml") -> Path:
    (root / "catalog").mkdir(exist_ok=True)
    (root / "catalog" / name).write_text(text, encoding="utf-8")
    return root


def faults_of(root: Path) -> tuple[Fault, ...]:
    with pytest.raises(Invalid) as caught:
        load_catalog(root)
    assert caught.value.code == "catalog_invalid"
    for fault in caught.value.faults:
        for text in (fault.message, fault.remedy):
            assert text.ja
            assert text.en
            assert text.ja != text.en or not text.en.isascii()
    return caught.value.faults


def only_fault(root: Path) -> Fault:
    found = faults_of(root)
    assert len(found) == 1, [(f.path, f.message.en) for f in found]
    return found[0]


def test_a_sound_catalog(tmp_path: Path) -> None:
    (tmp_path / "enishi.toml").write_text(
        'timezone = "Europe/Prague"\nweek_start = "sunday"\nfiscal_year_start = 1\n'
    )
    found = load_catalog(write(tmp_path, BANK))
    assert (found.timezone, found.week_start, found.fiscal_year_start) == ("Europe/Prague", 6, 1)
    assert found.datasets["movement"].kind is DatasetKind.EVENT
    assert found.datasets["movement"].key == ("account_id", "number")
    assert found.datasets["client"].fields["balance"].type is FieldType.DECIMAL
    to_one, to_many = found.relation("account", "client"), found.relation("client", "accounts")
    assert to_one is not None
    assert to_many is not None
    assert (to_one.many, to_one.inverse, to_many.many, to_many.inverse) == (
        False,
        "accounts",
        True,
        "client",
    )
    steps = found.expand("client", "moved")
    assert steps is not None
    assert [step.target for step in steps] == ["account", "movement"]
    assert steps[0].wheres == ({"field": "type", "op": "ne", "value": "closed"},)
    # The dataset's name in `of` becomes the kind of its subject.
    event = found.datasets["movement"].event
    assert event is not None
    assert event.of == {"person": "open_accounts.movements"}


def test_defaults_without_enishi_toml_and_a_version_that_follows_the_content(
    tmp_path: Path,
) -> None:
    first = load_catalog(write(tmp_path, BANK))
    assert (first.timezone, first.week_start, first.fiscal_year_start) == ("Asia/Tokyo", 0, 4)
    assert load_catalog(write(tmp_path, BANK + "\n# a comment\n")).version == first.version
    changed = BANK.replace("pii: low", "pii: high")
    assert load_catalog(write(tmp_path, changed)).version != first.version


def test_files_are_merged_and_a_name_stands_once(tmp_path: Path) -> None:
    write(tmp_path, BANK)
    write(
        tmp_path,
        "datasets:\n  Client: {kind: current, key: a, fields: {a: {type: string}}}\n",
        "more.yaml",
    )
    fault = only_fault(tmp_path)
    assert (fault.code, fault.path, fault.file) == (
        "duplicate_name",
        "datasets.Client",
        "catalog/more.yaml:2",
    )


CASES = [
    ("kind: versioned", "kind: versionned", "unknown_choice", "datasets.account.kind", "versioned"),
    ("subject: person\n", "subjct: person\n", "unknown_key", "datasets.client.subjct", "subject"),
    ("{type: date}", "{type: dat}", "unknown_choice", "datasets.consent.fields.given.type", "date"),
    ("key: client_id", "key: cliant_id", "unknown_field", "datasets.client.key", "client_id"),
    ("    key: client_id\n", "", "missing_key_field", "datasets.client.key", ""),
    ("field: at,", "field: ta,", "unknown_field", "datasets.movement.time.field", "at"),
    ("at: {type: timestamp}", "at: {type: string}", "bad_time_type", "datasets.movement", "date"),
    ("    time: {field: at, kind: occurred}\n", "", "missing_time", "datasets.movement.time", ""),
    ("kind: occurred", "kind: planned", "event_needs_occurred", "datasets.movement.time.kind", ""),
    ("open_accounts.movements}", "accounts}", "leads_elsewhere", "datasets.movement.event.of", ""),
    ("open_accounts.movements}", "acounts.movements}", "unknown_relation", "datasets.movement",
     "accounts"),
    ("of: {client:", "of: {klient:", "unknown_subject", "datasets.movement.event.of.klient", ""),
    ("client_id: {type: integer}\n      type", "client_id: {type: date}\n      type",
     "unlike_types", "relations[0]", ""),
    ("from: account.client_id", "from: acount.client_id", "unknown_dataset", "relations[0].from",
     "account"),
    ("from: account.client_id", "from: account.cliant_id", "unknown_field", "relations[0].from",
     "client_id"),
    ("to: client.client_id, inverse: accounts", "to: client.name, inverse: accounts",
     "unlike_types", "relations[0]", ""),
    ("inverse: consents}", "inverse: accounts}", "duplicate_relation", "relations[2]", ""),
    ("relation: accounts,", "relation: acounts,", "unknown_relation", "relations[4].via[0]",
     "accounts"),
    ("{field: type, op: ne, value: closed}", "{event: moved}", "bad_where", "relations[4]", ""),
    ("purposes: [deposits]", "purposes: [deposit]", "unknown_purpose", "datasets.client",
     "deposits"),
    ("meaning: person_name", "meaning: person_nam", "unknown_choice", "datasets.client",
     "person_name"),
    ("from: given,", "from: purpose,", "bad_consent_type", "consents.from", ""),
    ("relation: consents,", "relation: consent,", "unknown_relation", "consents.relation",
     "consents"),
    ("scale: 2", "scale: 12", "wrong_value", "datasets.client.fields.balance.scale", ""),
    ("name: {type: string,", "個人番号: {type: string,", "my_number", "datasets.client.fields", ""),
    ("name: {type: string,", "no name: {type: string,", "bad_name", "datasets.client.fields", ""),
    ("name: {type: string,", "NAME__f: {type: string,", "bad_name", "datasets.client.fields", ""),
    ("name: {type: string,", "CLIENT_ID: {type: string,", "duplicate_name", "datasets.client", ""),
    ("label: {ja: 氏名, en: Name}", "label: {ja: 氏名}", "wrong_value", "datasets.client", ""),
    ("{type: date}", "{type: date, format: '%Q'}", "bad_format", "datasets.consent.fields.given",
     "%Y"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "code", "path", "proposal"), CASES)
def test_each_fault_has_its_place_and_a_remedy(
    tmp_path: Path, old: str, new: str, code: str, path: str, proposal: str
) -> None:
    assert old in BANK
    write(tmp_path, BANK.replace(old, new, 1))
    found = [f for f in faults_of(tmp_path) if f.code == code]
    assert found
    assert found[0].path.startswith(path)
    assert found[0].file.startswith("catalog/bank.yaml:")
    assert proposal in found[0].remedy.en


@pytest.mark.parametrize(
    ("old", "new", "code", "path", "proposal"),
    [
        ("accounts.account_id", "accounts.type", "not_a_number", "worth.person[0].of[0]",
         "account_id"),
        ("accounts.account_id", "acounts.account_id", "unknown_relation", "worth.person[0].of[0]",
         "accounts"),
        ("accounts.account_id", "account_id", "unknown_relation", "worth.person[0].of[0]", ""),
        ("  person:", "  persn:", "unknown_subject", "worth.persn", "person"),
    ],
)  # fmt: skip
def test_worth_leads_to_numbers(
    tmp_path: Path, old: str, new: str, code: str, path: str, proposal: str
) -> None:
    known = load_catalog(write(tmp_path, BANK + WORTH))
    assert known.worth["person"][0].of == ("accounts.account_id",)
    assert known.version != load_catalog(write(tmp_path, BANK)).version
    write(tmp_path, BANK + WORTH.replace(old, new))
    fault = only_fault(tmp_path)
    assert (fault.code, fault.path) == (code, path)
    assert proposal in fault.remedy.en


def test_all_faults_at_once(tmp_path: Path) -> None:
    text = BANK
    wrong = {
        "kind: versioned": "kind: odd",
        "{type: date}": "{type: dat}",
        "key: client_id": "key: nobody",
        "relation: accounts,": "relation: x,",
    }
    for old, new in wrong.items():
        text = text.replace(old, new, 1)
    codes = [fault.code for fault in faults_of(write(tmp_path, text))]
    assert {"unknown_choice", "unknown_field", "unknown_relation"} <= set(codes)
    assert codes.count("unknown_choice") == 2


def test_the_line_of_a_fault_is_told(tmp_path: Path) -> None:
    fault = next(
        f
        for f in faults_of(write(tmp_path, BANK.replace("kind: versioned", "kind: odd")))
        if f.code == "unknown_choice"
    )
    line = 1 + BANK.replace("kind: versioned", "kind: odd").split("\n").index("    kind: odd")
    assert fault.file == f"catalog/bank.yaml:{line}"


def test_path_relations_that_go_in_a_circle_are_told(tmp_path: Path) -> None:
    write(
        tmp_path,
        BANK.replace("via: [open_accounts, movements]", "via: [around]")
        + "  - {name: around, from: client, via: [moved]}\n",
    )
    found = faults_of(tmp_path)
    assert {f.code for f in found} == {"unknown_relation"}
    assert any("circle" in f.message.en for f in found)


def test_yaml_surprises(tmp_path: Path) -> None:
    """Broken YAML, a key written twice, an alias bomb: told, not raised and not swallowed."""
    assert only_fault(write(tmp_path, "datasets: [\n")).code == "not_yaml"
    twice = "datasets:\n  a: {kind: current, key: x, fields: {x: {type: string}}}\n"
    assert only_fault(write(tmp_path, twice + twice[10:])).code == "duplicate_key"
    bomb = "a: &a [x]\n" + "".join(
        f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(8)
    )
    assert "too_deep" in {f.code for f in faults_of(write(tmp_path, bomb))}
    (tmp_path / "catalog" / "bank.yaml").write_bytes(b"datasets: \x83\x5f")
    assert only_fault(tmp_path).code == "not_utf8"


def test_plain_words_stay_words(tmp_path: Path) -> None:
    """A column called no, a value called yes: not booleans."""
    text = (
        "datasets:\n  a:\n    kind: current\n    key: no\n    source: {files: a.csv, nulls: [no]}\n"
        "    fields:\n      no: {type: string, aliases: [yes, on]}\n"
    )
    found = load_catalog(write(tmp_path, text)).datasets["a"]
    assert found.key == ("no",)
    assert found.fields["no"].aliases == ("yes", "on")
    assert found.source is not None
    assert found.source.nulls == ("no",)


def test_no_catalog_names_the_command_that_drafts_one(tmp_path: Path) -> None:
    assert "catalog infer" in only_fault(tmp_path).remedy.en


def test_a_wrong_calendar_is_told(tmp_path: Path) -> None:
    write(tmp_path, BANK)
    (tmp_path / "enishi.toml").write_text(
        'timezone = "Asia/Tokio"\nweek_start = "someday"\nfiscal_year_start = 13\n'
    )
    found = {fault.path: fault for fault in faults_of(tmp_path)}
    assert set(found) == {"timezone", "week_start", "fiscal_year_start"}
    assert "Asia/Tokyo" in found["timezone"].remedy.en
