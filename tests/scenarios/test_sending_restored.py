"""A restored workspace sends nothing until somebody says so."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from test_sends import create, go, prepare

from enishi.book.models import AuditRow
from enishi.book.workspace import current_workspace
from enishi.messages import jobs
from enishi.messages.models import Delivery, Send
from enishi.messages.sending import claiming, restored
from sending_world import Post


def bring_back(post: Post) -> None:
    """What `enishi restore` leaves, and the first to open the book finds."""
    current_workspace().restored_mark.write_text("2026-11-19T00:00:00+09:00")
    assert restored.hold_if_marked(current_workspace())
    assert not restored.hold_if_marked(current_workspace()), "once is enough"


def test_nothing_is_sent_until_it_is_released(post: Post) -> None:
    post.queue(post.want(1), post.want(2, send="snd_1"), post.want(3, journey="jny_1"))
    lane = post.lane()
    lane.read_on()  # made ready before: nor does that go
    bring_back(post)
    for _ in range(3):
        lane.round()
    assert post.way.sent == []
    assert post.states() == Counter(queued=3)
    told = post.api("manager").get("sending/held").json()
    assert (told["held"], told["waiting"], told["made_at"]) == (
        True, 3, "2026-11-19T00:00:00+09:00",
    )  # fmt: skip
    assert post.api("manager").post("sending/release", {"what": "send"}).status_code == 403
    done = post.api("administrator").post("sending/release", {"what": "send"})
    assert done.json()["held"] is False
    post.run(lane)
    assert post.states() == Counter(sent=3)
    assert AuditRow.objects.filter(action="sending.release").count() == 1
    again = post.api("administrator").post("sending/release", {"what": "send"})
    assert (again.status_code, again.json()["code"]) == (409, "nothing_held")


def test_what_was_due_is_dropped_and_what_comes_later_goes(sqlite_post: Post) -> None:
    post = sqlite_post
    told: list[Any] = []
    from enishi.messages.deliveries import service as deliveries

    post.queue(post.want(1, journey="jny_1", key=deliveries.walk_key(5, "mail", 1), enrollment=5))
    post.queue(post.want(2))
    slug = create(post)
    go(post, slug)  # dispatched, and not written down yet
    bring_back(post)
    deliveries._tell.append(told.extend)
    try:
        api = post.api("administrator")
        assert api.post("sending/release", {"what": "drop"}).json()["dropping"] is True
        again = api.post("sending/release", {"what": "send"})
        assert (again.status_code, again.json()["code"]) == (409, "being_dropped")
        lane = post.lane()
        lane.read_on()
        lane.round()
        assert post.way.sent == [], "while it is being dropped nothing goes"
        prepare()
    finally:
        deliveries._tell.remove(told.extend)
    assert set(Delivery.objects.values_list("state", "reason")) == {("suppressed", "restored")}
    assert [(one.enrollment, one.state) for one in told if one.enrollment] == [(5, "suppressed")]
    assert Send.objects.get(slug=slug).state == "cancelled"
    assert restored.standing() is None
    post.queue(post.want(3))
    post.run(lane)
    assert post.row(3).state == "sent"


def test_the_lane_of_a_restored_workspace_holds_by_itself(
    sqlite_post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A book that came back by other tools: the mark below `var` is found when the lane starts."""
    monkeypatch.setattr(jobs, "_sending", [])
    current_workspace().restored_mark.write_text("2026-11-19")
    sqlite_post.queue(sqlite_post.want(1))
    assert jobs.read_once() is False
    assert claiming.all_held()
    jobs.run_once()
    assert sqlite_post.states() == Counter(queued=1)
    jobs.close()
