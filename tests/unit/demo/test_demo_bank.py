"""The demo bank whole: its catalog, its real load, what its definitions yield, and the command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from demo_bank import CUSTOMERS, DemoBank
from enishi.book.access import OPERATOR, Actor
from enishi.book.roles import DEFAULT_PII
from enishi.book.workspace import Workspace, read_workspace
from enishi.catalog.load import load_catalog
from enishi.catalog.sensitive import names_my_number
from enishi.catalog.types import Catalog, DatasetKind, Pii
from enishi.demo.columns import Today
from enishi.demo.files import write_files
from enishi.demo.loading import load_files, write_template
from enishi.demo.service import MARK, found, make, remove
from enishi.demo.signins import PASSWORD
from enishi.demo.wishes import WISHES
from enishi.kernel.errors import Conflict, EnishiError, Forbidden
from enishi.rules import check_rule, check_value, read_json
from enishi.warehouse.client import open_file
from enishi.warehouse.unseen import refuse_unseen
from enishi.warehouse.warehouse import Warehouse

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
SLUGS = {
    "deposit-maturity", "dormant-customers", "housing-loan-refinance", "senior-care",
    "nps-detractors", "application-help",
}  # fmt: skip
Loaded = tuple[Workspace, Warehouse, dict[str, int], int]


def as_rule(value: object) -> Any:
    return read_json(json.dumps(value))


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("template")
    write_template(root)
    return root


@pytest.fixture(scope="module")
def catalog(template: Path) -> Catalog:
    return load_catalog(template)


@pytest.fixture(scope="module")
def definitions(template: Path) -> dict[str, dict[str, Any]]:
    read = [yaml.safe_load(f.read_text("utf-8")) for f in (template / "definitions").glob("*.yaml")]
    return {definition["slug"]: definition for definition in read}


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    """20,000 customers, generated and loaded by the real loader."""
    root = tmp_path_factory.mktemp("bank")
    write_template(root)
    workspace = read_workspace(root)
    workspace.prepare()
    _, written = write_files(workspace.data, 20_000, 1, Today(NOW), lambda _name, _part: None)
    loaded = load_files(workspace, NOW, lambda: NOW, lambda _what, _part: None)
    with open_file(workspace, clock=lambda: NOW) as warehouse:
        yield workspace, warehouse, written, loaded


# ------------------------------------------------------------------------------------- catalog


def texts(catalog: Catalog) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = [(p.name, p.label) for p in catalog.purposes.values()]
    for dataset in catalog.datasets.values():
        found.append((dataset.name, dataset.label))
        found += [(f"{dataset.name}.{f.name}", f.label) for f in dataset.fields.values()]
        found += [
            (f"{dataset.name}.{r.name}", r.label)
            for r in catalog.relations.get(dataset.name, {}).values()
        ]
    return found


def test_every_label_is_there_in_both_languages(catalog: Catalog) -> None:
    for name, label in texts(catalog):
        own = name.rpartition(".")[2]
        assert label.ja != own, name
        assert label.en != own, name
        assert not label.ja.isascii() or label.ja.isupper(), name
        assert label.en.isascii(), name


def test_the_catalog_shows_what_a_catalog_can(catalog: Catalog) -> None:
    kinds = {dataset.kind for dataset in catalog.datasets.values()}
    assert kinds == set(DatasetKind)
    assert {d.subject for d in catalog.subjects()} == {"person", "company"}
    assert catalog.consents is not None
    own = [dataset for dataset in catalog.datasets.values() if not dataset.builtin]
    assert all(dataset.fresh_for for dataset in own)
    events = [d for d in own if d.event is not None]
    assert len(events) == 10
    person = catalog.datasets["person"]
    assert person.fields["annual_income"].pii is Pii.HIGH
    for name in ("name", "email", "mobile", "birth_date", "address"):
        assert person.fields[name].pii is not Pii.NONE


def test_there_is_no_personal_number(catalog: Catalog) -> None:
    for dataset in catalog.datasets.values():
        for field in dataset.fields.values():
            assert not names_my_number(field.name)
            assert not names_my_number(field.label.ja)


def test_balances_serve_insurance_only_with_consent(catalog: Catalog) -> None:
    rule = {"related": "deposits", "measure": {"sum": "balance"}, "op": "gt", "value": 10_000_000}
    assert not check_rule(rule, catalog, subject="person", purpose="deposits").consent_added
    assert check_rule(rule, catalog, subject="person", purpose="insurance").consent_added


def test_a_marketer_may_ask_for_amounts_but_not_for_who_somebody_is(catalog: Catalog) -> None:
    marketer = Actor("u1", "marketer", None, {}, DEFAULT_PII["marketer"])

    def asked(test: dict[str, Any], purpose: str = "service") -> None:
        rule = check_rule(test, catalog, subject="person", purpose=purpose)
        refuse_unseen(rule, marketer, catalog)

    for relation, field in (
        ("deposits", "balance"),
        ("loans", "balance"),
        ("investments", "market_value"),
        ("policies", "yearly_premium"),
        ("cards", "credit_limit"),
    ):
        asked({"related": relation, "measure": {"sum": field}, "op": "ge", "value": 1_000_000})
    asked({"event": "purchase", "measure": {"sum": "amount"}, "op": "ge", "value": 1}, "cards")
    for name, op, value in (
        ("name", "starts_with", "佐"),
        ("mobile", "eq", "090"),
        ("annual_income", "ge", 1),
    ):
        with pytest.raises(Forbidden, match="masked for your role"):
            asked({"field": name, "op": op, "value": value})


# --------------------------------------------------------------------------------- definitions


def test_definitions_hold_good_and_are_complete(
    catalog: Catalog, definitions: dict[str, dict[str, Any]]
) -> None:
    assert set(definitions) == SLUGS
    for slug, definition in definitions.items():
        purpose = definition["purpose"]
        checked = check_rule(
            as_rule(definition["rule"]), catalog, subject="person", purpose=purpose, audience=True
        )
        assert checked.warnings == (), slug
        assert len(checked.datasets - {"person", "email_event"}) >= 2, slug
        assert len(definition["columns"]) >= 10
        for column in definition["columns"]:
            check_value(as_rule(column["value"]), catalog, subject="person", purpose=purpose)
        roles = [column.get("role") for column in definition["columns"]]
        assert roles.count("owner") == roles.count("branch") == 1
        kinds = {outcome["kind"] for outcome in definition["outcomes"]}
        assert kinds >= {"no_answer", "reached", "positive", "won", "refused", "complaint"}
        guide = definition["talk_guide"]
        assert len(guide) > 400
        for word in ("致し", "！", "!"):
            assert word not in guide, slug


def test_scores_of_the_lists_hold_good(
    catalog: Catalog, definitions: dict[str, dict[str, Any]]
) -> None:
    for wish in WISHES:
        purpose = definitions[wish.definition]["purpose"]
        for part in wish.priority.get("parts", ()):
            check_value(as_rule(part["value"]), catalog, subject="person", purpose=purpose)


# -------------------------------------------------------------------------------------- a load


def test_everything_loads_and_nothing_is_dropped(bank: Loaded) -> None:
    workspace, warehouse, written, loaded = bank
    assert loaded == sum(written.values())
    catalog = load_catalog(workspace.root)
    with warehouse.engine.read() as question:
        for name, dataset in catalog.datasets.items():
            if not dataset.builtin:
                assert question.one(f'SELECT count(*) FROM data."{name}"') > 0, name
        assert question.one("SELECT count(*) FROM enishi.dead_letters") == 0


def ask(warehouse: Warehouse, rule: object, **more: Any) -> int:
    return int(warehouse.count(as_rule(rule), actor=OPERATOR, **more)["count"])


@pytest.mark.parametrize("slug", sorted(SLUGS - {"application-help"}))  # its people are visitors
def test_each_definition_yields_a_workable_list(
    bank: Loaded, definitions: dict[str, dict[str, Any]], slug: str
) -> None:
    definition = definitions[slug]
    rule = {
        "version": 1,
        "subject": "person",
        "purpose": definition["purpose"],
        "rule": definition["rule"],
    }
    assert 50 <= ask(bank[1], rule) <= 2_000


def test_maturities_come_out_as_plain_sql_counts_them(
    bank: Loaded, definitions: dict[str, dict[str, Any]]
) -> None:
    """The first condition of 満期案内, counted a second way."""
    first = {"version": 1, "subject": "person", "purpose": "deposits"}
    first["rule"] = definitions["deposit-maturity"]["rule"]["all"][0]
    with bank[1].engine.read() as question:
        plain = question.one(
            "SELECT count(*) FROM (SELECT customer_no FROM data.deposit WHERE kind = '定期預金' AND"
            " matures_on >= DATE '2026-11-21' AND matures_on < DATE '2026-11-21' + 60"
            " GROUP BY 1 HAVING sum(balance) >= 1000000)"
        )
    assert ask(bank[1], first) == plain


def test_the_past_can_be_asked(bank: Loaded) -> None:
    rule = {"field": "standing.stage", "op": "eq", "value": "ゴールド"}
    then = NOW - timedelta(days=100)
    assert ask(bank[1], rule) != ask(bank[1], rule, as_of=then)
    everybody = {"field": "customer_no", "op": "is_set"}
    assert ask(bank[1], everybody, as_of=then) < ask(bank[1], everybody) == 20_000


def test_birthdays_lie_around_today(bank: Loaded) -> None:
    rule = {"field": "birth_date", "op": "anniversary_during", "value": {"next": "7d"}}
    assert 200 < ask(bank[1], rule) < 700


# --------------------------------------------------------------------------------- the command


def command(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("ENISHI_", "DJANGO_"))}
    return subprocess.run(
        [sys.executable, "-m", "enishi.cli.main", "demo", "--no-serve", *arguments],
        cwd=folder,
        env=environment | {"ENISHI_LANG": "en"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


CHECK = """
import json, sys
from pathlib import Path
from enishi.book.setup import setup
from enishi.book.workspace import read_workspace
setup(read_workspace(Path("demo")))
from django.contrib.auth import authenticate
from enishi.book import audit
from enishi.book.access import OPERATOR, actor_of
from enishi.book.accounts import find_user
from enishi.lists.access import lists_for
from enishi.lists.visible import members
from enishi.journeys.models import Enrollment, Journey
from enishi.messages.models import Delivery, MailboxItem, Template
told = {
    "faults": len(audit.verify().faults),
    "approved": Template.objects.filter(versions__state="approved").count(),
    "live": sorted(Journey.objects.filter(state="live").values_list("slug", flat=True)),
    "walks": Enrollment.objects.count(),
    "sent": Delivery.objects.filter(state="sent").count(),
    "unfinished": Delivery.objects.filter(state="attempting").count(),
    "mails": MailboxItem.objects.count(),
}
for mailbox in ("manager", "rep"):
    user = find_user(f"{mailbox}@example.jp")
    told[mailbox] = {
        "password": user.check_password(sys.argv[1]),
        "scope": actor_of(user).scope,
        "lists": {
            found.name: {
                "state": str(found.state),
                "worked": members(found).filter(attempts__gt=0).count(),
                "members": members(found).count(),
            }
            for found in lists_for(actor_of(user))
        },
    }
