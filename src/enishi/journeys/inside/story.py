"""The story of a walk: every move as a sentence in both languages.

Sentences name steps and templates, never the person. Times are in the workspace's zone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from enishi.gate.policy_sentences import code_words
from enishi.journeys.drawing.known import Known
from enishi.journeys.graph import AnyStep, Branch, JourneyBody, Split, WaitEvent
from enishi.journeys.types import End, Move, WalkState, Why
from enishi.journeys.words import ENDS, awaited, signal_words, title
from enishi.kernel.text import Text
from enishi.messages.deliveries.why import words_of

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_REASONS: Mapping[str, Text] = {
    "template_not_approved": Text(
        "テンプレートに承認済みの版がない", "the template has no approved version"
    ),
    "gone": Text("その地点がなくなっていた", "the step is gone"),
    "ring": Text("待たずに同じところを回った", "the steps go round in a ring"),
    "step_gone": Text("その地点がなくなっていた", "the step is gone"),
    "list_closed": Text("リストが閉じている", "the list is closed"),
    "no_list": Text("リストがない", "there is no such list"),
    "list_failed": Text("リストを作れなかった", "the list could not be built"),
    "list_unreadable": Text("リストの条件を読み取れない", "the list's rule cannot be read"),
    "not_allowed": Text(
        "リストの条件か、作成者の担当範囲の外にいる",
        "the list's definition, or its maker's scope, leaves this customer out",
    ),
}


def when(at: datetime, zone: ZoneInfo) -> Text:
    """An instant as it is spoken in the workspace's zone."""
    local = at.astimezone(zone)
    return Text(
        f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}",
        f"{local.day} {_MONTHS[local.month - 1]} {local.year}, {local:%H:%M}",
    )


def hold_words(kind: str) -> Text:
    """A kind of hold."""
    return code_words(f"hold.{kind}")


def reason_words(code: str) -> Text:
    """Why nothing was sent or given: codes of the gate, of holds, of deliveries."""
    if code.startswith("hold_"):
        kind = hold_words(code.removeprefix("hold_"))
        return Text(f"停止（{kind.ja}）がある", f"there is a hold ({kind.en})")
    own = _REASONS.get(code)
    if own is not None:
        return own
    told = code_words(code)
    return words_of(code) if told.en == code else told


