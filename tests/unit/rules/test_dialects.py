"""What dialects print: literals and names that cannot break out, odd midnights, patterns."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb
import pytest
import re2
import sqlglot
from sqlglot import exp

from enishi.rules.compile_dates import born_by
from enishi.rules.dialects import GENERATED, RUN, dialect_named
from enishi.rules.dialects.java_patterns import NotPortable, java_pattern
from enishi.rules.dialects.midnights import odd_midnights
from enishi.rules.windows import age

HOSTILE = ["'", "''", "\\", "\\'", "'; DROP TABLE person; --", '"', "`", "a\nb", "${x}", "%s", "?"]


@pytest.mark.parametrize("dialect", [*RUN, *GENERATED])
@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_stays_one_literal(dialect: str, text: str) -> None:
    printed = dialect_named(dialect).text(text).sql
    if dialect == "spark":
        printed = printed.replace("$\\{", "${")  # an escape the parser does not know
    (statement,) = sqlglot.parse(f"SELECT {printed}", dialect=dialect)
    assert statement is not None
    (selected,) = statement.expressions
    assert isinstance(selected, exp.Literal)
    assert selected.this == text


@pytest.mark.parametrize("text", HOSTILE)
def test_duckdb_reads_back_texts_and_names(text: str) -> None:
    dialect = dialect_named("duckdb")
    found = duckdb.execute(f"SELECT {dialect.text(text).sql} AS {dialect.identifier(text)}")
    assert (found.description[0][0], found.fetchall()) == (text, [(text,)])


def test_odd_midnights_are_those_that_come_twice_or_not_at_all() -> None:
    havana = dict(odd_midnights("America/Havana"))
    assert havana[date(2024, 11, 3)] == datetime(2024, 11, 3, 4, tzinfo=UTC)  # the first of two
    assert havana[date(2024, 3, 10)] == datetime(2024, 3, 10, 5, tzinfo=UTC)  # the next there is
    assert date(2024, 11, 4) not in havana
    assert odd_midnights("UTC") == ()
    assert {day.year for day, _ in odd_midnights("Asia/Tokyo")} == {1948, 1949, 1950, 1951}


def test_every_odd_midnight_is_found() -> None:
    zone = ZoneInfo("America/Sao_Paulo")
    found = {day for day, _ in odd_midnights("America/Sao_Paulo") if 2000 <= day.year < 2020}
    days = (date(2000, 1, 1) + timedelta(days=n) for n in range(7305))
    expected = set()
    for day in days:
        local = datetime(day.year, day.month, day.day, tzinfo=zone)
        if local.utcoffset() != local.replace(fold=1).utcoffset():
            expected.add(day)
    assert found == expected


@pytest.mark.parametrize("today", [date(2023, 2, 28), date(2024, 2, 28), date(2024, 2, 29),
                                   date(2023, 3, 1), date(2024, 12, 31)])  # fmt: skip
def test_an_age_is_a_date_of_birth(today: date) -> None:
    for years in range(-6, 130):
        latest = born_by(years, today)
        assert latest is not None
        assert age(latest, today) >= years > age(latest + timedelta(days=1), today)


@pytest.mark.parametrize(
    ("pattern", "java"),
    [
        ("a.c$", r"(?d)a.c\z"),
        ("[[:alpha:]_]+", r"(?d)[A-Za-z\_]+"),
        (r"\s", r"(?d)[\t\n\f\r ]"),
        (r"(?P<x>a)(?i:b)", "(?d)(a)(?iu:b)"),
        ("[a[&&]", r"(?d)[a\[\&\&]"),
        ("x{,2}", r"(?d)x\{,2\}"),
        (r"\p{Han}\pL", r"(?d)\p{IsHan}\p{L}"),
        (r"\Qa.b\E", r"(?d)a\.b"),
        ("(foo|bar)+(a|b*)c+", "(?d)(foo|bar)+(a|b*)c+"),
        ("(?:[0-9]+-){2}", r"(?d)(?:[0-9]+-){2}"),
    ],
)
def test_a_pattern_is_written_for_java(pattern: str, java: str) -> None:
    re2.compile(pattern)
    assert java_pattern(pattern) == java


@pytest.mark.parametrize(
    "pattern",
    ["(a+)+$", "(a|aa)*b", "(.*)*x", "(a?){6,}", "(a{1,3}){90}", "((a+))*", "(?i:a|A)+x", "(a|)*b",
     r"(\d|\w)+!", "(?P<n>a|bc*)*"],
)  # fmt: skip
def test_a_pattern_that_java_would_try_for_ever_is_refused(pattern: str) -> None:
    re2.compile(pattern)
    with pytest.raises(NotPortable):
        java_pattern(pattern)


@pytest.mark.parametrize("pattern", ["(?m)^a", "(?U)a+", r"\C", r"[\S]", r"\p{Any}"])
def test_what_java_reads_otherwise_is_refused(pattern: str) -> None:
    with pytest.raises(NotPortable):
        java_pattern(pattern)
