"""`enishi count`, `who` and `why`: ask the warehouse from the command line. JSON out."""

from __future__ import annotations

import csv
import hashlib
import json
import sys
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from enishi.cli.words import locale, say
from enishi.cli.workspace import open_book
from enishi.kernel.errors import Invalid, NotFound
from enishi.kernel.text import Text

if TYPE_CHECKING:
    from datetime import datetime

    import pyarrow as pa

    from enishi.book.access import Actor
    from enishi.book.workspace import Workspace

_rule = click.argument("rule", metavar="RULE.json")
_as_of = click.option(
    "--as-of",
    metavar="TIME",
    help=say("この時点で(既定は今)", "At this instant (default: now); a date is its midnight."),
)
_as = click.option(
    "--as",
    "user",
    metavar="EMAIL",
    help=say("この利用者の閲覧範囲で", "With this user's row scope and masking."),
)


def _shared(command: Callable[..., None]) -> Callable[..., None]:
    return _rule(_as_of(_as(command)))


@click.command(help=say("条件に合う人数", "How many fit a rule (- reads it from stdin)."))
@_shared
def count(rule: str, as_of: str | None, user: str | None) -> None:
    asked = _Asked(rule, as_of, user)
    from enishi.warehouse.client import open_warehouse

    with open_warehouse(asked.workspace) as warehouse:
        found = warehouse.count(asked.rule, actor=asked.actor, as_of=asked.as_of, locale=locale())
    asked.audit("rules.count", {"count": found["count"]})
    _print(found)


@click.command(help=say("条件に合う人の一覧", "Who fits a rule (- reads it from stdin)."))
@_shared
@click.option(
    "--columns",
    help=say(
        "列: 項目名をカンマ区切り、または {名前: 値} の JSON かそのファイル",
        "Columns: field paths with commas, or {name: value} as JSON or a file of it.",
    ),
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["json", "jsonl", "csv"]),
    default="json",
    show_default=True,
)
@click.option(
    "--order-by", help=say("並べる列(降順は -列)", "Order by a column; - before it: descending.")
)
@click.option("--limit", type=click.IntRange(0), default=None)
@click.option("--offset", type=click.IntRange(0), default=0)
def who(
    rule: str,
    as_of: str | None,
    user: str | None,
    columns: str | None,
    form: str,
    order_by: str | None,
    limit: int | None,
    offset: int,
) -> None:
    asked = _Asked(rule, as_of, user)
    from enishi.warehouse.client import open_warehouse

    with open_warehouse(asked.workspace) as warehouse:
        table = warehouse.who(
            asked.rule,
            actor=asked.actor,
            as_of=asked.as_of,
            columns=_columns(columns),
            order_by=order_by,
            limit=limit,
            offset=offset,
        )
    ids = table.column("_id").to_pylist()
    asked.audit("rules.who", {"count": len(ids), "columns": table.num_columns}, ids)
    _print_table(table, form, asked.workspace)


@click.command(help=say("ある人が条件に合う、合わない理由", "Why somebody fits a rule or not."))
@_shared
@click.argument("subject")
def why(rule: str, as_of: str | None, user: str | None, subject: str) -> None:
    asked = _Asked(rule, as_of, user)
    from enishi.warehouse.client import open_warehouse

    with open_warehouse(asked.workspace) as warehouse:
        found = warehouse.why(
            asked.rule, subject, actor=asked.actor, as_of=asked.as_of, locale=locale()
        )
    asked.audit("rules.why", {"truth": found["truth"]}, [found["id"]])
    _print(found)


class _Asked:
    """A question from the command line: its workspace, rule, instant and actor."""

    def __init__(self, rule: str, as_of: str | None, user: str | None) -> None:
        self.rule = read_rule(rule)
        self.workspace = open_book()
        self.as_of = _instant(as_of, self.workspace)
        self.actor = _actor(user)

    def audit(
        self, action: str, detail: dict[str, object], subjects: list[str] | None = None
    ) -> None:
        from enishi.book.audit import record

        shape = json.dumps(self.rule, sort_keys=True, default=str, ensure_ascii=False)
        digest = hashlib.sha256(shape.encode()).hexdigest()[:16]
        told = detail | ({"as_of": self.as_of.isoformat()} if self.as_of else {})
        record(self.actor, action, "rule", digest, told, subjects or ())


