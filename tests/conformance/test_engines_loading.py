"""The same loads and the same questions on every engine, compared with DuckDB step by step."""

from __future__ import annotations

import pytest

from engine_world import ASKED_AFTER, CHANGED, PEOPLE, STEPS, open_teller, questions
from enishi.catalog.load import load_catalog
from enishi.sources.changes import follow

DATASETS = ("branch", "person", "account", "visit")


@pytest.fixture(scope="module", params=["clickhouse"])
def story(request, tmp_path_factory):
    """Every step's answers of DuckDB and of another engine, side by side."""
    folder = tmp_path_factory.mktemp(request.param)
    tellers = [open_teller(folder / "duckdb"), open_teller(folder / "other", f"chdb://{folder}/ch")]
    told: dict[str, list[object]] = {}
    try:
        for name, step in STEPS.items():
            told[f"load: {name}"] = [step(teller) for teller in tellers]
            for dataset in DATASETS:
                told[f"{dataset}: {name}"] = [teller.rows(dataset) for teller in tellers]
            told[f"links: {name}"] = [teller.links() for teller in tellers]
            if name in ASKED_AFTER:
                answers = [questions(teller) for teller in tellers]
                for asked, expected in answers[0].items():
                    told[f"{asked}: {name}"] = [expected, answers[1][asked]]
    finally:
        for teller in tellers:
            teller.close()
    return told


@pytest.mark.parametrize("step", STEPS)
def test_a_load_does_the_same(story, step):
    for what in ("load", *DATASETS, "links"):
        expected, found = story[f"{what}: {step}"]
        assert found == expected, what


@pytest.mark.parametrize("step", ASKED_AFTER)
def test_questions_have_the_same_answers(story, step):
    loads = {f"{what}: {step}" for what in ("load", *DATASETS, "links")}
    asked = [name for name in story if name.endswith(f": {step}") and name not in loads]
    assert len(asked) > 60
    differing = {name: story[name] for name in asked if story[name][0] != story[name][1]}
    assert differing == {}


def test_the_questions_are_answered(story):
    """Not all may be refused, or the comparison would compare nothing."""
    refused = [name for name, (expected, _) in story.items() if str(expected).startswith("refused")]
    assert [name for name in refused if "everybody removed" not in name] == []


def test_changes_are_derived_on_duckdb_alone(tmp_path):
    """Other engines have `<dataset>_changed`, and leave it empty, as docs/stream.md says."""
    found = {}
    for name, url in (("duckdb", None), ("chdb", f"chdb://{tmp_path}/ch")):
        teller = open_teller(tmp_path / name, url)
        try:
            for people in (PEOPLE, CHANGED):
                teller.put(person=people)
                teller.later(1)
                teller.load("person")
            catalog = load_catalog(teller.world.root)
            follow(teller.engine, catalog, teller.world.clock)
            found[name] = len(teller.rows(catalog.changed["person"]))
        finally:
            teller.close()
    assert found == {"duckdb": 3, "chdb": 0}
