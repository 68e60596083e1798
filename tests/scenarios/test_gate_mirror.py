"""The gate's copy of the warehouse: who is told of, what changes, who goes, whom rules hold of."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from enishi.gate import mirror, policies, service
from enishi.gate.bodies import Example, RulePolicy
from enishi.gate.models import Consent, Profile, ProfileRule
from lists_world import CATALOG, Bank

FIELDS = """
      birth_date: {type: date, label: {ja: 生年月日, en: Birth date}, meaning: birth_date}
      email: {type: string, label: {ja: メール, en: E-mail}, meaning: email}
      address: {type: string, label: {ja: 住所, en: Address}, meaning: address}
      household_no: {type: string, label: {ja: 世帯番号, en: Household}}
"""
CONSENT = """
  firm:
    label: {ja: 法人, en: Company}
    kind: current
    subject: company
    key: firm_no
    display: name
    source: {files: "firm.csv"}
    fields:
      firm_no: {type: string, label: {ja: 法人番号, en: Number}}
      name: {type: string, label: {ja: 社名, en: Name}, meaning: company_name}
  consent:
    label: {ja: 同意, en: Consent}
    kind: current
    key: consent_id
    source: {files: "consent.csv", removes: true}
    fields:
      consent_id: {type: string, label: {ja: 同意番号, en: Number}}
      person_id: {type: string, label: {ja: 顧客番号, en: Person}}
      purpose: {type: string, label: {ja: 目的, en: Purpose}}
      channel: {type: string, label: {ja: 手段, en: Channel}}
      begins: {type: date, label: {ja: 開始, en: From}}
      ends: {type: date, label: {ja: 終了, en: To}}
      evidence: {type: string, label: {ja: 根拠, en: Evidence}}
relations:
  - from: consent.person_id
    to: person.person_id
    name: person
    inverse: consents
    label: {ja: 顧客, en: Person}
    inverse_label: {ja: 同意, en: Consents}
"""
WHERE = "consents: {relation: consents, purpose: purpose, channel: channel, from: begins, to: ends}"
Row = dict[str, str]


def told_catalog() -> str:
    told = CATALOG.replace("      income:", FIELDS.lstrip("\n") + "      income:", 1)
    told = told.replace("    source: {files: \"person.csv\"}",
                        "    source: {files: \"person.csv\", removes: true}", 1)  # fmt: skip
    return told.replace("\nrelations:\n", CONSENT, 1) + WHERE + "\n"


class Told:
    """The bank with more to tell of four persons: `rows` and `consents` are its files."""

    def __init__(self, bank: Bank) -> None:
        self.bank = bank
        catalog = bank.workspace.root / "catalog" / "bank.yaml"
        catalog.write_text(told_catalog(), encoding="utf-8")
        self.rows: dict[str, Row] = {
            f"P{n:03}": {
                "person_id": f"P{n:03}", "name": f"顧客 {n:03}", "phone": f"090-0000-{n:04}",
                "branch": "本店", "owner": "S1", "income": "1", "birth_date": "1980-01-01",
                "email": f"p{n}@example.jp", "address": f"千代田区{n}-1", "household_no": "H1",
            }
            for n in range(1, 5)
        }  # fmt: skip
        self.consents: list[Row] = []

    def load(self) -> None:
        """Load the files, and let the gate's loop run until there is nothing more."""
        from enishi.sources.service import load

        self._write("person.csv", list(self.rows.values()))
        names = ["consent_id", "person_id", "purpose", "channel", "begins", "ends", "evidence"]
        self._write("firm.csv", [{"firm_no": "F001", "name": "日の出商事"}])
        self._write("consent.csv", self.consents, names)
        engine, catalog = self.bank.warehouse.engine, self.bank.warehouse.catalog
        for done in load(self.bank.workspace, engine, catalog, clock=self.bank.clock):
            assert str(done.state) == "loaded", done
        self.run()

    def run(self) -> None:
        while mirror.run_once():
            pass

    def id_of(self, key: str) -> str:
        found: str = self.bank.warehouse.find(
            key,
            actor=self.bank.actor("administrator"),
            subject="company" if key.startswith("F") else "person",
        )
        return found

    def answer(self, key: str, channel: str = "phone", purpose: str = "deposits") -> str:
        decision = service.decide(
            self.id_of(key), channel, purpose, at=self.bank.clock.now,
            actor=self.bank.actor("manager"),
        )  # fmt: skip
        return " ".join([str(decision.answer), *(r.code for r in decision.reasons)])

    def _write(self, name: str, rows: list[Row], names: list[str] | None = None) -> None:
        path: Path = self.bank.workspace.data / name
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, names or list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)


