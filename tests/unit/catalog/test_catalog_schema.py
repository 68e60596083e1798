"""The published JSON Schema is the one in the code, is itself valid, and describes our examples."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from enishi.catalog.functions import FUNCTIONS
from enishi.catalog.load import load_catalog
from enishi.catalog.schema import catalog_schema, schema_text
from enishi.catalog.types import Meaning
from enishi.rules import check_rule, read_json

ROOT = Path(__file__).resolve().parents[3]
PUBLISHED = ROOT / "docs" / "schema" / "catalog.schema.json"


def test_the_published_schema_is_fresh() -> None:
    assert PUBLISHED.read_text(encoding="utf-8") == schema_text(), (
        "Run: enishi catalog schema --out docs/schema/catalog.schema.json"
    )


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(json.loads(schema_text()))


@pytest.mark.parametrize(
    "path",
    sorted((ROOT / "examples").rglob("catalog/*.yaml"))
    + sorted((ROOT / "src" / "enishi" / "demo" / "workspace" / "catalog").glob("*.yaml")),
    ids=lambda path: path.name,
)
def test_catalogs_of_ours_fit_the_schema(path: Path) -> None:
    given = yaml.safe_load(path.read_text(encoding="utf-8"))
    errors = list(Draft202012Validator(catalog_schema()).iter_errors(given))
    assert not errors, [f"{list(e.absolute_path)}: {e.message}" for e in errors[:5]]


def _documented() -> set[str]:
    """The words in backticks of the first cell of every table row of the reference."""
    text = (ROOT / "docs" / "catalog.md").read_text(encoding="utf-8")
    cells = (line.split("|")[1] for line in text.splitlines() if line.startswith("| `"))
    return {word for cell in cells for word in re.findall(r"`([^`]+)`", cell)}


def test_every_function_and_key_is_in_the_reference() -> None:
    keys: set[str] = set()
    for part in ("dataset", "field", "source"):
        keys |= set(catalog_schema()["$defs"][part]["properties"])
    assert not (set(FUNCTIONS) | keys) - _documented()


def test_every_meaning_is_in_the_reference() -> None:
    text = (ROOT / "docs" / "catalog.md").read_text(encoding="utf-8")
    assert not [meaning for meaning in Meaning if f"`{meaning}`" not in text]


@pytest.mark.parametrize("path", sorted((ROOT / "examples" / "berka" / "rules").glob("*.json")))
def test_the_rules_of_the_example_fit_its_catalog(path: Path) -> None:
    catalog = load_catalog(ROOT / "examples" / "berka")
    checked = check_rule(read_json(path.read_text(encoding="utf-8")), catalog, audience=True)
    assert checked.subject == "client"
    assert not checked.warnings
