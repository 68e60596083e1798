"""What happens by itself: transactions, purchases by card, visits to the web site, e-mail.

Written in blocks of persons, so that a million of them need no more memory than a block. For many
customers the older part of the two years is thinned (see `Thinning`), evenly, by whole rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from enishi.demo.columns import (
    DAY,
    Flags,
    Ints,
    Today,
    any_hours,
    choose,
    coded,
    generator,
    instants,
    numbers,
    office_hours,
    words,
)
from enishi.demo.people import People
from enishi.demo.products import Holdings

BLOCK = 50_000
HISTORY = 730  # days

CATEGORIES = (
    "給与",
    "賞与",
    "年金",
    "現金引出",
    "現金預入",
    "振込入金",
    "振込出金",
    "公共料金",
    "他行住宅ローン",
    "当行ローン返済",
    "家賃",
)
SALARY, BONUS, PENSION, CASH_OUT, CASH_IN, IN, OUT, UTILITY, MORTGAGE, REPAYMENT, RENT = range(11)
_INCOMING = (SALARY, BONUS, PENSION, CASH_IN, IN)
_MEANS = ("振込", "自動引落", "ATM", "アプリ", "窓口")
_TRANSFER, _DEBIT, _ATM, _APP, _COUNTER = range(5)

SHOPS = ("食料品", "外食", "日用品", "衣料", "家電", "旅行", "交通", "娯楽", "医療", "教育")
_SHOP_MEDIANS = np.array([4.2, 3.6, 2.9, 9.0, 28.0, 46.0, 3.2, 5.2, 6.0, 21.0])  # thousand yen

PAGES = (
    ("ログイン", "/login"),
    ("残高照会", "/accounts"),
    ("定期預金", "/deposits/time"),
    ("金利一覧", "/rates"),
    ("住宅ローン金利", "/loans/housing/rates"),
    ("住宅ローン借換シミュレーション", "/loans/housing/refinance"),
    ("投資信託", "/funds"),
    ("NISA", "/funds/nisa"),
    ("保険", "/insurance"),
    ("カード", "/cards"),
    ("カード解約手続き", "/cards/cancel"),
    ("口座解約手続き", "/accounts/close"),
    ("店舗・ATM検索", "/branches"),
    ("よくあるご質問", "/help"),
    ("相続手続き", "/inheritance"),
    ("外貨預金", "/deposits/foreign"),
)
_PAGE = {name: index for index, (name, _) in enumerate(PAGES)}
_GENERAL = (30, 26, 4, 4, 1.2, 0.3, 5, 4, 2, 5, 0.15, 0.1, 5, 4, 0.5, 2)

CAMPAIGNS = (
    "定期預金キャンペーン",
    "NISAのご案内",
    "カードのご利用特典",
    "アプリのご案内",
    "保険の見直し",
)


@dataclass(frozen=True)
class Thinning:
    """The newest `whole` days are complete; of what is older, the share `kept` is written."""

    whole: int
    kept: float

    def keep(self, rng: np.random.Generator, seconds: Ints, today: Today) -> Flags:
        """Which rows are written."""
        old = seconds < (today.day - self.whole) * DAY
        return np.asarray(~old | (rng.random(len(seconds)) < self.kept), dtype=np.bool_)


def thinning(customers: int) -> Thinning:
    """All two years up to 100,000 customers; beyond, 180 days whole and less of the older ones."""
    if customers <= 100_000:
        return Thinning(HISTORY, 1.0)
    return Thinning(120, max(0.04, 0.3 * (100_000 / customers)))


def blocks(size: int) -> Iterator[tuple[int, Ints]]:
    """The number of each block and the indices of its persons."""
    for block, start in enumerate(range(0, size, BLOCK)):
        yield block, np.arange(start, min(start + BLOCK, size), dtype=np.int64)


class _Rows:
    """Rows of one block, gathered stream by stream."""

    def __init__(self) -> None:
        self._parts: list[tuple[Ints, ...]] = []

    def add(self, *columns: Ints) -> None:
        self._parts.append(columns)

    def all(self) -> tuple[Ints, ...]:
        return tuple(
            np.concatenate(column).astype(np.int64) for column in zip(*self._parts, strict=True)
        )


def month_days(today: Today, day: int, months: int = 24) -> Ints:
    """The given day of each of the last `months` months, newest first, as days since 1970."""
    first = np.datetime64(today.date, "M")
    starts = (first - np.arange(months)).astype("datetime64[D]").astype(np.int64)
    return np.asarray(starts + day - 1, dtype=np.int64)


def _monthly(rng: np.random.Generator, of: Ints, on: Ints, today: Today) -> tuple[Ints, Ints, Ints]:
    """Every person × day of `on`: index into `of`, day, and local second at dawn."""
    who = np.repeat(np.arange(len(of), dtype=np.int64), len(on))
    day = np.tile(on, len(of))
    second = day * DAY + rng.integers(2, 9, len(day)) * 3600
    keep = second <= today.second
    return who[keep], day[keep], second[keep]


def _income_rows(rng: np.random.Generator, p: People, of: Ints, today: Today, rows: _Rows) -> None:
    """Salaries and bonuses until the person leaves; pensions every other month."""
    workers = of[p.salaried[of]]
    who, day, second = _monthly(rng, workers, month_days(today, 25), today)
    person = workers[who]
    stops = np.where(p.leaving[person] > 0, p.leaving[person] - 45, today.day + 1)
    keep = (day < stops) & (day >= p.since[person])
    person, day, second = person[keep], day[keep], second[keep]
    pay = (p.income[person] / 15 * rng.normal(0.8, 0.02, len(person)) // 100 * 100).astype(np.int64)
    same = np.full(len(person), SALARY)
    rows.add(person, second, same, np.maximum(pay, 10_000), np.full(len(person), _TRANSFER))
    month = day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12 + 1
    extra = np.isin(month, (7, 12)) & (p.income[person] > 3_000_000)
    who2 = person[extra]
    rows.add(
        who2,
        second[extra] - 15 * DAY,
        np.full(len(who2), BONUS),
        pay[extra] * 3 // 2,
        np.full(len(who2), _TRANSFER),
    )
    retired = of[p.pensioner[of]]
    who, day, second = _monthly(rng, retired, month_days(today, 15)[::2], today)
    person = retired[who]
    amount = np.maximum(p.income[person] // 6 // 100 * 100, 60_000)
    rows.add(person, second, np.full(len(who), PENSION), amount, np.full(len(who), _TRANSFER))


def _debit_rows(
    rng: np.random.Generator, p: People, h: Holdings, of: Ints, today: Today, rows: _Rows
) -> None:
    """What is debited each month: housing loans here and elsewhere, rents, electricity."""
    dice = rng.random(len(of))
    alone = p.adult[of] & p.salaried[of] & ~h.mortgage[of] & ~h.mortgage_elsewhere[of]
    rent = np.round(p.income / 12 * 0.25 / 1_000).astype(np.int64) * 1_000
    bill = 6_000 + (p.household * 37 % 120) * 100
    streams = (
        (of[h.mortgage_elsewhere[of]], MORTGAGE, 27, h.repayment, 24),
        (of[h.mortgage[of]], REPAYMENT, 26, h.repayment, 24),
        (of[alone & (dice < 0.15)], RENT, 28, rent, 24),
        (of[p.adult[of] & ~p.dormant[of] & (dice > 0.88)], UTILITY, 10, bill, 24),
    )
    for chosen, category, on, amounts, months in streams:
        who, _, second = _monthly(rng, chosen, month_days(today, on, months), today)
        person = chosen[who]
        amount = np.maximum(amounts[person], 1_000)
        if category == UTILITY:
            amount = (amount * rng.uniform(0.7, 1.5, len(who))).astype(np.int64)
        fill = np.full(len(who), category)
        rows.add(person, second, fill, amount, np.full(len(who), _DEBIT))


def _other_rows(
    rng: np.random.Generator, p: People, of: Ints, today: Today, moved: Ints, rows: _Rows
) -> None:
    """Cash and transfers, the last movement of each account, and old people's large withdrawals."""
    active = of[~p.dormant[of]]
    rate = np.where(p.adult[active], 8.0, 1.0) * np.exp(0.2 * p.wealth[active])
    person = np.repeat(active, rng.poisson(rate))
    size = len(person)
    day = today.day - 1 - (HISTORY * rng.random(size)).astype(np.int64)
    category = np.array([CASH_OUT, CASH_IN, IN, OUT])[choose(rng, (9, 3, 4, 6), size)]
    amount = np.maximum(np.round(np.exp(rng.normal(3.4, 0.9, size))), 1).astype(np.int64) * 1_000
    digital = rng.random(size) < p.digital[person]
    by = np.where(np.isin(category, (IN,)), _TRANSFER, np.where(digital, _APP, _COUNTER))
    by = np.where(np.isin(category, (CASH_OUT, CASH_IN)), _ATM, by)
    rows.add(person, any_hours(rng, day), category, amount, by)
    last = np.minimum(moved[of], today.day - 1)
    seen = of[last >= today.day - HISTORY]
    amount = rng.integers(3, 60, len(seen)) * 1_000
    on = last[last >= today.day - HISTORY]
    rows.add(
        seen, any_hours(rng, on), np.full(len(seen), CASH_OUT), amount, np.full(len(seen), _ATM)
    )
    old = of[(p.age[of] >= 70) & ~p.dormant[of]]
    worried = old[rng.random(len(old)) < 0.06]
    person = np.repeat(worried, rng.integers(2, 7, len(worried)))
    size = len(person)
    day = today.day - 1 - rng.integers(0, 40, size)
    amount = rng.choice([300_000, 500_000, 500_000], size)
    rows.add(person, office_hours(rng, day), np.full(size, CASH_OUT), amount, np.full(size, _ATM))


