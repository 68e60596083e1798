"""Refreshes segments over an open warehouse; knows no book, so that anything may call it.

    refresh(engine, catalog, wishes, at)

Wishes are taken in the order of their dependencies, those that do not lean on each other together:
first everybody's statements are evaluated (no lock held), then all of them are applied in one
transaction. What goes wrong with one segment fails that one alone; what goes wrong while applying
fails all that were to be applied, and nothing of them is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime

from enishi.catalog.types import Catalog
from enishi.kernel.errors import Conflict
from enishi.kernel.text import Text
from enishi.rules import Schemas
from enishi.rules.types import CheckedRule, CheckedValue
from enishi.segments.ranking import Rank, compile_segment
from enishi.segments.slices import plan
from enishi.segments.touched import Journal, journal, seen_now, touched
from enishi.sources.stream.loads import seal
from enishi.warehouse.engine import Engine, Question
from enishi.warehouse.memberships import DOUBT, TOUCHED, OnMoved, Pass, cycle
from enishi.warehouse.refresh_log import Change, Stored, decided_at, states
from enishi.warehouse.spelling import SQL, Spelling
from enishi.warehouse.tables import stale, stale_fault

MOST_TOUCHED = 100_000
"""Beyond so many touched people everybody is asked about: it costs no more then."""
TOGETHER = 10
"""So many small questions go in one statement: it saves half of what planning each would take."""
FEWEST_TO_SHARE = 3
"""So many segments make it worth copying aside what they read of the touched people."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A segment to be brought up to date. `refresh` names the attempt; `segments` and `lists` are
    the sets its rule names. `whole`: everybody is asked about."""

    refresh: str
    segment: str
    rule: CheckedRule
    rank: Rank | None = None
    version: int = 1
    whole: bool = True
    segments: frozenset[str] = frozenset()
    lists: frozenset[str] = frozenset()

    @property
    def asked(self) -> list[CheckedRule | CheckedValue]:
        """The rule and what it ranks by."""
        found: list[CheckedRule | CheckedValue] = [self.rule]
        if self.rank is not None:
            found += [v for v in (self.rank.value, self.rank.group) if v is not None]
        return found

    @property
    def datasets(self) -> frozenset[str]:
        """All datasets the answer leans on."""
        return frozenset({self.rule.subject}).union(*(one.datasets for one in self.asked))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a wish: the state it left, or why there is none."""

    wish: Wish
    stored: Stored | None = None
    error: Exception | None = None


@dataclass
class Watch:
    """How a caller follows a refresh, and stops it.

    `begun` is told of each segment before it is evaluated, with the question that can be cancelled;
    `going_on` is asked before anything is applied, and answers which refreshes are still wanted.
    `point` names the places where a test may kill the process. `moved` is told who comes and goes,
    inside the transaction that applies it.
    """

    begun: Callable[[Wish, Question], None] = lambda _wish, _question: None
    going_on: Callable[[Sequence[Wish]], Iterable[Wish]] = lambda wishes: wishes
    point: Callable[[str], None] = lambda _name: None
    moved: OnMoved | None = None


