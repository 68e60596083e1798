"""Segments as YAML: what is exported comes back unchanged; faults name file and path."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from enishi.book.access import OPERATOR
from enishi.kernel.errors import Invalid
from enishi.segments import as_code
from enishi.segments.models import Segment
from enishi.segments.naming import sets_named, slug_from
from lists_world import Bank
from segments_world import MAIN, RICH, Segments

TOP = {"value": {"related": "deposits", "measure": {"sum": "balance"}}, "n": 2, "direction": "desc"}


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.yaml"))


def test_what_is_exported_comes_back_unchanged(sqlite_bank: Bank, tmp_path: Path) -> None:
    world = Segments(sqlite_bank)
    world.make("main", MAIN, name_en="Head office", purpose="cards", refresh_every="4h")
    world.make("rich-main", {"all": [{"segment": "main"}, RICH]}, description="三百万円以上")
    world.make("top", RICH, kind="ranked", rank=TOP)
    written = as_code.export(tmp_path, OPERATOR)
    assert [path.name for path in written] == ["main.yaml", "rich-main.yaml", "top.yaml"]
    done = as_code.apply(files(tmp_path), OPERATOR)
    assert {one.what for one in done} == {"unchanged"}


def test_files_are_taken_in_the_order_of_what_they_name(sqlite_bank: Bank, tmp_path: Path) -> None:
    for slug, rule in {"a": {"all": [{"segment": "b"}, RICH]}, "b": MAIN}.items():
        content = {"segment": slug, "name": {"ja": slug}, "rule": rule}
        (tmp_path / f"{slug}.yaml").write_text(yaml.safe_dump(content, allow_unicode=True))
    done = as_code.apply(files(tmp_path), OPERATOR)
    assert [(one.slug, one.what) for one in done] == [("b", "created"), ("a", "created")]
    changed = tmp_path / "b.yaml"
    content = yaml.safe_load(changed.read_text()) | {"rule": {"not": MAIN}, "name": {"ja": "他"}}
    changed.write_text(yaml.safe_dump(content, allow_unicode=True))
    [one] = as_code.apply([changed], OPERATOR)
    assert (one.what, one.version) == ("new_version", 2)
    content["kind"] = "snapshot"
    changed.write_text(yaml.safe_dump(content, allow_unicode=True))
    with pytest.raises(Invalid, match=r"b\.yaml at \$\.kind"):
        as_code.apply([changed], OPERATOR)


def test_a_fault_names_the_file_and_the_path(sqlite_bank: Bank, tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("segment: x\nname: {ja: x}\nrule: {field: brunch, op: is_set}\n")
    assert as_code.is_segment(path)
    with pytest.raises(Invalid, match=r"x\.yaml at \$\.rule\.field"):
        as_code.apply([path], OPERATOR)
    path.write_text("segment: X Y\nname: {ja: x}\nrule: {}\n")
    with pytest.raises(Invalid, match=r"x\.yaml at \$\.segment"):
        as_code.apply([path], OPERATOR)
    path.write_text("slug: deposits\n")
    assert not as_code.is_segment(path)


def test_two_files_of_one_slug_are_refused(sqlite_bank: Bank, tmp_path: Path) -> None:
    for name in ("a", "b"):
        content = {"segment": "main", "name": {"ja": name}, "rule": MAIN}
        (tmp_path / f"{name}.yaml").write_text(yaml.safe_dump(content, allow_unicode=True))
    with pytest.raises(Invalid, match=r"b\.yaml at \$\.segment") as refused:
        as_code.apply(files(tmp_path), OPERATOR)
    assert refused.value.faults[0].code == "slug_twice"
    assert not Segment.objects.exists()


def test_sets_are_found_wherever_a_rule_names_them() -> None:
    rule = {"all": [{"not": {"segment": "a"}}, {"any": [{"list": "b"}, {"segment": "c"}]}]}
    assert sets_named(rule) == ({"a", "c"}, {"b"})


def test_a_slug_comes_from_latin_letters_alone() -> None:
    assert slug_from("VIP Ｃustomers (2026)") == "vip-customers-2026"
    assert slug_from("上位顧客") == ""
    assert slug_from("2026 spring") == ""