def transactions(
    seed: int, people: People, holdings: Holdings, moved: Ints, today: Today
) -> Iterator[pa.Table]:
    """Movements on ordinary accounts, a table for each block. `moved`: last movement, a day."""
    thin = thinning(people.size)
    number = 0
    for block, of in blocks(people.size):
        rng = generator(seed, 30, block)
        rows = _Rows()
        _income_rows(rng, people, of, today, rows)
        _debit_rows(rng, people, holdings, of, today, rows)
        _other_rows(rng, people, of, today, moved, rows)
        person, second, category, amount, by = rows.all()
        keep = thin.keep(rng, second, today) & (second <= today.second)
        keep &= second >= (today.day - HISTORY) * DAY
        person, second, category = person[keep], second[keep], category[keep]
        amount, by = amount[keep], by[keep]
        order = np.argsort(second, kind="stable")
        incoming = np.isin(category[order], _INCOMING)
        yield pa.table(
            {
                "transaction_no": numbers(np.arange(len(order), dtype=np.int64) + number + 1),
                "account_no": coded("A", person[order] + 1, 8),
                "ts": instants(second[order], today),
                "direction": words(["出金", "入金"], incoming.astype(np.int64)),
                "category": words(CATEGORIES, category[order]),
                "amount": numbers(amount[order]),
                "means": words(_MEANS, by[order]),
            }
        )
        number += len(order)


