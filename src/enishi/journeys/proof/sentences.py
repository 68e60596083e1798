"""What a proof says in one sentence, and no more than its figures bear."""

from __future__ import annotations

from collections.abc import Sequence

from enishi.journeys.graph import Conversion
from enishi.journeys.proof.schemas import ProofDifference, ProofHoldout, ProofSuccess
from enishi.kernel.text import Text


def aim_name(one: Conversion) -> Text:
    """What a success is called: its name, else its first event."""
    ja, en = one.name.ja or one.name.en, one.name.en or one.name.ja
    return Text(ja or one.event[0], en or one.event[0])


def sentence(
    aims: Sequence[Conversion],
    entry: Sequence[ProofSuccess],
    holdouts: Sequence[ProofHoldout],
    of: Text,
    nth: int = 0,
) -> Text:
    """The nth success against the first holdout's controls; else how many of `entry` had it,
    which are enrollments or messages (`of`)."""
    if not aims:
        return Text(
            "成果が決まっていないので、効果はまだ分かりません。",
            "Nothing counts as success yet, so there is no effect to tell.",
        )
    name = aim_name(aims[nth])
    for holdout in holdouts:
        if holdout.ratio is not None and holdout.ratio.wrong:
            return _not_comparable(holdout)
        apart = holdout.differences[nth]
        if apart is not None:
            return _against(name, apart)
    if entry and entry[nth].n:
        return _plain(name, entry[nth], of)
    return Text("まだ誰にも届いていません。", "Nobody has been reached yet.")


def _not_comparable(holdout: ProofHoldout) -> Text:
    ratio = holdout.ratio
    assert ratio is not None
    expected = round(ratio.expected)
    return Text(
        f"対照群が{ratio.control:,}人で、設定から見込まれる{expected:,}人と合いません。"
        "分け方に誤りがあるおそれがあり、差は信用できません。",
        f"The control group has {ratio.control:,} people where {expected:,} are expected."
        " Something may be wrong with how people were dealt out: do not trust the difference.",
    )


def _against(name: Text, found: ProofDifference) -> Text:
    value, low, high = (100 * one for one in (found.value, found.low, found.high))
    if not found.certain:
        told = f"{_signed(low)}〜{_signed(high)}"
        return Text(
            f"{name.ja}の割合に対照群との差があるとは、まだ言えません"
            f"（差 {_signed(value)}ポイント、95%区間 {told}）。",
            f"No effect can be told yet: the rate of “{name.en}” differs from the control group by"
            f" {_signed(value)} points (95% interval {_signed(low)} to {_signed(high)}).",
        )
    ja, en = ("高い", "higher") if value > 0 else ("低い", "lower")
    ends = sorted((abs(low), abs(high)))
    return Text(
        f"対照群より{name.ja}の割合が{abs(value):.1f}ポイント{ja}です"
        f"（95%区間 {ends[0]:.1f}〜{ends[1]:.1f}）。",
        f"The rate of “{name.en}” is {abs(value):.1f} points {en} than in the control group"
        f" (95% interval {ends[0]:.1f} to {ends[1]:.1f}).",
    )


def _plain(name: Text, one: ProofSuccess, of: Text) -> Text:
    assert one.rate is not None
    share = 100 * one.rate
    return Text(
        f"{of.ja}{one.n:,}件のうち{one.k:,}件（{share:.1f}%）が{name.ja}に至りました。"
        "対照群がないので、その効果かどうかは分かりません。",
        f"Of {one.n:,} {of.en} {one.k:,} ({share:.1f}%) led to “{name.en}”. Without a control"
        " group nobody can say what brought it about.",
    )


def _signed(points: float) -> str:
    """With its sign, a true minus, and none for nothing."""
    told = f"{points:+.1f}"
    return "0.0" if told[1:] == "0.0" else told.replace("-", "−")
