"""A wording that is still being drawn: what of it holds its shape, and what is missing in the rest.

A draft is stored as it was sent. Here it is read part by part, so that a step without its template
hides neither the other steps nor its own ways on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, TypeAlias, cast

from pydantic import TypeAdapter, ValidationError

from enishi.journeys.graph import (
    AnyStep,
    Card,
    Conversion,
    Entry,
    JourneyBody,
    MessageStep,
    Signal,
    TaskStep,
    WebhookStep,
)
from enishi.kernel.errors import Fault
from enishi.kernel.text import Text

Level: TypeAlias = Literal["refuse", "warn"]

_LISTS: Mapping[str, Any] = {"entries": Entry, "exits": Signal, "conversions": Conversion}
_WHOLE = (
    "purpose", "product", "audience", "reentry", "start", "holds", "cost", "sheet", "layout",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found:
    """A fault of a wording, the step it lies in, and whether it keeps it from going live."""

    fault: Fault
    step: str | None = None
    level: Level = "refuse"


@dataclass(frozen=True, slots=True)
class Draft:
    """`body` has the parts that hold their shape; `ways` all ways on, of broken steps too.

    `acting`: the steps that reach somebody, those too whose template or list is still to be chosen.
    `places`: of each list in `body` the places its items have in `raw`, where broken ones stand.
    """

    raw: Mapping[str, Any]
    body: JourneyBody
    faults: tuple[Found, ...]
    ways: Mapping[str, tuple[Way, ...]]
    places: Mapping[str, Sequence[int]]
    acting: Mapping[str, Acting]

    @property
    def whole(self) -> bool:
        """Whether every part holds its shape, so that it can be walked."""
        return not self.faults


@dataclass(frozen=True, slots=True)
class Way:
    """A way on from a step: its JSON path in the step (`arms[0].next`), and where it leads."""

    path: str
    to: str | None


def read_draft(raw: Mapping[str, Any]) -> Draft:
    """A stored or sent body, read leniently; never raises."""
    faults: list[Found] = []
    kept: dict[str, Any] = {}
    places: dict[str, list[int]] = {}
    known = JourneyBody.model_fields
    for name, value in raw.items():
        if name == "steps":
            kept[name] = _steps(value, faults)
        elif name == "goal":
            found = _items("goal.signals", _list_in(value), Signal, faults)
            kept[name], places["goal.signals"] = {"signals": list(found.values())}, list(found)
        elif name in _LISTS:
            found = _items(name, value, _LISTS[name], faults)
            kept[name], places[name] = list(found.values()), list(found)
        elif name in _WHOLE:
            read, wrong = _validated(known[name].annotation, value)
            faults += [_fault(f"$.{name}", e, value, None) for e in wrong]
            if not wrong:
                kept[name] = read
        else:
            faults.append(_unknown(name))
    kept.setdefault("purpose", "")
    body = _built(kept, faults)
    return Draft(raw, body, tuple(faults), _ways_of(raw), places, _acting(raw, body))


Acting: TypeAlias = MessageStep | TaskStep | WebhookStep
_ACTING: Mapping[str, type[Acting]] = {
    "message": MessageStep, "task": TaskStep, "webhook": WebhookStep,
}  # fmt: skip
_HOLES = {"template": "", "list": "", "sender": "", "contact": "phone"}


def _acting(raw: Mapping[str, Any], body: JourneyBody) -> dict[str, Acting]:
    found: dict[str, Acting] = {}
    steps = raw.get("steps")
    for name, step in steps.items() if isinstance(steps, Mapping) else ():
        good = body.steps.get(name)
        if isinstance(good, MessageStep | TaskStep | WebhookStep):
            found[str(name)] = good
        elif isinstance(step, Mapping) and str(step.get("kind")) in _ACTING:
            card, _ = _validated(Card, step.get("card", {}))
            told = step.get("name")
            given: dict[str, Any] = {
                **_HOLES, "name": told if isinstance(told, str) else "", "card": card or Card(),
            }  # fmt: skip
            found[str(name)] = _ACTING[str(step["kind"])].model_construct(**given)
    return found


def _built(kept: dict[str, Any], faults: list[Found]) -> JourneyBody:
    """The body of the good parts; what only the whole can refuse (too many entries) is a fault."""
    try:
        return JourneyBody.model_validate(kept)
    except ValidationError as error:
        faults += [_fault("$", dict(e), kept, None) for e in error.errors()]
        bad = {str(e["loc"][0]) for e in error.errors() if e["loc"]}
        return JourneyBody.model_validate({n: v for n, v in kept.items() if n not in bad})


def _list_in(goal: object) -> object:
    return goal.get("signals", []) if isinstance(goal, Mapping) else goal


def _items(where: str, value: object, kind: Any, faults: list[Found]) -> dict[int, Any]:
    if not isinstance(value, list):
        faults.append(_unknown(where))
        return {}
    good = {}
    for place, item in enumerate(value):
        read, wrong = _validated(kind, item)
        faults += [_fault(f"$.{where}[{place}]", e, item, None) for e in wrong]
        if not wrong:
            good[place] = read
    return good


def _steps(value: object, faults: list[Found]) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        faults.append(_unknown("steps"))
        return {}
    good = {}
    for name, step in value.items():
        read, wrong = _validated(AnyStep, step)
        faults += [_fault(f"$.steps.{name}", e, step, str(name)) for e in wrong]
        if not wrong:
            good[name] = read
    return good


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _validated(kind: Any, value: object) -> tuple[Any, list[dict[str, Any]]]:
    try:
        return _adapter(kind).validate_python(value), []
    except ValidationError as error:
        return None, [cast("dict[str, Any]", dict(found)) for found in error.errors()]


# ── ways on ────────────────────────────────────────────────────────────────────────────────────


def _ways_of(raw: Mapping[str, Any]) -> dict[str, tuple[Way, ...]]:
    steps = raw.get("steps")
    if not isinstance(steps, Mapping):
        return {}
    return {
        str(name): tuple(ways(step)) for name, step in steps.items() if isinstance(step, Mapping)
    }


_BESIDE = ("timeout_next", "passed_next", "unset_next", "control_next", "failed_next")
_CASES = ("arms", "shares", "outcomes")
_FALLS_BACK = ("passed_next", "unset_next", "failed_next")
"""Ways that go where `next` goes unless they name a step."""


def ways(step: Mapping[str, Any]) -> Iterator[Way]:
    """Every way on from a step as it is stored; a step that ends walks has none."""
    kind = step.get("kind")
    if kind == "exit":
        return
    for name in _CASES:
        cases = step.get(name)
        for place, case in enumerate(cases if isinstance(cases, list) else []):
            if isinstance(case, Mapping):
                yield Way(f"{name}[{place}].next", _name(case.get("next")))
    if kind != "split":
        yield Way("next", _name(step.get("next")))
    for name in _BESIDE:
        if step.get(name) is not None or (name == "timeout_next" and kind == "wait_event"):
            yield Way(name, _name(step.get(name)))
        elif name == "control_next" and kind == "holdout":
            yield Way(name, None)


def _name(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


# ── faults of shape ────────────────────────────────────────────────────────────────────────────

LABELS: Mapping[str, Text] = {
    "template": Text("テンプレート", "template"),
    "segment": Text("セグメント", "segment"),
    "list": Text("リスト", "list"),
    "field": Text("日付の項目", "date field"),
    "event": Text("イベント", "event"),
    "status": Text("ステータス", "status"),
    "duration": Text("待つ時間", "length of the wait"),
    "timeout": Text("期限", "deadline"),
    "after": Text("間隔", "interval"),
    "window": Text("期間", "window"),
    "rule": Text("条件", "condition"),
    "arms": Text("分岐の条件", "arm"),
    "shares": Text("割合", "share"),
    "percent": Text("割合", "percentage"),
    "score": Text("スコア", "score"),
    "points": Text("点数", "points"),
    "signal": Text("待つもの", "signal"),
    "since": Text("開始時刻", "begin of the window"),
    "until": Text("終了時刻", "end of the window"),
    "at": Text("時刻", "time of day"),
    "every": Text("頻度", "interval"),
    "offset": Text("日数", "offset"),
    "kind": Text("種類", "kind"),
    "purpose": Text("目的", "purpose"),
}


def _fault(base: str, error: Mapping[str, Any], value: object, step: str | None) -> Found:
    """One error of pydantic as a fault: a hole where nothing was written, else a wrong shape."""
    where = _untagged(error["loc"], value)
    path = base + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in where)
    name = next((str(part) for part in reversed(where) if isinstance(part, str)), "")
    label = LABELS.get(name, Text(f"「{name or base}」", name or base))
    given = error.get("input")
    if error["type"] == "missing" or given in ("", None, []) or given == [""]:
        return not_chosen(path, label, step)
    said = str(error["msg"])
    return Found(
        Fault(
            "shape", path,
            Text(f"{label.ja}が正しくありません（{said}）。", f"The {label.en} is wrong: {said}."),
            Text("書き直してください。", "Correct it."),
        ),
        step,
    )  # fmt: skip


def not_chosen(path: str, what: Text, step: str | None = None) -> Found:
    """Something has not been chosen yet."""
    article = "an" if what.en[0] in "aeio" else "a"
    return Found(
        Fault(
            "not_chosen", path,
            Text(f"{what.ja}が決まっていません。", f"No {what.en} has been chosen."),
            Text(f"{what.ja}を選んでください。", f"Choose {article} {what.en}."),
        ),
        step,
    )  # fmt: skip


def _untagged(loc: Sequence[int | str], value: object) -> list[int | str]:
    """The place without the names of kinds that pydantic adds where a kind was chosen."""
    found: list[int | str] = []
    here: Any = value
    fresh = True  # the value at `here` may be of several kinds
    for part in loc:
        tagged = isinstance(here, Mapping) and here.get("kind") == part
        if fresh and tagged:
            fresh = False
            continue
        found.append(part)
        here = _inside(here, part)
        fresh = part == "signal"
    return found


def _inside(here: Any, part: int | str) -> Any:
    if isinstance(here, Mapping):
        return here.get(part)
    if isinstance(here, list) and isinstance(part, int) and part < len(here):
        return here[part]
    return None


def _unknown(name: str) -> Found:
    return Found(
        Fault(
            "shape", f"$.{name}",
            Text(f"「{name}」は読めません。", f"`{name}` cannot be read."),
            Text("書き直すか、消してください。", "Correct it, or remove it."),
        )
    )  # fmt: skip
