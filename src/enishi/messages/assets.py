from __future__ import annotations

from collections.abc import Sequence

from enishi.book.access import Actor
from enishi.messages.models import Asset
from enishi.messages.schemas import AssetOut, AssetPatch


def find(q: str, archived: bool, offset: int, limit: int) -> tuple[list[Asset], int]:
    return [], 0


def asset_rows(rows: Sequence[Asset]) -> list[AssetOut]:
    return []


def add(name: str, alt: str, content: str, actor: Actor) -> Asset:
    raise NotImplementedError


def change(asset_id: str, patch: AssetPatch, actor: Actor) -> Asset:
    raise NotImplementedError


def archive(asset_id: str, actor: Actor) -> Asset:
    raise NotImplementedError
