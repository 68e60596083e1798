"""A small disk that fills up under the real ingest process: a clear 503, nothing acknowledged lost.

The disk is a tmpfs of 2 MB, mounted where only the ingest process sees it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from enishi.book.workspace import read_workspace
from enishi.sources.eventlog.format import decode
from ingest_world import SERVER, Served, basic, events_of, put_keys, start

MOUNTED = 'mount -t tmpfs -o size=2m,mode=700 tmpfs "$1" && shift && exec "$@"'
BATCH = 20


def may_mount() -> bool:
    tried = subprocess.run(
        ["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"],
        capture_output=True,
        check=False,
    )
    return tried.returncode == 0


@pytest.fixture
def root(tmp_path: Path) -> Path:
    if sys.platform != "linux" or not may_mount():
        pytest.skip("needs `unshare -rm` to mount a small file system (Linux user namespaces)")
    (tmp_path / "enishi.toml").write_text('name = "t"\n', encoding="utf-8")
    workspace = read_workspace(tmp_path)
    put_keys(workspace)
    (workspace.events / "0").mkdir()
    return tmp_path


def shard_seen_by(process: Served, root: Path) -> Path:
    """The shard's folder on the small disk, as the process sees it."""
    return Path(f"/proc/{process.process.pid}/root") / (root / "var/events/0").relative_to("/")


def send(process: Served, number: int) -> tuple[int, str]:
    """A batch of numbered events; returns the status and the code of a refusal."""
    batch = [
        {
            "type": "track",
            "event": "x",
            "messageId": f"{number}-{at}",
            "properties": {"p": "縁" * 60},
        }
        for at in range(BATCH)
    ]
    answer = process.fetch("/v1/batch", json.dumps({"batch": batch}).encode(), basic(SERVER))
    if answer.status == 503:
        assert int(answer.headers["retry-after"]) > 0
    return answer.status, "" if answer.status == 200 else answer.code


def numbers_in(shard: Path) -> list[str]:
    return [
        event["messageId"]
        for path in sorted(shard.glob("*.log"))
        for record in decode(path.read_bytes(), int(path.stem))
        for event in events_of(record)
    ]


def test_a_full_disk_loses_nothing_and_lets_in_again_when_there_is_room(root: Path) -> None:
    process = start(
        root, None, "unshare", "-rm", "sh", "-c", MOUNTED, "-", str(root / "var/events/0")
    )
    try:
        shard = shard_seen_by(process, root)
        assert [path.name for path in shard.glob("*.log")], "the small disk is not in use"
        acknowledged: list[int] = []
        refused = 0
        for number in range(2000):
            status, code = send(process, number)
            if status == 200:
                acknowledged.append(number)
            else:
                assert (status, code) == (503, "ingest_disk")
                refused += 1
                if refused == 20:
                    break
        assert refused == 20, "the disk never filled up"
        assert len(acknowledged) > 20
        kept = numbers_in(shard)
        assert kept == [f"{number}-{at}" for number in acknowledged for at in range(BATCH)]
        assert process.fetch("/healthz").status == 200  # it may have room for a smaller one

        largest = max(shard.glob("*.log"), key=lambda path: path.stat().st_size)
        largest.unlink()  # as the drain does with what it has taken
        assert send(process, 9999) == (200, "")
        assert numbers_in(shard)[-BATCH:] == [f"9999-{at}" for at in range(BATCH)]
    finally:
        process.process.terminate()
        process.process.wait(30)
