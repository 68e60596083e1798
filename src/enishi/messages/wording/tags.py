"""The outputs and links of a template: what most of a message is made of, without detours."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from html import unescape
from typing import Any, TextIO, TypeAlias

from liquid import RenderContext, escape
from liquid.ast import BlockNode, Node
from liquid.builtin.content import ContentNode
from liquid.builtin.expressions import FilteredExpression, Path, TernaryFilteredExpression, tokenize
from liquid.parser import get_parser
from liquid.stream import TokenStream
from liquid.stringify import to_liquid_string
from liquid.tag import Tag
from liquid.token import TOKEN_EOF, TOKEN_EXPRESSION, TOKEN_OUTPUT, TOKEN_TAG

from enishi.messages.wording.budget import Budget, Output
from enishi.messages.wording.formats import Amount, Day, Moment
from enishi.messages.wording.rendered import Links, UnrenderableError


def written(node: Node, context: Budget) -> str:
    buffer = Output()
    node.render(context, buffer)
    return buffer.getvalue()


Part: TypeAlias = str | Callable[[Budget], str]
"""A piece of a template: a text as it is, or what gives it."""

_SPECIAL = re.compile("[&<>\"']")
_PRINTED = frozenset({str, int, Amount, Day, Moment})


def escaped(text: str) -> str:
    """A plain text, safe in HTML and in the value of an attribute."""
    return text if _SPECIAL.search(text) is None else str(escape(text))


def plan_of(nodes: Sequence[Node]) -> tuple[Part, ...]:
    """The pieces of a template, so that filling it in asks no node what it is."""
    return tuple(
        node.text if isinstance(node, ContentNode)
        else node.said if isinstance(node, SaidNode)
        else partial(written, node)
        for node in nodes
    )  # fmt: skip


class SaidNode(Node):
    """A node whose text can be had without a buffer: most of a mail is made of these."""

    __slots__ = ()

    def said(self, context: Budget) -> str:
        raise NotImplementedError

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        assert isinstance(context, Budget)
        return buffer.write(self.said(context))


class LinkNode(SaidNode):
    """An address that leads through us. What it holds was written as text or as HTML."""

    __slots__ = ("block", "fixed", "plan")

    def __init__(self, token: Any, block: BlockNode, escaped: bool) -> None:
        super().__init__(token)
        self.block = block
        self.blank = False
        constant = all(isinstance(node, ContentNode) for node in block.nodes)
        said = "".join(node.text for node in block.nodes if isinstance(node, ContentNode))
        said = (unescape(said) if escaped else said).strip()
        self.fixed = said if constant and _WEB.fullmatch(said) else None
        self.plan = plan_of(block.nodes)

    def said(self, context: Budget) -> str:
        context.spend(1)
        if self.fixed is not None:
            led = context.links.click(self.fixed)
        else:
            url = "".join([p if isinstance(p, str) else p(context) for p in self.plan])
            led = led_through(unescape(url) if context.autoescape else url, context.links)
        return escaped(led) if context.autoescape else led

    def children(self, static_context: RenderContext, *, include_partials: bool = True) -> Any:  # noqa: ARG002  the library's
        yield self.block


class NameNode(SaidNode):
    """An output; a bare name, as most are, is looked up at once."""

    __slots__ = ("expression", "name")

    def __init__(
        self, token: Any, expression: FilteredExpression | TernaryFilteredExpression
    ) -> None:
        super().__init__(token)
        self.expression = expression
        self.blank = False
        found: object = None
        if isinstance(expression, FilteredExpression) and not expression.filters:
            left = expression.left
            if isinstance(left, Path) and len(left.path) == 1:
                found = left.path[0]
        self.name = found if isinstance(found, str) else None

    def said(self, context: Budget) -> str:
        name = self.name
        if name is not None and not context.loops and name not in context.locals:
            value = context.globals.get(name)
            if value is not None:
                context.spend(1)
                if type(value) in _PRINTED:  # they print as a text, and none of them holds markup
                    return escaped(str(value)) if context.autoescape else str(value)
                return to_liquid_string(value, context.autoescape)
        return to_liquid_string(self.expression.evaluate(context), context.autoescape)

    def expressions(self) -> Any:
        yield self.expression


class NameTag(Tag):
    name = TOKEN_OUTPUT
    block = False

    def parse(self, stream: TokenStream) -> Node:
        token = stream.eat(TOKEN_OUTPUT)
        said = stream.expect(TOKEN_EXPRESSION)
        inner = TokenStream(tokenize(said.value, said))
        return NameNode(token, FilteredExpression.parse(self.env, inner))


class LinkTag(Tag):
    """`{% link %}https://…{% endlink %}`: the address, with the click told."""

    name = "link"
    end = "endlink"

    def parse(self, stream: TokenStream) -> Node:
        token = stream.eat(TOKEN_TAG)
        if stream.current.kind == TOKEN_EXPRESSION:
            stream.into_inner(tag=token).expect_eos()
        block = get_parser(self.env).parse_block(stream, frozenset({"endlink", TOKEN_EOF}))
        stream.expect(TOKEN_TAG, value="endlink")
        return LinkNode(token, block, self.env.autoescape)


class PixelNode(SaidNode):
    """The picture of one pixel that tells of an opening."""

    def __init__(self, token: Any) -> None:
        super().__init__(token)
        self.blank = False

    def said(self, context: Budget) -> str:
        url = context.links.open()
        return _PIXEL.format(escape(url)) if url else ""


class PixelTag(Tag):
    name = "pixel"
    block = False

    def parse(self, stream: TokenStream) -> Node:
        return PixelNode(stream.eat(TOKEN_TAG))


_PIXEL = '<img src="{}" width="1" height="1" alt="" style="border:0;width:1px;height:1px">'
_WEB = re.compile(r"https?://[^\s/?#\"'<>\\@]+(?:[/?#][^\s\"<>\\]*)?", re.IGNORECASE)
_OTHER = re.compile(r"(?:mailto|tel|sms):[^\s\"'<>\\]+", re.IGNORECASE)


def led_through(url: str, links: Links) -> str:
    """The address to place for `url`; raises UnrenderableError `template_url` for no web address.

    Only http, https, mailto, tel and sms lead anywhere: a value cannot bring `javascript:` in.
    """
    plain = url.strip()
    if _WEB.fullmatch(plain):
        own = plain in (links.unsubscribe, links.preferences)
        return plain if own else links.click(plain)
    if _OTHER.fullmatch(plain):
        return plain
    raise UnrenderableError("template_url", "link")