@dataclass(frozen=True, slots=True)
class Telling:
    """Tells walks of one version. `entered_by` is what brought the walk's person in. Without
    `times` no sentence says when something is to be. `paused`: the journey is."""

    body: JourneyBody
    known: Known
    zone: ZoneInfo
    entered_by: str = ""
    times: bool = True
    paused: bool = False

    def step(self, name: str | None) -> Text:
        """What a step is called; empty for none."""
        return title(self.body.steps.get(name), name) if name else Text("", "")

    def sentence(self, move: Move) -> Text:
        """One line of the story."""
        told = self._told(move)
        if move.to is not None and move.to != move.step and move.code != "entered":
            onward = self.step(move.to)
            return Text(
                f"{told.ja}「{onward.ja}」に進みました。", f'{told.en} On to "{onward.en}".'
            )
        return told

    def _told(self, move: Move) -> Text:
        prefix, _, place = move.code.partition("_")
        step = self.body.steps.get(move.step or "")
        if prefix in ("arm", "share", "outcome") and place.isdigit():
            return self._chosen(prefix, int(place), step, move.detail)
        if tell := _TELL.get(move.code):
            return tell(self, step, move.detail)
        if of := _BY_DETAIL.get(move.code):
            return of(move.detail)
        return _PLAIN.get(move.code, Text(move.code, move.code))

    def _chosen(
        self, what: str, place: int, step: AnyStep | None, detail: Mapping[str, Any]
    ) -> Text:
        if what == "outcome":
            told = self.known.label("status", str(detail.get("outcome", "")))
            return Text(
                f"担当者の結果は「{told.ja}」でした。", f'The outcome of the task was "{told.en}".'
            )
        cases = step.arms if isinstance(step, Branch) else ()
        if isinstance(step, Split):
            share = step.shares[place] if place < len(step.shares) else None
            name = _label(share.label if share else None, place)
            much = f"（{share.percent:g}%）" if share else ""
            return Text(f"割合により「{name.ja}」{much}になりました。", f'Dealt into "{name.en}".')
        name = _label(cases[place].label if place < len(cases) else None, place)
        return Text(f"条件「{name.ja}」に当てはまりました。", f'The condition "{name.en}" held.')

    def standing(
        self,
        state: str,
        why: str,
        step: str | None,
        due: datetime | None,
        end: str,
        put_off: str = "",
    ) -> Text:
        """What a walk stands for now, or how it ended. `put_off`: why its message was put off until
        `due`, a code."""
        told = self._standing(state, why, step, due, end)
        if put_off and due is not None and state == WalkState.ACTIVE:
            until, reason = when(due, self.zone), reason_words(put_off)
            told = Text(
                f"送るのを{until.ja}まで見合わせています（{reason.ja}）。",
                f"The message is put off until {until.en}: {reason.en}.",
            )
        if not self.paused or state != WalkState.ACTIVE:
            return told
        if step is None:
            return Text(
                "入口にいます。ジャーニーの再開を待っています。",
                "At the entry, until the journey is resumed.",
            )
        if why == Why.FACTS:
            return Text("ジャーニーが再開すると進みます。", "Goes on when the journey is resumed.")
        return Text(f"{told.ja}ジャーニーは一時停止中です。", f"{told.en} The journey is paused.")

    def _standing(
        self, state: str, why: str, step: str | None, due: datetime | None, end: str
    ) -> Text:
        if state == WalkState.ENDED:
            told = ENDS.get(end or End.COMPLETED, Text(end, end))
            return Text(f"{told.ja}。", f"{told.en}.")
        if state == WalkState.HELD:
            return Text("停止が解けるのを待っています。", "Waiting for a hold to be lifted.")
        if step is None:
            return Text("入口にいます。まもなく始まります。", "At the entry, about to begin.")
        until = when(due, self.zone) if due is not None else Text("", "")
        match why:
            case Why.DUE | Why.SIGNAL if not self.times:
                return self._until_hidden(step, why)
            case Why.DUE:
                return Text(f"{until.ja}まで待っています。", f"Waiting until {until.en}.")
            case Why.SIGNAL:
                return self._waiting(step, until)
            case Why.DELIVERY:
                return Text(
                    "メッセージが送られるのを待っています。", "Waiting for the message to be sent."
                )
            case Why.TASK:
                limit = Text(f"（期限{until.ja}）", f", until {until.en}") if due else until
                return Text(
                    f"担当者の作業を待っています{limit.ja}。", f"Waiting for the task{limit.en}."
                )
            case _:
                return Text("まもなく進みます。", "About to go on.")

    def _until_hidden(self, step: str, why: str) -> Text:
        found = self.body.steps.get(step)
        if why == Why.SIGNAL and isinstance(found, WaitEvent):
            told = awaited(found.signal, self.known.label)
            return Text(f"{told.ja}を待っています。", f"Waiting for {told.en}.")
        return Text(
            "待っています（期日は表示できません）。",
            "Waiting (until when is hidden from your role).",
        )

    def _waiting(self, step: str, until: Text) -> Text:
        found = self.body.steps.get(step)
        if not isinstance(found, WaitEvent):
            return Text(f"{until.ja}まで待っています。", f"Waiting until {until.en}.")
        told = awaited(found.signal, self.known.label)
        return Text(
            f"{told.ja}を待っています（期限{until.ja}）。",
            f"Waiting for {told.en}, until {until.en}.",
        )


def _label(label: Any, place: int) -> Text:
    ja, en = (label.ja or label.en, label.en or label.ja) if label is not None else ("", "")
    return Text(ja or f"{place + 1}番目", en or f"no. {place + 1}")