def read_rule(named: str) -> Any:
    """A rule or an envelope from a JSON or YAML file, or from stdin for `-`. Raises EnishiError."""
    if named == "-":
        text, place = sys.stdin.read(), "stdin"
    else:
        path = Path(named)
        if not path.is_file():
            raise NotFound(
                Text(f"条件のファイル {named} がありません。", f"There is no rule file {named}."),
                Text("パスを確かめてください。", "Check the path; - reads from stdin."),
                code="rule_file_missing",
            )
        text, place = path.read_text(encoding="utf-8-sig"), named
    from enishi.rules import read_json

    if named.endswith((".yaml", ".yml")):
        return _read_yaml(text, place)
    try:
        return read_json(text)
    except (ValueError, Invalid):
        if named == "-" and not text.lstrip().startswith(("{", "[")):
            return _read_yaml(text, place)
        raise


def _read_yaml(text: str, place: str) -> Any:
    import yaml

    class Exact(yaml.SafeLoader):
        """Numbers with a point are exact; dates stay text, as in JSON."""

    def exact(_: yaml.SafeLoader, node: yaml.ScalarNode) -> Decimal:
        return Decimal(node.value)

    def as_text(_: yaml.SafeLoader, node: yaml.ScalarNode) -> str:
        return str(node.value)

    Exact.add_constructor("tag:yaml.org,2002:float", exact)
    Exact.add_constructor("tag:yaml.org,2002:timestamp", as_text)
    try:
        return yaml.load(text, Exact)  # noqa: S506  a SafeLoader
    except (yaml.YAMLError, ArithmeticError) as error:
        raise Invalid(
            Text(f"{place} は YAML として読めません。", f"{place} is not YAML."),
            Text(f"直してください: {error}", f"Mend it: {error}"),
            code="rule_unreadable",
        ) from error


def _instant(text: str | None, workspace: Workspace) -> datetime | None:
    if text is None:
        return None
    from enishi.warehouse.instants import read_instant

    return read_instant(text, workspace.zone)


def _actor(email: str | None) -> Actor:
    from enishi.book.access import OPERATOR, actor_named

    return OPERATOR if email is None else actor_named(email)


def _columns(given: str | None) -> Mapping[str, Any] | None:
    if given is None:
        return None
    from enishi.rules import read_json

    if given.lstrip().startswith("{"):
        found = read_json(given)
    elif Path(given).is_file():
        found = read_rule(given)
    else:
        paths = [path.strip() for path in given.split(",") if path.strip()]
        return {path.replace(".", "_"): {"field": path} for path in paths}
    if not isinstance(found, dict):
        raise Invalid(
            Text("--columns は {名前: 値} の形で書いてください。", "--columns is {name: value}."),
            Text('例: {"都道府県": {"field": "prefecture"}}', 'Like {"area": {"field": "area"}}.'),
            code="columns_shape",
        )
    return found


def _print(found: object) -> None:
    click.echo(json.dumps(found, ensure_ascii=False, indent=2, default=str))


def _print_table(table: pa.Table, form: str, workspace: Workspace) -> None:
    from enishi.warehouse.instants import plain

    names = ["id" if name == "_id" else name for name in table.column_names]
    rows = (
        dict(zip(names, (plain(v, workspace.zone) for v in row.values()), strict=True))
        for batch in table.to_batches(10_000)
        for row in batch.to_pylist()
    )
    if form == "json":
        told = {
            key.decode(): value.decode() for key, value in (table.schema.metadata or {}).items()
        }
        _print(
            {
                "as_of": told.get("as_of"),
                "masked": [name for name in told.get("masked", "").split(",") if name],
                "as_known_today": [n for n in told.get("as_known_today", "").split(",") if n],
                "count": table.num_rows,
                "people": list(rows),
            }
        )
    elif form == "jsonl":
        for row in rows:
            click.echo(json.dumps(row, ensure_ascii=False))
    else:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(names)
        writer.writerows([_cell(value) for value in row.values()] for row in rows)


def _cell(value: object) -> object:
    """A text that a spreadsheet would run as a formula is defused."""
    if isinstance(value, list):
        value = "|".join(map(str, value))
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return "'" + value
    return value
