"""Providers that nobody can run here, as servers on this machine that check what they are sent.

Each holds to what the service publishes (paths, headers, the shape of bodies) and answers as it
does; what breaks the contract is kept in `faults` and answered with 400.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import http_ece
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from py_vapid import Vapid02

from enishi.book.outbound import Answer, post

Reply = tuple[int, Mapping[str, str], bytes]


@dataclass
class Call:
    """One request as it came."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Provider:
    """`contract` checks a call and answers it; `mood` overrules the answer: a status, `silent` (no
    answer comes) or `cut` (the line is cut once all has been read)."""

    contract: Callable[[Provider, Call], Reply]
    mood: Any = None
    extra: Mapping[str, str] = field(default_factory=dict)  # headers of the mood's answer
    said: bytes = b"{}"  # its body
    taken: list[Any] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    seen: dict[str, str] = field(default_factory=dict)
    port: int = 0
    release: threading.Event = field(default_factory=threading.Event)

    def check(self, good: bool, what: str) -> None:
        if not good:
            self.faults.append(what)

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """How a channel reaches it: the same request, to this machine."""
        parts = urlsplit(url)
        assert parts.scheme == "https"
        here = f"http://127.0.0.1:{self.port}/{parts.netloc}{parts.path}"
        here += f"?{parts.query}" if parts.query else ""
        return post(here, body, headers, allow=["127.0.0.1"], timeout=0.4)


@contextmanager
def running(contract: Callable[[Provider, Call], Reply]) -> Iterator[Provider]:
    found = Provider(contract)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            call = Call("POST", self.path, headers, body)
            before = len(found.faults)
            status, more, said = found.contract(found, call)
            if len(found.faults) > before:
                status, more, said = 400, {}, b'{"message": "contract"}'
            if found.mood == "silent":
                found.release.wait(5)
                return
            if found.mood == "cut":
                self.connection.close()
                return
            if isinstance(found.mood, int):
                found.taken.pop()
                status, more, said = found.mood, found.extra, found.said
            self.send_response(status)
            for name, value in more.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    found.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield found
    finally:
        found.release.set()
        server.shutdown()
        server.server_close()
        thread.join()


# ── LINE ─────────────────────────────────────────────────────────────────────────────────────────

LINE_USER = "U" + "0123456789abcdef" * 2
_LINE_TYPES = frozenset({"text", "sticker", "image", "video", "audio", "location", "imagemap",
                         "template", "flex"})  # fmt: skip


def line(provider: Provider, call: Call) -> Reply:
    """POST /v2/bot/message/push of the Messaging API."""
    provider.check(call.path == "/api.line.me/v2/bot/message/push", "path")
    provider.check(call.headers.get("authorization") == "Bearer line-token", "authorization")
    provider.check(call.headers.get("content-type") == "application/json", "content-type")
    key = call.headers.get("x-line-retry-key", "")
    try:
        provider.check(str(uuid.UUID(key)) == key, "retry key")
    except ValueError:
        provider.check(False, "retry key")
    told = json.loads(call.body)
    provider.check(set(told) <= {"to", "messages", "notificationDisabled"}, "members")
    provider.check(re.fullmatch(r"[UCR][0-9a-f]{32}", told.get("to", "")) is not None, "to")
    messages = told.get("messages", [])
    provider.check(1 <= len(messages) <= 5, "messages")
    for one in messages:
        provider.check(one.get("type") in _LINE_TYPES, "type")
        if one.get("type") == "text":
            provider.check(1 <= len(one.get("text", "")) <= 5000, "text")
        if one.get("type") == "flex":
            provider.check(1 <= len(one.get("altText", "")) <= 1500, "altText")
    request = str(uuid.uuid4())
    if key in provider.seen:
        headers = {"x-line-request-id": request, "x-line-accepted-request-id": provider.seen[key]}
        return 409, headers, b'{"message": "The retry key is already accepted"}'
    if provider.mood is None or provider.mood in ("silent", "cut"):
        provider.seen[key] = request
    provider.taken.append(told)
    return 200, {"x-line-request-id": request}, b'{"sentMessages":[{"id":"1","quoteToken":"q"}]}'


# ── Twilio ───────────────────────────────────────────────────────────────────────────────────────

TWILIO_SID = "AC" + "0123456789abcdef" * 2


