"""Liquid in a cage: a few tags, our own filters, no files, and a budget that every step uses up.

The bounds are counts, not clocks, so that a template does the same on every machine. Each look-up,
each filter and each turn of a loop is a step; long texts cost more. What exceeds a bound raises
`UnrenderableError("template_limit")`. Objects are reached by item, never by attribute.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import ClassVar, Literal, TypeAlias

from liquid import BoundTemplate, Environment, RenderContext
from liquid.builtin import content, illegal
from liquid.builtin.tags import (
    assign_tag,
    capture_tag,
    case_tag,
    comment_tag,
    for_tag,
    if_tag,
    inline_comment_tag,
    unless_tag,
)
from liquid.exceptions import LiquidError, ResourceLimitError
from liquid.mode import Mode
from liquid.undefined import Undefined

from enishi.kernel.text import Locale
from enishi.messages.wording import filters
from enishi.messages.wording.budget import ITEMS, OUTPUT, Budget, LimitError
from enishi.messages.wording.marks import LIQUID
from enishi.messages.wording.rendered import Links, UnrenderableError
from enishi.messages.wording.tags import LinkTag, NameNode, NameTag, Part, PixelTag, plan_of

Escaping: TypeAlias = Literal["html", "text"]


class Caged(BoundTemplate):
    context_class: type[RenderContext] = Budget


class _Sandbox(Environment):
    """`language` is asked by the filters that write numbers and days."""

    block_nesting_limit = 20
    context_depth_limit = 25
    loop_iteration_limit: ClassVar[int | None] = ITEMS
    local_namespace_limit: ClassVar[int | None] = 400_000
    output_stream_limit: ClassVar[int | None] = OUTPUT
    template_class = Caged

    def __init__(self, escaping: Escaping, language: Locale) -> None:
        self.language = language
        super().__init__(tolerance=Mode.STRICT, strict_filters=True, autoescape=escaping == "html")

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:  # noqa: ARG002  the library's
        for tag in (
            content.Literal, NameTag, illegal.Illegal, if_tag.IfTag, unless_tag.UnlessTag,
            case_tag.CaseTag, for_tag.ForTag, for_tag.BreakTag, for_tag.ContinueTag,
            assign_tag.AssignTag, capture_tag.CaptureTag, comment_tag.CommentTag,
            inline_comment_tag.InlineCommentTag, LinkTag, PixelTag,
        ):  # fmt: skip
            self.add_tag(tag)
        for name, function in filters.ALL.items():
            self.add_filter(name, function)


# ── what the rest of the package uses ──────────────────────────────────────────────────────────


def has_liquid(source: str) -> bool:
    return "{{" in source or "{%" in source


def refuse_open(source: str) -> None:
    """Raise LiquidError for a `{{` or `{%` that nothing closes, and for `raw`, in one pass.

    The library's lexer would look for each one's end to the end of the text: minutes for a text
    made of beginnings.
    """
    if _RAW.search(source):
        raise LiquidError("unexpected tag 'raw'", token=None)
    place = 0
    while (found := _OPENING.search(source, place)) is not None:
        close = "}}" if found[0] == "{{" else "%}"
        end = source.find(close, found.end())
        if end < 0 or end - found.start() > _LONGEST_TAG:
            raise LiquidError(f"{found[0]} is not closed by {close}", token=None)
        place = end + 2


def _refuse_markup(source: str) -> None:
    """Raise LiquidError for markup in a text that Liquid quotes: the library trusts those.

    It would come out unescaped, past every check of what the mail is made of.
    """
    for piece in LIQUID.finditer(source):
        for said in _QUOTED.finditer(piece[0]):
            if any(char in said[0][1:-1] for char in '<>"'):
                raise LiquidError("markup in a quoted text", token=None)


_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_OPENING = re.compile(r"\{[{%]")
_RAW = re.compile(r"\{%[-+]?\s{0,100}(?:end)?(?:raw|doc)\b")
_LONGEST_TAG = 5000


@lru_cache(maxsize=4)
def _sandbox(escaping: Escaping, language: Locale) -> _Sandbox:
    return _Sandbox(escaping, language)


@lru_cache(maxsize=256)
def _planned(
    source: str, escaping: Escaping, language: Locale
) -> tuple[BoundTemplate, tuple[Part, ...]]:
    refuse_open(source)
    if escaping == "html":
        _refuse_markup(source)
    template = _sandbox(escaping, language).from_string(source)
    return template, plan_of(template.nodes)


def parsed(source: str, escaping: Escaping, language: Locale) -> BoundTemplate:
    """A text ready to be filled in; raises LiquidError."""
    return _planned(source, escaping, language)[0]


def filled(
    source: str, names: Mapping[str, object], links: Links, escaping: Escaping, language: Locale,
    where: str,
) -> str:  # fmt: skip
    """A text filled in; raises UnrenderableError naming `where` in the template."""
    if not has_liquid(source):
        return source
    try:
        template, plan = _planned(source, escaping, language)
        context = Budget(template, globals=names, links=links)
        text = "".join([part if isinstance(part, str) else part(context) for part in plan])
        if len(text) > OUTPUT:
            raise LimitError("output")
        return text
    except Exception as error:
        raise _failed(error, where) from error


def value_of(
    source: str, names: Mapping[str, object], links: Links, language: Locale, where: str
) -> object:
    """What a text stands for in JSON: a lone output gives its value as JSON has it, else a text."""
    if not has_liquid(source):
        return source
    try:
        template = parsed(source, "text", language)
        if len(template.nodes) == 1 and isinstance(template.nodes[0], NameNode):
            context = Budget(template, globals=names, links=links)
            return _plain(template.nodes[0].expression.evaluate(context))
    except Exception as error:
        raise _failed(error, where) from error
    return filled(source, names, links, "text", language, where)


def _failed(error: Exception, where: str) -> UnrenderableError:
    if isinstance(error, UnrenderableError):
        return UnrenderableError(error.code, where)
    if isinstance(error, filters.FilterError):
        return UnrenderableError(error.code, where)
    if isinstance(error, LimitError | ResourceLimitError | RecursionError | MemoryError):
        return UnrenderableError("template_limit", where)
    return UnrenderableError("template_broken", where)


def _plain(value: object) -> object:
    if isinstance(value, Undefined) or value is None:
        return None
    if isinstance(value, bool | int | float):
        return value
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    return str(value)
