"""What an attacker tries at the door: forged requests, guesses, stolen or old sessions."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.hashers import make_password

from book_fixtures import PASSWORD, ApiClient, make_workspace
from enishi.book import throttle
from enishi.book.clock import clock_set_to
from enishi.book.models import AuditRow, Session, User
from enishi.book.passwords import Hasher
from enishi.book.workspace import Workspace, use_workspace
from enishi.kernel.clock import VirtualClock


def sign_in(client: ApiClient, user: User, password: str = PASSWORD, **headers: str) -> int:
    body = {"email": user.email, "password": password}
    status: int = client.post("auth/sign-in", body, **headers).status_code
    return status


def test_a_change_without_the_token_is_refused(
    book: Workspace, client_of: Callable[..., ApiClient]
) -> None:
    client = client_of("administrator")
    refused = client.send("PATCH", "me", {"name": "別名"}, **{"X-CSRFToken": ""})
    assert (refused.status_code, refused.json()["code"]) == (403, "csrf")
    wrong = client.send("PATCH", "me", {"name": "別名"}, **{"X-CSRFToken": "x" * 32})
    assert wrong.status_code == 403
    strange = client.patch("me", {"name": "別名"}, Origin="https://evil.example")
    assert strange.status_code == 403
    assert client.patch("me", {"name": "別名"}).status_code == 200


@pytest.mark.parametrize(
    "header",
    [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}],
)
def test_a_strange_page_cannot_sign_anybody_in(
    book: Workspace, people: dict[str, User], header: dict[str, str]
) -> None:
    client = ApiClient()
    assert sign_in(client, people["manager"], **header) == 403
    own = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    assert sign_in(client, people["manager"], **own) == 200


def test_signing_in_changes_the_session_key(book: Workspace, people: dict[str, User]) -> None:
    """Session fixation: a key planted before the sign-in opens nothing afterwards."""
    victim, attacker = ApiClient(), ApiClient()
    sign_in(attacker, people["marketer"])
    planted = attacker.http.cookies["enishi_session"].value
    attacker.post("auth/sign-out")
    victim.http.cookies["enishi_session"] = planted
    assert sign_in(victim, people["manager"]) == 200
    assert victim.http.cookies["enishi_session"].value != planted
    attacker.http.cookies["enishi_session"] = planted
    assert attacker.get("session").status_code == 401


def test_the_book_holds_no_key_that_opens_a_session(
    book: Workspace, people: dict[str, User]
) -> None:
    client = ApiClient()
    sign_in(client, people["manager"])
    key = client.http.cookies["enishi_session"].value
    row = Session.objects.get(user=people["manager"])
    assert key not in {row.id, row.key_hash, row.data}
    for stolen in (row.key_hash, row.id):
        thief = ApiClient()
        thief.http.cookies["enishi_session"] = stolen
        assert thief.get("session").status_code == 401


def test_the_cookie_is_out_of_reach_of_scripts(book: Workspace, people: dict[str, User]) -> None:
    client = ApiClient()
    sign_in(client, people["manager"])
    cookie = client.http.cookies["enishi_session"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


def test_guessing_is_stopped_per_account_and_told_when_to_return(
    both_books: Workspace, people: dict[str, User]
) -> None:
    user, client = people["manager"], ApiClient()
    for _ in range(throttle.SIGN_IN_PAIR.most):
        assert sign_in(client, user, "wrong") == 401
    answer = client.post("auth/sign-in", {"email": user.email, "password": PASSWORD})
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 15 * 60 + 1
    assert sign_in(ApiClient(ip="10.1.1.1"), user) == 200, "the owner elsewhere is not locked out"


def test_guessing_over_many_accounts_is_stopped_per_address(
    book: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = throttle.Limit("sign_in_address", 5, timedelta(minutes=15))
    monkeypatch.setattr(throttle, "SIGN_IN_ADDRESS", small)
    client = ApiClient(ip="10.2.2.2")
    answers = [
        client.post("auth/sign-in", {"email": f"a{n}@example.jp", "password": "x"}).status_code
        for n in range(7)
    ]
    assert answers == [401] * 5 + [429] * 2


def test_those_who_sign_in_do_not_fill_the_measure_of_their_address(
    both_books: Workspace, people: dict[str, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    small = throttle.Limit("sign_in_address", 5, timedelta(minutes=15))
    monkeypatch.setattr(throttle, "SIGN_IN_ADDRESS", small)
    client, user = ApiClient(ip="10.3.3.3"), people["manager"]
    assert [sign_in(client, user) for _ in range(8)] == [200] * 8
    ghost = {"email": "ghost@example.jp", "password": "x"}
    assert [client.post("auth/sign-in", ghost).status_code for _ in range(5)] == [401] * 5
    assert sign_in(client, user) == 429, "a success gives back its own attempt alone"


def test_a_forged_address_header_does_not_help(book: Workspace, people: dict[str, User]) -> None:
    client = ApiClient()
    for n in range(throttle.SIGN_IN_PAIR.most):
        sign_in(client, people["manager"], "wrong", **{"X-Forwarded-For": f"9.9.9.{n}"})
    assert sign_in(client, people["manager"], **{"X-Forwarded-For": "9.9.9.99"}) == 429


def test_the_limit_ends_with_its_window(book: Workspace) -> None:
    clock = VirtualClock(datetime(2026, 4, 1, tzinfo=UTC))
    limit = throttle.Limit("test", 2, timedelta(minutes=10))
    with clock_set_to(clock):
        throttle.take(limit, "a")
        throttle.take(limit, "a")
        with pytest.raises(throttle.TooMany):
            throttle.take(limit, "a")
        throttle.take(limit, "b")
        clock.advance(timedelta(minutes=10))
        throttle.take(limit, "a")


def test_nobody_learns_whether_an_account_exists(book: Workspace, people: dict[str, User]) -> None:
    User.objects.filter(role="auditor").update(is_active=False)
    answers = []
    for email in (people["manager"].email, people["auditor"].email, "nobody@example.jp"):
        client = ApiClient()
        wrong = client.post("auth/sign-in", {"email": email, "password": "not the password"})
        forgot = client.post("auth/password/forgot", {"email": email})
        answers.append((wrong.status_code, wrong.json(), forgot.status_code, forgot.json()))
    assert answers[0] == answers[1] == answers[2]
    assert len(list(book.mailbox.iterdir())) == 1


def test_an_unknown_account_takes_as_long_as_a_known_one(
    book: Workspace, people: dict[str, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hashing happens either way; the bound is wide because the machine is shared."""
    monkeypatch.setattr(Hasher, "memory_cost", 19_456)
    slow = make_password(PASSWORD)
    User.objects.filter(id=people["manager"].id).update(password=slow)

    def median(email: str) -> float:
        took = []
        for _ in range(5):
            client = ApiClient()
            begun = time.perf_counter()
            client.post("auth/sign-in", {"email": email, "password": "wrong"})
            took.append(time.perf_counter() - begun)
        return statistics.median(took)

    known, unknown = median(people["manager"].email), median("nobody@example.jp")
    assert unknown > known / 3


