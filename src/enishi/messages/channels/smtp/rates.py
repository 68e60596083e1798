"""How fast and how often at a time mail goes to one domain, in this process."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping

_OPEN = {"per_second": 10_000.0, "connections": 64.0}
_MOST = 10_000  # domains remembered


class Rates:
    """Limits by domain, `*` for those not named. For many threads at a time."""

    def __init__(
        self, limits: Mapping[str, Mapping[str, float]], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._limits = limits
        self._clock = clock
        self._next: dict[str, float] = {}  # domain → when the next one may go
        self._open: dict[str, int] = {}
        self._lock = threading.Lock()

    def wait_for(self, address: str) -> float:
        """Seconds until something may go there."""
        if not self._limits:
            return 0.0
        domain = address.rpartition("@")[2]
        with self._lock:
            return self._wait(domain)

    def take(self, address: str) -> float:
        """Take a place, to be given back by `free`; else the seconds to wait, and none is taken."""
        if not self._limits:
            return 0.0
        domain = address.rpartition("@")[2]
        with self._lock:
            wait = self._wait(domain)
            if wait == 0.0:
                if len(self._next) > _MOST:
                    now = self._clock()
                    self._next = {name: at for name, at in self._next.items() if at > now}
                self._next[domain] = self._clock() + 1 / self._of(domain)["per_second"]
                self._open[domain] = self._open.get(domain, 0) + 1
            return wait

    def free(self, address: str) -> None:
        """Give a place back."""
        if not self._limits:
            return
        domain = address.rpartition("@")[2]
        with self._lock:
            left = self._open.get(domain, 1) - 1
            if left > 0:
                self._open[domain] = left
            else:
                self._open.pop(domain, None)

    def _wait(self, domain: str) -> float:
        limits = self._of(domain)
        if self._open.get(domain, 0) >= limits["connections"]:
            return 0.05
        return max(0.0, self._next.get(domain, 0.0) - self._clock())

    def _of(self, domain: str) -> Mapping[str, float]:
        return self._limits.get(domain) or self._limits.get("*") or _OPEN
