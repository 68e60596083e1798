"""Reading rule JSON: numbers with a point stay exact, keys come once."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal

from enishi.kernel.errors import Invalid
from enishi.kernel.text import Text
from enishi.rules.faults import Faults

MAX_DEPTH = 60
MAX_RULES = 250
"""Of a rule's groups, tests and steps together: each costs when it is compiled or told."""

MAX_JSON_DEPTH = 400
MAX_VALUES = 250_000
MAX_TEXT = 10_000
MAX_NAME = 200
_UNSOUND = re.compile("[\x00\ud800-\udfff]")

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


def refuse_unusable(json: object, faults: Faults, where: str = "$") -> None:
    """Note what no rule may hold, however it is nested: texts without end or with characters that
    no engine reads, keys that are no texts, more values than a rule can need, nesting without end.

    Walks without recursion, and no further than its limits.
    """
    waiting: list[tuple[object, str, int]] = [(json, where, 0)]
    seen = 0
    while waiting:
        value, path, depth = waiting.pop()
        seen += 1
        if seen > MAX_VALUES:
            faults.too_many(path, MAX_VALUES)
            return
        if depth > MAX_JSON_DEPTH:
            faults.too_deep(path, MAX_DEPTH)
            return
        if isinstance(value, str):
            _refuse_text(value, path, faults)
        elif isinstance(value, Mapping):
            for name, item in value.items():
                if not isinstance(name, str) or len(name) > MAX_NAME or _UNSOUND.search(name):
                    faults.add(
                        "unknown_key", path,
                        Text("使えないキーがあります。", "It has a key that cannot be used."),
                        Text("そのキーを外してください。", "Leave that key out."),
                    )  # fmt: skip
                    continue
                waiting.append((item, f"{path}.{name}", depth + 1))
        elif isinstance(value, (list, tuple)):
            waiting.extend((item, f"{path}[{i}]", depth + 1) for i, item in enumerate(value))


def _refuse_text(text: str, path: str, faults: Faults) -> None:
    if len(text) > MAX_TEXT:
        faults.add(
            "too_long", path,
            Text("文字列が長すぎます。", "The text is too long."),
            Text(f"{MAX_TEXT:,}文字までにしてください。",
                 f"Stay within {MAX_TEXT:,} characters."),
        )  # fmt: skip
    elif _UNSOUND.search(text):
        faults.add(
            "unsound_text", path,
            Text("使えない文字(NUL か不完全な文字)が含まれています。",
                 "The text holds a character that cannot be used (NUL or half a character)."),
            Text("その文字を取り除いてください。", "Remove that character."),
        )  # fmt: skip


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
