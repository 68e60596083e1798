"""Persons and households, with the hidden traits that later tables are correlated by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from enishi.demo.columns import (
    Flags,
    Floats,
    Ints,
    Today,
    choose,
    coded,
    days,
    flags,
    generator,
    joined,
    numbers,
    padded,
    sigmoid,
    words,
)
from enishi.demo.names import ERAS, given_names, surnames
from enishi.demo.offices import Offices, number_text
from enishi.demo.places import BUILDINGS, TOWNS

HOUSEHOLDS = ("単身", "単身高齢", "夫婦", "夫婦と子", "夫婦と子", "親と成人した子")
_SIZES = (1, 1, 2, 3, 4, 2)
_SHARES = (0.32, 0.12, 0.27, 0.14, 0.10, 0.05)
_HEAD_AGES = ((20, 67), (68, 95), (25, 90), (28, 56), (30, 58), (58, 89))
# Adults of Japan by five years of age from 20, in percent.
_PYRAMID = (6.2, 6.3, 6.4, 7.2, 7.9, 9.3, 9.3, 7.8, 7.4, 7.3, 8.8, 7.3, 5.6, 3.6, 1.7)

OCCUPATIONS = (
    "会社員",
    "公務員",
    "自営業",
    "パート・アルバイト",
    "専業主婦・主夫",
    "年金受給者",
    "学生",
    "会社役員",
    "医師・専門職",
)
EMPLOYEE, CIVIL, SELF_EMPLOYED, PART_TIME, HOME, PENSIONER, STUDENT, DIRECTOR, EXPERT = range(9)
_INCOME = np.array([5.1, 6.0, 4.6, 1.3, 0.0, 1.9, 0.3, 11.0, 10.0])  # million yen, the median


@dataclass(frozen=True)
class People:
    """Parallel arrays, one entry a person; `days` counts since 1970-01-01.

    Hidden traits (not written to any file): `wealth` and `risk` are standard normal, `digital`
    and `unhappy` lie in 0…1; `leaving` and `grievance` are the day of a cancelled card and of a
    complaint, 0 where there is none.
    """

    household: Ints
    household_type: Ints  # of each person's household
    age: Ints
    woman: Flags
    family: Ints
    given: Ints
    era: Ints
    born: Ints
    branch: Ints
    owner: Ints  # index of staff
    owned: Flags
    since: Ints
    occupation: Ints
    income: Ints
    salaried: Flags
    pensioner: Flags
    wealth: Floats
    risk: Floats
    digital: Floats
    unhappy: Floats
    dormant: Flags
    opted: Flags  # accept e-mail, if they have an address
    leaving: Ints
    grievance: Ints

    @property
    def size(self) -> int:
        return len(self.age)

    @property
    def adult(self) -> Flags:
        return np.asarray(self.age >= 18, dtype=np.bool_)


def _households(rng: np.random.Generator, customers: int) -> tuple[Ints, Ints, Ints]:
    """For each person: her household, its type, and her place in it (0 the head)."""
    types = choose(rng, _SHARES, customers)
    sizes = np.asarray(_SIZES)[types]
    household = np.repeat(np.arange(customers), sizes)[:customers]
    starts = np.cumsum(sizes) - sizes
    place = np.arange(customers) - starts[household]
    return household, types[household], place


def _ages(rng: np.random.Generator, kind: Ints, place: Ints, household: Ints) -> Ints:
    size = len(kind)
    head = np.zeros(size, dtype=np.int64)
    for index, (low, high) in enumerate(_HEAD_AGES):
        ages = np.arange(low, high + 1)
        weights = [_PYRAMID[min((int(age) - 20) // 5, 14)] for age in ages]
        here = np.flatnonzero(kind == index)
        head[here] = ages[choose(rng, weights, len(here))]
    first = np.flatnonzero(place == 0)
    of_head = head[first][np.searchsorted(household[first], household)]
    near = np.clip(of_head + np.round(rng.normal(-1, 3, size)).astype(np.int64), 20, 98)
    child = np.clip(of_head - rng.integers(25, 36, size), 0, 70)
    spouse = (place == 1) & (kind != 5)
    return np.where(place == 0, head, np.where(spouse, near, child)).astype(np.int64)


def _women(rng: np.random.Generator, kind: Ints, place: Ints, household: Ints) -> Flags:
    dice = rng.random(len(kind))
    alone = np.where(kind == 1, dice < 0.7, dice < 0.49)
    head = np.where(kind <= 1, alone, dice < 0.28)
    first = np.flatnonzero(place == 0)
    of_head = head[first][np.searchsorted(household[first], household)]
    spouse = (place == 1) & (kind != 5)
    return np.where(place == 0, head, np.where(spouse, ~of_head, dice < 0.5)).astype(np.bool_)


def _occupations(rng: np.random.Generator, age: Ints, woman: Flags) -> Ints:
    size = len(age)
    men = choose(rng, (62, 9, 12, 6, 1, 0, 0, 5, 5), size)
    women = choose(rng, (45, 7, 6, 24, 13, 0, 0, 1, 4), size)
    work = np.where(woman, women, men)
    retired = rng.random(size) < sigmoid((age - 66) / 2.0)
    work = np.where(retired & (age >= 60), PENSIONER, work)
    student = (age < 18) | ((age < 23) & (rng.random(size) < 0.6))
    return np.where(student, STUDENT, work).astype(np.int64)


def _incomes(rng: np.random.Generator, age: Ints, occupation: Ints, wealth: Floats) -> Ints:
    curve = np.clip(0.55 + (age - 20) * 0.022, 0.5, 1.25)
    curve = np.where(occupation == PENSIONER, 1.0, curve)
    spread = np.exp(0.28 * wealth + rng.normal(0, 0.18, len(age)))
    yen = _INCOME[occupation] * 1_000_000 * curve * spread
    return np.where(age < 18, 0, np.round(yen / 100_000) * 100_000).astype(np.int64)


def gather_people(seed: int, customers: int, today: Today, offices: Offices) -> People:
    """`customers` persons in households of one to four, by the age pyramid of Japan."""
    rng = generator(seed, 3)
    household, kind, place = _households(rng, customers)
    houses = int(household[-1]) + 1
    age = _ages(rng, kind, place, household)
    woman = _women(rng, kind, place, household)
    family_wealth = rng.normal(0, 1, houses)
    wealth = 0.75 * family_wealth[household] + 0.66 * rng.normal(0, 1, customers)
    occupation = _occupations(rng, age, woman)
    income = _incomes(rng, age, occupation, wealth)
    working = np.isin(occupation, (EMPLOYEE, CIVIL, PART_TIME, DIRECTOR, EXPERT))
    of_house = choose(rng, [b.place.weight for b in offices.branches], houses)
    birthday = rng.integers(0, 365, customers)
    born = today.day - (age * 365.2425).astype(np.int64) - birthday
    year = 1970 + born // 365.2425
    held = (np.clip(rng.beta(1.6, 2.2, customers) * np.minimum(age, 42), 0.02, None)) * 365
    owned = rng.random(customers) < sigmoid(0.7 + 0.8 * wealth)
    digital = np.clip(sigmoid((52 - age) / 14.0 + rng.normal(0, 1, customers)), 0.01, 0.99)
    unhappy = rng.beta(1.3, 3.6, customers)
    dormant = (rng.random(customers) < 0.05 + 0.03 * (held > 10 * 365)) & (age >= 20)
    grieved = (rng.random(customers) < 0.008 + 0.09 * unhappy) & (age >= 18) & ~dormant
    grievance = np.where(
        grieved, today.day - (1 + 700 * rng.random(customers) ** 1.6).astype(np.int64), 0
    )
    left = rng.random(customers) < np.where(grieved, 0.28, 0.012 + 0.03 * unhappy)
    leaving = np.where(
        grieved,
        np.minimum(grievance + rng.integers(5, 75, customers), today.day - 1),
        today.day - (1 + 700 * rng.random(customers)).astype(np.int64),
    )
    leaving = np.where(left & (age >= 20) & ~dormant, leaving, 0)
    return People(
        household=household,
        household_type=kind,
        age=age,
        woman=woman,
        family=choose(rng, [1 / (4 + rank) for rank in range(200)], houses)[household],
        given=np.minimum(rng.integers(0, 32, customers), rng.integers(0, 40, customers)),
        era=np.where(year < 1955, 0, np.where(year < 1985, 1, 2)).astype(np.int64),
        born=born,
        branch=of_house[household],
        owner=offices.owners(rng, of_house)[household],  # a family has one
        owned=owned,
        since=np.maximum(today.day - held.astype(np.int64), born),
        occupation=occupation,
        income=income,
        salaried=working & (rng.random(customers) < 0.58) & ~dormant,
        pensioner=(occupation == PENSIONER) & (rng.random(customers) < 0.62) & ~dormant,
        wealth=wealth,
        risk=rng.normal(0, 1, customers),
        digital=np.where(dormant, digital * 0.1, digital),
        unhappy=unhappy,
        dormant=dormant,
        opted=generator(seed, 15).random(customers) < 0.66,
        leaving=leaving.astype(np.int64),
        grievance=grievance.astype(np.int64),
    )


def _names(people: People) -> tuple[pa.Array, pa.Array, pa.Array]:
    """Written names, their kana, and the Latin letters of an e-mail address."""
    last = surnames()
    index = (people.woman.astype(np.int64) * ERAS + people.era) * 32 + people.given
    lists = [given_names(bool(w), e) for w in (0, 1) for e in range(ERAS)]
    given = words([n for x in lists for n in x.written], index)
    kana = words([n for x in lists for n in x.kana], index)
    latin = words([n for x in lists for n in x.latin], index)
    return (
        joined(words(last.written, people.family), "　", given),
        joined(words(last.kana, people.family), " ", kana),
        joined(latin, ".", words(last.latin, people.family)),
    )


def _addresses(seed: int, people: People, offices: Offices) -> dict[str, pa.Array]:
    """Address columns; the members of a household live together."""
    rng = generator(seed, 4)
    houses = int(people.household[-1]) + 1
    town = rng.integers(0, len(TOWNS), houses)[people.household]
    chome = rng.integers(1, 6, houses)[people.household]
    block = rng.integers(1, 40, houses)[people.household]
    number = rng.integers(1, 25, houses)[people.household]
    flat = rng.integers(101, 1200, houses)[people.household]
    building = rng.integers(0, 2 * len(BUILDINGS), houses)[people.household]
    plain = joined(
        words(TOWNS, town), number_text(chome), "丁目", number_text(block), "-", number_text(number)
    )
    shown = building < len(BUILDINGS)
    tail = joined(" ", words(BUILDINGS, building % len(BUILDINGS)), " ", number_text(flat), "号")
    places = [branch.place for branch in offices.branches]
    home = rng.integers(0, 10_000, houses)[people.household]
    return {
        "postal_code": joined(
            words([p.postal for p in places], people.branch), "-99", padded(town, 2)
        ),
        "prefecture": words([p.prefecture for p in places], people.branch),
        "city": words([p.city for p in places], people.branch),
        "address": pa.compute.if_else(pa.array(shown), joined(plain, tail), plain),
        "home_phone": joined(
            words([p.dial for p in places], people.branch),
            "-0",
            padded(home % 1000, 3 if houses < 10_000_000 else 4),
            "-",
            padded((home * 7919 + town) % 10_000, 4),
        ),
    }


def person_table(seed: int, people: People, offices: Offices, employer: Ints) -> pa.Table:
    """One row for each person. `employer` is the index of a company, -1 for none."""
    rng = generator(seed, 5)
    size = people.size
    name, kana, latin = _names(people)
    address = _addresses(seed, people, offices)
    number = np.arange(size, dtype=np.int64) + 1
    digits = rng.integers(1, 9_999, size)
    no_email = (people.digital < 0.3) | (people.age < 13)
    no_mobile = (people.age < 12) | ((people.age > 80) & (rng.random(size) < 0.5))
    no_home = people.age + rng.normal(0, 12, size) < 48
    email = joined(
        latin, number_text(digits), words(["@example.jp", "@example.com"], rng.integers(0, 2, size))
    )
    mobile = joined(
        words(["090-0", "080-0", "070-0"], choose(rng, (5, 4, 2), size)),
        padded(rng.integers(0, 1000, size), 3),
        "-",
        padded(rng.integers(0, 10_000, size), 4),
    )
    hide = pa.compute.if_else
    return pa.table(
        {
            "customer_no": coded("", number, 8),
            "name": name,
            "name_kana": kana,
            "gender": words(["男性", "女性"], people.woman.astype(np.int64)),
            "birth_date": days(people.born),
            "email": hide(pa.array(no_email), None, email),
            "mobile": hide(pa.array(no_mobile), None, mobile),
            **(address | {"home_phone": hide(pa.array(no_home), None, address["home_phone"])}),
            "household_no": coded("H", people.household + 1, 7),
            "branch": words([b.code for b in offices.branches], people.branch),
            "staff_code": coded("S", people.owner + 1001, 5, ~people.owned),
            "customer_since": days(people.since),
            "occupation": words(OCCUPATIONS, people.occupation),
            "employer_no": coded("K", employer + 1, 6, employer < 0),
            "annual_income": numbers(people.income, people.income == 0),
            "salary_account": flags(people.salaried),
            "app_user": flags((people.digital > 0.45) & people.adult & (rng.random(size) < 0.8)),
            "email_opt_in": flags(~no_email & people.opted),
        }
    )


def household_table(people: People, assets: Ints) -> pa.Table:
    """One row for each household; `assets` is what each person holds, in yen."""
    _, first, counts = np.unique(people.household, return_index=True, return_counts=True)
    total = np.bincount(people.household, weights=assets).astype(np.int64)
    return pa.table(
        {
            "household_no": coded("H", np.arange(len(first), dtype=np.int64) + 1, 7),
            "kind": words(HOUSEHOLDS, people.household_type[first]),
            "size": numbers(counts.astype(np.int64)),
            "children": numbers(
                np.bincount(people.household, weights=people.age < 18).astype(np.int64)
            ),
            "assets": numbers(total),
        }
    )
