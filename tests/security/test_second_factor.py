"""The second factor: on by proof, each code once, recovery codes, secrets encrypted at rest."""

from __future__ import annotations

import time
from typing import Any

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

from book_fixtures import PASSWORD, ApiClient
from enishi.book.models import User
from enishi.book.workspace import Workspace


def code_of(secret: str, ahead: int = 0) -> str:
    found: str = format_hotp_value(hotp_value(secret, int(time.time()) // 30 + ahead))
    return found


def turn_on(client: ApiClient) -> tuple[str, list[str]]:
    begun = client.post("auth/totp/begin").json()
    assert begun["qr_svg"].lstrip().startswith("<")
    assert begun["otpauth_url"].startswith("otpauth://totp/")
    assert client.post("auth/totp/confirm", {"code": "000000"}).status_code == 422
    done = client.post("auth/totp/confirm", {"code": code_of(begun["secret"])})
    assert done.status_code == 200, done.content
    return begun["secret"], done.json()["recovery_codes"]


def sign_in(user: User, code: str | None = None) -> Any:
    body = {"email": user.email, "password": PASSWORD}
    return ApiClient().post("auth/sign-in", body | ({"code": code} if code else {}))


def test_the_second_factor_from_begin_to_end(
    both_books: Workspace, people: dict[str, User]
) -> None:
    user = people["manager"]
    client = ApiClient(user)
    secret, recovery = turn_on(client)
    assert client.get("session").json()["user"]["totp"] is True
    assert sign_in(user).json()["code"] == "code_required"
    assert sign_in(user, "123456").json()["code"] == "code_wrong"
    code = code_of(secret)
    assert sign_in(user, code).status_code == 200
    assert sign_in(user, code).json()["code"] == "code_wrong", "a code opens once"
    for written in (f"{code[:3]}-{code[3:]}", f"{code}.", f" {code} "):
        assert sign_in(user, written).json()["code"] == "code_wrong", "however it is written"
    assert client.post("auth/totp/begin").json()["code"] == "totp_on"
    assert client.post("auth/totp/confirm", {"code": code}).json()["code"] == "totp_on"
    assert sign_in(user, recovery[0]).status_code == 200
    assert sign_in(user, recovery[0]).json()["code"] == "code_wrong"
    wrong = client.post("auth/totp/remove", {"password": "a-borrowed-screen"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "password_wrong")
    assert client.post("auth/totp/remove", {}).status_code == 422
    assert client.get("session").json()["user"]["totp"] is True
    assert client.post("auth/totp/remove", {"password": PASSWORD}).status_code == 200
    assert sign_in(user).status_code == 200


def test_a_wrong_password_does_not_tell_of_the_second_factor(
    book: Workspace, people: dict[str, User]
) -> None:
    user = people["manager"]
    turn_on(ApiClient(user))
    answer = ApiClient().post("auth/sign-in", {"email": user.email, "password": "wrong"})
    assert answer.json()["code"] == "not_accepted"


def test_the_secret_is_not_readable_in_the_book(book: Workspace, people: dict[str, User]) -> None:
    from allauth.mfa.models import Authenticator

    secret, recovery = turn_on(ApiClient(people["manager"]))
    stored = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in stored
    assert not any(code in stored for code in recovery)


def test_an_administrator_resets_a_lost_second_factor(
    both_books: Workspace, people: dict[str, User]
) -> None:
    user = people["representative"]
    client, admin = ApiClient(user), ApiClient(people["administrator"])
    turn_on(client)
    row = next(one for one in admin.get("users").json()["items"] if one["id"] == user.id)
    assert row["totp"] is True
    done = admin.post(f"users/{user.id}/totp/reset")
    assert (done.status_code, done.json()["totp"]) == (200, False)
    assert client.get("session").status_code == 401, "their sessions have ended"
    assert sign_in(user).status_code == 200
    again = admin.post(f"users/{user.id}/totp/reset")
    assert (again.status_code, again.json()["code"]) == (409, "totp_not_on")
    noted = [
        row for row in admin.get("audit?limit=100").json()["items"] if row["action"] == "totp.reset"
    ]
    assert [(row["object_id"], row["actor"]) for row in noted] == [
        (user.id, people["administrator"].id)
    ]


def test_nobody_resets_their_own_second_factor(book: Workspace, people: dict[str, User]) -> None:
    user = people["administrator"]
    client = ApiClient(user)
    turn_on(client)
    refused = client.post(f"users/{user.id}/totp/reset")
    assert (refused.status_code, refused.json()["code"]) == (403, "totp_own")
    assert "password" in refused.json()["remedy"]
    assert client.get("session").json()["user"]["totp"] is True
    assert client.post("auth/totp/remove", {"password": "wrong"}).status_code >= 400
    assert client.post("auth/totp/remove", {"password": PASSWORD}).status_code < 300
