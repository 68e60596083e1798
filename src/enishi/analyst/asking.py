"""The questions that a workspace and plain frames answer alike."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar, overload

import pyarrow as pa

from enishi.analyst.arrow import Library
from enishi.analyst.given import Columns, Rule, When, read_columns, read_rule, read_when
from enishi.analyst.results import Count, People, Why
from enishi.book.access import Actor
from enishi.catalog.types import Catalog
from enishi.kernel.text import Locale
from enishi.rules import describe
from enishi.warehouse.scope import own_rule

T = TypeVar("T")


class Asking(ABC):
    """Asks a warehouse as one actor, who is looked up for each question, so that a role taken away
    is gone at once. `locale` is the language of sentences."""

    locale: Locale

    def __init__(self, warehouse: Any, actor: Callable[[], Actor], locale: Locale) -> None:
        self._warehouse, self._who, self.locale = warehouse, actor, locale

    @property
    def catalog(self) -> Catalog:
        """What the data means: datasets, fields, relations."""
        found: Catalog = self._aside(lambda: self._warehouse.catalog)
        return found

    def count(self, rule: Rule, *, as_of: When = None, subject: str | None = None) -> Count:
        """How many subjects a rule is true of, at `as_of` (default now).

        Raises Invalid whose `faults` name what is wrong with the rule, each with its JSON path.
        """
        asked, at = read_rule(rule), self._at(as_of)

        def work() -> Count:
            actor = self._asker()
            told = self._warehouse.count(
                asked, actor=actor, as_of=at, locale=self.locale, subject=subject
            )
            self._asked(actor, "rules.count", asked, at, {"count": told["count"]}, ())
            return Count.of(told)

        return self._aside(work)

    @overload
    def who(
        self,
        rule: Rule,
        *,
        columns: Columns | None = None,
        as_of: When = None,
        order_by: str | Sequence[str] | None = None,
        limit: int | None = None,
        subject: str | None = None,
        to: None = None,
    ) -> People: ...

    @overload
    def who(
        self,
        rule: Rule,
        *,
        columns: Columns | None = None,
        as_of: When = None,
        order_by: str | Sequence[str] | None = None,
        limit: int | None = None,
        subject: str | None = None,
        to: Library,
    ) -> Any: ...

    def who(
        self,
        rule: Rule,
        *,
        columns: Columns | None = None,
        as_of: When = None,
        order_by: str | Sequence[str] | None = None,
        limit: int | None = None,
        subject: str | None = None,
        to: Library | None = None,
    ) -> Any:
        """The subjects a rule is true of: People, or a frame of the library named by `to`.

        `columns` are field paths or values of the rule language by name. Ordered by `order_by` (a
        column, `-` before it for descending), then by id.
        """
        asked, at, shown = read_rule(rule), self._at(as_of), read_columns(columns)

        def work() -> People:
            actor = self._asker()
            table: pa.Table = self._warehouse.who(
                asked, actor=actor, as_of=at, columns=shown, order_by=order_by,
                limit=limit, subject=subject,
            )  # fmt: skip
            found = People(table, self.locale)
            told = {"count": len(found), "columns": len(found.columns)}
            self._asked(actor, "rules.who", asked, at, told, found.ids)
            return found

        people = self._aside(work)
        return people if to is None else people.to(to)

    def why(self, rule: Rule, id: str, *, as_of: When = None, subject: str | None = None) -> Why:
        """Whether the rule is true of one subject, and why. `id`: an Enishi id or a source key.

        Raises NotFound for nobody you may see.
        """
        asked, at = read_rule(rule), self._at(as_of)

        def work() -> Why:
            actor = self._asker()
            told = self._warehouse.why(
                asked, str(id), actor=actor, as_of=at, locale=self.locale, subject=subject
            )
            self._asked(actor, "rules.why", asked, at, {"truth": told["truth"]}, [told["id"]])
            return Why(told, self.locale)

        return self._aside(work)

    def sentence(
        self, rule: Rule, *, locale: Locale | None = None, subject: str | None = None
    ) -> str:
        """The rule in words."""
        asked = read_rule(rule)

        def work() -> str:
            catalog = self._warehouse.catalog
            checked = own_rule(asked, self._who(), catalog, subject=subject)
            return describe(checked, catalog, locale or self.locale)

        return self._aside(work)

    def _at(self, given: When) -> datetime | None:
        return read_when(given, self.catalog.zone) if given is not None else None

    @abstractmethod
    def _aside(self, work: Callable[[], T]) -> T:
        """Run what touches the book or the warehouse."""

    @abstractmethod
    def _asker(self) -> Actor:
        """The actor as they are now. Raises Forbidden for one who may not ask rules."""

    @abstractmethod
    def _asked(
        self,
        actor: Actor,
        action: str,
        rule: object,
        at: datetime | None,
        told: Mapping[str, object],
        ids: Sequence[str],
    ) -> None:
        """Record a question that was answered."""
