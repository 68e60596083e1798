"""The head of the audit chain, kept in a file beside the book and signed.

Each commit adds one line `seq hash mac`. Who can write to the database alone cannot cut the chain's
end or write it anew without disagreeing with these lines, and cannot sign new ones without the
workspace's secret. The file is shortened now and then to a few hundred lines spread over its span.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import logging
import os
import re
from pathlib import Path
from typing import BinaryIO

from enishi.book.workspace import Workspace
from enishi.kernel.errors import Fault
from enishi.kernel.text import Text

NAME = "audit.anchor"
_LONGEST_BYTES = 1_000_000
_KEPT_LINES = 200
_LINE = re.compile(r"(\d{1,18}) ([0-9a-f]{64}) ([0-9a-f]{32})")
_log = logging.getLogger("enishi.book")


def _path(workspace: Workspace) -> Path:
    return workspace.var / NAME


def _mac(workspace: Workspace, seq: int, link: str) -> str:
    text = f"anchor:{seq}:{link}".encode()
    return hmac.new(workspace.secret(), text, hashlib.sha256).hexdigest()[:32]


def keep(workspace: Workspace, seq: int, link: str) -> None:
    """Note the head after a commit. A full disk is logged: the commit itself stands."""
    line = f"{seq} {link} {_mac(workspace, seq, link)}\n"
    try:
        handle = os.open(_path(workspace), os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(handle, "a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.write(line.encode() if _ends_well(file) else b"\n" + line.encode())
            file.flush()
            if file.tell() > _LONGEST_BYTES:
                file.seek(0)
                lines = file.read().splitlines(keepends=True)
                step = max(1, len(lines) // _KEPT_LINES)
                file.truncate(0)
                file.writelines([*lines[:-1:step], lines[-1]])
    except OSError as error:
        _log.error("the audit head was not kept outside the book: %s", type(error).__name__)


def _ends_well(file: BinaryIO) -> bool:
    """Whether the last line is whole: a crash may have cut it short."""
    if file.seek(0, os.SEEK_END) == 0:
        return True
    file.seek(-1, os.SEEK_END)
    return file.read(1) == b"\n"


def read(workspace: Workspace) -> tuple[dict[int, str], list[Fault]]:
    """The heads kept (number → hash), and faults of lines whose signature is wrong.

    A line that a crash cut short is passed over.
    """
    try:
        lines = _path(workspace).read_text(encoding="ascii", errors="replace").splitlines()
    except FileNotFoundError:
        return {}, []
    kept: dict[int, str] = {}
    faults: list[Fault] = []
    for number, line in enumerate(lines, start=1):
        found = _LINE.fullmatch(line)
        if found is None:
            continue
        seq, link, mac = int(found[1]), found[2], found[3]
        if hmac.compare_digest(mac, _mac(workspace, seq, link)):
            kept[seq] = link
        else:
            faults.append(_forged(number))
    return kept, faults


def _forged(line: int) -> Fault:
    return Fault(
        "audit_anchor_forged",
        f"{NAME}:{line}",
        Text(
            f"監査の控え({NAME})の {line} 行目の署名が正しくありません。",
            f"Line {line} of {NAME} is not signed by this workspace.",
        ),
        Text(
            "バックアップと照合し、ファイルに触れた人を確認してください。",
            "Compare with a backup and find out who has had access to the files.",
        ),
    )


def missing() -> Fault:
    """The fault of a chain without any head kept outside the database."""
    return Fault(
        "audit_anchor_missing",
        NAME,
        Text(
            f"監査の控え({NAME})がないため、末尾の欠けを確かめられません。",
            f"{NAME} is missing, so a cut-off end cannot be ruled out.",
        ),
        Text(
            "バックアップから戻してください。以後の記録からは新しい控えが作られます。",
            "Restore it from a backup. New rows will be kept in a new file.",
        ),
    )
