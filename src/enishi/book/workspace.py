"""The workspace: the folder that holds one Enishi, and what its `enishi.toml` says."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from enishi.book.mail_server import read_mail_url
from enishi.kernel.errors import EnishiError, Fault, Invalid
from enishi.kernel.text import Text

FILE = "enishi.toml"
ENV_WORKSPACE = "ENISHI_WORKSPACE"
ENV_DATABASE = "ENISHI_DATABASE_URL"
ENV_MAIL = "ENISHI_SMTP_URL"
ENV_URL = "ENISHI_URL"
ENV_EVENTS_URL = "ENISHI_EVENTS_URL"
ENV_WAREHOUSE = "ENISHI_WAREHOUSE"
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class Security:
    """How strict the door to the web is. Times are whole minutes and hours."""

    https: bool = False  # behind TLS: secure cookies and HSTS
    allowed_hosts: tuple[str, ...] = ()  # beyond localhost and `server.host`
    proxies: int = 0  # how many reverse proxies of ours append to X-Forwarded-For
    idle_minutes: int = 30
    absolute_hours: int = 12


@dataclass(frozen=True)
class Workspace:
    """One workspace. `root`, `data` and `var` are absolute."""

    root: Path
    name: str
    data: Path
    var: Path
    timezone: str = "Asia/Tokyo"
    week_start: int = 0  # 0 Monday … 6 Sunday
    fiscal_year_start: int = 4  # month
    host: str = "127.0.0.1"
    port: int = 8000
    database_url: str | None = None
    warehouse_url: str | None = field(default=None, repr=False)  # None: `warehouse_path`
    public_url: str | None = None  # how browsers reach the server, when a proxy stands before it
    public_events_url: str | None = None  # the same for the event API
    security: Security = field(default_factory=Security)
    mail_url: str | None = field(default=None, repr=False)  # None: mails go to `mailbox`
    mail_from: str | None = None
    backlog_mb: int = 4096  # how much of the log of events may wait for the drain, in 2^20 bytes
    keep_log_days: int = 0  # how long the log of events stays; 0: for ever
    webhooks_allow: tuple[str, ...] = ()  # hosts of the own network that webhooks may reach

    @property
    def keep_log(self) -> timedelta | None:
        """How long events stay in the log; None: for ever."""
        return timedelta(days=self.keep_log_days) if self.keep_log_days else None

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def catalog_path(self) -> Path:
        return self.root / "catalog"

    @property
    def definitions_path(self) -> Path:
        return self.root / "definitions"

    @property
    def segments_path(self) -> Path:
        return self.root / "segments"

    @property
    def templates_path(self) -> Path:
        return self.root / "templates"

    @property
    def journeys_path(self) -> Path:
        return self.root / "journeys"

    @property
    def book_path(self) -> Path:
        return self.var / "book.sqlite3"

    @property
    def warehouse_path(self) -> Path:
        """The DuckDB file that is the warehouse when no other is named."""
        return self.var / "warehouse.duckdb"

    @property
    def door_path(self) -> Path:
        """The socket of the warehouse's door."""
        return self.var / "door.sock"

    @property
    def door_token_path(self) -> Path:
        return self.var / "door.json"

    @property
    def restored_mark(self) -> Path:
        """What `enishi restore` leaves until somebody opens the book: when the backup was made."""
        return self.var / "restored"

    @property
    def secret_path(self) -> Path:
        return self.var / "secret.key"

    @property
    def uploads(self) -> Path:
        return self.var / "uploads"

    @property
    def exports(self) -> Path:
        return self.var / "exports"

    @property
    def mailbox(self) -> Path:
        """Where mails are written when no mail server is set up."""
        return self.var / "mailbox"

    @property
    def log(self) -> Path:
        return self.var / "log"

    @property
    def events(self) -> Path:
        """The durable log of events (see `sources.eventlog`) and what the ingest process reads."""
        return self.var / "events"

    @property
    def backlog_bytes(self) -> int:
        """Beyond this, a shard of the log takes no more events."""
        return self.backlog_mb * 1024 * 1024

    @property
    def url(self) -> str:
        """The address for links in mails and invitations, without a slash at its end."""
        if self.public_url:
            return self.public_url.rstrip("/")
        host = "localhost" if self.host in ("127.0.0.1", "0.0.0.0", "::1") else self.host  # noqa: S104  compared, not bound
        return f"{'https' if self.security.https else 'http'}://{host}:{self.port}"

    @property
    def events_url(self) -> str:
        """Where browsers and servers send events, without a slash at its end."""
        if self.public_events_url:
            return self.public_events_url.rstrip("/")
        return replace(self, port=self.port + 1, public_url=None).url

    @cached_property
    def _secret(self) -> bytes:
        if not self.secret_path.exists():
            self._make_secret()
        found = self.secret_path.read_bytes().strip()
        if len(found) < 32:
            raise Invalid(
                Text(
                    f"{self.secret_path} の中身が短すぎます。",
                    f"{self.secret_path} is too short to be a secret.",
                ),
                Text(
                    "バックアップから戻してください。",
                    "Restore the file from your backup.",
                ),
                code="secret_broken",
            )
        return found

    def _make_secret(self) -> None:
        """Write the whole file aside and link it into place: who comes second takes the first's."""
        self.prepare()
        aside = self.var / f".{secrets.token_hex(8)}.key"
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_hex(32).encode())
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(aside, self.secret_path)
        aside.unlink()

    def secret(self) -> bytes:
        """The workspace's secret, made on first use and readable by its owner alone."""
        return self._secret

    def prepare(self) -> None:
        """Make the folders Enishi writes to, for their owner alone; close files left open there."""
        self.var.mkdir(parents=True, exist_ok=True, mode=0o700)
        for folder in (self.uploads, self.exports, self.log, self.mailbox):
            folder.mkdir(exist_ok=True, mode=0o700)
        for file in self.open_files():
            with contextlib.suppress(OSError):  # gone meanwhile, or another's: the doctor tells
                file.chmod(0o600)

    def open_files(self) -> list[Path]:
        """The files directly in `var` that others than their owner may read or write."""
        found = []
        for file in self.var.glob("*"):
            with contextlib.suppress(FileNotFoundError):  # SQLite's journals come and go
                mode = file.lstat().st_mode
                if stat.S_ISREG(mode) and mode & 0o077:
                    found.append(file)
        return found


