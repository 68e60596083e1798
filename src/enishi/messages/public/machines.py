"""Whether an opening or a click was a machine's: a privacy proxy, a scanner of links, a preview.

Nobody can be sure. Marked as a machine's is what such machines are known to do:

    a program that calls itself one, or nothing at all
    Apple's mail privacy, which fetches every picture under the bare name `Mozilla/5.0`
    a prefetch that says so, or any fetch within seconds of the sending
    clicks on several links of one mail at the same moment

A proxy that fetches when somebody opens the mail (Gmail's, Yahoo's) tells of a human, unless it
comes within those seconds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

SOON = timedelta(seconds=5)
"""After the sending: a person has not read it yet."""
AT_ONCE = timedelta(seconds=2)
"""Two different links within this are followed by a machine."""
SETTLES = timedelta(seconds=3)
"""So long a click waits before it is told, until others at the same moment would have come."""

_MACHINES = re.compile(
    r"bot\b|bot/|spider|crawl|slurp|scan|preview|prefetch|headless|phantom|selenium|puppeteer|"
    r"playwright|python|curl|wget|okhttp|java/|libwww|go-http|httpclient|axios|node-fetch|ruby|"
    r"barracuda|proofpoint|mimecast|zscaler|symantec|messagelabs|forcepoint|fireeye|trendmicro|"
    r"safelinks|urldefense|facebookexternalhit|slackbot|skypeuripreview|monitor",
    re.IGNORECASE,
)
_APPLE_PRIVACY = "Mozilla/5.0"


def is_machine(headers: Mapping[str, str], at: datetime, sent: datetime | None) -> bool:
    """Whether a request at an instant is a machine's. `headers` of the request, any case."""
    agent = (headers.get("User-Agent") or "").strip()
    if not agent or agent == _APPLE_PRIVACY or _MACHINES.search(agent):
        return True
    told = " ".join(
        headers.get(name) or "" for name in ("Purpose", "Sec-Purpose", "X-Purpose", "X-Moz")
    )
    if "prefetch" in told.lower() or "preview" in told.lower():
        return True
    return sent is not None and at - sent < SOON
