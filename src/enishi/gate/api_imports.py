"""Do-not-contact lists over HTTP: look at a file, apply it, see what was applied, take it back."""

from __future__ import annotations

from enishi.book import audit
from enishi.book.clock import now
from enishi.book.http import Limit, Offset, Page, Request, Router, page
from enishi.gate import importing
from enishi.gate.import_schemas import StopApplyIn, StopImportIn, StopImportOut, StopPreviewOut
from enishi.gate.models import ImportBatch
from enishi.gate.people import holder, names_of, ref
from enishi.kernel.text import Locale, Text

router = Router(tags=["gate"])

_WHY = {
    "nobody": Text("該当する顧客がいません", "names no customer"),
    "no_identifier": Text(
        "顧客番号・電話・メールのどれもありません", "holds no number, phone or e-mail"
    ),
    "unreadable": Text("電話番号・メールとして読めません", "is no phone number or e-mail address"),
    "channel_unknown": Text("チャネルの名前が分かりません", "names a channel that is not known"),
    "until_unreadable": Text("期限の日付を読めません", "has an end that is no date"),
    "until_past": Text("期限が過ぎています", "ended in the past"),
}


@router.post("/gate/imports/preview", permission="gate.import", response=StopPreviewOut)
def preview(request: Request, body: StopImportIn) -> StopPreviewOut:
    """What a do-not-contact list would do. The file is read and not kept; the look is recorded."""
    found = importing.preview(body.content, columns=_columns(body), channel=body.channel, at=now())
    told = {"rows": found.rows, "unmatched": len(found.unmatched), "stops": len(found.stops)}
    audit.record(request.actor, "gate.import_preview", "import", found.digest[:16], told)
    return preview_out(found, request.locale)


@router.post("/gate/imports", permission="gate.import", response={201: StopImportOut})
def apply(request: Request, body: StopApplyIn) -> tuple[int, StopImportOut]:
    """Stop contact with everybody the list names. One batch, which can be undone."""
    batch = importing.apply(
        body.content, name=body.name, columns=_columns(body), channel=body.channel,
        reason=body.reason, digest=body.digest, at=now(), actor=request.actor,
    )  # fmt: skip
    return 201, _out([batch])[0]


@router.get("/gate/imports", permission="gate.import", response=Page[StopImportOut])
def imports(request: Request, offset: Offset = 0, limit: Limit = 50) -> dict[str, object]:
    """The lists that were applied, the newest first."""
    rows = ImportBatch.objects.order_by("-at", "-id")
    return page(_out(list(rows[offset : offset + limit])), rows.count())


@router.post("/gate/imports/{import_id}/undo", permission="gate.import", response=StopImportOut)
def undo(request: Request, import_id: str) -> StopImportOut:
    """Release every stop that the list wrote."""
    return _out([importing.undo(import_id, at=now(), actor=request.actor)])[0]


def _columns(body: StopImportIn) -> dict[str, str] | None:
    if body.columns is None:
        return None
    return {str(name): column for name, column in body.columns.items()}


def preview_out(found: importing.Preview, locale: Locale) -> StopPreviewOut:
    """A preview as the API tells it, its figures in one sentence."""
    stops, left = len(found.stops), len(found.unmatched)
    sentence = Text(
        f"{found.rows:,}行のうち、{found.persons:,}人が見つかりました。"
        f"新しく{stops:,}件を停止します。使えない行は{left:,}行です。",
        f"{found.rows:,} rows name {found.persons:,} people. {stops:,} new stops would be recorded;"
        f" {left:,} rows cannot be used.",
    )
    return StopPreviewOut.model_validate(
        {
            "digest": found.digest, "encoding": found.file.encoding,
            "header": [name for name in found.file.header if name],
            "columns": dict(found.file.columns), "rows": found.rows, "persons": found.persons,
            "stops": stops, "already": found.already, "repeated": found.repeated,
            "matched": dict(found.matched), "unmatched_total": left,
            "unmatched": [
                {"line": one.line, "said": one.said, "why": one.why,
                 "sentence": _WHY[one.why][locale]}
                for one in found.unmatched[: importing.SHOWN]
            ],
            "sentence": sentence[locale],
        }
    )  # fmt: skip


def _out(rows: list[ImportBatch]) -> list[StopImportOut]:
    names = names_of([row.by for row in rows] + [row.undone_by for row in rows])
    return [
        StopImportOut.model_validate(
            {
                "id": row.id, "name": row.name, "state": row.state, "rows": row.rows,
                "stops": row.stops, "already": row.already,
                "unmatched_total": sum(row.unmatched.values()),
                "unmatched_lines": row.unmatched_lines, "channel": row.channel,
                "reason": row.reason, "by": holder(row.by, names), "at": row.at,
                "undone_at": row.undone_at, "undone_by": ref(row.undone_by, names),
            }
        )
        for row in rows
    ]  # fmt: skip
