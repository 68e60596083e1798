"""How many messages LINE still takes this month."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import msgspec

from enishi.book.outbound import Answer, Undeliverable, fetch
from enishi.kernel.errors import Unavailable
from enishi.kernel.text import Text
from enishi.messages.channels.port import Account

API = "https://api.line.me"
Fetch: TypeAlias = Callable[[str, Mapping[str, str]], Answer]


def _fetch(url: str, headers: Mapping[str, str]) -> Answer:
    return fetch(url, headers)


def read_quota(account: Account, ask: Fetch = _fetch) -> tuple[int | None, int]:
    """This month's limit (None: no limit) and how many have gone. Raises Unavailable `line_quota`.

    LINE counts recipients; its count lags behind by some minutes.
    """
    headers = {"Authorization": f"Bearer {account.secrets.get('access_token', '')}"}
    limit = _ask(ask, f"{API}/v2/bot/message/quota", headers)
    used = _ask(ask, f"{API}/v2/bot/message/quota/consumption", headers)
    value = limit.get("value") if limit.get("type") == "limited" else None
    return (None if value is None else int(value)), int(used.get("totalUsage", 0))


def _ask(ask: Fetch, url: str, headers: Mapping[str, str]) -> dict[str, Any]:
    try:
        answer = ask(url, headers)
        if answer.status == 200:
            return msgspec.json.decode(answer.body, type=dict[str, Any])
    except (Undeliverable, msgspec.MsgspecError):
        pass
    raise Unavailable(
        Text("LINEに上限を確認できませんでした。", "LINE did not tell the quota."),
        Text(
            "チャネルアクセストークンを確かめて、もう一度お試しください。",
            "Check the channel access token, then try again.",
        ),
        code="line_quota",
    )
