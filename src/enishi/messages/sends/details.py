"""Sends as they are shown, and their reports and files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from enishi.book import audit
from enishi.book.access import Actor, require
from enishi.book.downloads import Export, local, making, told
from enishi.book.sheets import write_csv, write_excel
from enishi.gate.people import names_of
from enishi.kernel.text import Locale, Text
from enishi.messages.deliveries import report
from enishi.messages.deliveries import rows as delivery_rows
from enishi.messages.deliveries.report import Numbers, wilson
from enishi.messages.deliveries.rows import Wanted
from enishi.messages.deliveries.schemas import DeliveriesExportIn, DeliveryRow
from enishi.messages.deliveries.why import words_of
from enishi.messages.models import Send, Template
from enishi.messages.sends import service as sends
from enishi.messages.sends import within
from enishi.messages.sends.schemas import (
    SendCounts,
    SendDetail,
    SendNotBegun,
    SendRate,
    SendReasonCount,
    SendReport,
    SendRow,
    SendUser,
)
from enishi.messages.types import FINISHED, DeliveryState, SendState

_STATES = {
    DeliveryState.QUEUED: Text("待機中", "Queued"),
    DeliveryState.ATTEMPTING: Text("送信中", "Being sent"),
    DeliveryState.SENT: Text("送信済み", "Sent"),
    DeliveryState.FAILED: Text("失敗", "Failed"),
    DeliveryState.SUPPRESSED: Text("送らない", "Not sent"),
    DeliveryState.UNKNOWN: Text("不明", "Unknown"),
}
_COLUMNS = (
    Text("Enishi ID", "Enishi id"), Text("氏名", "Name"), Text("状態", "State"),
    Text("理由コード", "Reason code"), Text("理由", "Reason"), Text("試行", "Attempted"),
    Text("到達", "Delivered"), Text("開封", "Opened"), Text("クリック", "Clicked"),
    Text("不達", "Bounced"), Text("苦情", "Complained"), Text("返信", "Replied"),
    Text("配信停止", "Unsubscribed"),
)  # fmt: skip


def counts(numbers: Numbers) -> SendCounts:
    return SendCounts(
        intended=numbers.intended, **{str(state): numbers.state(state) for state in DeliveryState}
    )


def _kept(send: Send) -> SendCounts:
    """The counts as last taken, those of a finished send for good."""
    names = ("intended", *(str(state) for state in DeliveryState))
    return SendCounts(**{name: int(send.counts.get(name, 0)) for name in names})


def _told(send: Send, own: report.Own) -> SendCounts:
    """The counts that are kept; of a reader with a row scope the own ones, none where they are not
    told."""
    if isinstance(own, report.Everybody):
        return _kept(send)
    return counts(Numbers() if own is None else own.get(send.id, Numbers()))


def send_rows(rows: Sequence[Send], actor: Actor) -> list[SendRow]:
    """Sends in a list, counted within the actor's row scope."""
    slugs = {str(send.body["template"]) for send in rows}
    templates = {t.slug: t for t in Template.objects.filter(slug__in=slugs)}
    own = report.of_sends([send.id for send in rows], actor)
    return [
        SendRow.model_validate(_row(send, templates.get(str(send.body["template"])), own))
        for send in rows
    ]


def _row(send: Send, template: Template | None, own: report.Own) -> dict[str, object]:
    return {
        "id": send.id, "slug": send.slug, "name": send.name, "state": send.state,
        "template": send.body["template"], "template_name": template.name if template else "",
        "channel": template.channel if template else "email",
        "purpose": template.purpose if template else "", "due_at": send.due_at,
        "created_at": send.created_at, "dispatched_at": send.dispatched_at,
        "finished_at": send.finished_at, "counts": _told(send, own), "counted": own is not None,
        "archived": send.archived_at is not None,
    }  # fmt: skip


