"""The demo bank's files: the same from the same seed, plausible, correlated, and nobody real."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from enishi.catalog.sensitive import names_my_number
from enishi.demo.activity import thinning
from enishi.demo.columns import Today
from enishi.demo.files import write_files
from enishi.demo.names import ERAS, given_names, latin, surnames
from enishi.demo.offices import open_offices
from enishi.demo.places import PLACES, TOWNS, branches
from enishi.demo.signins import BRANCHES, sign_ins
from enishi.demo.story import business_day, shown_day

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)  # 17:00 in Tokyo
CUSTOMERS = 6_000


class Bank:
    """The files of a small bank as views of an in-memory database."""

    def __init__(self, folder: Path, rows: dict[str, int]) -> None:
        self.folder, self.rows = folder, rows
        self._db = duckdb.connect()
        self._db.execute("SET TimeZone = 'Asia/Tokyo'")
        for file in folder.glob("*.*"):
            if file.suffix == ".parquet":
                self._db.execute(f"CREATE VIEW {file.stem} AS FROM '{file}'")
            elif "cp932" not in file.name:
                self._db.execute(f"CREATE VIEW {file.stem} AS FROM read_csv('{file}')")

    def one(self, sql: str) -> Any:
        row = self._db.execute(sql).fetchone()
        assert row is not None
        return row[0]

    def all(self, sql: str) -> list[tuple[Any, ...]]:
        return self._db.execute(sql).fetchall()


def write(folder: Path, customers: int, seed: int) -> dict[str, int]:
    _, rows = write_files(folder, customers, seed, Today(NOW), lambda _name, _part: None)
    return rows


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Bank:
    folder = tmp_path_factory.mktemp("bank")
    return Bank(folder, write(folder, CUSTOMERS, 7))


def digests(folder: Path) -> dict[str, str]:
    return {
        file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*.*"))
    }


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        write(tmp_path / name, 600, seed)
    first, again, other = (digests(tmp_path / name) for name in "abc")
    assert first == again
    assert len(first) > 20
    # The branches are the same for every seed; everything that people do differs.
    assert {name for name in first if first[name] == other[name]} <= {"branches.csv"}


def test_every_file_is_written_and_the_rows_are_told(bank: Bank) -> None:
    assert bank.rows["persons.parquet"] == CUSTOMERS == bank.one("SELECT count(*) FROM persons")
    for name, rows in bank.rows.items():
        assert rows > 0, name
        assert (bank.folder / name).is_file()
    assert "行員番号" in (bank.folder / "staff_cp932.csv").read_text(encoding="cp932")


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("persons", "customer_no"), ("households", "household_no"), ("companies", "company_no"),
        ("deposits", "account_no"), ("cards", "card_no"), ("loans", "loan_no"),
        ("investments", "fund_no"), ("policies", "policy_no"), ("transactions", "transaction_no"),
        ("purchases", "purchase_no"), ("web_visits", "visit_no"), ("emails", "mail_no"),
        ("contacts", "contact_no"), ("complaints", "complaint_no"), ("refusals", "refusal_no"),
        ("nps_answers", "answer_no"), ("life_events", "life_event_no"),
        ("cancellations", "cancellation_no"), ("consents", "consent_no"),
        ("company_loans", "loan_no"), ("standing", "customer_no"),
    ],
)  # fmt: skip
def test_keys_are_unique(bank: Bank, table: str, key: str) -> None:
    assert bank.one(f"SELECT count(*) - count(DISTINCT {key}) FROM {table}") == 0


@pytest.mark.parametrize(
    ("child", "column", "parent", "key"),
    [
        ("persons", "household_no", "households", "household_no"),
        ("persons", "employer_no", "companies", "company_no"),
        ("persons", "branch", "branches", "branch_code::VARCHAR"),
        ("companies", "parent_no", "companies", "company_no"),
        ("deposits", "customer_no", "persons", "customer_no"),
        ("transactions", "account_no", "deposits", "account_no"),
        ("purchases", "card_no", "cards", "card_no"),
        ("web_visits", "customer_no", "persons", "customer_no"),
        ("contacts", "customer_no", "persons", "customer_no"),
        ("nps_answers", "customer_no::VARCHAR", "persons", "customer_no"),
    ],
)
def test_foreign_keys_lead_somewhere(
    bank: Bank, child: str, column: str, parent: str, key: str
) -> None:
    dangling = (
        f"SELECT count(*) FROM {child} WHERE {column} IS NOT NULL"
        f" AND {column} NOT IN (SELECT {key} FROM {parent})"
    )
    assert bank.one(dangling) == 0


@pytest.mark.parametrize(
    "table",
    ["transactions", "purchases", "web_visits", "emails", "contacts", "complaints", "refusals",
     "nps_answers", "cancellations"],
)  # fmt: skip
def test_what_happened_lies_within_two_years_and_not_in_the_future(bank: Bank, table: str) -> None:
    first, last = bank.all(
        f"SELECT min(epoch(ts)), max(epoch(ts)) FROM {table}"
    )[0]  # fmt: skip
    assert last <= NOW.timestamp()
    assert last > NOW.timestamp() - 20 * 86_400
    assert first >= NOW.timestamp() - 735 * 86_400


def test_ages_follow_the_pyramid(bank: Bank) -> None:
    shares = dict(
        bank.all(
            "SELECT CASE WHEN age < 18 THEN 'young' WHEN age < 65 THEN 'working' ELSE 'old' END,"
            " count(*) / sum(count(*)) OVER () FROM (SELECT date_diff('year', birth_date,"
            " DATE '2026-11-21') AS age FROM persons) GROUP BY 1"
        )
    )
    assert 0.05 < shares["young"] < 0.20
    assert 0.50 < shares["working"] < 0.75
    assert 0.15 < shares["old"] < 0.35
    women = bank.one("SELECT avg((gender = '女性')::INT) FROM persons")
    assert 0.46 < women < 0.56


def test_nobody_is_a_customer_before_birth_or_after_today(bank: Bank) -> None:
    assert bank.one("SELECT count(*) FROM persons WHERE customer_since < birth_date") == 0
    assert bank.one("SELECT count(*) FROM persons WHERE customer_since > DATE '2026-11-21'") == 0


def test_salaries_make_balances_and_balances_make_investors(bank: Bank) -> None:
    with_salary, without = (
        bank.one(
            "SELECT median(balance) FROM deposits JOIN persons USING (customer_no) WHERE"
            f" kind = '普通預金' AND occupation = '会社員' AND salary_account = {flag}"
        )
        for flag in ("true", "false")
    )
    assert with_salary > 1.2 * without
    rich, poor = (
        bank.one(
            "WITH held AS (SELECT customer_no, sum(balance) AS total FROM deposits GROUP BY 1)"
            " SELECT avg((customer_no IN (SELECT customer_no FROM investments))::INT) FROM held"
            f" WHERE total {test}"
        )
        for test in ("> 3000000", "< 300000")
    )
    assert rich > 2 * poor


def test_signals_come_before_cancellations(bank: Bank) -> None:
    """Who cancels a card has complained, looked at the page, and stopped using it before."""
    before = bank.one(
        "SELECT avg((EXISTS (FROM web_visits v WHERE v.customer_no = c.customer_no AND v.page ="
        " 'カード解約手続き' AND v.ts::DATE BETWEEN cancelled_on - 31 AND cancelled_on))::INT)"
        " FROM cards c WHERE status = '解約' AND cancelled_on > DATE '2025-01-15'"
    )
    assert before > 0.5
    after = bank.one(
        "SELECT count(*) FROM purchases JOIN cards USING (card_no) WHERE ts::DATE >= cancelled_on"
    )
    assert after == 0
    grieved, others = (
        bank.one(
            "SELECT avg((status = '解約')::INT) FROM cards WHERE customer_no"
            f" {test} (SELECT customer_no::VARCHAR FROM complaints)"
        )
        for test in ("IN", "NOT IN")
    )
    assert grieved > 3 * others


def test_who_complained_recommends_less(bank: Bank) -> None:
    after, others = bank.one(
        "WITH a AS (SELECT n.score, EXISTS (FROM complaints c WHERE c.customer_no = n.customer_no"
        " AND c.ts < n.ts) AS grieved FROM nps_answers n)"
        " SELECT [avg(score) FILTER (grieved), avg(score) FILTER (NOT grieved)] FROM a"
    )
    assert after < others - 2


def test_the_dormant_have_not_moved_for_a_year(bank: Bank) -> None:
    idle = bank.one(
        "SELECT count(*) FROM persons p WHERE NOT EXISTS (FROM transactions JOIN deposits d"
        " USING (account_no) WHERE d.customer_no = p.customer_no AND ts > TIMESTAMPTZ"
        " '2025-11-21 00:00:00+09')"
    )
    assert 0.02 * CUSTOMERS < idle < 0.2 * CUSTOMERS
    late = bank.one(
        "SELECT count(*) FROM deposits d WHERE kind = '普通預金' AND last_moved_on <"
        " (SELECT max(ts)::DATE FROM transactions t WHERE t.account_no = d.account_no) - 365"
    )
    assert late == 0


def test_no_number_can_ring_and_no_address_can_receive(bank: Bank) -> None:
    for table, column in (
        ("persons", "mobile"), ("persons", "home_phone"), ("companies", "phone"),
        ("branches", "phone"),
    ):  # fmt: skip
        numbers = [row[0] for row in bank.all(f"SELECT {column} FROM {table}") if row[0]]
        assert numbers
        # No Japanese exchange and no mobile block begins with 0.
        wrong = [n for n in numbers if not re.fullmatch(r"0\d{1,3}-0\d{2,3}-\d{4}", n)]
        assert wrong == []
    mails = bank.all("SELECT email FROM persons WHERE email IS NOT NULL")
    assert all(mail[0].endswith(("@example.jp", "@example.com")) for mail in mails)
    assert all(re.fullmatch(r"[a-z]+\.[a-z]+\d+@example\.(jp|com)", mail[0]) for mail in mails)


def check_digit(body: str) -> int:
    """The check digit of a corporate number (法人番号の指定等に関する省令, article 2)."""
    weights = [1 if place % 2 else 2 for place in range(1, 13)]
    total = sum(int(d) * w for d, w in zip(reversed(body), weights, strict=True))
    return 9 - total % 9


def test_no_corporate_number_is_a_real_one(bank: Bank) -> None:
    assert check_digit("000012050002") == 7  # the tax agency's own number is 7000012050002
    numbers = [row[0] for row in bank.all("SELECT corporate_number FROM companies")]
    assert all(len(n) == 13 and n.isdigit() for n in numbers)
    assert [n for n in numbers if check_digit(n[1:]) == int(n[0])] == []


def test_no_column_holds_a_personal_number(bank: Bank) -> None:
    for table in ("persons", "companies", "deposits", "cards", "policies"):
        columns = [row[0] for row in bank.all(f"DESCRIBE {table}")]
        assert [name for name in columns if names_my_number(name)] == []


def test_groups_of_companies_share_a_name(bank: Bank) -> None:
    groups = bank.one("SELECT count(DISTINCT parent_no) FROM companies")
    assert groups >= 10
    assert bank.one(
        "SELECT count(*) FROM companies c JOIN companies p ON c.parent_no = p.company_no"
        " WHERE p.parent_no IS NOT NULL OR c.company_no = p.company_no"
    ) == 0  # fmt: skip


def test_families_live_together_and_share_a_name(bank: Bank) -> None:
    apart = bank.one(
        "SELECT count(*) FROM (SELECT household_no FROM persons GROUP BY 1 HAVING"
        " count(DISTINCT address) > 1 OR count(DISTINCT split_part(name, '　', 1)) > 1)"
    )
    assert apart == 0


def test_there_are_enough_names() -> None:
    assert len(surnames().written) >= 200
    assert len(set(surnames().written)) == len(surnames().written)
    given = [n for w in (True, False) for e in range(ERAS) for n in given_names(w, e).written]
    assert len(given) == 6 * 32 == len(set(given))
    for names in (surnames(), *(given_names(w, e) for w in (True, False) for e in range(ERAS))):
        assert all(re.fullmatch(r"[ァ-ヶー]+", kana) for kana in names.kana)
        for name in names.written:
            name.encode("cp932")
    assert (latin("オオツカ"), latin("イノウエ"), latin("シュンイチロウ")) == (
        "otsuka", "inoue", "shunichiro",
    )  # fmt: skip


def test_branches_grow_with_the_bank() -> None:
    assert len(branches(500)) == len(branches(20_000)) == 12
    large = branches(1_000_000)
    assert len(large) == 144
    assert len({b.name for b in large}) == len({b.code for b in large}) == 144
    assert len(set(TOWNS)) == 40
    assert {p.region for p in PLACES} >= {"関東", "関西", "中部", "九州"}


def test_sign_ins_match_the_staff(bank: Bank) -> None:
    offices = open_offices(7, CUSTOMERS)
    people = sign_ins(offices)
    main = [p.role for p in people if p.main]
    assert main == [
        "administrator", "manager", "representative", "marketer", "analyst", "auditor",
    ]  # fmt: skip
    assert len({p.email for p in people}) == len(people)
    text = (bank.folder / "staff_cp932.csv").read_text(encoding="cp932").splitlines()[1:]
    staff = {line.split(",")[0].strip('"'): line.split(",")[3].strip('"') for line in text}
    for person in people:
        if person.attributes:
            assert staff[person.attributes["staff_code"]] == person.attributes["branch"]
            assert person.attributes["branch"] in BRANCHES


def test_history_is_thinned_only_for_many_customers() -> None:
    assert thinning(100_000).kept == 1.0
    assert thinning(1_000_000).whole == 120
    assert 0.0 < thinning(1_000_000).kept < 0.1


def test_follow_ups_stand_on_business_days() -> None:
    friday, sunday, monday = date(2026, 11, 20), date(2026, 11, 22), date(2026, 11, 23)
    assert [business_day(day) for day in (friday, sunday, monday)] == [friday, monday, monday]
    assert shown_day(friday, later=True) == friday
    # On a Sunday the page shows what Friday left over; the rest waits for Monday.
    assert shown_day(sunday, later=False) == friday
    assert shown_day(sunday, later=True) == monday
