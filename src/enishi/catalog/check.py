"""Everything a catalog must satisfy beyond its shape: names, keys, times, purposes, consents."""

from __future__ import annotations

from collections.abc import Mapping

from enishi.catalog.build import Built
from enishi.catalog.faults import Faults, remedy_for
from enishi.catalog.sensitive import names_my_number
from enishi.catalog.types import (
    Catalog,
    Dataset,
    DatasetKind,
    Field,
    FieldType,
    Purpose,
    TimeKind,
)
from enishi.kernel.text import Text, fold

MAX_NAME = 100
_KEY_TYPES = frozenset(
    {
        FieldType.STRING,
        FieldType.INTEGER,
        FieldType.DECIMAL,
        FieldType.DATE,
        FieldType.TIMESTAMP,
        FieldType.BOOLEAN,
    }
)
_TIMES = frozenset({FieldType.DATE, FieldType.TIMESTAMP})


def good_name(name: str) -> bool:
    """Letters of any script, digits and `_`; no digit or `_` first, no `__f` last."""
    return (
        0 < len(name) <= MAX_NAME
        and name.isidentifier()
        and not name.startswith("_")
        and not name.endswith("__f")
    )


def check_name(name: str, path: str, faults: Faults, file: str = "") -> None:
    """Add a fault unless `name` can name a dataset, field, relation, purpose."""
    if good_name(name):
        return
    faults.add(
        "bad_name",
        path,
        Text(f"「{name}」という名前は使えません。", f"`{name}` cannot be a name."),
        Text(
            "文字、数字、「_」だけで、文字から始めてください（列名は source: に書けます）。",
            "Use letters, digits and `_`, beginning with a letter; the column's own name can"
            " stand in `source:`.",
        ),
        file,
    )


def check_datasets(built: Built, purposes: Mapping[str, Purpose], faults: Faults) -> None:
    """Check each dataset by itself, and subject kinds among each other."""
    kinds: dict[str, str] = {}
    for dataset in built.datasets.values():
        at = f"datasets.{dataset.name}"
        _check_key(dataset, at, faults)
        _check_time(dataset, at, built, faults)
        _check_event_names(dataset, at, faults)
        _check_display(dataset, at, faults)
        check_fields(dataset, at, built, purposes, faults)
        if dataset.subject is None:
            continue
        check_name(dataset.subject, f"{at}.subject", faults)
        if dataset.subject in kinds:
            other = kinds[dataset.subject]
            faults.add(
                "duplicate_subject",
                f"{at}.subject",
                Text(
                    f"対象「{dataset.subject}」は「{other}」がすでに名乗っています。",
                    f"`{other}` already is the dataset of the subject `{dataset.subject}`.",
                ),
                Text(
                    "どちらかの subject を変えるか、消してください。",
                    "Change or remove the `subject` of one of the two.",
                ),
            )
        kinds.setdefault(dataset.subject, dataset.name)


def _unknown_field(dataset: Dataset, name: str, path: str, faults: Faults) -> None:
    faults.add(
        "unknown_field",
        path,
        Text(
            f"「{dataset.name}」に「{name}」という項目はありません。",
            f"`{dataset.name}` has no field `{name}`.",
        ),
        remedy_for(name, dataset.fields),
    )


def _check_key(dataset: Dataset, at: str, faults: Faults) -> None:
    if not dataset.key:
        faults.add(
            "missing_key_field",
            f"{at}.key",
            Text(
                f"「{dataset.name}」にキーがありません。",
                f"The dataset `{dataset.name}` has no key.",
            ),
            Text(
                "行を一意に決める項目を「key: …」に書いてください。"
                "なければ「derive: {source_line: []}」の項目を作ってキーにできます。",
                "Name the field(s) that identify a row in `key: …`. When there is none, add a"
                " field with `derive: {source_line: []}` and make it the key.",
            ),
        )
    if len(set(dataset.key)) != len(dataset.key):
        faults.add(
            "duplicate_key_field",
            f"{at}.key",
            Text("キーに同じ項目が2回あります。", "The key names a field twice."),
            Text("1回だけ書いてください。", "Name it once."),
        )
    for name in dataset.key:
        found = dataset.fields.get(name)
        if found is None:
            _unknown_field(dataset, name, f"{at}.key", faults)
        elif found.type not in _KEY_TYPES:
            faults.add(
                "bad_key_type",
                f"{at}.key",
                Text(
                    f"「{name}」（{found.type}）はキーにできません。",
                    f"`{name}` is {found.type} and cannot be a key.",
                ),
                Text(
                    "文字列、整数、小数、日付の項目を選んでください。",
                    "Choose a field of type string, integer, decimal or date.",
                ),
            )


