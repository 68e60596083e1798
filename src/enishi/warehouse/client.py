"""One warehouse for everybody: through the door when a server runs, else on its own file.

    warehouse = open_warehouse(workspace)
    warehouse.count({"field": …}, actor=actor)

The methods are those of `Questions`, `People` and `Holdings`, the same on both ways.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from enishi.book.process import ENV_SUPERVISED
from enishi.book.sets import SETS
from enishi.book.workspace import Workspace
from enishi.catalog.load import load_catalog
from enishi.catalog.types import Catalog
from enishi.kernel.clock import Clock, system_clock
from enishi.kernel.errors import EnishiError, Invalid, Unavailable
from enishi.kernel.text import Text
from enishi.warehouse.customer_client import AskedCustomers
from enishi.warehouse.duckdb_engine import Busy
from enishi.warehouse.engine import engine_url, open_engine
from enishi.warehouse.member_client import AskedMembers
from enishi.warehouse.methods import TABLES
from enishi.warehouse.tables import fit, prepare

if TYPE_CHECKING:
    import pyarrow as pa

    from enishi.warehouse.engine import Engine
    from enishi.warehouse.warehouse import Warehouse


_log = logging.getLogger("enishi.warehouse")


class CatalogFiles:
    """The workspace's catalog, read again when one of its files has changed.

    While somebody edits it into a fault, questions go on with the last good one; loading does not.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._stamp: tuple[object, ...] | None = None
        self._catalog: Catalog | None = None
        self._engine: Engine | None = None
        self._lock = Lock()

    def attach(self, engine: Engine) -> None:
        """From now on a changed catalog also grows the engine's tables."""
        self._engine = engine
        prepare(engine, self())

    def __call__(self) -> Catalog:
        root = self._workspace.root
        files = [root / "enishi.toml", *sorted((root / "catalog").glob("**/*.y*ml"))]
        stamp = tuple((str(file), file.stat().st_mtime_ns) for file in files if file.exists())
        with self._lock:
            if self._catalog is None or stamp != self._stamp:
                try:
                    catalog = replace(load_catalog(root), sets=SETS)
                except Invalid as error:
                    if self._catalog is None:
                        raise
                    self._stamp = stamp
                    _log.error("the catalog is faulty, the last good one stays: %s", error)
                    return self._catalog
                if self._engine is not None and self._catalog is not None:
                    with self._engine.books.write() as writer:
                        for dataset in catalog.datasets.values():
                            fit(self._engine, writer, dataset, catalog)
                self._catalog, self._stamp = catalog, stamp
            return self._catalog


def open_warehouse(
    workspace: Workspace, *, clock: Clock = system_clock, attach_only: bool | None = None
) -> Warehouse | Attached:
    """The workspace's warehouse. Close it when done.

    Raises Busy when another process has the file open without a door, Unavailable `door_closed`
    when only the door may be used and none is open. `attach_only` is the default in the processes
    of `enishi serve`: there the file belongs to work, which opens it by `open_file`.
    """
    if attach_only is None:
        attach_only = bool(os.environ.get(ENV_SUPERVISED))
    attached = Attached(workspace)
    if attach_only or attached.answers():
        return attached
    try:
        return open_file(workspace, clock=clock)
    except Busy:
        if attached.answers():  # a server started between the two looks
            return attached
        raise


def open_file(workspace: Workspace, *, clock: Clock = system_clock) -> Warehouse:
    """The warehouse itself: for the one process that owns it. Raises Busy, and what
    `engine.open_engine` raises."""
    from enishi.warehouse.door import on_start
    from enishi.warehouse.warehouse import Warehouse

    catalog = CatalogFiles(workspace)
    catalog()  # a faulty catalog is told before the file is touched
    workspace.prepare()
    engine = open_engine(engine_url(workspace), workspace.var)
    try:
        catalog.attach(engine)
    except BaseException:
        engine.close()
        raise
    return Warehouse(engine, catalog, clock, on_start)