@dataclass
class _Pass:
    """One cycle under way."""

    catalog: Catalog
    cycle: Pass
    at: datetime
    dialect: str
    spelling: Spelling
    watch: Watch
    news: Journal
    stored: dict[str, Stored]
    instants: Callable[[str], list[datetime]]
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    changed: dict[str, list[str]] = field(default_factory=dict)  # by dataset, what does not fit

    def fits(self, wish: Wish, engine: Engine) -> bool:
        """Whether the rows loaded are those the catalog speaks of; else its outcome says so."""
        with self._failing_alone(wish):
            for name in sorted(wish.datasets):
                dataset = self.catalog.datasets[name]
                if name not in self.changed:
                    self.changed[name] = stale(engine, dataset)
                if self.changed[name]:
                    raise stale_fault(dataset, self.changed[name])
        return wish.refresh not in self.outcomes

    def level(self, wishes: Sequence[Wish]) -> None:
        """Evaluate some segments that do not lean on each other, then apply them together."""
        sources = {wish.refresh: self._touched(wish) for wish in wishes}
        count = self.cycle.touch(
            list(dict.fromkeys(select for of in sources.values() for select in of or ()))
        )
        whole = {
            wish.refresh: wish.whole
            or sources[wish.refresh] is None
            or count > MOST_TOUCHED
            or (wish.rank is not None and count > 0)  # the touched ones push others out
            for wish in wishes
        }
        tables = self._slices([w for w in wishes if not whole[w.refresh]]) if count else None
        changes: dict[str, Change] = {}
        done = self._decide_together([w for w in wishes if not whole[w.refresh]], tables)
        for wish in wishes:
            with self._failing_alone(wish):
                everybody = whole[wish.refresh]
                if wish.refresh not in done:
                    self._decide(wish, everybody, count)
                seen = seen_now(self.news, wish.datasets, wish.segments, wish.lists)
                changes[wish.refresh] = Change(
                    wish.refresh, wish.segment, wish.version, everybody, seen
                )
        self._compare([w for w in wishes if w.refresh in changes], changes, sources)
        wanted = list(self.watch.going_on([w for w in wishes if w.refresh in changes]))
        for wish in wishes:
            if wish.refresh in changes and wish not in wanted:
                self.outcomes[wish.refresh] = Outcome(wish, error=_cancelled())
        self._apply(wanted, changes)

    def _touched(self, wish: Wish) -> list[SQL] | None:
        """Whom news lead to since the segment's last state; None when that cannot be told."""
        before = self.stored.get(wish.segment)
        if before is None or before.version != wish.version:
            return None
        found = touched(
            self.catalog, wish.asked, before.seen, self.news, self.spelling, wish.segments,
            wish.lists,
        )  # fmt: skip
        # Of those who rise in a rank nobody can say whom they push out.
        return None if found and wish.rank is not None else found

    def _slices(self, wishes: Sequence[Wish]) -> Schemas | None:
        """Copy aside what these read of the touched people, where it is read more than once."""
        rules = [wish.rule for wish in wishes if wish.rank is None]
        if len(rules) < FEWEST_TO_SHARE:
            return None
        selects = plan(rules, self.catalog, self.at, self.spelling, TOUCHED)
        if selects is None:
            return None
        return self.cycle.slice(selects)

    def _decide_together(self, wishes: Sequence[Wish], tables: Schemas | None) -> set[str]:
        """Decide, some at a time, those who read slices; returns the refreshes that it did.

        Where one of them cannot be asked, all that would have been asked with it are left.
        """
        sharing = [wish for wish in wishes if tables is not None and wish.rank is None]
        done: set[str] = set()
        for start in range(0, len(sharing), TOGETHER):
            some = sharing[start : start + TOGETHER]
            self.watch.begun(some[0], self.cycle.bench)
            with suppress(Exception):  # each of them is asked again, alone, and says why
                self.cycle.decide_together(
                    {wish.segment: self._ids(wish, TOUCHED, self.at, tables) for wish in some}
                )
                done |= {wish.refresh for wish in some}
        return done

    def _decide(self, wish: Wish, everybody: bool, touched_count: int) -> None:
        """Evaluate who is in, of everybody or of the touched ones."""
        self.watch.begun(wish, self.cycle.bench)
        if not everybody and not touched_count:
            self.cycle.decide(wish.segment, None)
            return
        ids = self._ids(wish, None if everybody else TOUCHED, self.at)
        self.cycle.decide(wish.segment, ids)

    def _ids(
        self, wish: Wish, only: str | None, at: datetime, tables: Schemas | None = None
    ) -> SQL:
        return compile_segment(
            wish.rule, wish.rank, self.catalog, at, ids_table=only, dialect=self.dialect,
            schemas=tables or self.spelling.schemas,
        )  # fmt: skip

    def _compare(
        self,
        wishes: Sequence[Wish],
        changes: dict[str, Change],
        sources: Mapping[str, list[SQL] | None],
    ) -> None:
        """Compare with what is stored; where everybody was asked about, tell why some differ."""
        if not wishes:
            return
        doubtful = self.cycle.compare([changes[wish.refresh] for wish in wishes])
        for wish in wishes:
            before = self.stored.get(wish.segment)
            if before is None or sources[wish.refresh] is None or wish.segment not in doubtful:
                continue  # nothing to compare with, or what was loaded may have touched anybody
            with self._failing_alone(wish, changes):
                self.watch.begun(wish, self.cycle.bench)
                if not self.cycle.doubtful(wish.segment):
                    continue
                instants = self.instants(wish.segment)
                thens = (self._ids(wish, DOUBT, instant) for instant in instants)
                self.cycle.differing(wish.segment, thens)

    @contextmanager
    def _failing_alone(
        self, wish: Wish, changes: dict[str, Change] | None = None
    ) -> Iterator[None]:
        """What goes wrong inside is this wish's outcome, and no other's."""
        try:
            yield
        except Exception as error:
            self.outcomes[wish.refresh] = Outcome(wish, error=error)
            if changes is not None:
                changes.pop(wish.refresh, None)

    def _apply(self, wishes: Sequence[Wish], changes: Mapping[str, Change]) -> None:
        self.watch.point("segments.decided")
        try:
            done = self.cycle.apply(
                [changes[wish.refresh] for wish in wishes], self.at, self.watch.moved
            )
        except Exception as error:
            for wish in wishes:
                self.outcomes[wish.refresh] = Outcome(wish, error=error)
            return
        self.watch.point("segments.applied")
        for wish, stored in zip(wishes, done, strict=True):
            self.outcomes[wish.refresh] = Outcome(wish, stored)
            self.stored[wish.segment] = stored
            self.news.latest[f"segment:{wish.segment}"] = (
                stored.as_of.replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")
            )  # fmt: skip


