"""All of the story on Spark, and the tests of segments and lists: those of the other engines."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from test_engines_faults import SCRIPT
from test_engines_loading import (  # noqa: F401  collected here too, with the fixture below
    DATASETS,
    test_a_load_does_the_same,
    test_questions_have_the_same_answers,
    test_the_questions_are_answered,
)
from test_engines_sets import (  # noqa: F401  collected here too, with the fixture below
    test_a_part_is_replaced_alone,
    test_lists_have_the_same_members,
    test_segments_have_the_same_stays,
)

from engine_world import ASKED_AFTER, CHANGED, STEPS, open_teller, questions

pytestmark = pytest.mark.heavy


@pytest.fixture(scope="module")
def pair(spark_cluster, tmp_path_factory):
    folder = tmp_path_factory.mktemp("spark-whole")
    found = [
        open_teller(folder / "duckdb"),
        open_teller(folder / "other", spark_cluster.url(folder / "warehouse", quick=False)),
    ]
    yield found
    for teller in found:
        teller.close()


@pytest.fixture(scope="module")
def story(pair):
    told: dict[str, list[object]] = {}
    for name, step in STEPS.items():
        told[f"load: {name}"] = [step(teller) for teller in pair]
        for dataset in DATASETS:
            told[f"{dataset}: {name}"] = [teller.rows(dataset) for teller in pair]
        told[f"links: {name}"] = [teller.links() for teller in pair]
        if name in ASKED_AFTER:
            expected, found = (questions(teller) for teller in pair)
            for asked, answer in expected.items():
                told[f"{asked}: {name}"] = [answer, found[asked]]
    return told


@pytest.fixture(scope="module")
def tellers(story, pair):
    return pair


@pytest.mark.parametrize("moment", ["load.worked_out", "load.published"])
def test_a_killed_load_is_absent(spark_cluster, tmp_path, moment):
    """Until the books are committed nobody sees it, and what it wrote goes at the next start."""
    url = spark_cluster.url(tmp_path / "shared")
    teller = open_teller(tmp_path / "w", url)
    STEPS["a first load"](teller)
    before = teller.rows("person")
    teller.put(person=CHANGED)
    teller.close()
    tests = str(Path(__file__).parent.parent)
    killed = subprocess.run(
        [sys.executable, "-c", SCRIPT, tests, str(tmp_path / "w"), url, "person"],
        env=os.environ | {"ENISHI_CRASH_AT": moment},
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    left = {one.name for one in (tmp_path / "shared" / "data" / "person").iterdir()}
    teller = open_teller(tmp_path / "w", url)
    try:
        assert teller.rows("person") == before
        now = {one.name for one in (tmp_path / "shared" / "data" / "person").iterdir()}
        assert now < left
        assert not (tmp_path / "shared" / "arriving").exists()
        teller.later(2)
        assert teller.load("person")["changed"]
    finally:
        teller.close()
