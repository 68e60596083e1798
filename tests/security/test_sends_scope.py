"""One-off sends and row scopes: who sees one branch counts one branch, and sends to no other."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from book_fixtures import ApiClient
from enishi.book.models import AuditRow, Role
from enishi.book.roles import scope_text
from enishi.messages import jobs
from enishi.messages.models import Delivery, Send
from sending_world import PEOPLE, Post

if TYPE_CHECKING:
    from enishi.book.models import User

HALF = PEOPLE // 2
SCOPE = {"field": "branch", "op": "eq", "value": {"user": "branch"}}
RULE: dict[str, Any] = {"field": "points", "op": "ge", "value": 0}


class Branches:
    """A marketer and an administrator who see everybody, and the managers of two branches."""

    def __init__(self, post: Post, make_user: Callable[..., User]) -> None:
        Role.objects.update_or_create(
            name="manager", defaults={"scope": scope_text(SCOPE), "pii": "high"}
        )
        self.post = post
        self.main = ApiClient(make_user("manager", attributes={"branch": "本店"}))
        self.other = ApiClient(make_user("manager", attributes={"branch": "駅前支店"}))
        self.colleague = ApiClient(make_user("manager", attributes={"branch": "本店"}))
        self.nobody = ApiClient(make_user("manager", attributes={}))
        self.marketer = post.api("marketer")

    def draft(self, **more: Any) -> str:
        body = {"template": "points", "rule": RULE} | more
        made = self.marketer.post("sends", {"name": "ポイント", "body": body})
        assert made.status_code == 201, made.content.decode()
        return str(made.json()["slug"])

    def preview(self, slug: str, api: ApiClient) -> dict[str, Any]:
        seen = api.post(f"sends/{slug}/preview")
        assert seen.status_code == 200, seen.content.decode()
        found: dict[str, Any] = seen.json()
        return found

    def go(self, slug: str, api: ApiClient) -> None:
        token = self.preview(slug, api)["token"]
        done = api.post(f"sends/{slug}/dispatch", {"token": token})
        assert done.status_code == 200, done.content.decode()

    def sent(self) -> None:
        while jobs.prepare_once():
            pass
        self.post.run()
        while jobs.prepare_once():
            pass


@pytest.fixture
def branches(sqlite_post: Post, make_user: Callable[..., User]) -> Branches:
    return Branches(sqlite_post, make_user)


def of_branch(post: Post, rows: Any) -> set[str]:
    """The branches of whom these deliveries are for."""
    return {"本店" if (post.persons.index(row.person) + 1) % 2 == 0 else "駅前支店" for row in rows}


def test_a_branch_manager_sends_to_the_own_customers_alone(branches: Branches) -> None:
    slug = branches.draft()
    seen = branches.preview(slug, branches.main)
    assert seen["people"] == HALF
    assert seen["no_address"] + seen["same_address"] <= 1, "as far as own customers go"
    assert "row scope" in seen["within"]
    assert branches.preview(slug, branches.marketer)["within"] == ""
    branches.go(slug, branches.main)
    shown = branches.main.get(f"sends/{slug}").json()
    assert "row scope" in shown["within"]
    kept = Send.objects.get(slug=slug).preview["within"]
    assert kept["attributes"] == {"branch": "本店"}
    told = AuditRow.objects.filter(action="send.dispatch").latest("seq").detail
    assert (told["people"], told["within"]["user"]) == (HALF, kept["user"])
    assert told["within"].keys() == kept.keys(), "what it says of persons is sealed there"
    branches.sent()
    rows = list(Delivery.objects.all())
    assert len(rows) == HALF
    assert of_branch(branches.post, rows) == {"本店"}


def test_what_one_scope_has_previewed_nobody_sends_in_another(branches: Branches) -> None:
    """A token of thirty people of one branch is none for thirty of another, nor for everybody."""
    slug = branches.draft(drift=100)
    token = branches.preview(slug, branches.main)["token"]
    for api in (branches.other, branches.post.api("administrator"), branches.marketer):
        answer = api.post(f"sends/{slug}/dispatch", {"token": token})
        assert (answer.status_code, answer.json()["code"]) == (409, "preview_changed")
    whole = branches.preview(slug, branches.marketer)["token"]
    answer = branches.main.post(f"sends/{slug}/dispatch", {"token": whole})
    assert (answer.status_code, answer.json()["code"]) == (409, "preview_changed")
    assert Send.objects.get(slug=slug).state == "draft"


def test_whoever_goes_on_with_it_the_people_stay_those_of_who_sent_it(branches: Branches) -> None:
    slug = branches.draft()
    branches.go(slug, branches.main)
    for what in ("pause", "cancel"):
        answer = branches.other.post(f"sends/{slug}/{what}")
        assert (answer.status_code, answer.json()["code"]) == (403, "beyond_scope")
    shown = branches.other.get(f"sends/{slug}").json()
    assert not any(shown[may] for may in ("may_pause", "may_resume", "may_cancel"))
    assert branches.colleague.post(f"sends/{slug}/pause").status_code == 200
    # Somebody who sees everybody lets it go on, and the role's scope is another by now.
    assert branches.post.api("administrator").post(f"sends/{slug}/resume").status_code == 200
    Role.objects.filter(name="manager").update(scope=None)
    branches.sent()
    assert of_branch(branches.post, Delivery.objects.all()) == {"本店"}


def test_a_manager_without_a_branch_sends_to_nobody(branches: Branches) -> None:
    answer = branches.nobody.post(f"sends/{branches.draft()}/preview")
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_denies")


def test_figures_of_sends_are_of_the_readers_scope(
    branches: Branches, monkeypatch: pytest.MonkeyPatch
) -> None:
    from enishi.messages.deliveries import report as counting

    slug = branches.draft()
    branches.go(slug, branches.marketer)
    branches.sent()
    assert Delivery.objects.count() == PEOPLE
    for api, people in ((branches.marketer, PEOPLE), (branches.main, HALF), (branches.other, HALF)):
        (row,) = api.get("sends").json()["items"]
        one, report = api.get(f"sends/{slug}").json(), api.get(f"sends/{slug}/report").json()
        for told in (row, one, report):
            assert told["counts"]["intended"] == people
        assert row["counts"] == report["counts"]
        assert one["prepared"] == (PEOPLE if people == PEOPLE else 0)
    assert branches.main.post(f"sends/{slug}/pause").status_code == 403
    monkeypatch.setattr(counting, "MOST", PEOPLE - 1)
    refused = branches.main.get(f"sends/{slug}/report")
    assert (refused.status_code, refused.json()["code"]) == (409, "too_many")
    assert branches.marketer.get(f"sends/{slug}/report").status_code == 200, "nothing is sorted"


@pytest.mark.heavy
def test_counts_are_left_out_where_a_scope_cannot_be_sorted_out(
    branches: Branches, monkeypatch: pytest.MonkeyPatch
) -> None:
    from enishi.messages.deliveries import report

    slug = branches.draft()
    branches.go(slug, branches.marketer)
    branches.sent()
    monkeypatch.setattr(report, "MOST", 5)
    (row,) = branches.main.get("sends").json()["items"]
    assert (row["counted"], row["counts"]["intended"]) == (False, 0)
    (row,) = branches.marketer.get("sends").json()["items"]
    assert (row["counted"], row["counts"]["intended"]) == (True, PEOPLE)
