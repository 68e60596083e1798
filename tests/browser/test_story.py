"""The founding story: a definition, a list from it, the work, and what everyone sees of it.

The steps build on each other, so they are one test; each step is a function that says what it
leaves behind. Every page is used as its person would use it; the API only names what to look for.
"""

from __future__ import annotations

import csv
import io
import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from playwright.sync_api import Locator, Page, expect
from python_calamine import CalamineWorkbook

from demo_bank import ENISHI
from served_bank import Served, Visit

pytestmark = pytest.mark.browser

Open = Callable[..., Visit]
TANAKA, SATO, OZAKI = "田中　佳代", "佐藤　修", "尾崎　大輔"
NAME = "普通預金のご案内"


@dataclass(slots=True)
class Story:
    """What the steps have made so far."""

    served: Served
    visit: Open
    folder: Path
    definition: str = ""
    first: str = ""
    second: str = ""
    refused: dict[str, Any] = field(default_factory=dict)
    opened: list[Visit] = field(default_factory=list)

    def enter(self, role: str, *, locale: str = "ja") -> Visit:
        self.opened.append(self.visit(role, locale=locale))
        return self.opened[-1]

    def leave(self) -> None:
        """Leave what a step has opened: a page that stays renews its lease."""
        for seen in self.opened:
            seen.leave()
        self.opened.clear()

    def members(self, seen: Visit, list_id: str) -> list[dict[str, Any]]:
        return list(seen.get(f"lists/{list_id}/members?limit=500")["items"])

    def take(self, seen: Visit) -> str:
        """Claim one of the representative's own members who may be contacted; her number."""
        mine = (
            str(one["id"])
            for one in self.members(seen, self.first)
            if not one["blocked"] and one["attempts"] == 0 and one["assignee"]["name"] == TANAKA
        )
        member = next(mine)
        page = seen.go(f"/lists/{self.first}/work?member={member}")
        expect(page.get_by_text("まで確保しています")).to_be_visible()
        return member


def _find(page: Page, opener: Locator, words: str, option: str) -> None:
    """Open the finder and pick what is called exactly `option`."""
    opener.click()
    page.get_by_role("textbox", name="項目をさがす").fill(words)
    page.get_by_role("option").filter(has_text=re.compile(rf"^{option}")).first.click()


def _number(text: str) -> int:
    return int(re.sub(r"\D", "", text))


def _count(page: Page) -> int:
    """The large number beside a builder, once it answers the rule as it stands."""
    expect(page.locator("[aria-live=polite][aria-busy=false]")).to_be_visible()
    return _number(page.locator("[aria-live=polite] p").first.inner_text())


def _build_the_rule(page: Page) -> None:
    """The sum of the balances of ordinary deposits is at least a million yen."""
    _find(page, page.get_by_role("button", name="条件を加える"), "預金口座", "預金口座")
    narrow = page.get_by_role("button", name="絞り込みを加える")
    _find(page, narrow, "預金の種類", "預金の種類")
    page.get_by_role("button", name="値: 値を選ぶ").click()
    page.get_by_role("option", name="普通預金").click()
    page.get_by_role("button", name="何を測るか").click()
    page.get_by_role("option", name="合計").click()
    _find(page, page.get_by_role("button", name="項目を変える: 項目を選ぶ"), "残高", "預金残高")
    page.get_by_role("textbox", name="値", exact=True).fill("1000000")
    expect(page.locator("[aria-live=polite]")).to_contain_text("1,000,000以上")


def a_definition_is_made_and_activated(story: Story) -> None:
    seen = story.enter("admin")
    page = seen.go("/definitions/new")
    page.get_by_label("名前（日本語）").fill(NAME)
    page.get_by_label("名前（英語）").fill("Ordinary deposits")
    page.get_by_role("combobox", name="利用目的").click()
    page.get_by_role("option", name="預金の案内").click()
    _build_the_rule(page)
    counted = _count(page)
    assert counted > 100
    page.get_by_role("button", name="下書きを作る").click()
    page.wait_for_url(re.compile(r"/definitions/[^/]+\?tab=who"))
    story.definition = page.url.split("/definitions/")[1].split("?")[0]
    _columns_filters_and_outcomes(page)
    page.get_by_role("button", name="公開する").click()
    page.wait_for_url("**?tab=data")
    expect(page.get_by_text("時点").first).to_be_visible(timeout=20_000)
    expect(page.get_by_text(re.compile(rf"^{counted:,}\s*人$")).first).to_be_visible()
    expect(page.get_by_role("columnheader", name="預金残高")).to_be_visible()


