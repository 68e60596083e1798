"""Which files hold a dataset, and the reader for each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from enishi.catalog.types import Dataset
from enishi.kernel.errors import EnishiError, NotFound
from enishi.kernel.text import Text
from enishi.sources.types import Batch, FileRead, OpenFile

_BY_SUFFIX = {
    ".xlsx": "excel",
    ".xlsm": "excel",
    ".xls": "excel",
    ".ods": "excel",
    ".parquet": "parquet",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
}
TYPED = frozenset({"excel", "parquet", "jsonl"})


class Reader(Protocol):
    """What every format offers."""

    description: FileRead

    def batches(self) -> Iterator[Batch]: ...


def open_reader(file: OpenFile, dataset: Dataset) -> Reader:
    """The reader for a file. Raises Invalid when the file does not fit the catalog."""
    if file.format == "csv":
        from enishi.sources.csv_reader import CsvReader

        return CsvReader(file, dataset)
    from enishi.sources.other_readers import ExcelReader, JsonLinesReader, ParquetReader

    if file.format == "excel":
        return ExcelReader(file, dataset)
    if file.format == "parquet":
        return ParquetReader(file, dataset)
    return JsonLinesReader(file, dataset)


def find_files(dataset: Dataset, data: Path, given: Sequence[Path] | None) -> list[OpenFile]:
    """The files to read for a dataset, in order of their names.

    `given` replaces what the catalog says. Raises NotFound `files_missing` when there are none.
    """
    if given is not None:
        absent = [path for path in given if not path.is_file()]
        if absent:
            raise _missing(dataset, str(absent[0]))
        return [_open(path, path.name, dataset) for path in given]
    if dataset.source is None:
        raise EnishiError(
            Text(
                f"データセット {dataset.name} には source がありません。",
                f"Dataset {dataset.name} has no source.",
            ),
            Text(
                "カタログに source: {files: …} を書くか、--file でファイルを指定してください。",
                "Write source: {files: …} in the catalog, or name a file with --file.",
            ),
            code="source_missing",
        )
    found = sorted(path for path in data.glob(dataset.source.files) if path.is_file())
    if not found:
        raise _missing(dataset, str(data / dataset.source.files))
    return [_open(path, path.relative_to(data).as_posix(), dataset) for path in found]


def _open(path: Path, name: str, dataset: Dataset) -> OpenFile:
    said = dataset.source.format if dataset.source else None
    suffix = next((s for s in reversed(path.suffixes) if s != ".gz"), "").lower()
    return OpenFile(path, name, said or _BY_SUFFIX.get(suffix, "csv"))


def _missing(dataset: Dataset, where: str) -> NotFound:
    return NotFound(
        Text(
            f"データセット {dataset.name} のファイルがありません: {where}",
            f"There is no file for dataset {dataset.name}: {where}",
        ),
        Text(
            "ファイルを置くか、カタログの source.files、または --file を直してください。",
            "Put the file there, or correct source.files in the catalog, or --file.",
        ),
        code="files_missing",
    )
