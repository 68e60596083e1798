"""Enishi in a notebook: a workspace to ask, rules over plain data frames, scores written back.

import enishi

ws = enishi.open("bank", as_user="analyst@example.jp")
ws.count({"field": "prefecture", "op": "eq", "value": "東京都"})
"""

from enishi.analyst.frames import Events, Frames, Related, evaluate, frame
from enishi.analyst.opening import open
from enishi.analyst.results import Count, People, Why
from enishi.analyst.segment import Segment
from enishi.analyst.workspace import Workspace
from enishi.kernel.errors import EnishiError

__all__ = [
    "Count",
    "EnishiError",
    "Events",
    "Frames",
    "People",
    "Related",
    "Segment",
    "Why",
    "Workspace",
    "evaluate",
    "frame",
    "open",
]
