"""Reads ahead in a thread, so that the disk and the decoder work while DuckDB does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from queue import Full, Queue
from typing import TypeVar

Item = TypeVar("Item")
_AHEAD = 2


def ahead(items: Iterator[Item]) -> Iterator[Item]:
    """The same items in the same order; an exception arrives where it arose.

    Leaving early stops the thread before the generator closes.
    """
    queue: Queue[tuple[str, Item | BaseException | None]] = Queue(_AHEAD)
    stopped = threading.Event()

    def put(kind: str, item: Item | BaseException | None) -> bool:
        while not stopped.is_set():
            try:
                queue.put((kind, item), timeout=0.1)
            except Full:
                continue
            return True
        return False

    def work() -> None:
        try:
            for item in items:
                if not put("item", item):
                    return
        except BaseException as error:  # handed over to the reading side
            put("error", error)
        else:
            put("end", None)

    thread = threading.Thread(target=work, name="read-ahead", daemon=True)
    thread.start()
    try:
        while True:
            kind, item = queue.get()
            if kind == "end":
                return
            if kind == "error":
                assert isinstance(item, BaseException)
                raise item
            yield item  # type: ignore[misc]  # kind "item" carries an Item
    finally:
        stopped.set()
        thread.join()
