"""Templates that mean harm: bombs, ways out of the cage, markup and schemes in values."""

from __future__ import annotations

import time
import tracemalloc
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enishi.messages.wording.formats import Spec, dressed
from enishi.messages.wording.rendered import UnrenderableError, Untracked
from enishi.messages.wording.sandbox import Escaping, filled, value_of

TEN = "{% for a in (1..10) %}"
BOMBS = {
    "a_loop_without_end": "{% for i in (1..1000000000) %}x{% endfor %}",
    "loops_in_loops": "{% for i in (1..1000) %}" * 3 + "x" + "{% endfor %}" * 3,
    "loops_that_write_nothing": "{% for i in (1..1000) %}" * 2 + "{% endfor %}" * 2,
    "loops_one_after_another": "{% for i in (1..1000) %}x{% endfor %}" * 200,
    "a_text_that_doubles": "{% assign a = 'aaaaaaaaaa' %}" + "{% assign a = a | append: a %}" * 40,
    "a_capture_that_doubles": "{% assign a = 'aaaaaaaaaa' %}"
    + "{% capture a %}{{ a }}{{ a }}{% endcapture %}" * 40,
    "a_replacement_that_explodes": "{% assign a = 'aaaaaaaaaa' %}"
    "{% for i in (1..9) %}{% assign a = a | append: a %}{% endfor %}"
    "{{ a | replace: 'a', a }}",
    "a_number_that_doubles": "{% assign a = 9 %}"
    "{% for i in (1..900) %}{% assign a = a | times: a %}{% endfor %}",
    "a_range_as_a_list": "{{ (1..1000000000) | join: ',' }}",
    "a_range_sorted": "{% assign a = (1..1000000000) | sort %}",
    "a_range_counted": "{{ (1..1000000000) | size }}",
    "too_many_variables": "".join(f"{{% assign v{n} = 1 %}}" for n in range(300)),
    "too_long_an_output": "x" * 500_000 + "{{ a }}",
    "blocks_too_deep": "{% if a %}" * 60 + "{% endif %}" * 60,
    "a_text_split_to_pieces": "{% assign a = 'aaaaaaaaaa' %}"
    "{% for i in (1..9) %}{% assign a = a | append: a %}{% endfor %}{{ a | split: '' }}",
}
SLOW_TO_READ = {
    "openings_without_end": "{{" * 100_000,
    "tags_without_end": "{%" * 100_000,
    "openings_and_no_close": "{{ a" * 50_000 + "}}",
    "comments_without_end": "{% comment %}" * 15_000,
    "brackets_without_end": "{{ " + "a[" * 2_000 + " }}",
    "conditions_without_end": "{% if " + "a and " * 800 + "a %}x{% endif %}",
    "raw_without_end": "{% raw %}" * 20_000,
}


def fill(source: str, escaping: Escaping = "html", **names: Any) -> str:
    return filled(source, names, Untracked(), escaping, "ja", "text")


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_a_bomb_is_refused_in_bounded_time_and_memory(bomb: str) -> None:
    begun = time.process_time()
    with pytest.raises(UnrenderableError) as refused:
        fill(bomb)
    assert refused.value.code == "template_limit"
    assert time.process_time() - begun < 1.0
    tracemalloc.start()
    try:
        with pytest.raises(UnrenderableError):
            fill(bomb)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 60_000_000


@pytest.mark.parametrize("source", SLOW_TO_READ.values(), ids=SLOW_TO_READ)
def test_what_is_hard_to_read_is_read_in_bounded_time(source: str) -> None:
    begun = time.process_time()
    with pytest.raises(UnrenderableError):
        fill(source)
    assert time.process_time() - begun < 3.0


def test_a_template_within_its_bounds_is_filled_in() -> None:
    rows = "{% for i in (1..100) %}{{ i }},{% endfor %}"
    assert fill(rows).count(",") == 100


