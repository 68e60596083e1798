"""Mails: a file without a mail server, a conversation in SMTP with one, kept when it refuses."""

from __future__ import annotations

import email
import email.policy
import logging
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from enishi.book import mail
from enishi.book.mail_server import MailServer, read_mail_url
from enishi.book.workspace import Workspace, read_workspace, use_workspace
from enishi.kernel.errors import Invalid
from enishi.kernel.text import Text


class Postman(socketserver.StreamRequestHandler):
    """As much of RFC 5321 as a mail needs; the server keeps each line said and each mail."""

    server: PostOffice

    def handle(self) -> None:
        self.answer("220 post.example.jp")
        while line := self.rfile.readline().decode().strip():
            self.server.said.append(line)
            verb = line.partition(" ")[0].upper()
            if verb == "DATA":
                self.answer("354 go on")
                self.server.mails.append(self.mail())
            if verb == "RCPT" and self.server.refuses:
                self.answer("550 <hanako@example.jp> is unknown here")
            else:
                self.answer({"EHLO": "250 SIZE 1000000", "QUIT": "221 bye"}.get(verb, "250 ok"))
            if verb == "QUIT":
                return

    def answer(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())

    def mail(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line)
        return b"".join(lines)


class PostOffice(socketserver.ThreadingTCPServer):
    daemon_threads = True
    refuses = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Postman)
        self.said: list[str] = []
        self.mails: list[bytes] = []

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.server_address[1]}"


@pytest.fixture
def post() -> Iterator[PostOffice]:
    with PostOffice() as office:
        threading.Thread(target=office.serve_forever, daemon=True).start()
        yield office
        office.shutdown()


@contextmanager
def mailing(workspace: Workspace, url: str | None) -> Iterator[Workspace]:
    use_workspace(replace(workspace, mail_url=url, mail_from="縁 <no-reply@example.jp>"))
    try:
        yield workspace
    finally:
        use_workspace(workspace)


def send() -> None:
    sending = mail.send(
        "hanako@example.jp",
        Text("パスワードの再設定", "Set a new password"),
        Text("次のページで設定してください。\n", "Set it on this page.\n"),
        "ja",
    )
    if sending is not None:
        sending.join(10)
        assert not sending.is_alive()


def kept(workspace: Workspace) -> list[str]:
    return [
        str(email.message_from_bytes(path.read_bytes(), policy=email.policy.default)["Subject"])
        for path in workspace.mailbox.glob("*.eml")
    ]


def test_without_a_server_a_mail_is_a_file(workspace: Workspace) -> None:
    with mailing(workspace, None):
        send()
    assert kept(workspace) == ["パスワードの再設定"]


def test_with_a_server_it_is_handed_in(workspace: Workspace, post: PostOffice) -> None:
    with mailing(workspace, post.url):
        send()
    assert kept(workspace) == []
    assert any(line.upper().startswith("RCPT TO:<HANAKO@EXAMPLE.JP>") for line in post.said)
    found = email.message_from_bytes(post.mails[0], policy=email.policy.default)
    assert str(found["Subject"]) == "パスワードの再設定"
    assert str(found["From"]) == "縁 <no-reply@example.jp>"
    body = found.get_body()
    assert body is not None
    assert "次のページで" in body.get_content()


def test_what_the_server_refuses_is_kept_and_the_log_names_nobody(
    workspace: Workspace, post: PostOffice, caplog: pytest.LogCaptureFixture
) -> None:
    post.refuses = True
    with mailing(workspace, post.url), caplog.at_level(logging.ERROR):
        send()
    assert kept(workspace) == ["パスワードの再設定"]
    assert "SMTPRecipientsRefused" in caplog.text
    assert "hanako" not in caplog.text


def test_a_server_that_is_not_there_loses_nothing(workspace: Workspace) -> None:
    with mailing(workspace, "smtp://127.0.0.1:1"):
        send()
    assert kept(workspace) == ["パスワードの再設定"]


def test_a_password_is_never_sent_in_the_clear(workspace: Workspace, post: PostOffice) -> None:
    with mailing(workspace, post.url.replace("//", "//enishi:aikotoba@")):
        send()
    assert not any(line.upper().startswith(("AUTH", "MAIL")) for line in post.said)
    assert kept(workspace) == ["パスワードの再設定"]


def test_urls() -> None:
    assert read_mail_url("smtp://a%40b:p%2Fw@mail.example.jp") == MailServer(
        "mail.example.jp", 587, "a@b", "p/w"
    )
    assert read_mail_url("smtps://mail.example.jp").port == 465
    assert "p/w" not in repr(read_mail_url("smtp://u:p%2Fw@mail.example.jp"))
    for wrong in ("mail.example.jp", "http://mail.example.jp", "smtp://", "smtp://h:x", "smtp://["):
        with pytest.raises(Invalid):
            read_mail_url(wrong)


def test_the_workspace_says_where(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    file = workspace.root / "enishi.toml"
    file.write_text('[mail]\nurl = "smtp://mail.example.jp"\nfrom = "a@example.jp"\n')
    found = read_workspace(workspace.root)
    assert (found.mail_url, found.mail_from) == ("smtp://mail.example.jp", "a@example.jp")
    monkeypatch.setenv("ENISHI_SMTP_URL", "smtps://other.example.jp")
    assert read_workspace(workspace.root).mail_url == "smtps://other.example.jp"
    monkeypatch.setenv("ENISHI_SMTP_URL", "other.example.jp")
    with pytest.raises(Invalid) as refused:
        read_workspace(workspace.root)
    assert refused.value.faults[0].path == "mail.url"
