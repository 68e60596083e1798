"""Five weeks of work at the demo bank, told through the same services that people use.

Lists are made and refreshed, representatives take the next member and log what happened, refusals
and complaints block people. The book's clock stands at each moment while it is told, so that every
row of the book and of the audit has its own time.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from enishi.book.access import OPERATOR, Actor, actor_of
from enishi.book.accounts import find_user
from enishi.book.clock import clock_set_to
from enishi.book.workspace import Workspace
from enishi.demo.columns import generator
from enishi.demo.notes import NEXT_STEPS, NOTES
from enishi.demo.signins import SignIn
from enishi.demo.streaming import customers_online, open_sources, write_visits
from enishi.demo.talking import GUIDED_SINCE, SENT_ON, Talk
from enishi.demo.wishes import WISHES, WishedList
from enishi.gate import jobs as gate_jobs
from enishi.gate import service as gate
from enishi.gate.asking import provide_warehouse
from enishi.kernel.clock import VirtualClock
from enishi.kernel.errors import Conflict, NotFound
from enishi.kernel.text import Text
from enishi.lists import jobs, making, service
from enishi.lists.as_code import apply
from enishi.lists.definitions import body_of, get_definition, refresh_dataset
from enishi.lists.engaging import log
from enishi.lists.schemas import ListIn
from enishi.lists.work import claim_next
from enishi.lists.work_schemas import EngagementIn
from enishi.segments import jobs as segment_jobs
from enishi.segments.as_code import apply as apply_segments
from enishi.segments.schemas import SegmentPatch
from enishi.segments.service import change as change_segment
from enishi.sources.stream import jobs as stream

if TYPE_CHECKING:
    from enishi.lists.body import Outcome
    from enishi.lists.models import ActionableList
    from enishi.warehouse.warehouse import Warehouse

REFUSALS = 150
"""How many of the newest refusals and of the open complaints the gate is told of."""

_PRODUCTS: Mapping[str, str] = {
    "定期預金": "time_deposit",
    "住宅ローン": "housing_loan",
    "資産運用": "investment",
    "保険": "insurance",
    "カード": "card",
}
_ENGLISH: Mapping[str, str] = {
    "定期預金": "Time deposits",
    "住宅ローン": "Housing loan",
    "資産運用": "Investment",
    "保険": "Insurance",
    "カード": "Card",
}
_VIA: Mapping[str, str] = {"電話": "phone", "訪問": "visit", "メール": "email", "郵便": "post"}
_SHARES: Mapping[str, float] = {
    "no_answer": 0.34,
    "reached": 0.28,
    "positive": 0.20,
    "won": 0.12,
    "refused": 0.04,
    "complaint": 0.02,
}


@dataclass
class _Running:
    """A list of the story while it is worked."""

    wish: WishedList
    found: ActionableList
    manager: Actor
    workers: list[Actor]
    closed: bool = False


@dataclass
class Story:
    """The teller: the workspace, who signs in, and the moment that the story has reached."""

    workspace: Workspace
    people: Sequence[SignIn]
    now: datetime
    rng: np.random.Generator
    clock: VirtualClock = field(default_factory=VirtualClock)
    running: list[_Running] = field(default_factory=list)
    engagements: int = 0

    def tell(self, warehouse: Warehouse, told: Callable[[float], None]) -> None:
        """All of it, in the order of time, up to now. `told` hears how far it is, up to 1."""
        while gate_jobs.run_once():  # the gate hears of everybody before anybody is called
            pass
        pending = _restrictions(warehouse, self.now)
        talk = self._talk(warehouse)
        zone = self.workspace.zone
        today = self.now.astimezone(zone).date()
        for back in range(28, 0, -1):
            told(1 - back / 28)
            day = today - timedelta(days=back)
            morning = datetime.combine(day, time(9, 0), zone)
            if back <= 7 or back % 3 == 0:  # every night of the last week, some of those before
                self.clock.now = datetime.combine(day, time(0, 6), zone)
                refresh_segments()
            self.clock.now = morning
            pending = self._restrict(pending, morning)
            for wish in WISHES:
                if wish.starts == back:
                    self._make(wish)
                if back in wish.refreshes:
                    self._refresh(wish)
            if back == GUIDED_SINCE:
                talk.write()
                talk.put_live("maturity-guide")
            if back == SENT_ON:
                talk.send_news()
            if back <= GUIDED_SINCE:
                talk.until(morning + timedelta(minutes=70))
            if day.weekday() < 5:
                self._work(day, back)
        self.clock.now = self.now - timedelta(minutes=30)
        refresh_segments()
        self._restrict(pending, self.clock.now)
        for wish in WISHES:
            self._refresh(wish)
        for slug in sorted({wish.definition for wish in WISHES}):
            refresh_dataset(get_definition(slug).id, OPERATOR)
        self.finish_builds()
        talk.put_live("unfinished-application")
        talk.until(self.now)
        talk.close()

    def _talk(self, warehouse: Warehouse) -> Talk:
        marketer = next(p for p in self.people if p.main and p.role == "marketer")
        return Talk(
            self.workspace, warehouse, self.clock, self.rng, actor_of(find_user(marketer.email)),
            self._actors("manager", "101")[0],
        )  # fmt: skip

    def _restrict(self, pending: list[_Restriction], until: datetime) -> list[_Restriction]:
        """Tell the gate of every refusal and complaint up to a moment; what is left."""
        for row in pending:
            if row.at > until:
                break
            if row.product is None:
                gate.hold(
                    row.person, "complaint", reason=row.reason, via="phone",
                    at=row.at, actor=OPERATOR,
                )  # fmt: skip
                continue
            gate.refuse(
                row.person,
                product=_PRODUCTS[row.product],
                product_label=Text(row.product, _ENGLISH[row.product]),
                via=row.via,
                until=row.until,
                reason=row.reason,
                at=row.at,
                actor=OPERATOR,
            )
        return [row for row in pending if row.at > until]

    def _actors(self, role: str, branch: str) -> list[Actor]:
        return [
            actor_of(find_user(person.email))
            for person in self.people
            if person.role == role and person.attributes.get("branch") == branch
        ]

    def _make(self, wish: WishedList) -> None:
        manager = self._actors("manager", wish.branch)[0]
        workers = self._actors("representative", wish.branch)
        users = [worker.user_id for worker in workers]
        today = self.clock.now.astimezone(self.workspace.zone).date()
        wanted = {
            "definition": wish.definition,
            "name": wish.name,
            "slug": wish.slug,
            "filter": wish.filter,
            "priority": wish.priority,
            "top_n": wish.top_n,
            "due": (today + timedelta(days=wish.due)).isoformat(),
            "assignment": {
                "owner": {"kind": "owner", "otherwise": users},
                "round_robin": {"kind": "round_robin", "users": users},
                "by_hand": {"kind": "by_hand"},
            }[wish.assignment],
        }
        found, _ = making.create(ListIn.model_validate(wanted), f"demo-{wish.name}", manager)
        self.finish_builds()
        if wish.assignment == "by_hand":
            for user in users:
                service.share(found.id, user, "work", manager)
        self.running.append(_Running(wish, found, manager, workers))

    def _refresh(self, wish: WishedList) -> None:
        for running in self.running:
            if running.wish is wish:
                service.refresh(running.found.id, running.manager)
        self.finish_builds()

    def finish_builds(self) -> None:
        """Do what the work process would: build lists and curated datasets until none is left."""
        while jobs.run_once():
            pass

    def _work(self, day: date, back: int) -> None:
        """One working day: each representative takes some members of each list, one by one."""
        for running in self.running:
            for order, worker in enumerate(running.workers):
                moment = datetime.combine(day, time(9, 50), self.workspace.zone)
                moment += timedelta(minutes=7 * order)
                for _ in range(int(self.rng.poisson(running.wish.pace))):
                    moment += timedelta(minutes=int(self.rng.integers(12, 70)))
                    if moment.hour >= 18 or not self._contact(running, worker, moment, back):
                        break

    def _contact(self, running: _Running, worker: Actor, moment: datetime, back: int) -> bool:
        """Take the next member and log what came of it; False when there is nobody to take."""
        self.clock.now = moment
        try:
            member = claim_next(running.found.id, worker)
        except NotFound:  # a short list has nobody for this representative, who cannot see it then
            return False
        if member is None:
            return False
        self.clock.now = moment + timedelta(minutes=int(self.rng.integers(2, 11)))
        body = body_of(running.found.definition)
        outcome = self._outcome(body.outcomes)
        kind = body.kinds[0 if self.rng.random() < 0.85 else 1]
        asked = EngagementIn(
            kind=kind.code,
            outcome=outcome.code,
            note=self._pick(NOTES[outcome.kind]),
            **self._next(outcome, back),
        )
        try:
            log(running.found.id, member.id, asked, None, worker)
        except Conflict:  # no visits on a holiday: they call instead
            called = asked.model_copy(update={"kind": body.kinds[0].code})
            log(running.found.id, member.id, called, None, worker)
        self.engagements += 1
        return True

    def _outcome(self, outcomes: Sequence[Outcome]) -> Outcome:
        """One of the definition's outcomes; deaths and guardianships are not played with."""
        usual = [o for o in outcomes if o.blocking not in ("deceased", "guardianship")]
        kinds = list(_SHARES)
        shares = np.array([_SHARES[kind] for kind in kinds])
        kind = kinds[int(np.searchsorted(np.cumsum(shares / shares.sum()), self.rng.random()))]
        fitting = [o for o in usual if o.kind == kind] or usual[:1]
        return fitting[int(self.rng.integers(0, len(fitting)))]

    def _next(self, outcome: Outcome, back: int) -> dict[str, Any]:
        """The next step: some fall on the day that is shown, so that it begins with follow-ups."""
        if outcome.kind not in ("no_answer", "positive"):
            return {}
        zone = self.workspace.zone
        if back <= 5 and self.rng.random() < 0.6:
            day = shown_day(self.now.astimezone(zone).date(), later=self.rng.random() < 0.4)
        else:
            day = self.clock.now.astimezone(zone).date()
            day += timedelta(days=int(self.rng.integers(1, 9)))
        at = self._office_hour(day)
        if at < self.clock.now + timedelta(hours=1):
            at = self._office_hour(self.clock.now.astimezone(zone).date() + timedelta(days=1))
        return {"next_step": self._pick(NEXT_STEPS[outcome.kind]), "next_at": at}

    def _office_hour(self, day: date) -> datetime:
        """A full ten minutes between 9 and 17 on the day, or on the Monday after a weekend."""
        minutes = 10 * int(self.rng.integers(0, 48))
        moment = datetime.combine(business_day(day), time(9), self.workspace.zone)
        return moment + timedelta(minutes=minutes)

    def _pick(self, texts: Sequence[str]) -> str:
        return texts[int(self.rng.integers(0, len(texts)))]


