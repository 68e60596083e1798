"""The shape of a journey's graph: what is reached, what goes round without a pause, what ends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from enishi.journeys.drawing.draft import Draft, Found, Way
from enishi.kernel.errors import Fault
from enishi.kernel.text import Text

_PAUSES = frozenset({"wait", "wait_event", "task"})
"""Steps at which a walk surely stands still for a time; a date may have passed, a window be open.
"""
_SENDS = frozenset({"message"})


def check_shape(draft: Draft) -> Iterator[Found]:
    """Faults of how the steps hang together."""
    steps, ways = draft.raw.get("steps"), draft.ways
    if not isinstance(steps, Mapping) or not steps:
        yield _at(
            "no_steps", "$.steps", None,
            Text("地点がひとつもありません。", "There is no step."),
            Text("最初の地点を置いてください。", "Add the first step."),
        )  # fmt: skip
        return
    given = draft.raw.get("start")
    start = given if isinstance(given, str) else None
    if start not in ways:
        yield _at(
            "no_start", "$.start", None,
            Text("入口からつながる地点がありません。", "The entry leads to no step."),
            Text("入口を最初の地点につないでください。", "Connect the entry to the first step."),
        )  # fmt: skip
    yield from _strangers(ways)
    if start in ways:
        yield from _unreached(ways, str(start))
    yield from _rings(draft)
    yield from _endless(ways)
    yield from _two_at_once(draft)


def _strangers(ways: Mapping[str, Sequence[Way]]) -> Iterator[Found]:
    for step, out in ways.items():
        for way in out:
            if way.to is not None and way.to not in ways:
                yield _at(
                    "unknown_step", f"$.steps.{step}.{way.path}", step,
                    Text(f"「{way.to}」という地点はありません。", f"There is no step {way.to}."),
                    Text("つなぎ直してください。", "Connect it to another step."),
                )  # fmt: skip


def _unreached(ways: Mapping[str, Sequence[Way]], start: str) -> Iterator[Found]:
    seen = reached(ways, [start])
    for step in ways:
        if step not in seen:
            yield _at(
                "unreachable", f"$.steps.{step}", step,
                Text("この地点にはどこからも来られません。", "Nothing leads to this step."),
                Text("つなぐか、消してください。", "Connect it, or remove it."),
            )  # fmt: skip


def reached(ways: Mapping[str, Sequence[Way]], begin: Sequence[str]) -> set[str]:
    """Every step that can be come to from these, themselves included."""
    seen: set[str] = set()
    left = list(begin)
    while left:
        step = left.pop()
        if step in seen or step not in ways:
            continue
        seen.add(step)
        left += [way.to for way in ways[step] if way.to is not None]
    return seen


def _kind(draft: Draft, step: str) -> str:
    return str(draft.raw["steps"][step].get("kind", ""))


def _rings(draft: Draft) -> Iterator[Found]:
    """Loops that nobody ever stands still in."""
    busy = {step for step in draft.ways if _kind(draft, step) not in _PAUSES}
    restless = {
        step: [way.to for way in out if way.to is not None and way.to in busy]
        for step, out in draft.ways.items()
        if step in busy
    }
    for ring in _circles(restless):
        step = min(ring)
        yield _at(
            "loop", f"$.steps.{step}", step,
            Text(
                "待つ地点のないまま同じところを回り続けます。",
                "People would go round here without ever waiting.",
            ),
            Text("間に「待つ」を入れてください。", "Put a wait in between."),
        )  # fmt: skip


def _circles(graph: Mapping[str, Sequence[str]]) -> list[set[str]]:
    """The strongly connected parts of a graph that have a loop (Tarjan's, without recursion)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    found: list[set[str]] = []
    for root in graph:
        if root in index:
            continue
        work = [(root, iter(graph[root]))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        while work:
            step, rest = work[-1]
            following = next(rest, None)
            if following is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[step])
                if low[step] == index[step]:
                    part = set()
                    while True:
                        member = stack.pop()
                        on_stack.discard(member)
                        part.add(member)
                        if member == step:
                            break
                    if len(part) > 1 or step in graph[step]:
                        found.append(part)
            elif following not in index:
                index[following] = low[following] = len(index)
                stack.append(following)
                on_stack.add(following)
                work.append((following, iter(graph[following])))
            elif following in on_stack:
                low[step] = min(low[step], index[following])
    return found


def _endless(ways: Mapping[str, Sequence[Way]]) -> Iterator[Found]:
    """Steps from which no way leads to an end."""
    back: dict[str, list[str]] = {step: [] for step in ways}
    ends = []
    for step, out in ways.items():
        if not out or any(way.to is None for way in out):
            ends.append(step)
        for way in out:
            if way.to in back:
                back[way.to].append(step)
    seen: set[str] = set()
    while ends:
        step = ends.pop()
        if step not in seen:
            seen.add(step)
            ends += back[step]
    for step in ways:
        if step not in seen:
            yield _at(
                "no_end", f"$.steps.{step}", step,
                Text("ここからはどの道も終わりに着きません。", "No way from here ever ends."),
                Text("終わる道をつけてください。", "Add a way that ends."),
            )  # fmt: skip


def _two_at_once(draft: Draft) -> Iterator[Found]:
    """Messages that directly follow another one."""
    for step, out in draft.ways.items():
        if _kind(draft, step) not in _SENDS:
            continue
        for other in _next_sends(draft, [way.to for way in out if way.to]):
            yield _at(
                "two_messages", f"$.steps.{other}", other,
                Text(
                    f"「{step}」のメッセージのすぐ後にもう一通送ります。",
                    f"This message follows the one of {step} at once.",
                ),
                Text("間に「待つ」を入れてください。", "Put a wait in between."),
                warn=True,
            )  # fmt: skip


def _next_sends(draft: Draft, begin: Sequence[str]) -> list[str]:
    """The messages reached without standing still on the way."""
    found, seen, left = [], set[str](), list(begin)
    while left:
        step = left.pop()
        if step in seen or step not in draft.ways:
            continue
        seen.add(step)
        kind = _kind(draft, step)
        if kind in _SENDS:
            found.append(step)
        elif kind not in _PAUSES and kind not in ("wait_until", "wait_date"):
            left += [way.to for way in draft.ways[step] if way.to]
    return sorted(found)


def _at(
    code: str, path: str, step: str | None, message: Text, remedy: Text, *, warn: bool = False
) -> Found:
    return Found(Fault(code, path, message, remedy), step, "warn" if warn else "refuse")
