"""Many people through a journey of twelve steps, in virtual time, on a real book and warehouse.

    python -m benchmarks.journeys                         # 20,000 people
    python -m benchmarks.journeys --people 1000000
    python -m benchmarks.journeys --people 1000000 --postgres

Prints JSON. Everybody enters at once, is split, asked a rule (the embedded warehouse answers), gets
a message (a row in deliveries, which is finished as sending would finish it), waits for an event
that a third of them cause, and ends at a goal. `steps` are the moves written, each with its line of
the story and its count on the canvas. Meanwhile another process does what a page of the interface
does, every 50 ms: it reads the counts of the canvas and writes a row; `page_ms` are its latencies,
`quiet` before, `beside` during; `unit_ms` is how long units hold the book. How far it has come is
told on stderr. The book is SQLite; with `--postgres` PostgreSQL, a server of its own that keeps
what it has committed (1 GB of shared buffers, 8 GB of its log between checkpoints), or an empty
database by ENISHI_DATABASE_URL.
"""

from __future__ import annotations

import argparse
import gc
import json
import multiprocessing
import os
import platform
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

from benchmarks.units import units_measured

CATALOG = """
version: 1
purposes:
  deposits: {label: {ja: 預金の案内, en: Deposits}}
datasets:
  person:
    label: {ja: 顧客, en: Person}
    kind: current
    subject: person
    key: id
    display: name
    source: {files: "person.csv"}
    fields:
      id: {type: integer, label: {ja: 番号, en: Number}}
      name: {type: string, label: {ja: 氏名, en: Name}}
      score: {type: integer, label: {ja: 点数, en: Score}}
"""
STEPS: dict[str, Any] = {
    "control": {"kind": "holdout", "percent": 5, "next": "wait", "control_next": "meet"},
    "wait": {"kind": "wait", "duration": "1d", "next": "rich"},
    "rich": {
        "kind": "branch", "next": "lots",
        "arms": [{"rule": {"field": "score", "op": "ge", "value": 50}, "next": "note"}],
    },
    "lots": {
        "kind": "split",
        "shares": [{"percent": 50, "next": "note"}, {"percent": 50, "next": "hours"}],
    },
    "note": {"kind": "update", "event": "invited", "next": "hours"},
    "hours": {"kind": "wait_until", "since": "09:00", "until": "18:00", "next": "mail"},
    "mail": {"kind": "message", "template": "hello", "next": "answer"},
    "answer": {
        "kind": "wait_event", "signal": {"kind": "event", "event": ["answered"]},
        "timeout": "3d", "next": "warm", "timeout_next": "meet",
    },
    "warm": {"kind": "score", "score": "warm", "points": 3, "next": "meet"},
    "meet": {"kind": "join", "next": "rest"},
    "rest": {"kind": "wait", "duration": "2d", "next": "done"},
    "done": {"kind": "goal"},
}  # fmt: skip
EVERY = 0.05
_ANSWERS = 3  # every third person answers
_CHUNK = 1000
_TELL_EVERY = 30.0
_OTHERS_SECONDS = 0.01
_WOKEN_SECONDS = 0.25  # as lanes are while much is committed


def begin(root: str) -> Any:
    """Set this process up for the workspace."""
    from enishi.book.setup import setup
    from enishi.book.workspace import read_workspace

    workspace = read_workspace(Path(root))
    setup(workspace)
    return workspace


def write_people(folder: Path, count: int) -> None:
    folder.mkdir(exist_ok=True)
    with (folder / "person.csv").open("w", encoding="utf-8") as file:
        file.write("id,name,score\n")
        for n in range(count):
            file.write(f"{n},顧客{n:07},{(n * 31) % 100}\n")


def reader(root: str, journey: str, stop: Event, told: Any) -> None:
    """Do what a page does every 50 ms until told to stop; answers with the latencies in ms."""
    begin(root)
    from enishi.book.unit import work
    from enishi.journeys.models import Followed, Passage

    def page() -> None:
        list(Passage.objects.filter(journey=journey).values())
        with work("benchmark.page"):
            Followed.objects.update_or_create(name="benchmark", defaults={"value": {}})

    page()
    told.put("ready")
    found = []
    due = time.perf_counter()
    while not stop.is_set():
        begun = time.perf_counter()
        page()
        found.append((time.perf_counter() - begun) * 1000)
        due += EVERY
        time.sleep(max(0.0, due - time.perf_counter()))
    told.put(found)


class Pages:
    """Pages being asked for in another process while the block runs."""

    def __init__(self, root: str, journey: str) -> None:
        context = multiprocessing.get_context("spawn")
        self._stop, self._told = context.Event(), context.Queue()
        self._process = context.Process(target=reader, args=(root, journey, self._stop, self._told))
        self.found: list[float] = []

    def __enter__(self) -> Pages:
        self._process.start()
        assert self._told.get(timeout=60) == "ready"
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self.found = self._told.get(timeout=60)
        self._process.join()


def summary(values: list[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {
        "n": len(ordered),
        "p50": round(statistics.median(ordered), 1),
        "p99": round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))], 1),
        "max": round(ordered[-1], 1),
    }


