"""The SDKs that run on servers, made to say one of each call."""

from __future__ import annotations

import json
import subprocess
from typing import Any

from rudderstack.analytics.client import Client as RudderClient
from sdk_packages import HERE, install, node
from sdk_said import GROUP, NAME, PROPERTIES, TRAITS, USER, VISITOR
from segment.analytics.client import Client as SegmentClient

from ingest_world import SERVER

PYTHON: dict[str, Any] = {"segment": SegmentClient, "rudderstack": RudderClient}
NODE = ("segment", "rudderstack")
KINDS = {"identify", "track", "page", "screen", "group", "alias"}


def python_client(name: str, url: str, key: str = SERVER, **options: Any) -> tuple[Any, list[Any]]:
    """A client, and the errors it tells of."""
    errors: list[Any] = []
    client = PYTHON[name](
        key, host=url, on_error=lambda error, items: errors.append((error, len(items))), **options
    )
    return client, errors


def say_in_python(name: str, url: str, **options: Any) -> list[Any]:
    """One of each call by a Python SDK; returns the errors it told of."""
    client, errors = python_client(name, url, **options)
    client.identify(USER, TRAITS)
    client.track(USER, NAME, PROPERTIES)
    client.page(USER, "ローン", "金利", {"url": "https://www.example.jp/loan"})
    client.screen(USER, "アプリ", "残高")
    client.group(USER, GROUP, {"name": "例示商事"})
    client.alias(VISITOR, USER)
    client.flush()
    client.shutdown()
    return errors


def say_in_node(name: str, url: str, **options: Any) -> list[str]:
    """One of each call by a Node SDK, or `count` numbered ones; returns the errors it told of."""
    install()
    program, environment = node()
    told = {
        "url": url, "key": SERVER, "user": USER, "visitor": VISITOR, "group": GROUP,
        "name": NAME, "properties": PROPERTIES, "traits": TRAITS,
    }  # fmt: skip
    done = subprocess.run(
        [program, f"senders/{name}.mjs"],
        input=json.dumps(told | options),
        cwd=HERE,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    errors: list[str] = json.loads(done.stdout.splitlines()[-1])["errors"]
    return errors