# ── a sentence for each code ─────────────────────────────────────────────────────────────────────


def _entered(telling: Telling, _: AnyStep | None, __: Mapping[str, Any]) -> Text:
    by = entered_words(telling.entered_by, telling.known)
    return Text(f"{by.ja}始まりました。", f"Began{by.en}.")


def entered_words(by: str, known: Known) -> Text:
    """What brought somebody in: `segment:vip`, `event:order`, `date`, `schedule`, `api`."""
    kind, _, name = by.partition(":")
    if kind == "segment":
        told = known.label("segment", name)
        return Text(f"セグメント「{told.ja}」により", f' by the segment "{told.en}"')
    if kind == "event":
        return Text(f"「{name}」の発生により", f' on "{name}"')
    if kind == "list":
        told = known.label("list", name)
        return Text(f"リスト「{told.ja}」により", f' by the list "{told.en}"')
    words = {
        "date": Text("日付により", " by a date"),
        "schedule": Text("日程により", " by the schedule"),
        "api": Text("APIにより", " by the API"),
        "test": Text("試しに", " as a test"),
    }
    return words.get(kind, Text("", ""))


def _heard(telling: Telling, step: AnyStep | None, _: Mapping[str, Any]) -> Text:
    if not isinstance(step, WaitEvent):
        return Text("待っていたことが起きました。", "What was waited for happened.")
    came = awaited(step.signal, telling.known.label).en
    told = signal_words(step.signal, telling.known.label)
    return Text(f"待っていたこと（{told.ja}）が起きました。", f"What was waited for came: {came}.")


def _missed(detail: Mapping[str, Any]) -> Text:
    why = reason_words(str(detail.get("reason", "")))
    return Text(f"送りませんでした。理由: {why.ja}。", f"Nothing was sent: {why.en}.")


def _failed(detail: Mapping[str, Any]) -> Text:
    reason = str(detail.get("reason", ""))
    why = reason_words(reason) if reason else Text("", "")
    return Text(
        f"届けられませんでした{f'（{why.ja}）' if reason else ''}。",
        f"It could not be delivered{f': {why.en}' if reason else ''}.",
    )


def _refused(detail: Mapping[str, Any]) -> Text:
    why = reason_words(str(detail.get("reason", "")))
    return Text(f"作業は出しませんでした。理由: {why.ja}。", f"No task was given out: {why.en}.")


def _kind(detail: Mapping[str, Any]) -> Text:
    return hold_words(str(detail.get("kind", "")))


def _held(detail: Mapping[str, Any]) -> Text:
    kind = _kind(detail)
    return Text(f"停止（{kind.ja}）により立ち止まりました。", f"Stood still: a hold ({kind.en}).")


def _quiet(detail: Mapping[str, Any]) -> Text:
    kind = _kind(detail)
    return Text(
        f"停止（{kind.ja}）の間は連絡せずに進みます。",
        f"Goes on without contacts: a hold ({kind.en}).",
    )


def _released(detail: Mapping[str, Any]) -> Text:
    kind = _kind(detail)
    return Text(f"停止（{kind.ja}）が解けました。", f"The hold ({kind.en}) was lifted.")


def _hold_ends(detail: Mapping[str, Any]) -> Text:
    kind = _kind(detail)
    return Text(f"停止（{kind.ja}）により終わりました。", f"Ended by a hold ({kind.en}).")


def _deferred(telling: Telling, _: AnyStep | None, detail: Mapping[str, Any]) -> Text:
    until = when(datetime.fromisoformat(str(detail["until"])), telling.zone)
    why = reason_words(str(detail.get("reason", "")))
    if not telling.times:
        return Text(f"送るのを見合わせました（{why.ja}）。", f"Put off: {why.en}.")
    return Text(
        f"{until.ja}まで送るのを見合わせました（{why.ja}）。",
        f"Put off until {until.en}: {why.en}.",
    )


