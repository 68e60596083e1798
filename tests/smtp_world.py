"""A real mail server for the tests, whose temper can be set: slow, forgetful, strict."""

# ruff: noqa: ARG002  the hooks have the shape aiosmtpd calls them by
from __future__ import annotations

import asyncio
import datetime
import ipaddress
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID


@dataclass
class Temper:
    """How the server behaves. Replies are lines of SMTP; none of them set: it takes everything.

    `hold`: seconds before the reply to a mail's end. `drop`: at which command, or at `content`
    (after the mail, before its reply), the line is cut.
    """

    mail: str = ""
    rcpt: str = ""
    done: str = ""
    hold: float = 0.0
    drop: str = ""
    smtputf8: bool = True
    pipelining: bool = False


@dataclass
class MailServer:
    """`taken`: the mails, each with its envelope. `commands`: how many lines came in."""

    port: int = 0
    temper: Temper = field(default_factory=Temper)
    taken: list[Envelope] = field(default_factory=list)
    sessions: int = 0
    signed_in: list[str] = field(default_factory=list)
    release: threading.Event = field(default_factory=threading.Event)

    # the hooks of aiosmtpd

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, replies: list[str]
    ) -> list[str]:
        self.sessions += 1
        session.host_name = hostname
        more = ["250-PIPELINING"] if self.temper.pipelining else []
        return [*replies[:-1], *more, replies[-1]]

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.temper.drop == "mail":
            _cut(server)
        if self.temper.mail:
            return self.temper.mail
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.temper.drop == "rcpt":
            _cut(server)
        if self.temper.rcpt:
            return self.temper.rcpt
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.temper.hold:
            for _ in range(int(self.temper.hold / 0.01)):
                if self.release.is_set():
                    break
                await asyncio.sleep(0.01)
        if self.temper.done:
            return self.temper.done
        self.taken.append(envelope)
        if self.temper.drop == "content":
            _cut(server)
        return f"250 2.0.0 OK queued as A1B2C3{len(self.taken):04d}"


def _cut(server: SMTP) -> None:
    transport: Any = server.transport
    transport.abort()


class _AnyPort(Controller):
    """At a port of the system's choice, which is known once the server listens."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def mail_server(
    folder: Path, *, tls: str = "", password: str = "", temper: Temper | None = None
) -> Iterator[tuple[MailServer, ssl.SSLContext]]:
    """A server on this machine, and a context that trusts it. `tls`: "", "starttls" or "tls"."""
    found = MailServer(temper=temper or Temper())
    server_side, client_side = certificate(folder)

    def sign_in(
        server: SMTP, session: Session, envelope: Envelope, how: str, data: Any
    ) -> AuthResult:
        good = data.password == password.encode()
        if good:
            found.signed_in.append(data.login.decode())
        return AuthResult(success=good, handled=False)

    options: dict[str, Any] = {"enable_SMTPUTF8": found.temper.smtputf8}
    if tls == "starttls":
        options |= {"tls_context": server_side, "require_starttls": True}
    if password:
        options |= {"authenticator": sign_in, "auth_require_tls": bool(tls == "starttls")}
    controller = _AnyPort(
        found,
        hostname="127.0.0.1",
        port=0,
        ssl_context=server_side if tls == "tls" else None,
        server_hostname="mail.test",
        **options,
    )
    controller.start()
    try:
        found.port = controller.port
        yield found, client_side
    finally:
        found.release.set()
        controller.stop()


_certificates: dict[str, tuple[ssl.SSLContext, ssl.SSLContext]] = {}


def certificate(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A certificate for this machine: the server's context, and one that trusts it alone."""
    if "it" in _certificates:
        return _certificates["it"]
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.test")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=2))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    file = folder / "mail.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + pem
    )
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(file)
    client_side = ssl.create_default_context(cadata=pem.decode())
    _certificates["it"] = server_side, client_side
    return _certificates["it"]
