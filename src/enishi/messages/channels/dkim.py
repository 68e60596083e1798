"""Signatures of mail (DKIM, RFC 6376): rsa-sha256, relaxed/relaxed, over a mail as it will leave.

Our own, as a signature costs 0.3 ms here and several times that where the mail is parsed anew: we
have just built the mail and know its headers. What it makes is checked by dkimpy in the tests.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from enishi.kernel.errors import Invalid
from enishi.kernel.text import Text

SIGNED = (
    "from", "to", "subject", "date", "message-id", "reply-to", "mime-version", "content-type",
    "content-transfer-encoding", "list-unsubscribe", "list-unsubscribe-post", "feedback-id",
    "auto-submitted",
)  # fmt: skip
"""What is signed of a mail's headers, where it has them; RFC 8058 demands the last but two."""

_BLANKS = re.compile(rb"[ \t]+")
_FOLD = re.compile(rb"\r\n(?=[ \t])")
_TRAILING = re.compile(rb"[ \t]+(?=\r\n)")
_ENDS = re.compile(rb"(\r\n)*\Z")
_LEAST_BITS = 1024
_LINE = 72


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs for one domain. For many threads at a time."""

    domain: str
    selector: str
    pem: str

    def signature(
        self,
        headers: Sequence[tuple[str, bytes]],
        body: bytes,
        at: int,
        *,
        relaxed: bool = False,
    ) -> bytes:
        """The header to stand before all others, with its line break.

        `headers`: name and value as they will leave (folded or not, without the last line break);
        `at`: seconds since 1970. `relaxed`: `relaxed_body` would leave the body as it is.
        """
        hashed = hashlib.sha256(body if relaxed else relaxed_body(body)).digest()
        present = [(name.lower(), value) for name, value in headers]
        chosen = [(name, value) for name, value in present if name in SIGNED]
        told = (
            f"v=1; a=rsa-sha256; c=relaxed/relaxed; d={self.domain}; s={self.selector}; t={at};\r\n"
            f" h={_listed(tuple(name for name, _ in chosen))};\r\n"
            f" bh={base64.b64encode(hashed).decode()};\r\n b="
        ).encode()
        # Of headers of one name the last comes first (RFC 6376, 5.4.2); ours occur once each.
        signed = b"".join(
            name.encode() + b":" + relaxed_value(value) + b"\r\n" for name, value in chosen
        )
        signed += b"dkim-signature:" + relaxed_value(told)
        mark = read_key(self.pem).sign(signed, padding.PKCS1v15(), hashes.SHA256())
        text = base64.b64encode(mark)
        lines = [text[at : at + _LINE] for at in range(0, len(text), _LINE)]
        return b"DKIM-Signature: " + told + b"\r\n ".join(lines) + b"\r\n"


def relaxed_body(body: bytes) -> bytes:
    """A body as `relaxed` has it: blanks reduced, no empty lines at its end (RFC 6376, 3.4.4)."""
    if b" \r\n" in body or b"\t" in body or b"  " in body:
        body = _TRAILING.sub(b"", _BLANKS.sub(b" ", body))
    if body.endswith(b"\r\n\r\n") or not body.endswith(b"\r\n"):
        body = _ENDS.sub(b"", body)
        return body + b"\r\n" if body else b""
    return b"" if body == b"\r\n" else body


def relaxed_value(value: bytes) -> bytes:
    """A header's value as `relaxed` has it: unfolded, blanks reduced, none at its ends."""
    if b"\r" in value or b"\t" in value or b"  " in value:
        value = _BLANKS.sub(b" ", _FOLD.sub(b"", value))
    return value.strip(b" \t\r\n")


@lru_cache(maxsize=64)
def read_key(pem: str) -> rsa.RSAPrivateKey:
    """A private RSA key; raises Invalid `key_unreadable`."""
    try:
        key = serialization.load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError, UnicodeError):
        key = None
    if not isinstance(key, rsa.RSAPrivateKey) or key.key_size < _LEAST_BITS:
        raise Invalid(
            Text("DKIMの鍵が読めません。", "The key of DKIM cannot be read."),
            Text(
                "2048ビットのRSA秘密鍵を、パスワードなしのPEMで入力してください。",
                "Give a private RSA key of 2048 bits as PEM, without a password.",
            ),
            code="key_unreadable",
        )
    return key


def new_key() -> str:
    """A new private key of 2048 bits, PEM."""
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return made.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


def dns_record(pem: str) -> str:
    """What to publish at `<selector>._domainkey.<domain>`, TXT."""
    public = read_key(pem).public_key()
    told = public.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return f"v=DKIM1; k=rsa; p={base64.b64encode(told).decode()}"


@lru_cache(maxsize=64)
def _listed(names: tuple[str, ...]) -> str:
    """The headers signed with colons between, in lines that a mail server leaves alone.

    Each stands twice: nobody can add another From, Subject or List-Unsubscribe unseen.
    """
    lines, line = [], ""
    for name in (*names, *dict.fromkeys(names)):
        if line and len(line) + len(name) > _LINE:
            lines.append(line)
            line = ""
        line += f"{name}:"
    lines.append(line)
    return "\r\n ".join(lines).rstrip(":")
