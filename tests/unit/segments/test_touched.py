"""When newly loaded rows do not tell whom they touched, the segment is asked about whole."""

from __future__ import annotations

from pathlib import Path

from enishi.rules import check_rule
from enishi.segments.touched import journal, seen_now, touched
from loading_world import World, make_world

CATALOG = """
datasets:
  person:
    kind: current
    subject: person
    key: id
    source: {files: "person.csv"}
    fields: {id: {type: integer}, branch: {type: integer}}
  branch:
    kind: current
    key: id
    source: {files: "branch.csv"}
    fields: {id: {type: integer}, area: {type: string}}
  account:
    kind: current
    key: id
    source: {files: "account.csv", removes: true}
    fields: {id: {type: integer}, person: {type: integer}}
relations:
  - {from: person.branch, to: branch.id, name: home, inverse: people}
  - {from: account.person, to: person.id, name: owner, inverse: accounts}
"""


def whom(world: World, rule: object, seen: dict[str, str]) -> set[int] | None:
    """The numbers of the persons that news since `seen` touch; None: anybody."""
    checked = check_rule(rule, world.catalog, subject="person")
    with world.engine.read() as question:
        news = journal(question, question, world.engine.spelling)
    found = touched(world.catalog, [checked], seen, news, world.engine.spelling)
    if found is None:
        return None
    return {
        row[0]
        for sql in found
        for row in world.rows(f"SELECT id FROM data.person WHERE _id IN ({sql})")
    }


def test_rows_lead_back_to_the_people_they_touch(tmp_path: Path) -> None:
    world = make_world(tmp_path, CATALOG)
    world.put("person.csv", "id,branch\n1,1\n2,2\n3,2\n")
    world.put("branch.csv", "id,area\n1,N\n2,S\n")
    world.put("account.csv", "id,person\n1,1\n2,2\n")
    for name in ("branch", "person", "account"):
        world.load(name)
    with world.engine.read() as question:
        news = journal(question, question, world.engine.spelling)
    seen = seen_now(news, ["person", "branch", "account"], [], [])
    area = {"field": "home.area", "op": "eq", "value": "N"}
    held = {"related": "accounts"}
    assert whom(world, area, seen) == set()
    world.put("branch.csv", "id,area\n1,N\n2,W\n")
    world.load("branch")
    assert whom(world, area, seen) == {2, 3}, "a changed branch is reached by its key"
    assert whom(world, held, seen) == set(), "and nobody asks for it there"
    world.put("account.csv", "id,person\n1,1\n2,2\n3,3\n")
    world.load("account")
    assert whom(world, held, seen) == {3}
    world.put("account.csv", "id,person\n1,1\n2,3\n3,3\n")
    world.load("account")
    assert whom(world, held, seen) is None, "whose it was before, no row tells"
    with world.engine.read() as question:
        seen = seen_now(journal(question, question, world.engine.spelling), ["account"], [], [])
    world.put("account.csv", "id,person\n1,1\n")
    world.load("account")
    assert whom(world, held, seen) is None, "nor does a row that is gone"
    world.engine.close()