def _columns_filters_and_outcomes(page: Page) -> None:
    page.get_by_role("tab", name="列").click()
    for words in ("取引開始日", "職業"):
        _find(page, page.get_by_role("button", name="列を加える"), words, words)
    _find(page, page.get_by_role("button", name="列を加える"), "普通預金", "普通預金")
    page.get_by_role("button", name="何を測るか").click()
    page.get_by_role("option", name="合計").click()
    _find(page, page.get_by_role("button", name="項目を変える: 項目を選ぶ"), "残高", "預金残高")
    page.get_by_role("tab", name="絞り込み").click()
    for words in ("性別", "職業", "生年月日"):
        _find(page, page.get_by_role("button", name="絞り込みを加える"), words, words)
    page.get_by_role("tab", name="記録のしかた").click()
    expect(page.locator("input[value='今後の案内を拒否']")).to_be_visible()


def a_list_is_made_from_it(story: Story) -> None:
    seen = story.enter("manager")
    page = seen.go(f"/lists/new?definition={story.definition}")
    everybody = _count(page)
    _find(page, page.get_by_role("button", name="条件を加える"), "性別", "性別")
    page.get_by_role("button", name="値: 値を選ぶ").click()
    page.get_by_role("option").filter(has_text="女").click()
    page.get_by_role("button", name="まとまりを加える").click()
    nested = page.get_by_role("group", name="条件のまとまり")
    for place in range(2):
        _find(page, nested.get_by_role("button", name="条件を加える"), "職業", "職業")
        nested.get_by_role("button", name="値: 値を選ぶ").click()
        page.get_by_role("listbox", name="値").get_by_role("option").nth(place).click()
    expect(page.locator("[aria-live=polite]")).to_contain_text("または")
    narrowed = _count(page)
    assert 2 < narrowed < everybody
    _priority_and_assignment(page)
    page.get_by_role("textbox", name="リストの名前").fill("普通預金 女性の方")
    expect(page.locator("aside").get_by_text("いま接触できない方")).to_be_visible()
    page.get_by_role("button", name=re.compile("人のリストを作る")).click()
    page.wait_for_url(re.compile(r"/lists/lst_"))
    story.first = page.url.rsplit("/", 1)[1]
    expect(page.get_by_role("columnheader", name="預金残高")).to_be_visible(timeout=20_000)
    members = story.members(seen, story.first)
    assert len(members) == narrowed
    shares = [sum(m["assignee"]["name"] == who for m in members) for who in (TANAKA, SATO)]
    assert abs(shares[0] - shares[1]) <= 1
    assert sum(shares) == narrowed
    scores = [m["score"] for m in members]
    assert scores == sorted(scores, reverse=True)
    assert members[0]["reasons"]


def _priority_and_assignment(page: Page) -> None:
    page.get_by_text("点数で決める").click()
    _find(page, page.get_by_role("button", name="点数の項目を加える"), "職業", "職業")
    page.get_by_text("均等に分ける").click()
    chooser = page.get_by_role("combobox", name="分ける担当者")
    chooser.click()
    for who in (TANAKA, SATO):
        page.get_by_role("option", name=who).click()
    chooser.press("Escape")
    page.get_by_role("button", name="期限").or_(page.get_by_label("期限")).first.click()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")


def a_double_click_makes_one_list(story: Story) -> None:
    seen = story.enter("manager", locale="en")
    page = seen.go(f"/lists/new?definition={story.definition}")
    name = page.get_by_role("textbox", name="Name of the list")
    name.fill("Pressed twice")
    _count(page)
    page.get_by_role("button", name=re.compile("^Make list of")).dblclick()
    page.wait_for_url(re.compile(r"/lists/lst_"))
    story.second = page.url.rsplit("/", 1)[1]
    expect(page.get_by_role("row").nth(1)).to_be_visible(timeout=20_000)
    found = seen.get("lists")["items"]
    assert [one["id"] for one in found if one["name"] == "Pressed twice"] == [story.second]


