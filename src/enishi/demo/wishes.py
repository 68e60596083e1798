"""The lists that managers of the demo bank have made: which people, in what order, by whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Json = Mapping[str, Any]

_MATURITY: Json = {
    "kind": "score",
    "parts": [
        {
            "label": {"ja": "満期金額", "en": "Maturing amount"},
            "value": {
                "related": "time_deposits",
                "during": {"next": "60d"},
                "measure": {"sum": "balance"},
            },
            "bands": [
                {"from": 10_000_000, "points": 40},
                {"from": 5_000_000, "points": 30},
                {"from": 2_000_000, "points": 15},
            ],
        },
        {
            "label": {"ja": "2週間以内に満期", "en": "Matures within two weeks"},
            "value": {"related": "time_deposits", "during": {"next": "14d"}},
            "bands": [{"from": 1, "points": 30}],
        },
        {
            "label": {"ja": "金利のページを見た", "en": "Looked at rates"},
            "value": {
                "event": "web_visit",
                "where": {"field": "page", "op": "in", "value": ["定期預金", "金利一覧", "NISA"]},
                "during": {"last": "30d"},
            },
            "bands": [{"from": 3, "points": 20}, {"from": 1, "points": 12}],
        },
        {
            "label": {"ja": "ステージ", "en": "Stage"},
            "value": {"field": "standing.stage"},
            "map": {"プラチナ": 15, "ゴールド": 10, "シルバー": 5},
        },
    ],
    "high_from": 50,
    "medium_from": 25,
}
_LOAN: Json = {
    "kind": "score",
    "parts": [
        {
            "label": {"ja": "借換ページの閲覧", "en": "Refinancing pages seen"},
            "value": {
                "event": "web_visit",
                "where": {"field": "path", "op": "starts_with", "value": "/loans/housing"},
                "during": {"last": "90d"},
            },
            "bands": [{"from": 4, "points": 45}, {"from": 1, "points": 30}],
        },
        {
            "label": {"ja": "毎月の返済額", "en": "Monthly repayment"},
            "value": {
                "event": "transaction",
                "where": {"field": "category", "op": "eq", "value": "他行住宅ローン"},
                "measure": {"last": "amount"},
            },
            "bands": [{"from": 120_000, "points": 25}, {"from": 80_000, "points": 15}],
        },
        {
            "label": {"ja": "給与振込あり", "en": "Salary account"},
            "value": {"field": "salary_account"},
            "weight": 10,
        },
    ],
    "high_from": 55,
    "medium_from": 35,
}
_SENIOR: Json = {
    "kind": "score",
    "parts": [
        {
            "label": {"ja": "高額引出の回数（30日）", "en": "Large withdrawals (30 days)"},
            "value": {
                "event": "transaction",
                "where": {
                    "all": [
                        {"field": "category", "op": "eq", "value": "現金引出"},
                        {"field": "amount", "op": "ge", "value": 300_000},
                    ]
                },
                "during": {"last": "30d"},
            },
            "bands": [{"from": 2, "points": 60}, {"from": 1, "points": 35}],
        },
        {
            "label": {"ja": "年齢", "en": "Age"},
            "value": {"field": "birth_date.age"},
            "bands": [{"from": 85, "points": 30}, {"from": 80, "points": 20}],
        },
    ],
    "high_from": 50,
    "medium_from": 20,
}
_DETRACTOR: Json = {
    "kind": "score",
    "parts": [
        {
            "label": {"ja": "解約ページの閲覧", "en": "Closing pages seen"},
            "value": {
                "event": "web_visit",
                "where": {
                    "field": "page",
                    "op": "in",
                    "value": ["カード解約手続き", "口座解約手続き"],
                },
                "during": {"last": "90d"},
            },
            "bands": [{"from": 2, "points": 40}, {"from": 1, "points": 25}],
        },
        {
            "label": {"ja": "苦情（1年）", "en": "Complaints (a year)"},
            "value": {"event": "complaint", "during": {"last": "1y"}},
            "bands": [{"from": 1, "points": 25}],
        },
        {
            "label": {"ja": "ステージ", "en": "Stage"},
            "value": {"field": "standing.stage"},
            "map": {"プラチナ": 30, "ゴールド": 20, "シルバー": 10},
        },
    ],
}
_MEDIUM: Json = {"kind": "fixed", "level": "medium"}


@dataclass(frozen=True, slots=True)
class WishedList:
    """A list as its manager wished it.

    `starts` and `refreshes` are days before today, `due` days after the start, `pace` the members
    a representative takes on a working day.
    """

    definition: str
    name: str
    branch: str
    starts: int
    due: int
    assignment: str
    priority: Json
    pace: float
    filter: Json | None = None
    top_n: int | None = None
    refreshes: tuple[int, ...] = ()
    slug: str | None = None


WISHES: tuple[WishedList, ...] = (
    WishedList(
        "deposit-maturity", "満期案内 年末まで", "101", 24, 45, "owner", _MATURITY, 0.9,
        refreshes=(10,), slug="maturity-calls",
    ),
    WishedList(
        "application-help", "申し込みの手伝い", "101", 23, 60, "round_robin", _MEDIUM, 0.4,
        slug="application-calls",
    ),
    WishedList(
        "housing-loan-refinance", "住宅ローン借換 秋の相談会", "101", 18, 30, "round_robin", _LOAN,
        0.5, filter={"field": "birth_date.age", "op": "between", "value": [30, 55]}, top_n=120,
    ),
    WishedList(
        "nps-detractors", "ご意見へのお返事", "101", 12, 15, "by_hand", _DETRACTOR, 0.3,
    ),
    WishedList(
        "deposit-maturity", "新宿 満期案内", "102", 16, 30, "owner", _MATURITY, 0.9,
    ),
    WishedList(
        "senior-care", "横浜 見守りのご連絡", "105", 20, 23, "round_robin", _SENIOR, 0.8,
    ),
    WishedList(
        "dormant-customers", "大阪 休眠口座のご確認", "110", 22, 24, "round_robin", _MEDIUM, 1.0,
    ),
)  # fmt: skip