@pytest.fixture
def told(sqlite_bank: Bank) -> Told:
    from enishi.warehouse import process

    sqlite_bank.warehouse.close()
    process.use_warehouse(None)
    (sqlite_bank.workspace.warehouse_path).unlink()
    made = Told(sqlite_bank)
    sqlite_bank.reopen()
    made.load()
    return made


def test_the_gate_knows_what_the_warehouse_tells(told: Told) -> None:
    told.rows["P002"] |= {"phone": "", "birth_date": "1950-11-20", "household_no": ""}
    told.consents.append(
        {"consent_id": "C1", "person_id": "P001", "purpose": "deposits", "channel": "メール",
         "begins": "2026-04-01", "ends": "2026-11-21"}
    )  # fmt: skip
    told.load()
    one = Profile.objects.get(person=told.id_of("P001"))
    assert (one.birth_date, one.household) == (date(1980, 1, 1), "H1")
    assert set(one.reach.split(",")) == {"phone", "sms", "email", "post", "visit"}
    assert told.answer("P001", "email") == "allow"
    assert told.answer("P001", "email", "cards") == "deny consent.missing"
    assert told.answer("P002") == "deny address.missing"
    assert told.answer("P002", "post", "insurance") == "needs_approval age"
    told.bank.later(timedelta(days=1))  # the consent ends with the day before
    assert told.answer("P001", "email") == "deny consent.ended"


def test_a_load_changes_whom_it_touches_and_a_day_takes_who_is_gone(told: Told) -> None:
    before = dict(Profile.objects.values_list("person", "digest"))
    assert len(before) == 4
    told.consents.append(
        {"consent_id": "C1", "person_id": "P003", "purpose": "deposits", "channel": "",
         "begins": "2026-04-01", "ends": ""}
    )  # fmt: skip
    told.rows["P001"]["phone"] = ""
    told.load()
    after = dict(Profile.objects.values_list("person", "digest"))
    changed = {person for person in after if after[person] != before[person]}
    assert changed == {told.id_of("P001"), told.id_of("P003")}
    assert told.answer("P003", "email") == "allow"
    gone = told.id_of("P004")
    del told.rows["P004"]
    told.consents.clear()
    told.load()
    told.bank.later(timedelta(days=1))
    told.run()
    assert not Profile.objects.filter(person=gone).exists()
    assert not Consent.objects.filter(origin="catalog").exists()
    assert told.answer("P003", "email") == "deny consent.missing"


def test_whoever_the_copy_lacks_is_asked_about(told: Told) -> None:
    from enishi.warehouse import process
    from enishi.warehouse.client import Attached

    told.rows["P002"]["phone"] = ""
    told.load()
    persons = {key: told.id_of(key) for key in ("P001", "P002")}
    Profile.objects.all().delete()
    assert told.answer("P001") == "allow"
    assert told.answer("P002") == "deny address.missing"
    nobody = service.decide("pxx", "phone", "deposits", at=told.bank.clock.now,
                            actor=told.bank.actor("manager"))  # fmt: skip
    assert [r.code for r in nobody.reasons] == ["facts.unknown"]
    process.use_warehouse(Attached(told.bank.workspace))  # nobody opens: promotion waits
    assert told_closed(told, persons["P001"], "deposits") == ["facts.unknown"]
    assert told_closed(told, persons["P001"], "service") == []


def test_a_company_is_decided_by_what_can_be_said_of_a_company(told: Told) -> None:
    at, manager = told.bank.clock.now, told.bank.actor("manager")
    assert told.answer("F001") == "allow"  # no age and no address are asked of it
    assert told.answer("F001", "email") == "deny consent.missing"
    service.do_not_contact(told.id_of("F001"), channel="phone", at=at, actor=manager)
    assert told.answer("F001") == "deny do_not_contact"
    assert told.answer("F001", "visit") == "allow"
    nobody = service.decide("cxx", "phone", "deposits", at=at, actor=manager)
    assert [r.code for r in nobody.reasons] == ["facts.unknown"]


def test_a_loaded_consent_says_where_it_comes_from(told: Told) -> None:
    told.consents.append(
        {"consent_id": "G00004937", "person_id": "P001", "purpose": "deposits", "channel": "",
         "begins": "2026-04-01", "ends": "", "evidence": "申込書 12"}
    )  # fmt: skip
    told.consents.append(told.consents[0] | {"consent_id": "G2", "evidence": ""})
    told.load()
    found = set(Consent.objects.filter(origin="catalog").values_list("evidence", flat=True))
    assert found == {"consent G00004937: 申込書 12", "consent G2"}


