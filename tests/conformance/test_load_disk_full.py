"""A disk that fills up while rows are put in place: a sentence, and what was there is as it was."""

from __future__ import annotations

import random
import resource
import string
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from loading_world import make_world

CATALOG = """
datasets:
  p:
    label: {ja: 顧客, en: Client}
    kind: current
    key: id
    source: {files: "p.csv"}
    fields:
      id: {type: string}
      name: {type: string}
"""


@contextmanager
def files_up_to(size: int) -> Iterator[None]:
    """No file grows beyond `size` bytes; writing further fails as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_leaves_what_was_there(tmp_path: Path) -> None:
    world = make_world(tmp_path, CATALOG)
    try:
        world.put("p.csv", "id,name\n1,a\n")
        assert world.load().state == "loaded"
        rng = random.Random(1)
        rows = (f"{i},{''.join(rng.choices(string.ascii_letters, k=50))}" for i in range(150_000))
        content = "id,name\n" + "\n".join(rows) + "\n"
        world.put("p.csv", content)
        size = max(file.stat().st_size for file in tmp_path.glob("**/*.duckdb*"))
        with files_up_to(size + 2_000_000):
            done = world.load()
        assert (done.state, done.loaded) == ("failed", 0)
        assert "free space" in str(done.message)
        assert world.rows("SELECT id, name FROM data.p") == [("1", "a")]
        assert world.load().state == "loaded", "with room again it goes through"
        assert world.rows("SELECT count(*) FROM data.p") == [(150_000,)]
    finally:
        world.engine.close()


def test_the_limit_of_the_test_is_real(tmp_path: Path) -> None:
    with files_up_to(1000), pytest.raises(OSError, match="large"):
        (tmp_path / "x").write_bytes(b"a" * 5000)
