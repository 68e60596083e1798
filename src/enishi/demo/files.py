"""The source files of the demo bank: Parquet mostly, and CSV the way old systems export it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from enishi.demo.activity import emails, purchases, transactions, web_visits
from enishi.demo.columns import Today
from enishi.demo.companies import (
    company_loan_table,
    company_table,
    employers,
    found_companies,
)
from enishi.demo.offices import Offices, branch_table, open_offices, staff_table
from enishi.demo.people import (
    EMPLOYEE,
    PART_TIME,
    gather_people,
    household_table,
    person_table,
)
from enishi.demo.products import sell_products
from enishi.demo.voices import hear_voices, may_write, standing_table

Progress = Callable[[str, float], None]
"""Told what is being done and how much of the whole is behind, 0 to 1."""

STANDING_DAYS = (360, 180, 90, 0)
"""The monthly closings, in days before today, at which stages were exported."""


def standing_file(back: int) -> str:
    """The file of a closing: the newest lies where the catalog looks, the others are archived."""
    return f"closings/standing_{back:03d}_days_ago.parquet" if back else "standing.parquet"


def _parquet(path: Path, tables: Iterable[pa.Table]) -> int:
    """Write tables of one shape into one file; the rows written."""
    rows = 0
    writer: pq.ParquetWriter | None = None
    for table in tables:
        if writer is None:
            writer = pq.ParquetWriter(path, table.schema, compression="zstd")
        writer.write_table(table)
        rows += table.num_rows
    if writer is not None:
        writer.close()
    return rows


def _csv(path: Path, table: pa.Table, encoding: str) -> int:
    """Write a small table as CSV in an encoding; the rows written."""
    sink = pa.BufferOutputStream()
    pyarrow.csv.write_csv(table, sink)
    text = sink.getvalue().to_pybytes().decode("utf-8")
    path.write_bytes(text.encode(encoding))
    return int(table.num_rows)


def write_files(
    folder: Path, customers: int, seed: int, today: Today, progress: Progress
) -> tuple[Offices, dict[str, int]]:
    """Write every source file below `folder`; the offices, and the rows of each file.

    The same customers, seed and day give the same bytes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rows: dict[str, int] = {}
    progress("people", 0.0)
    offices = open_offices(seed, customers)
    rows["branches.csv"] = _csv(folder / "branches.csv", branch_table(offices), "utf-8")
    staff = staff_table(offices, seed, today)
    rows["staff_cp932.csv"] = _csv(folder / "staff_cp932.csv", staff, "cp932")
    people = gather_people(seed, customers, today, offices)
    companies = found_companies(seed, customers, offices)
    working = (people.occupation == EMPLOYEE) | (people.occupation == PART_TIME)
    employed = working.nonzero()[0]
    employer = employers(seed, companies, employed, people.size)
    progress("products", 0.1)
    holdings = sell_products(seed, people, today)
    voices = hear_voices(seed, people, holdings, today)
    moved = holdings.deposits["last_moved_on"].cast(pa.int32()).to_numpy()[: people.size]
    tables: dict[str, Iterable[pa.Table]] = {
        "persons": [person_table(seed, people, offices, employer)],
        "households": [household_table(people, holdings.assets)],
        "companies": [company_table(seed, companies, offices, today)],
        "company_loans": [company_loan_table(seed, companies, today)],
        "deposits": [holdings.deposits],
        "cards": [holdings.cards],
        "loans": [holdings.loans],
        "investments": [holdings.investments],
        "policies": [holdings.policies],
        "contacts": [voices.contacts],
        "refusals": [voices.refusals],
        "life_events": [voices.life_events],
        "cancellations": [voices.cancellations],
        "consents": [voices.consents],
        "transactions": transactions(seed, people, holdings, moved.astype("int64"), today),
        "purchases": purchases(seed, people, holdings, today),
        "web_visits": web_visits(seed, people, holdings, today),
        "emails": emails(seed, people, may_write(seed, people), today),
    }
    for step, (name, parts) in enumerate(tables.items()):
        progress(name, 0.2 + 0.8 * step / len(tables))
        rows[f"{name}.parquet"] = _parquet(folder / f"{name}.parquet", parts)
    for name, table in (("complaints", voices.complaints), ("nps_answers", voices.answers)):
        rows[f"{name}.csv"] = _csv(folder / f"{name}.csv", table, "utf-8")
    (folder / "closings").mkdir(exist_ok=True)
    for back in STANDING_DAYS:
        name = standing_file(back)
        table = standing_table(seed, people, holdings.assets, today, back)
        rows[name] = _parquet(folder / name, [table])
    progress("done", 1.0)
    return offices, rows
