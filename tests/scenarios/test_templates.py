"""Templates from the first draft to approval: four eyes, versions, checks, previews, images."""

from __future__ import annotations

import base64
import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from enishi.kernel.errors import Forbidden, Invalid
from enishi.messages.models import MailboxItem
from enishi.messages.wording.bodies import BODY
from enishi.messages.wording.readying import compiled
from lists_world import Bank

FOOTER = {"kind": "footer", "sender": "見本銀行", "address": "東京都見本区1-1",
          "contact": "0120-000-000"}  # fmt: skip


def mail(**more: Any) -> dict[str, Any]:
    return {
        "kind": "email", "subject": "満期のお知らせ", "preheader": "満期が近づいています",
        "fields": {
            "balance": {"value": {"related": "deposits", "measure": {"sum": "balance"}},
                        "default": ""},
            "branch": {"value": {"field": "branch"}, "default": "お取引店"},
            "phone": {"value": {"field": "phone"}, "default": ""},
        },
        "design": {"blocks": [
            {"kind": "text", "text": "{{ salutation }}\n\n{{ branch }}より、残高{{ balance }}。"},
            FOOTER]},
    } | more  # fmt: skip


class Desk:
    """What people do to one template."""

    def __init__(self, bank: Bank) -> None:
        self.bank = bank

    def create(self, slug: str = "maturity", role: str = "marketer", **more: Any) -> Any:
        body = {"slug": slug, "name": "満期案内", "channel": "email", "purpose": "deposits",
                "body": mail()} | more  # fmt: skip
        made = self.bank.api(role).post("templates", body)
        assert made.status_code == 201, made.content.decode()
        return made.json()

    def get(self, path: str, role: str = "marketer") -> Any:
        answer = self.bank.api(role).get(path)
        assert answer.status_code == 200, answer.content.decode()
        return answer.json()

    def save(self, body: Any, slug: str = "maturity", role: str = "marketer", **more: Any) -> Any:
        return self.bank.api(role).put(f"templates/{slug}/draft", {"body": body, **more})

    def do(self, act: str, slug: str = "maturity", role: str = "marketer", **more: Any) -> Any:
        work = self.get(f"templates/{slug}")["work_version"]
        body = {"version": work["id"], "wording": work["wording"], **more}
        if act == "take-back":
            body = {"version": work["id"]}
        return self.bank.api(role).post(f"templates/{slug}/{act}", body)


def code(answer: Any) -> str:
    assert answer.status_code >= 400, answer.content.decode()
    return str(answer.json()["code"])


@pytest.fixture
def desk(sqlite_bank: Bank) -> Desk:
    return Desk(sqlite_bank)


def test_a_version_goes_from_draft_to_approval_by_two_people(bank: Bank) -> None:
    desk = Desk(bank)
    made = desk.create()
    assert made["work"]["state"] == "draft"
    assert made["purpose_class"] == "promotion"
    assert [c["level"] for c in made["work_version"]["checks"]] == []
    assert desk.do("submit").status_code == 200
    assert code(desk.save(mail())) == "in_review"
    assert code(desk.do("approve", role="marketer")) == "own_work"
    approved = desk.do("approve", role="manager", note="よい")
    assert approved.status_code == 200, approved.content.decode()
    assert approved.json()["state"] == "approved"
    second = desk.save(mail(subject="満期のご案内"), note="言い換え").json()
    assert (second["number"], second["state"]) == (2, "draft")
    desk.do("submit")
    assert desk.do("approve", role="manager").status_code == 200
    states = [v["state"] for v in desk.get("templates/maturity/versions")["items"]]
    assert states == ["approved", "replaced"]
    diff = desk.get("templates/maturity/diff?before=1&after=2")
    assert [(c["path"], c["before"], c["after"]) for c in diff["changes"]] == [
        ("$.subject", "満期のお知らせ", "満期のご案内")
    ]


def test_nobody_approves_what_she_has_touched_whoever_touched_it_last(desk: Desk) -> None:
    desk.create(role="administrator")  # A begins, B writes, A submits: neither may approve
    assert desk.save(mail(subject="案内"), role="marketer").status_code == 200
    assert desk.do("submit", role="administrator").status_code == 200
    for role in ("administrator", "marketer"):
        assert code(desk.do("approve", role=role)) == "own_work"
        assert code(desk.do("return", role=role)) == "own_work"
    seen = desk.get("templates/maturity", "manager")["work_version"]
    assert (seen["approvable"], seen["own_work"]) == (True, False)
    assert not desk.get("templates/maturity", "administrator")["work_version"]["approvable"]
    assert desk.do("approve", role="manager").status_code == 200


