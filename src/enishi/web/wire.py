"""How JSON comes in and goes out: decimals keep their digits both ways."""

from __future__ import annotations

import re
from typing import Any

import msgspec
from django.http import HttpRequest
from ninja.parser import Parser
from ninja.renderers import BaseRenderer

from enishi.rules import read_json
from enishi.web import errors

_ESCAPED = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class ExactParser(Parser):
    """Reads numbers with a point as Decimal, so that a rule over money means what it says.

    Refuses text that no database stores: NUL and halves of a surrogate pair.
    """

    def parse_body(self, request: HttpRequest) -> Any:
        body = request.body
        found = read_json(body)
        # Only an escape brings such a character past JSON and UTF-8; most bodies hold none.
        if _ESCAPED.search(body) and _unstorable(found):
            raise errors.unstorable()
        return found


def _unstorable(found: object) -> bool:
    if isinstance(found, str):
        return _UNSTORABLE.search(found) is not None
    if isinstance(found, dict):
        return any(_unstorable(name) or _unstorable(part) for name, part in found.items())
    return isinstance(found, list) and any(_unstorable(part) for part in found)


_encoder = msgspec.json.Encoder(decimal_format="number", enc_hook=str)


class ExactRenderer(BaseRenderer):
    """Writes decimals by their digits, times in ISO 8601, and what it does not know as text."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:  # noqa: ARG002  ninja's signature
        return _encoder.encode(data)