def purchases(seed: int, people: People, holdings: Holdings, today: Today) -> Iterator[pa.Table]:
    """Purchases by card, a table for each block; they dwindle before a card is cancelled."""
    thin = thinning(people.size)
    number = 0
    for block, cards in blocks(len(holdings.card_of)):
        rng = generator(seed, 31, block)
        owner = holdings.card_of[cards]
        rate = 19.0 * np.exp(0.25 * people.wealth[owner] + 0.2 * rng.normal(0, 1, len(cards)))
        card = np.repeat(cards, rng.poisson(rate))
        day = today.day - 1 - (HISTORY * rng.random(len(card))).astype(np.int64)
        end = holdings.card_cancelled[card]
        fading = (end > 0) & (day > end - 90) & (rng.random(len(card)) < 0.8)
        keep = ((end == 0) | (day < end)) & ~fading & (day >= holdings.card_issued[card])
        card, day = card[keep], day[keep]
        second = any_hours(rng, day)
        keep = thin.keep(rng, second, today)
        card, second = card[keep], second[keep]
        order = np.argsort(second, kind="stable")
        card, second = card[order], second[order]
        size = len(card)
        shop = choose(rng, (30, 18, 14, 8, 4, 3, 10, 7, 4, 2), size)
        wealth = people.wealth[holdings.card_of[card]]
        amount = _SHOP_MEDIANS[shop] * 1_000 * np.exp(0.25 * wealth + rng.normal(0, 0.6, size))
        yield pa.table(
            {
                "purchase_no": numbers(np.arange(size, dtype=np.int64) + number + 1),
                "card_no": coded("C", card + 1, 8),
                "ts": instants(second, today),
                "category": words(SHOPS, shop),
                "amount": numbers(np.maximum(amount, 100).astype(np.int64)),
                "online": pa.array(rng.random(size) < 0.3 + 0.4 * (shop == 5)),
            }
        )
        number += size


