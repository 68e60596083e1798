"""Mails of the system itself. Without a mail server they are files in the workspace's mailbox."""

from __future__ import annotations

import os
from email.message import EmailMessage
from email.utils import format_datetime

from enishi.book.clock import now
from enishi.book.workspace import current_workspace
from enishi.kernel.ids import new_id
from enishi.kernel.text import Locale, Text


def send(to: str, subject: Text, body: Text, locale: Locale) -> None:
    """Write one mail, readable by the workspace's owner alone, to `var/mailbox/*.eml`."""
    workspace = current_workspace()
    message = EmailMessage()
    message["To"] = to
    message["From"] = f"Enishi <no-reply@{workspace.host}>"
    message["Subject"] = subject[locale]
    message["Date"] = format_datetime(now())
    message.set_content(body[locale])
    path = workspace.mailbox / f"{new_id('mail')}.eml"
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(message.as_bytes())
