"""The sets of subjects that this workspace's rules may name, told by the domains that keep them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from enishi.catalog.sets import ListInfo, SegmentInfo

TellSegments = Callable[[], Mapping[str, SegmentInfo]]
TellLists = Callable[[], Mapping[str, ListInfo]]


class BookSets:
    """Asks whoever has said that it keeps segments, or lists; none are known until then.

    Always what the book says now: a segment saved a moment ago can be named.
    """

    def __init__(self) -> None:
        self._segments: TellSegments = dict
        self._lists: TellLists = dict

    def keep_segments(self, tell: TellSegments) -> None:
        self._segments = tell

    def keep_lists(self, tell: TellLists) -> None:
        self._lists = tell

    def segments(self) -> Mapping[str, SegmentInfo]:
        return self._segments()

    def lists(self) -> Mapping[str, ListInfo]:
        return self._lists()


SETS = BookSets()
"""The sets of this process; a domain registers in its `AppConfig.ready`."""