WAYS_OUT = [
    "{{ t.__class__ }}", "{{ t['__class__'] }}", "{{ d.__class__.__mro__ }}", "{{ t.upper }}",
    "{{ d.year }}", "{{ n.real }}", "{{ f.__globals__ }}", "{{ f['__globals__'] }}",
    "{{ l.append }}", "{{ m.keys }}", "{{ m.__init__.__globals__ }}", "{{ _links }}",
    "{{ self }}", "{{ request }}", "{{ settings.SECRET_KEY }}", "{{ forloop }}",
]  # fmt: skip


@pytest.mark.parametrize("source", WAYS_OUT)
def test_nothing_of_python_is_reached(source: str) -> None:
    names: dict[str, Any] = {
        "t": "text", "d": dressed(date(2026, 1, 2), Spec(None, "date"), "ja"),
        "n": dressed(5, Spec(None, "integer"), "ja"), "f": fill, "l": [1], "m": {"a": 1},
    }  # fmt: skip
    try:
        shown = fill(source, **names)
    except UnrenderableError:
        return
    assert shown == ""


@pytest.mark.parametrize(
    "source",
    [
        "{% include '/etc/passwd' %}", "{% render 'x' %}", "{% liquid echo 1 %}",
        "{% tablerow i in (1..3) %}{% endtablerow %}", "{% increment a %}", "{% extends 'x' %}",
        "{{ 'PGI+' | base64_decode }}", "{{ '<b>' | safe }}", "{{ '%3Cb%3E' | url_decode }}",
        "{{ t | strip_html }}", "{{ t | escape_once }}", "{{ t | map: 'x' }}",
    ],
)  # fmt: skip
def test_tags_and_filters_that_are_not_offered_are_refused(source: str) -> None:
    with pytest.raises(UnrenderableError) as refused:
        fill(source, t="<b>")
    assert refused.value.code == "template_broken"


HOSTILE = """<script>alert(1)</script>"'><img src=x onerror=alert(1)>&amp;{{ t }}{% if %}"""


@pytest.mark.parametrize(
    "source",
    [
        "{{ t }}", "{{ t | upcase }}", "{{ t | append: '!' }}", "{{ t | prepend: 'b' }}",
        "{{ 'b' | append: t }}", "{{ 'axb' | replace: 'x', t }}", "{{ t | newline_to_br }}",
        "{{ t | truncate: 40 }}", "{{ t | split: 'a' | join: 'b' }}", "{{ l | join: ', ' }}",
        "{{ l | first }}", "{{ m.a }}", "{% assign x = t %}{{ x }}", "{{ none | default: t }}",
        "{% capture x %}{{ t }}{% endcapture %}{{ x }}", "{% for i in l %}{{ i }}{% endfor %}",
        "{{ t | date: '%Y' }}", "{{ t | slice: 0, 30 }}", "{{ l }}", "{{ m }}", "{{ t | escape }}",
        "{{ 'i' | append: t | append: t }}", "{{ t | plus_days: 3 }}", "{{ t | wareki }}",
        "{% case t %}{% when 'x' %}{% else %}{{ t }}{% endcase %}",
    ],
)  # fmt: skip
def test_a_value_never_becomes_markup(source: str) -> None:
    shown = fill(source, t=HOSTILE, l=[HOSTILE], m={"a": HOSTILE}).lower()
    assert "<script" not in shown
    assert "<img" not in shown
    assert "{% if %}" not in shown or "{%" in HOSTILE  # what a value holds is not read as Liquid


CUTS = [
    "slice: 1, 3", "slice: 1", "split: 'a' | last", "replace: 'br', 'form'", "remove: 'br'",
    "truncate: 2, ''", "upcase", "downcase", "capitalize", "split: '' | join: ''",
    "split: '' | reverse | join", "append: 'x' | slice: 1, 4",
]  # fmt: skip


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize(
    "made",
    ["{% assign b = 'a\nb' | newline_to_br %}", "{% capture b %}a<br>b{% endcapture %}"],
    ids=["filter", "capture"],
)
def test_markup_that_is_cut_up_or_changed_is_escaped_again(made: str, cut: str) -> None:
    """Else `<` alone could be had, and any tag be put together from it."""
    assert "<" not in fill(f"{made}{{{{ b | {cut} }}}}")
    assert "<" not in fill(f"{made}{{% assign l = b | {cut} %}}{{{{ l }}}}form>")


