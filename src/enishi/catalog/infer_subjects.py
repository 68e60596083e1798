"""Draft who is counted: the table of persons, of companies, or one made from the events' ids."""

from __future__ import annotations

from dataclasses import replace

from enishi.catalog.infer import DraftField, DraftTable, is_id_name, singular, unique
from enishi.catalog.infer_relations import (
    ID_ENDS,
    PERSON_WORDS,
    DraftLinks,
    DraftRelation,
    rows_per_value,
)
from enishi.catalog.sample import Sample
from enishi.catalog.types import Meaning
from enishi.catalog.words import label_of, parts_of, words
from enishi.kernel.text import Text, fold

_PERSON_TERMS = ("顧客", "会員", "お客様", "個人", "利用者", "契約者", "患者", "カスタマー")
_TRAITS = frozenset(
    {"age", "年齢", "marital", "job", "occupation", "職業", "surname", "given_name"}
)
_COMPANY_WORDS = words("company corporation corp firm organisation organization")
_COMPANY_TERMS = ("法人", "企業", "会社", "取引先")


def mark_subjects(links: DraftLinks) -> None:
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
    if {singular(p) for p in parts_of(table.name)} & PERSON_WORDS or any(
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
    if {singular(p) for p in parts_of(key)} & PERSON_WORDS or "user" in key.lower():
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
            person = bool(stem & PERSON_WORDS) or any(t in found.name for t in _PERSON_TERMS)
            if not is_id_name(found.name) or found.column is None or (found.name,) == table.key:
                continue
            if rows_per_value(table, found.name) >= 1.5:
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
    stem = [p for p in parts_of(found.name) if p not in ID_ENDS]
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
