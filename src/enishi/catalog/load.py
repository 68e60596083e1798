"""Read a workspace's catalog: `enishi.toml` and `catalog/*.yaml`, all faults at once."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from zoneinfo import ZoneInfo

from enishi.catalog.build import Built, build_dataset, mapping, text_of
from enishi.catalog.builtin import with_builtin
from enishi.catalog.check import check_consents, check_datasets, check_name
from enishi.catalog.events import check_events
from enishi.catalog.faults import Faults, proposal
from enishi.catalog.relations import link
from enishi.catalog.schema import check_shape
from enishi.catalog.types import Catalog, ConsentSource, Purpose
from enishi.catalog.worth import with_worth
from enishi.catalog.yaml_source import Document, read_yaml
from enishi.kernel.errors import Fault, Invalid
from enishi.kernel.text import Text, fold

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class Placed:
    """A piece of a file: its value, its path in that file, and the file."""

    value: Mapping[str, object]
    path: str
    document: Document


@dataclass
class Merged:
    """All files of a catalog folder as one."""

    datasets: dict[str, Placed] = field(default_factory=dict)
    relations: list[Placed] = field(default_factory=list)
    purposes: dict[str, Placed] = field(default_factory=dict)
    consents: Placed | None = None
    worth: Placed | None = None
    stream: Placed | None = None


def load_catalog(root: Path) -> Catalog:
    """The catalog of the workspace at `root`.

    Raises Invalid with every fault found: file (with its line), path, sentence, remedy.
    """
    faults = Faults()
    calendar = read_calendar(root, faults)
    documents = _documents(root, faults)
    catalog = _assemble(documents, calendar, faults)
    if faults.found:
        raise _refusal(faults.found)
    return catalog


def _refusal(found: list[Fault]) -> Invalid:
    return Invalid(
        Text(
            f"カタログに誤りが{len(found)}件あります。", f"The catalog has {len(found)} fault(s)."
        ),
        Text(
            "直してから「enishi catalog check」で確かめてください。",
            "Correct them, then run `enishi catalog check`.",
        ),
        code="catalog_invalid",
        faults=tuple(found),
    )


def _documents(root: Path, faults: Faults) -> list[Document]:
    folder = root / "catalog"
    files = sorted(p for pattern in ("*.yaml", "*.yml") for p in folder.glob(pattern))
    if not files:
        faults.add(
            "no_catalog",
            "",
            Text("catalog フォルダーに YAML がありません。", "No YAML file in the catalog folder."),
            Text(
                "「enishi catalog infer データのフォルダー」で下書きを作れます。",
                "Draft one with `enishi catalog infer DATA_FOLDER`.",
            ),
            "catalog",
        )
    documents = [read_yaml(path, path.relative_to(root).as_posix()) for path in files]
    for document in documents:
        faults.found.extend(document.faults)
    faults.documents = documents
    return documents


def _assemble(documents: list[Document], calendar: Calendar, faults: Faults) -> Catalog:
    merged = _merge(documents, faults)
    built = Built()
    for name, placed in merged.datasets.items():
        build_dataset(name, placed.value, built)
    purposes = {
        name: Purpose(name, text_of(placed.value.get("label"), name))
        for name, placed in merged.purposes.items()
    }
    check_datasets(built, purposes, faults)
    relations = link(built, [(p.value, p.path, p.document) for p in merged.relations], faults)
    catalog = Catalog(
        datasets=built.datasets,
        relations=relations,
        purposes=purposes,
        consents=_consents(merged.consents),
        timezone=calendar.timezone,
        week_start=calendar.week_start,
        fiscal_year_start=calendar.fiscal_year_start,
        version=_version(merged, calendar),
    )
    catalog = replace(catalog, datasets=check_events(catalog, faults))
    catalog = with_builtin(catalog, None if merged.stream is None else merged.stream.value, faults)
    if merged.worth is not None:
        catalog = with_worth(catalog, merged.worth.value, faults)
    check_consents(catalog, built, faults)
    return catalog


def _consents(placed: Placed | None) -> ConsentSource | None:
    if placed is None or not isinstance(placed.value.get("relation"), str):
        return None
    given = {k: v for k, v in placed.value.items() if isinstance(v, str)}
    if "from" in given:
        given["from_"] = given.pop("from")
    known = {"relation", "purpose", "channel", "from_", "to"}
    return ConsentSource(**{k: v for k, v in given.items() if k in known})


def _merge(documents: list[Document], faults: Faults) -> Merged:
    merged = Merged()
    for document in documents:
        if document.value is None:  # unreadable, and reported so
            continue
        check_shape(document.value, "", "", faults, "")
        given = mapping(document.value)
        for name, value in mapping(given.get("datasets")).items():
            _place(merged.datasets, "datasets", name, value, document, faults)
        for name, value in mapping(given.get("purposes")).items():
            _place(merged.purposes, "purposes", name, value, document, faults)
        relations = given.get("relations")
        for index, value in enumerate(relations if isinstance(relations, list) else []):
            merged.relations.append(Placed(mapping(value), f"relations[{index}]", document))
        if isinstance(given.get("consents"), Mapping):
            merged.consents = Placed(mapping(given["consents"]), "consents", document)
        if isinstance(given.get("worth"), Mapping):
            merged.worth = Placed(mapping(given["worth"]), "worth", document)
        if isinstance(given.get("stream"), Mapping):
            merged.stream = Placed(mapping(given["stream"]), "stream", document)
    return merged


def _place(
    into: dict[str, Placed],
    section: str,
    name: str,
    value: object,
    document: Document,
    faults: Faults,
) -> None:
    path = f"{section}.{name}"
    check_name(name, path, faults, document.where(path))
    twin = next((other for other in into if fold(other) == fold(name)), None)
    if twin is not None:
        faults.add(
            "duplicate_name",
            path,
            Text(
                f"「{name}」は「{twin}」と同じ名前です（大文字小文字は区別しません）。",
                f"`{name}` is the same name as `{twin}` (case does not count).",
            ),
            Text("どちらかの名前を変えてください。", "Rename one of the two."),
            document.where(path),
        )
        return
    into[name] = Placed(mapping(value), path, document)


def _version(merged: Merged, calendar: Calendar) -> str:
    content = {
        "datasets": {name: placed.value for name, placed in merged.datasets.items()},
        "relations": [placed.value for placed in merged.relations],
        "purposes": {name: placed.value for name, placed in merged.purposes.items()},
        "consents": merged.consents.value if merged.consents else None,
        **({"stream": merged.stream.value} if merged.stream else {}),
        **({"worth": merged.worth.value} if merged.worth else {}),
        "calendar": [calendar.timezone, calendar.week_start, calendar.fiscal_year_start],
    }
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()


# ------------------------------------------------------------------------------- enishi.toml


@dataclass(frozen=True, slots=True)
class Calendar:
    timezone: str = "Asia/Tokyo"
    week_start: int = 0
    fiscal_year_start: int = 4


def read_calendar(root: Path, faults: Faults) -> Calendar:
    """Time zone, week start and fiscal-year start of enishi.toml; the defaults when absent."""
    path = root / "enishi.toml"
    if not path.is_file():
        return Calendar()
    try:
        given = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        faults.add(
            "not_toml",
            "",
            Text(f"enishi.toml が読めません: {error}", f"enishi.toml is not TOML: {error}"),
            Text("その行の書き方を確かめてください。", "Check how that line is written."),
            "enishi.toml",
        )
        return Calendar()
    return Calendar(
        _timezone(given.get("timezone", "Asia/Tokyo"), faults),
        _week_start(given.get("week_start", 0), faults),
        _fiscal_year_start(given.get("fiscal_year_start", 4), faults),
    )


def _timezone(given: object, faults: Faults) -> str:
    try:
        return ZoneInfo(str(given)).key
    except (ValueError, OSError, KeyError):
        faults.add(
            "unknown_timezone",
            "timezone",
            Text(
                f"「{given}」というタイムゾーンはありません。", f"There is no time zone `{given}`."
            ),
            _near_zone(str(given)),
            "enishi.toml",
        )
        return "Asia/Tokyo"


def _near_zone(given: str) -> Text:
    from zoneinfo import available_timezones

    return proposal(given, available_timezones()) or Text(
        "Asia/Tokyo のように書いてください。", "Write it like `Asia/Tokyo`."
    )


def _week_start(given: object, faults: Faults) -> int:
    if isinstance(given, int) and not isinstance(given, bool) and 0 <= given <= 6:
        return given
    if isinstance(given, str):
        for index, day in enumerate(WEEKDAYS):
            if given.lower() in (day, day[:3]):
                return index
    faults.add(
        "wrong_value",
        "week_start",
        Text(f"週の始まりに「{given}」は使えません。", f"A week cannot start on `{given}`."),
        Text('"monday" か "sunday" と書いてください。', 'Write "monday" or "sunday".'),
        "enishi.toml",
    )
    return 0


def _fiscal_year_start(given: object, faults: Faults) -> int:
    if isinstance(given, int) and not isinstance(given, bool) and 1 <= given <= 12:
        return given
    faults.add(
        "wrong_value",
        "fiscal_year_start",
        Text(
            f"年度の始まりに「{given}」は使えません。", f"A fiscal year cannot start in `{given}`."
        ),
        Text("月を1から12で書いてください。", "Write a month from 1 to 12."),
        "enishi.toml",
    )
    return 4
