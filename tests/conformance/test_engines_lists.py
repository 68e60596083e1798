"""A list made, worked and refreshed on ClickHouse has the members it has on DuckDB."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lists_world import Bank


def _tell() -> None:
    from enishi.lists.telling import run_once

    while run_once():
        pass


def _shown(bank: Bank, list_id: str) -> list[dict[str, Any]]:
    kept = ("key", "display", "score", "reasons", "columns", "owner", "status")
    return [{k: one.get(k) for k in kept} for one in bank.members(list_id)]


def _known(bank: Bank) -> dict[str, int]:
    """How many the warehouse knows on the lists so far, by status, asked as a rule."""
    from enishi.book.access import OPERATOR
    from enishi.lists.models import ActionableList

    slug = ActionableList.objects.order_by("-id").first().slug
    asked: dict[str, object] = {"open": {"list": slug}, "any": {"not": {"list": slug}}}
    return {
        name: bank.warehouse.count(rule, actor=OPERATOR)["count"] for name, rule in asked.items()
    }


def _story(bank: Bank, definition: str) -> list[object]:
    list_id = bank.make_list(definition)
    _tell()
    told: list[object] = [_shown(bank, list_id), _known(bank)]
    bank.later(timedelta(minutes=1))
    bank.log(list_id, bank.members(list_id)[0]["id"], "no_answer")
    _tell()
    return [*told, _shown(bank, list_id), _known(bank)]


def test_a_list_is_the_same_on_clickhouse(sqlite_bank: Bank, tmp_path: Any) -> None:
    from enishi.warehouse import process
    from enishi.warehouse.engine import open_engine, read_url
    from enishi.warehouse.moving import copy
    from enishi.warehouse.warehouse import Warehouse

    bank, source = sqlite_bank, sqlite_bank.warehouse
    definition = bank.define()
    target = open_engine(read_url(f"chdb://{tmp_path}/ch"), bank.workspace.var)
    try:
        copy(source.engine, target, source.catalog)
        told = []
        for warehouse in (source, Warehouse(target, lambda: source.catalog, bank.clock)):
            bank.warehouse = warehouse
            process.use_warehouse(warehouse)
            told.append(_story(bank, definition))
        assert told[0] == told[1]
        assert len(told[0][0]) == 40
        assert told[0][1]["open"] == 40
        assert told[0][2] != told[0][0]
        dialects = [source.engine.dialect, target.dialect]
        assert dialects == ["duckdb", "clickhouse"]
    finally:
        bank.warehouse = source
        target.close()
