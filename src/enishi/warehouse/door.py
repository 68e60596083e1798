"""The door: the warehouse served to the other processes of this machine over Arrow Flight.

It listens on a Unix socket that only the owner reaches, and answers only who knows the token that
it has written (0600) beside the socket. Every question carries its actor; scope and masking are
applied by `Questions`, on this side. A question whose asker has hung up is cancelled.
"""

from __future__ import annotations

import hmac
import json
import logging
import os
import secrets
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from queue import Queue
from typing import Any

import pyarrow as pa
import pyarrow.flight as flight

from enishi.book.faults import kind_and_place
from enishi.book.workspace import Workspace
from enishi.kernel.errors import EnishiError, Forbidden
from enishi.kernel.text import Text
from enishi.warehouse import wire
from enishi.warehouse.engine import Question
from enishi.warehouse.methods import TABLES, TOLD

OnProgress = Callable[[object], None]
Action = Callable[[Mapping[str, Any], OnProgress], object]
"""Work that the door starts on request, telling its progress as JSON values; answers JSON."""

_LONGEST_SOCKET = 100  # bytes; the system allows 107
_ROWS = 65_536
_log = logging.getLogger("enishi.warehouse")


class Door(flight.FlightServerBase):  # type: ignore[misc]  # pyarrow carries no types
    """An open door. `close` takes the token and the socket away."""

    def __init__(
        self, workspace: Workspace, target: object, actions: Mapping[str, Action] | None = None
    ) -> None:
        """`target` answers the methods (a `Warehouse` on its own file); `actions` do long work."""
        workspace.prepare()
        self._target, self._actions = target, dict(actions or {})
        self._token = secrets.token_hex(32)
        self._token_path = workspace.door_token_path
        self._folder: Path | None = None
        socket = workspace.door_path
        if len(os.fsencode(socket)) > _LONGEST_SOCKET:
            self._folder = Path(tempfile.mkdtemp(prefix="enishi-"))
            socket = self._folder / "door.sock"
        self._socket = socket
        socket.unlink(missing_ok=True)
        self.location_ = f"grpc+unix://{socket}"
        super().__init__(self.location_)
        socket.chmod(0o600)
        self._publish()

    def close(self) -> None:
        """Stop answering. Questions under way are let finish."""
        self._token_path.unlink(missing_ok=True)
        self.shutdown()
        self._socket.unlink(missing_ok=True)
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    # Flight calls these two, in threads of its own.

    def do_get(self, context: Any, ticket: Any) -> Any:
        with _told_as_error():
            method, arguments = self._let_in(ticket.ticket, TABLES)
            with _watching(context) as watcher:
                table = self._ask(method, arguments, watcher)
            return flight.RecordBatchStream(
                pa.RecordBatchReader.from_batches(table.schema, table.to_batches(_ROWS))
            )

    def do_action(self, context: Any, action: Any) -> Iterator[Any]:
        with _told_as_error():
            if action.type == "do":
                yield from self._do(action.body.to_pybytes())
                return
            method, arguments = self._let_in(action.body.to_pybytes(), TOLD)
            with _watching(context) as watcher:
                found = self._ask(method, arguments, watcher)
            yield flight.Result(pa.py_buffer(wire.answer(found)))

    def _let_in(self, body: bytes, allowed: frozenset[str]) -> tuple[str, dict[str, Any]]:
        token, method, arguments = wire.read_request(body)
        if not hmac.compare_digest(token, self._token) or method not in allowed:
            raise Forbidden(
                Text("窓口の合い言葉が違います。", "The door's token is wrong."),
                Text("もう一度接続してください。", "Connect again."),
                code="door_token",
            )
        return method, arguments

    def _ask(self, method: str, arguments: dict[str, Any], watcher: _Watcher) -> Any:
        with _asking(watcher):
            return getattr(self._target, method)(**arguments)

    def _do(self, body: bytes) -> Iterator[Any]:
        """Run an action in a thread, passing its progress on; it goes on if the asker leaves."""
        name, arguments = self._let_in(body, frozenset(self._actions))
        told: Queue[tuple[str, object]] = Queue()

        def run() -> None:
            try:
                done = self._actions[name](arguments, lambda value: told.put(("progress", value)))
                told.put(("done", done))
            except BaseException as error:  # handed to the asker's thread
                told.put(("error", error))

        threading.Thread(target=run, name=f"door-{name}", daemon=False).start()
        while True:
            kind, value = told.get()
            if kind == "error":
                assert isinstance(value, BaseException)
                raise value
            yield flight.Result(pa.py_buffer(wire.answer({kind: value})))
            if kind == "done":
                return

    def _publish(self) -> None:
        told = {"location": self.location_, "token": self._token, "pid": os.getpid()}
        aside = self._token_path.with_suffix(".new")
        handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as file:
            json.dump(told, file)
        aside.replace(self._token_path)


class _Watcher:
    """Cancels the question of an asker who has hung up."""

    def __init__(self, context: Any) -> None:
        self._context = context
        self._questions: list[Question] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def started(self, question: Question) -> None:
        self._questions.append(question)

    def end(self) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.05):
            if self._context.is_cancelled():
                for question in self._questions:
                    question.cancel()
                return


_current = threading.local()


def on_start(question: Question) -> None:
    """Given to `Questions`: makes every question asked through the door cancellable."""
    watcher = getattr(_current, "watcher", None)
    if watcher is not None:
        watcher.started(question)


@contextmanager
def _asking(watcher: _Watcher) -> Iterator[None]:
    _current.watcher = watcher
    try:
        yield
    finally:
        _current.watcher = None


@contextmanager
def _watching(context: Any) -> Iterator[_Watcher]:
    watcher = _Watcher(context)
    try:
        yield watcher
    finally:
        watcher.end()


@contextmanager
def _told_as_error() -> Iterator[None]:
    """Errors of ours cross whole; anything else crosses as one sentence without its content."""
    try:
        yield
    except EnishiError as error:
        raise flight.FlightServerError(error.code, extra_info=wire.error(error)) from None
    except flight.FlightError:
        raise
    except Exception as error:
        _log.error("while answering: %s", kind_and_place(error))
        problem = EnishiError(
            Text("倉庫が問い合わせに答えられませんでした。", "The warehouse could not answer."),
            Text(
                "もう一度お試しください。続くときは記録（var/log）を添えて管理者へ。",
                "Try again. If it persists, tell an administrator (see var/log).",
            ),
            code="warehouse_failed",
            detail={"kind": type(error).__name__},
        )
        problem.status = 500
        raise flight.FlightServerError(problem.code, extra_info=wire.error(problem)) from error
