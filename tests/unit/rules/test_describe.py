"""Sentences that a colleague would say, and that say one thing only."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from rules_bank import bank
from rules_shop import shop

from enishi.catalog.sets import FixedSets
from enishi.catalog.types import Catalog
from enishi.kernel.text import Text
from enishi.rules import check_rule, check_value, describe

_LABELS = {
    "name": Text("氏名", "name"), "home": Text("都道府県", "prefecture"),
    "born": Text("生年月日", "birth date"), "tags": Text("属性", "tags"),
    "owned": Text("名義口座", "owned accounts"), "balance": Text("残高", "balance"),
    "kind": Text("種類", "kind"), "pages": Text("閲覧数", "pages"), "branch": Text("支店",
     "branch"),
    "region": Text("地域", "region"),
}  # fmt: skip


def labelled() -> Catalog:
    catalog = bank().catalog
    datasets = {
        name: replace(
            d,
            fields={
                f.name: replace(f, label=_LABELS.get(f.name, f.label)) for f in d.fields.values()
            },
        )
        for name, d in catalog.datasets.items()
    }
    relations = {
        source: {r.name: replace(r, label=_LABELS.get(r.name, r.label)) for r in named.values()}
        for source, named in catalog.relations.items()
    }
    return replace(catalog, datasets=datasets, relations=relations)


CATALOG = labelled()
SENTENCES = [
    (
        {"all": [
            {"event": "購入", "during": {"last": "30d"}, "op": "ge", "value": 3},
            {"field": "home", "op": "in", "value": ["東京都", "神奈川県"]},
        ]},
        "直近30日間に「購入」が3回以上、かつ 都道府県が東京都または神奈川県",
        ("the number of events “購入” in the last 30 days is at least 3,"
         " and prefecture is “東京都” or “神奈川県”"),
    ),
    (
        {"related": "owned", "where": {"field": "kind", "op": "eq", "value": "定期預金"},
         "measure": {"sum": "balance"}, "op": "gt", "value": 10_000_000},
        "名義口座（種類が定期預金）の残高の合計が10,000,000より大きい",
        ("the total of balance over owned accounts (where kind is “定期預金”)"
         " is more than 10,000,000"),
    ),
    (
        {"not": {"event": "login", "during": {"last": "3mo"}}},
        "直近3か月間に「login」がない",
        "there is no “login” in the last 3 months",
    ),
    (
        {"any": [{"field": "born", "op": "anniversary_during", "value": {"next": "7d"}},
                 {"all": [{"field": "born.age", "op": "ge", "value": 65},
                          {"field": "tags", "op": "has", "value": "VIP"}]}]},
        ("生年月日と同じ月日が後の年の今後7日間に来る、または "
         "（生年月日の年齢が65以上、かつ 属性に「VIP」がある）"),
        ("a later anniversary of birth date falls in the next 7 days,"
         " or (the age of birth date is at least 65, and tags has “VIP”)"),
    ),
    (
        {"event": "login", "during": {"calendar": "this_month"}, "measure": {"sum": "pages"},
         "op": "lt", "value": {"of": {"event": "login", "during": {"calendar": "last_month"},
                                      "measure": {"sum": "pages"}}, "times": Decimal("0.7")}},
        "今月の「login」の閲覧数の合計が『先月の「login」の閲覧数の合計』の0.7倍未満",
        ("the total of pages over “login” this month is less than"
         " [the total of pages over “login” last month] times 0.7"),
    ),
    (
        {"field": "branch.region", "op": "not_contains", "value": "関東", "exact": True},
        "支店の地域に関東を含まない（表記どおり）",
        "branch's region does not contain “関東” (exactly as written)",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("json", "ja", "en"), SENTENCES, ids=lambda v: str(v)[:40])
def test_a_rule_reads_as_it_is_said(json: object, ja: str, en: str) -> None:
    rule = check_rule(json, CATALOG)
    assert describe(rule, CATALOG, "ja") == ja
    assert describe(rule, CATALOG, "en") == en


def test_a_value_reads_as_a_noun() -> None:
    last = check_value({"event": "*", "measure": {"last": "ts"}}, CATALOG)
    assert describe(last, CATALOG, "ja") == "最後のすべてのイベントの発生時刻"
    assert describe(last, CATALOG, "en") == "event time of the last any event"


def test_groups_that_say_nothing_are_not_said() -> None:
    bare = {"field": "home", "op": "eq", "value": "東京都"}
    said = {
        describe(check_rule(json, CATALOG), CATALOG, "ja")
        for json in (bare, {"all": [bare]}, {"any": [{"all": [bare]}]})
    }
    assert said == {"都道府県が東京都"}


def test_labels_that_could_mislead_carry_their_name() -> None:
    person = CATALOG.datasets["person"]
    twice = {n: replace(f, label=Text("金額", "amount")) if n in ("money", "n") else f
             for n, f in person.fields.items()}  # fmt: skip
    catalog = replace(
        CATALOG, datasets={**CATALOG.datasets, "person": replace(person, fields=twice)}
    )
    said = [
        describe(check_rule({"field": n, "op": "gt", "value": 1}, catalog), catalog, "ja")
        for n in ("money", "n")
    ]
    assert said == ["金額［money］が1より大きい", "金額［n］が1より大きい"]


def test_a_text_cannot_pose_as_grammar() -> None:
    texts = ["東京都または神奈川県", "東京都」または「神奈川県", "a\\", "a", "3回以上"]
    said = [
        describe(check_rule({"field": "home", "op": "eq", "value": t}, CATALOG), CATALOG, "ja")
        for t in texts
    ]
    both = {"field": "home", "op": "in", "value": ["東京都", "神奈川県"]}
    said.append(describe(check_rule(both, CATALOG), CATALOG, "ja"))
    assert len(set(said)) == len(said)


def test_an_event_goes_by_the_label_of_its_dataset_and_never_reads_like_another() -> None:
    named = [n for n, d in CATALOG.datasets.items() if d.event is not None and d.event.name]
    assert named, "the bank of these tests has an event that is a whole dataset"
    dataset = CATALOG.datasets[named[0]]
    assert dataset.event is not None
    label = replace(dataset, label=Text("接触履歴", "Contact"))
    catalog = replace(CATALOG, datasets={**CATALOG.datasets, dataset.name: label})
    asked = [{"event": dataset.event.name}, {"event": "接触履歴"}]
    said = [describe(check_rule(json, catalog), catalog, "ja") for json in asked]
    assert said == ["「接触履歴」がある", "「接触履歴」［接触履歴］がある"]


SHOP = shop().catalog
ABOUT_SUBJECTS = [
    (
        {"sequence": [{"event": "cart"}, {"no_event": "pay", "within": "14d"}],
         "during": {"last": "6mo"}},
        "「cart」のあと14日以内に「pay」がない（直近6か月間）",
        "there is “cart”, then within 14 days no “pay” (in the last 6 months)",
    ),
    (
        {"sequence": [{"event": "cart", "where": {"field": "amount", "op": "ge", "value": 100}},
                      {"no_event": "pay", "within": "3d"}, {"event": "view", "within": "5w"}],
         "same": "order", "during": {"calendar": "this_month"}},
        ("「cart」（amountが100以上）のあと3日以内に「pay」がなく、"
         "その「cart」のあと5週間以内に「view」がある（今月、orderが同じ）"),
        ("there is “cart” (where amount is at least 100), then within 3 days no “pay”,"
         " then after that “cart” within 5 weeks “view” (this month; sharing order)"),
    ),
    (
        {"sequence": [{"event": ["view", "cart"]}, {"event": "*"}, {"no_event": "*",
                                                                  "within": "2h"}]},
        "「cart」・「view」のあとにイベントがあり、そのあと2時間以内にイベントがない",
        "there is “cart” or “view”, then any event, then within 2 hours no event",
    ),
    (
        {"sequence": [{"event": "cart"}]},
        "「cart」だけの順序がある",
        "there is “cart” as a sequence of its own",
    ),
    (
        {"segment": "vip"},
        "セグメント「優良顧客」に入っている",
        "is in the segment “good customers”",
    ),
    (
        {"not": {"segment": "vip"}},
        "セグメント「優良顧客」に入っていない",
        "is not in the segment “good customers”",
    ),
    (
        {"segment": "vip", "entered": {"last": "30d"}},
        "セグメント「優良顧客」に直近30日間に入った",
        "entered the segment “good customers” in the last 30 days",
    ),
    (
        {"not": {"segment": "vip", "left": {"calendar": "last_month"}}},
        "セグメント「優良顧客」から先月に外れたことがない",
        "did not leave the segment “good customers” last month",
    ),
    (
        {"list": "calls"},
        "リスト「春の架電」に未完了で載っている",
        "is on the list “spring calls”, open or being worked on",
    ),
    (
        {"not": {"list": "calls", "status": ["new", "done"]}},
        "リスト「春の架電」に「完了」または「未着手」の状態で載っていない",
        "is not on the list “spring calls” with the status “done” or “not started”",
    ),
    (
        {"sample": {"percent": Decimal("12.50"), "salt": "spring"}},
        "「spring」で抽出した12.5％に入る",
        "is in the 12.5% sample “spring”",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("json", "ja", "en"), ABOUT_SUBJECTS, ids=lambda v: str(v)[:40])
def test_a_rule_about_the_subject_reads_as_it_is_said(json: object, ja: str, en: str) -> None:
    rule = check_rule(json, SHOP, subject="person")
    assert describe(rule, SHOP, "ja") == ja
    assert describe(rule, SHOP, "en") == en


def test_a_set_that_is_gone_or_shares_its_label_goes_by_its_name() -> None:
    rule = check_rule({"all": [{"segment": "vip"}, {"list": "calls"}]}, SHOP, subject="person")
    info = SHOP.sets.segments()["vip"]
    twins = FixedSets({"vip": info, "vip2": replace(info, slug="vip2")})
    said = describe(rule, replace(SHOP, sets=twins), "ja").split("、かつ ")
    assert said == [
        "セグメント「優良顧客」［vip］に入っている",
        "リスト「calls」［calls］に未完了で載っている",
    ]


def test_a_field_of_another_dataset_carries_its_name() -> None:
    last = check_value({"event": "*", "measure": {"last": "day"}}, SHOP, subject="person")
    assert describe(last, SHOP, "ja") == "最後のすべてのイベントのday［day］"
    assert describe(last, SHOP, "en") == "day［day］ of the last any event"