def test_four_eyes_hold_in_the_service_itself(desk: Desk) -> None:
    from enishi.messages.templates import versions

    made = desk.create()
    version = made["work_version"]["id"]
    author = desk.bank.actor("marketer")
    versions.submit("maturity", version, author)
    with pytest.raises(Forbidden) as refused:
        versions.approve("maturity", version, author)
    assert refused.value.code == "own_work"


def test_only_what_was_read_is_approved(desk: Desk) -> None:
    desk.create()
    desk.do("submit")
    read = desk.get("templates/maturity", "manager")["work_version"]
    desk.do("take-back")
    desk.save(mail(subject="すり替えた件名"))
    desk.do("submit")
    stale = {"version": read["id"], "wording": read["wording"]}
    answer = desk.bank.api("manager").post("templates/maturity/approve", stale)
    assert code(answer) == "draft_changed"


def test_a_draft_that_somebody_else_has_saved_is_not_overwritten(desk: Desk) -> None:
    seen = desk.create()["work_version"]["changed_at"]
    desk.bank.later(timedelta(seconds=5))
    assert desk.save(mail(subject="B"), role="administrator", seen=seen).status_code == 200
    assert code(desk.save(mail(subject="A"), seen=seen)) == "draft_changed"
    now = desk.get("templates/maturity")["work_version"]["changed_at"]
    assert desk.save(mail(subject="A"), seen=now).status_code == 200


def test_a_returned_version_is_written_on(desk: Desk) -> None:
    desk.create()
    desk.do("submit")
    returned = desk.do("return", role="manager", note="住所を確かめてください")
    assert returned.json()["state"] == "draft"
    assert returned.json()["decision_note"] == "住所を確かめてください"
    assert desk.save(mail(subject="直した件名")).status_code == 200


def test_a_draft_can_be_discarded_but_not_the_first_version(desk: Desk) -> None:
    desk.create()
    api = desk.bank.api("marketer")
    assert code(api.delete("templates/maturity/draft")) == "only_version"
    desk.do("submit")
    desk.do("approve", role="manager")
    desk.save(mail(subject="B"))
    assert api.delete("templates/maturity/draft").status_code == 204
    assert desk.get("templates/maturity")["work"] is None


def test_an_archived_template_is_left_alone(desk: Desk) -> None:
    desk.create()
    api = desk.bank.api("marketer")
    assert api.post("templates/maturity/archive").status_code == 200
    assert code(desk.save(mail())) == "archived"
    assert desk.get("templates")["total"] == 0
    assert desk.get("templates?archived=true")["total"] == 1
    api.post("templates/maturity/restore")
    assert desk.save(mail()).status_code == 200


CHANNELS: list[dict[str, Any]] = [
    {"kind": "sms", "text": "【見本銀行】満期です。停止 {{ unsubscribe_url }}"},
    {"kind": "line", "messages": [{"kind": "text", "text": "{{ salutation }}"}]},
    {"kind": "push", "title": "満期", "body": "満期です", "url": "https://b.example/"},
    {"kind": "webhook", "url": "https://b.example/h", "json": '{"a": "{{ today }}"}'},
    {"kind": "person", "title": "{{ person.name }}に電話", "text": "満期"},
]
REFUSED = {
    "law_refusal": mail(design={"blocks": [FOOTER | {"unsubscribe": False}]}),
    "law_refusal_hidden": mail(design={"blocks": [
        FOOTER | {"unsubscribe": False},
        {"kind": "button", "label": "停止", "url": "{{ unsubscribe_url }}", "when": "phone"}]}),
    "law_sender": mail(design={"blocks": [FOOTER | {"sender": ""}]}),
    "law_address": mail(design={"blocks": [FOOTER | {"address": ""}]}),
    "law_contact": mail(design={"blocks": [FOOTER | {"contact": ""}]}),
    "law_footer_for_some": mail(design={"blocks": [FOOTER | {"when": "phone"}]}),
    "subject_reply": mail(subject="Re: お問い合わせの件"),
    "subject_unsolicited": mail(subject="未承諾広告※ 定期預金"),
    "no_default": mail(fields={"branch": {"value": {"field": "branch"}}}),
    "unknown_name": mail(subject="{{ nome }}"),
    "unknown_filter": mail(subject="{{ salutation | upper }}"),
    "liquid_broken": mail(subject="{{ salutation"),
    "purpose": mail(fields={"income": {"value": {"field": "income"}, "default": ""}}),
    "template_limit": mail(text="{% for i in (1..999999) %}x{% endfor %}{{ unsubscribe_url }}"),
    "template_url": mail(design={"blocks": [
        FOOTER, {"kind": "button", "label": "x", "url": "javascript:alert(1)"}]}),
    "asset_missing": mail(design={"blocks": [{"kind": "image", "asset": "ast_none"}, FOOTER]}),
    "word_certain": mail(subject="必ず儲かる預金"),
    "link_mismatch": mail(design={"blocks": [FOOTER, {
        "kind": "text", "text": "[https://bank.example.jp/](https://evil.example.com/)"}]}),
    "mail_empty": mail(design={"blocks": []}),
}  # fmt: skip
CODES = {
    "law_refusal_hidden": "law_refusal", "law_footer_for_some": "law_refusal",
    "purpose": "purpose_forbids",
}  # fmt: skip


