"""A PostgreSQL server that belongs to the tests: a folder, a spare port, an ordinary user."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import psycopg

_USER = "enishi"


@dataclass
class PostgresServer:
    binaries: Path
    folder: Path
    port: int

    def url(self, name: str) -> str:
        return f"postgresql://{_USER}@127.0.0.1:{self.port}/{name}"

    def _run(self, sql: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(sql)  # type: ignore[call-overload]  # names are our own

    def create(self, name: str, template: str = "template1") -> None:
        self._run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")

    def drop(self, name: str) -> None:
        self._run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def stop(self) -> None:
        _as_ordinary_user(
            [
                str(self.binaries / "pg_ctl"),
                "stop",
                "-D",
                str(self.folder / "data"),
                "-m",
                "immediate",
            ]
        )
        shutil.rmtree(self.folder, ignore_errors=True)


def find_binaries() -> Path | None:
    """The folder of the newest installed PostgreSQL of version 15 or later."""
    found = [
        folder
        for folder in Path("/usr/lib/postgresql").glob("*/bin")
        if folder.parent.name.isdigit()
        and int(folder.parent.name) >= 15
        and (folder / "initdb").is_file()
    ]
    if found:
        return max(found, key=lambda folder: int(folder.parent.name))
    on_path = shutil.which("initdb")
    return Path(on_path).parent if on_path else None


def _ordinary_user() -> pwd.struct_passwd | None:
    """Whom to run as: PostgreSQL refuses to run as root. None: as ourselves."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise RuntimeError("There is neither a user postgres nor a user nobody to run PostgreSQL as.")


def _as_ordinary_user(command: list[str]) -> None:
    user = _ordinary_user()
    options: dict[str, object] = {}
    if user is not None:
        options = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    subprocess.run(
        command,
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        **options,
    )  # type: ignore[call-overload]  # the options are those of subprocess


def _spare_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def start_server(
    shared_buffers: str = "64MB", *, durable: bool = False, max_wal_size: str = "1GB"
) -> PostgresServer | None:
    """Start a server, None when none is installed. Unless `durable`, what is committed would not
    outlive the machine: it is thrown away."""
    binaries = find_binaries()
    if binaries is None:
        return None
    folder = Path(tempfile.mkdtemp(prefix="enishi-pg-"))
    user = _ordinary_user()
    if user is not None:
        os.chown(folder, user.pw_uid, user.pw_gid)
    data = folder / "data"
    _as_ordinary_user(
        [str(binaries / "initdb"), "-D", str(data), "-U", _USER, "--auth=trust", "-E", "UTF8",
         "--locale=C.UTF-8", "--no-sync"]
    )  # fmt: skip
    port = _spare_port()
    options = (
        f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} "
        f"-c shared_buffers={shared_buffers} -c max_wal_size={max_wal_size}"
    )
    if not durable:
        options += " -c fsync=off -c full_page_writes=off -c synchronous_commit=off"
    _as_ordinary_user(
        [str(binaries / "pg_ctl"), "start", "-w", "-D", str(data), "-o", options,
         "-l", str(folder / "log")]
    )  # fmt: skip
    return PostgresServer(binaries, folder, port)