def the_representative_works_by_keyboard(story: Story) -> None:
    seen = story.enter("rep")
    member = story.take(seen)
    page = seen.page
    for key in ("c", "2", "n"):
        page.keyboard.press(key)
    page.keyboard.type("来週の午後に折り返し")
    page.keyboard.press("Tab")
    page.keyboard.type("資料を持って電話")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("「話せた」で記録しました")).to_be_visible()
    page.wait_for_url(lambda url: url.split("member=")[1] != member)
    page.get_by_role("button", name="元に戻す").press("Enter")
    page.wait_for_url(f"**?member={member}")
    note = page.get_by_role("textbox", name="メモ")
    expect(note).to_have_value("来週の午後に折り返し")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(lambda url: url.split("member=")[1] != member)
    detail = seen.get(f"lists/{story.first}/members/{member}")
    logged = [one for one in detail["contacts"] if one["list_id"] == story.first]
    assert [one["note"] for one in logged] == ["来週の午後に折り返し"]
    assert detail["next_step"] == "資料を持って電話"
    assert detail["next_at"]
    _refuses(story, seen)


def _refuses(story: Story, seen: Visit) -> None:
    """The next person wants no more offers: she is blocked on every list, in words."""
    member = story.take(seen)
    page = seen.page
    story.refused = seen.get(f"lists/{story.first}/members/{member}")
    expect(page.get_by_text(re.compile("ほか.*リストにも載っています"))).to_be_visible()
    for key in ("c", "5", "Enter"):
        page.keyboard.press(key)
    page.wait_for_url(lambda url: f"member={member}" not in url)
    queue = seen.go(f"/lists/{story.first}/work").get_by_role("region", name="対応する方")
    expect(queue.get_by_text("資料を持って電話")).to_be_visible()


def she_is_blocked_on_the_other_list(story: Story) -> None:
    seen = story.enter("manager", locale="en")
    person = story.refused["person_id"]
    there = [m for m in story.members(seen, story.second) if m["person_id"] == person]
    assert there
    assert TANAKA in there[0]["blocked"]
    page = seen.go(f"/lists/{story.second}?member={there[0]['id']}")
    alarm = page.locator("[data-alarm]")
    expect(alarm).to_contain_text("Do not contact")
    expect(alarm).to_contain_text(TANAKA)


def numbers_open_their_people(story: Story) -> None:
    seen = story.enter("manager")
    page = seen.go(f"/lists/{story.first}/tracking")
    page.get_by_role("button", name=re.compile(r"^田中.佳代.*話せた.*人")).click()
    page.wait_for_url("**stage=reached*")
    panel = page.get_by_role("complementary").filter(has_text="話せた")
    expect(panel.get_by_role("link").first).to_be_visible()


