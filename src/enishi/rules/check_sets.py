"""Typing memberships and samples: which named set is meant, and whether it may be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from enishi.catalog.sets import ListInfo, SegmentInfo
from enishi.catalog.types import Catalog, FieldType
from enishi.kernel.text import Text
from enishi.rules.check_operands import Operands, exact_number, plain
from enishi.rules.check_paths import Scope
from enishi.rules.faults import Faults, did_you_mean
from enishi.rules.tree import Membership, Sample

SET_KEYS = {
    "segment": {"segment", "entered", "left"},
    "list": {"list", "status"},
    "sample": {"sample"},
}


class NamedSets:
    """Reads memberships and samples; notes which sets a rule names, and where.

    `saving` is the slug of the segment whose rule this is: it may not lean on itself.
    """

    def __init__(
        self, catalog: Catalog, operands: Operands, faults: Faults, saving: str | None
    ) -> None:
        self.catalog = catalog
        self.operands = operands
        self.faults = faults
        self.saving = saving
        self.segments: dict[str, str] = {}
        self.lists: dict[str, str] = {}

    def segment(self, json: Mapping[str, object], scope: Scope, where: str) -> Membership:
        """`{"segment": SLUG, "entered"|"left"?: Window}`."""
        self.operands.only(json, SET_KEYS["segment"], where)
        at = f"{where}.segment"
        known = self.catalog.sets.segments()
        if self.saving is not None and json["segment"] == self.saving:
            raise self._cycle((self.saving, self.saving), known, at)
        info = _found(json["segment"], known)
        if info is None:
            raise self._unknown("segment", json["segment"], known, at)
        self._same_subject(info, scope, Text("セグメント", "segment"), at)
        if self.saving is not None and self.saving in info.uses:
            raise self._cycle((self.saving, *way_to(info, self.saving, known)), known, at)
        self.segments.setdefault(info.slug, at)
        if "entered" in json and "left" in json:
            raise self.faults.refuse(
                "entered_and_left", where,
                Text("entered と left を一緒には使えません。",
                     "`entered` and `left` cannot stand together."),
                Text("all で2つの条件に分けてください。", "Write two rules inside an `all`."),
            )  # fmt: skip
        crossing = next((name for name in ("entered", "left") if name in json), None)
        window = None
        if crossing is not None:
            window = self.operands.window(
                json[crossing], FieldType.TIMESTAMP, f"{where}.{crossing}"
            )
        return Membership("segment", info.slug, None, crossing, window)

    def list_(self, json: Mapping[str, object], scope: Scope, where: str) -> Membership:
        """`{"list": SLUG, "status"?: [STATUS…]}`."""
        self.operands.only(json, SET_KEYS["list"], where)
        at = f"{where}.list"
        known = self.catalog.sets.lists()
        info = _found(json["list"], known)
        if info is None:
            raise self._unknown("list", json["list"], known, at)
        self._same_subject(info, scope, Text("リスト", "list"), at)
        self.lists.setdefault(info.slug, at)
        statuses = None
        if "status" in json:
            statuses = self._statuses(json["status"], info, f"{where}.status")
        return Membership("list", info.slug, statuses)

    def _statuses(self, json: object, info: ListInfo, where: str) -> tuple[str, ...]:
        """The statuses meant, sorted and each once."""
        if not isinstance(json, (list, tuple)) or not json:
            raise self.faults.refuse(
                "wrong_shape", where,
                Text("状態の名前のリストが必要です。", "A list of statuses is needed here."),
                Text('例: ["done"]', 'For example ["done"].'),
            )  # fmt: skip
        labels = {name: (label.ja, label.en) for name, (label, _) in info.statuses.items()}
        for index, name in enumerate(json):
            if not isinstance(name, str) or name not in info.statuses:
                raise self.faults.refuse(
                    "unknown_status", f"{where}[{index}]",
                    Text(f"リスト「{info.label.ja}」に状態「{name}」はありません。",
                         f"The list {info.slug} has no status `{name}`."),
                    did_you_mean(str(name), labels, Text("状態を確認してください。",
                                                         "See the statuses of the list.")),
                )  # fmt: skip
        return tuple(sorted(set(json)))

    def sample(self, json: Mapping[str, object], where: str) -> Sample:
        """`{"sample": {"percent": 10, "salt": "spring"}}`."""
        self.operands.only(json, SET_KEYS["sample"], where)
        at = f"{where}.sample"
        asked = json["sample"]
        example = Text('例: {"percent": 10, "salt": "spring"}',
                       'For example {"percent": 10, "salt": "spring"}.')  # fmt: skip
        if not isinstance(asked, Mapping) or not {"percent", "salt"} <= set(asked):
            raise self.faults.refuse(
                "wrong_shape", at,
                Text("抽出には割合(percent)と合言葉(salt)が必要です。",
                     "A sample needs its `percent` and its `salt`."),
                example,
            )  # fmt: skip
        self.operands.only(asked, {"percent", "salt"}, at)
        percent, salt = exact_number(asked["percent"]), asked["salt"]
        if percent is None or not 0 <= percent <= 100:
            raise self.faults.refuse(
                "wrong_type", f"{at}.percent",
                Text("割合には0から100までの数値が必要です。", "`percent` is a number, 0 to 100."),
                example,
            )  # fmt: skip
        if not isinstance(salt, str) or not salt:
            raise self.faults.refuse(
                "wrong_type", f"{at}.salt",
                Text("合言葉(salt)には文字列が必要です。", "`salt` is a text."), example,
            )  # fmt: skip
        if percent == 0:
            self.faults.warn(
                "never_true", f"{at}.percent",
                Text("0％の抽出には誰も入りません。", "A sample of 0 % holds nobody."),
                Text("割合を大きくしてください。", "Raise the percentage."),
            )  # fmt: skip
        return Sample(plain(percent), salt)

    # ── faults ───────────────────────────────────────────────────────────────────────────────────

    def _unknown(
        self, kind: str, name: object, known: Mapping[str, SegmentInfo | ListInfo], where: str
    ) -> Exception:
        ja = "セグメント" if kind == "segment" else "リスト"
        return self.faults.refuse(
            f"unknown_{kind}", where,
            Text(f"{ja}「{name}」はありません。", f"There is no {kind} `{name}`."),
            did_you_mean(
                str(name),
                {slug: (info.label.ja, info.label.en) for slug, info in known.items()},
                Text(f"{ja}を先に作ってください。", f"Make the {kind} first."),
            ),
        )  # fmt: skip

    def _same_subject(
        self, info: SegmentInfo | ListInfo, scope: Scope, kind: Text, where: str
    ) -> None:
        if info.subject == scope.subject:
            return
        theirs = self.catalog.datasets.get(info.subject)
        label = Text(info.subject, info.subject) if theirs is None else theirs.label
        mine = self.catalog.datasets[scope.subject].label
        raise self.faults.refuse(
            "other_subject", where,
            Text(f"{kind.ja}「{info.label.ja}」の対象は「{label.ja}」で、"
                 f"この条件の対象「{mine.ja}」と異なります。",
                 f"The {kind.en} {info.slug} holds {info.subject}, not {scope.subject}."),
            Text(f"同じ対象の{kind.ja}を選んでください。",
                 f"Choose a {kind.en} of the same subject."),
        )  # fmt: skip

    def _cycle(self, way: Sequence[str], known: Mapping[str, SegmentInfo], where: str) -> Exception:
        labels = [known[s].label if s in known else Text(s, s) for s in way]
        ja, en = " → ".join(label.ja for label in labels), " → ".join(way)
        return self.faults.refuse(
            "cycle", where,
            Text(f"セグメントの条件が自分自身に戻ります: {ja}",
                 f"The segment's rule comes back to itself: {en}."),
            Text("自分自身につながらないセグメントを選んでください。",
                 "Choose a segment that does not lean on this one."),
        )  # fmt: skip


_Info = TypeVar("_Info", SegmentInfo, ListInfo)


def _found(name: object, known: Mapping[str, _Info]) -> _Info | None:
    return known.get(name) if isinstance(name, str) else None


def way_to(info: SegmentInfo, goal: str, known: Mapping[str, SegmentInfo]) -> list[str]:
    """The segments from `info` to `goal`, each leaning on the next.

    `uses` holds all that a segment leans on, however far. Of those that lead to the goal the one
    with the most of its own is leant on by no other of them, so it is the next on the way.
    """
    way, here = [info.slug], info
    while True:
        nearer = [
            known[slug]
            for slug in sorted(here.uses)
            if slug in known and slug not in way and goal in known[slug].uses
        ]
        if not nearer:
            return [*way, goal]
        here = max(nearer, key=lambda found: len(found.uses))
        way.append(here.slug)
