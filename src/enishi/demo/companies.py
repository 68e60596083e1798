"""Companies with coined names and their groups; corporate numbers that cannot be real."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from enishi.demo.columns import (
    Floats,
    Ints,
    Today,
    choose,
    coded,
    days,
    decimals,
    flags,
    generator,
    joined,
    numbers,
    padded,
    words,
)
from enishi.demo.names import given_names, surnames
from enishi.demo.offices import Offices, number_text
from enishi.demo.places import TOWNS
from enishi.demo.products import RATES

_HEADS = (
    ("灯里", "アカリ"), ("雲居", "クモイ"), ("星迎", "ホシムカエ"), ("鈴鳴", "スズナリ"),
    ("風待", "カゼマチ"), ("朝凪", "アサナギ"), ("月詠", "ツクヨミ"), ("花灯", "ハナアカリ"),
    ("陽向", "ヒナタ"), ("水鏡", "ミズカガミ"), ("緑穂", "ロクスイ"), ("蒼嶺", "ソウレイ"),
    ("白汀", "ハクテイ"), ("茜野", "アカネノ"), ("霞縁", "カスミベリ"), ("穂高見", "ホタカミ"),
)  # fmt: skip
_TAILS = (
    ("原", "ハラ"), ("沢", "サワ"), ("浜", "ハマ"), ("峰", "ミネ"), ("里", "サト"),
    ("川", "カワ"), ("野", "ノ"), ("島", "シマ"), ("崎", "サキ"), ("森", "モリ"),
)  # fmt: skip
_TRADES = (
    ("製造業", "精工", "セイコウ"), ("製造業", "化成", "カセイ"), ("建設業", "建設", "ケンセツ"),
    ("卸売業", "商事", "ショウジ"), ("小売業", "ストア", "ストア"), ("運輸業", "運輸", "ウンユ"),
    ("飲食業", "フーズ", "フーズ"), ("情報通信業", "システム", "システム"),
    ("不動産業", "地所", "ジショ"), ("サービス業", "サービス", "サービス"),
    ("医療・福祉", "会", "カイ"), ("教育", "学園", "ガクエン"),
)  # fmt: skip
_TRADE_SHARES = (14, 6, 15, 12, 10, 7, 8, 9, 7, 10, 6, 3)
_MEDICAL, _SCHOOL = 10, 11
_FORMS = (
    "株式会社",
    "株式会社",
    "(株)",
    "㈱",
    "有限会社",
    "(有)",
    "合同会社",
    "医療法人",
    "学校法人",
)
_FORM_NAMES = ("株式会社",) * 4 + ("有限会社",) * 2 + ("合同会社", "医療法人", "学校法人")
_FORM_SHARES = (34, 24, 9, 4, 16, 3, 10)


@dataclass(frozen=True)
class Companies:
    """Parallel arrays, one entry a company; `parent` is an index, -1 for none."""

    stem: Ints
    trade: Ints
    form: Ints
    parent: Ints
    generation: Ints  # order among the companies of one group, 0 for the parent
    size: Floats  # standard normal, larger is larger
    branch: Ints
    owner: Ints

    @property
    def count(self) -> int:
        return len(self.stem)


def found_companies(seed: int, customers: int, offices: Offices) -> Companies:
    """A company for each 25 persons; a tenth of them head a group of two to five."""
    rng = generator(seed, 10)
    count = max(20, customers // 25)
    parent = np.full(count, -1, dtype=np.int64)
    generation = np.zeros(count, dtype=np.int64)
    groups = max(2, count // 10)
    follower = groups
    for head in range(groups):
        for order in range(1, 1 + int(rng.integers(1, 5))):
            if follower >= count // 2:
                break
            parent[follower] = head
            generation[follower] = order
            follower += 1
    stem = rng.integers(0, len(_HEADS) * len(_TAILS), count)
    member = parent >= 0
    stem[member] = stem[parent[member]]
    trade = choose(rng, _TRADE_SHARES, count)
    trade[:groups] = np.where(trade[:groups] >= _MEDICAL, 0, trade[:groups])
    form = choose(rng, _FORM_SHARES, count)
    form[:groups] %= 2
    form = np.where(trade == _MEDICAL, 7, np.where(trade == _SCHOOL, 8, form))
    size = rng.normal(0, 1, count)
    size[:groups] += 1.6
    branch = choose(rng, [b.place.weight for b in offices.branches], count)
    return Companies(
        stem, trade, form, parent, generation, size, branch, offices.owners(rng, branch)
    )


def employers(seed: int, companies: Companies, employed: Ints, persons: int) -> Ints:
    """For each person the index of her employer, -1 for none; large companies employ more."""
    rng = generator(seed, 11)
    found = np.full(persons, -1, dtype=np.int64)
    chosen = employed[rng.random(len(employed)) < 0.35]
    found[chosen] = choose(rng, np.exp(companies.size).tolist(), len(chosen))
    return found


def _names(companies: Companies) -> tuple[pa.Array, pa.Array]:
    stems = [h[0] + t[0] for h in _HEADS for t in _TAILS]
    kana = [h[1] + t[1] for h in _HEADS for t in _TAILS]
    holding = (companies.parent < 0) & (np.arange(companies.count) < companies.count // 10)
    ordinal = np.where(companies.generation > 1, companies.generation, 0)
    trades = [t[1] for t in _TRADES] + ["ホールディングス"]
    trades_kana = [t[2] for t in _TRADES] + ["ホールディングス"]
    trade = np.where(holding, len(_TRADES), companies.trade)
    suffix = words(["", "", "東日本", "西日本", "テクノ"], ordinal)
    suffix_kana = words(["", "", "ヒガシニホン", "ニシニホン", "テクノ"], ordinal)
    core = joined(words(stems, companies.stem), words(trades, trade), suffix)
    form = words(_FORMS, companies.form)
    before = np.isin(companies.form, (0, 3, 4, 6, 7, 8))
    name = pa.compute.if_else(pa.array(before), joined(form, core), joined(core, form))
    return name, joined(words(kana, companies.stem), words(trades_kana, trade), suffix_kana)


def _corporate_numbers(rng: np.random.Generator, count: int) -> Ints:
    """13 digits whose first is never the check digit (9 - weighted sum mod 9) of the others."""
    body = rng.integers(10**11, 10**12, count)
    total = np.zeros(count, dtype=np.int64)
    for place in range(12):
        total += (body // 10**place) % 10 * (1 if place % 2 == 0 else 2)
    right = 9 - total % 9
    wrong = right % 9 + 1
    return np.asarray(wrong * 10**12 + body, dtype=np.int64)


def company_table(seed: int, companies: Companies, offices: Offices, today: Today) -> pa.Table:
    """One row for each company."""
    rng = generator(seed, 12)
    count = companies.count
    name, kana = _names(companies)
    staff = np.clip(np.exp(3.0 + 1.2 * companies.size), 1, 30_000).astype(np.int64)
    sales = staff * np.exp(rng.normal(16.6, 0.4, count))
    places = [b.place for b in offices.branches]
    head = words(surnames().written, choose(rng, [1 / (4 + r) for r in range(200)], count))
    return pa.table(
        {
            "company_no": coded("K", np.arange(count, dtype=np.int64) + 1, 6),
            "name": name,
            "name_kana": kana,
            "legal_form": words(_FORM_NAMES, companies.form),
            "corporate_number": number_text(_corporate_numbers(rng, count)),
            "industry": words([t[0] for t in _TRADES], companies.trade),
            "headcount": numbers(staff),
            "annual_sales": numbers((np.round(sales / 1e6) * 1e6).astype(np.int64)),
            "parent_no": coded("K", companies.parent + 1, 6, companies.parent < 0),
            "prefecture": words([p.prefecture for p in places], companies.branch),
            "city": words([p.city for p in places], companies.branch),
            "address": joined(
                words(TOWNS, rng.integers(0, len(TOWNS), count)),
                number_text(rng.integers(1, 6, count)),
                "-",
                number_text(rng.integers(1, 40, count)),
            ),
            "phone": joined(
                words([p.dial for p in places], companies.branch),
                "-0",
                padded(rng.integers(0, 1000, count), 3),
                "-",
                padded(rng.integers(0, 10_000, count), 4),
            ),
            "head_name": joined(
                head, "　", words(given_names(False, 1).written, rng.integers(0, 32, count))
            ),
            "founded_on": days(today.day - rng.integers(700, 365 * 80, count)),
            "main_bank": flags(rng.random(count) < 0.45),
            "branch": words([b.code for b in offices.branches], companies.branch),
            "staff_code": coded("S", companies.owner + 1001, 5),
        }
    )


def company_loan_table(seed: int, companies: Companies, today: Today) -> pa.Table:
    """Loans to companies: more and larger to larger ones."""
    rng = generator(seed, 13)
    counts = rng.poisson(np.exp(0.1 + 0.35 * companies.size))
    of = np.repeat(np.arange(companies.count), counts)
    size = len(of)
    amount = (
        np.round(np.exp(16.8 + 0.9 * companies.size[of] + rng.normal(0, 0.5, size)) / 1e6) * 1e6
    )
    years = rng.integers(1, 11, size)
    gone = rng.random(size)
    started = today.day - (gone * years * 365).astype(np.int64)
    return pa.table(
        {
            "loan_no": coded("B", np.arange(size, dtype=np.int64) + 1, 7),
            "company_no": coded("K", of + 1, 6),
            "kind": words(["運転資金", "設備資金", "当座貸越"], choose(rng, (5, 4, 2), size)),
            "amount": numbers(amount.astype(np.int64)),
            "balance": numbers((np.round(amount * (1 - gone) / 1e4) * 1e4).astype(np.int64)),
            "rate": decimals(RATES, rng.integers(150, 450, size), 3),
            "started_on": days(started),
            "ends_on": days(started + years * 365),
        }
    )
