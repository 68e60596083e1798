"""Reading ahead: what is due soon is given its values and made ready before a worker is free.

For each queue a window of deliveries is read, their values and addresses are asked for all at once,
and the messages are made. The window grows while it is emptied quickly, and shrinks where what was
made grows old unsent; so memory stays flat however many are queued.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from enishi.book.clock import now
from enishi.book.unit import work
from enishi.kernel.errors import EnishiError, NotFound
from enishi.messages.channels.port import Account, Outgoing
from enishi.messages.deliveries.service import on_postgresql
from enishi.messages.recipients import Recipient, recipients
from enishi.messages.senders.service import account_for
from enishi.messages.sending import claiming
from enishi.messages.sending.apart import Apart, Seated, fits
from enishi.messages.sending.claiming import Claim, Queue
from enishi.messages.sending.making import Batch, Draft, Made, MakeChannel, MakeLinks, learn, make
from enishi.messages.wording.readying import compiled
from enishi.messages.wording.rendering import Compiled, UnrenderableError
from enishi.messages.wording.values import Missing, values_for

SMALLEST, LARGEST = 64, 4000
MOST_BYTES = 48_000_000
"""Of messages made and not sent, in each queue."""

OLD_AFTER = 20.0
"""Seconds after which what was made is thrown away and read again."""

_BATCH = 100
_CHILD_FROM = 200
"""From so many on, a child process makes them."""

_CHILD_IDLE = 60.0


@dataclass(slots=True)
class Ready:
    """A delivery that can be attempted, or the verdict that it never will.

    `seat`: the child beside us that has made it and hands it over. Else `made` is here.
    """

    claim: Claim
    account: Account
    digest: str = ""
    address: str = field(default="", repr=False)
    made: Made | None = None
    seat: int | None = None
    suppressed: str = ""
    failed: str = ""
    read: float = 0.0  # monotonic
    decision: str = ""  # the gate's, by its id, once it has been handed over

    @property
    def sendable(self) -> bool:
        return not self.suppressed and not self.failed

    @property
    def seated(self) -> Seated | None:
        """As the children know it; None where it is made here."""
        if self.seat is None:
            return None
        return Seated(self.account, self.claim.id, self.seat)

    @property
    def outgoing(self) -> Outgoing:
        assert self.made is not None
        assert self.made.outgoing is not None
        return self.made.outgoing

    @property
    def prepared(self) -> bytes:
        return b"" if self.made is None else self.made.prepared


class Window:
    """What is ready in one queue, in order."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.ready: deque[Ready] = deque()
        self.known: set[str] = set()
        self.size = SMALLEST
        self.bytes = 0
        self.read = 0.0

    def low(self) -> bool:
        return len(self.ready) <= self.size // 2 and self.bytes < MOST_BYTES // 2