def test_what_law_or_sense_forbids_is_found_with_a_remedy(desk: Desk) -> None:
    assert desk  # the bank's catalog
    from enishi.messages.wording.law import examine

    for name, body in REFUSED.items():
        found = examine(BODY.validate_python(body), "deposits").checks
        told = {check.code for check in found if check.level == "refuse"}
        assert CODES.get(name, name) in told, name
        assert all(check.remedy.ja and check.remedy.en for check in found)


def test_what_liquid_puts_together_is_looked_at_filled_in(desk: Desk) -> None:
    assert desk
    from enishi.messages.wording.law import examine

    mjml = (
        "<mjml><mj-body><mj-section><mj-column><mj-text>"
        '<p title="java{{ given.x }}script:">x</p>'
        "</mj-text></mj-column></mj-section></mj-body></mjml>"
    )
    found = examine(BODY.validate_python(mail(design={"mjml": mjml})), "deposits").checks
    assert "mjml_forbidden" in {check.code for check in found if check.level == "refuse"}


def test_long_texts_are_checked_in_bounded_time(desk: Desk) -> None:
    """80,000 characters without a blank once kept the web process busy for a minute and more."""
    assert desk
    import time

    from enishi.messages.wording.law import examine

    began = time.process_time()
    for said in ("あ" * 80_000, "a.b-c+" * 13_000, "+81 " * 20_000):
        mjml = (
            "<mjml><mj-body><mj-section><mj-column><mj-text>"
            f"{said}</mj-text></mj-column></mj-section></mj-body></mjml>"
        )
        examine(BODY.validate_python(mail(design={"mjml": mjml})), "deposits")
    assert time.process_time() - began < 10


def test_what_is_refused_is_saved_and_neither_submitted_nor_approved(desk: Desk) -> None:
    made = desk.create(body=REFUSED["law_refusal"])
    assert made["work_version"]["checks"][0]["code"] == "law_refusal"
    answer = desk.do("submit")
    assert code(answer) == "template_refused"
    assert answer.json()["faults"][0]["code"] == "law_refusal"
    desk.save(mail())
    desk.do("submit")
    catalog = desk.bank.workspace.root / "catalog" / "bank.yaml"
    text = catalog.read_text(encoding="utf-8")
    catalog.write_text(
        text.replace(
            "label: {ja: 支店, en: Branch}}", "label: {ja: 支店, en: Branch}, purposes: [cards]}"
        )
    )
    assert code(desk.do("approve", role="manager")) == "template_refused"


def test_a_formality_needs_no_refusal_link(desk: Desk) -> None:
    body = mail(
        design={"blocks": [{"kind": "text", "text": "お手続きを受け付けました。"}]}, fields={}
    )
    desk.create(purpose="transactional", body=body)
    assert desk.do("submit").status_code == 200


def test_every_channel_goes_the_same_way(desk: Desk) -> None:
    for body in CHANNELS:
        channel = body["kind"]
        desk.create(slug=channel, channel=channel, body=body)
        submitted = desk.do("submit", channel)
        assert submitted.status_code == 200, submitted.content.decode()
        look = desk.bank.api("marketer").post(
            "templates/preview", {"version": submitted.json()["id"]}
        )
        assert look.json()["error"] == ""
        assert (look.json()["sms"] is not None) == (channel == "sms")
    answer = desk.bank.api("marketer").put("templates/sms/draft", {"body": mail()})
    assert code(answer) in ("template_kind", "in_review")


