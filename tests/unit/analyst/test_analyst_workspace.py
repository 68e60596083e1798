"""A workspace as an analyst holds it: role, scope, masking and audit, scores and segments."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

import enishi
from enishi.analyst.opening import aside
from enishi.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from segments_world import Segments

if TYPE_CHECKING:
    from lists_world import Bank

MAIN = {"field": "branch", "op": "eq", "value": "本店"}
RICH = {"related": "deposits", "measure": {"sum": "balance"}, "op": "ge", "value": 3_000_000.5}


def workspace_of(bank: Bank, role: str = "analyst") -> enishi.Workspace:
    return enishi.Workspace(bank.workspace, bank.warehouse, lambda: bank.actor(role), "ja", aside)


def audited(action: str) -> list[Any]:
    from enishi.book.models import AuditRow

    return list(AuditRow.objects.filter(action=action).order_by("seq"))


def test_count_who_and_why_are_masked_and_recorded(bank: Bank) -> None:
    ws = workspace_of(bank)
    count = ws.count(RICH)
    assert count == 11
    assert "3000000.5" in count.sentence.replace(",", "")
    people = ws.who(MAIN, columns=["branch", "phone"], order_by="-branch", limit=3)
    assert people.columns == ["id", "key", "display", "branch", "phone"]
    assert set(people.masked) == {"display", "phone"}
    assert people.polars()["branch"].to_list() == ["本店"] * 3
    assert people.pandas()["branch"].tolist() == ["本店"] * 3
    assert "090-0000" not in people._repr_html_()
    why = ws.why(RICH, "P001")
    assert not why
    assert "[100000.50" in str(why)
    rows = {action: audited(action)[-1] for action in ("rules.count", "rules.who", "rules.why")}
    assert {row.actor for row in rows.values()} == {bank.people["analyst"].id}
    assert rows["rules.who"].subjects == people.ids
    assert rows["rules.why"].subjects == [why.id]


def test_roles_that_may_not_ask_are_refused(bank: Bank) -> None:
    for role in ("representative", "auditor"):
        with pytest.raises(Forbidden) as refused:
            workspace_of(bank, role).count(MAIN)
        assert refused.value.__notes__
    frame = pl.DataFrame({"key": ["P001"], "score": [1.0]})
    with pytest.raises(Forbidden):
        workspace_of(bank, "marketer").write_scores("x", frame, key="key")
    assert not (bank.workspace.catalog_path / "scores.yaml").exists()


def test_a_role_taken_away_is_gone_at_once(bank: Bank) -> None:
    from enishi.book.access import actor_named

    user = bank.people["analyst"]
    ws = enishi.Workspace(
        bank.workspace, bank.warehouse, lambda: actor_named(user.email), "ja", aside
    )
    assert ws.count(MAIN) == 20
    user.role = "auditor"
    user.save(update_fields=["role"])
    with pytest.raises(Forbidden):
        ws.count(MAIN)
    user.is_active = False
    user.save(update_fields=["is_active"])
    with pytest.raises(NotFound):
        ws.count(MAIN)


def test_scores_are_fields_with_their_dates(bank: Bank) -> None:
    ws = workspace_of(bank)
    everybody = ws.who({"all": []}).polars()
    first = everybody.select("id").with_columns(score=pl.int_range(pl.len()) / 40)
    done = ws.write_scores("propensity", first, label="成約の見込み", label_en="Propensity")
    assert (done.field, done.added, done.unknown, done.unset) == ("propensity.value", 40, 0, 0)
    high = {"field": "propensity.value", "op": "ge", "value": 0.5}
    assert ws.count(high) == 20
    assert "成約の見込み" in ws.sentence(high)
    bank.later(timedelta(days=10))
    yesterday = bank.clock() - timedelta(days=1)
    second = first.with_columns(score=pl.col("score") - 0.25).filter(pl.col("score") >= 0)
    done = ws.write_scores("propensity", second, as_of=yesterday)
    assert done.changed == 30
    assert ws.count(high) == 10
    assert ws.count(high, as_of=bank.clock() - timedelta(days=2)) == 20
    since = {"field": "propensity.value.since", "op": "during", "value": {"last": "2d"}}
    assert ws.count(since) == 30
    assert len(audited("scores.write")) == 2
    assert not list(bank.workspace.uploads.glob("scores-*"))


def test_scores_by_key_with_unknown_and_unset_people(bank: Bank) -> None:
    ws = workspace_of(bank)
    frame = pl.DataFrame({"person_id": ["P001", "P002", "X999"], "rank": ["A", None, "B"]})
    done = ws.write_scores("grade", frame, key="person_id", score="rank", purposes=["cards"])
    assert (done.added, done.unknown, done.unset) == (1, 1, 1)
    rule = {"field": "grade.value", "op": "eq", "value": "A"}
    assert ws.count({"purpose": "cards", "rule": rule}) == 1
    with pytest.raises(Invalid) as refused:
        ws.count({"purpose": "deposits", "rule": rule})
    assert refused.value.faults
    with pytest.raises(Conflict) as other:
        ws.write_scores("grade", frame.with_columns(rank=1.5), key="person_id", score="rank")
    assert other.value.code == "score_differs"
    twice = pl.DataFrame({"person_id": ["P001", "P001"], "score": [1, 2]})
    with pytest.raises(Invalid) as repeated:
        ws.write_scores("other", twice, key="person_id")
    assert repeated.value.code == "key_not_unique"
    for name in ("deposits", "9lives"):
        with pytest.raises(Invalid) as taken:
            ws.write_scores(name, frame, key="person_id", score="rank")
        assert taken.value.code == "score_refused"


def test_a_score_is_neither_written_ahead_nor_loosened(bank: Bank) -> None:
    ws = workspace_of(bank)
    frame = pl.DataFrame({"person_id": ["P001"], "score": [1]})
    ws.write_scores("plain", frame, key="person_id")
    ws.write_scores("bound", frame, key="person_id", purposes=["cards", "deposits"], pii="low")
    ws.write_scores("bound", frame, key="person_id", purposes=["cards", "deposits"])
    more: list[tuple[str, dict[str, Any], str]] = [
        ("plain", {"as_of": bank.clock() + timedelta(days=1)}, "score_in_future"),
        ("plain", {"pii": "high"}, "score_looser"),
        ("plain", {"purposes": ["cards"]}, "score_looser"),
        ("bound", {"purposes": ["cards"]}, "score_looser"),
        ("bound", {"pii": "high"}, "score_looser"),
        ("new", {"label": "a\x00b"}, "score_label"),
        ("new", {"label": "a\nb"}, "score_label"),
        ("new", {"label": "a" * 201}, "score_label"),
    ]
    for name, given, code in more:
        with pytest.raises((Invalid, Conflict)) as refused:
            ws.write_scores(name, frame, key="person_id", **given)
        assert refused.value.code == code
    assert "score_new" not in (bank.workspace.catalog_path / "scores.yaml").read_text()


def test_a_score_reaches_only_people_in_scope(bank: Bank) -> None:
    actor = bank.actor("analyst")
    from dataclasses import replace

    limited = enishi.Workspace(
        bank.workspace, bank.warehouse, lambda: replace(actor, scope=MAIN), "ja", aside
    )
    frame = pl.DataFrame({"person_id": [f"P{n:03}" for n in range(1, 41)], "score": 1})
    assert limited.count({"all": []}) == 20
    done = limited.write_scores("near", frame, key="person_id")
    assert (done.added, done.unknown) == (20, 20)


def test_a_segment_shows_size_members_trend_and_history(bank: Bank) -> None:
    ws = workspace_of(bank)
    world = Segments(bank)
    world.make("main", MAIN)
    world.run()
    main = ws.segment("main")
    assert ws.segments() == ["main"]
    assert main.size == 20
    members = main.members(["branch"])
    assert len(members) == 20
    assert audited("segment.export")[-1].subjects[:1] == members.ids[:1]
    trend = main.trend(days=7, to="polars")
    assert trend.columns == ["day", "size"]
    assert trend["size"].to_list()[-1] == 20
    assert main.flows(days=7)["entered"].to_pylist()[-1] == 20
    stays = main.history(members.ids[0])
    assert len(stays) == 1
    assert ws.why(main.rule, members.ids[0])
    with pytest.raises(NotFound):
        ws.segment("nobody")


def test_it_works_inside_an_event_loop(bank: Bank) -> None:
    ws = workspace_of(bank)

    async def cell() -> int:
        return ws.count(MAIN)

    assert asyncio.run(cell()) == 20


def test_another_workspace_is_refused(bank: Bank) -> None:
    with pytest.raises(Conflict) as refused:
        enishi.open(bank.workspace.root)
    assert refused.value.code == "other_workspace"


def test_through_the_door_of_a_server(bank: Bank) -> None:
    from enishi.sources.actions import actions
    from enishi.warehouse.client import Attached
    from enishi.warehouse.door import Door
    from enishi.warehouse.process import use_warehouse

    door = Door(bank.workspace, bank.warehouse, actions(bank.workspace, bank.warehouse))
    try:
        attached = Attached(bank.workspace)
        with enishi.Workspace(
            bank.workspace, attached, lambda: bank.actor("analyst"), "en", aside
        ) as ws:
            assert ws.served
            assert ws.count(MAIN) == 20
            scores = ws.who(MAIN).polars().select("id", score=pl.lit(7))
            assert ws.write_scores("lucky", scores).added == 20
            assert ws.count({"field": "lucky.value", "op": "eq", "value": 7}) == 20
            assert ws.why({"field": "lucky.value", "op": "is_set"}, "P001").truth is False
    finally:
        door.close()
        use_warehouse(bank.warehouse)


def test_two_scores_written_at_once_both_stand(bank: Bank) -> None:
    from concurrent.futures import ThreadPoolExecutor

    from enishi.analyst.declared import Declared, declare
    from enishi.kernel.text import Text

    subject = bank.warehouse.catalog.subject_dataset("person")
    assert subject is not None
    names = [f"score{n}" for n in range(6)]
    with ThreadPoolExecutor(6) as several:
        list(
            several.map(
                lambda name: declare(
                    bank.workspace,
                    subject,
                    Declared(name, Text(name, name), {"type": "float"}, "none", None, ()),
                ),
                names,
            )
        )
    found = bank.warehouse.catalog
    assert {f"score_{name}" for name in names} <= set(found.datasets)
