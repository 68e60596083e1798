"""What a policy says, in one sentence of each language: for overviews, versions and the editor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from enishi.gate.bodies import (
    DAYS,
    AddressValid,
    Age,
    Applies,
    BusinessHours,
    Cap,
    Classes,
    ConsentNeeded,
    Holds,
    PolicyBody,
    QuietHours,
    Refusals,
    RulePolicy,
    Window,
)
from enishi.gate.types import CHANNEL_WORDS, CLASS_WORDS, HOLD_WORDS
from enishi.kernel.text import Text

Purposes = Mapping[str, Text]
_DAY_WORDS = dict(
    zip(
        DAYS,
        (
            Text("月", "Mon"), Text("火", "Tue"), Text("水", "Wed"), Text("木", "Thu"),
            Text("金", "Fri"), Text("土", "Sat"), Text("日", "Sun"),
        ),
        strict=True,
    )
)  # fmt: skip
_ANSWERS = {
    "allow": Text("可", "allowed"),
    "defer": Text("後に延ばす", "put off"),
    "needs_approval": Text("承認が要る", "needs approval"),
    "deny": Text("不可", "not allowed"),
}
_PER = {
    "person": Text("お客さま1人", "one person"),
    "household": Text("1世帯", "one household"),
    "address": Text("1つの住所", "one address"),
}
_ROLES = {
    "manager": Text("マネージャー", "a manager"),
    "administrator": Text("管理者", "an administrator"),
}


def policy_sentence(body: PolicyBody, purposes: Purposes) -> Text:
    """The whole policy as one sentence, with the contacts meant and who may approve."""
    if isinstance(body, Classes):
        return _classes(body, purposes)
    if isinstance(body, Holds):
        named = [HOLD_WORDS[hold] for hold in HOLD_WORDS if body.table(hold).promotion != "allow"]
        held = _listed(named)
        return Text(
            f"{held.ja}のあいだは案内を止めます" if named else "停止は案内を止めません",
            f"No promotion during {held.en}" if named else "Holds stop no promotion",
        )
    if isinstance(body, Refusals):
        return Text(
            "断られた商品の案内と、連絡を望まない方への連絡を止めます",
            "No promotion of what was refused, and no contact with those who want none",
        )
    what = contacts(body.applies, purposes)
    return _beyond(body, what)


def _beyond(
    body: ConsentNeeded | Cap | QuietHours | BusinessHours | AddressValid | Age | RulePolicy,
    what: Text,
) -> Text:
    if isinstance(body, ConsentNeeded):
        if body.mode == "opt_in":
            return Text(f"{what.ja}は、同意がある方だけに行います", f"{what.en}: only with consent")
        return Text(
            f"{what.ja}は、同意を撤回した方には行いません",
            f"{what.en}: unless consent was withdrawn",
        )
    if isinstance(body, Cap):
        per, window = _PER[body.per], window_words(body.window)
        same = Text("同じ目的で", " for the same purpose") if body.same_purpose else Text("", "")
        return Text(
            f"{what.ja}は、{per.ja}あたり{window.ja}に{same.ja}{body.most}回まで",
            f"{what.en}: at most {body.most} per {per.en.removeprefix('one ')}{same.en}"
            f" {window.en}",
        )
    if isinstance(body, QuietHours):
        return _quiet(body, what)
    if isinstance(body, BusinessHours):
        if body.hours:
            return Text(
                f"{what.ja}は、営業時間内だけに行います", f"{what.en}: only in business hours"
            )
        return Text(f"{what.ja}は、営業日だけに行います", f"{what.en}: only on business days")
    if isinstance(body, AddressValid):
        return Text(
            f"{what.ja}は、使える連絡先がある方だけに行います",
            f"{what.en}: only with a usable address",
        )
    return _about_person(body, what)


def _about_person(body: Age | RulePolicy, what: Text) -> Text:
    if isinstance(body, RulePolicy):
        answer = _ANSWERS[body.answer]
        return Text(
            f"{what.ja}は、条件に当てはまる方には{answer.ja}（{body.say.ja}）",
            f"{what.en}: {answer.en} for those whom the rule names ({body.say.en})",
        )
    ages = (
        Text(f"{body.from_age}歳以上", f"{body.from_age} and over")
        if body.to_age is None
        else Text(
            f"{body.from_age}歳以上{body.to_age}歳未満", f"{body.from_age} to {body.to_age - 1}"
        )
    )
    if body.answer == "deny":
        return Text(f"{what.ja}は、{ages.ja}の方には行いません", f"{what.en}: not at {ages.en}")
    role = _ROLES[body.by]
    who = Text(f"依頼者以外の{role.ja}", f"{role.en} other than who asks") if body.another else role
    return Text(
        f"{what.ja}は、{ages.ja}の方には{who.ja}の承認が要ります",
        f"{what.en}: at {ages.en}, approved by {who.en}",
    )


def _quiet(body: QuietHours, what: Text) -> Text:
    days = Text("", "")
    if len(set(body.weekdays)) < len(DAYS):
        words = [_DAY_WORDS[day] for day in DAYS if day in body.weekdays]
        days = Text(
            "・".join(word.ja for word in words) + "曜日の",
            " on " + ", ".join(word.en for word in words),
        )
    if body.begin == body.end:
        return Text(f"{what.ja}は、{days.ja}終日控えます", f"{what.en}: not{days.en}, all day")
    over = "翌日" if body.end <= body.begin else ""
    return Text(
        f"{what.ja}は、{days.ja}{body.begin:%H:%M}から{over}{body.end:%H:%M}まで控えます",
        f"{what.en}: not from {body.begin:%H:%M} to {body.end:%H:%M}{days.en}",
    )


def _classes(body: Classes, purposes: Purposes) -> Text:
    named = [
        (purposes.get(name, Text(name, name)), CLASS_WORDS[kind])
        for name, kind in body.purposes.items()
    ]
    if not named:
        return Text(
            "どの目的も、名前どおりに扱います（手続きとお客さま対応のほかは案内）",
            "Every purpose counts by its name; all but service and transactional are promotion",
        )
    return Text(
        "、".join(f"「{name.ja}」は{kind.ja}" for name, kind in named) + "として扱います",
        "; ".join(f"{name.en} counts as {kind.en}" for name, kind in named),
    )


def contacts(applies: Applies, purposes: Purposes) -> Text:
    """Which contacts are meant: 「電話・訪問での案内」, "Promotion by phone, visit"."""
    channels = _listed([CHANNEL_WORDS[one] for one in applies.channels])
    classes = _listed([CLASS_WORDS[one] for one in applies.classes])
    named = _listed([purposes.get(one, Text(one, one)) for one in applies.purposes])
    ja = classes.ja or "連絡"
    en = classes.en.capitalize() if classes.en else "Contact"
    if named.ja:
        ja, en = f"「{named.ja}」の{ja}", f"{en} for {named.en}"
    if channels.ja:
        ja, en = f"{channels.ja}での{ja}", f"{en} by {channels.en}"
    return Text(ja, en)


def window_words(window: Window) -> Text:
    """「30日間」, "in 30 days"; running ones 「月の初めから」 as 「1か月（暦）」."""
    count = window.count
    if window.unit == "hours":
        return Text(f"{count}時間", f"in {count} hours")
    if window.unit == "days":
        return Text(f"{count}日間", f"in {count} days")
    return {
        "day": Text("1日（暦日）", "in a calendar day"),
        "week": Text("1週間（月曜から）", "in a week from Monday"),
        "month": Text("1か月（暦月）", "in a calendar month"),
    }[window.unit]


def _listed(words: Sequence[Text]) -> Text:
    return Text("・".join(word.ja for word in words), ", ".join(word.en for word in words))


_CODES = {
    "refusal.product": Text("商品の案内の拒否", "Refused the product"),
    "refusal.all": Text("すべての案内の拒否", "Refused all contact"),
    "do_not_contact": Text("連絡不可", "Do not contact"),
    "consent.missing": Text("同意がない", "No consent"),
    "consent.ended": Text("同意の期限切れ", "Consent has ended"),
    "consent.withdrawn": Text("同意の撤回", "Consent withdrawn"),
    "age": Text("年齢", "Age"),
    "age.unknown": Text("生年月日が不明", "Birth date not known"),
    "address.missing": Text("使える連絡先がない", "No usable address"),
    "quiet_hours": Text("控える時間帯", "Quiet hours"),
    "business_hours": Text("営業時間外", "Outside business hours"),
    "cap.person": Text("回数の上限（1人）", "Cap per person"),
    "cap.household": Text("回数の上限（世帯）", "Cap per household"),
    "cap.address": Text("回数の上限（住所）", "Cap per address"),
    "facts.unknown": Text("顧客の情報が不明", "Nothing known of the customer"),
}


def code_words(code: str) -> Text:
    """A reason's code in words; holds by their kind, rules by their slug."""
    kind, _, rest = code.partition(".")
    if kind == "hold" and rest in HOLD_WORDS:
        return HOLD_WORDS[rest]
    if kind == "rule":
        return Text(f"条件（{rest}）", f"Rule ({rest})")
    return _CODES.get(code, Text(code, code))
