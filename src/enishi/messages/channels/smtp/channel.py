"""Mail by SMTP."""

from __future__ import annotations

import smtplib
import socket
import ssl
from dataclasses import dataclass, field
from functools import cached_property

from enishi.messages.channels.port import Account, Later, Outcome, Outgoing, Refused, Sent, Unknown
from enishi.messages.channels.smtp.rates import Rates
from enishi.messages.channels.smtp.replies import read_reply
from enishi.messages.dkim import Signer
from enishi.messages.mime import Letter, build, spelled

CONNECT_SECONDS = 20.0
REPLY_SECONDS = 60.0
"""How long a reply may take; the one after the mail's end may take `DONE_SECONDS`."""
DONE_SECONDS = 120.0
_AGAIN_SECONDS = 30.0
_MOST_ON_ONE = 500  # mails on one connection, before it is made anew
_GOOD = {"mail": (250,), "rcpt": (250, 251), "data": (354,)}


@dataclass
class SmtpChannel:
    """An account with a mail server. `seconds` are the three times above, for tests."""

    account: Account
    seconds: tuple[float, float, float] = (CONNECT_SECONDS, REPLY_SECONDS, DONE_SECONDS)
    context: ssl.SSLContext | None = None
    rates: Rates = field(init=False)

    name = "smtp"
    channel = "email"
    dedupes = False  # a mail server takes the same mail twice

    def __post_init__(self) -> None:
        self.rates = Rates(self.account.config.get("rates") or {})

    @property
    def workers(self) -> int:
        return int(self.account.config.get("connections", 4))

    @cached_property
    def _signer(self) -> Signer | None:
        config, key = self.account.config, self.account.secrets.get("dkim_key")
        if not key or not config.get("dkim_domain"):
            return None
        return Signer(str(config["dkim_domain"]), str(config["dkim_selector"]), key)

    @property
    def envelope_from(self) -> str:
        """Where bounces go."""
        config = self.account.config
        return str(config.get("return_path") or config["from_address"])

    def prepare(self, outgoing: Outgoing) -> bytes:
        """The mail, signed where there is a key to sign with."""
        config, rendered = self.account.config, outgoing.rendered
        from_address = str(config["from_address"])
        mail = build(
            Letter(
                from_name=rendered.sender_name or str(config.get("from_name", "")),
                from_address=from_address,
                to_name=outgoing.name,
                to_address=outgoing.address,
                subject=rendered.subject,
                html=rendered.html,
                text=rendered.text,
                message_id=f"{outgoing.delivery}@{from_address.rpartition('@')[2]}",
                at=outgoing.at,
                reply_to=rendered.reply_to or str(config.get("reply_to", "")),
                unsubscribe=outgoing.unsubscribe,
                charset=rendered.charset,
                more=outgoing.headers,
            )
        )
        if self._signer is None:
            return mail.as_bytes()
        signed_at = int(outgoing.at.timestamp())
        return mail.as_bytes(self._signer.signature(mail.headers, mail.body, signed_at))

    def open(self) -> SmtpConnection:
        return SmtpConnection(self)

    def wait_for(self, address: str) -> float:
        return self.rates.wait_for(address)


