"""What erasing a person has to know of lists; her rows go by themselves (see `book.about`)."""

from __future__ import annotations

from enishi.lists.models import Build
from enishi.lists.types import BuildState


def builds_under_way() -> bool:
    """Whether a build holds persons aside that it has gathered and not written yet."""
    return Build.objects.filter(
        state__in=(BuildState.GATHERING, BuildState.WRITING, BuildState.FOLDING)
    ).exists()
