"""The mail server of a workspace: read from its URL, spoken to by SMTP."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from enishi.kernel.errors import Invalid
from enishi.kernel.text import Text

_SECONDS = 20.0
_PORTS = {"smtp": 587, "smtps": 465}


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mails are handed in. `wrapped`: TLS from the first byte (smtps), else STARTTLS."""

    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    wrapped: bool = False

    def send(self, message: EmailMessage) -> None:
        """Hand in one mail. Raises OSError or smtplib.SMTPException when it is not taken.

        A name and a password are never sent in the clear: without TLS the mail is not sent.
        """
        with self._connected() as smtp:
            if self.user:
                smtp.login(self.user, self.password)
            smtp.send_message(message)

    def _connected(self) -> smtplib.SMTP:
        if self.wrapped:
            return smtplib.SMTP_SSL(
                self.host, self.port, timeout=_SECONDS, context=ssl.create_default_context()
            )
        smtp = smtplib.SMTP(self.host, self.port, timeout=_SECONDS)
        try:
            smtp.ehlo()
            if smtp.has_extn("starttls"):
                smtp.starttls(context=ssl.create_default_context())
                smtp.ehlo()
            elif self.user:
                raise smtplib.SMTPNotSupportedError("STARTTLS is not offered")
        except BaseException:
            smtp.close()
            raise
        return smtp


def read_mail_url(url: str) -> MailServer:
    """The server of `smtp://user:password@host:587` or `smtps://…:465`; raises Invalid `mail_url`.

    Signs such as @ or / in the password are written %40 and %2F.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _unreadable() from None
    if parts.scheme not in _PORTS or not parts.hostname or parts.path.strip("/") or parts.query:
        raise _unreadable()
    return MailServer(
        host=parts.hostname,
        port=port or _PORTS[parts.scheme],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        wrapped=parts.scheme == "smtps",
    )


def _unreadable() -> Invalid:
    return Invalid(
        Text("メールサーバーの URL が読めません。", "The URL of the mail server cannot be read."),
        Text(
            "`smtp://利用者:パスワード@ホスト:587` の形で書いてください。",
            "Write it as `smtp://user:password@host:587`.",
        ),
        code="mail_url",
    )
