"""The Django description of the book's database: SQLite by default, PostgreSQL by URL."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from enishi.kernel.errors import Invalid, Unavailable
from enishi.kernel.text import Text

BUSY_SECONDS = 10
"""How long a writer of the SQLite book waits for its turn before it gives up."""

_NEEDED_BYTES = 1_000_000  # below this SQLite cannot begin its journals

_PRAGMAS = (
    "PRAGMA journal_mode=WAL;"
    "PRAGMA synchronous=FULL;"
    f"PRAGMA busy_timeout={BUSY_SECONDS * 1000};"
    "PRAGMA foreign_keys=ON;"
    "PRAGMA temp_store=MEMORY;"
    "PRAGMA cache_size=-64000;"
    "PRAGMA wal_autocheckpoint=4000;"  # pages: one written again and again is copied home once
    "PRAGMA secure_delete=ON;"  # what is deleted is overwritten: an erasure leaves nothing
)


def sqlite(path: Path | str) -> dict[str, object]:
    """SQLite that keeps what it has committed, and takes the write lock at BEGIN.

    With the default deferred BEGIN two transactions that both read and then write would fail with
    "database is locked" without waiting.
    """
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": BUSY_SECONDS,
            "init_command": _PRAGMAS,
        },
    }


def postgresql(url: str) -> dict[str, object]:
    """PostgreSQL from `postgresql://user:password@host:port/name?option=…`.

    Raises Invalid `database_url` when the URL is of another kind or names no database. `host` may
    be given as an option too: that is how a folder of sockets is named.
    """
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    name = unquote(parts.path.lstrip("/"))
    if parts.scheme not in ("postgresql", "postgres") or not name:
        raise Invalid(
            Text(
                "データベースの URL が読めません。",
                "The URL of the database cannot be read.",
            ),
            Text(
                "`postgresql://利用者:パスワード@ホスト:5432/名前` の形で書いてください。",
                "Write it as `postgresql://user:password@host:5432/name`.",
            ),
            code="database_url",
        )
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", "") or parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }


def no_space(error: Exception, folder: Path) -> Unavailable | None:
    """What to say when a full disk is behind an error of the book in `folder`; None otherwise."""
    free = shutil.disk_usage(folder).free
    full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
    if not full and "is full" not in str(error) and free >= _NEEDED_BYTES:
        return None
    shown = f"{free / 1e6:.1f} MB"
    return Unavailable(
        Text(
            f"ディスクの空き容量が足りないため、データベースを開けません（空き {shown}）。",
            f"The book cannot be opened: its disk is full ({shown} free).",
        ),
        Text(
            "不要なファイルを消して空きを作り、もう一度お試しください。保存済みのデータは無事です。",
            "Make room on that disk and try again. What was saved before is as it was.",
        ),
        code="disk_full",
        detail={"retry_after": 30},
    )


def database(url: str | None, path: Path) -> dict[str, object]:
    """The book's database: of the URL when there is one, else the file at `path`."""
    return postgresql(url) if url else sqlite(path)
