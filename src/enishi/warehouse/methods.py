"""The methods of a warehouse that may be asked through the door."""

from __future__ import annotations

TABLES = frozenset({"who", "view"})
"""Answered as Arrow."""

TOLD = frozenset(
    {
        "count",
        "why",
        "funnel",
        "compare",
        "sample",
        "values",
        "search",
        "person",
        "find",
        "in_scope",
        "datasets",
        "dead_letters",
        "loads",
        "load_record",
        "ping",
    }
)
"""Answered as JSON."""
