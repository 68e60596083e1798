"""The statistics of proofs against published values and against closed forms by brute force."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest

from enishi.journeys.proof.statistics import difference, sample_ratio
from enishi.messages.deliveries.report import wilson

# Newcombe (1998), Statistics in Medicine 17, table II: the eight examples, method 10.
NEWCOMBE = [
    (56, 70, 48, 80, 0.0524, 0.3339),
    (9, 10, 3, 10, 0.1705, 0.8090),
    (6, 7, 2, 7, 0.0582, 0.8062),
    (5, 56, 0, 29, -0.0381, 0.1926),
    (0, 10, 0, 20, -0.1611, 0.2775),
    (0, 10, 0, 10, -0.2775, 0.2775),
    (10, 10, 0, 20, 0.6791, 1.0000),
    (10, 10, 0, 10, 0.6075, 1.0000),
]


@pytest.mark.parametrize(("k1", "n1", "k2", "n2", "low", "high"), NEWCOMBE)
def test_differences_are_those_of_newcombe(
    k1: int, n1: int, k2: int, n2: int, low: float, high: float
) -> None:
    found = difference(k1, n1, k2, n2)
    assert found is not None
    assert found.value == pytest.approx(k1 / n1 - k2 / n2)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)
    other = difference(k2, n2, k1, n1)
    assert other is not None
    assert (other.low, other.high) == pytest.approx((-found.high, -found.low))


# Newcombe (1998), Statistics in Medicine 17, 857-872, table I: method 3.
@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611),
     (1, 29, 0.0061, 0.1718)],
)  # fmt: skip
def test_rates_are_those_of_wilson(k: int, n: int, low: float, high: float) -> None:
    _, found_low, found_high = wilson(k, n)
    assert found_low is not None
    assert found_high is not None
    assert (round(found_low, 4), round(found_high, 4)) == (low, high)


@pytest.mark.parametrize(("k", "n"), [(3, 40), (0, 7), (12, 12), (500, 1000)])
def test_the_ends_of_wilson_solve_its_equation(k: int, n: int) -> None:
    """|k/n - p| = z sqrt(p (1 - p) / n) at both ends (Wilson, 1927)."""
    for end in wilson(k, n)[1:]:
        assert end is not None
        away = abs(k / n - end)
        assert away == pytest.approx(1.959963984540054 * math.sqrt(end * (1 - end) / n), abs=1e-7)


def test_a_difference_of_nobody_is_none() -> None:
    assert difference(0, 0, 1, 2) is None
    assert difference(1, 2, 0, 0) is None


@pytest.mark.parametrize(
    ("control", "treated", "expected", "chi_square", "p"),
    [
        # Mendel's peas (1866): 5,474 round and 1,850 wrinkled, 3 to 1.
        (1850, 5474, 1831.0, 0.2629, 0.6081),
        (450, 550, 500.0, 10.0, 0.0016),
    ],
)
def test_the_control_group_is_as_large_as_set(
    control: int, treated: int, expected: float, chi_square: float, p: float
) -> None:
    found = sample_ratio(control, treated, expected)
    assert found is not None
    assert (round(found.chi_square, 4), round(found.p, 4)) == (chi_square, p)


def test_its_p_is_near_that_of_the_binomial() -> None:
    """By brute force: how often 200 people at 20 % are as far from 40 controls as 25 are."""
    chance = Fraction(1, 5)
    far = sum(
        float(math.comb(200, k) * chance**k * (1 - chance) ** (200 - k))
        for k in range(201)
        if abs(k - 40) >= 15
    )
    found = sample_ratio(25, 175, 40.0)
    assert found is not None
    assert far / 2 < found.p < far
    assert not found.wrong
    alarming = sample_ratio(15, 185, 40.0)
    assert alarming is not None
    assert alarming.wrong


@pytest.mark.parametrize(
    ("control", "treated", "expected"), [(0, 0, 0.0), (0, 9, 0.0), (9, 0, 9.0)]
)
def test_there_is_no_ratio_without_two_arms(control: int, treated: int, expected: float) -> None:
    assert sample_ratio(control, treated, expected) is None