def test_every_starter_is_sound_but_for_what_it_leaves_to_fill_in(desk: Desk) -> None:
    for one in desk.get("templates/starters")["items"]:
        made = desk.create(
            slug=one["name"], channel=one["channel"], body=None, starter=one["name"],
            purpose="service" if one["name"] == "notice" else "deposits",
        )  # fmt: skip
        refused = {c["code"] for c in made["work_version"]["checks"] if c["level"] == "refuse"}
        assert refused <= {"law_address", "law_contact"}, one["name"]


def _preview(desk: Desk, role: str, **more: Any) -> Any:
    return desk.bank.api(role).post(
        "templates/preview", {"body": mail(), "purpose": "deposits", **more}
    )


def test_a_preview_shows_the_message_as_the_person_would_get_it(desk: Desk) -> None:
    shown = _preview(desk, "manager", person="P012").json()
    assert shown["person"]["name"] == "顧客 012"
    assert "顧客 012 様" in shown["text"]
    assert "本店より、残高1,200,000.5円。" in shown["text"]
    assert (shown["missing"], shown["masked"], shown["error"]) == ([], [], "")
    sample = _preview(desk, "manager").json()
    assert "日の出 花子 様" in sample["text"]


def test_a_preview_names_its_blocks_and_what_is_sent_does_not(desk: Desk) -> None:
    left, right = ({"kind": kind, "text": "文"} for kind in ("heading", "text"))
    pair = {"kind": "columns", "columns": [{"blocks": [left]}, {"blocks": [right]}]}
    body = mail(design={"blocks": [{"kind": "heading", "text": "上"}, pair, FOOTER]})
    html = _preview(desk, "manager", body=body).json()["html"]
    for name in ("b-0", "b-1", "b-1-0-0", "b-1-1-0", "b-2"):
        assert f'class="{name} e-' in html, name
    desk.create(body=body)
    version = desk.get("templates/maturity")["work_version"]["id"]
    assert "b-0" not in compiled(version).parts["html"]


def test_a_preview_masks_what_the_role_may_not_see_and_is_recorded(desk: Desk) -> None:
    body = mail(subject="{{ phone }} {{ salutation }}")
    shown = _preview(desk, "marketer", person="P012", body=body).json()
    assert shown["masked"] == ["phone", "person.name"], "the salutation names her"
    assert "090-0000-0012" not in str(shown)
    assert "顧客 012" not in str(shown)
    looks = desk.get("audit?action=customer.view", "auditor")["items"]
    assert any(row["subjects"] for row in looks)


def test_a_preview_stays_within_the_row_scope(desk: Desk) -> None:
    api = desk.bank.api("administrator")
    scope = {"field": "branch", "op": "eq", "value": "本店"}
    assert api.patch("roles/manager", {"scope": scope}).status_code == 200
    assert _preview(desk, "manager", person="P012").status_code == 200
    outside = _preview(desk, "manager", person="P011")
    assert outside.status_code == 404
    assert _preview(desk, "manager", person="P999").json()["code"] == outside.json()["code"]


def test_a_trial_goes_to_its_author_alone_and_is_masked_and_recorded(desk: Desk) -> None:
    desk.create(body=mail(subject="{{ phone }} のお知らせ"))
    api = desk.bank.api("marketer")
    told = api.post("templates/maturity/test", {"person": "P012"}).json()
    assert (told["ok"], told["live"]) == (True, False)
    row = MailboxItem.objects.get()
    own = api.get("session").json()["user"]["email"]
    assert row.recipient == told["address"] == own
    assert row.subject.startswith("[Trial] 090-****-0012")
    assert "顧客 012".encode() not in bytes(row.content)
    shown = desk.get("mailbox")["items"][0]
    assert shown["origin"]["journey"] == shown["origin"]["send"] == ""
    trials = desk.get("audit?action=template.test", "auditor")["items"]
    assert [row["subjects"] for row in trials] == [[row.person]]

    assert code(api.post("templates/maturity/test", {"person": "P999"})) == "subject_unknown"
    desk.create("note", channel="sms", body={"kind": "sms", "text": "満期です"})
    assert code(api.post("templates/note/test", {})) == "trial_of_mail_only"
    assert MailboxItem.objects.count() == 1


