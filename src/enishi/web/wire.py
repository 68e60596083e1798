"""How JSON comes in and goes out: decimals keep their digits both ways."""

from __future__ import annotations

from typing import Any

import msgspec
from django.http import HttpRequest
from ninja.parser import Parser
from ninja.renderers import BaseRenderer

from enishi.rules import read_json


class ExactParser(Parser):
    """Reads numbers with a point as Decimal, so that a rule over money means what it says."""

    def parse_body(self, request: HttpRequest) -> Any:
        return read_json(request.body)


_encoder = msgspec.json.Encoder(decimal_format="number", enc_hook=str)


class ExactRenderer(BaseRenderer):
    """Writes decimals by their digits, times in ISO 8601, and what it does not know as text."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:  # noqa: ARG002  ninja's signature
        return _encoder.encode(data)
