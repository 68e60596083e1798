"""Every endpoint of the live API, asked by every role, against the table written by hand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from permission_table import ROLES, TABLE

from book_fixtures import ApiClient
from enishi.book.http import PUBLIC, SIGNED_IN, Permission, Router
from enishi.book.roles import PERMISSIONS
from enishi.book.workspace import Workspace
from enishi.live import crossing_stream


@pytest.fixture(autouse=True)
def _nobody_follows_afterwards() -> Iterator[None]:
    """A stream left behind would open the next test's warehouse."""
    yield
    thread = crossing_stream._follower.thread
    if thread is not None:
        thread.join(10)
        assert not thread.is_alive()


def endpoints() -> Iterator[tuple[str, str, str]]:
    """Method, path and permission of every endpoint that is mounted."""
    from enishi.web.api import api

    for router in api._get_bound_routers():
        for path, view in router.path_operations.items():
            for operation in view.operations:
                assert isinstance(operation.auth_param, Permission), path
                for method in operation.methods:
                    yield method, f"{router.prefix}{path}", operation.auth_param.name


def allowed(cell: str) -> set[str]:
    if cell in (PUBLIC, SIGNED_IN):
        return set(ROLES.values())
    return {ROLES[letter] for letter in cell}


def test_the_table_lists_every_endpoint_and_no_other(book: Workspace) -> None:
    live = {f"{method} {path}" for method, path, _ in endpoints()}
    assert live - set(TABLE) == set(), "endpoints nobody has listed in permission_table.py"
    assert set(TABLE) - live == set(), "listed endpoints that are gone"


def test_every_url_below_api_is_one_of_these_endpoints(book: Workspace) -> None:
    """Nothing is mounted past the routers that demand a permission."""
    from django.urls import get_resolver

    from enishi.web.api import api

    live = {re.sub(r"\{[^}]*\}", "X", path.strip("/")) for _, path, _ in endpoints()}
    found = set()
    for pattern in api.urls[0]:
        text = re.sub(r"<[^>]*>", "X", str(pattern.pattern)).strip("/")
        if text:
            found.add(text)
    assert found <= live
    others = [str(p.pattern) for p in get_resolver().url_patterns if "api" in str(p.pattern)]
    assert sorted(others) == ["^api(/.*)?$", "api/"]


@pytest.mark.parametrize("role", [*ROLES.values(), None])
def test_each_role_gets_in_where_the_table_says(
    book: Workspace, client_of: Callable[..., ApiClient], role: str | None
) -> None:
    client = client_of(role)
    wrong = []
    for key, cell in TABLE.items():
        method, path = key.split(" ", 1)
        if path in ("/auth/sign-out", "/auth/password/change"):
            client = client_of(role)  # these end the session
        answer = client.send(method, re.sub(r"\{[^}]*\}", "none", path.strip("/")), {})
        code = answer.json().get("code") if "json" in answer["Content-Type"] else None
        answer.close()
        if role is None and cell != PUBLIC:
            fits = answer.status_code == 401 and code == "signed_out"
        elif role is None or role in allowed(cell):
            fits = not (answer.status_code == 403 and code == "forbidden") and not (
                role is not None and code == "signed_out"
            )
        else:
            fits = answer.status_code == 403 and code == "forbidden"
        if not fits:
            wrong.append((key, answer.status_code, code))
    assert wrong == []


def test_no_answer_is_a_fault_of_ours(book: Workspace, client_of: Callable[..., ApiClient]) -> None:
    """Hostile input is refused with the error shape, never with a 500."""
    client = client_of("administrator")
    hostile = "'\"><script>\u0000\u202e" + "あ" * 300
    wrong = []
    for key in TABLE:
        method, path = key.split(" ", 1)
        if path == "/auth/sign-out":
            continue
        address = re.sub(r"\{[^}]*\}", "%27%22%00%E3%81%82", path.strip("/"))
        for body in ({}, [], {"rule": hostile, "name": {"x": hostile}, "email": hostile}, hostile):
            answer = client.send(method, address, body)
            answer.close()
            if answer.status_code >= 500 and answer.status_code != 503:
                wrong.append((key, body, answer.status_code))
            elif answer.status_code >= 400:
                assert set(answer.json()) == {"code", "message", "remedy", "faults", "detail"}, key
    assert wrong == []


def test_every_permission_belongs_to_somebody_and_is_used() -> None:
    used = {name for _, _, name in endpoints()}
    used.add("scores.write")  # asked by `ws.write_scores`, in a notebook: see tests/unit/analyst
    assert all(roles for roles in PERMISSIONS.values())
    assert set(PERMISSIONS) <= used


def test_a_route_without_a_permission_cannot_be_written() -> None:
    router = Router()
    with pytest.raises(TypeError):
        router.get("/x")  # type: ignore[call-arg]  # that is the point
    with pytest.raises(TypeError):
        router.api_operation(["GET"], "/x")(lambda _: None)
    with pytest.raises(ValueError, match=r"lists\.wriet"):
        router.get("/x", permission="lists.wriet")
