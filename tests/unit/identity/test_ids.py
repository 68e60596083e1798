"""Enishi ids: opaque, the same after a rebuild, one by one as set-wise."""

from __future__ import annotations

import re

import pytest

from enishi.identity.service import enishi_id, links_of, resolve, source_key
from loading_world import make_world

CATALOG = """
datasets:
  client:
    label: {ja: 顧客, en: Client}
    kind: versioned
    subject: person
    key: [branch, number]
    source: {files: "client.csv"}
    fields:
      branch: {type: string}
      number: {type: integer}
      name: {type: string}
"""


@pytest.fixture
def here(tmp_path):
    made = make_world(tmp_path, CATALOG)
    made.put("client.csv", "branch,number,name\n山手,1,a\n山手,2,b\n海岸,1,c\n")
    made.load()
    yield made
    made.engine.close()


def test_one_key_and_all_keys_come_to_the_same_ids(here):
    dataset = here.catalog.datasets["client"]
    rows = here.rows("SELECT branch, number, _id FROM data.client")
    assert len({found for *_, found in rows}) == 3
    for branch, number, found in rows:
        assert re.fullmatch(r"p[0-9a-f]{24}", found)
        assert found == enishi_id(here.secret(), dataset, source_key([branch, number]))


def test_another_secret_gives_other_ids(here):
    dataset = here.catalog.datasets["client"]
    key = source_key(["山手", 1])
    assert enishi_id(b"x" * 64, dataset, key) != enishi_id(here.secret(), dataset, key)


def test_a_rebuild_comes_to_the_same_ids_and_links_stay_single(here):
    before = here.rows("SELECT branch, number, _id FROM data.client ORDER BY ALL")
    here.load(rebuild=True)
    assert here.rows("SELECT branch, number, _id FROM data.client ORDER BY ALL") == before
    assert here.rows("SELECT count(*) FROM enishi.identity_links") == [(3,)]


def test_a_new_version_brings_no_new_link(here):
    here.put("client.csv", "branch,number,name\n山手,1,CHANGED\n海岸,9,new\n")
    here.clock.now = here.clock.now.replace(year=2027)
    here.load()
    assert here.rows("SELECT count(*) FROM enishi.identity_links") == [(4,)]


def test_source_keys_lead_to_ids_and_back(here):
    link = resolve(here.engine, here.catalog, "person", "海岸/1")
    assert link is not None
    assert link == resolve(here.engine, here.catalog, "client", link.enishi_id)
    assert links_of(here.engine, link.enishi_id) == [link]
    assert resolve(here.engine, here.catalog, "person", "海岸/77") is None
