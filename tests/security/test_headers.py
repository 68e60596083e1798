"""Headers, hosts, and what leaves the server when something goes wrong."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest
from django.test import override_settings

from book_fixtures import ApiClient
from enishi.book import api as book_api
from enishi.book.models import User
from enishi.book.workspace import Workspace


@pytest.mark.parametrize("path", ["/", "/api/session", "/healthz", "/assets/none.js"])
def test_every_answer_carries_the_security_headers(book: Workspace, path: str) -> None:
    answer = ApiClient().http.get(path)
    policy = answer["Content-Security-Policy"]
    directives = {part.split()[0]: part.split()[1:] for part in policy.split(";")}
    assert directives["script-src"] == ["'self'"]
    assert directives["default-src"] == ["'self'"]
    assert directives["frame-ancestors"] == ["'none'"]
    assert "http" not in policy, "nothing loads from another host"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"


def test_api_answers_are_not_cached(book: Workspace, client_of: Callable[..., ApiClient]) -> None:
    assert client_of("manager").get("session")["Cache-Control"] == "no-store"


def test_a_strange_host_is_refused_with_a_remedy(book: Workspace) -> None:
    answer = ApiClient().http.get("/api/session", headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert answer.json()["code"] == "strange_host"
    assert "allowed_hosts" in answer.json()["remedy"]


@pytest.mark.parametrize("name", ["../api.py", "..%2fapi.py", "%2e%2e/api.py", "/etc/passwd"])
def test_no_file_outside_the_build_is_served(book: Workspace, name: str) -> None:
    answer = ApiClient().http.get(f"/assets/{name}")
    assert answer.status_code == 404 or b"<!doctype html" in answer.content.lower()
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    assert b"NinjaAPI" not in content
    assert b"root:" not in content


def test_an_inner_fault_tells_nothing_and_logs_no_personal_data(
    book: Workspace,
    people: dict[str, User],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(_: object) -> None:
        raise RuntimeError("佐藤花子 090-1234-5678")

    client = ApiClient(people["manager"])
    monkeypatch.setattr(book_api, "me", broken)
    with caplog.at_level(logging.DEBUG):
        answer = client.get("session")
    assert answer.status_code == 500
    assert answer.json()["code"] == "internal"
    assert answer["X-Request-ID"] in caplog.text
    assert "RuntimeError" in caplog.text
    for place in (answer.content.decode(), caplog.text):
        assert "佐藤" not in place
        assert "090-1234" not in place


def test_the_access_log_holds_no_query_and_no_id(
    book: Workspace, client_of: Callable[..., ApiClient], caplog: pytest.LogCaptureFixture
) -> None:
    client = client_of("manager")
    with caplog.at_level(logging.INFO, logger="enishi.access"):
        client.get("customers/p0123456789abcdef01234567?q=佐藤花子")
        client.get("customers?q=佐藤花子")
        client.get("customers/4711")
        client.get("customer/4712/佐藤")
        client.get("lists/4713/members/4714")
    assert caplog.text.count("GET /api/customers/{person_id} ") == 2
    assert "GET /api/lists/{list_id}/members/{member_id} " in caplog.text
    assert "GET /api/* 404" in caplog.text
    assert not [number for number in ("4711", "4712", "4713", "4714") if number in caplog.text]
    assert "p0123456789" not in caplog.text
    assert "佐藤" not in caplog.text
    assert "%E4%BD%90" not in caplog.text


def test_errors_speak_the_language_that_was_asked_for(book: Workspace) -> None:
    for locale, word in (("ja", "サインイン"), ("en", "signed in"), ("fr, en;q=0.5", "signed in")):
        assert word in ApiClient(locale=locale).get("session").json()["message"]


def test_input_of_the_wrong_shape_names_its_place(
    book: Workspace, client_of: Callable[..., ApiClient]
) -> None:
    answer = client_of("administrator").post("users/invite", {"email": 5, "role": "king"})
    assert answer.status_code == 422
    places = {fault["path"]: fault["code"] for fault in answer.json()["faults"]}
    assert places == {"$.email": "string_type", "$.role": "literal_error"}
    assert all(fault["message"] and fault["remedy"] for fault in answer.json()["faults"])


def test_a_body_that_is_no_json_is_a_sentence(
    book: Workspace, client_of: Callable[..., ApiClient]
) -> None:
    client = client_of("administrator")
    token = client.http.cookies["csrftoken"].value
    for body in (b"{", b"\xff\xfe", b'{"a": NaN}', b"[" * 10000):
        answer = client.http.generic(
            "POST", "/api/users/invite", body, "application/json", headers={"X-CSRFToken": token}
        )
        assert answer.status_code in (400, 422), body[:10]
        assert answer.json()["message"]


def test_text_that_no_database_keeps_and_endless_bodies_are_refused(
    book: Workspace, client_of: Callable[..., ApiClient]
) -> None:
    client = client_of("administrator")
    token = client.http.cookies["csrftoken"].value

    def sent(body: bytes) -> tuple[int, str]:
        answer = client.http.generic(
            "PATCH", "/api/me", body, "application/json", headers={"X-CSRFToken": token}
        )
        return answer.status_code, answer.json().get("code", "")

    assert sent(rb'{"name": "a\u0000b"}') == (400, "unstorable_text")
    assert sent(rb'{"name": "\ud800"}') == (400, "unstorable_text")
    assert sent(rb'{"name": "\ud842\udfb7\u91ce"}')[0] == 200
    assert client.get("session").json()["user"]["name"] == "𠮷野"
    assert client.get("users?q=%00").json()["code"] == "unstorable_text"
    assert client.get("lists/%00").json()["code"] == "unstorable_text"
    assert client.get("users?q=%2500").status_code == 200
    far = client.get("audit?from=0001-01-01T00:00:00%2B14:00")
    assert far.status_code == 422, "a time that cannot be turned into UTC"
    with override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=1000):
        assert sent(b'{"name": "' + b"a" * 1000 + b'"}') == (413, "too_large")


def test_a_body_that_is_no_json_tells_the_place(
    book: Workspace, client_of: Callable[..., ApiClient]
) -> None:
    client = client_of("administrator")
    token = client.http.cookies["csrftoken"].value
    answer = client.http.generic(
        "PATCH", "/api/me", b'{"name": }', "application/json", headers={"X-CSRFToken": token}
    )
    assert answer.status_code == 400
    assert "line 1, column 10" in answer.json()["message"] or "1行10" in answer.json()["message"]


def test_a_full_disk_is_named(book: Workspace, client_of: Callable[..., ApiClient]) -> None:
    from django.db import connection

    client = client_of("manager")
    with connection.cursor() as cursor:
        pages = cursor.execute("PRAGMA page_count").fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count = {pages}").fetchall()
    for n in range(200):  # until the pages that are there are full
        answer = client.patch("me", {"name": f"{n} " + "名" * 80})
        if answer.status_code == 503:
            break
    assert (answer.status_code, answer.json()["code"]) == (503, "disk_full")
    assert "MB free" in answer.json()["message"]
