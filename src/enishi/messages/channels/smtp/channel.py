"""Mail by SMTP."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from functools import cached_property

from enishi.messages.channels.dkim import Signer
from enishi.messages.channels.mime import Letter, build
from enishi.messages.channels.port import Account, Outgoing
from enishi.messages.channels.smtp.connection import SmtpConnection
from enishi.messages.channels.smtp.rates import Rates
from enishi.messages.channels.smtp.talk import Server, Times


@dataclass
class SmtpChannel:
    """An account with a mail server. `times` and `context` are set by tests."""

    account: Account
    times: Times = field(default_factory=Times)
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
        return mail.as_bytes(
            self._signer.signature(mail.headers, mail.body, signed_at, relaxed=mail.relaxed)
        )

    def open(self) -> SmtpConnection:
        server = Server(self.account.config, self.account.secrets, self.times, self.context)
        return SmtpConnection(server, self.envelope_from, self.rates)

    def wait_for(self, address: str) -> float:
        return self.rates.wait_for(address)
