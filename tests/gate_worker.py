"""A process that takes contacts as fast as it can, for races on the last slot of a cap.

Prints how many of its tries the gate allowed. It begins when the file `go` appears in the
workspace, so that all of them begin together.
"""

from __future__ import annotations

import sys
import time
from datetime import datetime, timedelta
from pathlib import Path


def main(root: str, name: str, instant: str, tries: int) -> None:
    from enishi.book.setup import setup
    from enishi.book.workspace import read_workspace

    setup(read_workspace(Path(root)))
    from enishi.book.access import Actor
    from enishi.gate.slots import take

    actor = Actor(f"usr_{name}", "manager")
    at, allowed = datetime.fromisoformat(instant), 0
    (Path(root) / f"ready-{name}").touch()
    while not (Path(root) / "go").exists():
        time.sleep(0.002)
    for n in range(tries):
        # Clocks of workers differ: later tries may carry earlier times.
        moment = at + timedelta(milliseconds=(n * 37) % 50)
        person, purpose = (("p1", "deposits"), ("p2", "deposits"), ("p3", f"x{n}"))[n % 3]
        decision, _ = take(
            person, "phone", purpose, at=moment, actor=actor, source=f"test:{name}:{n}"
        )
        allowed += decision.allowed
    print(allowed)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
