"""Questions: counts, scope, masking, what is known today, search, one person's page."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from enishi.book.access import OPERATOR, Actor
from enishi.kernel.errors import Forbidden, Invalid, NotFound
from enishi.warehouse.warehouse import Warehouse

CATALOG = """
datasets:
  branch:
    label: {ja: 支店, en: Branch}
    kind: current
    key: code
    source: {files: "branch.csv"}
    fields:
      code: {type: string}
      name: {type: string}
  person:
    label: {ja: 顧客, en: Person}
    kind: versioned
    subject: person
    key: id
    display: name
    source: {files: "person.csv"}
    fields:
      id: {type: string, meaning: id}
      name: {type: string, meaning: person_name, pii: low}
      kana: {type: string, meaning: person_kana, pii: low}
      phone: {type: string, meaning: phone, pii: high}
      born: {type: date, meaning: birth_date, pii: low}
      branch: {type: string}
      rank: {type: string}
  account:
    label: {ja: 口座, en: Account}
    kind: current
    key: no
    source: {files: "account.csv"}
    fields:
      no: {type: integer}
      owner: {type: string}
      kind: {type: string}
      balance: {type: decimal, scale: 0}
  card:
    label: {ja: カード, en: Card}
    kind: current
    key: no
    source: {files: "card.csv"}
    fields:
      no: {type: integer}
      account: {type: integer}
  visit:
    label: {ja: 来店, en: Visit}
    kind: event
    key: id
    time: {field: at, kind: occurred}
    event: {name: visit, of: {person: visits}}
    source: {files: "visit.csv"}
    fields:
      id: {type: integer}
      person: {type: string}
      at: {type: timestamp}
      note: {type: string, pii: high}
relations:
  - {from: person.branch, to: branch.code, name: home, inverse: persons}
  - {from: account.owner, to: person.id, name: owner_, inverse: accounts}
  - {from: card.account, to: account.no, name: account, inverse: cards}
  - {from: visit.person, to: person.id, name: visitor, inverse: visits}
  - name: used
    from: person
    via: [{relation: accounts, where: {related: cards, measure: count, op: ge, value: 1}}]
    label: {ja: 使う口座, en: Used accounts}
  - name: deposits
    from: person
    via: [{relation: accounts, where: {field: kind, op: eq, value: 定期}}]
    label: {ja: 定期預金, en: Term deposits}
