"""The methods of a warehouse that may be asked through the door."""

from __future__ import annotations

TABLES = frozenset({"who", "view", "segment_table"})
"""Answered as Arrow."""

TOLD = frozenset(
    {
        "count",
        "why",
        "funnel",
        "compare",
        "sample",
        "values",
        "event_names",
        "search",
        "person",
        "related",
        "timeline",
        "timeline_years",
        "stays",
        "group",
        "find",
        "in_scope",
        "datasets",
        "dead_letters",
        "loads",
        "load_record",
        "stored",
        "segment_ages",
        "segment_counts",
        "segment_trend",
        "segment_sizes",
        "segment_members",
        "segment_member",
        "segment_overlap",
        "segment_composition",
        "segment_differences",
        "crossings",
        "newest_crossing",
        "stream_standing",
        "ping",
    }
)
"""Answered as JSON."""
