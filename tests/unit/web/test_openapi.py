"""The API's description: one meaning for each name, and the published file is today's."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ninja import Schema
from pydantic import BaseModel

from enishi.web.api import openapi

PUBLISHED = Path(__file__).parents[3] / "ui" / "openapi.json"


def schemas(parent: type[BaseModel] = Schema) -> Iterator[type[BaseModel]]:
    """Every schema of ours; importing `enishi.web.api` has imported all of them."""
    for child in parent.__subclasses__():
        if child.__module__.startswith("enishi."):
            yield child
        yield from schemas(child)


def shape(schema: type[BaseModel]) -> Any:
    """What a reader of the description learns; the words of the docstring aside."""
    told = schema.model_json_schema()
    told.pop("description", None)
    return told


def test_no_two_schemas_share_a_name() -> None:
    """The description is keyed by the name alone: of two, one would silently replace the other."""
    found = defaultdict(list)
    for schema in schemas():
        found[schema.__name__].append(schema)
    assert len(found) > 50, "it looks at the schemas"
    clashes = [
        [f"{one.__module__}.{name}" for one in same]
        for name, same in found.items()
        if any(shape(one) != shape(same[0]) for one in same[1:])
    ]
    assert not clashes


def test_the_published_description_is_todays() -> None:
    published = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    today = json.loads(json.dumps(openapi()))  # as it is written: every key a text
    changed = [
        path
        for path in published["paths"].keys() | today["paths"].keys()
        if published["paths"].get(path) != today["paths"].get(path)
    ]
    changed += [
        name
        for name in published["components"]["schemas"].keys()
        | today["components"]["schemas"].keys()
        if published["components"]["schemas"].get(name) != today["components"]["schemas"].get(name)
    ]
    assert not changed, "run `make openapi` and commit what it writes"
    assert published == today
