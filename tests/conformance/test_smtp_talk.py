"""Replies as a server may write them, word by word, and as none should."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from channel_world import account, mail
from enishi.messages.channels.port import Later, Outcome, Refused, Sent, Unknown
from enishi.messages.channels.smtp.channel import SmtpChannel
from enishi.messages.channels.smtp.talk import Times, _unreachable
from smtp_world import certificate

GREETING = [b"220 here\r\n", b"250-here\r\n250-PIPELINING\r\n250 8BITMIME\r\n"]
GOOD = [b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n", b"250 2.0.0 queued as A1B2C3D4\r\n"]


@contextmanager
def speaking(replies: list[bytes]) -> Iterator[int]:
    """A server that reads as far as each reply needs, and says them in this order; then it ends."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            line, _ = server.accept()
            with line, line.makefile("rb") as told:
                for place, reply in enumerate(replies):
                    if place == len(GREETING) + 3:  # a mail: to the dot
                        while told.readline() not in (b".\r\n", b""):
                            pass
                    elif place:
                        told.readline()
                    line.sendall(reply)

        talking = threading.Thread(target=serve, daemon=True)
        talking.start()
        yield server.getsockname()[1]
        talking.join(10)


def outcome_of(replies: list[bytes]) -> Outcome:
    with speaking([*GREETING, *replies]) as port:
        told = {
            "host": "127.0.0.1", "port": port, "security": "none",
            "from_address": "info@bank.test", "from_name": "日の出銀行",
        }  # fmt: skip
        way = SmtpChannel(account("smtp", "email", told, {}), Times(2.0, 2.0, 0.4))
        connection = way.open()
        try:
            return connection.send(way.prepare(mail()), mail())
        finally:
            connection.close()


@pytest.mark.parametrize(
    ("replies", "outcome"),
    [
        (GOOD, Sent("A1B2C3D4")),
        ([b"250-a\r\n250-b\n250 c\n", *GOOD[1:]], Sent("A1B2C3D4")),
        ([*GOOD[:3], b"250-2.0.0 taken\r\n250 as A1B2C3D4\r\n"], Sent("A1B2C3D4")),
        ([b"what\r\n", *GOOD[1:3]], Later("connection", 30.0)),
        ([b"2500 ok\r\n2" * 9000], Later("connection", 30.0)),
        ([b"250-more\r\n" * 9000], Later("connection", 30.0)),
        ([b"x" * 100_000], Later("connection", 30.0)),
        ([*GOOD[:3], b"taken\r\n"], Unknown("no_answer")),
        ([*GOOD[:3], b"250-never ending"], Unknown("no_answer")),
        ([*GOOD[:3], b"354 more\r\n"], Unknown("no_answer")),
        ([*GOOD[:3]], Unknown("no_answer")),
        ([GOOD[0], b"550 5.1.1 nobody\r\n", b"554 no\r\n", b"250 reset\r\n"],
         Refused("mailbox_unknown", stops_address=True)),
    ],
    ids=["good", "several lines", "several lines at the end", "no code", "code of four", "endless",
         "one endless line", "no code at the end", "not ended", "not an end", "gone", "refused"],
)  # fmt: skip
def test_replies_are_read_whole_or_not_believed(replies: list[bytes], outcome: Outcome) -> None:
    assert outcome_of(replies) == outcome


@contextmanager
def swallowing(pace: float, trusted: ssl.SSLContext | None = None) -> Iterator[int]:
    """A server that asks for a mail and then reads little of it: nothing, or so often some."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            line, _ = server.accept()
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
            if trusted is not None:
                line = trusted.wrap_socket(line, server_side=True)
            with line, suppress(OSError):
                line.sendall(GREETING[0])
                line.recv(1000)
                line.sendall(GREETING[1])
                line.recv(1000)
                line.sendall(b"".join(GOOD[:3]))
                while not over.wait(pace or 30):
                    line.recv(10_000)

        talking = threading.Thread(target=serve, daemon=True)
        talking.start()
        yield server.getsockname()[1]
        over.set()
        talking.join(10)


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("pace", [0.0, 0.02], ids=["deaf", "slow"])
def test_a_mail_that_is_not_read_to_its_end_was_not_taken(
    tmp_path: Path, tls: bool, pace: float
) -> None:
    """It goes again, and the line is not held for longer than a mail may take."""
    server_side, client_side = certificate(tmp_path)
    with swallowing(pace, server_side if tls else None) as port:
        told = {
            "host": "127.0.0.1", "port": port, "security": "tls" if tls else "none",
            "from_address": "info@bank.test", "from_name": "日の出銀行",
        }  # fmt: skip
        way = SmtpChannel(account("smtp", "email", told, {}), Times(2.0, 2.0, 0.4), client_side)
        connection = way.open()
        try:
            outcome = connection.send(b"Subject: x\r\n\r\n" + b"x" * 76 * 300_000, mail())
        finally:
            connection.close()
    assert outcome == Later("connection", 30.0)


def test_a_password_beyond_ascii_keeps_mails_queued() -> None:
    """The standard library cannot sign in by one: nothing was handed over."""
    error = UnicodeEncodeError("ascii", "秘密", 0, 2, "ordinal not in range(128)")
    assert _unreachable(error) == Later("credentials", 600.0, whole_channel=True)
