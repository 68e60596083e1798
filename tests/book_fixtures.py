"""Workspaces, books and signed-in clients for the tests.

Every test gets a workspace and a book of its own: a copy of a migrated SQLite file (a millisecond),
or a PostgreSQL database made from a migrated template. Nothing is rolled back or mocked; commits,
locks and several threads are real.

- `workspace`: a fresh folder with `enishi.toml`, made current.
- `book`: the same with a migrated book on SQLite; `both_books`: on SQLite and on PostgreSQL.
- `people`: one user of each role. `client_of(role)`: an API client signed in as that role.
"""

from __future__ import annotations

import itertools
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from enishi.book.database import database
from enishi.book.setup import migrate, setup
from enishi.book.workspace import Workspace, read_workspace, use_workspace
from postgres_server import PostgresServer, start_server

if TYPE_CHECKING:
    from enishi.book.models import User

PASSWORD = "hinode-no-shiken-2026"
_numbers = itertools.count(1)


def make_workspace(folder: Path, text: str = 'name = "試験銀行"\n') -> Workspace:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "enishi.toml").write_text(text, encoding="utf-8")
    found = read_workspace(folder)
    found.prepare()
    return found


def point_book_at(url: str | None, path: Path) -> None:
    """Let Django's default connection, in every thread, lead to another book."""
    from django.db import connections

    connections.close_all()
    if hasattr(connections._connections, "default"):
        del connections["default"]
    described = connections.configure_settings({"default": database(url, path)})
    connections.settings["default"] = described["default"]


_base: list[Workspace] = []


def pytest_configure() -> None:
    """Set Django up before test modules import models."""
    base = make_workspace(Path(tempfile.mkdtemp(prefix="enishi-tests-")))
    _base.append(base)
    setup(base)


def pytest_unconfigure() -> None:
    for base in _base:
        shutil.rmtree(base.root, ignore_errors=True)


@pytest.fixture(scope="session")
def _django() -> Workspace:
    """The workspace Django was set up with: holds the migrated SQLite book that tests copy."""
    base = _base[0]
    migrate()
    from django.db import connections

    with connections["default"].cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        cursor.fetchall()
    connections.close_all()
    return base


@pytest.fixture(scope="session")
def postgres(_django: Workspace) -> Iterator[PostgresServer]:
    """A PostgreSQL of our own with a migrated template; skips when it is not installed."""
    server = start_server()
    if server is None:
        pytest.skip("PostgreSQL 15 or newer is not installed (apt-get install postgresql)")
    try:
        server.create("template_enishi")
        point_book_at(server.url("template_enishi"), _django.book_path)
        migrate()
        from django.db import connections

        connections.close_all()
        yield server
    finally:
        server.stop()


@pytest.fixture
def workspace(_django: Workspace, tmp_path: Path) -> Iterator[Workspace]:
    """A fresh workspace of the same secret as Django's, current in this process."""
    found = make_workspace(tmp_path / "workspace")
    shutil.copy2(_django.secret_path, found.secret_path)
    use_workspace(found)
    try:
        yield found
    finally:
        use_workspace(_django)


@pytest.fixture
def book(_django: Workspace, workspace: Workspace) -> Iterator[Workspace]:
    """The workspace with a migrated, empty SQLite book."""
    yield from _sqlite_book(_django, workspace)


def _sqlite_book(template: Workspace, workspace: Workspace) -> Iterator[Workspace]:
    shutil.copy2(template.book_path, workspace.book_path)
    point_book_at(None, workspace.book_path)
    try:
        yield workspace
    finally:
        point_book_at(None, template.book_path)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def both_books(
    request: pytest.FixtureRequest, _django: Workspace, workspace: Workspace
) -> Iterator[Workspace]:
    """The workspace with a migrated, empty book on SQLite, then on PostgreSQL."""
    if request.param == "sqlite":
        yield from _sqlite_book(_django, workspace)
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    name = f"book_{next(_numbers)}"
    server.create(name, template="template_enishi")
    point_book_at(server.url(name), workspace.book_path)
    try:
        yield workspace
    finally:
        point_book_at(None, _django.book_path)
        server.drop(name)


class ApiClient:
    """Speaks JSON with the application in this process, cookies and CSRF token as a browser."""

    def __init__(self, user: User | None = None, locale: str = "en", ip: str = "127.0.0.1") -> None:
        from django.test import Client

        self.http = Client(
            enforce_csrf_checks=True,
            raise_request_exception=False,
            headers={"accept-language": locale},
            REMOTE_ADDR=ip,
            SERVER_NAME="localhost",
        )
        self.http.get("/api/session")
        if user is not None:
            self.http.force_login(user)

    def send(self, method: str, path: str, body: object = None, **headers: str) -> Any:
        token = self.http.cookies.get("csrftoken")
        if token is not None:
            headers = {"X-CSRFToken": token.value, **headers}
        return self.http.generic(
            method,
            f"/api/{path}",
            b"" if body is None else json.dumps(body),
            content_type="application/json",
            headers=headers,
        )

    def get(self, path: str, **headers: str) -> Any:
        return self.send("GET", path, **headers)

    def post(self, path: str, body: object = None, **headers: str) -> Any:
        return self.send("POST", path, {} if body is None else body, **headers)

    def put(self, path: str, body: object = None, **headers: str) -> Any:
        return self.send("PUT", path, {} if body is None else body, **headers)

    def patch(self, path: str, body: object = None, **headers: str) -> Any:
        return self.send("PATCH", path, {} if body is None else body, **headers)

    def delete(self, path: str, body: object = None, **headers: str) -> Any:
        return self.send("DELETE", path, body, **headers)


@pytest.fixture(scope="session")
def password_hash(_django: Workspace) -> str:
    """`PASSWORD` hashed, with Argon2 made cheap: in earnest it is slow on purpose."""
    from django.contrib.auth.hashers import make_password

    from enishi.book.passwords import Hasher

    Hasher.memory_cost, Hasher.time_cost = 64, 1
    return make_password(PASSWORD)


@pytest.fixture
def make_user(password_hash: str) -> Callable[..., User]:
    """`make_user(role, **fields)`: a user in the current book, with `PASSWORD`."""

    def make(role: str, **fields: Any) -> User:
        from enishi.book.clock import now
        from enishi.book.models import User

        number = next(_numbers)
        given = {
            "email": f"{role}{number}@example.jp",
            "name": f"試験 {role}",
            "attributes": {"branch": "本店"},
            "password": password_hash,
            "joined_at": now(),
        }
        return User.objects.create(role=role, **given | fields)

    return make


@pytest.fixture
def people(make_user: Callable[..., User], request: pytest.FixtureRequest) -> dict[str, User]:
    """One user of each role; ask for `book` or `both_books` too."""
    from enishi.book.roles import ROLES

    _ask_for_book(request)
    return {role: make_user(role) for role in ROLES}


def _ask_for_book(request: pytest.FixtureRequest) -> None:
    name = "both_books" if "both_books" in request.fixturenames else "book"
    request.getfixturevalue(name)


@pytest.fixture
def client_of(people: dict[str, User]) -> Callable[..., ApiClient]:
    """`client_of("manager")`: an API client signed in as that role; None: signed out."""

    def client(role: str | None = None, **options: Any) -> ApiClient:
        return ApiClient(people[role] if role else None, **options)

    return client