def _check_time(dataset: Dataset, at: str, built: Built, faults: Faults) -> None:
    time = dataset.time
    if time is None:
        if dataset.kind is DatasetKind.EVENT:
            faults.add(
                "missing_time",
                f"{at}.time",
                Text(
                    f"イベントの「{dataset.name}」に発生日時がありません。",
                    f"The event dataset `{dataset.name}` has no occurred time.",
                ),
                Text(
                    "「time: {field: …, kind: occurred}」を書くか、kind を変えてください。",
                    "Add `time: {field: …, kind: occurred}`, or make its kind `current`.",
                ),
            )
        if dataset.retain is not None:
            faults.add(
                "retain_needs_time",
                f"{at}.retain",
                Text(
                    f"「{dataset.name}」には時がないため、保有期間を数えられません。",
                    f"`{dataset.name}` has no time to count `retain` from.",
                ),
                Text("time: を書くか、retain: を消してください。", "Add `time:`, or remove it."),
            )
        return
    if dataset.kind is DatasetKind.EVENT and time.kind is not TimeKind.OCCURRED:
        faults.add(
            "event_needs_occurred",
            f"{at}.time.kind",
            Text(
                "イベントの時は occurred（発生）でなければなりません。",
                "The time of an event dataset must be `occurred`.",
            ),
            Text("「kind: occurred」にしてください。", "Write `kind: occurred`."),
        )
    found = dataset.fields.get(time.field)
    if found is None:
        _unknown_field(dataset, time.field, f"{at}.time.field", faults)
    elif found.type not in _TIMES and (dataset.name, found.name) not in built.broken:
        faults.add(
            "bad_time_type",
            f"{at}.time.field",
            Text(
                f"「{time.field}」は {found.type} で、日付でも日時でもありません。",
                f"`{time.field}` is {found.type}, neither date nor timestamp.",
            ),
            Text(
                "型を date か timestamp にしてください（書式は format:、または derive: で）。",
                "Make it a date or timestamp (say how it is written in `format:`, or derive it).",
            ),
        )


def _check_event_names(dataset: Dataset, at: str, faults: Faults) -> None:
    event = dataset.event
    if event is None:
        return
    if dataset.kind is not DatasetKind.EVENT:
        faults.add(
            "event_on_other_kind",
            f"{at}.event",
            Text(
                "event: は kind: event のデータセットにだけ書けます。",
                "Only a dataset of `kind: event` can have `event:`.",
            ),
            Text(
                "kind を event にするか、event を消してください。",
                "Make its kind `event`, or remove it.",
            ),
        )
    if (event.name is None) == (event.name_field is None):
        faults.add(
            "event_name",
            f"{at}.event",
            Text(
                "name と name_field のどちらか一方が要ります。",
                "Exactly one of `name` and `name_field` is needed.",
            ),
            Text(
                "すべての行が同じイベントなら name、項目に名前が入っているなら name_field です。",
                "`name` when all rows are one event, `name_field` when a field holds the name.",
            ),
        )
    if event.name_field is None:
        return
    found = dataset.fields.get(event.name_field)
    if found is None:
        _unknown_field(dataset, event.name_field, f"{at}.event.name_field", faults)
    elif found.type is not FieldType.STRING:
        faults.add(
            "bad_name_field",
            f"{at}.event.name_field",
            Text(
                f"「{event.name_field}」は文字列ではありません。",
                f"`{event.name_field}` is not a string.",
            ),
            Text("型を string にしてください。", "Make its type `string`."),
        )


def _check_display(dataset: Dataset, at: str, faults: Faults) -> None:
    if dataset.display is not None and dataset.display not in dataset.fields:
        _unknown_field(dataset, dataset.display, f"{at}.display", faults)


# ------------------------------------------------------------------------------------ fields


def check_fields(
    dataset: Dataset,
    at: str,
    built: Built,
    purposes: Mapping[str, Purpose],
    faults: Faults,
) -> None:
    from enishi.catalog.derive import check_derivations

    seen: dict[str, str] = {}
    for field in dataset.fields.values():
        path = f"{at}.fields.{field.name}"
        check_name(field.name, path, faults)
        twin = seen.setdefault(fold(field.name), field.name)
        if twin != field.name:
            faults.add(
                "duplicate_name",
                path,
                Text(
                    f"「{field.name}」は「{twin}」と同じ名前です（大文字小文字は区別しません）。",
                    f"`{field.name}` is the same name as `{twin}` (case does not count).",
                ),
                Text(
                    "どちらかの名前を変え、列名を source: に書いてください。",
                    "Rename one of the two and put the column's name in `source:`.",
                ),
            )
        _check_my_number(field, path, faults)
        _check_format(field, path, faults)
        for name in sorted((field.purposes or frozenset()) | field.consent_purposes):
            if name not in purposes:
                faults.add(
                    "unknown_purpose",
                    f"{path}.purposes",
                    Text(f"「{name}」という目的はありません。", f"There is no purpose `{name}`."),
                    remedy_for(name, purposes),
                )
    check_derivations(dataset, built.broken, at, faults)


