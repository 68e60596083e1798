"""A process killed while it loads leaves the last good state; loading again completes it."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from loading_world import make_world

CATALOG = """
datasets:
  person:
    label: {ja: 顧客, en: Person}
    kind: versioned
    subject: person
    key: id
    source: {files: "person.csv"}
    fields:
      id: {type: integer}
      name: {type: string}
"""
ROWS = 3000
SCRIPT = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from loading_world import make_world
import enishi.sources.service as service
from enishi.sources.service import load

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

def told(progress):
    if progress.stage == sys.argv[3]:
        die()

if sys.argv[3] == "committing":
    service.link_new = die  # the last statements of the transaction
world = make_world(Path(sys.argv[2]), Path(sys.argv[4]).read_text())
world.clock.now = world.clock.now.replace(year=2027)
load(world, world.engine, world.catalog, progress=told, clock=world.clock)
"""


def _people(suffix: str) -> str:
    return "id,name\n" + "".join(f"{n},人{n}{suffix}\n" for n in range(ROWS)) + "x,bad\n"


@pytest.mark.parametrize("moment", ["reading", "applying", "committing"])
def test_a_killed_load_leaves_the_last_good_state(tmp_path, moment):
    root = tmp_path / "world"
    first = make_world(root, CATALOG)
    first.put("person.csv", _people(""))
    assert first.load().loaded == ROWS
    before = first.rows("SELECT * FROM data.person ORDER BY id")
    first.engine.close()

    (tmp_path / "catalog.yaml").write_text(CATALOG)
    first.put("person.csv", _people("改"))
    here = __file__.rpartition("/conformance/")[0]
    killed = subprocess.run(
        [sys.executable, "-c", SCRIPT, here, str(root), moment, str(tmp_path / "catalog.yaml")],
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL

    again = make_world(root, CATALOG)
    again.clock.now = again.clock.now.replace(year=2028)
    states = again.rows("SELECT state FROM enishi.loads ORDER BY started_at")
    assert states == [("loaded",), ("interrupted",)]
    assert again.rows("SELECT * FROM data.person ORDER BY id") == before
    assert again.rows("SELECT count(*) FROM enishi.dead_letters") == [(1,)]
    done = again.load()
    assert (done.read, done.loaded, done.dead) == (ROWS + 1, ROWS, 1)
    assert done.changed == ROWS
    assert again.rows("SELECT count(*) FROM data.person WHERE _to IS NULL") == [(ROWS,)]
    assert again.rows("SELECT count(*) FROM enishi.identity_links") == [(ROWS,)]
    again.engine.close()
