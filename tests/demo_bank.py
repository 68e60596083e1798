"""The demo bank, made once by its command and lent to every suite that needs one.

Making it takes twenty seconds, most of them five weeks of work told again, whatever its size.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ENISHI = str(Path(sys.executable).parent / "enishi")
KEPT = "ENISHI_TEST_KEPT"
"""Names the folder in which the suites of one run keep what they share."""
CUSTOMERS = 3000


@dataclass(frozen=True, slots=True)
class DemoBank:
    """A demo bank that nobody works in: `lend` copies it. `said` is what its command printed."""

    folder: Path
    said: str

    @property
    def emails(self) -> dict[str, str]:
        """The address that each role signs in with."""
        return {email.split("@")[0]: email for email in re.findall(r"\S+@example\.jp", self.said)}

    @property
    def password(self) -> str:
        found = re.search(r"hinode-\S+", self.said)
        assert found is not None, self.said
        return found.group()

    def lend(self, folder: Path) -> Path:
        """A copy of the bank in `folder`, which must be absent, to be worked in."""
        shutil.copytree(self.folder, folder)
        return folder


def demo_bank(beside: Path) -> DemoBank:
    """The bank of this run, made by whoever asks first while the others wait for it.

    It is kept in `beside`, which the processes of one suite share, unless the run names a folder.
    """
    kept = Path(os.environ.get(KEPT) or beside)
    made, said = kept / "demo", kept / "demo.said"
    with (kept / "demo.turn").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not said.exists():
            said.write_text(_make(made), encoding="utf-8")
    return DemoBank(made, said.read_text(encoding="utf-8"))


def _make(folder: Path) -> str:
    """By the command a newcomer would use, as somebody who has set nothing."""
    unset = {k: v for k, v in os.environ.items() if not k.startswith(("ENISHI_", "DJANGO_"))}
    done = subprocess.run(
        [ENISHI, "demo", "--customers", str(CUSTOMERS), "--workspace", str(folder), "--no-serve"],
        env=unset | {"ENISHI_LANG": "en"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
