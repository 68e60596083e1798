"""Makes the demo bank: files, workspace, users, loads, definitions, and some weeks of work."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

from enishi.book.workspace import FILE, Workspace, read_workspace
from enishi.demo.columns import Today
from enishi.demo.files import write_files
from enishi.demo.loading import OnProgress, load_files, write_template
from enishi.demo.offices import Offices
from enishi.demo.signins import PASSWORD, SCOPE, SCOPED, SignIn, sign_ins
from enishi.kernel.clock import Clock, system_clock
from enishi.kernel.errors import Conflict, EnishiError
from enishi.kernel.text import Text

MARK = ".demo-bank.json"
"""Stands in a workspace made here: what it was made from, and whether that was finished."""

OPENED = timedelta(days=35)
"""How long before now the demo bank began to use Enishi."""


@dataclass(frozen=True, slots=True)
class DemoBank:
    """A demo bank that is ready to be served."""

    root: Path
    customers: int
    seed: int
    rows: int  # loaded, of all datasets
    day: str  # the day at which the data ends, ISO
    sign_ins: tuple[SignIn, ...]  # the main ones, one a role
    password: str = PASSWORD


def make(
    workspace_dir: Path,
    customers: int = 20_000,
    seed: int = 1,
    clock: Clock = system_clock,
    progress: OnProgress | None = None,
) -> DemoBank:
    """Make the demo bank in `workspace_dir`, which must be empty, absent, or an unfinished one.

    Django must not have been set up for another workspace in this process. The same customers,
    seed and instant give the same files. Raises Conflict `folder_in_use`, EnishiError
    `too_few_customers`, or `demo_load_failed` when a dataset did not load.
    """
    _check_size(customers)
    tell = progress or (lambda _what, _part: None)
    root = workspace_dir.resolve()
    _clear(root)
    now = clock()
    made = {"customers": customers, "seed": seed, "finished": False}
    (root / MARK).write_text(json.dumps(made), encoding="utf-8")
    write_template(root)
    workspace = read_workspace(root)
    tell(Text("顧客と取引を作っています", "Making customers and transactions"), 0.02)
    offices, _ = write_files(
        workspace.data,
        customers,
        seed,
        Today(now, workspace.timezone),
        lambda _name, part: tell(
            Text("顧客と取引を作っています", "Making customers and transactions"),
            0.02 + 0.13 * part,
        ),
    )
    tell(Text("台帳を用意しています", "Preparing the book"), 0.16)
    # The warehouse is loaded beside it: the two stores know nothing of each other yet.
    with ThreadPoolExecutor(1) as beside:
        loading = beside.submit(load_files, workspace, now, clock, tell)
        people = _open_book(workspace, offices, now)
        rows = loading.result()
    retelling = Text("この5週間の仕事を再現しています", "Retelling five weeks of work")
    tell(retelling, 0.5)
    _tell_story(workspace, people, seed, now, lambda part: tell(retelling, 0.5 + 0.45 * part))
    bank = DemoBank(
        root=root,
        customers=customers,
        seed=seed,
        rows=rows,
        day=now.astimezone(workspace.zone).date().isoformat(),
        sign_ins=tuple(p for p in people if p.main),
    )
    _write_mark(bank)
    tell(Text("できました", "Done"), 1.0)
    return bank


def found(workspace_dir: Path) -> DemoBank | None:
    """The finished demo bank in a folder, None when there is none."""
    mark = workspace_dir / MARK
    if not mark.is_file():
        return None
    with suppress(ValueError, KeyError, TypeError):
        said = json.loads(mark.read_text(encoding="utf-8"))
        if not said.pop("finished"):
            return None
        people = tuple(SignIn(**person) for person in said.pop("sign_ins"))
        return DemoBank(root=workspace_dir.resolve(), sign_ins=people, **said)
    return None


def is_served(workspace_dir: Path) -> bool:
    """Whether a server has this workspace open."""
    if not (workspace_dir / FILE).is_file():
        return False
    from enishi.warehouse.client import Attached

    with Attached(read_workspace(workspace_dir)) as attached:
        return attached.answers()


def remove(workspace_dir: Path) -> None:
    """Delete a demo workspace, finished or not. Raises Conflict for any other folder."""
    if not workspace_dir.exists():
        return
    if not (workspace_dir / MARK).is_file():
        raise _in_use(workspace_dir)
    shutil.rmtree(workspace_dir)


def _check_size(customers: int) -> None:
    if customers < 500:
        raise EnishiError(
            Text("顧客は500人以上にしてください。", "The demo bank needs at least 500 customers."),
            Text("例: enishi demo --customers 20000", "Try: enishi demo --customers 20000"),
            code="too_few_customers",
        )


def _clear(root: Path) -> None:
    """Make way for a new bank: only an unfinished one of ours may be thrown away."""
    if (root / MARK).is_file() and found(root) is None:
        shutil.rmtree(root)
    if root.exists() and any(root.iterdir()):
        raise _in_use(root)
    root.mkdir(parents=True, exist_ok=True)


def _in_use(root: Path) -> Conflict:
    return Conflict(
        Text(f"{root} は空ではありません。", f"{root} is not empty."),
        Text(
            "`--workspace` で別のフォルダを指定してください。",
            "Name another folder with `--workspace`.",
        ),
        code="folder_in_use",
    )


def _write_mark(bank: DemoBank) -> None:
    said = asdict(bank) | {"finished": True}
    del said["root"], said["password"]
    text = json.dumps(said, ensure_ascii=False, indent=2)
    (bank.root / MARK).write_text(text + "\n", encoding="utf-8")


def _open_book(workspace: Workspace, offices: Offices, now: datetime) -> list[SignIn]:
    """Migrate the book, set the row scopes, and make the users, all as of the opening day."""
    from enishi.book.setup import migrate, setup

    setup(workspace)
    migrate()
    from enishi.book.access import OPERATOR
    from enishi.book.accounts import create_user, search
    from enishi.book.clock import clock_set_to
    from enishi.book.scopes import set_role

    people = sign_ins(offices)
    if search().exists():
        raise _book_in_use()
    with clock_set_to(lambda: now - OPENED):
        for role in SCOPED:
            set_role(OPERATOR, role, SCOPE, "high")
        for person in people:
            create_user(
                OPERATOR,
                email=person.email,
                role=person.role,
                name=person.name,
                name_kana=person.name_kana,
                attributes=person.attributes,
                password=PASSWORD,
            )
    return people


def _book_in_use() -> Conflict:
    """A book outside the folder (ENISHI_DATABASE_URL) outlives it; somebody's is left alone."""
    return Conflict(
        Text("データベースにはすでに利用者がいます。", "The database holds users already."),
        Text(
            "空のデータベースを指定するか、ENISHI_DATABASE_URL を外してください。",
            "Name an empty database, or unset ENISHI_DATABASE_URL.",
        ),
        code="book_in_use",
    )


def _tell_story(
    workspace: Workspace,
    people: list[SignIn],
    seed: int,
    now: datetime,
    told: Callable[[float], None],
) -> None:
    from enishi.demo.story import tell_story

    tell_story(workspace, people, seed, now, told)
