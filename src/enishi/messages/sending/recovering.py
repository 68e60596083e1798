"""What the dead left: deliveries that a process was attempting when it ended.

A provider that recognises our key is asked again; for any other nobody can know whether the message
left, so its end is unknown, listed, and it is never sent again by itself.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from datetime import datetime

from django.db import connection

from enishi.gate.book_rows import maybe_instant, rows
from enishi.kernel.errors import EnishiError
from enishi.messages.deliveries.service import lock_walks
from enishi.messages.senders.service import account_for
from enishi.messages.sending.claiming import CLAIM, LEASE, TABLE, Claim, Off, attempted, claim_of
from enishi.messages.sending.making import MakeChannel
from enishi.messages.sending.rounds import Round, unanswered


def look(
    unit: Round, worker: str, in_hand: Collection[str], channel: MakeChannel, *, everyone: bool
) -> None:
    """Find, in the unit that is open, what came to no end: marks of our own whose commit was not
    answered, and what other processes left. `everyone`: no process but this one can be alive."""
    unsent = _unsent_of(worker, in_hand)
    left = _abandoned(worker, at=unit.at, everyone=everyone)
    lock_walks(claim.enrollment for claim in (*unsent, *left))  # walks before deliveries
    still = attempted([claim.id for claim in (*unsent, *left)])
    for claim in unsent:  # marked, and never handed over
        if claim.id not in still:
            continue
        unit.off.append(Off(claim, unit.at, "", claim.attempts - 1))
        unit.back.append(claim.source)
    for claim in left:
        if claim.id in still:
            unanswered(unit, claim, _dedupes(claim, channel), "stopped", claim.attempts)


def _dedupes(claim: Claim, make: MakeChannel) -> bool:
    try:
        return make(account_for(claim.channel, claim.sender)).dedupes
    except EnishiError:
        return False  # the sender is gone: nobody could tell


def renew(worker: str, *, at: datetime) -> None:
    """Say that this worker lives: what it attempts stays its own."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {TABLE} SET lease_until = %s WHERE state = 'attempting' AND worker = %s",
            [connection.ops.adapt_datetimefield_value(at + LEASE), worker],
        )


def _abandoned(worker: str, *, at: datetime, everyone: bool) -> list[Claim]:
    """What dead processes were attempting. `everyone`: nobody but this one can be alive.

    A process of this machine that is gone is dead at once; one of another machine when it has not
    been heard of for `LEASE`.
    """
    found = rows(
        f"SELECT {CLAIM}, worker, lease_until FROM {TABLE}"
        f" WHERE state = 'attempting' AND worker <> %s LIMIT 500",
        [worker],
    )
    host = worker.split(":", 1)[0]
    return [
        claim_of(row[:-2])
        for row in found
        if everyone or _gone(str(row[-2]), host) or (maybe_instant(row[-1]) or at) <= at
    ]


def _gone(worker: str, host: str) -> bool:
    """Whether a worker of this machine has ended."""
    name, _, rest = worker.partition(":")
    pid = rest.partition(":")[0]
    if name != host or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def _unsent_of(worker: str, in_hand: Collection[str]) -> list[Claim]:
    """What is marked as this worker's and is not in its hands: a commit whose answer was lost."""
    found = rows(
        f"SELECT {CLAIM} FROM {TABLE} WHERE state = 'attempting' AND worker = %s", [worker]
    )
    return [claim for claim in map(claim_of, found) if claim.id not in in_hand]
