"""What crosses the door: requests, answers and errors as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from enishi.book.access import Actor
from enishi.kernel.errors import (
    Conflict,
    EnishiError,
    Fault,
    Forbidden,
    Invalid,
    NotFound,
    Unavailable,
)
from enishi.kernel.text import Text
from enishi.rules import read_json

_ENCODER = msgspec.json.Encoder(decimal_format="number", enc_hook=lambda value: _other(value))
_BY_STATUS: Mapping[int, type[EnishiError]] = {
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    422: Invalid,
    503: Unavailable,
}


def _other(value: object) -> object:
    if isinstance(value, Actor):
        return asdict(value)
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} does not cross the door")


def request(token: str, method: str, arguments: Mapping[str, object]) -> bytes:
    """A question on its way in. Decimals stay exact; times travel in ISO."""
    given = {name: value for name, value in arguments.items() if value is not None}
    return _ENCODER.encode({"token": token, "method": method, "arguments": given})


def read_request(body: bytes) -> tuple[str, str, dict[str, Any]]:
    """(token, method, arguments) of a request; the actor and the instant as their own types."""
    found = read_json(body.decode())
    assert isinstance(found, dict)
    arguments = dict(found["arguments"])
    if "actor" in arguments:
        arguments["actor"] = Actor(**arguments["actor"])
    for name in ("as_of", "valid_from", "since"):
        if name in arguments:
            arguments[name] = datetime.fromisoformat(arguments[name])
    return found["token"], found["method"], arguments


def answer(value: object) -> bytes:
    return _ENCODER.encode(value)


def read_answer(body: bytes) -> Any:
    return json.loads(body)


def error(problem: EnishiError) -> bytes:
    """An error with both languages, so that whoever shows it may choose."""
    return _ENCODER.encode(
        {
            "status": problem.status,
            "code": problem.code,
            "message": asdict(problem.message),
            "remedy": asdict(problem.remedy),
            "faults": [asdict(fault) for fault in problem.faults],
            "detail": problem.detail,
        }
    )


def read_error(body: bytes) -> EnishiError:
    found = json.loads(body)
    faults = tuple(
        Fault(
            fault["code"],
            fault["path"],
            Text(**fault["message"]),
            Text(**fault["remedy"]),
            fault["file"],
        )
        for fault in found["faults"]
    )
    problem = _BY_STATUS.get(found["status"], EnishiError)(
        Text(**found["message"]),
        Text(**found["remedy"]),
        code=found["code"],
        faults=faults,
        detail=found["detail"],
    )
    problem.status = found["status"]
    return problem
