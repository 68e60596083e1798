"""Scores, exact JSON, defused cells, CP932, definitions as files: pure parts of lists."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from enishi.book.jsontext import digest, dumps, loads
from enishi.book.models import AuditRow
from enishi.book.sheets import defused, fit_cp932
from enishi.kernel.errors import Forbidden, Invalid
from enishi.lists import as_code, definitions
from enishi.lists.body import DefinitionBody, exact
from enishi.lists.models import ListDefinition
from enishi.lists.schemas import ScorePriority
from enishi.lists.scoring import alias, reason_sentences, score, thresholds
from enishi.lists.work_schemas import BulkIn
from lists_world import BODY, Bank

LABEL = {"ja": "残高", "en": "Balance"}


def priority(**part: object) -> ScorePriority:
    return ScorePriority.model_validate(
        {"kind": "score", "parts": [{"value": {"field": "x"}, "label": LABEL, **part}]}
    )


@pytest.mark.parametrize(
    ("part", "value", "points"),
    [
        ({"weight": 0.5}, Decimal("10.50"), 5.25),
        ({"weight": 3}, True, 3),
        ({"weight": 3}, None, 0),
        ({"map": {"A": 5, "*": 1}}, "A", 5),
        ({"map": {"A": 5, "*": 1}}, "Z", 1),
        ({"map": {"A": 5}}, "Z", 0),
        ({"bands": [{"from": 100, "points": 9}, {"from": 10, "points": 4}]}, 50, 4),
        ({"bands": [{"from": 100, "points": 9}]}, 5, 0),
    ],
)
def test_points(part: dict[str, object], value: object, points: float) -> None:
    asked = priority(**part)
    total, reasons = score(asked, {alias(0): value})
    assert total == points
    assert bool(reasons) is bool(points)


def test_reasons_are_words() -> None:
    asked = priority(weight=-0.001)
    _, reasons = score(asked, {alias(0): 12345})
    assert reason_sentences(asked, reasons, "ja") == ["残高 12,345（−12.35点）"]
    hidden = reason_sentences(asked, reasons, "ja", hidden=frozenset({0}))
    assert hidden == ["残高 •••（−12.35点）"]
    money = reason_sentences(asked, reasons, "ja", units=["money"])
    assert money == ["残高 12,345円（−12.35点）"]
    assert reason_sentences(asked, reasons, "en", units=["money"]) == ["Balance ¥12,345 (−12.35)"]
    yes = score(priority(weight=10), {alias(0): True})[1]
    assert reason_sentences(priority(weight=10), yes, "ja") == ["残高（+10点）"]
    no = score(priority(map={"false": 5}), {alias(0): False})[1]
    assert reason_sentences(priority(map={"false": 5}), no, "en") == ["Balance: no (+5)"]


def test_thresholds_fall_on_shares_and_are_kept() -> None:
    asked = priority(weight=1)
    cut = thresholds(asked, [float(n) for n in range(1, 11)], None)
    assert [cut.priority(n).name for n in (10, 9, 8, 6, 5)] == [
        "HIGH", "HIGH", "MEDIUM", "MEDIUM", "LOW"
    ]  # fmt: skip
    kept = thresholds(asked, [1.0], {"high_from": 50, "medium_from": 20})
    assert kept.priority(40).name == "MEDIUM"


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**15),
                   max_value=10**15))  # fmt: skip
def test_decimals_keep_their_digits(value: Decimal) -> None:
    assert loads(dumps({"x": value}))["x"] == value
    assert digest({"a": 1, "b": value}) == digest({"b": value, "a": 1})


@pytest.mark.parametrize(
    "text", ["=1+1", "+81", "-x", "@a", "\t=1", "\r=1", " =1", "＝1", "－x", "−x", "\0=1"]
)
def test_formulas_are_defused(text: str) -> None:
    assert defused(text) == "'" + text


@pytest.mark.parametrize("cell", [-5, Decimal("-1.5"), "-5", "-5.25", "a=b", "顧客"])
def test_plain_cells_stay(cell: object) -> None:
    assert defused(cell) == cell


@given(st.text(max_size=40))
def test_cp932_always_fits_and_counts_what_it_lost(text: str) -> None:
    fitted, lost = fit_cp932(text)
    fitted.encode("cp932")
    assert len(fitted) == len(text)
    assert lost <= fitted.count("〓")


def test_a_misspelt_definition_is_refused() -> None:
    with pytest.raises(ValidationError):
        DefinitionBody.model_validate(BODY | {"colums": []})
    with pytest.raises(ValidationError):
        DefinitionBody.model_validate(BODY | {"statuses": BODY.get("statuses", [])})
    assert exact({"a": 0.7}) == {"a": Decimal("0.7")}


def test_files_go_round(sqlite_bank: Bank, tmp_path: Path) -> None:
    actor = sqlite_bank.actor("administrator")
    content = {"version": 1, "slug": "deposits", **BODY}
    content["rule"] = BODY["rule"] | {"value": 0.7}
    (tmp_path / "deposits.yaml").write_text(
        yaml.safe_dump(content, allow_unicode=True), encoding="utf-8"
    )
    assert [a.what for a in as_code.apply(tmp_path, actor)] == ["created"]
    assert [a.what for a in as_code.apply(tmp_path, actor)] == ["unchanged"]
    out = tmp_path / "out"
    [written] = as_code.export(out, actor)
    assert as_code.read(written).body() == as_code.read(tmp_path / "deposits.yaml").body()
    assert [a.what for a in as_code.apply(out, actor)] == ["unchanged"]
    changed = yaml.safe_load(written.read_text(encoding="utf-8")) | {"talk_guide": "新しい"}
    written.write_text(yaml.safe_dump(changed, allow_unicode=True), encoding="utf-8")
    [applied] = as_code.apply(out, actor)
    assert (applied.what, applied.version) == ("new_version", 2)
    definitions.retire(definitions.get_definition("deposits").id, actor)
    assert as_code.export(tmp_path / "later", actor) == []
    assert AuditRow.objects.filter(action="definition.export").count() == 2
    with pytest.raises(Forbidden):
        as_code.apply(out, sqlite_bank.actor("manager"))


def test_of_several_files_all_are_checked_before_one_is_applied(
    sqlite_bank: Bank, tmp_path: Path
) -> None:
    actor = sqlite_bank.actor("administrator")

    def write(name: str, **content: object) -> None:
        text = yaml.safe_dump({"version": 1, **BODY, **content}, allow_unicode=True)
        (tmp_path / name).write_text(text, encoding="utf-8")

    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(Invalid) as refused:
        as_code.apply(empty, actor)
    assert refused.value.code == "no_definitions"
    write("a.yaml", slug="a")
    write("b.yaml", slug="b", rule={"field": "brunch", "op": "is_set"})
    with pytest.raises(Invalid):
        as_code.apply(tmp_path, actor)
    assert ListDefinition.objects.count() == 0
    write("b.yaml", slug="a")
    with pytest.raises(Invalid) as twice:
        as_code.apply(tmp_path, actor)
    assert twice.value.faults[0].code == "slug_twice"
    assert ListDefinition.objects.count() == 0


def test_a_faulty_file_is_named_with_its_place(sqlite_bank: Bank, tmp_path: Path) -> None:
    actor = sqlite_bank.actor("administrator")
    path = tmp_path / "broken.yaml"
    path.write_text(
        yaml.safe_dump(
            {"version": 1, "slug": "x", **BODY, "rule": {"field": "brunch", "op": "is_set"}}
        ),
        encoding="utf-8",
    )
    with pytest.raises(Invalid) as refused:
        as_code.apply(path, actor)
    fault = refused.value.faults[0]
    assert (fault.file, fault.path) == ("broken.yaml", "$.rule.field")
    path.write_text("slug: [", encoding="utf-8")
    with pytest.raises(Invalid, match="YAML"):
        as_code.apply(path, actor)


@pytest.mark.parametrize("number", [2**70, -1, 0])
def test_a_number_no_member_can_have_is_refused(number: int) -> None:
    with pytest.raises(ValidationError):
        BulkIn.model_validate({"action": "status", "status": "done", "ids": [number]})
    assert BulkIn.model_validate({"action": "status", "ids": [1]}).ids == [1]
