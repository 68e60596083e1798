"""Enishi (縁): a customer engagement platform.

For notebooks: `enishi.open` a workspace, or `enishi.evaluate` a rule on a data frame; see
`enishi.analyst`. Importing this costs nothing; what is named below is imported when it is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from enishi.analyst import (
        Count,
        EnishiError,
        Events,
        Frames,
        People,
        Related,
        Segment,
        Why,
        Workspace,
        evaluate,
        frame,
        open,
    )

__all__ = [
    "Count",
    "EnishiError",
    "Events",
    "Frames",
    "People",
    "Related",
    "Segment",
    "Why",
    "Workspace",
    "evaluate",
    "frame",
    "open",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'enishi' has no attribute {name!r}")
    from enishi import analyst

    return getattr(analyst, name)


def __dir__() -> list[str]:
    return [*globals(), *__all__]
