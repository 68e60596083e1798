"""Journeys as YAML files: written out and brought in as drafts; the flows hold their shape."""

from __future__ import annotations

from pathlib import Path

import pytest

from enishi.journeys.drawing import as_code
from enishi.journeys.drawing.draft import read_draft
from enishi.journeys.drawing.shape import check_shape
from enishi.journeys.flows import flows
from enishi.kernel.errors import Invalid
from journeys_world import approved_template, made_journey
from lists_world import Bank


def test_out_and_in_again_changes_nothing(sqlite_bank: Bank, tmp_path: Path) -> None:
    bank = sqlite_bank
    approved_template()
    slug = made_journey(bank, live=True)
    bank.api("marketer").post("journeys", {"name": "満期", "slug": "maturity", "flow": "maturity"})
    actor = bank.actor("administrator")
    files = as_code.export(tmp_path, actor)
    assert [file.name for file in files] == [f"{slug}.yaml", "maturity.yaml"]
    assert {(one.slug, one.what) for one in as_code.apply(files, actor)} == {
        (slug, "unchanged"), ("maturity", "unchanged"),
    }  # fmt: skip
    text = files[0].read_text(encoding="utf-8")
    files[0].write_text(text.replace("who: w", "who: everybody"), encoding="utf-8")
    assert as_code.apply(files[:1], actor) == [as_code.Applied(slug, 2, "draft")]
    told = bank.api("marketer").get(f"journeys/{slug}").json()
    assert (told["version"], told["draft"]) == (1, "draft")  # a file puts nothing live
    moved = text.replace(f"journey: {slug}", "journey: elsewhere")
    (tmp_path / "new.yaml").write_text(moved, encoding="utf-8")
    assert as_code.apply([tmp_path / "new.yaml"], actor)[0].what == "created"


def test_a_file_that_does_not_hold_its_shape_is_refused_by_place(
    sqlite_bank: Bank, tmp_path: Path
) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(
        "version: 1\njourney: bad\nname: Bad\nbody:\n  purpose: deposits\n"
        "  steps: {calm: {kind: wait, duration: three days}}\n",
        encoding="utf-8",
    )
    with pytest.raises(Invalid) as refused:
        as_code.apply([path], sqlite_bank.actor("administrator"))
    (fault,) = refused.value.faults
    assert (fault.file, fault.path) == ("bad.yaml", "$.steps.calm.duration")


@pytest.mark.parametrize("locale", ["ja", "en"])
def test_flows_hold_together(locale: str) -> None:
    for flow in flows():
        body = flow.body("ja" if locale == "ja" else "en")
        draft = read_draft(body)
        assert {one.fault.code for one in draft.faults} == {"not_chosen"}, flow.name
        assert not list(check_shape(draft)), flow.name
        cards = [step.card for step in draft.acting.values()]
        assert cards
        assert all(card.who and card.what and card.why for card in cards)
