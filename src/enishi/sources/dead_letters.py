"""Dead letters: stored with their load, read back with their sentences."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from difflib import get_close_matches

import pyarrow as pa

from enishi.catalog.types import Dataset
from enishi.kernel.errors import NotFound
from enishi.kernel.text import Text
from enishi.sources.readers import open_reader
from enishi.sources.types import DeadLetter, OpenFile
from enishi.warehouse.duckdb_engine import Writer


def store_dead(
    writer: Writer, load_id: str, dataset: str, dead: Sequence[DeadLetter], at: datetime
) -> None:
    """Write a load's dead letters, inside its transaction. `at` is naive UTC."""
    if not dead:
        return
    table = pa.table(
        {
            "load_id": [load_id] * len(dead),
            "dataset": [dataset] * len(dead),
            "file": [letter.file for letter in dead],
            "line": pa.array([letter.line for letter in dead], pa.int64()),
            "field": pa.array([letter.field for letter in dead], pa.string()),
            "code": [letter.code for letter in dead],
            "reason_args": [json.dumps(dict(d.args), ensure_ascii=False) for d in dead],
            "raw": [letter.raw for letter in dead],
            "at": pa.array([at] * len(dead), pa.timestamp("us")),
        }
    )
    writer.insert("enishi.dead_letters", table)


def raw_texts(
    files: Sequence[OpenFile], dataset: Dataset, wanted: set[tuple[str, int]]
) -> dict[tuple[str, int], str]:
    """The texts of some rows, read from the files again, by (file, line)."""
    found: dict[tuple[str, int], str] = {}
    for file in files:
        lines = {line for name, line in wanted if name == file.name}
        if not lines:
            continue
        for batch in open_reader(file, dataset).batches():
            here = lines.intersection(batch.table.column("_line").to_pylist())
            found |= {(file.name, line): batch.raw(line) for line in here}
            lines -= here
            if not lines:
                break
    return found


def unknown_dataset(name: str, names: Sequence[str]) -> NotFound:
    near = get_close_matches(name, names, 1, 0.6)
    return NotFound(
        Text(f"データセット「{name}」はありません。", f"There is no dataset “{name}”."),
        Text(
            f"もしかして「{near[0]}」ですか。" if near else f"あるのは: {'、'.join(names)}",
            f"Did you mean “{near[0]}”?" if near else f"There are: {', '.join(names)}.",
        ),
        code="dataset_unknown",
    )
