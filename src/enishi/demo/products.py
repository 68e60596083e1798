"""What persons hold, by their means: deposits, cards, loans, investments, insurance."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pyarrow as pa

from enishi.demo.columns import (
    Flags,
    Ints,
    Today,
    choose,
    coded,
    days,
    decimals,
    flags,
    generator,
    numbers,
    sigmoid,
    words,
)
from enishi.demo.people import People

RATES: tuple[Decimal, ...] = tuple(Decimal(step).scaleb(-3) * 5 for step in range(1000))
"""Yearly rates from 0.000 to 4.995 percent in steps of 0.005."""

ORDINARY, TIME, FOREIGN = range(3)
DEPOSIT_KINDS = ("普通預金", "定期預金", "外貨預金")
CARD_REASONS = (
    "年会費が高い",
    "他社カードへの切替",
    "利用しない",
    "対応への不満",
    "セキュリティへの不安",
)
LOAN_KINDS = ("住宅ローン", "マイカーローン", "教育ローン", "カードローン")


@dataclass(frozen=True)
class Holdings:
    """Indices of persons behind the product tables that later tables need, and their sums."""

    deposits: pa.Table
    cards: pa.Table
    loans: pa.Table
    investments: pa.Table
    policies: pa.Table
    card_of: Ints  # person of each card
    card_cancelled: Ints  # day, 0 while it is valid
    card_issued: Ints
    card_reason: Ints
    mortgage: Flags  # per person: has a housing loan with us
    mortgage_elsewhere: Flags  # per person: pays one to another bank from our account
    repayment: Ints  # monthly, yen, to us or to the other bank
    refinancing: Flags  # per person: is looking at housing loans
    matures: Ints  # per person: the first coming maturity, 0 for none
    invests: Flags
    assets: Ints  # per person, yen


def _yen(rng: np.random.Generator, log_mean: object, spread: float, unit: int, size: int) -> Ints:
    """Log-normal amounts rounded to `unit` yen, at least one unit."""
    drawn = np.exp(np.asarray(log_mean) + rng.normal(0, spread, size))
    return np.maximum(np.round(drawn / unit), 1).astype(np.int64) * unit


def _deposits(seed: int, people: People, today: Today) -> tuple[pa.Table, Ints, Ints, Ints]:
    """The table, and for each row its person, its balance in yen and its maturity (0: none)."""
    rng = generator(seed, 20)
    everyone = np.arange(people.size, dtype=np.int64)
    saver = sigmoid(-1.5 + 0.8 * people.wealth + 0.035 * (people.age - 45))
    has_time = (rng.random(people.size) < saver) & people.adult
    of_time = np.repeat(everyone, np.where(has_time, 1 + rng.poisson(0.45, people.size), 0))
    abroad = sigmoid(-3.4 + 0.9 * people.wealth + 0.6 * people.risk)
    of_foreign = everyone[(rng.random(people.size) < abroad) & people.adult]
    of = np.concatenate([everyone, of_time, of_foreign])
    kind = np.repeat([ORDINARY, TIME, FOREIGN], [len(everyone), len(of_time), len(of_foreign)])
    size = len(of)
    wealth = people.wealth[of]
    log_mean = np.where(
        kind == ORDINARY,
        13.0 + 0.75 * wealth + 0.5 * people.salaried[of] + 0.006 * (people.age[of] - 40),
        13.9 + 0.65 * wealth,
    )
    log_mean = np.where((kind == ORDINARY) & (people.age[of] < 18), 11.3, log_mean)
    left = (people.leaving[of] > 0) & (kind == ORDINARY)
    log_mean = log_mean - 1.1 * left
    balance = _yen(rng, log_mean, 0.8, 1, size)
    balance = np.where(kind == TIME, np.maximum(balance // 100_000, 1) * 100_000, balance)
    months = np.array([3, 6, 12, 24, 36, 60])[choose(rng, (8, 14, 34, 14, 18, 12), size)]
    term = (months * 30.44).astype(np.int64)
    matures = today.day + (term * rng.random(size)).astype(np.int64)
    since = people.since[of]
    age_of_account = (today.day - since) * np.where(kind == ORDINARY, 1.0, rng.random(size))
    opened = np.where(kind == TIME, np.maximum(matures - term, 0), today.day - age_of_account)
    opened = np.maximum(opened.astype(np.int64), since)
    rate = np.where(kind == TIME, 40 + months + rng.integers(0, 30, size), 40)
    rate = np.where(kind == FOREIGN, rng.integers(400, 800, size), rate)
    idle = np.where(people.dormant[of], rng.integers(370, 1_900, size), rng.geometric(0.05, size))
    foreign = np.where(kind == FOREIGN, choose(rng, (6, 3, 1), size) + 1, 0)
    table = pa.table(
        {
            "account_no": coded("A", np.arange(size, dtype=np.int64) + 1, 8),
            "customer_no": coded("", of + 1, 8),
            "kind": words(DEPOSIT_KINDS, kind),
            "currency": words(["JPY", "USD", "EUR", "AUD"], foreign),
            "balance": numbers(balance),
            "rate": decimals(RATES, rate, 3),
            "opened_on": days(opened),
            "last_moved_on": days(np.maximum(today.day - idle, opened)),
            "matures_on": days(matures, kind != TIME),
            "auto_renew": flags((kind == TIME) & (rng.random(size) < 0.6)),
        }
    )
    return table, of, balance, np.where(kind == TIME, matures, 0)


def _cards(seed: int, people: People, today: Today) -> tuple[pa.Table, Ints, Ints, Ints, Ints]:
    rng = generator(seed, 21)
    likes = sigmoid(-0.7 + 0.45 * people.wealth + 0.9 * people.salaried)
    has = people.adult & (people.age < 85) & ~people.dormant & (rng.random(people.size) < likes)
    of = np.flatnonzero(has | (people.leaving > 0)).astype(np.int64)
    size = len(of)
    tier = choose(rng, (70, 24, 6), size)
    tier = np.where(people.wealth[of] > 1.4, np.maximum(tier, 1), tier)
    held = (today.day - people.since[of]) * rng.random(size)
    issued = np.maximum(today.day - held.astype(np.int64), today.day - 15 * 365)
    cancelled = people.leaving[of]
    issued = np.where(cancelled > 0, np.minimum(issued, cancelled - 200), issued)
    grieved = people.grievance[of] > 0
    reason = np.where(
        grieved, choose(rng, (2, 2, 1, 9, 2), size), choose(rng, (6, 5, 5, 1, 1), size)
    )
    active = cancelled == 0
    table = pa.table(
        {
            "card_no": coded("C", np.arange(size, dtype=np.int64) + 1, 8),
            "customer_no": coded("", of + 1, 8),
            "tier": words(["クラシック", "ゴールド", "プラチナ"], tier),
            "annual_fee": numbers(np.array([1_375, 11_000, 33_000])[tier]),
            "credit_limit": numbers(np.array([300_000, 1_000_000, 3_000_000])[tier]),
            "issued_on": days(issued),
            "status": words(["解約", "有効"], active.astype(np.int64)),
            "cancelled_on": days(cancelled, active),
            "cancel_reason": words(CARD_REASONS, reason, active),
        }
    )
    return table, of, cancelled, issued, reason


def _loans(seed: int, people: People, today: Today) -> tuple[pa.Table, Flags, Flags, Ints, Ints]:
    """The table, and per person: mortgage here, mortgage elsewhere, repayment a month, debt."""
    rng = generator(seed, 22)
    family = np.isin(people.household_type, (2, 3, 4))
    able = people.adult & (people.income >= 3_500_000) & (people.age >= 27) & (people.age < 66)
    owns = able & (rng.random(people.size) < np.where(family, 0.42, 0.12)) & ~people.dormant
    here = owns & (rng.random(people.size) < 0.45)
    elsewhere = owns & ~here & people.salaried
    others = people.adult & (people.age < 70) & (rng.random(people.size) < 0.05)
    of = np.concatenate([np.flatnonzero(here), np.flatnonzero(others)]).astype(np.int64)
    size = len(of)
    kind = np.concatenate(
        [np.zeros(int(here.sum()), dtype=np.int64), choose(rng, (5, 3, 4), int(others.sum())) + 1]
    )
    house = kind == 0
    income = np.maximum(people.income, 2_000_000)
    amount = np.where(
        house,
        np.round(income[of] * rng.uniform(3.5, 6.5, size) / 1e5) * 1e5,
        np.round(rng.uniform(3, 30, size)) * 100_000,
    ).astype(np.int64)
    years = np.where(house, rng.choice([20, 25, 30, 35], size), rng.integers(2, 9, size))
    gone = np.clip(rng.random(size) * 0.9, 0.0, np.maximum(people.age[of] - 20, 1) / 30)
    started = today.day - (gone * years * 365.25).astype(np.int64)
    fixed = house & (rng.random(size) < 0.55)
    rate = np.where(house, rng.integers(80, 260, size) + 120 * fixed, rng.integers(400, 980, size))
    balance = (amount * (1 - gone**1.2) // 1000 * 1000).astype(np.int64)
    ten = started + 3_652
    table = pa.table(
        {
            "loan_no": coded("L", np.arange(size, dtype=np.int64) + 1, 7),
            "customer_no": coded("", of + 1, 8),
            "kind": words(LOAN_KINDS, kind),
            "amount": numbers(amount),
            "balance": numbers(balance),
            "rate": decimals(RATES, rate, 3),
            "rate_type": words(["変動", "10年固定"], fixed.astype(np.int64)),
            "started_on": days(started),
            "fixed_until": days(ten, ~fixed | (ten < today.day)),
            "ends_on": days(started + (years * 365.25).astype(np.int64)),
            "arrears_days": numbers(
                np.where(rng.random(size) < 0.012, rng.integers(1, 60, size), 0)
            ),
        }
    )
    repayment = np.round(income * rng.uniform(0.14, 0.22, people.size) / 12_000) * 1_000
    debt = np.bincount(of, weights=balance, minlength=people.size).astype(np.int64)
    return table, here, elsewhere, np.where(owns, repayment, 0).astype(np.int64), debt


def _investments(seed: int, people: People, today: Today) -> tuple[pa.Table, Ints, Ints]:
    rng = generator(seed, 23)
    likes = sigmoid(-2.3 + 0.9 * people.wealth + 0.8 * people.risk)
    has = people.adult & (rng.random(people.size) < likes) & ~people.dormant
    of = np.repeat(np.flatnonzero(has), 1 + np.minimum(rng.poisson(0.6, int(has.sum())), 4)).astype(
        np.int64
    )
    size = len(of)
    cost = _yen(rng, 13.4 + 0.6 * people.wealth[of], 0.7, 10_000, size)
    value = (cost * np.exp(rng.normal(0.12, 0.2, size)) // 1_000 * 1_000).astype(np.int64)
    names = ["国内株式型", "海外株式型", "国内債券型", "バランス型", "不動産投信型"]
    table = pa.table(
        {
            "fund_no": coded("F", np.arange(size, dtype=np.int64) + 1, 8),
            "customer_no": coded("", of + 1, 8),
            "fund_class": words(names, choose(rng, (4, 7, 2, 6, 1), size)),
            "purchase_value": numbers(cost),
            "market_value": numbers(value),
            "nisa": flags(rng.random(size) < 0.6),
            "opened_on": days(
                np.maximum(today.day - rng.integers(10, 3_000, size), people.since[of])
            ),
        }
    )
    return table, of, value


def _policies(seed: int, people: People, today: Today) -> pa.Table:
    rng = generator(seed, 24)
    likes = sigmoid(-2.6 + 0.4 * people.wealth + 0.02 * (people.age - 40))
    has = people.adult & (rng.random(people.size) < likes)
    of = np.flatnonzero(has).astype(np.int64)
    size = len(of)
    kind = choose(rng, (4, 4, 3, 2), size)
    started = np.maximum(today.day - rng.integers(20, 7_000, size), people.since[of])
    means = people.wealth[of]
    ends = started + np.array([365 * 40, 365 * 10, 365 * 15, 365 * 18])[kind]
    return pa.table(
        {
            "policy_no": coded("P", np.arange(size, dtype=np.int64) + 1, 8),
            "customer_no": coded("", of + 1, 8),
            "kind": words(["終身保険", "医療保険", "個人年金保険", "学資保険"], kind),
            "yearly_premium": numbers(_yen(rng, 11.7 + 0.3 * means, 0.4, 1_000, size)),
            "insured_amount": numbers(
                _yen(rng, 15.2 + 0.3 * people.wealth[of], 0.4, 500_000, size)
            ),
            "started_on": days(started),
            "ends_on": days(ends),
        }
    )


def sell_products(seed: int, people: People, today: Today) -> Holdings:
    """Every product of every person."""
    deposits, deposit_of, balance, matures = _deposits(seed, people, today)
    cards, card_of, cancelled, issued, reason = _cards(seed, people, today)
    loans, here, elsewhere, repayment, _debt = _loans(seed, people, today)
    funds, fund_of, value = _investments(seed, people, today)
    rng = generator(seed, 25)
    look = np.where(elsewhere, 0.34, np.where(here, 0.10, 0.01)) * (0.4 + people.digital)
    far = np.iinfo(np.int64).max
    first = np.full(people.size, far, dtype=np.int64)
    np.minimum.at(first, deposit_of[matures > 0], matures[matures > 0])
    assets = np.bincount(deposit_of, weights=balance, minlength=people.size)
    assets += np.bincount(fund_of, weights=value, minlength=people.size)
    invests = np.zeros(people.size, dtype=np.bool_)
    invests[fund_of] = True
    return Holdings(
        deposits=deposits,
        cards=cards,
        loans=loans,
        investments=funds,
        policies=_policies(seed, people, today),
        card_of=card_of,
        card_cancelled=cancelled,
        card_issued=issued,
        card_reason=reason,
        mortgage=here,
        mortgage_elsewhere=elsewhere,
        repayment=repayment,
        refinancing=rng.random(people.size) < look,
        matures=np.where(first == far, 0, first),
        invests=invests,
        assets=assets.astype(np.int64),
    )