def twilio(provider: Provider, call: Call) -> Reply:
    """POST /2010-04-01/Accounts/{sid}/Messages.json."""
    path = f"/api.twilio.com/2010-04-01/Accounts/{TWILIO_SID}/Messages.json"
    provider.check(call.path == path, "path")
    expected = base64.b64encode(f"{TWILIO_SID}:twilio-token".encode()).decode()
    provider.check(call.headers.get("authorization") == f"Basic {expected}", "authorization")
    kind = call.headers.get("content-type")
    provider.check(kind == "application/x-www-form-urlencoded", "content-type")
    form = {k: v[0] for k, v in parse_qs(call.body.decode(), strict_parsing=True).items()}
    provider.check(re.fullmatch(r"\+[1-9]\d{6,14}", form.get("To", "")) is not None, "To")
    provider.check(("From" in form) != ("MessagingServiceSid" in form), "From")
    provider.check(1 <= len(form.get("Body", "")) <= 1600, "Body")
    provider.check(
        set(form) <= {"To", "From", "MessagingServiceSid", "Body", "StatusCallback"}, "members"
    )
    provider.taken.append(form)
    told = {"sid": "SM" + uuid.uuid4().hex, "status": "queued", "price": "-9.5",
            "price_unit": "JPY", "error_code": None}  # fmt: skip
    return 201, {"Content-Type": "application/json"}, json.dumps(told).encode()


# ── web push ─────────────────────────────────────────────────────────────────────────────────────


@dataclass
class Browser:
    """A browser that has subscribed."""

    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    auth: bytes = b"0123456789abcdef"

    def subscription(self, endpoint: str) -> str:
        point = self.key.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        keys = {"p256dh": _url64(point), "auth": _url64(self.auth)}
        return json.dumps({"endpoint": endpoint, "expirationTime": None, "keys": keys})


def web_push(browser: Browser) -> Callable[[Provider, Call], Reply]:
    """A push service (RFC 8030) that checks VAPID (RFC 8292), and the browser that decrypts."""

    def contract(provider: Provider, call: Call) -> Reply:
        authorization = call.headers.get("authorization", "")
        provider.check(Vapid02.verify(authorization), "signature")  # by who did not write ours
        head, claims, _ = authorization.removeprefix("vapid t=").split(",")[0].split(".")
        said = json.loads(_un64(claims))
        provider.check(said["aud"] == "https://push.test", "aud")
        provider.check(said["sub"].startswith("mailto:"), "sub")
        provider.check(json.loads(_un64(head)) == {"typ": "JWT", "alg": "ES256"}, "header")
        provider.check(call.headers.get("content-encoding") == "aes128gcm", "encoding")
        provider.check(call.headers.get("ttl", "").isdigit(), "ttl")
        provider.check(len(call.body) <= 4096, "size")
        plain = http_ece.decrypt(
            call.body, private_key=browser.key, auth_secret=browser.auth, version="aes128gcm"
        )
        provider.taken.append(json.loads(plain))
        return 201, {"Location": "https://push.test/message/1"}, b""

    return contract


# ── webhook, Postmark ────────────────────────────────────────────────────────────────────────────

WEBHOOK_SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()


def webhook(provider: Provider, call: Call) -> Reply:
    """A receiver that checks Standard Webhooks, and knows what it has had."""
    message_id, stamp = call.headers.get("webhook-id", ""), call.headers["webhook-timestamp"]
    signed = f"{message_id}.{stamp}.".encode() + call.body
    mark = base64.b64encode(hmac.new(b"k" * 32, signed, hashlib.sha256).digest()).decode()
    provider.check(f"v1,{mark}" in call.headers.get("webhook-signature", "").split(), "signature")
    provider.check(call.headers.get("content-type", "").startswith("application/json"), "type")
    if provider.seen.setdefault(message_id, "") == "" and not isinstance(provider.mood, int):
        provider.seen[message_id] = "had"
        provider.taken.append(json.loads(call.body))
    elif isinstance(provider.mood, int):
        provider.taken.append(None)  # which the mood takes away again
    return 204, {}, b""


def postmark(provider: Provider, call: Call) -> Reply:
    """POST /email of Postmark's API."""
    provider.check(call.path == "/email", "path")
    provider.check(call.headers.get("x-postmark-server-token") == "postmark-token", "token")
    told = json.loads(call.body)
    provider.check({"From", "To", "Subject"} <= set(told), "members")
    provider.check(bool(told.get("HtmlBody") or told.get("TextBody")), "body")
    names = {one["Name"] for one in told.get("Headers", [])}
    provider.check({"List-Unsubscribe", "List-Unsubscribe-Post"} <= names, "unsubscribe")
    provider.check("\n" not in told["Subject"] + told["From"] + told["To"], "line break")
    provider.taken.append(told)
    said = {"ErrorCode": 0, "Message": "OK", "MessageID": str(uuid.uuid4()), "To": told["To"],
            "SubmittedAt": "2026-11-20T10:00:00Z"}  # fmt: skip
    return 200, {"Content-Type": "application/json"}, json.dumps(said).encode()


def _url64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _un64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
