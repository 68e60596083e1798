"""Arrow columns from numpy arrays: whole columns at once, never row by row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Ints: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]
Column: TypeAlias = Any
"""An Arrow array (pyarrow ships no types of its own)."""

DAY = 86_400
_EPOCH = date(1970, 1, 1)


class Today:
    """The instant at which the demo bank's data ends, in whole days and seconds of local time.

    `day` counts days since 1970-01-01, `second` counts local seconds since that midnight. Local
    seconds become instants by the offset in force now: the bank lives in Japan, which has none
    other.
    """

    def __init__(self, now: datetime, timezone: str = "Asia/Tokyo") -> None:
        local = now.astimezone(ZoneInfo(timezone))
        offset = local.utcoffset()
        self.date = local.date()
        self.day = (self.date - _EPOCH).days
        self.offset = int(offset.total_seconds()) if offset else 0
        self.second = int(now.astimezone(UTC).timestamp()) + self.offset


def generator(seed: int, *stream: int) -> np.random.Generator:
    """A generator for one stream of one seed, so that tables do not shift each other's dice."""
    return np.random.default_rng([seed, *stream])


def choose(rng: np.random.Generator, weights: Sequence[float], size: int) -> Ints:
    """Indices 0…len(weights)-1 drawn by their weights."""
    edges = np.cumsum(np.asarray(weights, dtype=np.float64))
    found = np.searchsorted(edges, rng.random(size) * edges[-1], side="right")
    return np.asarray(np.minimum(found, len(weights) - 1), dtype=np.int64)


def sigmoid(x: Floats) -> Floats:
    """The logistic function: a score as a probability."""
    return np.asarray(1.0 / (1.0 + np.exp(-x)), dtype=np.float64)


def words(options: Sequence[str | None], index: Ints, missing: Flags | None = None) -> Column:
    """A string column: `options[index]`, null where `missing`."""
    return pa.array(list(options), pa.string()).take(pa.array(index, pa.int64(), mask=missing))


def decimals(options: Sequence[Decimal], index: Ints, scale: int) -> Column:
    """A decimal column with few distinct values: `options[index]`."""
    return pa.array(list(options), pa.decimal128(18, scale)).take(pa.array(index, pa.int64()))


def numbers(values: Ints, missing: Flags | None = None) -> Column:
    """A 64-bit integer column (amounts of yen are whole)."""
    return pa.array(values.astype(np.int64), pa.int64(), mask=missing)


def flags(values: Flags) -> Column:
    """A boolean column."""
    return pa.array(values, pa.bool_())


def days(values: Ints, missing: Flags | None = None) -> Column:
    """A date column from days since 1970-01-01."""
    return pa.array(values.astype(np.int32), pa.int32(), mask=missing).cast(pa.date32())


def instants(seconds: Ints, today: Today, missing: Flags | None = None) -> Column:
    """A timestamp column (UTC) from local seconds since 1970-01-01 00:00."""
    shifted = (seconds - today.offset).astype("datetime64[s]")
    return pa.array(shifted, pa.timestamp("s"), mask=missing).cast(pa.timestamp("us", tz="UTC"))


def padded(values: Ints, width: int) -> Column:
    """A string column of zero-padded numbers."""
    return pc.utf8_lpad(pa.array(values, pa.int64()).cast(pa.string()), width, "0")


def coded(prefix: str, values: Ints, width: int, missing: Flags | None = None) -> Column:
    """A string column of codes such as `K0000123`; null where `missing`."""
    found = pc.binary_join_element_wise(prefix, padded(values, width), "")
    return found if missing is None else pc.if_else(pa.array(missing), None, found)


def joined(*parts: Column | str) -> Column:
    """A string column of parts put together; null where any part is null."""
    return pc.binary_join_element_wise(*parts, "")


def office_hours(rng: np.random.Generator, day: Ints) -> Ints:
    """Local seconds at a random minute between 9:00 and 17:00 of each day."""
    return np.asarray(day * DAY + 9 * 3600 + rng.integers(0, 8 * 60, len(day)) * 60, dtype=np.int64)


def any_hours(rng: np.random.Generator, day: Ints) -> Ints:
    """Local seconds between 7:00 and 24:00 of each day, the evening being busier."""
    hour = 7.0 + 17.0 * rng.beta(2.4, 1.7, len(day))
    return np.asarray(day * DAY + (hour * 3600).astype(np.int64), dtype=np.int64)
