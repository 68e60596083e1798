"""Link drafted tables: relations, times and kinds, subjects, and whose the events are."""

from __future__ import annotations

from enishi.catalog.infer import DraftTable, is_id_name, plural, singular, unique
from enishi.catalog.infer_relations import (
    ID_ENDS,
    DraftLinks,
    foreign_keys,
    rows_per_value,
)
from enishi.catalog.infer_subjects import mark_subjects
from enishi.catalog.types import FieldType, Meaning
from enishi.catalog.words import parts_of, words
from enishi.kernel.text import fold

_EVENT_WORDS = words("""
    event trans transaction log history visit purchase sale invoice click activity contact
    payment order call access session response message
""")
_EVENT_TERMS = tuple(sorted(words("取引 履歴 明細 ログ イベント 購入 行動 接触 来店 入出金")))
_PLANNED = ("maturity", "due", "expiry", "expire", "planned", "満期", "期限", "期日", "予定")
_NOT_WHEN = ("birth", "dob", "生年月日", "誕生", "end", "終了", "closed", "解約", "updated", "更新")
_WHEN = ("date", "time", "timestamp", "datetime", "at", "日時", "日付", "日", "on")
_NAME_FIELDS = frozenset({"event", "event_name", "event_type", "action", "イベント", "イベント名"})
_HOPS = 4


def link_tables(tables: list[DraftTable]) -> DraftLinks:
    """Find relations, kinds, times, subjects, and the paths from subjects to their events."""
    links = DraftLinks(tables)
    links.relations = foreign_keys(tables)
    _times_and_kinds(links)
    mark_subjects(links)
    _name_relations(links)
    _events(links)
    for table in tables:
        table.display = _display(table)
    return links


# ------------------------------------------------------------------------------ times, kinds


def _times_and_kinds(links: DraftLinks) -> None:
    parents = {relation.parent.name for relation in links.relations}
    for table in links.tables:
        moment = _moment(table)
        if moment is None:
            continue
        many = [r for r in links.relations if r.child is table and r.fields != table.key]
        repeated = any(
            rows_per_value(table, r.fields[0]) >= 1.8 for r in many if r.parent is not table
        ) or (not many and _repeats_an_id(table))
        named = _speaks_of_events(table.name) or (
            table.fields[moment].typed is FieldType.TIMESTAMP and repeated
        )
        table.planned = _is_planned(moment)
        if many:
            table.time = moment
        if table.name not in parents and not table.planned and (named or repeated):
            table.kind, table.time = "event", moment
            table.name_field = next(
                (
                    f.name
                    for f in table.fields.values()
                    if fold(f.name) in _NAME_FIELDS
                    and f.typed is FieldType.STRING
                    and 1 < f.guess.distinct <= 200
                    and f.guess.filled == table.rows
                ),
                None,
            )


def _moment(table: DraftTable) -> str | None:
    """The field that says when a row happened, the likeliest first."""
    scored: list[tuple[int, str]] = []
    for found in table.fields.values():
        if found.typed not in (FieldType.DATE, FieldType.TIMESTAMP):
            continue
        low = fold(found.name)
        if found.guess.meaning is Meaning.BIRTH_DATE or any(word in low for word in _NOT_WHEN):
            continue
        score = 2 if found.typed is FieldType.TIMESTAMP else 0
        score += 2 if set(parts_of(found.name)) & set(_WHEN) or "日" in found.name else 0
        score -= 3 if _is_planned(found.name) else 0
        filled = found.guess.filled / max(table.rows, 1)
        if found.derive is not None or (filled > 0.9 and found.guess.distinct > 1):
            scored.append((score, found.name))
    return max(scored, key=lambda entry: entry[0])[1] if scored else None


def _is_planned(name: str) -> bool:
    return any(word in fold(name) for word in _PLANNED)


def _repeats_an_id(table: DraftTable) -> bool:
    """A table without a key of its own, in which an identifier comes again and again."""
    if len(table.key) == 1 and table.fields[table.key[0]].column is not None:
        return False
    return any(
        is_id_name(f.name) and f.column is not None and rows_per_value(table, f.name) >= 1.8
        for f in table.fields.values()
        if (f.name,) != table.key
    )


def _speaks_of_events(name: str) -> bool:
    return bool({singular(p) for p in parts_of(name)} & _EVENT_WORDS) or any(
        term in name for term in _EVENT_TERMS
    )


# ----------------------------------------------------------------------- names, events, labels


def _name_relations(links: DraftLinks) -> None:
    """Name each relation on both sides, without collisions."""
    taken: dict[str, set[str]] = {table.name: set() for table in links.tables}
    for relation in links.relations:
        same = [
            r for r in links.relations if (r.child, r.parent) == (relation.child, relation.parent)
        ]
        stem = "_".join(p for p in parts_of(relation.fields[0]) if p not in ID_ENDS)
        alone = len(same) == 1 and relation.child is not relation.parent
        name = singular(relation.parent.name) if alone else (stem or relation.parent.name)
        if relation.child is relation.parent and name == singular(relation.parent.name):
            name = f"parent_{name}"
        many = plural(singular(relation.child.name))
        inverse = many if alone else f"{many}_by_{stem or relation.fields[0]}"
        relation.name = unique(name, taken[relation.child.name])
        relation.inverse = unique(inverse, taken[relation.parent.name])


def _events(links: DraftLinks) -> None:
    """For every event dataset, the shortest path that leads to it from each subject."""
    for subject in links.tables:
        if subject.subject is None:
            continue
        paths: dict[str, str] = {subject.name: ""}
        frontier = [subject.name]
        for _ in range(_HOPS):
            following: list[str] = []
            for here in frontier:
                for way, there in _ways(links, here):
                    if there not in paths:
                        paths[there] = f"{paths[here]}.{way}".lstrip(".")
                        following.append(there)
            frontier = following
        for table in links.tables:
            if table.kind == "event" and paths.get(table.name):
                table.event_of[subject.subject] = paths[table.name]


def _ways(links: DraftLinks, here: str) -> list[tuple[str, str]]:
    """To-many relations first: the events of a person lie below her, not beside her."""
    down = [(r.inverse, r.child.name) for r in links.relations if r.parent.name == here]
    up = [(r.name, r.parent.name) for r in links.relations if r.child.name == here]
    return [*down, *up]


def _display(table: DraftTable) -> str | None:
    for meaning in (Meaning.PERSON_NAME, Meaning.COMPANY_NAME):
        for found in table.fields.values():
            if found.guess.meaning is meaning:
                return found.name
    for found in table.fields.values():
        parts = parts_of(found.name)
        if (
            found.typed is FieldType.STRING
            and parts
            and (parts[-1] in ("name", "title", "label") or found.name.endswith(("名", "名称")))
        ):
            return found.name
    return None