@dataclass(frozen=True, slots=True)
class _Restriction:
    """What the gate is told: a refused product, or (None) a complaint that is still open."""

    at: datetime
    person: str
    product: str | None
    via: str
    until: datetime | None
    reason: str


def business_day(day: date) -> date:
    """The day itself, or the Monday after it when it lies on a weekend."""
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() >= 5 else 0)


def shown_day(today: date, *, later: bool) -> date:
    """When a follow-up that today's page shows is due.

    Nobody calls customers on a weekend. There the page shows what was left over on Friday, and
    (`later`) what waits for Monday stays out of sight until then.
    """
    if today.weekday() < 5:
        return today
    return business_day(today) if later else today - timedelta(days=today.weekday() - 4)


def _restrictions(warehouse: Warehouse, now: datetime) -> list[_Restriction]:
    """The newest refusals and open complaints of the loaded data, oldest first."""
    with warehouse.engine.read() as question:
        refused = question.records(
            "SELECT p._id AS person, r.ts, r.product, r.channel, r.until FROM data.refusal r"
            " JOIN data.person p USING (customer_no) ORDER BY r.ts DESC, r.refusal_no LIMIT ?",
            [REFUSALS],
        )
        open_ = question.records(
            "SELECT p._id AS person, c.ts, c.text FROM data.complaint c JOIN data.person p"
            " USING (customer_no) WHERE c.status = '対応中' ORDER BY c.ts DESC, c.complaint_no"
            " LIMIT ?",
            [REFUSALS // 5],
        )
    zone = now.tzinfo
    found = [
        _Restriction(
            row["ts"].replace(tzinfo=zone),
            row["person"],
            row["product"],
            _VIA.get(row["channel"], ""),
            datetime.combine(row["until"], time(0), zone) if row["until"] else None,
            "お客さまからお断りのお申し出",
        )
        for row in refused
    ]
    found += [
        _Restriction(row["ts"].replace(tzinfo=zone), row["person"], None, "", None, row["text"])
        for row in open_
    ]
    return sorted(found, key=lambda row: (row.at, row.person))


def tell_story(
    workspace: Workspace,
    people: Sequence[SignIn],
    seed: int,
    now: datetime,
    told: Callable[[float], None],
) -> Mapping[str, int]:
    """Apply the definitions and tell the five weeks up to `now` (in UTC); what there is then.

    Django is set up on the book, the data is loaded, and nobody has the warehouse open.
    """
    from enishi.warehouse.client import Attached, open_file

    # Told faster than anybody works: a unit of 100 ms keeps nobody waiting here.
    logging.getLogger("enishi.book").setLevel(logging.ERROR)
    rng = generator(seed, 90)
    story = Story(workspace, people, now, rng)
    with clock_set_to(story.clock), open_file(workspace, clock=story.clock) as warehouse:
        provide_warehouse(warehouse)
        story.clock.now = now - timedelta(days=30)
        write_visits(workspace, open_sources(), customers_online(workspace), seed, now)
        story.clock.now = now
        while stream.drainer(workspace, warehouse, story.clock).run_once():
            pass
        story.clock.now = now - timedelta(days=30)
        _apply_segments(workspace, people)
        _apply_definitions(workspace, people)
        story.finish_builds()
        story.tell(warehouse, told)
        while stream.drainer(workspace, warehouse, story.clock).run_once():  # what was sent, too
            pass
    provide_warehouse(Attached(workspace))  # the file is closed; whoever asks later, asks a server
    return {"lists": len(story.running), "engagements": story.engagements}


def refresh_segments() -> None:
    """Do what the work process would at this moment: refresh what is due until nothing is."""
    while segment_jobs.run_once():
        pass


def _apply_segments(workspace: Workspace, people: Sequence[SignIn]) -> None:
    """The administrator, who may test balances, brings them in; the marketer looks after them."""
    actors = {p.role: actor_of(find_user(p.email)) for p in people if p.main}
    files = sorted(workspace.segments_path.glob("*.yaml"))
    for applied in apply_segments(files, actors["administrator"]):
        owner = SegmentPatch(owner=actors["marketer"].user_id)
        change_segment(applied.slug, owner, actors["administrator"])
    refresh_segments()


def _apply_definitions(workspace: Workspace, people: Sequence[SignIn]) -> None:
    administrator = next(p for p in people if p.role == "administrator")
    apply(workspace.definitions_path, actor_of(find_user(administrator.email)))
