"""What people said and what was said to them: contacts, complaints, refusals, NPS, life events."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from enishi.demo.columns import (
    Flags,
    Ints,
    Today,
    any_hours,
    choose,
    coded,
    days,
    generator,
    instants,
    numbers,
    office_hours,
    sigmoid,
    words,
)
from enishi.demo.people import People
from enishi.demo.products import CARD_REASONS, Holdings

TOPICS = ("定期預金", "住宅ローン", "資産運用", "保険", "カード", "お取引の確認", "相続・贈与")
_RESULTS = ("不在", "お話しできた", "前向き", "成約", "お断り")
_WAYS = ("電話", "訪問", "来店", "オンライン面談", "手紙")

COMPLAINTS = (
    ("カード", "カードの年会費が説明なく引き落とされた"),
    ("カード", "紛失の連絡をしてから再発行まで時間がかかり過ぎる"),
    ("窓口", "窓口で四十分待たされたうえ、別の窓口を案内された"),
    ("窓口", "同じ書類を三度書かされた"),
    ("勧誘", "断ったのに同じ商品の電話が何度も来る"),
    ("勧誘", "夜の時間に電話がかかってくる"),
    ("手数料", "振込手数料の引き上げを知らされていなかった"),
    ("アプリ", "アプリの更新後にログインできなくなった"),
    ("ATM", "近くのATMが予告なく撤去された"),
    ("住所変更", "転居を届けたのに旧住所へ郵便が届く"),
)
_PRAISE = (
    "担当の方の説明がわかりやすかったです。",
    "アプリが使いやすくなりました。",
    "相談に親身に乗ってもらえました。",
    "窓口の対応がていねいでした。",
)
_NEUTRAL = ("特にありません。", "ふつうに使えています。", None, None)
_GRUMBLES = (
    "待ち時間が長いです。",
    "手数料が高いと感じます。",
    "同じ案内が何度も来て困ります。",
    "問い合わせへの返事が遅いです。",
    "説明が担当者によって違います。",
)
LIFE_EVENTS = ("結婚", "出産", "転居", "住宅購入", "子の進学", "転職", "退職", "相続")


@dataclass(frozen=True)
class Voices:
    """The tables of this module, and whom letters may reach."""

    contacts: pa.Table
    complaints: pa.Table
    refusals: pa.Table
    answers: pa.Table
    life_events: pa.Table
    cancellations: pa.Table
    consents: pa.Table


def _contacts(seed: int, p: People, h: Holdings, today: Today) -> pa.Table:
    rng = generator(seed, 40)
    rate = np.where(p.owned, 1.5 * np.exp(0.25 * p.wealth), 0.25) * p.adult
    rate = np.where(p.dormant, 0.05, rate)
    of = np.repeat(np.arange(p.size, dtype=np.int64), rng.poisson(rate))
    size = len(of)
    day = today.day - 1 - (729 * rng.random(size) ** 1.2).astype(np.int64)
    weekday = (day + 3) % 7  # 1970-01-01 was a Thursday; 5 and 6 are the weekend
    day = day - np.maximum(weekday - 4, 0)
    way = choose(rng, (52, 12, 22, 5, 9), size)
    topic = choose(rng, (24, 14, 20, 12, 12, 14, 4), size)
    topic = np.where(h.mortgage_elsewhere[of] & (rng.random(size) < 0.3), 1, topic)
    cold = p.unhappy[of]
    result = choose(rng, (34, 36, 16, 8, 6), size)
    refused = rng.random(size) < 0.16 * cold
    result = np.where(refused, 4, result)
    result = np.where((way == 2) & (result == 0), 1, result)
    order = np.lexsort((of, day))
    of, day, way, topic, result = (x[order] for x in (of, day, way, topic, result))
    return pa.table(
        {
            "contact_no": numbers(np.arange(size, dtype=np.int64) + 1),
            "customer_no": coded("", of + 1, 8),
            "staff_code": coded("S", p.owner[of] + 1001, 5),
            "ts": instants(office_hours(rng, day), today),
            "way": words(_WAYS, way),
            "topic": words(TOPICS, topic),
            "result": words(_RESULTS, result),
        }
    )


def _complaints(seed: int, p: People, today: Today) -> pa.Table:
    rng = generator(seed, 41)
    of = np.flatnonzero(p.grievance > 0).astype(np.int64)
    size = len(of)
    left = p.leaving[of] > 0
    kind = np.where(
        left, choose(rng, (5, 4, 2, 1, 3, 1, 1, 1, 1, 1), size), rng.integers(0, 10, size)
    )
    day = p.grievance[of]
    resolved = day + 1 + rng.geometric(0.12, size)
    open_still = (resolved >= today.day) | (rng.random(size) < 0.08)
    return pa.table(
        {
            "complaint_no": coded("Q", np.arange(size, dtype=np.int64) + 1, 6),
            "customer_no": coded("", of + 1, 8),
            "ts": instants(office_hours(rng, day), today),
            "category": words([c for c, _ in COMPLAINTS], kind),
            "severity": words(["軽微", "通常", "重大"], choose(rng, (3, 6, 1), size)),
            "text": words([t for _, t in COMPLAINTS], kind),
            "status": words(["完了", "対応中"], open_still.astype(np.int64)),
            "resolved_on": days(resolved, open_still),
        }
    )


def _refusals(seed: int, p: People, today: Today) -> pa.Table:
    rng = generator(seed, 42)
    left = np.flatnonzero(p.leaving > 0)
    left = left[rng.random(len(left)) < 0.6]
    others = np.flatnonzero(p.adult & (rng.random(p.size) < 0.002 + 0.03 * p.unhappy**2))
    of = np.concatenate([left, others]).astype(np.int64)
    size = len(of)
    card = np.arange(size) < len(left)
    day = np.where(card, p.leaving[of], today.day - 1 - rng.integers(0, 700, size))
    product = np.where(card, 4, choose(rng, (3, 3, 6, 5, 4), size))
    way = choose(rng, (6, 1, 2, 2, 3), size)
    until = day + 365
    open_end = rng.random(size) < 0.4
    return pa.table(
        {
            "refusal_no": coded("R", np.arange(size, dtype=np.int64) + 1, 6),
            "customer_no": coded("", of + 1, 8),
            "ts": instants(office_hours(rng, day), today),
            "product": words(["定期預金", "住宅ローン", "資産運用", "保険", "カード"], product),
            "channel": words(["電話", "訪問", "メール", "郵便", "すべて"], way),
            "until": days(until, open_end),
        }
    )


def _answers(seed: int, p: People, today: Today) -> pa.Table:
    """NPS answers: some are asked at random, most of those who complained answer soon after."""
    rng = generator(seed, 43)
    asked = p.adult & ~p.dormant & (rng.random(p.size) < 0.05 + 0.16 * p.digital)
    random_of = np.flatnonzero(asked)
    random_day = today.day - 1 - (729 * rng.random(len(random_of)) ** 1.4).astype(np.int64)
    upset = np.flatnonzero((p.grievance > 0) & (rng.random(p.size) < 0.65))
    upset_day = np.minimum(p.grievance[upset] + rng.integers(2, 30, len(upset)), today.day - 1)
    of = np.concatenate([random_of, upset]).astype(np.int64)
    day = np.concatenate([random_day, upset_day]).astype(np.int64)
    size = len(of)
    since = day - p.grievance[of]
    hurt = (p.grievance[of] > 0) & (since >= 0) & (since < 240)
    mean = 8.9 - 4.2 * p.unhappy[of] + 0.25 * p.wealth[of] * p.owned[of] - 3.4 * hurt
    score = np.clip(np.round(mean + rng.normal(0, 1.4, size)), 0, 10).astype(np.int64)
    mood = np.where(score >= 9, 0, np.where(score >= 7, 1, 2))
    comments = [*_PRAISE, *_NEUTRAL, *_GRUMBLES]
    pick = np.where(
        mood == 0,
        rng.integers(0, 4, size),
        np.where(mood == 1, 4 + rng.integers(0, 4, size), 8 + rng.integers(0, 5, size)),
    )
    silent = rng.random(size) < 0.35
    order = np.argsort(day, kind="stable")
    return pa.table(
        {
            "answer_no": coded("N", np.arange(size, dtype=np.int64) + 1, 7),
            "customer_no": coded("", of[order] + 1, 8),
            "ts": instants(any_hours(rng, day[order]), today),
            "score": numbers(score[order]),
            "touchpoint": words(["アプリ", "窓口", "電話", "ATM"], choose(rng, (5, 3, 2, 1), size)),
            "comment": words(comments, pick[order], silent[order]),
        }
    )


def _life_events(seed: int, p: People, today: Today) -> pa.Table:
    rng = generator(seed, 44)
    shares = np.stack(
        [
            np.where((p.age >= 24) & (p.age < 40), 0.05, 0.004),
            np.where((p.age >= 26) & (p.age < 42), 0.05, 0.0),
            np.where(p.age < 45, 0.07, 0.025),
            np.where((p.age >= 28) & (p.age < 50), 0.03, 0.003),
            np.where((p.age >= 40) & (p.age < 58), 0.08, 0.0),
            np.where((p.age >= 23) & (p.age < 50), 0.05, 0.0),
            np.where((p.age >= 59) & (p.age < 68), 0.18, 0.0),
            np.where(p.age >= 50, 0.022, 0.002),
        ]
    )
    what, of = np.nonzero((rng.random(shares.shape) < shares) & p.adult)
    size = len(of)
    day = today.day - 1 - rng.integers(0, 729, size)
    return pa.table(
        {
            "life_event_no": coded("E", np.arange(size, dtype=np.int64) + 1, 7),
            "customer_no": coded("", of.astype(np.int64) + 1, 8),
            "happened_on": days(day),
            "kind": words(LIFE_EVENTS, what.astype(np.int64)),
            "known_by": words(["お届け", "会話", "取引から推定"], choose(rng, (4, 3, 3), size)),
        }
    )


def _cancellations(seed: int, p: People, h: Holdings, today: Today) -> pa.Table:
    rng = generator(seed, 45)
    rows = np.flatnonzero(h.card_cancelled > 0)
    of = h.card_of[rows]
    funds = np.flatnonzero(p.adult & ~h.invests & (rng.random(p.size) < 0.006))
    size = len(rows) + len(funds)
    day = np.concatenate([h.card_cancelled[rows], today.day - 1 - rng.integers(0, 729, len(funds))])
    reason = np.concatenate([h.card_reason[rows], choose(rng, (1, 2, 4, 1, 0), len(funds))])
    product = (np.arange(size) >= len(rows)).astype(np.int64)
    return pa.table(
        {
            "cancellation_no": coded("X", np.arange(size, dtype=np.int64) + 1, 6),
            "customer_no": coded("", np.concatenate([of, funds]).astype(np.int64) + 1, 8),
            "ts": instants(office_hours(rng, day), today),
            "product": words(["カード", "投資信託"], product),
            "reason": words(CARD_REASONS, reason.astype(np.int64)),
            "via": words(["電話", "窓口", "ウェブ"], choose(rng, (4, 3, 3), size)),
        }
    )


_CONSENTED = ("investment", "insurance", "loans", "deposits", "cards")


def _consents(seed: int, p: People, today: Today) -> pa.Table:
    rng = generator(seed, 46)
    given = np.stack(
        [
            rng.random(p.size) < 0.30 + 0.10 * p.owned,  # investment
            rng.random(p.size) < 0.22 + 0.08 * p.owned,  # insurance
            rng.random(p.size) < 0.25,  # loans
            p.opted,  # deposits, by e-mail
            p.opted & (rng.random(p.size) < 0.9),  # cards, by e-mail
        ]
    )
    what, of = np.nonzero(given & p.adult)
    size = len(of)
    mailed = what >= len(_CONSENTED) - 2
    start = today.day - rng.integers(1, 1_500, size)
    ended = rng.random(size) < 0.06
    end = np.minimum(start + rng.integers(30, 900, size), today.day - 1)
    return pa.table(
        {
            "consent_no": coded("G", np.arange(size, dtype=np.int64) + 1, 8),
            "customer_no": coded("", of.astype(np.int64) + 1, 8),
            "purpose": words(_CONSENTED, what.astype(np.int64)),
            "channel": words(
                [None, "phone", "email"], np.where(mailed, 2, choose(rng, (8, 1, 1), size))
            ),
            "from": days(start),
            "to": days(np.maximum(end, start), ~ended),
            "evidence": words(
                [
                    "書面（非公開情報同意書）",
                    "アプリでの同意",
                    "電話録音",
                    "ウェブのメール配信申し込み",
                ],
                np.where(mailed, 3, choose(rng, (5, 4, 1), size)),
            ),
        }
    )


def hear_voices(seed: int, people: People, holdings: Holdings, today: Today) -> Voices:
    """All of it."""
    return Voices(
        contacts=_contacts(seed, people, holdings, today),
        complaints=_complaints(seed, people, today),
        refusals=_refusals(seed, people, today),
        answers=_answers(seed, people, today),
        life_events=_life_events(seed, people, today),
        cancellations=_cancellations(seed, people, holdings, today),
        consents=_consents(seed, people, today),
    )


def standing_table(seed: int, people: People, assets: Ints, today: Today, back: int) -> pa.Table:
    """Each person's stage and residence as they stood `back` days ago (0: today).

    Stages follow assets; about one in forty moved up or down a stage, and one in two hundred moved
    house, in each 90 days. The residence is a code of the branch's city and the part of it.
    """
    rng = generator(seed, 47)
    stage = np.searchsorted([1_000_000, 5_000_000, 20_000_000], assets)
    moved = rng.random(people.size)
    step = np.where(rng.random(people.size) < 0.6, -1, 1)
    changed_at = rng.integers(1, 361, people.size)
    earlier = (moved < 0.1) & (changed_at <= back)
    stage = np.clip(stage + np.where(earlier, step, 0), 0, 3)
    leaving = (people.leaving > 0) & (people.leaving > today.day - back)
    active = np.where(people.dormant, 2, np.where((people.leaving > 0) & ~leaving, 1, 0))
    known = people.since <= today.day - back
    index = np.flatnonzero(known)
    return pa.table(
        {
            "customer_no": coded("", index.astype(np.int64) + 1, 8),
            "stage": words(["スタンダード", "シルバー", "ゴールド", "プラチナ"], stage[index]),
            "relationship": words(["お取引中", "離反傾向", "休眠"], active[index]),
            "points": numbers(
                np.maximum((assets[index] // 100_000) - (30 * (back > 0)), 0).astype(np.int64)
            ),
        }
    )


def may_write(seed: int, people: People) -> Flags:
    """Who gets letters by e-mail: an address and an inclination to read."""
    rng = generator(seed, 48)
    has = (people.digital >= 0.3) & (people.age >= 18) & ~people.dormant
    return np.asarray(has & (rng.random(people.size) < sigmoid(2 * people.digital)), dtype=np.bool_)