def _visits_of(
    rng: np.random.Generator, p: People, h: Holdings, of: Ints, today: Today
) -> tuple[Ints, Ints, Ints]:
    """Person, day and page of every visit of a block."""
    rows = _Rows()
    person = np.repeat(of, rng.poisson(np.where(p.age[of] < 15, 0, 7.5 * p.digital[of])))
    day = today.day - 1 - (HISTORY * rng.random(len(person)) ** 1.5).astype(np.int64)
    rows.add(person, day, choose(rng, _GENERAL, len(person)))
    wants = of[h.refinancing[of]]
    person = np.repeat(wants, rng.integers(2, 7, len(wants)))
    day = today.day - 1 - rng.integers(0, 100, len(person))
    pages = np.array([_PAGE["住宅ローン金利"], _PAGE["住宅ローン借換シミュレーション"]])
    rows.add(person, day, pages[rng.integers(0, 2, len(person))])
    near = (h.matures[of] > 0) & (h.matures[of] < today.day + 60)
    savers = of[near & (rng.random(len(of)) < 0.6 * p.digital[of])]
    person = np.repeat(savers, rng.integers(1, 4, len(savers)))
    day = today.day - 1 - rng.integers(0, 30, len(person))
    pages = np.array([_PAGE["定期預金"], _PAGE["金利一覧"], _PAGE["NISA"]])
    rows.add(person, day, pages[choose(rng, (4, 3, 1), len(person))])
    investors = of[h.invests[of]]
    person = np.repeat(investors, rng.poisson(3 * p.digital[investors]))
    day = today.day - 1 - rng.integers(0, 365, len(person))
    rows.add(person, day, np.full(len(person), _PAGE["投資信託"]))
    left = of[p.leaving[of] > 0]
    person = np.repeat(left, rng.integers(0, 4, len(left)))
    day = p.leaving[person] - rng.integers(0, 30, len(person))
    rows.add(person, day, np.full(len(person), _PAGE["カード解約手続き"]))
    cross = (p.unhappy[of] > 0.45) & (p.leaving[of] == 0) & (p.digital[of] > 0.25)
    doubtful = of[cross & (rng.random(len(of)) < 0.3)]
    person = np.repeat(doubtful, rng.integers(1, 4, len(doubtful)))
    day = today.day - 1 - rng.integers(0, 45, len(person))
    pages = np.array([_PAGE["カード解約手続き"], _PAGE["口座解約手続き"], _PAGE["よくあるご質問"]])
    rows.add(person, day, pages[choose(rng, (5, 3, 2), len(person))])
    return rows.all()  # type: ignore[return-value]  # three columns were added each time


def web_visits(seed: int, people: People, holdings: Holdings, today: Today) -> Iterator[pa.Table]:
    """Page views, a table for each block: general use, and pages that betray an interest."""
    thin = thinning(people.size)
    number = 0
    for block, of in blocks(people.size):
        rng = generator(seed, 32, block)
        person, day, page = _visits_of(rng, people, holdings, of, today)
        second = any_hours(rng, day)
        keep = thin.keep(rng, second, today) & (day >= today.day - HISTORY)
        order = np.flatnonzero(keep)[np.argsort(second[keep], kind="stable")]
        person, second, page = person[order], second[order], page[order]
        size = len(order)
        mobile = rng.random(size) < np.clip(1.1 - people.age[person] / 90, 0.2, 0.95)
        yield pa.table(
            {
                "visit_no": numbers(np.arange(size, dtype=np.int64) + number + 1),
                "customer_no": coded("", person + 1, 8),
                "ts": instants(second, today),
                "page": words([name for name, _ in PAGES], page),
                "path": words([path for _, path in PAGES], page),
                "seconds": numbers(np.exp(rng.normal(3.6, 0.9, size)).astype(np.int64)),
                "device": words(["パソコン", "スマートフォン"], mobile.astype(np.int64)),
            }
        )
        number += size


def emails(seed: int, people: People, reads: Flags, today: Today) -> Iterator[pa.Table]:
    """Letters sent every other month to those who `reads` allow, and who opened and clicked."""
    thin = thinning(people.size)
    number = 0
    for block, of in blocks(people.size):
        rng = generator(seed, 33, block)
        readers = of[reads[of]]
        who, day, _ = _monthly(rng, readers, month_days(today, 6)[::2], today)
        person = readers[who]
        sent = day * DAY + 10 * 3600
        keep = thin.keep(rng, sent, today)
        person, sent = person[keep], sent[keep]
        campaign = sent // DAY // 61 % len(CAMPAIGNS)
        opened = rng.random(len(person)) < 0.1 + 0.35 * people.digital[person]
        clicked = opened & (rng.random(len(person)) < 0.22)
        later = sent + (np.exp(rng.normal(9.6, 1.3, len(person)))).astype(np.int64)
        later = np.minimum(later, today.second - 60)
        rows = _Rows()
        nobody = np.zeros(len(person), dtype=np.int64)
        rows.add(person, sent, campaign, nobody)
        rows.add(person[opened], later[opened], campaign[opened], nobody[opened] + 1)
        rows.add(person[clicked], later[clicked] + 30, campaign[clicked], nobody[clicked] + 2)
        person, second, campaign, what = rows.all()
        order = np.argsort(second, kind="stable")
        size = len(order)
        yield pa.table(
            {
                "mail_no": numbers(np.arange(size, dtype=np.int64) + number + 1),
                "customer_no": coded("", person[order] + 1, 8),
                "ts": instants(second[order], today),
                "event": words(["email_sent", "email_opened", "email_clicked"], what[order]),
                "campaign": words(CAMPAIGNS, campaign[order]),
            }
        )
        number += size
