"""What the warehouse holds and how it came in: datasets, loads, dead letters."""

from __future__ import annotations

from typing import Any

from ninja import Field, Schema

from enishi.book import audit
from enishi.book.http import Limit, Offset, Page, Request, Router
from enishi.book.workspace import current_workspace
from enishi.sources.actions import replay_into, under_way
from enishi.sources.reasons import sentence
from enishi.sources.running import current, start
from enishi.warehouse.process import warehouse

router = Router(tags=["data"])


class Bilingual(Schema):
    ja: str
    en: str


class LoadOut(Schema):
    id: str
    dataset: str
    state: str  # loading | streaming | loaded | failed | interrupted
    started_at: str
    ended_at: str | None = None
    read: int = 0
    loaded: int = 0
    dead: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    erased: int = 0
    bytes: int = 0
    files: list[str] = Field(default_factory=list)
    message: str | None = None
    remedy: str | None = None


class DatasetStanding(Schema):
    name: str
    label: str
    labels: Bilingual
    kind: str
    subject: str | None
    rows: int
    loaded_at: str | None
    fresh_for: str | None
    fresh: bool | None
    stale: list[str]
    dead: int
    last_load: LoadOut | None


class DatasetStandings(Schema):
    items: list[DatasetStanding]


class StartLoad(Schema):
    dataset: str | None = Field(None, max_length=200, description="One dataset; none: all of them")
    rebuild: bool = False


class Progress(Schema):
    dataset: str
    rows: int
    dead: int
    part: float
    stage: str


class Running(Schema):
    running: bool
    total: int  # how many datasets the load has
    progress: list[Progress]


class DeadLetterOut(Schema):
    file: str | None = None
    line: int | None = None
    field: str | None = None
    code: str
    reason: str
    raw: str | None = None
    at: str | None = None
    replayed_by: str | None = Field(None, description="The load that has read this row again")


@router.get("/data/datasets", permission="data.read", response=DatasetStandings)
def datasets(request: Request) -> dict[str, object]:
    """Each dataset: rows, freshness, its last load, how many rows of it were dead letters."""
    items = []
    for found in warehouse().datasets(actor=request.actor):
        last = found["last_load"]
        items.append(
            {
                **found,
                "label": found["label"][request.locale],
                "labels": found["label"],
                "last_load": _load(last, request) if last else None,
            }
        )
    return {"items": items}


@router.get("/data/loads", permission="data.read", response=Page[LoadOut])
def loads(request: Request, offset: Offset = 0, limit: Limit = 50) -> dict[str, object]:
    """Loads, the latest first."""
    found = warehouse().loads(offset, limit, actor=request.actor)
    return {
        "items": [_load(one, request) for one in found["items"]],
        "total": found["total"],
    }


@router.post("/data/loads", permission="data.load", response={202: Running})
def start_load(request: Request, body: StartLoad) -> dict[str, object]:
    """Begin to load; it goes on when the asker leaves. Refused while another load runs."""
    run = start(request.actor, body.dataset, rebuild=body.rebuild)
    return {**under_way(warehouse()), "running": run.running, "progress": run.progress}


@router.get("/data/loads/running", permission="data.read", response=Running)
def running(request: Request) -> dict[str, object]:
    """How far the load is, whether it was begun here or on the command line."""
    found = under_way(warehouse())
    return {**found, "running": found["running"] or current().running}


@router.get("/data/loads/{load_id}", permission="data.read", response=LoadOut)
def load(request: Request, load_id: str) -> dict[str, object]:
    """One load of one dataset."""
    return _load(warehouse().load_record(load_id, actor=request.actor), request)


@router.get(
    "/data/loads/{load_id}/dead-letters", permission="data.read", response=Page[DeadLetterOut]
)
def dead_letters(
    request: Request, load_id: str, offset: Offset = 0, limit: Limit = 50
) -> dict[str, object]:
    """The rows of a load that did not fit, each with file, line, field and reason."""
    found = warehouse().dead_letters(load_id, offset, limit, actor=request.actor)
    locale = request.locale
    shown = sum(one["raw"] is not None for one in found["items"])
    if shown:  # what the rows say may be anybody's personal data
        audit.record(request.actor, "data.dead_letters", "load", load_id, {"rows": shown})
    items = [
        {**one, "reason": sentence(one["code"], one["args"])[locale]} for one in found["items"]
    ]
    return {"items": items, "total": found["total"]}


@router.post("/data/loads/{load_id}/replay", permission="data.load", response=LoadOut)
def replay(request: Request, load_id: str) -> dict[str, object]:
    """Read a load's dead letters again with today's catalog, and load those that now fit."""
    asked = warehouse()
    audit.record(request.actor, "data.replay", "load", load_id, {"began": True})
    done = replay_into(current_workspace(), asked, load_id)
    told = {name: done[name] for name in ("state", "dataset", "read", "loaded", "dead")}
    audit.record(request.actor, "data.replay", "load", load_id, {"load": done["id"], **told})
    return _load(asked.load_record(str(done["id"]), actor=request.actor), request)


def _load(found: dict[str, Any], request: Request) -> dict[str, object]:
    """A load, its files by name and its message in the request's language."""
    message = (found.get("message") or {}).get(request.locale) or {}
    files = [file["path"] if isinstance(file, dict) else file for file in found.get("files") or []]
    return {
        **found,
        "files": files,
        "message": message.get("message"),
        "remedy": message.get("remedy"),
    }
