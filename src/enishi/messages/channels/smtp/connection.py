"""Handing over mails on one connection, made anew when it has broken."""

from __future__ import annotations

from enishi.messages.channels.mime import spelled
from enishi.messages.channels.port import Later, Outcome, Outgoing, Refused, Sent, Unknown
from enishi.messages.channels.smtp.rates import Rates
from enishi.messages.channels.smtp.replies import read_reply
from enishi.messages.channels.smtp.talk import AGAIN_SECONDS, Server, Talk, Unreachable, connect

_MOST_ON_ONE = 500  # mails on one connection, before it is made anew
_STAGES = (("mail", (250,)), ("rcpt", (250, 251)), ("data", (354,)))
"""The commands before a mail, and the codes that let the next one follow."""
_END = b".\r\n"


class SmtpConnection:
    """One connection, made when the first mail goes. `envelope_from` is where bounces go."""

    def __init__(self, server: Server, envelope_from: str, rates: Rates) -> None:
        self._server, self._rates = server, rates
        self._from = envelope_from
        self._talk: Talk | None = None
        self._sent = 0

    def send(self, prepared: bytes, outgoing: Outgoing) -> Outcome:
        """Hand over one mail. From the moment anything of the dot that ends it is written until
        the reply is read, whatever breaks leaves it unknown; before that nothing was taken."""
        wait = self._rates.take(outgoing.address)
        if wait > 0:
            return Later("domain_rate", wait)
        try:
            return self._deliver(prepared, outgoing.address)
        finally:
            self._rates.free(outgoing.address)

    def close(self) -> None:
        talk, self._talk, self._sent = self._talk, None, 0
        if talk is not None:
            talk.close()

    def _deliver(self, prepared: bytes, address: str) -> Outcome:
        fresh = self._talk is None
        try:
            if self._talk is None:
                self._talk = connect(self._server)
            talk = self._talk
            outcome = self._envelope(talk, address)
        except Unreachable as error:
            return error.outcome
        except OSError:
            self.close()
            if not fresh:  # the server had closed an idle connection: once more, on a new one
                return self._deliver(prepared, address)
            return Later("connection", AGAIN_SECONDS)
        return self._content(talk, prepared) if outcome is None else outcome

    def _envelope(self, talk: Talk, address: str) -> Outcome | None:
        """MAIL, RCPT and DATA; an outcome when one of them was refused. Nothing is taken yet."""
        recipient = spelled(address)
        options = ""
        if not recipient.isascii():
            if not talk.utf8:
                return Refused("utf8_unsupported")
            options = " SMTPUTF8 BODY=8BITMIME"
        commands = (
            f"MAIL FROM:<{self._from}>{options}\r\n".encode(),
            b"RCPT TO:<%b>\r\n" % recipient,
            b"DATA\r\n",
        )
        talk.wait(self._server.times.reply)
        if talk.pipelining:
            talk.say(b"".join(commands))
        wrong: Outcome | None = None
        refusal = code = 0
        for command, (stage, good) in zip(commands, _STAGES, strict=True):
            if not talk.pipelining:
                talk.say(command)
            code, text = talk.reply()
            if wrong is None and code not in good:
                wrong, refusal = read_reply(code, text, stage), code
                if not talk.pipelining:
                    break
        if wrong is None:
            return None
        if code == 354:  # it waits for a mail to nobody
            talk.say(_END)
            talk.reply()
        self._begin_again(talk, refusal)
        return wrong

    def _content(self, talk: Talk, prepared: bytes) -> Outcome:
        whole = prepared if prepared.endswith(b"\r\n") else prepared + b"\r\n"
        whole = whole.replace(b"\r\n.", b"\r\n..")
        if whole.startswith(b"."):
            whole = b"." + whole
        seconds = self._server.times.done
        try:
            talk.wait(seconds)
            said = talk.say_counted(whole + _END, seconds)
        except OSError:
            said = 0
        if said <= len(whole):
            self.close()  # without the dot that ends it, it is no mail
            return Later("connection", AGAIN_SECONDS)
        try:
            code, text = talk.reply()
        except OSError:
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
        self._begin_again(talk, code)
        return read_reply(code, text, "done")

    def _begin_again(self, talk: Talk, code: int) -> None:
        """Leave the transaction that was refused."""
        try:
            if code != 421:
                talk.say(b"RSET\r\n")
                if talk.reply()[0] == 250:
                    return
        except OSError:
            pass  # the connection has broken: made anew for the next one
        self.close()


def _queue_id(text: bytes) -> str:
    """What the server calls the mail: the last word that looks like an id, without its sentence."""
    for word in reversed(text.decode("ascii", "replace").split()):
        found = word.strip("<>.;,()")
        if len(found) >= 6 and any(c.isdigit() for c in found) and "@" not in found:
            return found[:200]
    return ""
