"""Reading rule JSON: numbers with a point stay exact, keys come once."""

from __future__ import annotations

import json
from decimal import Decimal

from enishi.kernel.errors import Invalid
from enishi.kernel.text import Text

MAX_DEPTH = 60
MAX_RULES = 250
"""Of a rule's groups and tests together: each costs when it is compiled, counted and told."""

MAX_STEPS = 20
"""Of one sequence: each is one more search through everybody's events."""

MAX_ITEMS = 10_000
"""Of one list that a test compares with."""


def read_json(text: str | bytes) -> object:
    """The JSON value of `text`, numbers with a point or exponent as `Decimal`.

    Raises `Invalid` (code `not_json`) with line and column when it is not JSON, repeats a key,
    or holds NaN or Infinity.
    """
    try:
        if isinstance(text, bytes):
            text = text.decode("utf-8-sig")
        return json.loads(
            text, parse_float=Decimal, parse_constant=_refuse_constant, object_pairs_hook=_pairs
        )
    except UnicodeDecodeError as error:
        raise _not_json("UTF-8 でない文字があります", "it is not UTF-8 text") from error
    except json.JSONDecodeError as error:
        raise _not_json(
            f"{error.lineno}行{error.colno}文字目を読み取れません",
            f"line {error.lineno}, column {error.colno}: {error.msg}",
        ) from error
    except RecursionError as error:
        raise _not_json("入れ子が深すぎます", "it is nested too deeply") from error


def _pairs(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _not_json(f"「{twice}」が2回書かれています", f"the key {twice!r} appears twice")
    return found


def _refuse_constant(name: str) -> object:
    raise _not_json(f"{name} は数値として使えません", f"{name} is not a number in JSON")


def _not_json(ja: str, en: str) -> Invalid:
    return Invalid(
        Text(f"JSON として読めません: {ja}。", f"This is not valid JSON: {en}."),
        Text("その箇所を直してください。", "Mend that place and try again."),
        code="not_json",
    )
