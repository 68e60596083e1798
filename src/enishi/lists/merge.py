"""The second half of a build: what the spool says, compared with what stands on the list.

Both sides come ordered by Enishi id and are merged like two sorted files, so that memory stays
flat and a build that was killed goes on after the last person it committed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from enishi.lists.gather import Spool
from enishi.lists.models import ActionableList, Build, Member
from enishi.lists.types import ChangeKind

_PAGE = 5000


@dataclass(frozen=True, slots=True)
class Step:
    """What happens to one person: `kind` None when nothing does.

    `position` is how many rows of the spool are done once this step is; `row` is the spool's row,
    `member` the one on the list (id, digest, present).
    """

    person: str
    position: int
    kind: ChangeKind | None = None
    row: dict[str, Any] | None = None
    member: tuple[int, str, int] | None = None


def steps(found: ActionableList, build: Build, spool: Spool) -> Iterator[Step]:
    """The steps still to do, from where the build has come to."""
    position = build.written
    rows = spool.rows(position)
    standing = _standing(found, build.cursor)
    row = next(rows, None)
    member = next(standing, None)
    while row is not None or member is not None:
        if member is None or (row is not None and row["person"] < member[0]):
            assert row is not None  # one of the two is there
            position += 1
            yield Step(row["person"], position, ChangeKind.ADDED, row)
            row = next(rows, None)
        elif row is None or member[0] < row["person"]:
            person, here = member[0], member[1:4]
            stays = not here[2] or member[4]  # has left before, or is kept whatever is found
            yield Step(person, position, None if stays else ChangeKind.LEFT, None, here)
            member = next(standing, None)
        else:
            position += 1
            person, here = member[0], member[1:4]
            if not here[2]:
                yield Step(person, position, ChangeKind.ADDED, row, here)
            elif here[1] != row["digest"]:
                yield Step(person, position, ChangeKind.CHANGED, row, here)
            else:
                yield Step(person, position, None, None, here)
            row, member = next(rows, None), next(standing, None)


def _standing(found: ActionableList, after: str) -> Iterator[tuple[str, int, str, int, str]]:
    """Everybody ever put on the list, by person; nobody before its first publication."""
    if found.published is None:
        return
    while True:
        page = list(
            Member.objects.filter(list_id=found.id, person__gt=after)
            .order_by("person")
            .values_list("person", "id", "digest", "present", "kept_for")[:_PAGE]
        )
        yield from page
        if len(page) < _PAGE:
            return
        after = page[-1][0]