class Unreachable(Exception):
    """There is no connection to be had; what that means for whatever was to be sent."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__()
        self.outcome = outcome


class SmtpConnection:
    """One connection, made when the first mail goes and made anew when it has broken."""

    def __init__(self, channel: SmtpChannel) -> None:
        self._channel = channel
        self._smtp: smtplib.SMTP | None = None
        self._sent = 0

    def send(self, prepared: bytes, outgoing: Outgoing) -> Outcome:
        """Hand over one mail. From the moment its last byte is written until the reply is read,
        whatever breaks leaves it unknown; before that nothing has been taken."""
        wait = self._channel.rates.take(outgoing.address)
        if wait > 0:
            return Later("domain_rate", wait)
        try:
            return self._deliver(prepared, outgoing.address)
        finally:
            self._channel.rates.free(outgoing.address)

    def _deliver(self, prepared: bytes, address: str) -> Outcome:
        fresh = self._smtp is None
        try:
            smtp = self._connected()
            outcome = self._envelope(smtp, address)
        except Unreachable as error:
            return error.outcome
        except (OSError, smtplib.SMTPException):
            self.close()
            if not fresh:  # the server had closed an idle connection: once more, on a new one
                return self._deliver(prepared, address)
            return Later("connection", _AGAIN_SECONDS)
        if outcome is not None:
            return outcome
        return self._content(smtp, prepared)

    def _envelope(self, smtp: smtplib.SMTP, address: str) -> Outcome | None:
        """MAIL, RCPT and DATA; an outcome when one of them was refused. Nothing is taken yet."""
        recipient = spelled(address).decode()
        options = ""
        if not recipient.isascii():
            if not smtp.has_extn("smtputf8"):
                return Refused("utf8_unsupported")
            options = " SMTPUTF8 BODY=8BITMIME"
        commands = (
            ("mail", f"MAIL FROM:<{self._channel.envelope_from}>{options}\r\n"),
            ("rcpt", f"RCPT TO:<{recipient}>\r\n"),
            ("data", "DATA\r\n"),
        )
        if not smtp.has_extn("pipelining"):
            for stage, command in commands:
                smtp.send(command.encode())
                code, text = smtp.getreply()
                if code not in _GOOD[stage]:
                    self._begin_again(smtp, code)
                    return read_reply(code, text, stage)
            return None
        smtp.send("".join(command for _, command in commands).encode())
        replies = [(stage, *smtp.getreply()) for stage, _ in commands]
        wrong = next((one for one in replies if one[1] not in _GOOD[one[0]]), None)
        if wrong is None:
            return None
        if replies[-1][1] == 354:  # it waits for a mail to nobody
            smtp.send(b".\r\n")
            smtp.getreply()
        self._begin_again(smtp, wrong[1])
        return read_reply(wrong[1], wrong[2], wrong[0])

    def _content(self, smtp: smtplib.SMTP, prepared: bytes) -> Outcome:
        whole = prepared if prepared.endswith(b"\r\n") else prepared + b"\r\n"
        whole = whole.replace(b"\r\n.", b"\r\n..")
        if whole.startswith(b"."):
            whole = b"." + whole
        assert smtp.sock is not None
        try:
            smtp.send(whole)
        except (OSError, smtplib.SMTPException):
            self.close()  # without the dot that ends it, it is no mail
            return Later("connection", _AGAIN_SECONDS)
        try:
            smtp.sock.settimeout(self._channel.seconds[2])
            smtp.send(b".\r\n")
            code, text = smtp.getreply()
            smtp.sock.settimeout(self._channel.seconds[1])
        except (OSError, smtplib.SMTPException):
            # The server may have it all: whether it took it, nobody can tell.
            self.close()
            return Unknown("no_answer")
        self._sent += 1
        if 200 <= code < 300:
            if self._sent >= _MOST_ON_ONE:
                self.close()
            return Sent(_queue_id(text))
        if code < 400:  # no reply that SMTP knows
            self.close()
            return Unknown("no_answer")
        self._begin_again(smtp, code)
        return read_reply(code, text, "done")

    def _begin_again(self, smtp: smtplib.SMTP, code: int) -> None:
        """Leave the transaction that was refused."""
        if code == 421:
            self.close()
            return
        try:
            if smtp.rset()[0] != 250:
                self.close()
        except (OSError, smtplib.SMTPException):
            self.close()

    def close(self) -> None:
        smtp, self._smtp, self._sent = self._smtp, None, 0
        if smtp is None:
            return
        try:
            if smtp.sock is not None:
                smtp.sock.settimeout(1.0)
                smtp.quit()
        except (OSError, smtplib.SMTPException):
            smtp.close()

    # ── connecting ───────────────────────────────────────────────────────────────────────────────

    def _connected(self) -> smtplib.SMTP:
        if self._smtp is None:
            self._smtp = self._connect()
            self._sent = 0
        return self._smtp

    def _connect(self) -> smtplib.SMTP:
        """Connect and sign in. Raises Unreachable with what it means.

        A name and a password are never sent in the clear.
        """
        config, secrets = self._channel.account.config, self._channel.account.secrets
        security, user = str(config.get("security", "starttls")), str(config.get("user", ""))
        host, port = str(config["host"]).strip("[]"), int(config.get("port", 587))
        connect, reply, _ = self._channel.seconds
        ours = str(config["from_address"]).rpartition("@")[2]  # how we introduce ourselves
        smtp: smtplib.SMTP | None = None
        try:
            if security == "tls":
                smtp = smtplib.SMTP_SSL(host, port, ours, timeout=connect, context=self._context())
            else:
                smtp = smtplib.SMTP(host, port, ours, timeout=connect)
            smtp.ehlo_or_helo_if_needed()
            if security == "starttls":
                if not smtp.has_extn("starttls"):
                    raise Unreachable(Later("no_tls", 600.0, whole_channel=True))
                smtp.starttls(context=self._context())
                smtp.ehlo()
            if user:
                if security == "none":
                    raise Unreachable(Later("no_tls", 600.0, whole_channel=True))
                smtp.login(user, secrets.get("password", ""))
            assert smtp.sock is not None
            smtp.sock.settimeout(reply)
            # A mail and the dot at its end are two writes: neither is to wait for the other.
            smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return smtp
        except BaseException as error:
            if smtp is not None:
                smtp.close()
            outcome = _unreachable(error)
            if outcome is None:
                raise
            raise Unreachable(outcome) from None

    def _context(self) -> ssl.SSLContext:
        return self._channel.context or ssl.create_default_context()


def _unreachable(error: BaseException) -> Outcome | None:
    """What it means that there was no connection to be had; None: it is not about that."""
    if isinstance(error, Unreachable):
        return error.outcome
    if isinstance(error, smtplib.SMTPAuthenticationError):
        temporary = 400 <= error.smtp_code < 500
        return Later("try_later" if temporary else "credentials", 300.0, whole_channel=True)
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return Later("credentials", 600.0, whole_channel=True)
    if isinstance(error, ssl.SSLCertVerificationError):
        return Later("certificate", 600.0, whole_channel=True)
    if isinstance(error, TimeoutError):
        return Later("timeout", _AGAIN_SECONDS, whole_channel=True)
    if isinstance(error, OSError | smtplib.SMTPException):
        return Later("connection", _AGAIN_SECONDS, whole_channel=True)
    return None


def _queue_id(text: bytes) -> str:
    """What the server calls the mail: the last word that looks like an id, without its sentence."""
    for word in reversed(text.decode("ascii", "replace").split()):
        found = word.strip("<>.;,()")
        if len(found) >= 6 and any(c.isdigit() for c in found) and "@" not in found:
            return found[:200]
    return ""
