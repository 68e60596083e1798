"""What passes between reading, typing and loading."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path

import pyarrow as pa

LIST_SEPARATOR = "\x1f"  # between the items of a list that a typed source (JSON, Parquet) holds
EMPTY_LIST = "\x1e"  # a list that is set and empty


class LoadState(StrEnum):
    """The life of one dataset's load.

        loading ──commit──▶ loaded
           ├──refused, error──▶ failed
           └──process died──▶ interrupted     (seen when the warehouse is next opened)

    The events of the stream come in a load that is `streaming` until it is sealed as `loaded` (see
    `stream.loads`); its rows are there as they come.

    Rows, dead letters and `loaded` commit in one transaction, so `failed` and `interrupted` leave
    the dataset as it was; loading again is all it takes to resume.
    """

    LOADING = "loading"
    STREAMING = "streaming"
    LOADED = "loaded"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A row that could not be loaded. `args` fill the sentence of `code` (see `reasons`)."""

    file: str
    line: int  # the physical line the row starts on, from 1; a row number where there are no lines
    code: str
    raw: str
    field: str | None = None
    args: Mapping[str, object] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows of a file: text columns named as the catalog's fields, and `_line` (int64).

    `raw` gives the text of the row that starts on a line, as the file has it. `position` is how
    many bytes of the file have been read, for the progress shown.
    """

    table: pa.Table
    dead: tuple[DeadLetter, ...]
    raw: Callable[[int], str]
    position: int


@dataclass(frozen=True, slots=True)
class FileRead:
    """How a file was understood; stored with the load, so that dead letters can be replayed."""

    path: str
    format: str
    bytes: int
    encoding: str | None = None
    delimiter: str | None = None
    quote: str | None = None
    header: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()  # columns of the file that the catalog does not name


@dataclass(slots=True)
class DatasetLoad:
    """What one load did to one dataset. read = loaded + dead + erased; loaded =
    added + changed + unchanged. `erased` counts rows of people whom we have erased: dropped."""

    id: str
    dataset: str
    state: LoadState
    started_at: datetime
    files: list[FileRead] = field(default_factory=list)
    ended_at: datetime | None = None
    read: int = 0
    loaded: int = 0
    dead: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    erased: int = 0
    bytes: int = 0
    message: dict[str, object] | None = None

    def as_json(self) -> dict[str, object]:
        return {
            "id": self.id,
            "dataset": self.dataset,
            "state": self.state.value,
            "started_at": self.started_at.isoformat(),
            "ended_at": self.ended_at.isoformat() if self.ended_at else None,
            "files": [file.path for file in self.files],
            "ignored_columns": sorted({name for file in self.files for name in file.ignored}),
            "read": self.read,
            "loaded": self.loaded,
            "dead": self.dead,
            "added": self.added,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "removed": self.removed,
            "erased": self.erased,
            "bytes": self.bytes,
            "message": self.message,
        }


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a load is; `part` runs from 0 to 1 within the dataset."""

    dataset: str
    rows: int
    dead: int
    part: float
    stage: str  # reading | applying | done

    def as_json(self) -> dict[str, object]:
        return {
            "dataset": self.dataset,
            "rows": self.rows,
            "dead": self.dead,
            "part": round(self.part, 4),
            "stage": self.stage,
        }


OnProgress = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A file that is about to be read for a dataset."""

    path: Path
    name: str  # as dead letters show it: relative to the data folder
    format: str