def send_detail(reference: str, actor: Actor, locale: Locale) -> SendDetail:
    """One send, with what the actor may do with it now."""
    send = sends.get_send(reference)
    body = sends.body_of(send)
    template = Template.objects.filter(slug=body.template).first()
    names = names_of([send.created_by, send.dispatched_by])
    draft = send.state == SendState.DRAFT
    running, may = send.state in sends.RUNNING, actor.may("messages.send")
    told = send.progress.get("not_begun")
    reach = within.reaches(send, actor)
    not_begun = None
    if told:
        whole = actor.scope is None  # how many there were is told to who sees them all
        not_begun = SendNotBegun(
            code=told["code"], sentence=words_of(told["code"])[locale],
            previewed=told.get("previewed") if whole else None,
            found=told.get("found") if whole else None,
        )  # fmt: skip
    return SendDetail.model_validate(
        _row(send, template, report.of_sends([send.id], actor))
        | {
            "body": body, "template_version": send.template_version,
            "within": within.words(within.scope_kept(send))[locale],
            "created_by": SendUser(
                id=send.created_by, name=names.get(send.created_by, send.created_by)
            ),
            "dispatched_by": None if not send.dispatched_by else SendUser(
                id=send.dispatched_by, name=names.get(send.dispatched_by, send.dispatched_by)
            ),
            "prepared": int(send.progress.get("prepared", 0)) if reach else 0,
            "not_begun": not_begun,
            "editable": draft and actor.may("messages.write"),
            "may_dispatch": draft and may,
            "may_pause": running and may and reach,
            "may_resume": send.state == SendState.PAUSED and may and reach,
            "may_cancel": (running or send.state == SendState.PAUSED) and may and reach,
        }
    )  # fmt: skip


def send_report(reference: str, actor: Actor, locale: Locale) -> SendReport:
    """What became of it, within the actor's row scope."""
    send = sends.get_send(reference)
    numbers = report.of_send(send.id, actor)
    sent = numbers.state(DeliveryState.SENT)
    responses = numbers.responses
    first = {name: _rate(responses.get(name, 0), sent) for name in (
        "delivered", "opened", "clicked", "bounced", "complained", "replied", "unsubscribed"
    )}  # fmt: skip
    stopped = sorted(numbers.reasons.items(), key=lambda item: -item[1])
    return SendReport(
        counts=counts(numbers),
        stopped=[
            SendReasonCount.model_validate(
                {"code": code, "sentence": words_of(code)[locale], "people": people, "state": state}
            )
            for (state, code), people in stopped
        ],
        held_out=numbers.held_out, machine_opened=responses.get("machine_opened", 0),
        cost=None if numbers.cost is None else float(numbers.cost), begun_at=numbers.first_at,
        finished_at=send.finished_at, whole=actor.scope is None, **first,
    )  # fmt: skip


def _rate(k: int, n: int) -> SendRate:
    rate, low, high = wilson(k, n)
    return SendRate(k=k, n=n, rate=rate, low=low, high=high)


def export(reference: str, asked: DeliveriesExportIn, actor: Actor, locale: Locale) -> Export:
    """Who got it and who did not and why, as a file; audited with every person in it."""
    require(actor, "segments.export")
    send = sends.get_send(reference)
    wanted = Wanted(states=asked.states, send=send.id, reason=asked.reason)
    with making(send.name, asked.format) as made:
        rows = _file_rows(wanted, made, actor, locale)
        if asked.format == "xlsx":
            title = Text("配信", "Deliveries")[locale]
            about = [(Text("一斉配信", "Send")[locale], send.name)]
            write_excel(made.path, rows, title, locale, lambda: [*about, *told(made, locale)])
        else:
            made.replaced = write_csv(made.path, rows, asked.format)
        detail = {"format": asked.format, "rows": made.rows, "left_out": made.left_out}
        audit.record(actor, "send.export", "send", send.id, detail, made.persons)
    return made


def _file_rows(
    wanted: Wanted, made: Export, actor: Actor, locale: Locale
) -> Iterator[Sequence[object]]:
    yield [column[locale] for column in _COLUMNS]
    if actor.scope is not None:
        made.left_out = None  # how many there are beyond the scope is not told
    for row, _ in delivery_rows.every(wanted, actor, locale):
        if row is None:
            made.left_out = None if made.left_out is None else made.left_out + 1
            continue
        made.rows += 1
        made.persons.append(row.person)
        yield _file_row(row, locale)


def _file_row(row: DeliveryRow, locale: Locale) -> list[object]:
    reason = row.reason
    return [
        row.person, row.person_name, _STATES[DeliveryState(row.state)][locale],
        reason.code if reason else "", reason.sentence if reason else "",
        *(
            local(at)
            for at in (
                row.attempted_at, row.delivered_at, row.opened_at, row.clicked_at, row.bounced_at,
                row.complained_at, row.replied_at, row.unsubscribed_at,
            )
        ),
    ]  # fmt: skip


def over(numbers: Numbers) -> bool:
    """Whether every intended person has come to an end."""
    return all(state in FINISHED for state, count in numbers.states.items() if count)
