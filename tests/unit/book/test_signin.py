"""Signing in, out and by invitation, through the API as a browser does it."""

from __future__ import annotations

import re
from collections.abc import Callable

from book_fixtures import PASSWORD, ApiClient
from enishi.book.models import AuditRow, User
from enishi.book.workspace import Workspace


def actions() -> list[str]:
    return list(AuditRow.objects.order_by("seq").values_list("action", flat=True))


def test_sign_in_and_out(both_books: Workspace, people: dict[str, User]) -> None:
    client = ApiClient()
    assert client.get("session").status_code == 401
    user = people["manager"]
    answer = client.post("auth/sign-in", {"email": user.email.upper(), "password": PASSWORD})
    assert answer.status_code == 200, answer.content
    session = client.get("session").json()
    assert session["user"]["id"] == user.id
    assert "lists.write" in session["user"]["permissions"]
    assert session["workspace"]["timezone"] == "Asia/Tokyo"
    assert client.post("auth/sign-out").status_code == 200
    assert client.get("session").status_code == 401
    assert actions() == ["sign_in", "sign_out"]


def test_invitation_to_first_sign_in(
    both_books: Workspace, client_of: Callable[..., ApiClient]
) -> None:
    administrator = client_of("administrator")
    body = {
        "email": "New.Person@example.jp",
        "name": "新人",
        "role": "representative",
        "attributes": {"branch": "渋谷支店"},
    }
    invited = administrator.post("users/invite", body)
    assert invited.status_code == 201, invited.content
    assert invited.json()["user"]["state"] == "invited"
    again = administrator.post("users/invite", body)
    assert again.status_code == 409
    assert again.json()["code"] == "email_taken"
    token = re.search(r"token=(\S+)$", invited.json()["invitation_url"])
    assert token
    stranger = ApiClient()
    weak = stranger.post(
        "auth/invitation/accept", {"token": token[1], "name": "新 人", "password": "1234567890"}
    )
    assert weak.status_code == 422
    assert weak.json()["faults"][0]["path"] == "$.password"
    accepted = stranger.post(
        "auth/invitation/accept", {"token": token[1], "name": "新 人", "password": PASSWORD}
    )
    assert accepted.status_code == 200, accepted.content
    spent = stranger.post(
        "auth/invitation/accept", {"token": token[1], "name": "別人", "password": PASSWORD}
    )
    assert spent.json()["code"] == "link_spent"
    signed_in = stranger.post(
        "auth/sign-in", {"email": "new.person@example.jp", "password": PASSWORD}
    )
    assert signed_in.status_code == 200
    assert stranger.get("session").json()["user"]["name"] == "新 人"


def test_forgotten_password(book: Workspace, people: dict[str, User]) -> None:
    user = people["analyst"]
    client = ApiClient()
    assert client.post("auth/password/forgot", {"email": user.email}).status_code == 202
    mail = next(book.mailbox.glob("*.eml"))
    assert mail.stat().st_mode & 0o077 == 0
    import email
    from email.policy import default

    text = email.message_from_bytes(mail.read_bytes(), policy=default).get_content()
    token = re.search(r"token=(\S+)", text)
    assert token
    new = "atarashii-aikotoba-7"
    answer = client.post("auth/password/reset", {"token": token[1], "password": new})
    assert answer.status_code == 200, answer.content
    old = client.post("auth/sign-in", {"email": user.email, "password": PASSWORD})
    assert old.status_code == 401
    fresh = client.post("auth/sign-in", {"email": user.email, "password": new})
    assert fresh.status_code == 200


def test_changing_the_password_ends_the_other_sessions(
    book: Workspace, people: dict[str, User]
) -> None:
    user = people["manager"]
    here, there = ApiClient(), ApiClient()
    for client in (here, there):
        client.post("auth/sign-in", {"email": user.email, "password": PASSWORD})
    assert len(here.get("auth/sessions").json()["items"]) == 2
    answer = here.post(
        "auth/password/change",
        {"old_password": PASSWORD, "new_password": "betsu-no-aikotoba-8"},
    )
    assert answer.status_code == 200, answer.content
    assert here.get("session").status_code == 200
    assert there.get("session").status_code == 401


def test_another_session_can_be_ended(book: Workspace, people: dict[str, User]) -> None:
    user = people["manager"]
    here, there = ApiClient(), ApiClient(ip="10.0.0.9")
    for client in (here, there):
        client.post("auth/sign-in", {"email": user.email, "password": PASSWORD})
    sessions = here.get("auth/sessions").json()["items"]
    other = next(one for one in sessions if not one["current"])
    assert other["ip"] == "10.0.0.9"
    assert here.delete(f"auth/sessions/{other['id']}").status_code == 200
    assert there.get("session").status_code == 401
    assert here.delete(f"auth/sessions/{other['id']}").status_code == 404


def test_nobody_ends_a_session_of_somebody_else(book: Workspace, people: dict[str, User]) -> None:
    manager, auditor = ApiClient(), ApiClient()
    manager.post("auth/sign-in", {"email": people["manager"].email, "password": PASSWORD})
    auditor.post("auth/sign-in", {"email": people["auditor"].email, "password": PASSWORD})
    own = manager.get("auth/sessions").json()["items"][0]["id"]
    assert auditor.delete(f"auth/sessions/{own}").status_code == 404
    assert manager.get("session").status_code == 200
