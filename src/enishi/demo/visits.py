"""Visits to the demo bank's site and app, as its pages and servers tell them to the event API.

A visit is a few requests of one browser or one app. Some visitors sign in and are known from then
on, and with them what the same browser did before; some stay unknown for ever.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import numpy as np

SITE = "https://www.hinode-bank.example"
Where = Literal["web", "app"]


@dataclass(frozen=True, slots=True)
class Request:
    """One call of the event API: when, from where, and its JSON."""

    at: datetime
    where: Where
    body: dict[str, Any]

    def now(self, at: datetime) -> Request:
        """The same, sent at another moment."""
        told = _written(at)
        batch = [event | {"timestamp": told} for event in self.body["batch"]]
        return Request(at, self.where, {"batch": batch, "sentAt": told})


@dataclass(frozen=True, slots=True)
class _Interest:
    """What somebody came for: the pages looked at and what may be done there."""

    product: str
    path: str
    title: str
    act: str
    share: float


_INTERESTS = (
    _Interest("housing_loan", "/loan/housing", "住宅ローン", "loan_simulated", 0.18),
    _Interest("card_loan", "/loan/card", "カードローン", "loan_simulated", 0.10),
    _Interest("investment", "/invest/nisa", "NISA・投資信託", "seminar_booked", 0.20),
    _Interest("time_deposit", "/deposit/time", "定期預金", "rate_compared", 0.22),
    _Interest("insurance", "/insurance", "保険", "document_requested", 0.12),
    _Interest("card", "/card", "クレジットカード", "application_started", 0.18),
)
_CAMPAIGNS = ("", "", "", "autumn_rate", "nisa_seminar", "housing_fair")
_REFERRERS = ("", "", "https://search.example/", "https://news.example/")
_AMOUNTS = {"housing_loan": (15, 60, 1_000_000), "card_loan": (1, 30, 100_000)}
_SIGNS_IN = 0.55
"""How many of the customers who come sign in during the visit."""
_FINISHES = 0.4
"""How many of the applications that are begun are finished."""
_STRANGERS = 0.25
"""How many visits are by nobody the bank knows."""


class Visits:
    """Makes visits, the same ones from the same seed. `customers` are customer numbers."""

    def __init__(self, customers: Sequence[str], rng: np.random.Generator) -> None:
        self._customers, self._rng = customers, rng
        self._made = 0

    def during(self, day: datetime, count: int) -> Iterator[Request]:
        """So many visits spread over the waking hours of the day that begins at `day` (aware)."""
        for _ in range(count):
            hour = float(np.clip(self._rng.normal(15.5, 4.5), 5.0, 23.4))
            yield from self.one(day + timedelta(hours=hour))

    def one(self, at: datetime) -> list[Request]:
        """One visit that begins at `at`."""
        self._made += 1
        stranger = self._rng.random() < _STRANGERS
        customer = None if stranger else self._pick(self._customers)
        if customer is not None and self._rng.random() < 0.3:
            return [self._login(at, customer)]
        browser = f"b-{self._token('browser', customer or str(self._made))}"
        return self._browse(at, browser, customer)

    def _login(self, at: datetime, customer: str) -> Request:
        event = {
            "type": "track", "event": "app_login", "userId": customer,
            "messageId": self._token("m", "login"), "timestamp": _written(at),
            "properties": {"version": f"5.{int(self._rng.integers(0, 4))}"},
        }  # fmt: skip
        return Request(at, "app", {"batch": [event], "sentAt": _written(at)})

    def _browse(self, at: datetime, browser: str, customer: str | None) -> list[Request]:
        interest = self._interest()
        campaign = self._pick(_CAMPAIGNS)
        referrer = self._pick(_REFERRERS)
        pages = [("/", "日の出銀行"), (interest.path, interest.title)]
        if self._rng.random() < 0.5:
            pages.append((f"{interest.path}/faq", f"{interest.title}のよくある質問"))
        found: list[Request] = []
        moment = at
        for path, title in pages:
            page = {"url": SITE + path, "path": path, "title": title, "referrer": referrer}
            found.append(self._request(moment, browser, page, campaign, {"type": "page"}))
            moment += timedelta(seconds=int(self._rng.integers(8, 150)))
        if self._rng.random() < 0.4:
            act = {"type": "track", "event": interest.act, "properties": self._details(interest)}
            found.append(self._request(moment, browser, page, campaign, act))
            moment += timedelta(seconds=int(self._rng.integers(20, 90)))
            if interest.act == "application_started" and self._rng.random() < _FINISHES:
                moment += timedelta(seconds=int(self._rng.integers(120, 900)))
                done = act | {"event": "application_finished"}
                found.append(self._request(moment, browser, page, campaign, done))
        if customer is not None and self._rng.random() < _SIGNS_IN:
            known = {"type": "identify", "userId": customer}
            found.append(self._request(moment, browser, page, campaign, known))
        return found

    def _request(
        self,
        at: datetime,
        browser: str,
        page: dict[str, str],
        campaign: str,
        event: dict[str, Any],
    ) -> Request:
        context: dict[str, Any] = {"page": page}
        if campaign:
            context["campaign"] = {"name": campaign}
        whole = {
            **event, "anonymousId": browser, "messageId": self._token("m", browser),
            "timestamp": _written(at), "context": context,
        }  # fmt: skip
        if event["type"] == "page":
            whole["name"] = page["title"]
            whole["properties"] = page
        return Request(at, "web", {"batch": [whole], "sentAt": _written(at)})

    def _details(self, interest: _Interest) -> dict[str, Any]:
        found: dict[str, Any] = {"product": interest.product}
        if interest.product in _AMOUNTS:
            low, high, unit = _AMOUNTS[interest.product]
            found["amount"] = int(self._rng.integers(low, high)) * unit
            found["years"] = int(self._rng.choice([10, 20, 25, 30, 35]))
        return found

    def _interest(self) -> _Interest:
        shares = np.cumsum([one.share for one in _INTERESTS])
        return _INTERESTS[int(np.searchsorted(shares, self._rng.random() * shares[-1]))]

    def _pick(self, options: Sequence[str]) -> str:
        return options[int(self._rng.integers(0, len(options)))]

    def _token(self, *about: str) -> str:
        """An id nobody else has; of a browser always the same."""
        told = "/".join(about)
        if about[0] != "browser":
            told += f"/{self._made}/{int(self._rng.integers(0, 2**62))}"
        return hashlib.sha256(told.encode()).hexdigest()[:20]


def _written(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