print(json.dumps(told))
"""


def test_the_command_makes_a_living_bank_in_an_empty_folder(
    demo_bank: DemoBank, tmp_path: Path
) -> None:
    for who in ("admin@", "manager@", "rep@", "marketer@", "analyst@", "auditor@", PASSWORD):
        assert who in demo_bank.said
    assert f"{CUSTOMERS:,} customers" in demo_bank.said
    demo_bank.lend(tmp_path / "demo")
    asked = subprocess.run(
        [sys.executable, "-c", CHECK, PASSWORD], cwd=tmp_path, capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip
    assert asked.returncode == 0, asked.stderr
    told = json.loads(asked.stdout)
    assert told["faults"] == 0
    assert told["approved"] == 4
    assert told["live"] == ["maturity-guide", "unfinished-application"]
    assert told["walks"] > 0
    assert told["mails"] == told["sent"] > 20
    assert told["unfinished"] == 0
    for person in ("manager", "rep"):
        assert told[person]["password"]
        assert told[person]["scope"]["value"] == {"user": "branch"}
        assert len(told[person]["lists"]) == 4
    lists = told["manager"]["lists"].values()
    assert all(found["state"] == "open" for found in lists)
    assert sum(found["worked"] for found in lists) > 0

    again = command(tmp_path)
    assert again.returncode == 0
    assert "Made" not in again.stdout
    other = command(tmp_path, "--customers", str(CUSTOMERS - 1))
    assert other.returncode == 1
    assert "--fresh" in other.stderr


def test_only_a_demo_bank_is_ever_thrown_away(tmp_path: Path) -> None:
    (tmp_path / "important.txt").write_text("mine")
    with pytest.raises(Conflict, match="not empty"):
        make(tmp_path, 500)
    with pytest.raises(Conflict, match="not empty"):
        remove(tmp_path)
    assert (tmp_path / "important.txt").read_text() == "mine"
    assert found(tmp_path) is None
    remove(tmp_path / "absent")


def test_an_unfinished_bank_is_not_served(tmp_path: Path) -> None:
    (tmp_path / MARK).write_text('{"customers": 500, "seed": 1, "finished": false}')
    assert found(tmp_path) is None
    (tmp_path / MARK).write_text("not json")
    assert found(tmp_path) is None
    remove(tmp_path)
    assert not tmp_path.exists()


def test_too_small_a_bank_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EnishiError, match="500") as refused:
        make(tmp_path / "small", 499)
    assert refused.value.code == "too_few_customers"
    assert not (tmp_path / "small").exists()
