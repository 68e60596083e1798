"""What a template may use up while it is filled in. See `sandbox`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from io import StringIO
from typing import Any, TextIO

from liquid import RenderContext
from liquid.undefined import UNDEFINED

from enishi.messages.wording import filters
from enishi.messages.wording.rendered import Links, Untracked

STEPS = 20_000
"""Steps that one text of a message may take."""

ITEMS = 1_000
"""Items that a list in a template may have, and turns of one loop."""

OUTPUT = 400_000
"""Characters that one text may come to; no mail program takes a mail of this size well."""

_CHARACTERS_A_STEP = 500


class LimitError(Exception):
    """A bound of the sandbox was exceeded."""


class Output(StringIO):
    """What has been written, up to a limit of characters."""

    def __init__(self, limit: int = OUTPUT) -> None:
        super().__init__()
        self.limit, self.size = limit, 0

    def write(self, text: str) -> int:
        self.size += len(text)
        if self.size > self.limit:
            raise LimitError("output")
        return super().write(text)


class Budget(RenderContext):
    """A rendering that counts its steps."""

    __slots__ = ("links", "steps")

    def __init__(self, *given: Any, links: Links | None = None, **named: Any) -> None:
        super().__init__(*given, **named)
        self.steps = STEPS
        self.links: Links = links or Untracked()

    def spend(self, steps: int) -> None:
        self.steps -= steps
        if self.steps < 0:
            raise LimitError("steps")

    def get_buffer(self, buf: TextIO | None = None) -> StringIO:
        return Output(OUTPUT - (buf.size if isinstance(buf, Output) else 0))

    def get(self, path: list[object], *, token: Any, default: object = UNDEFINED) -> object:
        self.spend(1)
        return super().get(path, token=token, default=default)

    def get_item(self, obj: Any, key: Any) -> Any:
        if not isinstance(obj, Mapping | list | tuple | str):
            raise TypeError(key)
        return super().get_item(obj, key)

    def assign(self, key: str, val: Any) -> None:
        if len(self.locals) >= 200 and key not in self.locals:
            raise LimitError("variables")
        super().assign(key, _bounded(val))

    def raise_for_loop_limit(self, length: int = 1) -> None:
        if length > ITEMS:
            raise LimitError("loop")
        self.spend(length)

    def filter(self, name: str, token: Any) -> Callable[..., object]:
        found = super().filter(name, token)
        return partial(self._filtered, found)

    def _filtered(self, found: Callable[..., object], *given: Any, **named: Any) -> object:
        self.spend(1)
        for value in given:
            self._weigh(value)
        for value in named.values():
            self._weigh(value)
        made = _bounded(found(*given, **named))
        self._weigh(made)
        return made

    def _weigh(self, value: object) -> None:
        _bounded(value)
        if isinstance(value, str):
            self.spend(len(value) // _CHARACTERS_A_STEP)
        elif isinstance(value, list | tuple):
            self.spend(len(value))


def _bounded(value: Any) -> Any:
    """A value that is small enough to work with; raises LimitError."""
    if isinstance(value, range):
        raise LimitError("range")
    if isinstance(value, str | list | tuple):
        most = filters.LONGEST if isinstance(value, str) else ITEMS
        if len(value) > most:
            raise LimitError("length")
    return value
