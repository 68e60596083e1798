"""Steps, entries and signals in words, Japanese and English: what the canvas and stories say."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import time
from typing import Any

from enishi.journeys.graph import (
    AnyStep,
    Branch,
    Entry,
    OnEvent,
    OnListStatus,
    OnRule,
    OnSegment,
    Signal,
)
from enishi.journeys.types import End
from enishi.kernel.text import Text

_UNITS: Mapping[str, Text] = {
    "m": Text("分", "minute"),
    "h": Text("時間", "hour"),
    "d": Text("日", "day"),
    "w": Text("週間", "week"),
    "mo": Text("か月", "month"),
    "y": Text("年", "year"),
}
_LENGTH = re.compile(r"([+-]?)(\d+)(m|h|d|w|mo|y)")

WEEKDAYS: Mapping[str, Text] = {
    "mon": Text("月", "Mon"), "tue": Text("火", "Tue"), "wed": Text("水", "Wed"),
    "thu": Text("木", "Thu"), "fri": Text("金", "Fri"), "sat": Text("土", "Sat"),
    "sun": Text("日", "Sun"),
}  # fmt: skip

KINDS: Mapping[str, Text] = {
    "wait": Text("待つ", "Wait"),
    "wait_until": Text("時間帯まで待つ", "Wait for a time"),
    "wait_event": Text("できごとを待つ", "Wait for something"),
    "wait_date": Text("日付まで待つ", "Wait for a date"),
    "branch": Text("条件で分ける", "Branch"),
    "split": Text("割合で分ける", "Split"),
    "holdout": Text("対照群", "Control group"),
    "message": Text("メッセージ", "Message"),
    "task": Text("担当者の作業", "Human task"),
    "update": Text("記録する", "Record"),
    "score": Text("スコア", "Score"),
    "webhook": Text("外部への通知", "Webhook"),
    "join": Text("合流", "Join"),
    "goal": Text("ゴール", "Goal"),
    "exit": Text("終了", "Exit"),
}

CONTACTS: Mapping[str, Text] = {
    "phone": Text("電話", "call"),
    "visit": Text("訪問", "visit"),
    "mail": Text("郵便", "letter"),
    "meeting": Text("面談", "meeting"),
    "task": Text("作業", "task"),
}

CHANNELS: Mapping[str, Text] = {
    "email": Text("メール", "e-mail"),
    "sms": Text("SMS", "SMS"),
    "line": Text("LINE", "LINE"),
    "push": Text("プッシュ通知", "push"),
    "webhook": Text("外部への通知", "webhook"),
    "person": Text("担当者", "person"),
    "phone": Text("電話", "phone"),
    "visit": Text("訪問", "visit"),
    "post": Text("郵便", "post"),
    "meeting": Text("面談", "meeting"),
}

ENDS: Mapping[str, Text] = {
    End.COMPLETED: Text("最後まで進みました", "Completed"),
    End.GOAL: Text("ゴールに達しました", "Reached the goal"),
    End.EXIT: Text("終了の地点で終わりました", "Ended at an exit"),
    End.LEFT: Text("終了の条件に当てはまりました", "An exit condition came true"),
    End.HELD: Text("停止により終わりました", "Ended by a hold"),
    End.MOVED: Text("新しい版に移す先がなく、終わりました", "The new version had no place"),
    End.REMOVED: Text("手動で外されました", "Taken out by hand"),
    End.CLOSED: Text("ジャーニーが終了しました", "The journey was ended"),
    End.BROKEN: Text("次に進めず、終わりました", "Could not go on"),
}

_NOTHING = Text("まだ決まっていません", "Not chosen yet")

Label = Callable[[str, str], Text]
"""(kind, name) → what it is called: `("template", "welcome")`, `("segment", "vip")`."""


def plain(_kind: str, name: str) -> Text:
    """Names as they are written."""
    return Text(name, name)


def length(text: str) -> Text:
    """`3d` as 「3日」 and "3 days"; a sign is left out."""
    found = _LENGTH.fullmatch(text)
    if found is None:
        return Text(text, text)
    count, unit = int(found[2]), _UNITS[found[3]]
    return Text(f"{count}{unit.ja}", f"{count} {unit.en}{'' if count == 1 else 's'}")


def offset(text: str, what: Text) -> Text:
    """A date moved: 「満期日の30日前」 and "30 days before the maturity"."""
    found = _LENGTH.fullmatch(text)
    if found is None or int(found[2]) == 0:
        return what
    much = length(text)
    if found[1] == "-":
        return Text(f"{what.ja}の{much.ja}前", f"{much.en} before {what.en}")
    return Text(f"{what.ja}の{much.ja}後", f"{much.en} after {what.en}")


def _clock(moment: time) -> str:
    return f"{moment:%H:%M}"


def _days(weekdays: Sequence[str], *, business: bool = False) -> Text:
    if weekdays:
        ja = "・".join(WEEKDAYS[day].ja for day in weekdays)
        return Text(f"{ja}曜の", f" on {', '.join(WEEKDAYS[day].en for day in weekdays)}")
    return Text("営業日の", " on a business day") if business else Text("", "")


def _listed(kind: str, names: Sequence[str], label: Label) -> Text:
    told = [label(kind, name) for name in names]
    if not told:
        return _NOTHING
    return Text("、".join(f"「{t.ja}」" for t in told), " or ".join(f'"{t.en}"' for t in told))


# ── signals ──────────────────────────────────────────────────────────────────────────────────────


def signal_words(signal: Signal, label: Label = plain) -> Text:
    """What is listened to: 「「申込」が発生する」, "“application” happens"."""
    if isinstance(signal, OnEvent):
        told = _listed("event", signal.event, label)
        some = Text("（条件つき）", " (of some kind)") if signal.where is not None else Text("", "")
        return Text(f"{told.ja}{some.ja}が発生する", f"{told.en}{some.en} happens")
    if isinstance(signal, OnSegment):
        told = label("segment", signal.segment)
        if signal.crossing == "entered":
            return Text(f"「{told.ja}」に入る", f'entering "{told.en}"')
        return Text(f"「{told.ja}」から出る", f'leaving "{told.en}"')
    if isinstance(signal, OnListStatus):
        told = label("list", signal.list)
        states = _listed("status", signal.status, label)
        return Text(f"「{told.ja}」で{states.ja}になる", f'becoming {states.en} on "{told.en}"')
    assert isinstance(signal, OnRule)
    return (
        label("rule", "") if label is not plain else Text("条件に当てはまる", "a rule comes true")
    )


def awaited(signal: Signal, label: Label = plain) -> Text:
    """The same as what somebody waits for: 「「申込」が発生するの」, "“application”"."""
    told = signal_words(signal, label)
    return Text(f"{told.ja}の", told.en.removesuffix(" happens"))


def entry_words(entry: Entry, label: Label = plain) -> Text:
    """How people come in, as one line."""
    match entry.kind:
        case "segment":
            told = signal_words(entry, label)
            also = Text("（公開時にいる人も）", ", and who is in it already")
            return (
                Text(f"{told.ja}と開始{also.ja}", f"Starts on {told.en}{also.en}")
                if entry.present
                else Text(f"{told.ja}と開始", f"Starts on {told.en}")
            )
        case "event":
            told = signal_words(entry, label)
            return Text(f"{told.ja}と開始", f"Starts when {told.en}")
        case "list_status":
            told = signal_words(entry, label)
            return Text(f"{told.ja}と開始", f"Starts on {told.en}")
        case "date":
            name = label("date", f"{entry.related}.{entry.field}".lstrip("."))
            when = offset(entry.offset, name)
            every = Text("毎年、", "Every year, ") if entry.yearly else Text("", "")
            return Text(
                f"{every.ja}{when.ja}の{_clock(entry.at)}に開始",
                f"{every.en}starts {when.en} at {_clock(entry.at)}".capitalize()
                if not every.en
                else f"{every.en}{when.en} at {_clock(entry.at)}",
            )
        case "schedule":
            return _schedule(entry)
        case _:
            return Text("APIから開始", "Starts by the API")


def _schedule(entry: Any) -> Text:
    at = _clock(entry.at)
    match entry.every:
        case "once":
            return Text(f"{entry.on} {at}に一度だけ開始", f"Once on {entry.on} at {at}")
        case "day":
            return Text(f"毎日{at}に開始", f"Every day at {at}")
        case "business_day":
            return Text(f"営業日の{at}に開始", f"Every business day at {at}")
        case "week":
            days = _days(entry.weekdays)
            return Text(f"毎週{days.ja}{at}に開始", f"Every week{days.en} at {at}")
        case _:
            last = entry.day == 31
            ja = "末日" if last else f"{entry.day or 1}日"
            en = "the last day" if last else f"day {entry.day or 1}"
            return Text(f"毎月{ja}の{at}に開始", f"On {en} of every month at {at}")


# ── steps ────────────────────────────────────────────────────────────────────────────────────────


def title(step: AnyStep | None, name: str) -> Text:
    """What a step is called: its own name, else the reason of an exit, else its kind."""
    if step is None:
        return Text(name, name)
    if step.name:
        return Text(step.name, step.name)
    if step.kind == "exit" and (step.reason.ja or step.reason.en):
        return Text(step.reason.ja or step.reason.en, step.reason.en or step.reason.ja)
    return KINDS[step.kind]


def step_words(step: AnyStep, label: Label = plain) -> Text:
    """One short sentence of what the step does."""
    match step.kind:
        case "wait":
            told = length(step.duration)
            return Text(f"{told.ja}待つ", f"Wait {told.en}")
        case "wait_until":
            return _window(step)
        case "wait_event":
            told, most = awaited(step.signal, label), length(step.timeout)
            return Text(
                f"{told.ja}を待つ（最長{most.ja}）", f"Wait for {told.en}, at most {most.en}"
            )
        case "wait_date":
            when = offset(step.offset, label("date", step.field))
            at = _clock(step.at)
            return Text(f"{when.ja}の{at}まで待つ", f"Wait until {when.en} at {at}")
        case "branch":
            return _branch(step)
        case "split":
            parts = "/".join(f"{share.percent:g}%" for share in step.shares)
            return Text(f"{parts}に分ける", f"Split {parts}")
        case "holdout":
            return Text(
                f"{step.percent:g}%を対照群として残す", f"Keep {step.percent:g}% as control group"
            )
        case "message":
            told = label("template", step.template)
            return Text(f"「{told.ja}」を送る", f'Send "{told.en}"')
        case "webhook":
            told = label("template", step.template)
            return Text(f"「{told.ja}」で外部に知らせる", f'Call out with "{told.en}"')
        case "task":
            told, way = label("list", step.list), CONTACTS[step.contact]
            return Text(
                f"「{told.ja}」に{way.ja}の作業を出す", f'Ask for a {way.en} on "{told.en}"'
            )
        case "update":
            return Text(f"「{step.event}」を記録する", f'Record "{step.event}"')
        case "score":
            return Text(
                f"「{step.score}」に{step.points:+d}点",
                f'{step.points:+d} points to "{step.score}"',
            )
        case "join":
            return Text("合流する", "Ways meet")
        case "goal":
            return Text("ゴールとして数える", "Count the goal")
        case _:
            reason = Text(step.reason.ja or step.reason.en, step.reason.en or step.reason.ja)
            return reason if reason.ja else Text("ここで終わる", "Ends here")


def _branch(step: Branch) -> Text:
    names = [Text(a.label.ja or a.label.en, a.label.en or a.label.ja) for a in step.arms]
    told = [name for name in names if name.ja]
    if not told:
        return Text(f"{len(step.arms)}つの条件で分ける", f"Branch by {len(step.arms)} rules")
    return Text(
        "／".join(t.ja for t in told) + "で分ける", "Branch: " + ", ".join(t.en for t in told)
    )


def _window(step: Any) -> Text:
    days = _days(step.weekdays, business=step.business)
    since, until = _clock(step.since), _clock(step.until)
    if step.since == step.until:
        return Text(f"次の{days.ja}{since}まで待つ", f"Wait until {since}{days.en}")
    return Text(f"{days.ja}{since}〜{until}になるまで待つ", f"Wait for {since}–{until}{days.en}")
