"""The result as a table for people."""

from __future__ import annotations

from typing import Any


def as_table(told: dict[str, Any]) -> str:
    """Markdown: the run, the queries, and the rest."""
    size, machine = told["size"], told["machine"]
    data = f"{size['persons']:,} persons, {size['accounts']:,} accounts, {size['events']:,} events"
    place = f"{machine['cpus']} cores ({machine['model']}), {machine['memory_gib']} GiB"
    lines = [
        f"{told['date']}, {place}, DuckDB {machine['duckdb']}, Python {machine['python']}; {data},",
        f"made in {told['made']['seconds']} s, {told['made']['file_mb']} MB.",
        f"Peak memory {told['peak_memory_mb']:,} MB.",
        "",
    ]
    if "queries" in told:
        lines += [
            "| milliseconds | found | by hand | Enishi | ratio | `count` in all | PostgreSQL |",
            "|---|---:|---:|---:|---:|---:|---:|",
        ]
        for row in told["queries"]:
            lines.append(
                f"| {row['name']} | {row['count']:,} | {_ms(row['by_hand_ms'])} |"
                f" {_ms(row['enishi_ms'])} | {row['ratio']:.2f} | {_ms(row['whole_ms'])} |"
                f" {_ms(row.get('postgres_ms'))} |"
            )
        lines.append("")
    lines += ["| | |", "|---|---:|"]
    for part in ("compile", "fifty", "incremental", "person", "postgres"):
        for name, value in told.get(part, {}).items():
            lines.append(f"| {part}: {name.replace('_', ' ')} | {value:,} |")
    return "\n".join(lines)


def _ms(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}"