"""
FILES = {
    "branch.csv": "code,name\nB1,山手\nB2,海岸\n",
    "person.csv": "id,name,kana,phone,born,branch,rank\n"
    "P1,山田 太郎,ヤマダ タロウ,090-1234-5678,1980-05-05,B1,gold\n"
    "P2,佐藤 花子,サトウ ハナコ,03-9999-0000,1990-01-01,B2,silver\n"
    "P3,山本 次郎,ヤマモト ジロウ,,1955-12-31,B1,\n",
    "account.csv": "no,owner,kind,balance\n1,P1,定期,100\n2,P1,普通,50\n3,P2,定期,900\n",
    "card.csv": "no,account\n71,2\n72,2\n73,3\n",
    "visit.csv": "id,person,at,note\n1,P1,2026-03-01T10:00,secret words\n2,P1,2026-03-20T10:00,\n"
    "3,P2,2026-03-25T10:00,\n4,P1,2027-01-01T10:00,\n",
}
GOLD = {"field": "rank", "op": "eq", "value": "gold"}
EVERYBODY = {"all": []}
IN_BRANCH = {"field": "branch", "op": "eq", "value": {"user": "branch"}}
MANAGER = Actor("u1", "manager", IN_BRANCH, {"branch": "B1"}, "high")
MARKETER = Actor("u2", "marketer", None, {}, "none")
LOST = Actor("u3", "manager", IN_BRANCH, {}, "high")


@pytest.fixture
def here(world):
    made = world(CATALOG)
    for name, content in FILES.items():
        made.put(name, content)
    assert made.load().state == "loaded"
    return made


@pytest.fixture
def ask(here):
    return Warehouse(here.engine, lambda: here.catalog, here.clock)


def _ids(here):
    return dict(here.rows("SELECT id, _id FROM data.person WHERE _to IS NULL"))


def test_a_count_tells_instant_and_sentence(ask):
    found = ask.count(GOLD, actor=OPERATOR, locale="ja")
    assert found["count"] == 1
    assert found["as_of"] == "2026-04-01T09:00:00+09:00"
    assert "gold" in found["sentence"]
    assert found["as_known_today"] == []


def test_versions_answer_for_their_time_and_current_rows_as_known_today(here, ask):
    before = here.clock()
    here.clock.advance(timedelta(days=10))
    here.put("person.csv", FILES["person.csv"].replace("gold", "silver"))
    here.load("person")
    assert ask.count(GOLD, actor=OPERATOR)["count"] == 0
    then = ask.count(GOLD, actor=OPERATOR, as_of=before)
    assert (then["count"], then["as_known_today"]) == (1, [])
    rich = {"related": "accounts", "measure": {"sum": "balance"}, "op": "gt", "value": 100}
    assert ask.count(rich, actor=OPERATOR, as_of=before)["as_known_today"] == ["account"]
    assert (
        ask.count(EVERYBODY, actor=OPERATOR, as_of=datetime(2026, 1, 1, tzinfo=UTC))["count"] == 0
    )


def test_a_question_about_the_past_keeps_to_the_scope_of_today(here, ask):
    before = here.clock()
    here.clock.advance(timedelta(days=10))
    here.put("person.csv", FILES["person.csv"].replace("1980-05-05,B1", "1980-05-05,B2"))
    here.load("person")
    at = before + timedelta(minutes=1)
    assert ask.count(EVERYBODY, actor=OPERATOR, as_of=at)["count"] == 3
    assert ask.count(EVERYBODY, actor=MANAGER, as_of=at)["count"] == 1
    assert ask.who(EVERYBODY, actor=MANAGER, as_of=at).column("key").to_pylist() == ["P3"]
    assert [row["key"] for row in ask.sample(EVERYBODY, 9, actor=MANAGER, as_of=at)] == ["P3"]
    assert [step["alone"] for step in ask.funnel(GOLD, actor=MANAGER, as_of=at)] == [0]
    with pytest.raises(NotFound):
        ask.why(GOLD, "P1", actor=MANAGER, as_of=at)
    # Who has come since is seen, also as of before.
    other = replace(MANAGER, attributes={"branch": "B2"})
    assert sorted(ask.who(EVERYBODY, actor=other, as_of=at).column("key").to_pylist()) == [
        "P1",
        "P2",
    ]
    # Who is gone now is not.
    here.clock.advance(timedelta(days=1))
    with here.engine.write() as writer:
        writer.execute("UPDATE data.person SET _to = TIMESTAMP '2026-04-11' WHERE id = 'P3'")
    assert ask.count(EVERYBODY, actor=MANAGER, as_of=at)["count"] == 0
    assert ask.count(EVERYBODY, actor=OPERATOR, as_of=at)["count"] == 3


def test_scope_is_part_of_every_question(here, ask):
    ids = _ids(here)
    assert ask.count(EVERYBODY, actor=MANAGER)["count"] == 2
    assert set(ask.who(EVERYBODY, actor=MANAGER).column("key").to_pylist()) == {"P1", "P3"}
    assert {row["key"] for row in ask.sample(EVERYBODY, 9, actor=MANAGER)} == {"P1", "P3"}
    assert ask.funnel({"all": [GOLD, EVERYBODY]}, actor=MANAGER)[1]["alone"] == 2
    assert ask.in_scope(ids.values(), actor=MANAGER) == {ids["P1"], ids["P3"]}
    assert ask.search("", actor=MANAGER)["total"] == 2
    assert ask.search("佐藤", actor=MANAGER)["total"] == 0
    assert ask.values("person", "rank", actor=MANAGER) == [{"value": "gold", "count": 1}]
    assert ask.values("account", "kind", actor=MANAGER) == [
        {"value": "定期", "count": 1},
        {"value": "普通", "count": 1},
    ]
    everybody = ask.view("person", None, {}, ids=list(ids.values()), actor=MANAGER)
    assert everybody.num_rows == 2
    for call in (
        lambda: ask.why(GOLD, "P2", actor=MANAGER),
        lambda: ask.person(ids["P2"], actor=MANAGER),
    ):
        with pytest.raises(NotFound) as refused:
            call()
        assert refused.value.code == "subject_unknown"


def test_a_scope_without_its_value_denies_everything(here, ask):
    ids = list(_ids(here).values())
    calls = [
        lambda: ask.count(EVERYBODY, actor=LOST),
        lambda: ask.who(EVERYBODY, actor=LOST),
        lambda: ask.why(GOLD, "P1", actor=LOST),
        lambda: ask.sample(EVERYBODY, actor=LOST),
        lambda: ask.funnel(GOLD, actor=LOST),
        lambda: ask.search("", actor=LOST),
        lambda: ask.person(ids[0], actor=LOST),
        lambda: ask.values("person", "rank", actor=LOST),
        lambda: ask.in_scope(ids, actor=LOST),
        lambda: ask.view("person", None, {}, ids=ids, actor=LOST),
    ]
    for call in calls:
        with pytest.raises(Forbidden) as refused:
            call()
        assert refused.value.code == "scope_denies"


def test_a_user_value_is_refused_where_nobody_has_attributes(ask):
    with pytest.raises(Invalid):
        ask.count(IN_BRANCH, actor=OPERATOR)
    assert ask.count(IN_BRANCH, actor=MANAGER)["count"] == 2


def test_personal_data_is_masked_and_cannot_be_listed_or_searched(here, ask):
    columns = {
        "phone": {"field": "phone"},
        "born": {"field": "born"},
        "age": {"field": "born.age"},
        "branch": {"field": "branch"},
    }
    table = ask.who(GOLD, actor=MARKETER, columns=columns)
    row = table.to_pylist()[0]
    assert row | {"_id": ""} == {
        "_id": "", "key": "P1", "display": "山＊", "phone": "090-****-5678",
        "born": "1980-**-**", "age": 45, "branch": "B1",
    }  # fmt: skip
    assert table.schema.metadata[b"masked"] == b"born,display,phone"
    plain = ask.who(GOLD, actor=OPERATOR, columns=columns).to_pylist()[0]
    assert (plain["display"], plain["phone"]) == ("山田 太郎", "090-1234-5678")
    with pytest.raises(Invalid):
        ask.who(EVERYBODY, actor=MARKETER, columns=columns, order_by="born")
    with pytest.raises(Forbidden):
        ask.values("person", "phone", actor=MARKETER)
    with pytest.raises(Forbidden):
        ask.values("person", "name", actor=OPERATOR)
    assert ask.search("山田", actor=MARKETER)["total"] == 0
    assert ask.search("P1", actor=MARKETER)["items"][0]["display"] == "山＊"
    page = ask.person(_ids(here)["P1"], actor=MARKETER)
    assert "山田" not in str(page)
    assert "1234" not in str(page)
    assert "secret" not in str(page)
    why = ask.why({"field": "phone", "op": "is_set"}, "P1", actor=MARKETER)
    assert why["truth"]
    assert "1234" not in str(why)
    assert "山田" in str(ask.why({"field": "name", "op": "eq", "value": "x"}, "P1", actor=OPERATOR))


NOTES = {"field": "note", "op": "contains", "value": "secret"}
UNSEEN = [
    {"field": "phone", "op": "starts_with", "value": "090"},
    {"not": {"any": [GOLD, {"field": "name", "op": "eq", "value": "山田 太郎"}]}},
    {"field": "born", "op": "lt", "value": "1981-01-01"},
    {"field": "rank", "op": "ne", "value": {"field": "phone"}},
    {"related": "visits", "where": NOTES, "measure": "count", "op": "ge", "value": 1},
    {"related": "visits", "measure": {"last": "note"}, "op": "contains", "value": "s"},
    {"sequence": [{"event": "visit", "where": NOTES}, {"event": "visit"}]},
    {"not": {"sequence": [{"event": "visit"}, {"no_event": "visit", "where": NOTES,
                                              "within": "1d"}]}},
    {"sequence": [{"event": "visit"}, {"event": "visit"}], "same": "note"},
]  # fmt: skip


@pytest.mark.parametrize("rule", UNSEEN)
def test_what_is_masked_cannot_be_found_out_by_counting(here, ask, rule):
    low = Actor("u4", "manager", IN_BRANCH, {"branch": "B1"}, "none")
    calls = [
        lambda: ask.count(rule, actor=low),
        lambda: ask.who(rule, actor=low),
        lambda: ask.sample(rule, actor=low),
        lambda: ask.funnel({"all": [GOLD, rule]}, actor=low),
        lambda: ask.view("person", rule, {}, actor=low),
        lambda: ask.why(rule, "P1", actor=low),
        lambda: ask.count({"version": 1, "subject": "person", "rule": rule}, actor=MARKETER),
    ]
    for call in calls:
        with pytest.raises(Forbidden) as refused:
            call()
        assert refused.value.code == "masked_field"
    assert ask.count(rule, actor=MANAGER)["count"] >= 0


def test_what_a_mask_shows_anyway_may_be_tested(ask):
    for rule, count in [
        ({"field": "phone", "op": "is_set"}, 2),
        ({"field": "born.age", "op": "ge", "value": 40}, 2),
        ({"related": "visits", "measure": "count", "op": "ge", "value": 1}, 2),
        ({"sequence": [{"event": "visit"}]}, 2),
    ]:
        assert ask.count(rule, actor=MARKETER)["count"] == count


def test_a_column_cannot_narrow_by_what_is_masked(ask):
    column = {"related": "visits", "where": NOTES, "measure": "count"}
    with pytest.raises(Forbidden) as refused:
        ask.who(EVERYBODY, actor=MARKETER, columns={"n": column})
    assert refused.value.code == "masked_field"
    assert ask.who(GOLD, actor=OPERATOR, columns={"n": column}).column("n").to_pylist() == [1]


def test_a_row_scope_may_lean_on_what_is_masked(ask):
    by_phone = {"field": "phone", "op": "starts_with", "value": "090"}
    scoped = Actor("u5", "marketer", by_phone, {}, "none")
    assert ask.count(EVERYBODY, actor=scoped)["count"] == 1


def test_values_of_what_belongs_to_persons_are_those_in_scope(ask):
    assert {one["value"] for one in ask.values("branch", "name", actor=MANAGER)} == {"山手", "海岸"}
    assert {one["value"] for one in ask.values("account", "no", actor=MANAGER)} == {1, 2}
    assert {one["value"] for one in ask.values("visit", "person", actor=MANAGER)} == {"P1"}
    assert {one["value"] for one in ask.values("person", "branch", actor=MANAGER)} == {"B1"}


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("山田", ["P1"]), ("やまだ", ["P1"]), ("ﾔﾏ", ["P1", "P3"]), ("山 太郎", ["P1"]),
        ("佐藤花子", ["P2"]), ("藤花", ["P2"]), ("0912345", []), ("9012345", ["P1"]),
        ("03-9999", ["P2"]), ("P3", ["P3"]), ("p", ["P1", "P2", "P3"]), ("だれも", []),
    ],
)  # fmt: skip
def test_search_by_name_kana_phone_and_number(ask, text, keys):
    found = ask.search(text, actor=OPERATOR)
    assert sorted(item["key"] for item in found["items"]) == keys
    assert found["total"] == len(keys)


def test_the_page_of_one_person(here, ask):
    page = ask.person("P1", actor=OPERATOR)
    assert page["display"] == "山田 太郎"
    related = {one["relation"]: one for one in page["related"]}
    assert related["accounts"]["total"] == 2
    assert [row["no"] for row in related["deposits"]["rows"]] == [1]
    assert related["home"]["rows"][0]["name"] == "山手"
    assert [row["no"] for row in related["used"]["rows"]] == [2]
    assert [row["no"] for row in related["used.cards"]["rows"]] == [71, 72]
    assert related["used.cards"]["many"]
    assert "cards" not in related
    assert related["deposits.cards"]["rows"] == []
    assert page["worth"] == []
    told = ask.timeline("P1", actor=OPERATOR)
    assert [event["at"] for event in told["items"]] == [
        "2026-03-20T10:00:00+09:00",
        "2026-03-01T10:00:00+09:00",
    ]
    assert not told["more"]


def test_why_tells_what_was_found(ask):
    rule = {"related": "deposits", "measure": {"sum": "balance"}, "op": "ge", "value": 500}
    assert ask.why(rule, "P2", actor=OPERATOR)["truth"] is True
    found = ask.why(rule, "P1", actor=OPERATOR)
    assert found["truth"] is False
    assert found["explanation"]["node"]["found"] in ("100", 100)
    event = {"event": "visit", "during": {"last": "30d"}, "op": "ge", "value": 1}
    assert ask.why(event, "P1", actor=OPERATOR)["truth"] is True


def test_a_funnel_asks_each_condition_once(here, ask):
    asked = []
    told = Warehouse(here.engine, lambda: here.catalog, here.clock, asked.append)
    parts = [{"field": "rank", "op": "ne", "value": f"r{i}"} for i in range(60)]
    steps = told.funnel({"all": [*parts, GOLD, {"not": GOLD}]}, actor=MANAGER)
    assert len(asked) == 1  # one reader, and no statement over the conditions before
    assert [(step["alone"], step["cumulative"]) for step in steps[-2:]] == [(1, 1), (1, 0)]
    for i in (0, 59, 60):
        whole = ask.count({"all": [*parts, GOLD][: i + 1]}, actor=MANAGER)["count"]
        assert steps[i]["cumulative"] == whole


def test_the_funnel_narrows(ask):
    rule = {"version": 1, "subject": "person", "rule": {"all": [
        {"field": "branch", "op": "eq", "value": "B1"}, GOLD]}}  # fmt: skip
    steps = ask.funnel(rule, actor=OPERATOR)
    assert [(s["path"], s["alone"], s["cumulative"]) for s in steps] == [
        ("$.rule.all[0]", 2, 2),
        ("$.rule.all[1]", 1, 1),
    ]


def test_datasets_tell_rows_and_loads(here, ask):
    found = {one["name"]: one for one in ask.datasets(actor=OPERATOR)}
    assert found["person"]["rows"] == 3
    assert found["visit"]["last_load"]["state"] == "loaded"
    assert ask.loads(actor=OPERATOR)["total"] == 5
    with pytest.raises(Forbidden):
        ask.datasets(actor=Actor("u", "representative", None, {}, "high"))


def test_dead_letters_show_their_text_only_to_who_may_see_it(here, ask):
    here.put("account.csv", "no,owner,kind,balance\nx,P1,定期,1\n")
    done = here.load("account")
    item = ask.dead_letters(done.id, actor=OPERATOR)["items"][0]
    assert (item["line"], item["field"], item["code"], item["raw"]) == (
        2, "no", "not_integer", "x,P1,定期,1",
    )  # fmt: skip
    masked = ask.dead_letters(done.id, actor=MARKETER)["items"][0]
    assert masked["raw"] is None
    assert masked["args"]["value"] == "＊＊＊"
    # Whose row it is nobody knows: who may not see everybody does not see it.
    scope = {"field": "person_id", "op": "eq", "value": "P1"}
    manager = Actor("u", "manager", scope, {}, "high")
    (masked,) = ask.dead_letters(done.id, actor=manager)["items"]
    assert (masked["raw"], masked["args"]["value"]) == (None, "＊＊＊")


BEYOND = [
    {"related": "home.persons", "where": {"field": "rank", "op": "eq", "value": "gold"},
     "op": "ge", "value": 1},
    {"related": "home.persons.visits", "op": "ge", "value": 1},
    {"related": "accounts", "where": {"related": "owner_.visits", "op": "ge", "value": 1},
     "op": "ge", "value": 1},
]  # fmt: skip


@pytest.mark.parametrize("rule", BEYOND)
def test_a_scoped_rule_does_not_lead_to_other_persons(ask, rule):
    asked = [
        lambda: ask.count(rule, actor=MANAGER),
        lambda: ask.sample(rule, actor=MANAGER),
        lambda: ask.funnel({"all": [GOLD, {"not": rule}]}, actor=MANAGER),
        lambda: ask.why(rule, "P1", actor=MANAGER),
    ]
    for call in asked:
        with pytest.raises(Forbidden) as refused:
            call()
        assert refused.value.code == "beyond_scope"
    assert ask.count(rule, actor=OPERATOR)["count"] > 0
    assert ask.count(rule, actor=replace(MANAGER, stored=True))["count"] > 0


def test_a_scoped_column_does_not_lead_to_other_persons(ask):
    column = {"related": "home.persons", "measure": {"max": "born"}}
    with pytest.raises(Forbidden) as refused:
        ask.who(EVERYBODY, actor=MANAGER, columns={"n": column})
    assert refused.value.code == "beyond_scope"
    assert ask.who(GOLD, actor=OPERATOR, columns={"n": column}).num_rows == 1
    own = {"related": "deposits", "measure": {"sum": "balance"}}
    assert ask.who(GOLD, actor=MANAGER, columns={"n": own}).num_rows == 1


def test_a_page_leaves_out_relatives_beyond_the_scope(world):
    family = CATALOG.replace("      rank: {type: string}", "      rank: {type: string}\n"
                             "      home_no: {type: string}", 1)  # fmt: skip
    family += (
        "  - {from: person.home_no, to: household.no, name: household, inverse: members}\n"
        "  - {name: family, from: person, via: [household, members], label: {ja: 家族, en: Family}}"
        "\n"
    )
    family = family.replace(
        "  account:\n",
        "  household:\n    label: {ja: 世帯, en: Household}\n    kind: current\n    key: no\n"
        '    source: {files: "household.csv"}\n    fields:\n      no: {type: string}\n'
        "  account:\n",
        1,
    )
    made = world(family)
    rows = FILES["person.csv"].splitlines()
    with_home = [f"{rows[0]},home_no", *(f"{row},H1" for row in rows[1:])]
    for name, content in FILES.items():
        made.put(name, content)
    made.put("person.csv", "\n".join(with_home) + "\n")
    made.put("household.csv", "no\nH1\n")
    assert made.load().state == "loaded"
    asked = Warehouse(made.engine, lambda: made.catalog, made.clock)

    def relatives(actor):
        [found] = [one for one in asked.person("P1", actor=actor)["related"]
                   if one["relation"] == "family"]  # fmt: skip
        assert found["total"] == len(found["rows"])
        return {row["id"] for row in found["rows"]}

    assert relatives(OPERATOR) == {"P2", "P3"}  # not P1 herself
    assert relatives(MANAGER) == {"P3"}
    silver = asked.find("P2", actor=OPERATOR)
    assert relatives(replace(MANAGER, opened=[silver])) == {"P2", "P3"}
