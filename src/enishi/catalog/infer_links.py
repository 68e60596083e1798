"""Draft what links the tables: foreign keys, kinds, subjects, and whose the events are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from enishi.catalog.infer import (
    DraftField,
    DraftTable,
    is_id_name,
    plural,
    singular,
    unique,
)
from enishi.catalog.sample import Sample
from enishi.catalog.types import FieldType, Meaning
from enishi.catalog.words import JAPANESE, label_of, parts_of, terms_of, words
from enishi.kernel.text import Text, fold

_ENDS = ("id", "no", "num", "number", "code", "cd", "key")
_PERSON_WORDS = words("""
    customer client person people member user patient subscriber guest student policyholder cust
    consumer shopper passenger borrower donor
""")
_PERSON_TERMS = ("顧客", "会員", "お客様", "個人", "利用者", "契約者", "患者", "カスタマー")
_TRAITS = frozenset(
    {"age", "年齢", "marital", "job", "occupation", "職業", "surname", "given_name"}
)
_COMPANY_WORDS = words("""
    company corporation corp firm organisation organization
""")
_COMPANY_TERMS = ("法人", "企業", "会社", "取引先")
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


@dataclass
class DraftRelation:
    """A foreign key of the draft. `share`: of the child's values, how many the parent has."""

    child: DraftTable
    fields: tuple[str, ...]
    parent: DraftTable
    name: str = ""
    inverse: str = ""
    share: float = 1.0
    certain: bool = True


@dataclass
class DraftLinks:
    """The tables, linked."""

    tables: list[DraftTable]
    relations: list[DraftRelation] = field(default_factory=list)


def link_tables(tables: list[DraftTable]) -> DraftLinks:
    """Find relations, kinds, times, subjects, and the paths from subjects to their events."""
    links = DraftLinks(tables)
    links.relations = _foreign_keys(tables)
    _times_and_kinds(links)
    _subjects(links)
    _name_relations(links)
    _events(links)
    for table in tables:
        table.display = _display(table)
    return links


# ------------------------------------------------------------------------------ foreign keys


def _foreign_keys(tables: Sequence[DraftTable]) -> list[DraftRelation]:
    keys = {
        parent.name: {v for v in parent.values(parent.key[0]) if v is not None}
        for parent in tables
        if len(parent.key) == 1 and parent.fields[parent.key[0]].column is not None
    }
    found: list[DraftRelation] = []
    for child in tables:
        for column in child.fields.values():
            if column.column is None or column.typed not in (FieldType.STRING, FieldType.INTEGER):
                continue
            best = _best_parent(child, column, tables, keys)
            if best is not None:
                found.append(best)
    return _no_mutual(found)


def _best_parent(
    child: DraftTable,
    column: DraftField,
    tables: Sequence[DraftTable],
    keys: dict[str, set[str]],
) -> DraftRelation | None:
    values = {v for v in child.values(column.name) if v is not None}
    best: tuple[float, DraftRelation] | None = None
    for parent in tables:
        known = keys.get(parent.name)
        if not known or not values:
            continue
        key = parent.fields[parent.key[0]]
        if parent is child and column.name == key.name:
            continue
        if column.typed is not key.typed:
            continue
        own_key = child.key == (column.name,)
        likeness = _likeness(column.name, parent, key.name)
        share = len(values & known) / len(values)
        if not _accept(likeness, share, column, values, parent, own_key=own_key):
            continue
        relation = DraftRelation(
            child, (column.name,), parent, share=share, certain=likeness >= 2 and share > 0.98
        )
        score = likeness + share
        if best is None or score > best[0]:
            best = (score, relation)
    return None if best is None else best[1]


def _accept(
    likeness: int,
    share: float,
    column: DraftField,
    values: set[str],
    parent: DraftTable,
    *,
    own_key: bool,
) -> bool:
    if not parent.sample.complete:
        return likeness >= 2 and share > 0.1
    if own_key:
        return likeness >= 4 and share > 0.9
    if likeness >= 2:
        return share >= 0.5
    if likeness == 1:
        return share >= 0.95
    telling = column.typed is FieldType.STRING and min(map(len, values)) >= 4
    return share == 1 and is_id_name(column.name) and telling and len(values) >= 10