class Stopwatch:
    """Seconds spent in each part, by the clock and by this process's processors."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.busy: dict[str, float] = {}
        self._told = (time.perf_counter(), time.process_time(), 0)

    def tell(self, at: datetime) -> None:
        """Every half a minute, say how many steps have been written since, at which rates."""
        from enishi.journeys.models import EnrollmentMove

        begun, busy, before = self._told
        took, worked = time.perf_counter() - begun, time.process_time() - busy
        if took < _TELL_EVERY:
            return
        steps = EnrollmentMove.objects.order_by("-id").values_list("id", flat=True).first() or 0
        rates = f"{(steps - before) / took:.0f}/s, {(steps - before) / worked:.0f} a CPU second"
        print(f"{at:%d %H:%M} {steps} steps: {rates}", file=sys.stderr)
        self._told = (time.perf_counter(), time.process_time(), steps)

    @contextmanager
    def time(self, part: str) -> Iterator[None]:
        begun, busy = time.perf_counter(), time.process_time()
        yield
        self.seconds[part] = self.seconds.get(part, 0.0) + time.perf_counter() - begun
        self.busy[part] = self.busy.get(part, 0.0) + time.process_time() - busy


def make(count: int, workspace: Any) -> tuple[str, list[str], Any]:
    """The bank, its journey and its people, loaded."""
    from enishi.book.setup import migrate
    from enishi.journeys.graph import JourneyBody
    from enishi.journeys.models import Journey, JourneyVersion
    from enishi.messages.models import Template, TemplateVersion
    from enishi.sources.service import load
    from enishi.warehouse import process
    from enishi.warehouse.client import open_warehouse

    migrate()
    warehouse = open_warehouse(workspace, attach_only=False)
    process.use_warehouse(warehouse)
    write_people(workspace.data, count)
    load(workspace, warehouse.engine, warehouse.catalog)
    template = Template.objects.create(
        slug="hello", name="hello", channel="email", purpose="deposits", owner="u", created_by="u"
    )
    TemplateVersion.objects.create(
        template=template, number=1, state="approved", body={"kind": "email"}, created_by="u"
    )
    journey = Journey.objects.create(
        slug="twelve", name="twelve", state="live", owner="u", created_by="u"
    )
    body = JourneyBody.model_validate({"purpose": "deposits", "start": "control", "steps": STEPS})
    JourneyVersion.objects.create(
        journey=journey, number=1, state="live", created_by="u", body=body.model_dump(mode="json")
    )
    with warehouse.engine.read() as question:
        table = warehouse.engine.spelling.data("person")
        people = [row[0] for row in question.rows(f"SELECT _id FROM {table} ORDER BY _id")]
    return journey.id, people, warehouse


def answer(clock: Any, watch: Stopwatch) -> None:
    """Every third of those who wait for an event causes it."""
    from enishi.journeys.models import Enrollment
    from enishi.journeys.types import Heard
    from enishi.journeys.walking import store

    waiting = Enrollment.objects.filter(step="answer", why="signal").order_by("id")
    ids = [number for number in waiting.values_list("id", flat=True) if number % _ANSWERS == 0]
    with watch.time("hear"):
        store.hear([(number, Heard("wait", clock())) for number in ids])


def finish(clock: Any, watch: Stopwatch) -> None:
    """Finish all queued deliveries as sending does, a thousand a unit."""
    from enishi.book.unit import work
    from enishi.journeys.walking import store
    from enishi.messages.deliveries.service import Finished, visit_of
    from enishi.messages.models import Delivery

    columns = ("id", "key", "person", "journey", "enrollment", "step")
    # By the index of those that are due: reading everybody's would take longer than finishing them.
    of = {"channel": "email", "sender": "", "state": "queued", "held": False}
    queued = list(Delivery.objects.filter(**of).values_list("id", flat=True))
    for start in range(0, len(queued), _CHUNK):
        chunk = queued[start : start + _CHUNK]
        rows = list(Delivery.objects.filter(id__in=chunk).values_list(*columns))
        done = [Finished(*row[:6], visit_of(row[1]), "sent", "", clock()) for row in rows]
        with work("benchmark.finish"):
            with watch.time("sending"):
                Delivery.objects.filter(id__in=[row[0] for row in rows]).update(
                    state="sent", finished_at=clock(), due_at=None
                )
            with watch.time("finished"):
                store.finished(done)


@contextmanager
def helped(clock: Any, warehouse: Any) -> Iterator[None]:
    """On PostgreSQL the work process moves people in several lanes; these are the further ones."""
    from django.db import connection, connections

    from enishi.journeys.walking import runner

    over = threading.Event()

    def move(part: int) -> None:
        while not over.is_set():
            if not runner.move(clock, warehouse, parts=[part]):
                over.wait(_WOKEN_SECONDS)
        connections.close_all()

    several = connection.vendor == "postgresql"
    parts = range(1, runner.PARTS) if several else ()
    helpers = [threading.Thread(target=move, args=(part,)) for part in parts]
    for helper in helpers:
        helper.start()
    try:
        yield
    finally:
        over.set()
        for helper in helpers:
            helper.join()


def walk(count: int, journey: str, people: list[str], warehouse: Any, watch: Stopwatch) -> None:
    """Let everybody in and move the clock from one thing that is due to the next."""
    from django.db import connection
    from django.db.models import Min

    from enishi.book.clock import clock_set_to
    from enishi.journeys.models import Enrollment
    from enishi.journeys.walking import runner, store
    from enishi.journeys.walking.store import Entry
    from enishi.kernel.clock import VirtualClock

    clock = VirtualClock()
    mine = [0] if connection.vendor == "postgresql" else None
    with clock_set_to(clock):
        with watch.time("enter"):
            entries = [Entry(person, "", clock(), "benchmark") for person in people]
            done = store.enter_many(journey, 1, entries)
        assert done.entered == count
        # Only now do they begin to walk: entries and steps are timed apart.
        with watch.time("walk"), helped(clock, warehouse):
            answered = False
            while True:
                with watch.time("move"):
                    while runner.settle(clock) | runner.move(clock, warehouse, parts=mine):
                        watch.tell(clock())
                finish(clock, watch)
                active = Enrollment.objects.filter(journey=journey, state="active")
                due = active.aggregate(at=Min("due_at"))["at"]
                if due is None:
                    break
                if due <= clock():
                    time.sleep(_OTHERS_SECONDS)  # the others are still at it
                    continue
                if not answered and active.filter(why="signal").exists():
                    answered = True
                    clock.advance(timedelta(hours=1))
                    answer(clock, watch)
                    continue
                clock.now = due


def run(root: str, count: int, seconds: float) -> dict[str, Any]:
    workspace = begin(root)
    from enishi.journeys.models import Enrollment, EnrollmentMove, Passage
    from enishi.journeys.walking import watchdog
    from enishi.work.main import SWITCH_SECONDS

    gc.set_threshold(50_000, 20, 20)  # as the command `enishi` does
    sys.setswitchinterval(SWITCH_SECONDS)  # as the work process does
    journey, people, warehouse = make(count, workspace)
    watch = Stopwatch()
    with Pages(root, journey) as quiet:
        time.sleep(seconds)
    with Pages(root, journey) as beside, units_measured() as units:
        walk(count, journey, people, warehouse, watch)
    from enishi.kernel.clock import system_clock

    steps = EnrollmentMove.objects.count()
    ended = dict.fromkeys(Enrollment.objects.values_list("state", flat=True), 0)
    passed = sum(Passage.objects.values_list("people", flat=True))
    report = watchdog.check(system_clock())
    took = watch.seconds
    rate = steps / took["walk"]  # all there is to it; the other parts are within
    pages = {"quiet": summary(quiet.found), "beside": summary(beside.found)}
    return {
        "people": count,
        "book": "postgresql" if workspace.database_url else "sqlite",
        "machine": {"cpus": os.cpu_count(), "python": platform.python_version()},
        "steps": steps,
        "steps_per_s": round(rate),
        "seconds": {part: round(spent, 2) for part, spent in took.items()},
        "cpu_seconds": {part: round(spent, 2) for part, spent in watch.busy.items()},
        "entries_per_s": round(count / took["enter"]),
        "page_ms": pages,
        "unit_ms": units.told(),
        "watchdog": report.total,
        "holds": {
            "everybody_ended": set(ended) == {"ended"},
            "every_move_counted": passed == steps,
            "steps_20k_per_s": rate >= 20_000,
            "entries_of_1m_within_60_s": count / took["enter"] >= 1_000_000 / 60,
            "page_p99_within_250_ms": pages["beside"]["p99"] <= 250,
        },
    }


@contextmanager
def postgres() -> Iterator[None]:
    """The book in a PostgreSQL server of its own while the block runs."""
    from tests.postgres_server import start_server

    server = start_server(shared_buffers="1GB", durable=True, max_wal_size="8GB")
    if server is None:
        raise SystemExit("No PostgreSQL server is installed.")
    try:
        server.create("bench")
        os.environ["ENISHI_DATABASE_URL"] = server.url("bench")
        yield
    finally:
        server.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--seconds", type=float, default=3.0, help="how long the quiet runs")
    parser.add_argument("--folder", type=Path, help="where the workspace is made")
    parser.add_argument("--postgres", action="store_true", help="a server of its own")
    given = parser.parse_args()
    with ExitStack() as stack:
        if given.postgres:
            stack.enter_context(postgres())
        folder = stack.enter_context(
            tempfile.TemporaryDirectory(prefix="enishi-journeys-", dir=given.folder)
        )
        root = Path(folder)
        (root / "enishi.toml").write_text('name = "benchmark"\n', encoding="utf-8")
        (root / "catalog").mkdir()
        (root / "catalog" / "bank.yaml").write_text(CATALOG, encoding="utf-8")
        print(json.dumps(run(str(root), given.people, given.seconds), indent=2))


if __name__ == "__main__":
    main()