def a_refresh_says_what_changed(story: Story) -> None:
    """New balances arrive: somebody leaves the list, and what was worked stays."""
    seen = story.enter("manager")
    before = story.members(seen, story.first)
    leaver = next(m for m in before if m["attempts"] == 0)
    source = story.served.workspace / "data" / "deposits.parquet"
    table = pq.read_table(source)
    hers = pc.equal(table["customer_no"].cast(pa.string()), leaver["key"])
    balance = table["balance"]
    emptied = pc.if_else(hers, pa.scalar(1).cast(balance.type), balance)
    at = table.schema.get_field_index("balance")
    newer = story.folder / "deposits.parquet"
    pq.write_table(table.set_column(at, table.schema.field(at), emptied), newer)
    load = [ENISHI, "-w", str(story.served.workspace), "load", "deposit", "--file", str(newer)]
    done = subprocess.run(load, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    page = seen.go(f"/lists/{story.first}")
    page.get_by_role("button", name="更新する").click()
    strip = page.get_by_text("1人外れました")
    expect(strip).to_be_visible(timeout=20_000)
    page.get_by_role("button", name="内容を見る").click()
    page.get_by_role("tab", name=re.compile("^外れた")).click()
    expect(page.get_by_role("button", name=leaver["display"])).to_be_visible()
    after = {m["id"]: m["attempts"] for m in story.members(seen, story.first)}
    worked = {m["id"]: m["attempts"] for m in before if m["attempts"]}
    assert worked
    assert worked.items() <= after.items()


def a_share_opens_the_list_to_another_branch(story: Story) -> None:
    seen = story.enter("manager")
    page = seen.go(f"/lists/{story.second}?panel=shares")
    for who in (TANAKA, OZAKI):
        page.get_by_role("combobox", name="共有する人").click()
        page.get_by_role("option", name=who).click()
        page.get_by_role("button", name="共有する", exact=True).click()
        expect(page.get_by_text(f"{who}さんと共有しました")).to_be_visible()


def nobody_works_a_member_under_lease(story: Story) -> None:
    holder = story.enter("rep")
    free = (m for m in story.members(holder, story.second) if not m["blocked"])
    member = next(free)["id"]
    held = holder.go(f"/lists/{story.second}/work?member={member}")
    expect(held.get_by_text("まで確保しています")).to_be_visible()
    second = story.enter("s1050", locale="en")
    page = second.go(f"/lists/{story.second}/work?member={member}")
    expect(page.get_by_text(re.compile(TANAKA)).first).to_be_visible()
    expect(page.get_by_role("button", name="Go to the next one")).to_be_visible()
    page.keyboard.press("c")
    page.keyboard.press("2")
    expect(page.get_by_role("button", name="Log and go on")).to_be_disabled()
    assert any("409" in line for line in second.troubles)
    second.troubles.clear()


def an_expired_session_keeps_the_note(story: Story) -> None:
    seen = story.enter("rep")
    story.take(seen)
    page = seen.page
    page.keyboard.press("c")
    page.keyboard.press("1")
    page.get_by_role("textbox", name="メモ").fill("留守番電話に伝言")
    seen.context.clear_cookies()
    page.keyboard.press("Control+Enter")
    page.get_by_label("パスワード", exact=True).fill(story.served.password)
    page.get_by_role("button", name="サインイン", exact=True).click()
    expect(page.get_by_label("パスワード", exact=True)).to_have_count(0)
    expect(page.get_by_role("textbox", name="メモ")).to_have_value("留守番電話に伝言")
    page.get_by_role("textbox", name="メモ").press("Control+Enter")
    expect(page.get_by_text("「不在」で記録しました")).to_be_visible()
    assert any("401" in line for line in seen.troubles)
    seen.troubles.clear()


def members_are_assigned_in_bulk(story: Story) -> None:
    seen = story.enter("manager")
    page = seen.go(f"/lists/{story.second}")
    rows = page.get_by_role("row")
    for index in (4, 5):
        rows.nth(index).get_by_role("checkbox").check()
    page.get_by_role("button", name="担当者を割り当てる").click()
    page.get_by_role("menuitem", name=SATO).click()
    for index in (4, 5):
        expect(rows.nth(index)).to_contain_text(SATO)


def the_list_is_exported(story: Story) -> None:
    seen = story.enter("manager")
    page = seen.go(f"/lists/{story.first}")
    members = story.members(seen, story.first)

    def saved(label: str) -> bytes:
        page.get_by_role("button", name="ほかの操作").click()
        with page.expect_download() as download:
            page.get_by_role("menuitem", name=label).click()
        return Path(download.value.path()).read_bytes()

    plain = saved("CSV（UTF-8）")
    assert plain.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(plain.decode("utf-8-sig"))))
    assert len(rows) == len(members) + 1
    assert {m["display"] for m in members} <= {cell for row in rows for cell in row}
    shifted = list(csv.reader(io.StringIO(saved("CSV（Shift_JIS・CP932）").decode("cp932"))))
    assert shifted == rows
    book = CalamineWorkbook.from_filelike(io.BytesIO(saved("Excel")))
    sheet = book.get_sheet_by_index(0).to_python()
    assert [str(cell) for cell in sheet[0]] == rows[0]
    assert len(sheet) == len(rows)


def the_auditor_sees_it_all(story: Story) -> None:
    seen = story.enter("auditor", locale="en")
    for action, line in (
        ("list.create", "Created a list"),
        ("list.refresh", "Refreshed a list"),
        ("list.export", "Exported a list"),
        ("engagement.log", "Logged an engagement"),
    ):
        page = seen.go(f"/settings/audit?action={action}")
        expect(page.get_by_role("cell", name=line).first).to_be_visible()


def test_from_a_definition_to_a_worked_list(visit: Open, served: Served, tmp_path: Path) -> None:
    served.emails["s1050"] = "s1050@example.jp"
    story = Story(served, visit, tmp_path)
    steps = [
        a_definition_is_made_and_activated,
        a_list_is_made_from_it,
        a_double_click_makes_one_list,
        the_representative_works_by_keyboard,
        she_is_blocked_on_the_other_list,
        numbers_open_their_people,
        a_refresh_says_what_changed,
        a_share_opens_the_list_to_another_branch,
        nobody_works_a_member_under_lease,
        an_expired_session_keeps_the_note,
        members_are_assigned_in_bulk,
        the_list_is_exported,
        the_auditor_sees_it_all,
    ]
    for step in steps:
        step(story)
        story.leave()
