"""Finding persons, and one person's page: her fields and what belongs to her."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import jaconv

from enishi.book.access import Actor
from enishi.catalog.types import Dataset, Field, FieldType, Meaning
from enishi.kernel.errors import Forbidden, NotFound
from enishi.kernel.text import Text, fold
from enishi.warehouse.engine import Question
from enishi.warehouse.freshness import ages_behind
from enishi.warehouse.gather import aware, valid_at
from enishi.warehouse.instants import plain, written
from enishi.warehouse.masking import hidden, mask
from enishi.warehouse.questions import ENISHI_ID, Questions, at_once
from enishi.warehouse.related import holdings, part_of, present, relations_of
from enishi.warehouse.scope import scope_rule
from enishi.warehouse.spelling import SQL, Spelling
from enishi.warehouse.tables import shadow
from enishi.warehouse.walking import Walk
from enishi.warehouse.worth import worths

_NAMES = frozenset({Meaning.PERSON_NAME, Meaning.PERSON_KANA, Meaning.COMPANY_NAME})
_RELATED = 50  # rows shown of one relation


class People(Questions):
    """Questions about single persons (or companies)."""

    @at_once
    def search(
        self,
        text: str,
        limit: int = 20,
        subject: str | None = None,
        *,
        actor: Actor,
        offset: int = 0,
    ) -> dict[str, Any]:
        """Subjects whose name, kana, phone digits, e-mail or number contain every word of `text`.

        `{"items": [{"id", "key", "display", …}], "total"}`, exact numbers and beginnings first;
        an empty text lists everybody in scope. Masked fields are not searched. Shown beside: the
        fields whose meaning tells people apart, masked as the actor's role asks.
        """
        dataset = self._subject_dataset(subject)
        searched = [f for f in dataset.fields.values() if not hidden(f, actor.pii)]
        words, spelling = text.split(), self.engine.spelling
        tests = [f"({_matches(spelling, dataset, searched, word)})" for word in words]
        within = self._scope_sql(dataset, actor)
        source = f"{spelling.data(dataset.name)} t WHERE {present(dataset)}{within}"
        where = "".join(f" AND {test}" for test in tests)
        shown = _shown(dataset)
        names = [spelling.name(field.name) for field in shown]
        columns = ", ".join(f"t.{name} AS {name}" for name in names)
        counted = "count(*) OVER ()" if words else "NULL"  # one scan answers both
        ranks = _ranks(spelling, dataset, searched, words)
        ranked = "".join(f", {rank} AS _rank{i}" for i, rank in enumerate(ranks))
        order = "".join(f"_rank{i} DESC NULLS LAST, " for i in range(len(ranks))) + "_id"
        with self._read() as question:
            # Ids and ranks alone pass through the scope; the columns of the few shown come after.
            found = question.rows(
                f"SELECT _id, {counted} AS _total FROM"
                f" (SELECT t._id AS _id{ranked} FROM {source}{where}) f"
                f" ORDER BY {order} LIMIT {int(limit)} OFFSET {int(offset)}"
            )
            if words and (found or not offset):
                total = found[0][1] if found else 0
            else:
                total = question.one(f"SELECT count(*) FROM {source}{where}")
            place = {row[0]: i for i, row in enumerate(found)}
            among = ", ".join(map(spelling.text, place)) or "NULL"
            rows = question.records(
                f"SELECT t._id AS _id, {_key_sql(spelling, dataset)} AS _key, {columns} FROM"
                f" {spelling.data(dataset.name)} t WHERE {present(dataset)} AND t._id IN ({among})"
            )
            rows.sort(key=lambda row: place[row["_id"]])
        return {"items": [self._item(dataset, row, shown, actor) for row in rows], "total": total}

    @at_once
    def person(
        self, subject_id: str, *, actor: Actor, subject: str | None = None
    ) -> dict[str, Any]:
        """One subject: her fields and what belongs to her, by relation, all as of now.

        `related` tells of each relation what part it plays on a page (see `parts_of`), how many
        rows there are, and the first of them. `worth` are the sums the catalog asks for. `data`
        tells how old each dataset behind it is, also to who may not see the data page.

        Raises NotFound for nobody the actor may see.
        """
        dataset, found = self._found(subject_id, actor, subject)
        now = self.clock()
        with self._read() as question:
            row, walk = self._walk(question, dataset, found, now)
            related = [
                self._related(question, dataset, found, walk, path, actor)
                for path in holdings(self.catalog, dataset)
            ]
            worth = worths(question, self.engine, self.catalog, dataset, walk, actor.pii)
        with self.engine.books.read() as books:
            ages = ages_behind(books, self.catalog, dataset, now)
        return {
            "id": found,
            "subject": dataset.subject,
            "dataset": dataset.name,
            "key": _key(dataset, row),
            "display": self._display(dataset, row, actor),
            "as_of": written(now, self.catalog.zone),
            "fields": [
                self._told(field, row[name], actor) for name, field in dataset.fields.items()
            ],
            "related": [one for one in related if one is not None],
            "worth": worth,
            "data": ages,
        }

    @at_once
    def related(
        self,
        subject_id: str,
        path: str,
        *,
        actor: Actor,
        subject: str | None = None,
        offset: int = 0,
        limit: int = 50,
    ) -> dict[str, Any]:
        """One page of one relation of a subject's page. Raises NotFound `relation_unknown`."""
        dataset, found = self._found(subject_id, actor, subject)
        known = path in holdings(self.catalog, dataset)
        with self._read() as question:
            _, walk = self._walk(question, dataset, found, self.clock())
            told = (
                self._related(question, dataset, found, walk, path, actor, offset, limit)
                if known
                else None
            )
        if told is None:
            raise NotFound(
                Text(f"「{path}」という関連はありません。", f"There is no relation `{path}`."),
                Text("画面を開き直してください。", "Open the page again."),
                code="relation_unknown",
            )
        return told

    # ── inside ───────────────────────────────────────────────────────────────────────────────

    def _subject_dataset(self, subject: str | None) -> Dataset:
        found = (
            self.catalog.subject_dataset(subject)
            if subject is not None
            else next(iter(self._default_subjects()), None)
        )
        if found is None:
            raise NotFound(
                Text("対象がカタログにありません。", "The catalog has no such subject."),
                Text(
                    "データセットに subject: person を書いてください。",
                    "Write subject: person at a dataset of the catalog.",
                ),
                code="subject_missing",
            )
        return found

    def _default_subjects(self) -> list[Dataset]:
        return sorted(self.catalog.subjects(), key=lambda dataset: dataset.subject != "person")

    def _found(self, reference: str, actor: Actor, subject: str | None) -> tuple[Dataset, str]:
        """The dataset and the id of a subject the actor may see; raises NotFound.

        An id tells by its initial what kinds it may be of; a key is looked for among the first.
        """
        candidates = [self._subject_dataset(subject)] if subject else self._default_subjects()
        if subject is None and not ENISHI_ID.fullmatch(reference):
            candidates = [self._subject_dataset(None)]
        missing: NotFound | None = None
        for dataset in candidates:
            if ENISHI_ID.fullmatch(reference) and reference[0] != (dataset.subject or "")[:1]:
                continue
            try:
                return dataset, self.find(reference, actor=actor, subject=dataset.name)
            except NotFound as error:
                missing = error
        raise missing or _unknown(reference)

    def _walk(
        self, question: Question, dataset: Dataset, subject_id: str, now: datetime
    ) -> tuple[Mapping[str, Any], Walk]:
        """The subject's row (the last one, when none holds now), and the ways from it."""
        table = self.engine.spelling.data(dataset.name)
        last = " ORDER BY _from" if dataset.versioned else ""
        rows = aware(question.records(f"SELECT * FROM {table} WHERE _id = ?{last}", [subject_id]))
        here = valid_at(dataset, rows, now)
        present_row = here if here is not None and here.get("_to") is None else None
        walk = Walk(question, self.engine, self.catalog, dataset, present_row, now)
        return here or rows[-1], walk

    def _scope_sql(self, dataset: Dataset, actor: Actor) -> SQL:
        scope = scope_rule(actor, self.catalog, dataset.name)
        return "" if scope is None else f" AND t._id IN ({self._ids(scope, self.clock())})"

    def _seen_sql(self, dataset: Dataset, actor: Actor) -> SQL:
        """Keeps the rows `t` of other persons that the actor may see: the family, say."""
        try:
            scope = scope_rule(actor, self.catalog, dataset.name)
        except Forbidden:
            return "false"  # the scope does not speak of these subjects
        if scope is None:
            return "true"
        opened = ", ".join(map(self.engine.spelling.text, actor.opened))
        return f"(t._id IN ({self._ids(scope, self.clock())}) OR t._id IN ({opened or 'NULL'}))"

    def _display(self, dataset: Dataset, row: Mapping[str, Any], actor: Actor) -> str | None:
        field = dataset.fields[dataset.display or dataset.key[0]]
        value = row[field.name]
        return mask(value, field) if hidden(field, actor.pii) else _as_text(value)

    def _item(
        self, dataset: Dataset, row: Mapping[str, Any], shown: Sequence[Field], actor: Actor
    ) -> dict[str, Any]:
        return {
            "id": row["_id"],
            "key": row["_key"],
            "display": self._display(dataset, row, actor),
            "fields": [self._told(field, row[field.name], actor) for field in shown],
        }

    def _told(self, field: Field, value: Any, actor: Actor) -> dict[str, Any]:
        masked = hidden(field, actor.pii)
        return shape(field) | {
            "value": mask(value, field) if masked else plain(value, self.catalog.zone),
            "masked": masked,
        }

    def _related(
        self,
        question: Question,
        dataset: Dataset,
        subject_id: str,
        walk: Walk,
        path: str,
        actor: Actor,
        offset: int = 0,
        limit: int = _RELATED,
    ) -> dict[str, Any] | None:
        """The rows at the end of relations, the latest first where they have a time."""
        relations = relations_of(self.catalog, dataset, path)
        target = self.catalog.datasets[relations[-1].target]
        source = walk.source(path)
        if source is None:
            return None
        if relations[-1].many and target.subject is not None:
            # Over what is shared one comes back to oneself.
            others = f"t._id <> {self.engine.spelling.text(subject_id)}"
            seen = self._seen_sql(target, actor)
            source = f"SELECT t.* FROM ({source}) t WHERE {others} AND {seen}"
        order = latest(self.engine.spelling, target)
        page = f" LIMIT {int(limit) + 1} OFFSET {int(offset)}"
        rows = aware(question.records(f"SELECT t.* FROM ({source}) t ORDER BY {order}{page}"))
        total = offset + len(rows)
        if len(rows) > limit or (offset and not rows):  # only then there is something to count
            total = question.one(f"SELECT count(*) FROM ({source}) t")
        rows = rows[:limit]
        fields = list(target.fields.values())
        return {
            "relation": path,
            "label": {
                "ja": "の".join(relation.label.ja for relation in relations),
                "en": ": ".join(relation.label.en for relation in relations),
            },
            "dataset": target.name,
            "part": part_of(self.catalog, dataset, relations),
            "subject": target.subject,
            "many": any(relation.many for relation in relations),
            "total": total,
            "fields": [shape(field) for field in fields],
            "rows": [
                {f.name: self._told(f, row[f.name], actor)["value"] for f in fields}
                | self._who(target, row, actor)
                for row in rows
            ],
        }

    def _who(self, target: Dataset, row: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
        """How a related row is called, and the id behind it where it is a subject."""
        if target.subject is None and target.display is None:
            return {}
        told = {"_display": self._display(target, row, actor)}
        return told if target.subject is None else {**told, "_id": row["_id"]}


def latest(spelling: Spelling, dataset: Dataset) -> SQL:
    time = f"{spelling.name(dataset.time.field)} DESC NULLS LAST, " if dataset.time else ""
    return time + ", ".join(spelling.name(name) for name in dataset.key)


def _key(dataset: Dataset, row: Mapping[str, Any]) -> str:
    return "/".join(str(row[name]) for name in dataset.key)


def shape(field: Field) -> dict[str, Any]:
    return {
        "name": field.name,
        "label": {"ja": field.label.ja, "en": field.label.en},
        "type": field.type.value,
        "scale": field.scale,
        "meaning": field.meaning.value if field.meaning else None,
    }


def _unknown(reference: str) -> NotFound:
    return NotFound(
        Text(f"「{reference}」は見つかりません。", f"“{reference}” was not found."),
        Text("番号を確かめてください。", "Check the number."),
        code="subject_unknown",
    )


def _key_sql(spelling: Spelling, dataset: Dataset) -> SQL:
    return spelling.joined([spelling.as_text(f"t.{spelling.name(n)}") for n in dataset.key], "/")


def _shown(dataset: Dataset) -> list[Field]:
    telling = {
        *_NAMES,
        Meaning.BIRTH_DATE,
        Meaning.PHONE,
        Meaning.BRANCH,
        Meaning.ADDRESS,
        Meaning.PREFECTURE,
    }
    names = {dataset.display or dataset.key[0]}
    return [f for f in dataset.fields.values() if f.meaning in telling or f.name in names]


def _matches(spelling: Spelling, dataset: Dataset, fields: Sequence[Field], word: str) -> SQL:
    """A word is found in a name, a kana reading, an e-mail, a phone number or the key.

    Only tests that this word can pass are printed: over a million persons each costs.
    """
    folded = fold(word)
    digits = re.sub(r"\D", "", folded)
    ways = sorted({folded, jaconv.hira2kata(folded), jaconv.kata2hira(folded)})
    text, wanted = spelling.text, spelling.text(folded)
    tests = [f"t._id = {text(word)}"] if ENISHI_ID.fullmatch(word) else []
    keys = [dataset.fields[name] for name in dataset.key]
    if len(keys) == 1 and keys[0].folded:
        tests.append(spelling.starts(f"t.{spelling.name(shadow(keys[0]))}", wanted))
    elif folded.replace("/", "").isdigit() or any(f.type is FieldType.STRING for f in keys):
        tests.append(spelling.starts(spelling.lower(_key_sql(spelling, dataset)), wanted))
    for field in fields:
        column = f"t.{spelling.name(shadow(field))}"
        if field.meaning in _NAMES or (field.folded and field.name == dataset.display):
            # 佐藤花子 finds 佐藤 花子; 林凜 finds 林 凜, for which no blank need be taken out
            close = f"replace({column}, ' ', '')" if len(folded) > 2 else column
            tests += [spelling.holds(close, text(way)) for way in ways]
            if len(folded) == 2:
                tests += [spelling.holds(column, text(" ".join(way))) for way in ways]
        elif field.meaning is Meaning.EMAIL and field.folded and folded.isascii():
            tests.append(spelling.holds(column, wanted))
        elif field.meaning is Meaning.PHONE and field.folded and len(digits) >= 3:
            bare = f"replace(replace(replace({column}, '-', ''), ' ', ''), '+81', '0')"
            tests.append(spelling.holds(bare, text(digits)))
        elif field.meaning is Meaning.ID and field.folded:
            tests.append(spelling.starts(column, wanted))
    return " OR ".join(tests) or "false"


def _ranks(
    spelling: Spelling, dataset: Dataset, fields: Sequence[Field], words: Sequence[str]
) -> list[SQL]:
    """What those found are ordered by, each true before false."""
    if not words:
        return []
    first = spelling.text(fold(words[0]))
    names = [f for f in fields if f.folded and f.meaning in _NAMES]
    ranks = [f"({spelling.lower(_key_sql(spelling, dataset))} = {first})"]
    if names:
        columns = [f"t.{spelling.name(shadow(field))}" for field in names]
        ranks.append("(" + " OR ".join(spelling.starts(c, first) for c in columns) + ")")
    return ranks


def _as_text(value: Any) -> str | None:
    return None if value is None else str(value)
