"""Images over HTTP: brought in, named, put away. Their public address stands in `assets_web`."""

from __future__ import annotations

from typing import Annotated

from ninja import Query, Status

from enishi.book.http import Limit, Offset, Request, Router
from enishi.messages.templates import assets
from enishi.messages.templates.schemas import AssetIn, AssetOut, AssetPatch, AssetsOut

router = Router(tags=["images"])


@router.get("/assets", permission="messages.read", response=AssetsOut)
def all_assets(
    request: Request,
    q: Annotated[str, Query(max_length=200)] = "",
    archived: bool = False,
    offset: Offset = 0,
    limit: Limit = 50,
) -> AssetsOut:
    """Images, the newest first."""
    rows, total = assets.find(q, archived, offset, limit)
    return AssetsOut(items=assets.asset_rows(rows), total=total)


@router.post("/assets", permission="messages.write", response={201: AssetOut})
def bring_in(request: Request, body: AssetIn) -> Status[AssetOut]:
    """Bring an image in: decoded, written anew without what cameras add, kept under its digest.

    The same picture twice is one image. Refused: SVG, other files, too large, too many pixels.
    """
    made = assets.add(body.name, body.alt, body.content, request.actor)
    return Status(201, assets.asset_rows([made])[0])


@router.patch("/assets/{asset_id}", permission="messages.write", response=AssetOut)
def change(request: Request, asset_id: str, body: AssetPatch) -> AssetOut:
    """Another name or description."""
    return assets.asset_rows([assets.change(asset_id, body, request.actor)])[0]


@router.delete("/assets/{asset_id}", permission="messages.write", response=AssetOut)
def put_away(request: Request, asset_id: str) -> AssetOut:
    """Put an image away. It is still served: mails that were sent go on showing it."""
    return assets.asset_rows([assets.archive(asset_id, request.actor)])[0]
