"""The audit chain: gapless under concurrency, and every kind of tampering is found."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection

from enishi.book import audit
from enishi.book.access import OPERATOR
from enishi.book.models import AuditHead, AuditRow, AuditSubject
from enishi.book.unit import work
from enishi.book.workspace import Workspace


def fill(count: int = 5) -> None:
    for number in range(count):
        audit.record(
            OPERATOR, "customer.view", "customer", f"p{number}", {"n": number}, [f"p{number}"]
        )


def test_a_sound_chain_is_found_sound(both_books: Workspace) -> None:
    fill()
    verdict = audit.verify()
    assert verdict.ok, verdict.faults
    assert verdict.checked == 5


def edit() -> None:
    AuditRow.objects.filter(seq=3).update(actor="usr_somebody_else")


def remove() -> None:
    AuditRow.objects.filter(seq=3).delete()


def swap() -> None:
    third, fourth = AuditRow.objects.get(seq=3), AuditRow.objects.get(seq=4)
    for mine, other in ((third, fourth.object_id), (fourth, third.object_id)):
        AuditRow.objects.filter(seq=mine.seq).update(object_id=other)


def truncate() -> None:
    """Cut the end off and set the head back: the chain itself is sound again."""
    AuditRow.objects.filter(seq__gt=3).delete()
    AuditSubject.objects.filter(row_id__gt=3).delete()
    AuditHead.objects.update(seq=3, hash=AuditRow.objects.get(seq=3).hash)


def rewrite() -> None:
    """Change a row and hash everything after it anew, as somebody who knows the code would."""
    previous = AuditRow.objects.get(seq=2).hash
    for row in AuditRow.objects.filter(seq__gte=3).order_by("seq"):
        row.role, row.previous = "manager", previous
        row.hash = previous = audit.link(row)
        row.save()
    AuditHead.objects.update(hash=previous)


def hide_a_person() -> None:
    AuditSubject.objects.filter(subject="p2").delete()


def drop_everything() -> None:
    AuditRow.objects.all().delete()
    AuditSubject.objects.all().delete()
    AuditHead.objects.all().delete()


@pytest.mark.parametrize(
    ("tamper", "code"),
    [
        (edit, "audit_edited"),
        (remove, "audit_gap"),
        (swap, "audit_edited"),
        (truncate, "audit_truncated"),
        (rewrite, "audit_rewritten"),
        (hide_a_person, "audit_index"),
        (drop_everything, "audit_truncated"),
    ],
)
def test_tampering_is_found(book: Workspace, tamper: Callable[[], None], code: str) -> None:
    fill()
    tamper()
    assert code in {fault.code for fault in audit.verify().faults}


def anchor_file(book: Workspace) -> Path:
    return book.var / "audit.anchor"


def test_the_kept_heads_cannot_be_forged_or_removed(book: Workspace) -> None:
    fill()
    lines = anchor_file(book).read_text().splitlines(keepends=True)
    seq, _, mac = lines[-1].split()
    forged = f"{seq} {'0' * 64} {mac}\n"
    anchor_file(book).write_text("".join([*lines[:-1], forged]))
    assert {fault.code for fault in audit.verify().faults} == {"audit_anchor_forged"}
    anchor_file(book).unlink()
    assert {fault.code for fault in audit.verify().faults} == {"audit_anchor_missing"}


def test_a_line_cut_short_by_a_crash_is_no_fault(book: Workspace) -> None:
    fill()
    with anchor_file(book).open("a") as file:
        file.write("6 0123")
    fill(1)
    assert audit.verify().ok


def test_appends_from_many_threads_leave_no_gap(both_books: Workspace) -> None:
    each, threads = 10, 6

    def append(name: str) -> None:
        try:
            for _ in range(each):
                with work():
                    audit.record(OPERATOR, "test.append", "thread", name)
        finally:
            connection.close()

    running = [threading.Thread(target=append, args=(f"t{n}",)) for n in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    assert list(AuditRow.objects.order_by("seq").values_list("seq", flat=True)) == list(
        range(1, each * threads + 1)
    )
    assert audit.verify().ok


def test_a_rolled_back_change_leaves_no_row(both_books: Workspace) -> None:
    def fail(action: str) -> None:
        with work():
            audit.record(OPERATOR, action, "x", "1")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail("never")
    with work():
        audit.record(OPERATOR, "outer", "x", "1")
        with pytest.raises(ZeroDivisionError):
            fail("inner")
    assert [row.action for row in AuditRow.objects.all()] == ["outer"]
    assert audit.verify().ok


def test_nothing_that_names_a_person_enters_the_chain(book: Workspace) -> None:
    audit.record(
        OPERATOR,
        "x",
        "list",
        "lst_1",
        {
            "name": "佐藤 花子",
            "mail": "hanako@example.jp",
            "phone": "090-1234-5678",
            "digits": "09012345678",
            "at": "2026-11-21T10:00:00+09:00",
            "state": "open",
            "nested": [{"note": "怒っていた"}],
            "rate": 0.1,
        },
    )
    stored = str(AuditRow.objects.get().detail)
    for secret in ("佐藤", "hanako", "1234-5678", "09012345678", "怒"):
        assert secret not in stored
    assert "2026-11-21T10:00:00+09:00" in stored
    assert "'state': 'open'" in stored
    assert audit.verify().ok


def test_many_persons_make_batches(both_books: Workspace) -> None:
    people = [f"p{n:024d}" for n in range(2500)]
    audit.record(OPERATOR, "list.export", "list", "lst_1", {"format": "csv"}, people)
    rows = list(AuditRow.objects.order_by("seq"))
    assert [len(row.subjects) for row in rows] == [1000, 1000, 500]
    assert [row.detail["batch"] for row in rows] == [1, 2, 3]
    found, total = audit.search(subject=people[1700])
    assert total == 1
    assert found[0].seq == 2
    assert audit.verify().ok


def test_an_id_that_looks_like_a_telephone_number_is_kept(book: Workspace) -> None:
    """Its hexadecimal digits may all be decimal ones for a while; a number itself is not kept."""
    person, ours = "p" + "9876543210" * 2 + "abcd", "lst_" + "0123456789" * 2
    for thing in (person, ours, "p09012345678", "09012345678"):
        audit.record(OPERATOR, "customer.view", "customer", thing)
    rows, _ = audit.search(action="customer.view")
    assert {row.object_id for row in rows if not row.object_id.startswith("#")} == {person, ours}
