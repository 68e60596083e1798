"""Links that come back to us: each carries all it needs, signed, so that nothing is stored.

    <base>/m/o/<token>.gif    opened
    <base>/m/c/<token>        clicked: the address itself stands in the token
    <base>/m/u/<token>        unsubscribe: a page; a POST of RFC 8058 does it
    <base>/m/p/<token>        the preferences

A token is `<kind><payload>.<mark>`; the mark is an HMAC over kind and payload with a key of the
workspace's secret that is good for that kind alone.
"""

from __future__ import annotations

from typing import Protocol


class Links(Protocol):
    """The links of one delivery. Plain strings, ready to be placed in HTML or text."""

    def click(self, url: str) -> str:
        """Our address that notes the click and leads on to `url`, an http(s) address."""
        ...

    def open(self) -> str:
        """The address of the picture of one pixel."""
        ...

    @property
    def unsubscribe(self) -> str: ...

    @property
    def preferences(self) -> str: ...