def test_values_are_asked_at_once_and_say_what_is_missing(desk: Desk) -> None:
    from enishi.book.clock import now
    from enishi.messages.wording.bodies import BODY
    from enishi.messages.wording.readying import of_body
    from enishi.messages.wording.values import Missing, values_for

    body = mail()
    body["fields"]["late"] = {
        "value": {
            "related": "deposits",
            "measure": {"max": "balance"},
            "where": {"field": "balance", "op": "lt", "value": 0},
        }
    }
    made = of_body(BODY.validate_python(body), purpose="deposits")
    ids = desk.bank.warehouse.who({"all": []}, actor=desk.bank.actor("manager"))
    persons = ids.column("_id").to_pylist()
    found = values_for([*persons, "pnobody"], made, now(), {persons[0]: {"x": 1}})
    assert found["pnobody"] == Missing(("person",))
    assert all(found[p] == Missing(("late",)) for p in persons)


def test_an_image_is_written_anew_and_served_to_everybody(desk: Desk) -> None:
    from PIL import Image

    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "the place it was taken"
    Image.new("RGB", (2400, 100), "red").save(out, "JPEG", exif=exif)
    content = base64.b64encode(out.getvalue() + b"PK\x03\x04 a second file").decode()
    api = desk.bank.api("marketer")
    made = api.post("assets", {"name": "赤", "alt": "赤い帯", "content": content})
    assert made.status_code == 201, made.content.decode()
    asset = made.json()
    assert (asset["kind"], asset["width"], asset["height"]) == ("image/jpeg", 1200, 50)
    from django.test import Client

    anybody = Client(SERVER_NAME="localhost")
    served = anybody.get(asset["url"])
    assert served.status_code == 200
    assert served["Content-Type"] == "image/jpeg"
    assert served["X-Content-Type-Options"] == "nosniff"
    assert served["Cache-Control"] == "public, max-age=31536000, immutable"
    assert served["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert b"the place" not in served.content
    assert b"PK\x03\x04" not in served.content
    again = api.post("assets", {"name": "同じ", "content": content})
    assert again.json()["id"] == asset["id"]
    body = mail(design={"blocks": [{"kind": "image", "asset": asset["id"], "alt": "赤"}, FOOTER]})
    desk.create(body=body)
    assert desk.get("assets")["items"][0]["used_by"] == ["maturity"]
    assert api.delete(f"assets/{asset['id']}").status_code == 200
    assert desk.get("assets")["total"] == 0
    assert anybody.get(asset["url"]).status_code == 200  # mails that were sent show it still
    assert anybody.get(asset["url"].replace("jpg", "png")).status_code == 404
    assert anybody.get("/m/a/" + "0" * 64 + ".png").status_code == 404


def test_what_is_no_picture_is_refused(desk: Desk) -> None:
    body = {"name": "x", "content": base64.b64encode(b"<svg onload='x'></svg>").decode()}
    answer = desk.bank.api("marketer").post("assets", body)
    assert (answer.status_code, answer.json()["code"]) == (422, "image_refused")


def test_templates_as_files_come_back_as_they_went(desk: Desk, tmp_path: Path) -> None:
    from enishi.messages.templates import as_code

    desk.create()
    hook = next(body for body in CHANNELS if body["kind"] == "webhook")
    desk.create(slug="hook", channel="webhook", body=hook)
    manager, marketer = desk.bank.actor("manager"), desk.bank.actor("marketer")
    files = as_code.export(tmp_path, manager)
    assert [file.name for file in files] == ["hook.yaml", "maturity.yaml"]
    assert all(as_code.is_template(file) for file in files)
    done = as_code.apply(files, marketer)
    assert [(one.slug, one.what) for one in done] == [
        ("hook", "unchanged"), ("maturity", "unchanged"),
    ]  # fmt: skip
    text = files[1].read_text(encoding="utf-8")
    files[1].write_text(text.replace("満期のお知らせ", "満期のご案内"), encoding="utf-8")
    assert as_code.apply(files, marketer)[1].what == "new_version"
    work = desk.get("templates/maturity")["work_version"]
    assert (work["body"]["subject"], work["state"]) == ("満期のご案内", "review")
    files[1].write_text(text.replace("purpose: deposits", "purpose: cards"), encoding="utf-8")
    with pytest.raises(Invalid) as refused:
        as_code.apply(files, marketer)
    assert refused.value.faults[0].file == "maturity.yaml"
    with pytest.raises(Forbidden):
        as_code.apply(files, manager)
