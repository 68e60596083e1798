"""Texts about one person that only her own key opens, and the keys, which can be destroyed.

A key stands in `var/keys.sqlite3`, beside the book and in no backup; what it has sealed may stand
anywhere, in the audit and in backups too. Once a person's key is destroyed nobody reads it again,
and no new key is made for her. AES-256-GCM, the person's id as associated data.
"""

from __future__ import annotations

import base64
import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from enishi.book.workspace import current_workspace

FILE = "keys.sqlite3"
_MARK = "s1."
_NONCE = 12


def seal(person: str, text: str) -> str | None:
    """The text as only the person's key opens it; None once her key is destroyed."""
    key = _key(person)
    if key is None:
        return None
    nonce = secrets.token_bytes(_NONCE)
    sealed = AESGCM(key).encrypt(nonce, text.encode(), person.encode())
    return _MARK + base64.urlsafe_b64encode(nonce + sealed).decode()


def unseal(person: str, sealed: str) -> str | None:
    """The text again; None when her key is destroyed, or this was not sealed with it."""
    with _keys() as keys:
        found = keys.execute("SELECT key FROM keys WHERE person = ?", [person]).fetchone()
    if found is None or found[0] is None or not sealed.startswith(_MARK):
        return None
    try:
        data = base64.urlsafe_b64decode(sealed[len(_MARK) :])
        return AESGCM(found[0]).decrypt(data[:_NONCE], data[_NONCE:], person.encode()).decode()
    except (ValueError, InvalidTag):
        return None


def destroy(person: str) -> bool:
    """Destroy a person's key for good; whether there was one."""
    with _keys() as keys:
        found = keys.execute("SELECT key FROM keys WHERE person = ?", [person]).fetchone()
        with keys:
            keys.execute(
                "INSERT INTO keys VALUES (?, NULL) ON CONFLICT (person) DO UPDATE SET key = NULL",
                [person],
            )
        keys.execute("VACUUM")
    return found is not None and found[0] is not None


def _key(person: str) -> bytes | None:
    with _keys() as keys, keys:
        keys.execute(
            "INSERT INTO keys VALUES (?, ?) ON CONFLICT (person) DO NOTHING",
            [person, secrets.token_bytes(32)],
        )
        found = keys.execute("SELECT key FROM keys WHERE person = ?", [person]).fetchone()
    return None if found[0] is None else bytes(found[0])


@contextmanager
def _keys() -> Iterator[sqlite3.Connection]:
    path = current_workspace().var / FILE
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    with closing(sqlite3.connect(path, timeout=10)) as keys:
        keys.execute("PRAGMA secure_delete=ON")
        keys.execute("PRAGMA synchronous=FULL")
        keys.execute("CREATE TABLE IF NOT EXISTS keys (person TEXT PRIMARY KEY, key BLOB)")
        yield keys