def _followed(telling: Telling, _: AnyStep | None, detail: Mapping[str, Any]) -> Text:
    if not telling.times:
        return Text("待っている日付が変わりました。", "The date that is waited for moved.")
    until = when(datetime.fromisoformat(str(detail["due"])), telling.zone)
    return Text(f"日付が変わり、{until.ja}まで待ちます。", f"The date moved: until {until.en}.")


def _signalled(telling: Telling, detail: Mapping[str, Any]) -> Text:
    place, _, number = str(detail.get("signal", "")).partition(":")
    signals = telling.body.exits if place == "exit" else telling.body.goal.signals
    if not number.isdigit() or int(number) >= len(signals):
        return Text("", "")
    told = signal_words(signals[int(number)], telling.known.label)
    return Text(f"（{told.ja}）", f": {told.en}")


def _goal_reached(telling: Telling, _: AnyStep | None, detail: Mapping[str, Any]) -> Text:
    told = _signalled(telling, detail)
    return Text(f"ゴールに達しました{told.ja}。", f"Reached the goal{told.en}.")


def _left(telling: Telling, _: AnyStep | None, detail: Mapping[str, Any]) -> Text:
    told = _signalled(telling, detail)
    return Text(
        f"終了の条件に当てはまりました{told.ja}。", f"An exit condition came true{told.en}."
    )


def _broken(detail: Mapping[str, Any]) -> Text:
    why = reason_words(str(detail.get("reason", "")))
    return Text(f"次に進めず終わりました（{why.ja}）。", f"Could not go on: {why.en}.")


_PLAIN: Mapping[str, Text] = {
    "waited": Text("待ち終わりました。", "The wait was over."),
    "opened": Text("時間帯になりました。", "The window opened."),
    "timeout": Text("期限までに起きませんでした。", "It did not happen in time."),
    "date": Text("日付になりました。", "The date came."),
    "passed": Text("日付はもう過ぎていました。", "The date had passed already."),
    "unset": Text("日付が決まっていませんでした。", "There was no date."),
    "else": Text("どの条件にも当てはまりませんでした。", "No condition held."),
    "control": Text("対照群になりました。", "Became one of the control group."),
    "treated": Text("対照群ではありませんでした。", "Was not of the control group."),
    "sent": Text("メッセージを送りました。", "The message was sent."),
    "unknown": Text(
        "渡した後の返事がなく、届いたか分かりません。", "It was handed over; no answer came."
    ),
    "done": Text("担当者の作業が終わりました。", "The task was done."),
    "scored": Text("スコアに加えました。", "Points were added."),
    "joined": Text("合流しました。", "Ways met."),
    "goal": Text("ゴールに数えられました。", "Counted as the goal."),
    "exit": Text("終了の地点に着きました。", "Came to an exit."),
    "removed": Text("手動で外されました。", "Was taken out by hand."),
    "closed": Text("ジャーニーが終了しました。", "The journey was ended."),
    "moved_out": Text("新しい版に移す先がありませんでした。", "The new version had no place."),
    "mapped": Text("新しい版に移りました。", "Went over to the new version."),
    "updated": Text("記録しました。", "Recorded."),
}
_BY_DETAIL: Mapping[str, Callable[[Mapping[str, Any]], Text]] = {
    "failed": _failed,
    "suppressed": _missed,
    "refused": _refused,
    "hold_ends": _hold_ends,
    "broken": _broken,
    "held": _held,
    "quiet": _quiet,
    "released": _released,
}
_TELL: Mapping[str, Callable[[Telling, AnyStep | None, Mapping[str, Any]], Text]] = {
    "entered": _entered,
    "heard": _heard,
    "followed": _followed,
    "deferred": _deferred,
    "goal_reached": _goal_reached,
    "left": _left,
}

CODES = frozenset({*_PLAIN, *_BY_DETAIL, *_TELL})
"""The codes that have a sentence, besides numbered ones."""
