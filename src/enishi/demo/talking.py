"""What the demo bank sends by itself: two journeys, a one-off send, and what comes back of them.

Nothing leaves the machine: no sender is switched on, so every message is in the built-in mailbox.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from enishi.book.access import Actor
from enishi.book.workspace import Workspace
from enishi.journeys import emitting, jobs
from enishi.journeys.drawing import definitions
from enishi.journeys.drawing.as_code import apply as apply_journeys
from enishi.journeys.feed import intake as feed
from enishi.kernel.clock import VirtualClock
from enishi.messages import jobs as sending
from enishi.messages.models import Delivery
from enishi.messages.public import telling
from enishi.messages.public.responses import Came, record_many
from enishi.messages.sends import service as sends
from enishi.messages.sends.bodies import SendBody
from enishi.messages.sends.previewing import preview
from enishi.messages.sends.schemas import SendIn
from enishi.messages.templates import finding, versions
from enishi.messages.templates.as_code import apply as apply_templates
from enishi.messages.types import DeliveryState, ResponseKind
from enishi.sources import own_events

if TYPE_CHECKING:
    from enishi.warehouse.warehouse import Warehouse

GUIDED_SINCE = 21
"""Days before today on which the journey of maturing deposits went live."""
SENT_ON = 6
"""Days before today on which the one-off send went out."""

_GUIDE, _HELP, _NEWS = "maturity-guide", "unfinished-application", "app-autumn-news"
_OPENED, _BY_MACHINE, _CLICKED = 0.38, 0.12, 0.11
_UNSUBSCRIBED, _BOUNCED = 0.006, 0.012
_LINKS: Mapping[str, str] = {
    _GUIDE: "https://www.hinode-bank.example/deposits/maturity",
    _HELP: "https://www.hinode-bank.example/cards/apply",
    "": "https://www.hinode-bank.example/app/news",
}


@dataclass
class Talk:
    """The marketer, who writes; the manager, who approves; and the lanes, run by hand."""

    workspace: Workspace
    warehouse: Warehouse
    clock: VirtualClock
    rng: np.random.Generator
    marketer: Actor
    manager: Actor
    answered: set[str] = field(default_factory=set)

    def write(self) -> None:
        """Templates and journeys come in as drafts; the manager approves the templates."""
        apply_templates(sorted(self.workspace.templates_path.glob("*.yaml")), self.marketer)
        apply_journeys(sorted(self.workspace.journeys_path.glob("*.yaml")), self.marketer)
        for path in sorted(self.workspace.templates_path.glob("*.yaml")):
            version = versions.work_version(finding.get_template(path.stem))
            assert version is not None, path.stem
            versions.approve(path.stem, version.id, self.manager)

    def put_live(self, slug: str) -> None:
        """The marketer submits a journey, and the manager puts it live."""
        submitted = definitions.submit(slug, self.marketer)
        definitions.go_live(slug, submitted.number, self.manager)

    def send_news(self) -> None:
        """The one-off send: previewed, then dispatched with the preview's token."""
        body = SendBody(template=_NEWS, segments=["app-survey"])
        made = sends.create(SendIn(name="アプリの新しい機能のご案内", body=body), self.marketer)
        seen = preview(made.slug, self.marketer, "ja")
        sends.dispatch(made.slug, seen.token, self.marketer)

    def until(self, at: datetime) -> None:
        """Do what the work process would until an instant, once for every few hours."""
        while self.clock.now < at:
            self.clock.now = min(at, self.clock.now + timedelta(hours=4))
            self._answers()
            self.run()

    def run(self) -> None:
        """Walks and messages go on until nothing is due."""
        lane = _Lane(self.workspace, self.clock, self.warehouse)
        for _ in range(200):
            more = jobs.run_once(lane)
            more = feed.run_slow(lane) or more
            more = sending.prepare_once() or more
            while sending.read_once() or sending.run_once():
                more = True
            if not more:
                break
        while telling.run_once(lane) or emitting.run_once(lane):
            pass

    def close(self) -> None:
        sending.close()
        own_events.let_go()  # the served bank tells from here on

    def _answers(self) -> None:
        """Some of those who got a mail read it, and some do more."""
        came: list[Came] = []
        sent = Delivery.objects.filter(
            state=DeliveryState.SENT, channel="email", finished_at__lt=self.clock.now
        ).exclude(id__in=self.answered)
        for one in sent.order_by("id"):
            self.answered.add(one.id)
            came += self._answer(one)
        for start in range(0, len(came), 200):
            record_many(came[start : start + 200])

    def _answer(self, one: Delivery) -> list[Came]:
        assert one.finished_at is not None
        chance, after = self.rng.random(), timedelta(minutes=float(self.rng.exponential(120)))
        at = min(self.clock.now, one.finished_at + after)
        if chance < _BOUNCED:
            return [Came(one.id, ResponseKind.BOUNCED, at, detail={"code": "550"})]
        found = [Came(one.id, ResponseKind.DELIVERED, one.finished_at)]
        if self.rng.random() < _BY_MACHINE:
            found.append(Came(one.id, ResponseKind.OPENED, one.finished_at, machine=True))
        if self.rng.random() < _OPENED:
            found.append(Came(one.id, ResponseKind.OPENED, at))
            if self.rng.random() < _CLICKED / _OPENED:
                slug = definitions.get_journey(one.journey).slug if one.journey else ""
                link = {"url": _LINKS.get(slug, _LINKS[""])}
                found.append(Came(one.id, ResponseKind.CLICKED, at, detail=link))
            if self.rng.random() < _UNSUBSCRIBED / _OPENED:
                found.append(Came(one.id, ResponseKind.UNSUBSCRIBED, at))
        return found


@dataclass(frozen=True, slots=True)
class _Lane:
    """What lanes are given when they run."""

    workspace: Workspace
    clock: VirtualClock
    warehouse: Warehouse
