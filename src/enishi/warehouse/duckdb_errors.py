"""What can go wrong with DuckDB's file and with questions, as sentences."""

from __future__ import annotations

from pathlib import Path

import duckdb

from enishi.kernel.errors import EnishiError, Unavailable
from enishi.kernel.text import Text


class Busy(Unavailable):
    """Another process holds the warehouse file. `detail.pid` names it when it is known."""

    code = "warehouse_busy"


class CancelledError(EnishiError):
    """A question was ended by who asked it."""

    status = 499
    code = "cancelled"


def cancelled() -> CancelledError:
    """The end of a question that was cancelled."""
    return CancelledError(
        Text("問い合わせは中止されました。", "The question was cancelled."),
        Text("もう一度お試しください。", "Ask again if you still need it."),
    )


def no_room() -> Unavailable:
    """A write that the disk did not take."""
    return Unavailable(
        Text("倉庫のファイルに書き込めません。", "The warehouse file cannot be written."),
        Text(
            "ディスクの空き容量と権限を確かめて、もう一度お試しください。これまでのデータは無事です。",
            "Check the free space of the disk and its permissions, then try again. What was there"
            " before is as it was.",
        ),
        code="warehouse_storage",
    )


def cannot_open(path: Path | None, error: duckdb.IOException) -> EnishiError:
    """Why the file does not open: Busy, or Unavailable `warehouse_unreadable`."""
    text = str(error)
    if "lock" not in text:
        return Unavailable(
            Text(
                f"倉庫のファイル {path} を開けません。", f"Cannot open the warehouse file {path}."
            ),
            Text(
                "ファイルの権限と空き容量を確かめるか、バックアップから戻してください。",
                "Check its permissions and the free space, or restore it from a backup.",
            ),
            code="warehouse_unreadable",
            detail={"reason": text.splitlines()[0]},
        )
    pid = text.partition("(PID ")[2].partition(")")[0]
    return Busy(
        Text(
            f"倉庫のファイルは別のプロセス（PID {pid or '不明'}）が使用中です。",
            f"Another process (PID {pid or 'unknown'}) is using the warehouse file.",
        ),
        Text(
            "そのプロセスの終了を待つか、`enishi serve` を起動して窓口経由でお使いください。",
            "Wait until it ends, or start `enishi serve` and ask through its door.",
        ),
        detail={"pid": pid},
    )