def _likeness(column: str, parent: DraftTable, key: str) -> int:
    """How much a column's name speaks of a table's key, 0 to 4."""
    parts, key_parts = parts_of(column), parts_of(key)
    own = [singular(part) for part in parts_of(parent.name)]
    stem = [singular(p) for p in parts if p not in _ENDS] or [
        singular(p[:-2]) for p in parts if p.endswith("id") and len(p) > 3
    ]
    named = bool(stem) and (stem == own or (len(own) == 1 and _abbreviates(stem, own[0])))
    has_end = parts[-1:] and (parts[-1] in _ENDS or parts[-1].endswith("id"))
    if named and has_end:
        return 4
    if has_end and set(stem) & _PERSON_WORDS and set(own) & _PERSON_WORDS:
        return 3  # a user_id may well be a customer's
    generic = all(part in _ENDS for part in key_parts)
    if parts == key_parts and not generic:
        return 3
    if not column.isascii():
        return _japanese_likeness(column, parent, key)
    if not generic and len(parts) > len(key_parts) and parts[-len(key_parts) :] == key_parts:
        return 2
    if stem and has_end and own and stem[-1] == own[-1]:
        return 2
    if own and parts[:1] == ("parent",) and len(parts) <= 2:
        return 1
    return 1 if named else 0


def _abbreviates(stem: list[str], name: str) -> bool:
    return (
        len(stem) == 1
        and len(stem[0]) >= 3
        and (name.startswith(stem[0]) or (stem[0].startswith(name) and len(name) >= 3))
    )


def _japanese_likeness(column: str, parent: DraftTable, key: str) -> int:
    if column == key:
        return 3
    base = column
    for end in ("番号", "コード", "ID", "id", "ＩＤ", "No"):
        base = base.removesuffix(end)
    own = parent.name.removesuffix("マスタ").removesuffix("マスター").removesuffix("一覧")
    if base and base == own:
        return 4
    if column.endswith(key) or (own and column.startswith(own)):
        return 2
    terms = terms_of(base) or ()
    english = " ".join(JAPANESE.get(term, term) for term in terms)
    return 2 if english and english in {singular(p) for p in parts_of(parent.name)} else 0


def _no_mutual(found: list[DraftRelation]) -> list[DraftRelation]:
    """Two tables that share a key point at each other: keep the way to the larger one."""
    kept: list[DraftRelation] = []
    for relation in found:
        twin = next(
            (
                r
                for r in found
                if r.child is relation.parent
                and r.parent is relation.child
                and r.fields == relation.child.key
                and relation.fields == r.parent.key
            ),
            None,
        )
        if twin is None or twin is relation:
            kept.append(relation)
            continue
        mine, other = relation.parent.rows, twin.parent.rows
        if mine > other or (mine == other and found.index(relation) < found.index(twin)):
            kept.append(relation)
    return kept


# ------------------------------------------------------------------------------ times, kinds


