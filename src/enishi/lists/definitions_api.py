"""List definitions over HTTP."""

from __future__ import annotations

from typing import Literal

from ninja import Status

from enishi.book import audit
from enishi.book.http import Limit, Offset, Request, Router
from enishi.lists import dataset, definitions
from enishi.lists.listing import dataset_state, definition_rows
from enishi.lists.models import ListDefinition
from enishi.lists.schemas import (
    DatasetOut,
    DatasetRow,
    DefinitionIn,
    DefinitionOut,
    DefinitionPut,
    DefinitionsOut,
)

router = Router(tags=["definitions"])


@router.get("/definitions", permission="definitions.read", response=DefinitionsOut)
def all_definitions(
    request: Request,
    state: Literal["draft", "active", "retired"] | None = None,
    offset: Offset = 0,
    limit: Limit = 50,
) -> DefinitionsOut:
    """All definitions and versions, by slug, newest version first."""
    rows = ListDefinition.objects.order_by("slug", "-version")
    if state:
        rows = rows.filter(state=state)
    page = list(rows[offset : offset + limit])
    return DefinitionsOut(items=definition_rows(page, request.locale), total=rows.count())


@router.post("/definitions", permission="definitions.write", response={201: DefinitionOut})
def create(request: Request, body: DefinitionIn) -> Status[DefinitionOut]:
    """A new definition, as a draft. Everything is checked, its purpose too."""
    return Status(201, _out(definitions.create(body.slug, body.body, request.actor), request))


@router.get("/definitions/{definition_id}", permission="definitions.read", response=DefinitionOut)
def one(request: Request, definition_id: str) -> DefinitionOut:
    """One definition by id, or the active version of a slug."""
    return _out(definitions.get_definition(definition_id), request)


@router.put("/definitions/{definition_id}", permission="definitions.write", response=DefinitionOut)
def edit(request: Request, definition_id: str, body: DefinitionPut) -> DefinitionOut:
    """Replace the content of a draft."""
    return _out(definitions.edit(definition_id, body.body, request.actor), request)


@router.delete("/definitions/{definition_id}", permission="definitions.write", response={204: None})
def delete(request: Request, definition_id: str) -> Status[None]:
    """Throw a draft away. What has been active is kept: retire it instead."""
    definitions.delete(definition_id, request.actor)
    return Status(204, None)


@router.post(
    "/definitions/{definition_id}/activate", permission="definitions.write", response=DefinitionOut
)
def activate(request: Request, definition_id: str) -> DefinitionOut:
    """Put a draft to use; its curated dataset is built, watch `dataset.state`."""
    return _out(definitions.activate(definition_id, request.actor), request)


@router.post(
    "/definitions/{definition_id}/retire", permission="definitions.write", response=DefinitionOut
)
def retire(request: Request, definition_id: str) -> DefinitionOut:
    """No more lists of this definition; the open ones go on."""
    return _out(definitions.retire(definition_id, request.actor), request)


@router.post(
    "/definitions/{definition_id}/new-version",
    permission="definitions.write",
    response={201: DefinitionOut},
)
def new_version(request: Request, definition_id: str) -> Status[DefinitionOut]:
    """A draft of the next version, with the same content."""
    return Status(201, _out(definitions.new_version(definition_id, request.actor), request))


@router.get(
    "/definitions/{definition_id}/dataset", permission="definitions.read", response=DatasetOut
)
def curated(
    request: Request, definition_id: str, offset: Offset = 0, limit: Limit = 20
) -> DatasetOut:
    """The curated dataset: rows, freshness and a page of it, scoped and masked for the reader."""
    found = definitions.get_definition(definition_id)
    page = dataset.page(found, request.actor, offset, limit)
    if page.rows:
        persons = [row["_id"] for row in page.rows]
        audit.record(request.actor, "definition.view", "definition", found.id, {}, persons)
    return DatasetOut(
        dataset=dataset_state(found, request.locale),
        columns=[column.out(request.locale, request.actor) for column in page.columns],
        items=[
            DatasetRow(id=row["_id"], key=row["key"], display=row["display"], values=row["values"])
            for row in page.rows
        ],
        total=page.total,
    )


@router.post(
    "/definitions/{definition_id}/dataset", permission="definitions.write", response=DefinitionOut
)
def rebuild(request: Request, definition_id: str) -> DefinitionOut:
    """Build the curated dataset again."""
    return _out(definitions.refresh_dataset(definition_id, request.actor), request)


def _out(found: ListDefinition, request: Request) -> DefinitionOut:
    return definition_rows([found], request.locale)[0]
