"""Memberships and samples as SQL: the sets of subjects kept beside the data."""

from __future__ import annotations

from math import ceil

from enishi.catalog.sets import OPEN_MEANS
from enishi.rules.compile_paths import Frame
from enishi.rules.compile_select import Moment, Names, Select
from enishi.rules.dialects.text import Expr, compare, equals, in_list, in_query
from enishi.rules.tree import Membership, Sample
from enishi.rules.windows import TICK, InstantBounds, instant_bounds

MEMBERSHIPS = "memberships"
LIST_MEMBERS = "list_members"


class SetCompiler:
    """Conditions on subjects, which have an `_id`."""

    def __init__(self, moment: Moment, names: Names) -> None:
        self.moment = moment
        self.sql = moment.dialect
        self.names = names

    def membership(self, node: Membership, frame: Frame) -> Expr:
        """Being in a set, or having crossed into or out of it in a window."""
        segment = node.kind == "segment"
        alias = self.names.new("m")
        name = MEMBERSHIPS if segment else LIST_MEMBERS
        stays = Select(self.sql.table(self.moment.schemas.book, name, alias), self.sql)
        which = self.sql.column(alias, "segment" if segment else "list")
        stays.where(equals(which, self.sql.text(node.slug)))
        if node.window is not None:
            self._crossed(node, stays, alias)
        else:
            start, end = ("entered_at", "left_at") if segment else ("_from", "_to")
            stays.where(
                self.moment.valid(self.sql.column(alias, start), self.sql.column(alias, end))
            )
        if not segment:
            stays.where(self._meant(node, alias))
        found = stays.build({"_id": self.sql.column(alias, "_id")})
        return in_query([self.sql.column(frame.alias, "_id")], found)

    def _meant(self, node: Membership, alias: str) -> Expr:
        named = OPEN_MEANS if node.statuses is None else node.statuses
        column = self.sql.column(alias, "means" if node.statuses is None else "status")
        return in_list(column, [self.sql.text(name) for name in named])

    def _crossed(self, node: Membership, stays: Select, alias: str) -> None:
        assert node.window is not None
        entered = self.sql.column(alias, "entered_at")
        crossed = entered if node.crossing == "entered" else self.sql.column(alias, "left_at")
        found = instant_bounds(node.window, self.moment.at, self.moment.catalog)
        last = self.moment.at + TICK
        end = last if found.end is None else min(found.end, last)
        stays.where(self.moment.within(crossed, InstantBounds(found.start, end)))
        if node.crossing != "entered":
            stays.where(compare("<=", entered, self.sql.instant(self.moment.at)))

    def sample(self, node: Sample, frame: Frame) -> Expr:
        """Whether the subject's bucket lies below `percent` x 100."""
        limit = ceil(node.percent * 100)
        here = self.sql.bucket(node.salt, self.sql.column(frame.alias, "_id"))
        return Expr(compare("<", here, Expr(str(limit))).sql, 4, firm=True)
