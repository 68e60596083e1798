"""A workspace as an analyst holds it: questions, segments, and scores written back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from enishi.analyst.arrow import Frame
from enishi.analyst.asking import Asking
from enishi.analyst.given import When, explained
from enishi.analyst.segment import Segment
from enishi.book.access import Actor, require
from enishi.kernel.text import Locale, Text

if TYPE_CHECKING:
    from enishi.analyst.scores import Written
    from enishi.book.workspace import Workspace as Place
    from enishi.warehouse.client import Attached
    from enishi.warehouse.warehouse import Warehouse

T = TypeVar("T")
_PERMISSION = "rules.preview"


class Workspace(Asking):
    """An open workspace; made by `enishi.open`. Close it, or use it in a `with` block."""

    def __init__(
        self,
        place: Place,
        warehouse: Warehouse | Attached,
        actor: Callable[[], Actor],
        locale: Locale,
        aside: Callable[[Callable[[], Any]], Any],
    ) -> None:
        super().__init__(warehouse, actor, locale)
        self._place, self._run = place, aside
        from enishi.warehouse.process import use_warehouse

        use_warehouse(warehouse)  # segments ask it too

    @property
    def name(self) -> str:
        return self._place.name

    @property
    def served(self) -> bool:
        """Whether a running `enishi serve` answers, through its door."""
        return bool(self._warehouse.attached)

    def segment(self, slug: str) -> Segment:
        """A segment by its slug. Raises NotFound."""

        def work() -> Segment:
            return Segment(slug, self._who, self.locale, self._run)

        return self._aside(work)

    def segments(self) -> list[str]:
        """The slugs of all segments that are not archived."""

        def work() -> list[str]:
            require(self._who(), "segments.read")
            return sorted(self._warehouse.catalog.sets.segments())

        return self._aside(work)

    def write_scores(
        self,
        name: str,
        frame: Frame,
        *,
        key: str | Sequence[str] = "id",
        score: str = "score",
        as_of: When = None,
        label: str | None = None,
        label_en: str | None = None,
        subject: str | None = None,
        pii: str = "none",
        purposes: Sequence[str] | None = None,
        consent_purposes: Sequence[str] = (),
    ) -> Written:
        """Write a score back: rules may then say `{"field": "NAME.value", …}`.

        One row a person: `key` names the column with the Enishi id (`id`, as `who` gives it) or the
        columns with the source key; `score` the column with the value, a number, text, truth or
        date. `as_of` is the instant the score holds from (default now); every version is kept, so
        that `NAME.value.since` and questions about the past work. `purposes` and `pii` are those of
        the value, fixed the first time.

        Raises Forbidden without `scores.write`, Invalid for a frame that does not fit, Conflict
        `load_out_of_order` when a later state is known.
        """
        at = self._at(as_of)

        def work() -> Written:
            from enishi.analyst.scores import Score, write_scores

            keys = [key] if isinstance(key, str) else list(key)
            wanted = Score(
                name, Text(label or name, label_en or label or name), pii,
                None if purposes is None else tuple(purposes), tuple(consent_purposes), subject,
            )  # fmt: skip
            return write_scores(
                self._place, self._warehouse, self._who(), wanted, frame, keys, score, at
            )

        return self._aside(work)

    def close(self) -> None:
        """Let go of the warehouse, so that others may open its file."""
        from enishi.warehouse.process import use_warehouse

        use_warehouse(None)
        self._warehouse.close()

    def __enter__(self) -> Workspace:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        way = "door" if self.served else "file"
        return f"<Workspace {self.name!r}, {self._aside(self._who).role}, {way}>"

    def _aside(self, work: Callable[[], T]) -> T:
        with explained(self.locale):
            found: T = self._run(work)
        return found

    def _asker(self) -> Actor:
        actor = self._who()
        require(actor, _PERMISSION)
        return actor

    def _asked(
        self,
        actor: Actor,
        action: str,
        rule: object,
        at: datetime | None,
        told: Mapping[str, object],
        ids: Sequence[str],
    ) -> None:
        from enishi.book.audit import record

        shape = json.dumps(rule, sort_keys=True, default=str, ensure_ascii=False)
        digest = hashlib.sha256(shape.encode()).hexdigest()[:16]
        detail = dict(told) | ({"as_of": at.isoformat()} if at else {})
        record(actor, action, "rule", digest, detail, ids)
