"""The warehouse and the catalog, as the gate and lists ask them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from enishi.book.access import Actor
from enishi.book.sets import SETS
from enishi.book.workspace import current_workspace
from enishi.catalog.load import load_catalog
from enishi.catalog.types import Catalog, RuleJson
from enishi.warehouse import process

if TYPE_CHECKING:
    from datetime import datetime

    import pyarrow as pa

    from enishi.kernel.text import Locale


class Asked(Protocol):
    """What of the warehouse is used here; every answer obeys the actor's row scope and masking."""

    def count(
        self,
        rule_json: RuleJson,
        *,
        actor: Actor,
        as_of: datetime | None = None,
        locale: Locale = "ja",
    ) -> Mapping[str, Any]: ...

    def who(
        self,
        rule_json: RuleJson,
        *,
        actor: Actor,
        as_of: datetime | None = None,
        columns: Mapping[str, RuleJson] | None = None,
        order_by: Any = None,
        limit: int | None = None,
        offset: int = 0,
        ids: Sequence[str] | None = None,
    ) -> pa.Table: ...

    def why(
        self,
        rule_json: RuleJson,
        subject_ref: str,
        *,
        actor: Actor,
        as_of: datetime | None = None,
        locale: Locale = "ja",
    ) -> Mapping[str, Any]: ...

    def view(
        self,
        subject: str,
        rule_json: RuleJson | None = None,
        columns: Mapping[str, RuleJson] | None = None,
        *,
        actor: Actor,
        ids: Sequence[str] | None = None,
    ) -> pa.Table: ...

    def in_scope(
        self, ids: Iterable[str], *, actor: Actor, subject: str | None = None
    ) -> set[str]: ...


_catalogs: dict[tuple[object, ...], Catalog] = {}


def warehouse() -> Asked:
    """The warehouse of this process."""
    found: Asked = process.warehouse()
    return found


def provide_warehouse(found: Asked) -> None:
    """Let this process ask `found`: a warehouse it has opened itself."""
    process.use_warehouse(found)


def catalog() -> Catalog:
    """The workspace's catalog; read again when one of its files has changed."""
    workspace = current_workspace()
    files = [workspace.root / "enishi.toml", *sorted(workspace.catalog_path.glob("*.y*ml"))]
    stamp = (str(workspace.root), *((str(f), f.stat().st_mtime_ns) for f in files if f.exists()))
    found = _catalogs.get(stamp)
    if found is None:
        found = replace(load_catalog(workspace.root), sets=SETS)
        _catalogs.clear()
        _catalogs[stamp] = found
    return found


def in_scope(persons: Iterable[str], actor: Actor) -> set[str]:
    """Which persons lie in the actor's row scope; everybody's when the role has none."""
    asked = set(persons)
    if not asked:
        return set()
    if actor.scope is None:
        return asked
    return set(warehouse().in_scope(sorted(asked), actor=actor))


def persons_named(persons: Sequence[str], actor: Actor) -> dict[str, str]:
    """Enishi id → the person's name as the actor may read it; who is not known is absent."""
    if not persons:
        return {}
    table = warehouse().who({"all": []}, actor=actor, ids=persons)
    columns = (table.column(name).to_pylist() for name in ("_id", "display", "key"))
    return {str(one): str(display or key) for one, display, key in zip(*columns, strict=True)}
