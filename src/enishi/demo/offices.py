"""Branches and their staff."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from enishi.demo.columns import Ints, Today, choose, coded, days, generator, joined, words
from enishi.demo.names import given_names, surnames
from enishi.demo.places import Branch, branches

_HEAD, _SECTION, _REPRESENTATIVE, _COUNTER, _CALL = range(5)
_POSTS = ("支店長", "課長", "渉外担当", "窓口担当", "コールセンター")
_POSTS_EN = ("branch_head", "section_head", "representative", "counter", "call_centre")


@dataclass(frozen=True)
class Offices:
    """The bank's branches and staff. Staff arrays are parallel; `code` n is written `S` + n."""

    branches: tuple[Branch, ...]
    staff_branch: Ints  # index of the branch
    staff_post: Ints
    staff_name: tuple[str, ...]
    staff_kana: tuple[str, ...]

    @property
    def staff(self) -> int:
        return len(self.staff_branch)

    def staff_code(self, index: int) -> str:
        """The code of a member of staff, as the staff dataset writes it."""
        return f"S{1001 + index:05d}"

    def of_branch(self, branch: int, post: str) -> list[int]:
        """Staff of a branch in a post (`representative`, `section_head`…), by index."""
        wanted = _POSTS_EN.index(post)
        found = (self.staff_branch == branch) & (self.staff_post == wanted)
        return [int(index) for index in np.flatnonzero(found)]

    def owners(self, rng: np.random.Generator, branch: Ints) -> Ints:
        """A representative of each given branch, at random: who looks after a customer."""
        found = np.zeros(len(branch), dtype=np.int64)
        for index in range(len(self.branches)):
            here = np.flatnonzero(branch == index)
            staff = np.asarray(self.of_branch(index, "representative"), dtype=np.int64)
            found[here] = staff[rng.integers(0, len(staff), len(here))]
        return found


def open_offices(seed: int, customers: int) -> Offices:
    """Branches for so many customers, and their staff: more representatives where more live."""
    rng = generator(seed, 1)
    found = branches(customers)
    total = sum(branch.place.weight for branch in found)
    posts: list[int] = []
    where: list[int] = []
    for index, branch in enumerate(found):
        share = customers * branch.place.weight / total
        representatives = int(np.clip(round(share / 320), 3, 14))
        counts = (1, 2, representatives, 4, 6 if index == 0 else 0)
        for post, count in enumerate(counts):
            posts += [post] * count
            where += [index] * count
    size = len(posts)
    family = choose(rng, [1 / (4 + rank) for rank in range(200)], size)
    women = rng.random(size) < 0.48
    given = rng.integers(0, 32, size)
    era = np.where(np.asarray(posts) <= _SECTION, 1, rng.integers(1, 3, size))
    names, kana = [], []
    for i in range(size):
        first = given_names(bool(women[i]), int(era[i]))
        last = surnames()
        names.append(f"{last.written[family[i]]} {first.written[given[i]]}")
        kana.append(f"{last.kana[family[i]]} {first.kana[given[i]]}")
    return Offices(
        found,
        np.asarray(where, dtype=np.int64),
        np.asarray(posts, dtype=np.int64),
        tuple(names),
        tuple(kana),
    )


def branch_table(offices: Offices) -> pa.Table:
    """One row for each branch."""
    rows = offices.branches
    return pa.table(
        {
            "branch_code": [b.code for b in rows],
            "name": [b.name for b in rows],
            "name_kana": [b.kana for b in rows],
            "region": [b.place.region for b in rows],
            "prefecture": [b.place.prefecture for b in rows],
            "city": [b.place.city for b in rows],
            "phone": [f"{b.place.dial}-0{b.code}-0000" for b in rows],
            "saturday": [index % 3 == 0 for index in range(len(rows))],
        }
    )


def staff_table(offices: Offices, seed: int, today: Today) -> pa.Table:
    """One row for each member of staff, headed in Japanese as the personnel system exports it."""
    rng = generator(seed, 2)
    number = np.arange(offices.staff, dtype=np.int64) + 1001
    joined_on = today.day - rng.integers(200, 365 * 25, offices.staff)
    return pa.table(
        {
            "行員番号": coded("S", number, 5),
            "氏名": pa.array(list(offices.staff_name)),
            "カナ": pa.array(list(offices.staff_kana)),
            "店番": words([b.code for b in offices.branches], offices.staff_branch),
            "職位": words(_POSTS, offices.staff_post),
            "メール": joined("s", number_text(number), "@example.jp"),
            "入行日": days(joined_on),
        }
    )


def number_text(values: Ints) -> pa.Array:
    """Numbers as text."""
    return pa.array(values, pa.int64()).cast(pa.string())
