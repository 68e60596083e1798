"""Malformed payloads against the real ingest process: refused in words, no fault, nothing leaked.

300 of them every day; HYPOTHESIS_PROFILE=all sends 10,000.
"""

from __future__ import annotations

import base64
import gzip
import http.client
import json
import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from enishi.book.workspace import read_workspace
from ingest_world import WEB, Served, basic, logged, put_keys, served

EXAMPLES = 10_000 if os.environ.get("HYPOTHESIS_PROFILE") == "all" else 300
NAME, MAIL = "金糸雀 花子", "kanaria.hanako@example.jp"
"""Somebody whose name must not be found in any log."""

BOMBS = [gzip.compress(b'{"batch":[' + b" " * size, 1) for size in (400_000, 600_000, 50_000_000)]
MOST_MEMORY = 150_000  # KB
PATHS = [
    "/v1/batch", "/v1/track", "/v1/identify", "/v1/page", "/v1/screen", "/v1/group", "/v1/alias",
    "/v1/t", "/v1/b", "/beacon/v1/batch", "/batch", "/v1/import", "/v1/unknown", "/sourceConfig/",
    f"/v1/projects/{WEB}/settings", "/v1/projects//settings", "/enishi.js", "/healthz", "/",
]  # fmt: skip

texts = st.one_of(st.text(max_size=40), st.sampled_from([NAME, MAIL, "\u0000", "\ud800", "💥" * 9]))
values = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), texts,
        st.sampled_from([10**400, -(10**30), 1e308, "x" * 33_000]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=5), st.dictionaries(texts, inner, max_size=5)
    ),
    max_leaves=12,
)  # fmt: skip
fields = st.sampled_from(
    ["type", "event", "userId", "anonymousId", "messageId", "timestamp", "properties", "traits",
     "context", "writeKey", "batch", "sentAt", "previousId", "groupId", "name"]
)  # fmt: skip
events = st.dictionaries(fields, values, max_size=10).map(
    lambda event: event | {"email": MAIL, "traits": {"name": NAME}}
)
batches = st.fixed_dictionaries({"batch": st.one_of(st.lists(events, max_size=5), values)})
bodies = st.one_of(events, batches, values).map(
    lambda value: json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
)


@st.composite
def spoilt(draw: st.DrawFn) -> bytes:
    """A body, maybe cut, with some bytes replaced, with something added, or packed badly."""
    body = draw(st.one_of(bodies, bodies, st.binary(max_size=300)))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, max(0, len(body) - 1)))
        match draw(st.sampled_from(["cut", "flip", "add", "deep", "escape"])):
            case "cut":
                body = body[:at]
            case "flip":
                body = body[:at] + bytes([draw(st.integers(0, 255))]) + body[at + 1 :]
            case "add":
                body = body[:at] + draw(st.binary(max_size=8)) + body[at:]
            case "deep":
                body = body[:at] + b"[" * draw(st.sampled_from([50, 1_000, 100_000])) + body[at:]
            case _:
                body = body[:at] + rb"\ud83d\u0000\x" + body[at:]
    match draw(st.sampled_from(["plain", "plain", "gzip", "broken", "bomb", "deflate"])):
        case "gzip":
            return gzip.compress(body)
        case "broken":
            packed = gzip.compress(body)
            return packed[: draw(st.integers(2, len(packed)))]
        case "bomb":
            return draw(st.sampled_from(BOMBS))
        case "deflate":
            return zlib.compress(body)
        case _:
            return body


header_values = st.text(
    st.characters(min_codepoint=32, max_codepoint=255, blacklist_characters="\x7f"), max_size=60
).map(str.strip)
headers = st.fixed_dictionaries(
    {},
    optional={
        "Authorization": st.one_of(
            st.just(basic(WEB)["authorization"]), header_values,
            st.binary(max_size=30).map(lambda b: "Basic " + base64.b64encode(b).decode()),
        ),
        "Content-Type": st.one_of(
            st.sampled_from(["application/json", "text/plain"]), header_values
        ),
        "Content-Encoding": st.one_of(st.sampled_from(["gzip", "br", "identity"]), header_values),
        "Origin": header_values,
        "Accept-Language": header_values,
        "If-None-Match": header_values,
    },
)  # fmt: skip
queries = st.one_of(
    st.just(""), st.just(f"?writeKey={WEB}"),
    st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=80).map(
        lambda text: "?" + text.replace("#", "")
    ),
)  # fmt: skip


@pytest.fixture(scope="module")
def ingest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Served]]:
    root = tmp_path_factory.mktemp("malformed")
    (root / "enishi.toml").write_text('name = "t"\n', encoding="utf-8")
    put_keys(read_workspace(root))
    with served(root) as found:
        yield root, found


class Line:
    """A connection that is kept until the server closes it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._open: http.client.HTTPConnection | None = None

    def ask(self, method: str, target: str, body: bytes, named: dict[str, str]) -> Any:
        for again in (True, False):
            if self._open is None:
                self._open = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
            try:
                self._open.request(method, target, body, named)
                answer = self._open.getresponse()
                return answer.status, answer.read(), dict(answer.getheaders())
            except (http.client.HTTPException, ConnectionError):
                self._open.close()
                self._open = None
                if not again:
                    raise
        raise AssertionError("unreachable")


def memory_of_workers(pid: int) -> int:
    """Resident KB of the largest process the server has started."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    lines = [
        line
        for child in children
        for line in Path(f"/proc/{child}/status").read_text().splitlines()
        if line.startswith("VmRSS")
    ]
    return max(int(line.split()[1]) for line in lines)


def test_no_payload_is_a_fault_of_ours(ingest: tuple[Path, Served]) -> None:
    root, process = ingest
    line = Line(process.port)
    seen: dict[int, int] = {}

    @settings(
        max_examples=EXAMPLES, deadline=None, derandomize=True, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(
        method=st.sampled_from(["POST"] * 8 + ["GET", "PUT", "OPTIONS", "DELETE"]),
        path=st.sampled_from(PATHS), query=queries, named=headers, body=spoilt(),
    )  # fmt: skip
    def send(method: str, path: str, query: str, named: dict[str, str], body: bytes) -> None:
        status, content, told = line.ask(method, path + query, body, named)
        seen[status] = seen.get(status, 0) + 1
        assert status < 500, (status, content)
        text = content.decode("utf-8", "replace")
        assert "Traceback" not in text
        assert ".py" not in text
        assert NAME not in text
        assert MAIL not in text
        if status >= 400 and told.get("content-type", "").startswith("application/json"):
            assert set(json.loads(content)) == {"code", "message", "remedy", "faults", "detail"}

    send()
    assert seen.keys() >= {200, 400, 401, 404}, seen
    assert process.process.poll() is None
    assert memory_of_workers(process.process.pid) < MOST_MEMORY
    written = b"".join(path.read_bytes() for path in (root / "var" / "log").iterdir())
    for secret in (NAME, MAIL, WEB):
        assert secret.encode() not in written
    assert b"Traceback" not in written
    for record in logged(read_workspace(root)):
        assert isinstance(json.loads(record.body), dict)
