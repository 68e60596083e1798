"""A person: nothing is sent. Journeys put a task on a list; this is what the task says."""

from __future__ import annotations

from dataclasses import dataclass

from enishi.book.jsontext import dumps
from enishi.messages.channels.port import Account, Outcome, Outgoing, Refused


@dataclass(frozen=True, slots=True)
class PersonChannel:
    """Prepares the task's text; handing it over is refused, as no machine does that."""

    account: Account

    name = "person"
    channel = "person"
    dedupes = True
    workers = 1

    def prepare(self, outgoing: Outgoing) -> bytes:
        """JSON: title and text."""
        rendered = outgoing.rendered
        return dumps({"title": rendered.subject, "text": rendered.text}).encode()

    def open(self) -> PersonConnection:
        return PersonConnection()

    def wait_for(self, address: str) -> float:  # noqa: ARG002  the channels' common shape
        return 0.0


@dataclass(frozen=True, slots=True)
class PersonConnection:
    """Takes nothing."""

    def send(self, prepared: bytes, outgoing: Outgoing) -> Outcome:  # noqa: ARG002  as above
        return Refused("no_task")

    def close(self) -> None:
        """Nothing is open."""