class Ahead:
    """The windows of all queues. `fill` runs in a thread of its own, `take` in the committer's."""

    def __init__(self, links: MakeLinks, channel: MakeChannel, apart: Apart) -> None:
        self._links, self._channel, self._apart = links, channel, apart
        self._windows: dict[Queue, Window] = {}
        self._lock = threading.Lock()

    def fill(self) -> bool:
        """Read on where a window runs low; whether anything was read."""
        found = False
        for queue in claiming.groups():
            try:
                account = account_for(*queue)
            except NotFound:
                continue  # waits for a sender of that name
            found |= self._fill(queue, account)
        self._apart.rest(_CHILD_IDLE)
        return found

    def queues(self) -> list[Queue]:
        """Those with anything ready, in one order whichever was opened first."""
        with self._lock:
            return sorted(queue for queue, window in self._windows.items() if window.ready)

    def take(self, queue: Queue, most: int) -> list[Ready]:
        """The first of a queue, in order; what has grown old is dropped. The caller gives each
        back by `done` once it is finished, or is to be read again."""
        oldest = time.monotonic() - OLD_AFTER
        taken: list[Ready] = []
        dropped: list[Seated] = []
        with self._lock:
            window = self._windows.get(queue)
            while window is not None and window.ready and len(taken) < most:
                one = window.ready.popleft()
                window.bytes -= len(one.prepared)
                if one.read < oldest:
                    window.known.discard(one.claim.id)
                    window.size = max(SMALLEST, window.size // 2)
                    if one.seated is not None:
                        dropped.append(one.seated)
                else:
                    taken.append(one)
        self._apart.drop(dropped)
        return taken

    def put_back(self, queue: Queue, items: Sequence[Ready]) -> None:
        """What was taken and not used, to the front."""
        with self._lock:
            window = self._windows.get(queue)
            if window is None:
                return
            window.ready.extendleft(reversed(items))
            window.bytes += sum(len(one.prepared) for one in items)

    def done(self, queue: Queue, ids: Iterable[str]) -> None:
        """These may be read again, if they are still queued."""
        with self._lock:
            window = self._windows.get(queue)
            if window is not None:
                window.known.difference_update(ids)

    def forget(self) -> None:
        """Drop everything that is ready: the book may have another mind."""
        with self._lock:
            self._windows.clear()

    def _fill(self, queue: Queue, account: Account) -> bool:
        with self._lock:
            window = self._windows.get(queue)
            if window is None or window.account.stamp != account.stamp:
                window = self._windows[queue] = Window(account)
            if not window.low():
                return False
            if time.monotonic() - window.read < OLD_AFTER / 10 and window.read:
                window.size = min(LARGEST, window.size * 2)
            known, most = set(window.known), window.size - len(window.ready)
        claims = _read(queue, known, most)
        window.read = time.monotonic()
        if not claims:
            return False
        with self._lock:
            window.known.update(claim.id for claim in claims)
        try:
            self._make(window, claims)
        except BaseException:
            with self._lock:
                window.known.difference_update(claim.id for claim in claims)
            raise
        return True

    def _make(self, window: Window, claims: Sequence[Claim]) -> None:
        instant, account = now(), window.account
        versions, verdicts = _versions(claims)
        drafts: list[Draft] = []
        digests: dict[str, str] = {}
        reached = recipients(claims[0].channel, [claim.person for claim in claims])
        for claim, values in _valued(claims, versions, instant):
            recipient = reached.get(claim.person)
            if isinstance(values, Missing):
                gone = values.fields == ("person",)
                verdicts[claim.id] = ("person.unknown" if gone else "fields.missing", "")
            elif recipient is None:
                verdicts[claim.id] = ("address.missing", "")
            else:
                digests[claim.id] = recipient.digest
                drafts.append(_draft(claim, values, recipient, instant, self._links))
        by_id = {claim.id: claim for claim in claims}
        self._add(
            window,
            [
                Ready(by_id[id_], account, suppressed=said, failed=broken, read=time.monotonic())
                for id_, (said, broken) in verdicts.items()
            ],
        )
        many = len(drafts) >= _CHILD_FROM or (self._apart.runs and len(drafts) > _BATCH)
        batches = [
            Batch(account, drafts[start : start + _BATCH], versions, self._channel)
            for start in range(0, len(drafts), _BATCH)
        ]
        if many and fits(account):
            begun = [(self._apart.begin(batch), batch) for batch in batches]
            for making, batch in begun:
                try:
                    failures = making.result()
                except EOFError:  # a child has died over it: made here
                    self._collect(window, by_id, digests, batch, *_made_here(batch))
                else:
                    self._collect(window, by_id, digests, batch, failures, {}, making.seats)
        else:
            for batch in batches:
                self._collect(window, by_id, digests, batch, *_made_here(batch))

    def _collect(
        self,
        window: Window,
        by_id: dict[str, Claim],
        digests: dict[str, str],
        batch: Batch,
        failures: Mapping[str, str],
        here: Mapping[str, Made],
        seats: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        """Keep what was made of a batch: `here`, or by the children in these `seats`."""
        read = time.monotonic()
        self._add(
            window,
            [
                Ready(
                    by_id[draft.delivery], window.account, digests[draft.delivery], draft.address,
                    here.get(draft.delivery), seats.get(draft.delivery),
                    failed=failures.get(draft.delivery, ""), read=read,
                )
                for draft in batch.drafts
            ],
        )  # fmt: skip

    def _add(self, window: Window, items: Sequence[Ready]) -> None:
        with self._lock:
            window.ready.extend(items)
            window.bytes += sum(len(one.prepared) for one in items)


def _made_here(batch: Batch) -> tuple[dict[str, str], dict[str, Made]]:
    """The failures and the messages of a batch, by delivery, made in this process."""
    learn(batch)
    made = {one.delivery: one for one in make(batch)}
    return {id_: one.failure for id_, one in made.items() if one.failure}, made


def _read(queue: Queue, known: set[str], most: int) -> list[Claim]:
    if on_postgresql():
        with work("sending.window"):  # it leases what it reads
            return claiming.window(queue, at=now(), known=known, most=most)
    return claiming.window(queue, at=now(), known=known, most=most)


def _versions(
    claims: Sequence[Claim],
) -> tuple[dict[str, Compiled], dict[str, tuple[str, str]]]:
    """The templates of these deliveries, and the failures of those that have none."""
    versions: dict[str, Compiled] = {}
    broken: dict[str, str] = {}
    for id_ in dict.fromkeys(claim.template_version for claim in claims):
        try:
            versions[id_] = compiled(id_)
        except UnrenderableError as error:
            broken[id_] = error.code
        except NotFound:
            broken[id_] = "template_broken"
        except EnishiError as error:
            broken[id_] = error.code
    verdicts = {
        claim.id: ("", broken[claim.template_version])
        for claim in claims
        if claim.template_version in broken
    }
    return versions, verdicts


def _valued(
    claims: Sequence[Claim], versions: dict[str, Compiled], at: datetime
) -> list[tuple[Claim, object]]:
    """Each delivery with its person's values, a question for each version.

    Somebody for whom several of one version are due is asked once for each, since what came with
    them may differ.
    """
    found: list[tuple[Claim, object]] = []
    for version, made in versions.items():
        rest = [claim for claim in claims if claim.template_version == version]
        while rest:
            once = {claim.person: claim for claim in reversed(rest)}
            given = {person: claim.given for person, claim in once.items() if claim.given}
            values = values_for(list(once), made, at, given)
            found += [(c, values.get(p, Missing(("person",)))) for p, c in once.items()]
            used = {claim.id for claim in once.values()}
            rest = [claim for claim in rest if claim.id not in used]
    order = {claim.id: place for place, claim in enumerate(claims)}
    return sorted(found, key=lambda item: order[item[0].id])


def _draft(
    claim: Claim, values: object, recipient: Recipient, at: datetime, links: MakeLinks
) -> Draft:
    assert isinstance(values, Mapping)
    return Draft(
        claim.id, claim.key, claim.person, claim.template_version, values, recipient.address,
        recipient.name, at, links(claim.id),
    )  # fmt: skip