def find_workspace(explicit: Path | None = None) -> Workspace:
    """The workspace named, else that of `ENISHI_WORKSPACE`, else the one around this folder.

    Raises EnishiError `workspace_missing` or Invalid `workspace_broken`, each with its remedy.
    """
    named = explicit or (Path(os.environ[ENV_WORKSPACE]) if os.environ.get(ENV_WORKSPACE) else None)
    if named is not None:
        if (named / FILE).is_file():
            return read_workspace(named)
        raise _missing(named)
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / FILE).is_file():
            return read_workspace(folder)
    raise _missing(here)


def _missing(folder: Path) -> EnishiError:
    return EnishiError(
        Text(
            f"{folder} にワークスペース({FILE})が見つかりません。",
            f"There is no workspace ({FILE}) in {folder}.",
        ),
        Text(
            "`enishi init フォルダ` で作るか、`--workspace フォルダ` で指定してください。",
            "Make one with `enishi init FOLDER`, or name one with `--workspace FOLDER`.",
        ),
        code="workspace_missing",
    )


def read_workspace(root: Path) -> Workspace:
    """Read `enishi.toml` in `root`; raises Invalid `workspace_broken` with every fault found."""
    root = root.resolve()
    file = root / FILE
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        reason = str(error)
        raise _broken(
            [
                Fault(
                    "toml",
                    "$",
                    Text(f"TOML として読めません: {reason}", f"This is not TOML: {reason}"),
                    Text("示された行を直してください。", "Correct the line named."),
                    str(file),
                )
            ]
        ) from error
    reader = _Reader(str(file))
    workspace = reader.workspace(root, content)
    if reader.faults:
        raise _broken(reader.faults)
    return workspace


def _broken(faults: list[Fault]) -> Invalid:
    first = faults[0]
    return Invalid(
        Text(
            f"{FILE} に誤りがあります。{first.path}: {first.message.ja}",
            f"{FILE} has a fault. {first.path}: {first.message.en}",
        ),
        first.remedy,
        code="workspace_broken",
        faults=tuple(faults),
    )


