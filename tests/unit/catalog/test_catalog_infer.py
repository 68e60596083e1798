"""Drafting a catalog from files: messy layouts, types, keys, links; every draft loads as it is."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path

import pytest
from click.testing import CliRunner

from enishi.catalog.guess import guess_column
from enishi.catalog.load import load_catalog
from enishi.catalog.sniff import sniff
from enishi.catalog.types import Catalog, DatasetKind, FieldType, Meaning, Pii
from enishi.sources.infer_files import infer_workspace


def draft(tmp_path: Path, files: dict[str, bytes | str]) -> Catalog:
    """The catalog drafted from these files; it must load without a correction."""
    data = tmp_path / "data"
    for name, content in files.items():
        path = data / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    (tmp_path / "catalog").mkdir()
    (tmp_path / "catalog" / "draft.yaml").write_text(infer_workspace(data).yaml, encoding="utf-8")
    return load_catalog(tmp_path)


# ------------------------------------------------------------------------------------ layout


@pytest.mark.parametrize(
    ("text", "delimiter", "header", "columns"),
    [
        ("id,name\n1,Ann\n2,Bob\n", ",", 1, ("id", "name")),
        ("id;amount\n1;2,50\n2;3,75\n3;1,00\n", ";", 1, ("id", "amount")),
        ("出力日,2024年\n\n番号,氏名,住所\n1,甲,東京\n2,乙,大阪\n3,丙,京都\n", ",", 3,
         ("番号", "氏名", "住所")),
        ("作成,2024年,,\n番号,氏名,住所,備考\n1,甲,東京,\n2,乙,大阪,x\n", ",", 2,
         ("番号", "氏名", "住所", "備考")),
        ("佐藤,1887000,さとう\n鈴木,1806000,すずき\n", ",", 0,
         ("column_1", "column_2", "column_3")),
        ('"a","b"\n"x,1","y"\n"z\nz","w"\n', ",", 1, ("a", "b")),
        ("a\tb\tc\n1\t\t3\n2\t2\t\n", "\t", 1, ("a", "b", "c")),
    ],
)  # fmt: skip
def test_layouts(text: str, delimiter: str, header: int, columns: tuple[str, ...]) -> None:
    found = sniff(text)
    assert found is not None
    assert (found.delimiter, found.header, found.columns) == (delimiter, header, columns)


def test_prose_and_single_columns_are_no_tables() -> None:
    assert (
        sniff("Hello, this is a text.\nIt has commas, too.\nBut no table.\nNone at all\n") is None
    )
    assert sniff("a\nb\nc\n") is None


def test_blanks_around_values_are_seen() -> None:
    found = sniff("id, name\n1, Ann\n2, Bob\n")
    assert found is not None
    assert found.trim
    assert found.columns == ("id", "name")


# ------------------------------------------------------------------------------------- types


@pytest.mark.parametrize(
    ("name", "values", "type_", "format_"),
    [
        ("n", ["1", "-20", "3,000"], FieldType.INTEGER, None),
        ("code", ["007", "012"], FieldType.STRING, None),
        ("customer", ["17850.0", "13047.0"], FieldType.INTEGER, None),
        ("amount", ["1.5", "20.25"], FieldType.DECIMAL, None),
        ("amount", ["2452.00", "10.00"], FieldType.DECIMAL, None),
        ("x", ["0.1234567891", "1e-7"], FieldType.FLOAT, None),
        ("flag", ["TRUE", "FALSE"], FieldType.BOOLEAN, None),
        ("連結", ["有", "無"], FieldType.BOOLEAN, "有|無"),
        ("is_new", ["0", "1"], FieldType.BOOLEAN, None),
        ("n", ["0", "1"], FieldType.INTEGER, None),
        ("d", ["2024-01-31", "2024/2/1"], FieldType.DATE, None),
        ("date", ["930101", "940228"], FieldType.DATE, "%y%m%d"),
        ("amount", ["930101", "940228"], FieldType.INTEGER, None),
        ("d", ["31/01/2024", "01/02/2024"], FieldType.DATE, "%d/%m/%Y"),
        ("d", ["1/31/2024", "2/1/2024"], FieldType.DATE, "%m/%d/%Y"),
        ("d", ["昭和60年4月1日", "令和元年5月1日"], FieldType.DATE, "wareki"),
        ("issued", ["931107 00:00:00", "940119 00:00:00"], FieldType.DATE, "%y%m%d %H:%M:%S"),
        ("t", ["2024-01-31 10:00:00", "2024-02-01T11:30:00Z"], FieldType.TIMESTAMP, None),
        ("t", ["1/31/2024 8:26", "2/1/2024 18:05"], FieldType.TIMESTAMP, "%m/%d/%Y %H:%M"),
        ("tel", ["0312345678", "0612345678"], FieldType.STRING, None),
        ("法人番号", ["5.07E+12", "6.02E+12"], FieldType.STRING, None),
        ("nothing", ["", None], FieldType.STRING, None),
    ],
)
def test_types(name: str, values: list[str | None], type_: FieldType, format_: str | None) -> None:
    found = guess_column(name, values)
    assert (found.type, found.format) == (type_, format_)


def test_words_for_nothing() -> None:
    found = guess_column("code", ["1", "2", "-", "NULL"])
    assert found.type is FieldType.INTEGER
    assert found.nulls == {"-", "NULL"}
    assert guess_column("grade", ["a", "-", "b"]).nulls == frozenset()


def test_meanings_and_pii() -> None:
    assert guess_column("contact", ["a@example.com", "b@example.com"]).meaning is Meaning.EMAIL
    assert guess_column("所", ["東京都", "大阪府"]).meaning is Meaning.PREFECTURE
    assert guess_column("telephone", ["yes", "no"]).meaning is None
    born = guess_column("生年月日", ["1980-01-01"])
    assert (born.meaning, born.pii) == (Meaning.BIRTH_DATE, Pii.LOW)
    assert guess_column("passport_no", ["AB1", "CD2"]).pii is Pii.HIGH


# --------------------------------------------------------------------------------- workspaces


def shop() -> dict[str, bytes | str]:
    """Five files as a stranger may have them, each written in its own way."""
    rng = random.Random(5)
    people = "\n".join(f"{i},Ann {i},u{i}@example.com,{1 + i % 12}/{i}/1980" for i in range(1, 29))
    orders = "\n".join(
        f"O-{i:04d};{rng.randint(1, 28)};2024-0{1 + i % 9}-11;{rng.random() * 90:.2f}"
        for i in range(90)
    )
    items = "\n".join(
        f"O-{i:04d}\t{line}\t{rng.randint(1, 9)}\t¥{rng.randint(100, 9999):,}"
        for i in range(90)
        for line in (1, 2)
    )
    events = "\n".join(
        json.dumps({"id": f"e{i}", "user_id": rng.randint(1, 28), "event": rng.choice("vcb"),
                    "ts": f"2024-05-{1 + i % 28:02d} 10:00:00", "page": {"url": f"/p/{i}"}})
        for i in range(200)
    )  # fmt: skip
    return {
        "customers.csv": "id,full_name,email,birthday\n" + people,
        "orders.csv.gz": gzip.compress(
            ("order_id;customer_id;ordered_on;total\n" + orders).encode()
        ),
        "items.tsv": ("order_id\tline_no\tproduct_id\tprice\n" + items).encode("utf-16"),
        "商品.csv": ("product_id,商品名\n" + "\n".join(f"{i},品{i}" for i in range(1, 10))).encode(
            "cp932"
        ),
        "web_events.jsonl": events,
        "readme.txt": "Nothing to see, here.\n",
        "empty.csv": "",
    }


def test_five_files_of_a_stranger(tmp_path: Path) -> None:
    found = draft(tmp_path, shop())
    own = {name for name, one in found.datasets.items() if not one.builtin}
    assert own == {"customers", "orders", "items", "商品", "web_events"}
    person = found.subject_dataset("person")
    assert person is not None
    assert (person.name, person.key, person.display) == ("customers", ("id",), "full_name")
    assert person.fields["birthday"].format == "%m/%d/%Y"
    assert found.expand("customers", "orders.items.商品") is not None
    events = found.datasets["web_events"]
    assert events.kind is DatasetKind.EVENT
    assert events.event is not None
    assert (events.event.name_field, events.event.of) == ("event", {"person": "web_events"})
    assert events.fields["page_url"].source == "page.url"
    price = found.datasets["items"].fields["price"]
    assert (price.type, price.derive is not None) == (FieldType.INTEGER, True)
    assert found.datasets["items"].source is not None
    assert found.datasets["items"].source.encoding == "utf-16"
    assert found.datasets["orders"].time is not None


def test_monthly_files_are_one_dataset(tmp_path: Path) -> None:
    rows = (
        "取引番号,口座番号,取引日時,金額\n"
        "{m}1,1,2024/{m}/1 9:00:00,100\n{m}2,1,2024/{m}/2 9:00:00,5\n"
    )
    found = draft(
        tmp_path, {f"取引明細_2024{m:02d}.csv": rows.replace("{m}", str(m)) for m in (1, 2, 3)}
    )
    source = found.datasets["取引明細"].source
    assert source is not None
    assert source.files == "取引明細_*.csv"


def test_a_file_of_events_alone_gets_its_customers(tmp_path: Path) -> None:
    rows = "\n".join(f"{i % 7},2024-01-{1 + i % 28:02d} 10:{i % 60:02d}:00,buy" for i in range(100))
    found = draft(tmp_path, {"log.csv": "customer_id,at,what\n" + rows})
    person = found.subject_dataset("person")
    assert person is not None
    assert (person.name, person.key) == ("customer", ("customer_id",))
    assert found.datasets["log"].key[-1] == "source_line" or len(found.datasets["log"].key) > 1
    assert found.datasets["log"].event is not None
    assert found.expand("customer", "logs") is not None


def test_a_few_bad_values_lose_no_row(tmp_path: Path) -> None:
    rows = "\n".join(f"p{i},{19500101 + i}" for i in range(30)) + "\np99,19501399\n"
    fields = (
        draft(tmp_path, {"people.csv": "person_id,date_of_birth\n" + rows})
        .datasets["people"]
        .fields
    )
    assert fields["date_of_birth_text"].type is FieldType.STRING
    assert fields["date_of_birth"].derive == {
        "try": {"parse_date": [{"field": "date_of_birth_text"}, "%Y%m%d"]}
    }


def test_my_number_is_left_out_and_said(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("客番,個人番号,氏名\n1,123456789018,甲\n2,222222222222,乙\n")
    found = infer_workspace(tmp_path, "ja")
    assert "# 取り込まない列: 個人番号" in found.yaml
    assert "個人番号:" not in found.yaml


def test_hostile_names_stay_plain_text(tmp_path: Path) -> None:
    header = 'id,"a: {b}","# c","d\ne",true,"x"" y",no,naïve\n'
    found = draft(tmp_path, {"odd name's & co.csv": header + "1,2,3,4,5,6,7,8\n2,3,4,5,6,7,8,9\n"})
    (only,) = (one for one in found.datasets.values() if not one.builtin)
    assert {f.source or f.name for f in only.fields.values()} >= {"a: {b}", "# c", 'x" y', "no"}


def test_the_command_writes_a_workspace_and_keeps_what_is_there(tmp_path: Path) -> None:
    from enishi.cli.main import main

    data = tmp_path / "data"
    data.mkdir()
    (data / "customers.csv").write_text("customer_id,name\n1,Ann\n2,Bob\n")
    command = ["catalog", "infer", str(data), "--out", str(tmp_path)]
    first = CliRunner().invoke(main, command, env={"ENISHI_LANG": "en"})
    assert first.exit_code == 0, first.output
    assert "subject (person): customers" in first.output
    assert 'data = "data"' in (tmp_path / "enishi.toml").read_text()
    again = CliRunner().invoke(main, command, env={"ENISHI_LANG": "en"})
    assert again.exit_code != 0
    checked = CliRunner().invoke(main, ["-w", str(tmp_path), "catalog", "check", "--json"])
    assert json.loads(checked.output)["subjects"] == ["person"]


# ---------------------------------------------------------------------------------- real data

EXPECTED = {
    "berka": ("client", "person", {"trans": "event", "account": "current", "loan": "current"}),
    "bank_marketing": ("bank", "person", {"bank": "current"}),
    "cookie_cats": ("cookie_cats", "person", {"cookie_cats": "current"}),
    "febrl": ("dataset1", "person", {"dataset2": "current"}),
    "jp_company": ("edinet", "company", {"jpx_data_j": "current"}),
    "loan_workflow": ("case", "case", {"bpi_w": "event"}),
    "attribution": ("paths", "path", {"paths": "current"}),
}


@pytest.mark.parametrize("folder", EXPECTED)
def test_real_folders(test_data: Path, tmp_path: Path, folder: str) -> None:
    """Real and unclean folders give drafts that load, with the right subject and kinds."""
    subject, kind, kinds = EXPECTED[folder]
    text = infer_workspace(test_data / folder).yaml
    (tmp_path / "catalog").mkdir()
    (tmp_path / "catalog" / "draft.yaml").write_text(text, encoding="utf-8")
    found = load_catalog(tmp_path)
    dataset = found.subject_dataset(kind)
    assert dataset is not None
    assert dataset.name == subject
    assert {name: str(found.datasets[name].kind) for name in kinds} == kinds
    if folder == "berka":
        assert found.expand("client", "disps.account.trans") is not None
        assert found.datasets["trans"].fields["amount"].scale == 2
        assert found.datasets["card"].fields["issued"].format == "%y%m%d %H:%M:%S"
    if folder == "jp_company":
        source = found.datasets["edinet"].source
        assert source is not None
        assert (source.encoding, source.header) == ("cp932", 2)
