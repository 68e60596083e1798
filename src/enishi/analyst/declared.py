"""`catalog/scores.yaml`: the scores of a workspace, declared by Enishi so that rules can name them.

The file is read, grown and written whole, under a lock between processes; the catalog with the new
file is checked before it takes the old one's place, so a fault never reaches it.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from enishi.book.workspace import Workspace
from enishi.catalog.load import load_catalog
from enishi.catalog.types import Dataset
from enishi.kernel.errors import Conflict, Invalid
from enishi.kernel.text import Text

FILE = "scores.yaml"
PREFIX = "score_"
_LEVELS = ("none", "low", "high")
_HEAD = (
    "# Scores written back by analysts (`ws.write_scores`). Enishi writes this file whole:\n"
    "# labels, purposes and pii may be edited here, comments are not kept.\n"
)


@dataclass(frozen=True, slots=True)
class Declared:
    """A score as the catalog has it; `type` is the field's shape: its type, and scale."""

    name: str
    label: Text
    type: Mapping[str, Any]
    pii: str
    purposes: tuple[str, ...] | None
    consent_purposes: tuple[str, ...]


def declare(place: Workspace, subject: Dataset, score: Declared) -> str:
    """Make sure that the catalog has this score of these subjects; returns its dataset's name.

    One that is there stays as it is. Raises Conflict `score_differs` when its values are of another
    type or it belongs to other subjects, Invalid with faults when the catalog refuses it (a name
    that is taken, an unknown purpose).
    """
    dataset = f"{PREFIX}{score.name}"
    with _alone(place):
        path = place.catalog_path / FILE
        known = yaml.safe_load(path.read_text(encoding="utf-8")) if path.is_file() else None
        content: dict[str, Any] = known if isinstance(known, dict) else {"version": 1}
        datasets = content.setdefault("datasets", {})
        relations = content.setdefault("relations", [])
        if dataset in datasets:
            _refuse_other(datasets[dataset], subject, score)
            _refuse_looser(datasets[dataset], score)
            return dataset
        datasets[dataset] = _dataset(subject, score)
        relations.append(_relation(subject, score))
        text = _HEAD + yaml.safe_dump(content, allow_unicode=True, sort_keys=False)
        _check(place, text)
        aside = path.with_name(f".{FILE}.new")
        aside.write_text(text, encoding="utf-8")
        aside.replace(path)
    return dataset


def _dataset(subject: Dataset, score: Declared) -> dict[str, Any]:
    keys = {}
    for name in subject.key:
        field = subject.fields[name]
        keys[name] = {
            "type": field.type.value,
            "label": {"ja": field.label.ja, "en": field.label.en},
            "pii": field.pii.value,
            **({"meaning": field.meaning.value} if field.meaning else {}),
            **({"scale": field.scale} if field.scale else {}),
        }
    label = {"ja": score.label.ja, "en": score.label.en}
    value: dict[str, Any] = {
        **score.type,
        "label": {"ja": "値", "en": "value"},
        "aliases": sorted(set(label.values())),
        "pii": score.pii,
    }
    if score.purposes is not None:
        value["purposes"] = list(score.purposes)
    if score.consent_purposes:
        value["consent_purposes"] = list(score.consent_purposes)
    scored = {"type": "timestamp", "label": {"ja": "算出日時", "en": "Scored at"}}
    return {
        "label": label,
        "kind": "versioned",
        "key": list(subject.key) if len(subject.key) > 1 else subject.key[0],
        "fields": {**keys, "value": value, "scored_at": scored},
    }


def _relation(subject: Dataset, score: Declared) -> dict[str, Any]:
    """From a person to her score: the same key stands on both sides."""
    names = subject.key[0] if len(subject.key) == 1 else f"[{', '.join(subject.key)}]"
    return {
        "from": f"{subject.name}.{names}",
        "to": f"{PREFIX}{score.name}.{names}",
        "name": score.name,
        "inverse": subject.name,
        "label": {"ja": score.label.ja, "en": score.label.en},
    }


def _refuse_other(known: Mapping[str, Any], subject: Dataset, score: Declared) -> None:
    value = known["fields"]["value"]
    key = known["key"] if isinstance(known["key"], list) else [known["key"]]
    same = all(value.get(name) == wanted for name, wanted in score.type.items())
    if same and key == list(subject.key):
        return
    raise Conflict(
        Text(
            f"スコア「{score.name}」は、別の型または別の対象のものとしてすでにあります。",
            f"The score {score.name!r} is there already, with values of another type or of others.",
        ),
        Text(
            f"値を {value['type']} に揃えるか、別の名前を付けてください。",
            f"Bring the values to {value['type']}, or choose another name.",
        ),
        code="score_differs",
    )


def _refuse_looser(known: Mapping[str, Any], score: Declared) -> None:
    """Values that are to be kept closer than the field they would go into are not written."""
    value = known["fields"]["value"]
    open_to = {*(value.get("purposes") or ()), *value.get("consent_purposes", ())}
    wanted = {*(score.purposes or ()), *score.consent_purposes}
    unbound = value.get("purposes") is None
    looser = score.purposes is not None and (unbound or not open_to <= wanted)
    closer = score.pii not in _LEVELS[: _LEVELS.index(value.get("pii", "none")) + 1]
    if not looser and not closer:
        return
    raise Conflict(
        Text(
            f"スコア「{score.name}」は、より緩い扱いですでに登録されています。",
            f"The score {score.name!r} is there already, kept less closely than you ask for.",
        ),
        Text(
            f"catalog/{FILE} の purposes と pii を改めるか、別の名前を付けてください。",
            f"Change its purposes or pii in catalog/{FILE}, or choose another name.",
        ),
        code="score_looser",
    )


def _check(place: Workspace, text: str) -> None:
    """Read the whole catalog as it would be; raises Invalid with its faults."""
    with tempfile.TemporaryDirectory(dir=place.var, prefix="catalog-") as made:
        folder = Path(made)
        shutil.copy(place.root / "enishi.toml", folder)
        (folder / "catalog").mkdir()
        for pattern in ("*.yaml", "*.yml"):
            for file in place.catalog_path.glob(pattern):
                shutil.copy(file, folder / "catalog")
        (folder / "catalog" / FILE).write_text(text, encoding="utf-8")
        try:
            load_catalog(folder)
        except Invalid as error:
            raise Invalid(
                Text(
                    "このスコアはカタログに加えられません。"
                    f"{error.faults[0].message.ja if error.faults else error.message.ja}",
                    "The catalog cannot take this score. "
                    f"{error.faults[0].message.en if error.faults else error.message.en}",
                ),
                error.faults[0].remedy if error.faults else error.remedy,
                code="score_refused",
                faults=error.faults,
            ) from error


@contextmanager
def _alone(place: Workspace) -> Iterator[None]:
    """One process at a time."""
    place.prepare()
    handle = os.open(place.var / "scores.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