def _check_my_number(field: Field, path: str, faults: Faults) -> None:
    if field.type is FieldType.BOOLEAN:
        return
    names = [field.name, field.label.ja, field.label.en, field.source or "", *field.aliases]
    if any(names_my_number(name) for name in names):
        refuse_my_number(field.name, path, faults)


def refuse_my_number(name: str, path: str, faults: Faults) -> None:
    """The one sentence that refuses a 個人番号 column."""
    faults.add(
        "my_number",
        path,
        Text(
            f"「{name}」は個人番号（マイナンバー）と思われるため、取り込めません。",
            f"`{name}` looks like 個人番号 (My Number), which may not be loaded.",
        ),
        Text(
            "この項目をカタログから外してください。法律は、税と社会保障以外での利用を禁じています。",
            "Remove the field from the catalog. The law forbids its use outside tax and social"
            " security.",
        ),
    )


def _check_format(field: Field, path: str, faults: Faults) -> None:
    from enishi.catalog.formats import format_problem

    if field.format is None:
        return
    if field.type is FieldType.BOOLEAN:
        yes, _, no = field.format.partition("|")
        if not yes or not no or "|" in no or fold(yes) == fold(no):
            faults.add(
                "bad_format",
                f"{path}.format",
                Text(f"「{field.format}」は読めません。", f"`{field.format}` cannot be read."),
                Text(
                    "はいの言葉といいえの言葉を「有|無」のように書いてください。",
                    "Write the word for true and the word for false: `有|無`, `Y|N`.",
                ),
            )
        return
    if field.type not in _TIMES:
        faults.add(
            "format_without_date",
            f"{path}.format",
            Text(
                "format は日付、日時、真偽の項目に書きます。",
                "`format` is for dates, timestamps and booleans.",
            ),
            Text("型を date か timestamp にしてください。", "Make its type `date` or `timestamp`."),
        )
        return
    problem = format_problem(field.format)
    if problem is not None:
        faults.add("bad_format", f"{path}.format", *problem)


# ---------------------------------------------------------------------------------- consents


def check_consents(catalog: Catalog, built: Built, faults: Faults) -> None:
    """The consents' relation and fields; and that consent purposes have consents to lean on."""
    consents = catalog.consents
    if consents is None:
        for dataset in catalog.datasets.values():
            for field in dataset.fields.values():
                if field.consent_purposes:
                    faults.add(
                        "no_consents",
                        f"datasets.{dataset.name}.fields.{field.name}.consent_purposes",
                        Text(
                            "同意の記録がカタログにありません。",
                            "The catalog does not say where consents are.",
                        ),
                        Text(
                            "「consents: {relation: …}」を書いてください。",
                            "Add `consents: {relation: …}`.",
                        ),
                    )
        return
    subjects = catalog.subjects()
    subject = catalog.subject_dataset("person") or (subjects[0] if len(subjects) == 1 else None)
    relation = None if subject is None else catalog.relation(subject.name, consents.relation)
    if subject is None or relation is None:
        known = [] if subject is None else list(catalog.relations.get(subject.name, {}))
        faults.add(
            "unknown_relation",
            "consents.relation",
            Text(
                f"顧客に「{consents.relation}」という関連はありません。",
                f"The person has no relation `{consents.relation}`.",
            ),
            remedy_for(consents.relation, known),
        )
        return
    target = catalog.datasets[relation.target]
    wanted = (
        ("purpose", consents.purpose, frozenset({FieldType.STRING})),
        ("channel", consents.channel, frozenset({FieldType.STRING})),
        ("from", consents.from_, _TIMES),
        ("to", consents.to, _TIMES),
    )
    for part, name, types in wanted:
        found = target.fields.get(name)
        if found is None:
            _unknown_field(target, name, f"consents.{part}", faults)
        elif found.type not in types and (target.name, name) not in built.broken:
            names = " / ".join(sorted(types))
            faults.add(
                "bad_consent_type",
                f"consents.{part}",
                Text(f"「{name}」は {names} でなければなりません。", f"`{name}` must be {names}."),
                Text("項目の型を直してください。", "Correct the field's type."),
            )