class Attached(AskedMembers, AskedCustomers):
    """A warehouse reached through the door; connects when first asked, and again when need be."""

    attached = True

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._catalog = CatalogFiles(workspace)
        self._lock = Lock()
        self._client: Any = None
        self._token = ""

    @property
    def catalog(self) -> Catalog:
        return self._catalog()

    def answers(self) -> bool:
        """Whether somebody answers at the door now."""
        if not self._workspace.door_token_path.exists():
            return False
        try:
            self._ask("ping", {})
        except EnishiError:
            return False
        return True

    def close(self) -> None:
        with self._lock:
            if self._client is not None:
                self._client.close()
                self._client = None

    def __enter__(self) -> Attached:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # The questions, as `Questions`, `People` and `Holdings` define them.

    def count(self, rule_json: object, **asked: Any) -> dict[str, Any]:
        found: dict[str, Any] = self._ask("count", {"rule_json": rule_json, **asked})
        return found

    def who(self, rule_json: object, **asked: Any) -> pa.Table:
        return self._ask("who", {"rule_json": rule_json, **asked})

    def why(self, rule_json: object, subject_ref: str, **asked: Any) -> dict[str, Any]:
        found: dict[str, Any] = self._ask(
            "why", {"rule_json": rule_json, "subject_ref": subject_ref, **asked}
        )
        return found

    def funnel(self, rule_json: object, **asked: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._ask("funnel", {"rule_json": rule_json, **asked})
        return found

    def compare(self, rule_json: object, other_json: object, **asked: Any) -> dict[str, Any]:
        found: dict[str, Any] = self._ask(
            "compare", {"rule_json": rule_json, "other_json": other_json, **asked}
        )
        return found

    def sample(self, rule_json: object, n: int = 10, **asked: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._ask("sample", {"rule_json": rule_json, "n": n, **asked})
        return found

    def view(
        self, subject: str, rule_json: object = None, columns: object = None, **asked: Any
    ) -> pa.Table:
        return self._ask(
            "view", {"subject": subject, "rule_json": rule_json, "columns": columns, **asked}
        )

    def values(
        self, dataset: str, field: str, prefix: str = "", limit: int = 20, **asked: Any
    ) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._ask(
            "values",
            {"dataset": dataset, "field": field, "prefix": prefix, "limit": limit, **asked},
        )
        return found

    def event_names(self, **asked: Any) -> list[str] | None:
        found: list[str] | None = self._ask("event_names", {**asked})
        return found

    def search(
        self, text: str, limit: int = 20, subject: str | None = None, **asked: Any
    ) -> dict[str, Any]:
        found: dict[str, Any] = self._ask(
            "search", {"text": text, "limit": limit, "subject": subject, **asked}
        )
        return found

    def find(self, subject_ref: str, **asked: Any) -> str:
        found: str = self._ask("find", {"subject_ref": subject_ref, **asked})
        return found

    def datasets(self, **asked: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._ask("datasets", {**asked})
        return found

    def dead_letters(
        self, load_id: str | None = None, offset: int = 0, limit: int = 100, **asked: Any
    ) -> dict[str, Any]:
        found: dict[str, Any] = self._ask(
            "dead_letters", {"load_id": load_id, "offset": offset, "limit": limit, **asked}
        )
        return found

    def loads(self, offset: int = 0, limit: int = 50, **asked: Any) -> dict[str, Any]:
        found: dict[str, Any] = self._ask("loads", {"offset": offset, "limit": limit, **asked})
        return found

    def load_record(self, load_id: str, **asked: Any) -> dict[str, Any]:
        found: dict[str, Any] = self._ask("load_record", {"load_id": load_id, **asked})
        return found

    def stored(self, **asked: Any) -> dict[str, Any]:
        found: dict[str, Any] = self._ask("stored", {**asked})
        return found

    def in_scope(self, ids: Iterable[str], **asked: Any) -> set[str]:
        return set(self._ask("in_scope", {"ids": list(ids), **asked}))

    def do(
        self,
        action: str,
        arguments: Mapping[str, object],
        progress: Callable[[Any], None] | None = None,
        *,
        again: bool = False,
    ) -> Any:
        """Have the server do an action (such as `load`) and pass its progress on.

        `again`: it may be done twice, so a door that was opened anew is found again.
        """
        from enishi.warehouse import wire

        def run(client: Any, token: str) -> Any:
            import pyarrow.flight as flight

            body = wire.request(token, action, arguments)
            for result in client.do_action(flight.Action("do", body)):
                told = wire.read_answer(result.body.to_pybytes())
                if "done" in told:
                    return told["done"]
                if progress is not None:
                    progress(told["progress"])
            raise _closed()

        return self._through(run, again=again)

    def _ask(self, method: str, arguments: Mapping[str, object]) -> Any:
        from enishi.warehouse import wire

        def run(client: Any, token: str) -> Any:
            import pyarrow.flight as flight

            body = wire.request(token, method, arguments)
            if method in TABLES:
                return client.do_get(flight.Ticket(body)).read_all()
            results = list(client.do_action(flight.Action("ask", body)))
            return wire.read_answer(results[0].body.to_pybytes())

        return self._through(run)

    def _through(self, run: Callable[[Any, str], Any], *, again: bool = True) -> Any:
        """Run over the connection; a door that was opened anew is found again, once."""
        import pyarrow as pa
        import pyarrow.flight as flight

        from enishi.warehouse import wire

        client, token = self._connected()
        try:
            return run(client, token)
        except flight.FlightError as error:
            told = getattr(error, "extra_info", b"")
            if told:
                problem = wire.read_error(told)
                if problem.code != "door_token":
                    raise problem from None
        except (pa.ArrowException, OSError):
            pass
        self.close()
        if not again:
            raise _closed()
        return self._through(run, again=False)

    def _connected(self) -> tuple[Any, str]:
        with self._lock:
            if self._client is None:
                import pyarrow.flight as flight

                found = _read_door(self._workspace.door_token_path)
                self._client = flight.connect(found["location"])
                self._token = found["token"]
            return self._client, self._token


def _read_door(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError):
        raise _closed() from None
    if not isinstance(found, dict):
        raise _closed()
    return found


def _closed() -> Unavailable:
    return Unavailable(
        Text("いまデータを読み取れません。", "The data cannot be read just now."),
        Text(
            "多くは数秒で戻ります。もう一度お試しください。続くときは管理者に知らせてください。",
            "It is usually back within seconds. Try again; if it goes on, tell your administrator.",
        ),
        code="door_closed",
    )
