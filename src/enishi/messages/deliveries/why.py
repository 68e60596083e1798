"""Why a delivery came to its end, in words: codes of our own, of channels and of the gate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from enishi.gate.models import PolicyVersion
from enishi.gate.types import HoldKind
from enishi.kernel.text import Locale, Text
from enishi.messages.channels.words import OUTCOMES
from enishi.messages.deliveries.schemas import DeliveryReason

_WORDS: dict[str, Text] = {
    "holdout": Text("比較のため送らない人です", "Held out for comparison"),
    "excluded": Text("除外するセグメントに入っています", "In a segment that is left out"),
    "same_address": Text(
        "同じ宛先のほかの方に送ります", "Somebody else with the same address gets it"
    ),
    "address.missing": Text("宛先がありません", "There is no address"),
    "address.bounced": Text("宛先に届かないことが分かっています", "The address has bounced before"),
    "address.complained": Text(
        "この宛先から迷惑メールの報告がありました", "This address reported a message as spam"
    ),
    "address.blocked": Text("宛先でブロックされています", "The recipient has blocked us"),
    "fields.missing": Text(
        "差し込む値がなく、既定値もありません", "A field is unset and has no default"
    ),
    "person.unknown": Text("顧客が見つかりません", "The person is no longer known"),
    "cancelled": Text("配信が取り消されました", "The send was cancelled"),
    "restored": Text(
        "バックアップから戻した後、送らないことにしました",
        "Dropped after the workspace was restored from a backup",
    ),
    "unknown": Text("相手に渡した後の返事がありません", "Handed over, and no answer came"),
    "unknown.left": Text(
        "返事がないまま、送り直さないことにしました", "No answer came, and it was left so"
    ),
    "stopped": Text("送信中に処理が止まりました", "Sending was interrupted"),
    "unreadable": Text(
        "相手の返事を記録できませんでした", "What the other side answered could not be kept"
    ),
    "sender_missing": Text("送信設定がありません", "No sender is set up"),
    "template_broken": Text("テンプレートを表示できません", "The template cannot be rendered"),
    "template_limit": Text("テンプレートの処理が重すぎます", "The template takes too long"),
    "template_url": Text("リンクの宛先が正しくありません", "A link leads nowhere"),
    "template_header": Text(
        "件名などに改行や制御文字が入りました", "A header field would hold a line break"
    ),
    "template_empty": Text("本文が空になりました", "Nothing was left to send"),
    "mailbox_unknown": Text("宛先のメールボックスがありません", "There is no such mailbox"),
    "content_refused": Text("内容を理由に拒まれました", "The content was refused"),
    "blocked": Text("ブロックされています", "Blocked by the recipient"),
    "gone": Text("宛先がなくなっています", "The address is gone"),
    "tries": Text("何度試しても送れませんでした", "It could not be sent after many tries"),
    "exit": Text("ジャーニーを離れました", "The journey was left"),
    "goal": Text("ジャーニーの目的を果たしました", "The journey reached its goal"),
    "left": Text("ジャーニーを離れました", "The journey was left"),
    "goal_reached": Text("ジャーニーの目的を果たしました", "The journey reached its goal"),
    "removed": Text("ジャーニーから外されました", "Was taken out of the journey"),
    "closed": Text("ジャーニーが終了しました", "The journey was ended"),
    "hold_ends": Text("停止によりジャーニーが終わりました", "A hold ended the journey"),
    "mapped": Text("ジャーニーの新しい版に移りました", "Went over to the journey's new version"),
    "moved_out": Text("ジャーニーの新しい版にありません", "Not in the journey's new version"),
    "do_not_contact": Text("連絡しないことになっています", "Not to be contacted"),
    "refusal.all": Text("すべての案内を断られています", "Everything is refused"),
    "refusal.product": Text("この商品の案内を断られています", "This product is refused"),
    "defer": Text("送れる時間になるまで待ちます", "Waits until it may go"),
    "consent.missing": Text("同意がありません", "There is no consent"),
    "consent.withdrawn": Text("同意が取り消されています", "Consent was withdrawn"),
    "consent.ended": Text("同意の期限が切れています", "Consent has ended"),
    "facts.unknown": Text("お客さまの情報を確かめられません", "Nothing can be told of the person"),
    "quiet_hours": Text("連絡を控える時間帯です", "Quiet hours"),
    "business_hours": Text("営業時間外です", "Outside business hours"),
    "age": Text("年齢による確認が必要です", "Needs approval because of age"),
    "age.unknown": Text("年齢が分かりません", "The age is not known"),
    "cap.person": Text("お客さまへの連絡の上限です", "The customer's contact limit"),
    "cap.household": Text("世帯への連絡の上限です", "The household's contact limit"),
    "cap.address": Text("同じ住所への連絡の上限です", "The address's contact limit"),
    "drifted": Text(
        "対象の人数が、確認したときから大きく変わっています",
        "The number of people has moved away from what was previewed",
    ),
    "send_preparing_failed": Text("送る準備ができませんでした", "It could not be prepared"),
    "sender_not_live": Text(
        "本番送信が有効でないため、内蔵メールボックスに届きます",
        "The sender is not live: messages go to the built-in mailbox",
    ),
    "few_reachable": Text("届く人が半分もいません", "Fewer than half can be reached"),
}
_HOLDS = {
    HoldKind.COMPLAINT: Text("苦情の対応中です", "A complaint is open"),
    HoldKind.INHERITANCE: Text("相続の手続き中です", "An inheritance is under way"),
    HoldKind.DECEASED: Text("亡くなられています", "Deceased"),
    HoldKind.GUARDIANSHIP: Text("成年後見の対象です", "Under guardianship"),
    HoldKind.ANTISOCIAL: Text("取引を控える方です", "Flagged as antisocial"),
}
_WORDS |= {f"hold.{kind}": words for kind, words in _HOLDS.items()}


def words_of(code: str, policies: Mapping[str, Text] | None = None, policy: str = "") -> Text:
    """A code in words: ours, of a policy its name, of a channel's outcome; else the code itself."""
    found = _WORDS.get(code)
    if found is None and policies is not None:
        found = policies.get(policy)
    if found is None and (said := OUTCOMES.get(code)) is not None:
        found = Text(said.ja.removesuffix("。"), said.en.removesuffix("."))
    return found or Text(code, code)


def policies_named(reasons: Iterable[Mapping[str, Any]]) -> dict[str, Text]:
    """The policies behind reasons by the id of their version, in one query."""
    wanted = {str(reason["policy"]) for reason in reasons if reason.get("policy")}
    if not wanted:
        return {}
    rows = PolicyVersion.objects.filter(id__in=wanted).values_list("id", "body")
    return {
        version: Text(str(body["name"]["ja"]), str(body["name"]["en"])) for version, body in rows
    }


def reasons_out(
    reasons: Sequence[Mapping[str, Any]], policies: Mapping[str, Text], locale: Locale
) -> list[DeliveryReason]:
    """What the gate said, as the API tells it."""
    return [
        DeliveryReason(
            code=str(one["code"]),
            sentence=words_of(str(one["code"]), policies, str(one.get("policy", "")))[locale],
            restriction=str(one.get("restriction", "")),
            policy=str(one.get("policy", "")),
        )
        for one in reasons
    ]