def told_closed(told: Told, person: str, purpose: str) -> list[str]:
    decision = service.decide(
        person, "phone", purpose, at=told.bank.clock.now, actor=told.bank.actor("manager")
    )
    return [r.code for r in decision.reasons]


def rule_policy(**changes: Any) -> RulePolicy:
    body = {
        "kind": "rule", "name": {"ja": "高額預金", "en": "Large deposits"},
        "rule": {"field": "owner", "op": "eq", "value": "S2"},
        "answer": "deny", "say": {"ja": "担当替えの途中です", "en": "Changing hands"},
    }  # fmt: skip
    return RulePolicy.model_validate(body | changes)


EXAMPLE = Example.model_validate(
    {"name": {"ja": "止める", "en": "Stop"}, "facts": {"holds": True},
     "ask": {"channel": "phone", "purpose": "deposits"}, "at": "2026-11-20T10:00:00+09:00",
     "answer": "deny", "codes": ["rule.changing-hands"]}
)  # fmt: skip


def publish(told: Told, body: RulePolicy, slug: str = "changing-hands") -> str:
    actor, at = told.bank.actor("administrator"), told.bank.clock.now
    draft = policies.create(slug, body, [EXAMPLE], at=at, actor=actor)
    return policies.publish(draft.id, at=at, actor=actor).id


def test_a_rule_stops_whom_it_holds_of_and_follows_the_loads(told: Told) -> None:
    told.rows["P002"]["owner"] = "S2"
    told.load()
    version = publish(told, rule_policy())
    assert told.answer("P002") == "deny rule.changing-hands"  # asked of the warehouse, so far
    assert told.answer("P001") == "allow"
    told.run()
    assert told.answer("P001") == "allow"
    assert told.answer("P002") == "deny rule.changing-hands"
    told.rows["P002"]["owner"], told.rows["P001"]["owner"] = "S1", "S2"
    told.load()
    assert list(ProfileRule.objects.values_list("version", "person")) == [
        (version, told.id_of("P001"))
    ]
    assert told.answer("P001") == "deny rule.changing-hands"
    policies.retire("changing-hands", at=told.bank.clock.now,
                    actor=told.bank.actor("administrator"))  # fmt: skip
    told.run()
    assert not ProfileRule.objects.exists()
    assert told.answer("P001") == "allow"


def test_whole_lists_are_stopped_as_single_persons_are(told: Told) -> None:
    """The query over everybody against `decide`, in the hours when only lasting reasons stop."""
    told.rows["P001"]["phone"] = ""
    told.rows["P002"] |= {"birth_date": "1950-01-01", "owner": "S2"}
    told.rows["P003"]["birth_date"] = ""
    told.consents += [
        {"consent_id": f"C{n}", "person_id": f"P00{n}", "purpose": "deposits", "channel": channel,
         "begins": "2026-04-01", "ends": ends}
        for n, channel, ends in ((1, "", ""), (2, "email", "2026-05-01"), (4, "phone", ""))
    ]  # fmt: skip
    told.load()
    publish(told, rule_policy())
    told.run()
    at, manager = told.bank.clock.now, told.bank.actor("manager")
    from enishi.gate import consents

    for key, given, channel in (("P001", False, "email"), ("P003", True, None),
                                ("P003", False, "post")):  # fmt: skip
        consents.record(
            told.id_of(key), given=given, channel=channel, how="phone", wording="口頭",
            said_at=at - timedelta(days=1), at=at, actor=manager,
        )  # fmt: skip
    service.hold(told.id_of("P004"), "complaint", at=at, actor=manager)
    everybody = [told.id_of(key) for key in told.rows]
    for channel in ("phone", "email", "post", "visit", "sms"):
        for purpose in ("deposits", "insurance", "service", "transactional"):
            decided = service.decide_many(everybody, channel, purpose, at=at, actor=manager)
            expected = {person for person, told_ in decided.items() if not told_.allowed}
            found = set(service.stopped_persons(channel, purpose, at=at).order_by())
            assert found & set(everybody) == expected, (channel, purpose)
            codes = service.reasons_among(everybody, channel, purpose, None, at=at)
            first = {p: decided[p].reasons[0].code for p in expected}
            assert codes == first, (channel, purpose)
            test = service.stopped_test(channel, purpose, at=at)
            rows = Profile.objects.filter(test).values_list("person", flat=True)
            assert set(rows) == expected, (channel, purpose)