def _times_and_kinds(links: DraftLinks) -> None:
    parents = {relation.parent.name for relation in links.relations}
    for table in links.tables:
        moment = _moment(table)
        if moment is None:
            continue
        many = [r for r in links.relations if r.child is table and r.fields != table.key]
        repeated = any(
            _rows_per_value(table, r.fields[0]) >= 1.8 for r in many if r.parent is not table
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


def _rows_per_value(table: DraftTable, name: str) -> float:
    guess = table.fields[name].guess
    return guess.filled / guess.distinct if guess.distinct else 0.0


def _repeats_an_id(table: DraftTable) -> bool:
    """A table without a key of its own, in which an identifier comes again and again."""
    if len(table.key) == 1 and table.fields[table.key[0]].column is not None:
        return False
    return any(
        is_id_name(f.name) and f.column is not None and _rows_per_value(table, f.name) >= 1.8
        for f in table.fields.values()
        if (f.name,) != table.key
    )


def _speaks_of_events(name: str) -> bool:
    return bool({singular(p) for p in parts_of(name)} & _EVENT_WORDS) or any(
        term in name for term in _EVENT_TERMS
    )


# ---------------------------------------------------------------------------------- subjects


def _subjects(links: DraftLinks) -> None:
    """Mark persons and companies; where there are none, make them from the events' own ids."""
    people = sorted(links.tables, key=lambda t: _person_score(t, links), reverse=True)
    if people and _person_score(people[0], links) >= 3:
        people[0].subject, people[0].time = "person", None
    firms = sorted((t for t in links.tables if t.subject is None), key=_company_score, reverse=True)
    if firms and _company_score(firms[0]) >= 3:
        firms[0].subject, firms[0].time = "company", None
    if any(t.subject for t in links.tables) or not links.tables:
        return
    if _subject_from_events(links):
        return
    referenced = [r.parent for r in links.relations]
    choice = max(
        links.tables,
        key=lambda t: (referenced.count(t), t.kind == "current", t.rows),
    )
    choice.kind, choice.name_field, choice.time = "current", None, None
    choice.subject = singular(choice.name)
    choice.notes.append(
        Text(
            "人や会社の表が見つからないため、この表の行を対象にしました。違う場合は subject: を"
            "移してください。",
            "no table of persons or companies was found, so the rows of this one are the subjects;"
            " move `subject:` if that is wrong",
        )
    )


def _person_score(table: DraftTable, links: DraftLinks) -> int:
    if table.kind == "event":
        return 0
    score = 0
    if {singular(p) for p in parts_of(table.name)} & _PERSON_WORDS or any(
        term in table.name for term in _PERSON_TERMS
    ):
        score += 5
    telling = {
        Meaning.BIRTH_DATE: 3,
        Meaning.PERSON_NAME: 2,
        Meaning.PERSON_KANA: 1,
        Meaning.EMAIL: 1,
        Meaning.PHONE: 1,
        Meaning.GENDER: 2,
    }
    meanings = {f.guess.meaning for f in table.fields.values()}
    score += sum(points for meaning, points in telling.items() if meaning in meanings)
    named = {fold(f.name) for f in table.fields.values()}
    score += 2 * len(named & _TRAITS)
    key = table.key[0] if len(table.key) == 1 else ""
    if {singular(p) for p in parts_of(key)} & _PERSON_WORDS or "user" in key.lower():
        borrowed = any(r.child is table and r.fields == (key,) for r in links.relations)
        score += 0 if borrowed else 3
    if len({singular(p) for p in parts_of(table.name)} & {"employee", "staff", "agent"}):
        score -= 4
    score += min(sum(r.parent is table for r in links.relations), 2) if score else 0
    return score - 2 * sum(r.child is table for r in links.relations if r.parent is not table) // 2


def _company_score(table: DraftTable) -> int:
    if table.kind == "event":
        return 0
    score = 0
    if {singular(p) for p in parts_of(table.name)} & _COMPANY_WORDS or any(
        term in table.name for term in _COMPANY_TERMS
    ):
        score += 4
    meanings = {f.guess.meaning for f in table.fields.values()}
    return score + (3 if Meaning.COMPANY_NAME in meanings else 0)


def _subject_from_events(links: DraftLinks) -> bool:
    """A table of events alone names its customers by an id: give them a dataset of their own."""
    choices: list[tuple[int, DraftTable, DraftField]] = []
    for table in links.tables:
        if table.kind != "event":
            continue
        for found in table.fields.values():
            stem = {singular(p) for p in parts_of(found.name)}
            person = bool(stem & _PERSON_WORDS) or any(t in found.name for t in _PERSON_TERMS)
            if not is_id_name(found.name) or found.column is None or (found.name,) == table.key:
                continue
            if _rows_per_value(table, found.name) >= 1.5:
                choices.append((2 * person + (found.column == 0), table, found))
    if not choices:
        return False
    score, table, found = max(choices, key=lambda entry: entry[0])
    made = _dataset_of_ids(table, found, {fold(t.name) for t in links.tables})
    made.subject = "person" if score >= 2 else made.name
    links.tables.insert(links.tables.index(table), made)
    links.relations.append(DraftRelation(table, (found.name,), made))
    return True


def _dataset_of_ids(table: DraftTable, found: DraftField, taken: set[str]) -> DraftTable:
    """A dataset of the distinct ids of a column, with the columns that depend on them alone."""
    stem = [p for p in parts_of(found.name) if p not in _ENDS]
    base = stem[0].removesuffix("id") if stem else "subject"
    name = unique(singular(base) or "subject", taken)
    ids = table.values(found.name)
    rows = [i for i, value in enumerate(ids) if value is not None]
    kept = [found]
    for other in table.fields.values():
        if other is found or other.column is None or other.name in table.key:
            continue
        values = table.values(other.name)
        seen: dict[str | None, str | None] = {}
        if all(seen.setdefault(ids[i], values[i]) == values[i] for i in rows):
            kept.append(other)
    sample = Sample(
        table.sample.files,
        name,
        table.sample.columns,
        [table.sample.rows[i] for i in {ids[i]: i for i in rows}.values()],
        table.sample.complete,
        table.sample.options,
    )
    made = DraftTable(name, sample, label_of(name))
    for field_ in kept:
        copy = replace(field_.guess, filled=len(sample.rows), distinct=len(sample.rows))
        guess = copy if field_ is found else field_.guess
        made.fields[field_.name] = replace(field_, guess=guess, notes=[])
    made.key = (found.name,)
    missing = len(ids) - len(rows)
    made.notes = [
        Text(
            f"「{table.name}」の{found.name}から作った対象です。同じファイルを読みます。"
            + (f"{found.name}のない{missing}行は、ここでは取り込まれません。" if missing else ""),
            f"the subjects, made from {found.name} of `{table.name}`: the same file is read"
            + (f"; {missing} row(s) without it are not loaded here" if missing else ""),
        )
    ]
    return made


# ----------------------------------------------------------------------- names, events, labels


def _name_relations(links: DraftLinks) -> None:
    """Name each relation on both sides, without collisions."""
    taken: dict[str, set[str]] = {table.name: set() for table in links.tables}
    for relation in links.relations:
        same = [
            r for r in links.relations if (r.child, r.parent) == (relation.child, relation.parent)
        ]
        stem = "_".join(p for p in parts_of(relation.fields[0]) if p not in _ENDS)
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
