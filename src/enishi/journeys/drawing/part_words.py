"""What the parts of a journey's wording are called, and the values that are chosen among a few."""

from __future__ import annotations

from collections.abc import Mapping

from enishi.gate.types import HOLD_WORDS
from enishi.journeys.drawing.draft import LABELS
from enishi.journeys.words import CHANNELS, CONTACTS, KINDS, WEEKDAYS
from enishi.kernel.text import Text

_PARTS: Mapping[str, Text] = {
    "entries": Text("入口", "Entries"),
    "audience": Text("対象者の条件", "Audience"),
    "reentry": Text("再参加", "Re-entry"),
    "start": Text("最初の地点", "First step"),
    "exits": Text("終了の条件", "Exits"),
    "goal": Text("ゴール", "Goal"),
    "holds": Text("停止のときの動き", "Holds"),
    "conversions": Text("成果", "Conversions"),
    "cost": Text("費用", "Cost"),
    "sheet": Text("企画シート", "Planning sheet"),
    "purpose": Text("目的", "Purpose"),
    "product": Text("商品", "Product"),
    "name": Text("名前", "Name"),
    "next": Text("次の地点", "Next step"),
    "card": Text("5W1H", "5W1H"),
    "sender": Text("送信設定", "Sender"),
    "label": Text("名前", "Name"),
    "who": Text("誰に", "Who"),
    "what": Text("何を", "What"),
    "when": Text("いつ", "When"),
    "why": Text("なぜ", "Why"),
    "how": Text("どのように", "How"),
    "text": Text("文面", "Text"),
    "contact": Text("連絡の方法", "Contact"),
    "outcomes": Text("結果ごとの進み先", "Outcomes"),
    "related": Text("関連", "Related rows"),
    "crossing": Text("出入り", "Crossing"),
    "key": Text("参加キー", "Entry key"),
    "same_key": Text("参加キー", "Entry key"),
    "signals": Text("できごと", "Signals"),
    "present": Text("公開時にいる人も", "Also who is in it already"),
    "yearly": Text("毎年", "Every year"),
    "business": Text("営業日のみ", "Business days only"),
    "weekdays": Text("曜日", "Weekdays"),
    "day": Text("日", "Day of the month"),
    "on": Text("日付", "Day"),
    "values": Text("値", "Values"),
    "salt": Text("割り振りの種", "Salt"),
    "reason": Text("理由", "Reason"),
    "control_next": Text("対照群の進み先", "Next step of the control group"),
    "timeout_next": Text("期限切れの進み先", "Next step at the deadline"),
    "passed_next": Text("日付を過ぎた人の進み先", "Next step when the date has passed"),
    "unset_next": Text("日付のない人の進み先", "Next step without a date"),
    "failed_next": Text("送れなかった人の進み先", "Next step when it is not sent"),
    **CHANNELS,
    **HOLD_WORDS,
}
_ANSWERS = {
    "pause": Text("解除まで止める", "stand still until it is lifted"),
    "suppress": Text("接触せずに進める", "go on without contacts"),
    "end": Text("参加を終える", "end the walk"),
}
_VALUES: Mapping[str, Mapping[str, Text]] = {
    "kind": {
        **KINDS,
        "event": Text("イベント", "event"),
        "segment": Text("セグメントの出入り", "segment entered or left"),
        "rule": Text("条件", "rule"),
        "list_status": Text("リストの状況", "status on a list"),
        "date": Text("日付", "date"),
        "schedule": Text("決まった日時", "schedule"),
        "api": Text("API", "API"),
        "never": Text("再び入らない", "never again"),
        "after_exit": Text("終わったら入れる", "once the walk before has ended"),
        "after": Text("一定の期間の後", "after a time"),
        "per_key": Text("参加キーごとに1回", "once for each entry key"),
    },
    "crossing": {"entered": Text("入ったとき", "entered"), "left": Text("出たとき", "left")},
    "every": {
        "once": Text("1回", "once"),
        "day": Text("毎日", "every day"),
        "business_day": Text("営業日ごと", "every business day"),
        "week": Text("毎週", "every week"),
        "month": Text("毎月", "every month"),
    },
    "weekdays": WEEKDAYS,
    "contact": CONTACTS,
    **{str(kind): _ANSWERS for kind in HOLD_WORDS},
}


def label(name: str) -> Text:
    """What a part is called."""
    found = _PARTS.get(name) or LABELS.get(name)
    return (
        Text(name, name) if found is None else Text(found.ja, found.en[:1].upper() + found.en[1:])
    )


def value(name: str, chosen: str) -> Text:
    """What a value of a part is called; what somebody wrote, as it was written."""
    return _VALUES.get(name, {}).get(chosen) or Text(chosen, chosen)
