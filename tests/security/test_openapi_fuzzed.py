"""Every endpoint of the web's OpenAPI with what schemathesis makes of it: no fault of ours.

Requests that fit the description and requests that do not, by an administrator, over a loaded
bank. Every day one in twenty endpoints gets one that does not; HYPOTHESIS_PROFILE=all sends many to
each (`test_permissions` sends a few hostile ones to all of them every day).
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

if TYPE_CHECKING:
    from lists_world import Bank

EVERYTHING = os.environ.get("HYPOTHESIS_PROFILE") == "all"
EXAMPLES = 30 if EVERYTHING else 1
ONE_IN = 1 if EVERYTHING else 20
MODES = list(GenerationMode) if EVERYTHING else [GenerationMode.NEGATIVE]
LEFT_OUT = {
    "/api/auth/sign-out",  # end the session that asks
    "/api/auth/password/change",
    "/api/auth/sessions/{session_id}",
    "/api/users/{user_id}",
    "/api/roles/{name}",
}
SHAPE = {"code", "message", "remedy", "faults", "detail"}


def operations() -> Iterator[Any]:
    """Every operation of the API that the interface uses."""
    from enishi.web.api import openapi

    schema = schemathesis.openapi.from_dict(openapi())
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.path not in LEFT_OUT:
            yield operation


def test_nothing_that_fits_or_does_not_is_a_fault_of_ours(sqlite_bank: Bank) -> None:
    api = sqlite_bank.api("administrator")
    wrong: list[tuple[str, int, str]] = []
    asked = refused = 0

    def ask(case: Any) -> None:
        nonlocal asked, refused
        asked += 1
        target = quote(case.formatted_path.removeprefix("/api/"), safe="/%")
        if case.query:
            target += "?" + urlencode(case.query, doseq=True, errors="replace")
        body = case.body if isinstance(case.body, dict | list | str | int | float) else None
        answer = api.send(case.method, target, _sendable(body))
        refused += answer.status_code >= 400
        if answer.status_code < 400:
            return
        name = f"{case.method} {case.path}"
        if "json" not in answer["Content-Type"] or set(answer.json()) != SHAPE:
            wrong.append((name, answer.status_code, "shape"))
        elif answer.status_code >= 500 and answer.status_code != 503:
            wrong.append((name, answer.status_code, json.dumps(body, default=str)[:200]))
        elif "Traceback" in answer.content.decode():
            wrong.append((name, answer.status_code, "trace"))

    names = 0
    for operation in list(operations())[::ONE_IN]:
        names += 1
        strategies = [operation.as_strategy(generation_mode=mode) for mode in MODES]
        settings(
            max_examples=EXAMPLES, deadline=None, derandomize=True, database=None,
            phases=[Phase.generate], suppress_health_check=list(HealthCheck),
        )(given(st.one_of(strategies))(ask))()  # fmt: skip
    assert wrong == []
    assert names > 100 / ONE_IN - 2
    assert asked >= names * 0.9
    assert refused > 0


def _sendable(body: Any) -> Any:
    """The body, halves of surrogate pairs taken out: a JSON text cannot hold them as UTF-8."""
    if body is None:
        return None
    text = json.dumps(body, default=str, ensure_ascii=True)
    return json.loads(text.encode("utf-8", "replace"))


pytestmark = pytest.mark.filterwarnings("ignore::hypothesis.errors.NonInteractiveExampleWarning")
