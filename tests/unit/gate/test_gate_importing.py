"""Do-not-contact lists: read in any encoding, matched, applied as a batch, taken back."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from enishi.book.models import AuditRow
from enishi.gate import importing
from enishi.gate.import_file import meant, read_file
from enishi.gate.models import ImportBatch, Restriction
from enishi.kernel.errors import Conflict, EnishiError, Invalid

if TYPE_CHECKING:
    from lists_world import Bank

NOW = datetime(2026, 11, 20, 3, tzinfo=UTC)
TOKYO = ZoneInfo("Asia/Tokyo")
LIST = """顧客番号,電話番号,チャネル,期限,理由
P001,,電話,2027/3/31,電話は不要
P001,,電話,,くり返し
,09000000002,,,
,０９０－００００－０００３,メール,,
P999,,,,
P998,090-0000-0004,,,
,123,,,
,,,,空の行
P005,,鳩,,
P006,,電話,来年,
P007,,電話,2020-01-01,
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
def test_a_list_is_read_in_any_usual_encoding(encoding: str) -> None:
    file, rows = read_file(LIST.encode(encoding), key_names=())
    assert file.columns == {
        "key": "顧客番号", "phone": "電話番号", "channel": "チャネル", "until": "期限",
        "reason": "理由",
    }  # fmt: skip
    read = [meant(row, file.columns, TOKYO, NOW, int(row["_line"])) for row in rows]
    assert [row.line for row in read] == list(range(2, 13))
    assert (read[0].key, read[0].channel) == ("P001", "phone")
    assert read[0].until == datetime(2027, 4, 1, tzinfo=TOKYO)  # the end of the day told
    assert (read[3].phone, read[3].channel) == ("+819000000003", "email")
    assert [row.trouble for row in read[6:]] == [
        "unreadable", "no_identifier", "channel_unknown", "until_unreadable", "until_past",
    ]  # fmt: skip


def test_a_strange_cell_costs_its_row_alone() -> None:
    told = "id,reason\nP001,a\0b\n" + "P" * 5000 + ",x\n"
    file, rows = read_file(told.encode(), key_names=())
    read = [meant(row, file.columns, TOKYO, NOW, int(row["_line"])) for row in rows]
    assert [(row.reason, row.trouble) for row in read] == [("ab", None), ("x", "unreadable")]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "import_empty"),
        ("名前,住所\n甲,乙\n".encode(), "import_columns"),
        (b"id\n\x81\xff\x00\n", "import_encoding"),
        (b'id,note\n1,"never closed\n2,x\n', "import_broken"),
        (b"id\n" + b"1\n" * 100_001, "import_too_large"),
        (b"x" * 10_000_001, "import_too_large"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_reason(content: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        list(read_file(content, key_names=())[1])
    assert refused.value.code == code


def test_columns_are_chosen_by_the_reader_or_named_by_the_catalog() -> None:
    content = b"A,B\n1,2\n"
    assert read_file(content, key_names=("b",))[0].columns == {"key": "B"}
    assert read_file(content, key_names=(), chosen={"phone": "A"})[0].columns == {"phone": "A"}
    with pytest.raises(Invalid):
        read_file(content, key_names=(), chosen={"phone": "C"})


@pytest.mark.parametrize(
    "written",
    ["090-0000-0009", "09000000009", "０９０（００００）０００９", "+81 90-0000-0009",
     "0900-0000-009"],
)  # fmt: skip
def test_a_number_is_found_however_it_is_cut(sqlite_bank: Bank, written: str) -> None:
    found = importing.preview(f"phone\n{written}\n".encode(), at=sqlite_bank.clock.now)
    assert [stop.person for stop in found.stops] == [
        sqlite_bank.warehouse.find("P009", actor=sqlite_bank.actor("administrator"))
    ]


def test_a_preview_tells_what_would_happen_and_writes_nothing(sqlite_bank: Bank) -> None:
    found = importing.preview(LIST.encode("cp932"), at=sqlite_bank.clock.now)
    assert found.rows == 11
    assert dict(found.matched) == {"key": 2, "phone": 3}
    assert (found.persons, found.repeated, found.already) == (4, 1, 0)
    assert dict(found.reasons) == {
        "nobody": 1, "unreadable": 1, "no_identifier": 1, "channel_unknown": 1,
        "until_unreadable": 1, "until_past": 1,
    }  # fmt: skip
    assert [one.line for one in found.unmatched] == [6, 8, 9, 10, 11, 12]
    assert not Restriction.objects.exists()
    assert not ImportBatch.objects.exists()


def test_a_batch_is_applied_audited_and_taken_back(bank: Bank) -> None:
    actor, at = bank.actor("administrator"), bank.clock.now
    content = LIST.encode()
    digest = importing.preview(content, at=at).digest
    batch = importing.apply(
        content, name="停止.csv", reason="お申し出", digest=digest, at=at, actor=actor
    )
    assert (batch.state, batch.stops, batch.rows) == ("applied", 4, 11)
    rows = Restriction.objects.filter(import_id=batch.id)
    assert {(row.channel, row.reason, row.source) for row in rows} == {
        ("phone", "電話は不要", "停止.csv:2"), (None, "お申し出", "停止.csv:4"),
        ("email", "お申し出", "停止.csv:5"), (None, "お申し出", "停止.csv:7"),
    }  # fmt: skip
    told = AuditRow.objects.filter(action="gate.import", object_id=batch.id)
    subjects = {person for row in told for person in row.subjects}
    assert subjects == {row.person for row in rows}

    again = importing.preview(content, at=at)
    assert (len(again.stops), again.already) == (0, 4)

    undone = importing.undo(batch.id, at=at, actor=actor)
    assert undone.state == "undone"
    assert not rows.filter(released_at__isnull=True).exists()
    with pytest.raises(Conflict):
        importing.undo(batch.id, at=at, actor=actor)


def test_only_the_file_that_was_looked_at_is_applied(sqlite_bank: Bank) -> None:
    with pytest.raises(EnishiError) as refused:
        importing.apply(
            b"id\nP001\n", name="x.csv", digest="0" * 64, at=sqlite_bank.clock.now,
            actor=sqlite_bank.actor("administrator"),
        )  # fmt: skip
    assert refused.value.code == "import_changed"


def test_a_list_is_imported_over_http_and_the_gate_obeys(sqlite_bank: Bank) -> None:
    api = sqlite_bank.api("administrator")
    body = {"name": "停止.csv", "content": base64.b64encode(LIST.encode("cp932")).decode()}
    looked = api.post("gate/imports/preview", body)
    assert looked.status_code == 200, looked.json
    assert looked.json()["encoding"] == "cp932"
    assert looked.json()["stops"] == 4
    assert looked.json()["unmatched"][0] == {
        "line": 6, "said": "P999", "why": "nobody", "sentence": "names no customer",
    }  # fmt: skip
    digest = looked.json()["digest"]
    done = api.post("gate/imports", body | {"digest": digest, "reason": "申し出"})
    assert done.status_code == 201, done.json()
    person = Restriction.objects.get(source="停止.csv:4").person
    gate = api.get(f"customers/{person}/gate?purpose=deposits").json()
    assert {one["decision"]["answer"] for one in gate["items"]} == {"deny"}
    assert api.get("gate/imports").json()["items"][0]["stops"] == 4
    assert api.post(f"gate/imports/{done.json()['id']}/undo").json()["state"] == "undone"
    assert api.post("gate/imports/preview", body | {"content": "%%%"}).status_code == 422
