"""The gate in a real browser: policies, the calendar, imported lists, consents, approvals."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet
import pytest
from playwright.sync_api import expect

from served_bank import Served, Visit, accessible

pytestmark = pytest.mark.browser

Open = Callable[..., Visit]


def test_a_policy_is_made_tried_and_put_in_force(visit: Open) -> None:
    seen = visit("admin")
    page = seen.go("/settings/gate")
    expect(
        page.get_by_text("断られた商品の案内と、連絡を望まない方への連絡を止めます")
    ).to_be_visible()
    accessible(page)
    page.get_by_role("button", name="ポリシーを作る").click()
    page.get_by_role("menuitem", name="回数の上限").click()
    page.get_by_label("名前（日本語）").fill("年に1回まで")
    page.get_by_label("名前（英語）").fill("Once a year")
    page.get_by_label("何日間").fill("365")
    page.get_by_label("上限（回）").fill("1")
    expect(page.get_by_text("お客さま1人あたり365日間に1回まで")).to_be_visible()
    page.get_by_role("button", name="下書きを作る").click()
    page.wait_for_url(re.compile(r"/policies/pol_"))
    publish = page.get_by_role("button", name="公開する")

    page.get_by_role("button", name="例を足す").click()
    expect(page.get_by_text("1件すべて合っています")).to_be_visible()
    page.get_by_label("答え", exact=True).first.click()
    page.get_by_role("option", name="不可", exact=True).click()
    expect(page.get_by_text("1件が合いません")).to_be_visible()
    expect(publish).to_be_disabled()
    page.get_by_role("button", name="実際の答えを期待とする").click()
    expect(page.get_by_text("1件すべて合っています")).to_be_visible()

    page.get_by_role("button", name="試す", exact=True).click()
    expect(page.get_by_text(re.compile(r"直近30日間の連絡[\d,]+件のうち、[\d,]+件が止まります"))
           ).to_be_visible()  # fmt: skip
    accessible(page)
    publish.click()
    expect(page.get_by_text("「年に1回まで」を公開しました")).to_be_visible()
    page.get_by_role("button", name="廃止する").click()
    page.get_by_role("button", name="本当に廃止しますか").click()
    expect(page.get_by_text("このポリシーは廃止され、もう何も止めません。")).to_be_visible()


def test_the_calendar_shows_a_year_and_takes_an_exception(visit: Open) -> None:
    seen = visit("admin", locale="en")
    page = seen.go("/settings/gate/calendar?year=2027")
    days = page.get_by_text(re.compile(r"^\d+ business days$"))
    counted = int(days.inner_text().split()[0])
    holiday = page.get_by_role("cell", name="11", exact=True).and_(page.get_by_title(
        "National Foundation Day"))  # fmt: skip
    expect(holiday).to_be_visible()
    page.get_by_label("Saturday", exact=True).check()
    expect(days).not_to_have_text(f"{counted} business days")
    assert int(days.inner_text().split()[0]) > counted + 40
    accessible(page)
    page.get_by_role("button", name="Revert").click()
    expect(days).to_have_text(f"{counted} business days")


def test_a_list_of_stops_is_looked_at_applied_and_taken_back(
    visit: Open, served: Served, tmp_path: Path
) -> None:
    rows = pyarrow.parquet.read_table(
        served.workspace / "data" / "persons.parquet", columns=["customer_no", "mobile"]
    ).to_pylist()
    known = [row for row in rows if row["mobile"]][-4:]
    lines = ["顧客番号,電話番号,チャネル"]
    lines += [f"{row['customer_no']},,メール" for row in known[:2]]
    lines += [f",{row['mobile'].replace('-', '')}," for row in known[2:]]
    file = tmp_path / "停止.csv"
    file.write_text("\r\n".join([*lines, "99999999,,"]) + "\r\n", encoding="cp932")

    seen = visit("admin")
    page = seen.go("/settings/gate/imports")
    page.get_by_role("button", name="リストを取り込む").click()
    page.locator("input[type=file]").set_input_files(file)
    panel = page.get_by_role("complementary", name="リストを取り込む")
    expect(panel.get_by_text("使えない行は1行です", exact=False)).to_be_visible(timeout=20_000)
    expect(panel.get_by_role("row").filter(has_text="99999999")).to_contain_text(
        "該当する顧客がいません"
    )
    accessible(page)
    apply = panel.get_by_role("button", name=re.compile(r"^\d+件を停止する"))
    stops = int(re.sub(r"\D", "", apply.inner_text()))
    assert stops >= len(known)
    apply.click()
    done = page.get_by_role("complementary", name="停止.csv")
    expect(done.get_by_text("登録済み")).to_be_visible(timeout=20_000)
    done.get_by_role("button", name="取り込みを取り消す").click()
    done.get_by_role("button", name=f"{stops}件の停止を解除します。よろしいですか").click()
    expect(done.get_by_text("取り消し済み")).to_be_visible(timeout=20_000)


def test_consent_is_recorded_with_evidence_on_the_customers_page(visit: Open) -> None:
    seen = visit("manager")
    person = seen.get("customers?limit=1")["items"][0]["id"]
    page = seen.go(f"/customers/{person}")
    page.get_by_role("button", name="同意・撤回を記録").click()
    form = page.get_by_role("complementary", name="同意・撤回を記録")
    save = form.get_by_role("button", name="記録する")
    expect(save).to_be_disabled()
    form.get_by_label("文言").fill("SMSでご案内を受け取ります")
    form.get_by_label("証拠").fill("用紙 F-0012")
    form.get_by_label("チャネル").first.click()
    page.get_by_role("option", name="SMS").click()
    accessible(page)
    save.click()
    statement = page.get_by_role("listitem").filter(has_text="用紙 F-0012").first
    expect(statement).to_contain_text("SMSでご案内を受け取ります")
    statement.get_by_role("button", name="誤記として無効にする").click()
    page.get_by_label("無効にする理由").fill("別のお客さまの用紙")
    page.get_by_role("button", name="誤記として無効にする").last.click()
    expect(statement).to_contain_text("別のお客さまの用紙")


def test_a_contact_is_asked_for_approved_by_another_and_made(visit: Open) -> None:
    rep = visit("rep")
    lists = rep.get("lists")["items"]
    found = next(one["id"] for one in lists if one["name"] == "ご意見へのお返事")
    listed = rep.get(f"lists/{found}")
    member = rep.call("POST", f"lists/{found}/claim-next", {})["member"]
    person = member["person_id"]
    rep.call("POST", f"customers/{person}/holds", {"kind": "complaint", "note": "待ち時間"})

    page = rep.go(f"/lists/{found}/work?member={member['id']}")
    page.get_by_role("radio", name=re.compile("電話")).first.click()
    log = page.get_by_role("region", name="記録する")
    expect(log.get_by_role("alert")).to_contain_text("苦情対応中")
    expect(log.get_by_role("alert")).to_contain_text("マネージャーの承認で可")
    log.get_by_role("button", name="承認を依頼").click()
    log.get_by_label("連絡したい理由").fill("お詫びとご報告の電話です")
    log.get_by_role("button", name="依頼する").click()
    expect(log.get_by_text("承認待ちです", exact=False)).to_be_visible()
    accessible(page)

    manager = visit("manager")
    inbox = manager.go("/today")
    request = inbox.get_by_role("listitem").filter(has_text="お詫びとご報告の電話です")
    request.get_by_role("button", name="承認する").click()
    panel = inbox.get_by_role("complementary", name="連絡を承認")
    expect(panel).to_contain_text("苦情対応中")
    panel.get_by_role("button", name="承認する").click()
    expect(request).to_have_count(0)
    manager.go("/approvals?state=decided")
    answered = inbox.get_by_role("listitem").filter(has_text="お詫びとご報告の電話です").first
    expect(answered).to_contain_text("まで有効")
    accessible(inbox)

    # The page that waits sees the answer by itself.
    expect(log.get_by_text("承認待ちです", exact=False)).to_have_count(0, timeout=20_000)
    expect(log.get_by_text("苦情対応中", exact=False)).to_have_count(0)
    asked = {"channel": "phone", "purpose": "service", "product": listed["product"]}
    gate = rep.call("POST", f"customers/{person}/gate", asked)
    assert gate["approval"].startswith("apr_")
