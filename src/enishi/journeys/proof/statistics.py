"""The statistics of a proof: a difference of two rates with its interval, and whether a control
group is as large as it should be. Pure; counts in, rates from 0 to 1 out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from enishi.messages.deliveries.report import wilson

ALARMING = 0.001
"""Below this p a control group is not of the size that was set by chance alone (the level that
Fabijan et al., 2019, Diagnosing sample ratio mismatch, KDD, and most experiment platforms use)."""


@dataclass(frozen=True, slots=True)
class Difference:
    """How much higher the first rate is than the second, with its interval at 95 %."""

    value: float
    low: float
    high: float

    @property
    def certain(self) -> bool:
        """Whether the interval leaves out that there is no difference."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True)
class Ratio:
    """Whether a control group is as large as its percentage says: Pearson's chi-square with one
    degree of freedom."""

    control: int
    treated: int
    expected: float  # controls
    chi_square: float
    p: float

    @property
    def wrong(self) -> bool:
        return self.p < ALARMING


def difference(k1: int, n1: int, k2: int, n2: int) -> Difference | None:
    """k1 of n1 less k2 of n2, with Newcombe's hybrid score interval; None where one is of nobody.

    Newcombe, R. G. (1998), Interval estimation for the difference between independent proportions,
    Statistics in Medicine 17, 873-890, method 10: the square-and-add of two Wilson intervals.
    """
    p1, low1, high1 = wilson(k1, n1)
    p2, low2, high2 = wilson(k2, n2)
    if p1 is None or low1 is None or high1 is None or p2 is None or low2 is None or high2 is None:
        return None
    below = math.sqrt((p1 - low1) ** 2 + (high2 - p2) ** 2)
    above = math.sqrt((high1 - p1) ** 2 + (p2 - low2) ** 2)
    return Difference(p1 - p2, p1 - p2 - below, p1 - p2 + above)


def sample_ratio(control: int, treated: int, expected: float) -> Ratio | None:
    """Whether so many controls fit `expected`, the sum of everybody's chance to be one.

    None where nobody is there yet, or where nobody or everybody had to be a control.
    """
    total = control + treated
    if total == 0 or not 0 < expected < total:
        return None
    chi = (control - expected) ** 2 * (1 / expected + 1 / (total - expected))
    # The upper tail of chi-square with one degree of freedom is that of a normal, on both sides.
    return Ratio(control, treated, expected, chi, math.erfc(math.sqrt(chi / 2)))
