"""Channels that hand over one HTTP request: how answers and missing answers become outcomes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from enishi.book.outbound import Answer, Undeliverable, post
from enishi.book.workspace import current_workspace
from enishi.kernel.errors import Invalid
from enishi.messages.channels.port import Later, Outcome, Outgoing, Refused, Unknown

TIMEOUT = 20.0
"""Seconds that one request may take."""
BUSY = (429, 503)
"""The other side took nothing and asks to be asked again."""

Post: TypeAlias = Callable[[str, bytes, Mapping[str, str]], Answer]
_WAIT = 60.0
_LONGEST_WAIT = 3600.0


def guarded(allow: Sequence[str] | None = None) -> Post:
    """POST through the guard of outgoing requests; `allow` none: what enishi.toml names."""

    def ask(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        hosts = current_workspace().webhooks_allow if allow is None else allow
        return post(url, body, headers, allow=hosts, timeout=TIMEOUT)

    return ask


@dataclass(frozen=True, slots=True)
class HttpConnection:
    """A request of its own for each message: nothing stays open.

    `ask` sends what was prepared and reads the answer; `dedupes` as the channel has it.
    """

    ask: Callable[[bytes, Outgoing], Outcome]

    def send(self, prepared: bytes, outgoing: Outgoing) -> Outcome:
        try:
            return self.ask(prepared, outgoing)
        except Undeliverable as error:
            return missing_answer(error)
        except Invalid as error:
            return Refused(error.code)

    def close(self) -> None:
        """Nothing is open."""


def missing_answer(error: Undeliverable) -> Outcome:
    """What it means that no answer came."""
    if error.code == "refused_address":
        return Refused("url_refused")
    if error.handed:
        return Unknown("timeout" if error.code == "timeout" else "no_answer")
    return Later(error.code, _WAIT)


def busy(answer: Answer, *, whole_channel: bool = False) -> Later:
    """It asks to wait."""
    after = min(_LONGEST_WAIT, max(1.0, float(answer.retry_after or _WAIT)))
    return Later("rate" if answer.status == 429 else "try_later", after, whole_channel)