def _instants(engine: Engine) -> Callable[[str], list[datetime]]:
    def found(segment: str) -> list[datetime]:
        with engine.books.read() as books:
            return decided_at(books, segment)

    return found


def refresh(
    engine: Engine,
    catalog: Catalog,
    wishes: Sequence[Wish],
    at: datetime,
    watch: Watch | None = None,
) -> list[Outcome]:
    """Bring segments up to date at the instant `at` (aware); an outcome for each wish, in order."""
    seal(engine, lambda: at)
    with engine.books.read() as books, engine.read() as question:
        news = journal(books, question, engine.spelling)
        stored = states(books, [wish.segment for wish in wishes])
    with cycle(engine) as passing:
        going = _Pass(
            catalog, passing, at, engine.dialect, engine.spelling, watch or Watch(), news, stored,
            _instants(engine)
        )  # fmt: skip
        for level in levels([wish for wish in wishes if going.fits(wish, engine)]):
            going.level(level)
    return [going.outcomes[wish.refresh] for wish in wishes]


def levels(wishes: Sequence[Wish]) -> list[list[Wish]]:
    """The wishes in groups, each after those its segments lean on; a circle goes last, together."""
    left = list(wishes)
    found = []
    while left:
        waiting = {wish.segment for wish in left}
        ready = [wish for wish in left if not wish.segments & (waiting - {wish.segment})] or left
        found.append(ready)
        left = [wish for wish in left if wish not in ready]
    return found


def _cancelled() -> Conflict:
    return Conflict(
        Text("この更新は中止されました。", "This refresh was cancelled."),
        Text("必要であれば、もう一度更新してください。", "Refresh again if you still need it."),
        code="refresh_cancelled",
    )
