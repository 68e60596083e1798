"""What is asked about memberships: sizes, trend, members, overlap, composition, differences.

The actor's row scope limits every count and every list to the people in it, as of now; names and
values are masked as everywhere else. Segments come as `{slug: subject dataset}` or slug and
subject: what they are is the business of `segments`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate, combinations
from typing import Any

import pyarrow as pa

from enishi.book.access import Actor
from enishi.catalog.types import RuleJson
from enishi.kernel.errors import Forbidden, NotFound
from enishi.kernel.text import Locale, Text, fold
from enishi.rules import check_value, compile_view, describe
from enishi.warehouse.buckets import Buckets, bucketed
from enishi.warehouse.column_names import refuse_names
from enishi.warehouse.freshness import loaded_at
from enishi.warehouse.instants import plain, written
from enishi.warehouse.masking import field_behind, hidden
from enishi.warehouse.questions import Questions
from enishi.warehouse.scope import everybody, scope_rule
from enishi.warehouse.spelling import SQL
from enishi.warehouse.unseen import refuse_unseen

EVERYBODY: RuleJson = {"all": []}
INTERSECTIONS = 200


class MemberQuestions(Questions):
    """The questions about memberships, beside those about rules."""

    def segment_ages(self) -> dict[str, str]:
        """When each dataset was last loaded, ISO; those never loaded are left out."""
        with self.engine.books.read() as question:
            found = loaded_at(question)
        return {name: written(at, self.catalog.zone) for name, at in found.items()}

    def segment_counts(
        self, segments: Mapping[str, str], *, actor: Actor
    ) -> dict[str, dict[str, int]]:
        """Of each segment `size`, and `entered` and `left` at its last crossing, within scope."""
        found: dict[str, dict[str, int]] = {}
        for subject in sorted(set(segments.values())):
            slugs = [slug for slug, of in segments.items() if of == subject]
            rows = f"SELECT segment, _id, entered_at, left_at FROM {self._members(slugs)}"
            inside = f"{rows}{self._only(subject, actor)}"
            with self._read() as question:
                told = question.rows(
                    "SELECT m.segment, sum(CASE WHEN m.left_at IS NULL THEN 1 ELSE 0 END),"
                    " sum(CASE WHEN m.entered_at = l.at_ THEN 1 ELSE 0 END),"
                    " sum(CASE WHEN m.left_at = l.at_ THEN 1 ELSE 0 END)"
                    f" FROM ({inside}) m JOIN (SELECT segment, max(CASE WHEN left_at IS NULL"
                    " OR entered_at > left_at THEN entered_at ELSE left_at END) AS at_"
                    f" FROM {self._members(slugs)} GROUP BY segment) l"
                    " ON l.segment = m.segment GROUP BY m.segment"
                )
            found |= {
                row[0]: {"size": int(row[1]), "entered": int(row[2]), "left": int(row[3])}
                for row in told
            }
        return found

    def segment_trend(
        self, slug: str, subject: str, days: int, *, actor: Actor
    ) -> dict[str, list[dict[str, Any]]]:
        """Size at the end of each day, entries and exits of it, the last day being today.

        Days are those of the workspace's zone. `{"sizes": [{day, size}], "flows": [{day, entered,
        left}]}`, oldest first.
        """
        shown = self._days(days)
        entered, left = self._crossings([slug], subject, shown, actor)
        size = entered.get((slug, -1), 0) - left.get((slug, -1), 0)
        sizes, flows = [], []
        for n, day in enumerate(shown):
            came, went = entered.get((slug, n), 0), left.get((slug, n), 0)
            size += came - went
            sizes.append({"day": day.isoformat(), "size": size})
            flows.append({"day": day.isoformat(), "entered": came, "left": went})
        return {"sizes": sizes, "flows": flows}

    def segment_sizes(
        self, segments: Mapping[str, str], days: int, *, actor: Actor
    ) -> dict[str, list[int]]:
        """Of each segment the size at the end of each of the last days, the last being today."""
        shown = self._days(days)
        found: dict[str, list[int]] = {}
        for subject in sorted(set(segments.values())):
            slugs = [slug for slug, of in segments.items() if of == subject]
            entered, left = self._crossings(slugs, subject, shown, actor)
            for slug in slugs:
                moves = [
                    entered.get((slug, n), 0) - left.get((slug, n), 0) for n in range(-1, days)
                ]
                found[slug] = list(accumulate(moves))[1:]
        return found

    def _days(self, days: int) -> list[date]:
        """The last days of the workspace's zone, today the last."""
        today = self.clock().astimezone(self.catalog.zone).date()
        return [today - timedelta(days=days - 1 - n) for n in range(days)]

    def _crossings(
        self, slugs: Sequence[str], subject: str, shown: Sequence[date], actor: Actor
    ) -> tuple[dict[tuple[str, int], int], dict[tuple[str, int], int]]:
        """How many entered and how many left, by segment and number of the day; before them: -1."""
        zone, spell = self.catalog.zone, self.engine.spelling
        ends = [_midnight(day + timedelta(days=1), zone) for day in shown]
        start = spell.instant(_midnight(shown[0], zone))
        rows = (
            f"SELECT segment, entered_at, left_at FROM {self._members(slugs)}"
            f"{self._only(subject, actor)}"
        )

        def per_day(column: str) -> SQL:
            whens = " ".join(
                f"WHEN {column} < {spell.instant(end)} THEN {n}" for n, end in enumerate(ends)
            )
            return (
                f"SELECT segment, n, count(*) FROM (SELECT segment, CASE WHEN {column} < {start}"
                f" THEN -1 {whens} ELSE {len(shown)} END AS n FROM ({rows}) m"
                f" WHERE {column} IS NOT NULL) d GROUP BY segment, n"
            )

        with self._read() as question:
            entered, left = (
                {(slug, int(n)): int(count) for slug, n, count in question.rows(per_day(column))}
                for column in ("entered_at", "left_at")
            )
        return entered, left

    def segment_members(
        self,
        slug: str,
        subject: str,
        *,
        actor: Actor,
        left: bool = False,
        text: str = "",
        offset: int = 0,
        limit: int = 50,
    ) -> dict[str, Any]:
        """A page of who is in (or has left), who came (went) last first.

        `{"items": [{id, key, display, entered_at, left_at, stays}], "total", "masked"}`. `text` is
        looked for in names and keys; a role that sees names masked searches keys alone.
        """
        only = self._only(subject, actor) + self._named_like(subject, text, actor)
        rows = (
            "SELECT _id, max(entered_at) AS entered_at,"
            " CASE WHEN count(left_at) < count(*) THEN NULL ELSE max(left_at) END AS left_at,"
            f" count(*) AS stays FROM {self._members([slug])}{only} GROUP BY _id"
        )
        wanted = f"SELECT * FROM ({rows}) m WHERE left_at IS {'NOT ' if left else ''}NULL"
        order = "left_at" if left else "entered_at"
        with self._read() as question:
            total = question.one(f"SELECT count(*) FROM ({wanted}) w")
            page = question.records(
                f"SELECT * FROM ({wanted}) w ORDER BY {order} DESC, _id"
                f" LIMIT {int(limit)} OFFSET {int(offset)}"
            )
        names, masked = self._names(subject, [row["_id"] for row in page], actor)
        items = [
            names.get(row["_id"], {"id": row["_id"], "key": row["_id"], "display": None})
            | {
                "entered_at": plain(row["entered_at"], self.catalog.zone),
                "left_at": plain(row["left_at"], self.catalog.zone),
                "stays": int(row["stays"]),
            }
            for row in page
        ]
        return {"items": items, "total": int(total or 0), "masked": masked}

    def segment_member(
        self, slug: str, subject: str, reference: str, *, actor: Actor
    ) -> dict[str, Any]:
        """One person's stays. Raises NotFound for nobody the actor sees, or who was never in."""
        found = self.find(reference, actor=actor, subject=subject)
        spell = self.engine.spelling
        with self._read() as question:
            stays = question.rows(
                f"SELECT entered_at, left_at FROM {self._members([slug])}"
                f" AND _id = {spell.text(found)} ORDER BY entered_at DESC"
            )
        if not stays:
            raise NotFound(
                Text(
                    "この顧客はこのセグメントに入ったことがありません。",
                    "This person has never been in this segment.",
                ),
                Text(
                    "条件に合わない理由は「理由を調べる」で分かります。",
                    "Ask why not to see which condition fails.",
                ),
                code="never_member",
            )
        names, _ = self._names(subject, [found], actor)
        zone = self.catalog.zone
        return names.get(found, {"id": found, "key": found, "display": None}) | {
            "inside": any(gone is None for _, gone in stays),
            "stays": [
                {"entered_at": plain(came, zone), "left_at": plain(gone, zone)}
                for came, gone in stays
            ],
        }

    def segment_overlap(
        self, slugs: Sequence[str], subject: str, *, actor: Actor
    ) -> dict[str, Any]:
        """How the segments overlap now: sizes, pairs, and the exclusive intersections.

        Each person's segments are one number with a bit for each, so one pass counts them all.
        """
        spell = self.engine.spelling
        bits = " ".join(f"WHEN {spell.text(s)} THEN {1 << n}" for n, s in enumerate(slugs))
        with self._read() as question:
            told = question.rows(
                "SELECT mask, count(*) FROM (SELECT _id, sum(CASE segment"
                f" {bits} ELSE 0 END) AS mask FROM {self._members(slugs)} AND left_at IS NULL"
                f"{self._only(subject, actor)} GROUP BY _id) p GROUP BY mask"
            )
        counts = {int(mask): int(count) for mask, count in told}

        def having(wanted: int) -> int:
            return sum(count for mask, count in counts.items() if mask & wanted == wanted)

        exclusive = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        return {
            "sizes": {slug: having(1 << n) for n, slug in enumerate(slugs)},
            "pairs": [
                {"a": slugs[a], "b": slugs[b], "both": having(1 << a | 1 << b)}
                for a, b in combinations(range(len(slugs)), 2)
            ],
            "intersections": [
                {"slugs": [slug for n, slug in enumerate(slugs) if mask >> n & 1], "size": count}
                for mask, count in exclusive[:INTERSECTIONS]
            ],
            "total": sum(counts.values()),
        }

    def segment_composition(
        self,
        slug: str,
        subject: str,
        value: RuleJson,
        *,
        actor: Actor,
        purpose: str | None = None,
        bins: int = 12,
        locale: Locale = "ja",
    ) -> dict[str, Any]:
        """How a value is spread over those who are in: a histogram, or its commonest categories.

        The value serves the segment's purpose. Raises Invalid (`purpose_forbids`…), Forbidden for
        what the actor sees masked.
        """
        checked = check_value(value, self.catalog, subject=subject, purpose=purpose)
        refuse_unseen(checked, actor, self.catalog)
        self._refuse_stale(checked.datasets | {subject})
        field = field_behind(checked, self.catalog)
        if field is not None and hidden(field, actor.pii):
            raise _masked(field.label)
        now = self.clock()
        view = compile_view(
            self.catalog,
            subject,
            scope_rule(actor, self.catalog, subject),
            {"v": checked},
            now,
            "_inside",
            dialect=self.engine.dialect,
            schemas=self.engine.schemas,
        )
        inside = f"SELECT _id FROM {self._members([slug])} AND left_at IS NULL"
        with self._read() as question:
            found: Buckets = bucketed(
                question, f"WITH _inside AS ({inside}) ", view, checked, bins, self.engine.spelling
            )
        label = describe(checked, self.catalog, locale)
        return found.as_json(self.catalog, locale) | {"value_label": label}

    def segment_differences(
        self, refresh: str, subject: str, *, actor: Actor, offset: int = 0, limit: int = 50
    ) -> dict[str, Any]:
        """Whom a full refresh found different from what was stored, missed ones first."""
        with self.engine.books.read() as question:  # DuckDB, whatever the engine is
            found = question.records(
                "SELECT _id, cause, was_in FROM enishi.membership_differences WHERE refresh = ?"
                " ORDER BY cause, _id",
                [refresh],
            )
        if actor.scope is not None:
            seen = self.in_scope([r["_id"] for r in found], actor=actor, subject=subject)
            found = [row for row in found if row["_id"] in seen]
        page = found[offset : offset + limit]
        names, _ = self._names(subject, [row["_id"] for row in page], actor)
        items = [
            names.get(row["_id"], {"id": row["_id"], "key": row["_id"], "display": None})
            | {"cause": row["cause"], "was_in": bool(row["was_in"])}
            for row in page
        ]
        return {"items": items, "total": len(found)}

    def segment_table(
        self,
        slug: str,
        subject: str,
        *,
        actor: Actor,
        columns: Mapping[str, RuleJson] | None = None,
        purpose: str | None = None,
    ) -> pa.Table:
        """Everybody who is in and whom the actor may see, with values, like `who`; and since when:
        `entered_at` (naive, in the workspace's zone)."""
        refuse_names(columns or (), taken=("entered_at",))
        with self._read() as question:
            stays = question.table(
                f"SELECT _id, entered_at FROM {self._members([slug])} AND left_at IS NULL"
            )
        rule: dict[str, object] = {"version": 1, "subject": subject, "rule": EVERYBODY}
        if purpose is not None:
            rule["purpose"] = purpose
        ids = stays.column("_id").to_pylist()
        found = self.who(rule, actor=actor, columns=columns, ids=ids)
        since = dict(zip(ids, stays.column("entered_at").to_pylist(), strict=True))
        zone = self.catalog.zone
        entered = [
            since[one].replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)
            for one in found.column("_id").to_pylist()
        ]
        return found.append_column("entered_at", pa.array(entered, pa.timestamp("us")))

    # ── inside ───────────────────────────────────────────────────────────────────────────────

    def _members(self, slugs: Sequence[str]) -> SQL:
        """The table of memberships and a WHERE that keeps those of some segments."""
        spell = self.engine.spelling
        listed = ", ".join(spell.text(slug) for slug in slugs) or "NULL"
        return f"{spell.book('memberships')} WHERE segment IN ({listed})"

    def _only(self, subject: str, actor: Actor) -> SQL:
        """An AND that keeps the ids in the actor's row scope, as of now."""
        scope = scope_rule(actor, self.catalog, subject)
        return "" if scope is None else f" AND _id IN ({self._ids(scope, self.clock())})"

    def _named_like(self, subject: str, text: str, actor: Actor) -> SQL:
        """An AND that keeps those whose name holds, or whose key begins with, a text."""
        wanted = fold(text.strip())
        if not wanted:
            return ""
        # Raises Invalid where the catalog no longer knows the subject.
        dataset = self.catalog.datasets[everybody(self.catalog, subject).subject]
        spell = self.engine.spelling
        keys = [spell.as_text(spell.name(name)) for name in dataset.key]
        tests = [spell.starts(spell.lower(key), spell.text(wanted)) for key in keys]
        display = dataset.fields.get(dataset.display or "")
        if display is not None and display.folded and not hidden(display, actor.pii):
            tests.append(spell.holds(spell.name(f"{display.name}__f"), spell.text(wanted)))
        return f" AND _id IN (SELECT _id FROM {spell.data(subject)} WHERE {' OR '.join(tests)})"

    def _names(
        self, subject: str, ids: Sequence[str], actor: Actor
    ) -> tuple[dict[str, dict[str, Any]], list[str]]:
        """`id`, `key`, `display` of some subjects by id, masked; and what was masked."""
        if not ids:
            return {}, []
        table = self.who(EVERYBODY, actor=actor, ids=list(ids), subject=subject)
        told = (table.schema.metadata or {}).get(b"masked", b"").decode()
        rows = {
            row["_id"]: {"id": row["_id"], "key": row["key"], "display": row["display"]}
            for row in table.to_pylist()
        }
        return rows, [name for name in told.split(",") if name]


def _midnight(day: date, zone: Any) -> datetime:
    return datetime.combine(day, time(), zone)


def _masked(label: Text) -> Forbidden:
    return Forbidden(
        Text(
            f"「{label.ja}」はあなたの役割では伏せられているため、内訳を表示できません。",
            f"“{label.en}” is masked for your role, so its spread cannot be shown.",
        ),
        Text("別の項目を選んでください。", "Choose another field."),
        code="masked_field",
    )
