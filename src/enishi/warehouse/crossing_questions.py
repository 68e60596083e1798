"""What is asked about crossings: who has entered or left a live segment since somebody last looked;
and how the stream of events stands.

Crossings are numbered as they happened, in twenty digits: who has seen one has seen all before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from enishi.book.access import Actor
from enishi.warehouse.instants import plain
from enishi.warehouse.member_questions import MemberQuestions
from enishi.warehouse.spelling import SQL

MOST = 1000


class Crossings(MemberQuestions):
    """The questions about crossings."""

    def newest_crossing(self) -> str:
        """The id of the newest crossing; empty when there is none."""
        stream = self.catalog.stream
        if stream is None:
            return ""
        spell = self.engine.spelling
        with self._read() as question:
            found = question.one(
                f"SELECT max({spell.name('crossing_id')}) FROM {spell.data(stream.crossing)}"
            )
        return "" if found is None else str(found)

    def crossings(
        self,
        *,
        actor: Actor,
        after: str = "",
        segments: Sequence[str] | None = None,
        newest: bool = False,
        named: bool = False,
        limit: int = 200,
    ) -> list[dict[str, Any]]:
        """At most `limit` crossings after one, the oldest first; with `newest` the last ones, the
        newest first. Of people in the actor's row scope alone, so there may be fewer.

        `[{crossing_id, event, at, segment, cause, id}]`, `id` being an Enishi id; with `named` also
        `key` and `display`, masked.
        """
        stream = self.catalog.stream
        if stream is None or (segments is not None and not segments):
            return []
        spell = self.engine.spelling
        within = [f"crossing_id > {spell.text(after)}"]
        if segments is not None:
            within.append(f"segment IN ({', '.join(map(spell.text, segments))})")
        rows = (
            "SELECT crossing_id, event, ts, segment, cause, person"
            f" FROM {spell.data(stream.crossing)} WHERE {' AND '.join(within)}"
            f" ORDER BY crossing_id{' DESC' if newest else ''} LIMIT {min(int(limit), MOST)}"
        )
        with self._read() as question:
            found = question.records(rows)
            ids = dict(question.rows(self._ids_of(rows))) if found else {}
        # A person erased meanwhile has no id any more: there is nobody to tell of.
        found = [row for row in found if row["person"] in ids]
        if actor.scope is not None:
            seen = self.in_scope(list(ids.values()), actor=actor, subject=self._subject)
            found = [row for row in found if ids[row["person"]] in seen]
        told = [
            {
                "crossing_id": row["crossing_id"], "event": row["event"],
                "at": plain(row["ts"], self.catalog.zone), "segment": row["segment"],
                "cause": row["cause"], "id": ids[row["person"]],
            }
            for row in found
        ]  # fmt: skip
        if not named or not told:
            return told
        names, _ = self._names(self._subject, list({row["id"] for row in told}), actor)
        nobody = {"key": None, "display": None}
        return [row | names.get(row["id"], nobody) for row in told]

    def stream_standing(self) -> dict[str, Any]:
        """What has not found its way: `{"unread", "unread_load", "unclaimed"}`.

        `unread` counts the stream's dead letters that nobody has replayed, `unread_load` is the
        load under which the last of them is shown; `unclaimed` are events of nobody known yet.
        """
        stream = self.catalog.stream
        if stream is None:
            return {"unread": 0, "unread_load": None, "unclaimed": 0}
        with self.engine.books.read() as question:  # DuckDB, whatever the engine is
            ((unread, load),) = question.rows(
                "SELECT count(*), max(load_id) FROM enishi.dead_letters WHERE dataset = ?"
                " AND starts_with(file, 'stream:') AND replayed_by IS NULL",
                [stream.activity],
            )
            unclaimed = question.one("SELECT count(*) FROM enishi.stream_unclaimed")
        return {"unread": int(unread), "unread_load": load, "unclaimed": int(unclaimed or 0)}

    @property
    def _subject(self) -> str:
        stream = self.catalog.stream
        assert stream is not None
        return self.catalog.datasets[stream.person].subject or ""

    def _ids_of(self, rows: SQL) -> SQL:
        """From each person's key in some rows to her Enishi id."""
        stream = self.catalog.stream
        assert stream is not None
        spell = self.engine.spelling
        key = spell.name(self.catalog.datasets[stream.person].key[0])
        return (
            f"SELECT DISTINCT p.{key}, p._id FROM {spell.data(stream.person)} p"
            f" WHERE p.{key} IN (SELECT person FROM ({rows}) c)"
        )
