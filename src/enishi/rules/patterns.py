"""Regular expressions in RE2 syntax: linear time, and the very library the warehouse uses."""

from __future__ import annotations

from functools import lru_cache

import re2

_QUIET = re2.Options()
_QUIET.log_errors = False


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> re2._Regexp:
    return re2.compile(pattern, _QUIET)


def pattern_problem(pattern: str) -> str | None:
    """Why a pattern does not compile; None when it does."""
    try:
        _compiled(pattern)
    except re2.error as error:
        problem = error.args[0]
        return problem.decode("utf-8", "replace") if isinstance(problem, bytes) else str(problem)
    return None


def found_in(pattern: str, text: str) -> bool:
    """Whether the pattern occurs anywhere in the text, as stored."""
    return _compiled(pattern).search(text) is not None
