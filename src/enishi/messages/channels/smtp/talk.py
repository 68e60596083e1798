"""A conversation with a mail server: begun by the standard library, carried on by few calls."""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
import struct
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from enishi.messages.channels.port import Later, Outcome

AGAIN_SECONDS = 30.0
_LONGEST_LINE = 8192
_REPLY = re.compile(rb"[0-9]{3}(?:[ \r-]|\Z)")
_MOST_LINES = 100  # of one reply


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds: to connect, until a reply, and until the reply to a mail's end."""

    connect: float = 20.0
    reply: float = 60.0
    done: float = 120.0


@dataclass(frozen=True, slots=True)
class Server:
    """Where mail is handed in, as the account has it."""

    config: Mapping[str, Any]
    secrets: Mapping[str, str]
    times: Times
    context: ssl.SSLContext | None = None


class Unreachable(Exception):
    """There is no connection to be had; what that means for whatever was to be sent."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__()
        self.outcome = outcome


class Talk:
    """What is said and replied on one connection, signed in. Whatever breaks raises OSError."""

    def __init__(self, smtp: smtplib.SMTP, sock: socket.socket) -> None:
        self._smtp, self.sock = smtp, sock
        self.pipelining = smtp.has_extn("pipelining")
        self.utf8 = smtp.has_extn("smtputf8")
        self._heard = b""

    def say(self, told: bytes) -> None:
        """Write it all."""
        self.sock.sendall(told)

    def say_counted(self, told: bytes, seconds: float) -> int:
        """Write it all, until it breaks or for so long; how many bytes may have left. Never
        raises."""
        whole, said = memoryview(told), 0
        until = time.monotonic() + seconds
        try:
            while said < len(whole) and time.monotonic() < until:
                said += self.sock.send(whole[said:])
        except OSError:
            pass  # nothing of the last write has left, or no record (TLS) that could be read
        return said

    def reply(self) -> tuple[int, bytes]:
        """The next reply: its code and its text, lines parted by a line break."""
        texts: list[bytes] = []
        while True:
            line = self._line()
            texts.append(line[4:].strip(b" \t\r"))
            if _REPLY.match(line) is None or len(texts) > _MOST_LINES:
                raise ConnectionError("no reply of SMTP")
            if line[3:4] != b"-":
                return int(line[:3]), b"\n".join(texts)

    def _line(self) -> bytes:
        while (end := self._heard.find(b"\n")) < 0:
            if len(self._heard) > _LONGEST_LINE:
                raise ConnectionError("no line of SMTP")
            said = self.sock.recv(_LONGEST_LINE)
            if not said:
                raise ConnectionError("closed")
            self._heard += said
        line, self._heard = self._heard[:end], self._heard[end + 1 :]
        return line

    def wait(self, seconds: float) -> None:
        """How long each write and each part of a reply may take from now on."""
        if isinstance(self.sock, ssl.SSLSocket):
            self.sock.settimeout(seconds)
            return
        # The kernel keeps the time: the library would ask it twice for every write and reply, and
        # with each question another thread takes the interpreter.
        if self.sock.gettimeout() is not None:
            self.sock.settimeout(None)
        whole = int(seconds)
        span = struct.pack("@ll", whole, max(1, int((seconds - whole) * 1_000_000)))
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, span)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, span)

    def close(self) -> None:
        """Take leave, and end; never raises."""
        try:
            self.wait(1.0)
            self.say(b"QUIT\r\n")
            self.reply()
        except OSError:
            pass  # it is over anyhow
        self._smtp.close()


def connect(server: Server) -> Talk:
    """Connect and sign in. Raises Unreachable with what it means.

    A name and a password are never sent in the clear.
    """
    config = server.config
    security, user = str(config.get("security", "starttls")), str(config.get("user", ""))
    host, port = str(config["host"]).strip("[]"), int(config.get("port", 587))
    ours = str(config["from_address"]).rpartition("@")[2]  # how we introduce ourselves
    context = server.context or ssl.create_default_context()
    seconds = server.times.connect
    smtp: smtplib.SMTP | None = None
    try:
        if security == "tls":
            smtp = smtplib.SMTP_SSL(host, port, ours, timeout=seconds, context=context)
        else:
            smtp = smtplib.SMTP(host, port, ours, timeout=seconds)
        smtp.ehlo_or_helo_if_needed()
        if security == "starttls":
            if not smtp.has_extn("starttls"):
                raise Unreachable(Later("no_tls", 600.0, whole_channel=True))
            smtp.starttls(context=context)
            smtp.ehlo()
        if user:
            if security == "none":
                raise Unreachable(Later("no_tls", 600.0, whole_channel=True))
            smtp.login(user, server.secrets.get("password", ""))
        if smtp.sock is None:
            raise ConnectionError("closed")
        # Commands and a mail are writes of their own: none is to wait for another one's answer.
        smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return Talk(smtp, smtp.sock)
    except BaseException as error:
        if smtp is not None:
            smtp.close()
        outcome = _unreachable(error)
        if outcome is None:
            raise
        raise Unreachable(outcome) from None


def _unreachable(error: BaseException) -> Outcome | None:
    """What it means that there was no connection to be had; None: it is not about that."""
    if isinstance(error, Unreachable):
        return error.outcome
    if isinstance(error, smtplib.SMTPAuthenticationError):
        temporary = 400 <= error.smtp_code < 500
        return Later("try_later" if temporary else "credentials", 300.0, whole_channel=True)
    # A name or a password beyond ASCII is more than smtplib can sign in by.
    if isinstance(error, smtplib.SMTPNotSupportedError | UnicodeError):
        return Later("credentials", 600.0, whole_channel=True)
    if isinstance(error, ssl.SSLCertVerificationError):
        return Later("certificate", 600.0, whole_channel=True)
    if isinstance(error, TimeoutError):
        return Later("timeout", AGAIN_SECONDS, whole_channel=True)
    if isinstance(error, OSError | smtplib.SMTPException):
        return Later("connection", AGAIN_SECONDS, whole_channel=True)
    return None