class _Reader:
    """Takes typed values out of the parsed TOML and collects what is wrong with them."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.faults: list[Fault] = []

    def workspace(self, root: Path, content: Mapping[str, object]) -> Workspace:
        server = self._table(content, "server")
        security = self._table(content, "security")
        book = self._table(content, "book")
        warehouse = self._table(content, "warehouse")
        zone = self._text(content, "timezone", "Asia/Tokyo")
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError):
            self._fault("timezone", "「Asia/Tokyo」のような地域名", "a zone such as “Asia/Tokyo”")
            zone = "UTC"
        mail = self._table(content, "mail")
        events = self._table(content, "events")
        url = os.environ.get(ENV_DATABASE) or self._text(book, "url", "", "book.url") or None
        return Workspace(
            root=root,
            name=self._text(content, "name", root.name),
            data=(root / self._text(content, "data", "data")).resolve(),
            var=root / "var",
            timezone=zone,
            week_start=self._day(content),
            fiscal_year_start=self._number(content, "fiscal_year_start", 4, 1, 12),
            host=self._text(server, "host", "127.0.0.1", "server.host"),
            port=self._number(server, "port", 8000, 1, 65535, "server.port"),
            database_url=url,
            warehouse_url=os.environ.get(ENV_WAREHOUSE)
            or self._text(warehouse, "url", "", "warehouse.url")
            or None,
            public_url=os.environ.get(ENV_URL)
            or self._text(server, "url", "", "server.url")
            or None,
            public_events_url=os.environ.get(ENV_EVENTS_URL)
            or self._text(events, "url", "", "events.url")
            or None,
            mail_url=self._mail_url(mail),
            mail_from=self._text(mail, "from", "", "mail.from") or None,
            webhooks_allow=self._texts(self._table(content, "webhooks"), "allow", "webhooks.allow"),
            backlog_mb=self._number(events, "backlog_mb", 4096, 1, 10_000_000, "events.backlog_mb"),
            keep_log_days=self._number(
                events, "keep_log_days", 0, 0, 36_500, "events.keep_log_days"
            ),
            security=Security(
                https=self._flag(security, "https", "security.https"),
                allowed_hosts=self._texts(security, "allowed_hosts", "security.allowed_hosts"),
                proxies=self._number(security, "proxies", 0, 0, 8, "security.proxies"),
                idle_minutes=self._number(
                    security, "idle_minutes", 30, 1, 24 * 60, "security.idle_minutes"
                ),
                absolute_hours=self._number(
                    security, "absolute_hours", 12, 1, 24 * 30, "security.absolute_hours"
                ),
            ),
        )

    def _mail_url(self, mail: Mapping[str, object]) -> str | None:
        url = os.environ.get(ENV_MAIL) or self._text(mail, "url", "", "mail.url")
        if not url:
            return None
        try:
            read_mail_url(url)
        except Invalid as error:
            self.faults.append(
                Fault(error.code, "mail.url", error.message, error.remedy, self.file)
            )
        return url

    def _fault(self, path: str, ja: str, en: str) -> None:
        self.faults.append(
            Fault(
                "value",
                path,
                Text(f"{ja}が必要です。", f"This has to be {en}."),
                Text(f"{FILE} の {path} を直してください。", f"Correct {path} in {FILE}."),
                self.file,
            )
        )

    def _table(self, content: Mapping[str, object], name: str) -> Mapping[str, object]:
        found = content.get(name, {})
        if isinstance(found, dict):
            return found
        self._fault(name, f"表([{name}])", f"a table ([{name}])")
        return {}

    def _text(
        self, content: Mapping[str, object], name: str, default: str, path: str | None = None
    ) -> str:
        found = content.get(name, default)
        if isinstance(found, str):
            return found
        self._fault(path or name, "文字列", "a string")
        return default

    def _texts(self, content: Mapping[str, object], name: str, path: str) -> tuple[str, ...]:
        found = content.get(name, [])
        if isinstance(found, list) and all(isinstance(item, str) for item in found):
            return tuple(found)
        self._fault(path, "文字列の並び", "a list of strings")
        return ()

    def _flag(self, content: Mapping[str, object], name: str, path: str) -> bool:
        found = content.get(name, False)
        if isinstance(found, bool):
            return found
        self._fault(path, "true か false", "true or false")
        return False

    def _number(
        self,
        content: Mapping[str, object],
        name: str,
        default: int,
        least: int,
        most: int,
        path: str | None = None,
    ) -> int:
        found = content.get(name, default)
        if isinstance(found, int) and not isinstance(found, bool) and least <= found <= most:
            return found
        self._fault(
            path or name, f"{least} から {most} の整数", f"a whole number from {least} to {most}"
        )
        return default

    def _day(self, content: Mapping[str, object]) -> int:
        found = content.get("week_start", 0)
        if isinstance(found, str) and found.lower() in _DAYS:
            return _DAYS.index(found.lower())
        return self._number(content, "week_start", 0, 0, 6)


_current: Workspace | None = None


def use_workspace(workspace: Workspace) -> None:
    """Make `workspace` the one of this process (see `enishi.book.setup`)."""
    global _current
    _current = workspace


def current_workspace() -> Workspace:
    """The workspace of this process; found like the command line finds it when none was set."""
    global _current
    if _current is None:
        _current = find_workspace()
    return _current