def test_markup_that_stays_whole_stays_markup_and_values_are_escaped_once() -> None:
    assert fill("{{ t | newline_to_br | append: '!' | strip }}", t="a\n<b") == "a<br>&lt;b!"
    shown = fill("{% capture x %} {{ t }} {% endcapture %}{{ x | strip }}{{ x | upcase }}", t="a&b")
    assert shown == "a&amp;b A&amp;B "


@pytest.mark.parametrize(
    "source",
    [
        "{{ '<script>alert(1)</script>' }}", "{{ none | default: '<img src=x onerror=alert(1)>' }}",
        "{{ t | append: '<b>' }}", """<p title="{{ '" onclick="alert(1)' }}">x</p>""",
        "{% assign x = '<b>' %}{{ x }}", "{{ t | replace: 'a', '>' }}",
    ],
)  # fmt: skip
def test_markup_in_a_quoted_text_is_refused_where_it_would_come_out_as_it_is(source: str) -> None:
    with pytest.raises(UnrenderableError) as refused:
        fill(source, t="a")
    assert refused.value.code == "template_broken"


@given(st.text(max_size=60))
def test_no_value_leaves_an_attribute_or_a_text(value: str) -> None:
    shown = fill('<p title="{{ t }}">{{ t }}</p>', t=value)
    inner = shown.removeprefix('<p title="').removesuffix("</p>")
    assert inner.count('"') == 1
    assert "<" not in inner
    assert inner.count(">") == 1


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)", "java\nscript:x",
        "data:text/html,x", "vbscript:x", "file:///etc/passwd", "//evil.example/x", "/relative",
        "", "https://", "https:///x", "ht tps://x.example", "https://x.example\r\nSet-Cookie: a",
        'https://x.example/"onclick="x', "https://user:pass@evil.example/", "mailto:",
        "mailto:a@example.jp\r\nBcc: b@example.jp",
    ],
)  # fmt: skip
def test_a_value_leads_nowhere_but_to_the_web(url: str) -> None:
    for escaping in ("html", "text"):
        with pytest.raises(UnrenderableError) as refused:
            filled("{% link %}{{ u }}{% endlink %}", {"u": url}, Untracked(), escaping, "ja", "x")
        assert refused.value.code == "template_url"


def test_a_link_leads_through_us_with_the_address_as_it_was_meant() -> None:
    class Through(Untracked):
        def click(self, url: str) -> str:
            return f"https://b.example/c?<{url}>&x"

    source = '<a href="{% link %}https://x.example/?a=1&amp;b={{ v | url_encode }}{% endlink %}">'
    shown = filled(source, {"v": "ä &x=1#"}, Through(), "html", "ja", "x")
    assert shown == (
        '<a href="https://b.example/c?&lt;https://x.example/?a=1&amp;b=%C3%A4%20%26x%3D1%23&gt;'
        '&amp;x">'
    )
    names = {"u": Untracked().unsubscribe}
    own = filled("{% link %}{{ u }}{% endlink %}", names, Through(), "text", "ja", "x")
    assert own == Untracked().unsubscribe


def test_a_lone_output_in_json_is_the_value_itself() -> None:
    names = {"n": dressed(5, Spec(None, "integer"), "ja"), "t": 'a"b', "l": [1, "x"],
             "m": dressed(1234.5, Spec(None, "float", "money"), "ja")}  # fmt: skip

    def value(source: str) -> object:
        return value_of(source, names, Untracked(), "ja", "x")

    assert value("{{ n }}") == 5
    assert value("{{ m }}") == 1234.5
    assert value("{{ t }}") == 'a"b'
    assert value("{{ l }}") == [1, "x"]
    assert value("{{ none }}") is None
    assert value("{{ n }}個") == "5個"
    assert value("plain") == "plain"
