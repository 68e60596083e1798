"""The gate's durable loop: keeps its copy of the warehouse (see `mirror`)."""

from __future__ import annotations

from enishi.gate import mirror


def run_once(context: object = None) -> bool:  # noqa: ARG001  the loops' common shape
    """One slice; whether there may be more."""
    return mirror.run_once()
