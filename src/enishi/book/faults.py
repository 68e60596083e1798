"""What may be logged of an unexpected error: its kind and where it arose, nothing it says."""

from __future__ import annotations

import traceback

_DEEPEST = 25


def kind_and_place(error: BaseException) -> str:
    """The error's type, and a line for each of its innermost frames.

    The message is left out, and so are those of its causes: messages of a database or an engine
    quote values, hence personal data.
    """
    frames = traceback.extract_tb(error.__traceback__)[-_DEEPEST:]
    places = "".join(f"\n  {frame.filename}:{frame.lineno} {frame.name}" for frame in frames)
    return f"{type(error).__name__}{places}"