def test_an_idle_session_ends_and_a_used_one_goes_on(
    book: Workspace, people: dict[str, User]
) -> None:
    clock = VirtualClock(datetime(2026, 4, 1, tzinfo=UTC))
    with clock_set_to(clock):
        client = ApiClient()
        sign_in(client, people["manager"])
        for _ in range(5):
            clock.advance(timedelta(minutes=20))
            assert client.get("auth/sessions").status_code == 200
        clock.advance(timedelta(minutes=31))
        answer = client.get("auth/sessions")
        assert (answer.status_code, answer.json()["code"]) == (401, "signed_out")


def test_no_session_outlives_its_longest_age(book: Workspace, people: dict[str, User]) -> None:
    clock = VirtualClock(datetime(2026, 4, 1, tzinfo=UTC))
    with clock_set_to(clock):
        client = ApiClient()
        sign_in(client, people["manager"])
        alive = 0
        while client.get("auth/sessions").status_code == 200:
            alive += 1
            assert alive < 60
            clock.advance(timedelta(minutes=25))
        assert alive == 29  # 28 steps of 25 minutes are 11 h 40 min; the next lies past 12 h


def test_the_times_can_be_set(
    book: Workspace, people: dict[str, User], tmp_path_factory: pytest.TempPathFactory
) -> None:
    text = 'name = "短い"\n[security]\nidle_minutes = 5\n'
    use_workspace(make_workspace(tmp_path_factory.mktemp("short") / "workspace", text))
    clock = VirtualClock(datetime(2026, 4, 1, tzinfo=UTC))
    with clock_set_to(clock):
        client = ApiClient()
        sign_in(client, people["manager"])
        clock.advance(timedelta(minutes=6))
        assert client.get("session").status_code == 401


def test_a_deactivated_user_is_out_at_once(
    book: Workspace, people: dict[str, User], client_of: Callable[..., ApiClient]
) -> None:
    victim = ApiClient()
    sign_in(victim, people["manager"])
    administrator = client_of("administrator")
    answer = administrator.patch(f"users/{people['manager'].id}", {"is_active": False})
    assert answer.status_code == 200
    assert victim.get("session").status_code == 401
    assert sign_in(victim, people["manager"]) == 401


def test_a_changed_role_counts_from_the_next_request(
    book: Workspace, people: dict[str, User]
) -> None:
    """Even where somebody changes the table past the API, nothing of the role is cached."""
    client = ApiClient(people["administrator"])
    assert client.get("users").status_code == 200
    User.objects.filter(id=people["administrator"].id).update(role="marketer")
    assert client.get("users").status_code == 403
    User.objects.filter(id=people["administrator"].id).update(role="unheard_of")
    assert client.get("users").status_code == 403


def test_the_last_administrator_stays(
    book: Workspace, people: dict[str, User], client_of: Callable[..., ApiClient]
) -> None:
    client = client_of("administrator")
    own = people["administrator"].id
    for change in ({"role": "manager"}, {"is_active": False}):
        answer = client.patch(f"users/{own}", change)
        assert answer.json()["code"] == "last_administrator"
    assert client.get("users").status_code == 200


def test_every_sign_in_is_on_record_without_the_address(
    book: Workspace, people: dict[str, User]
) -> None:
    client = ApiClient()
    sign_in(client, people["manager"], "wrong")
    client.post("auth/sign-in", {"email": "hanako@example.jp", "password": "x"})
    sign_in(client, people["manager"])
    rows = list(AuditRow.objects.order_by("seq"))
    assert [row.action for row in rows] == ["sign_in.failed", "sign_in.failed", "sign_in"]
    assert rows[0].object_id == people["manager"].id
    assert rows[1].object_id.startswith("#")
    assert "hanako" not in str([vars(row) for row in rows])


def test_a_double_submit_of_an_invitation_makes_one_user(
    both_books: Workspace, client_of: Callable[..., ApiClient]
) -> None:
    client = client_of("administrator")
    body = {"email": "twice@example.jp", "name": "二度", "role": "manager"}
    answers = [client.post("users/invite", body).status_code for _ in range(2)]
    assert answers == [201, 409]
    assert User.objects.filter(email="twice@example.jp").count() == 1
