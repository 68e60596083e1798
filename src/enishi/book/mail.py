"""Mails of the system itself: by the workspace's mail server, else as files in its mailbox."""

from __future__ import annotations

import logging
import os
import smtplib
import threading
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

from enishi.book.clock import now
from enishi.book.mail_server import MailServer, read_mail_url
from enishi.book.workspace import Workspace, current_workspace
from enishi.kernel.ids import new_id
from enishi.kernel.text import Locale, Text

_log = logging.getLogger("enishi.book")


def send(to: str, subject: Text, body: Text, locale: Locale) -> threading.Thread | None:
    """Send one mail, in a thread where a mail server is set up: the asker does not wait for it.

    Whoever asks for a link then cannot tell by the time it takes whether there is such a user. A
    mail that the server does not take is kept in the mailbox, and the log says so.
    """
    workspace = current_workspace()
    message = EmailMessage()
    message["To"] = to
    message["From"] = workspace.mail_from or f"Enishi <no-reply@{_domain(workspace)}>"
    message["Subject"] = subject[locale]
    message["Date"] = format_datetime(now())
    message["Message-ID"] = make_msgid(domain=_domain(workspace))
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(body[locale])
    if workspace.mail_url is None:
        _keep(workspace, message)
        return None
    server = read_mail_url(workspace.mail_url)
    thread = threading.Thread(target=_hand_in, args=(server, workspace, message), name="mail")
    thread.start()
    return thread


def _hand_in(server: MailServer, workspace: Workspace, message: EmailMessage) -> None:
    try:
        server.send(message)
    except (OSError, smtplib.SMTPException) as error:
        _keep(workspace, message)
        # The kind alone: a server's answer repeats the address.
        _log.error("a mail was not taken (%s); it is in var/mailbox", type(error).__name__)


def _keep(workspace: Workspace, message: EmailMessage) -> None:
    """Write a mail to `var/mailbox/*.eml`, readable by the workspace's owner alone."""
    path = workspace.mailbox / f"{new_id('mail')}.eml"
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(message.as_bytes())


def _domain(workspace: Workspace) -> str:
    """What stands behind the @: the name by which browsers reach the server."""
    return workspace.url.partition("://")[2].partition("/")[0].partition(":")[0]
