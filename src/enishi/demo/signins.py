"""Who signs in to the demo bank: one person for each role, and more at four branches."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from enishi.demo.offices import Offices

PASSWORD = "hinode-tsunagu-en"  # noqa: S105  printed for everybody: the demo bank holds nothing real
"""The password of every sign-in of a demo bank. Nothing but `make` here ever sets it."""

BRANCHES = ("101", "102", "105", "110")
"""The branches whose managers and representatives have sign-ins."""

SCOPED = ("manager", "representative")
SCOPE: dict[str, object] = {"field": "branch", "op": "eq", "value": {"user": "branch"}}
"""The row scope of managers and representatives: the customers of their own branch."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """A user to be made. `main` ones are shown on the terminal, one for each role."""

    email: str
    name: str
    name_kana: str
    role: str
    attributes: dict[str, str] = field(default_factory=dict)
    main: bool = False


_OFFICE = (
    ("admin", "administrator", "柏木　涼子", "カシワギ リョウコ"),
    ("marketer", "marketer", "三枝　悠介", "サエグサ ユウスケ"),
    ("analyst", "analyst", "江口　真帆", "エグチ マホ"),
    ("auditor", "auditor", "志村　健吾", "シムラ ケンゴ"),
)


def sign_ins(offices: Offices) -> list[SignIn]:
    """Everybody, the six shown ones first."""
    found = [
        SignIn(f"{mailbox}@example.jp", name, kana, role, main=True)
        for mailbox, role, name, kana in _OFFICE
    ]
    codes = [branch.code for branch in offices.branches]
    for code in BRANCHES:
        branch = codes.index(code)
        head = code == codes[0]
        managers = offices.of_branch(branch, "section_head")[:1]
        staff = offices.of_branch(branch, "representative")[: 6 if head else 2]
        found += _at(offices, code, "manager", managers, "manager" if head else None)
        found += _at(offices, code, "representative", staff, "rep" if head else None)
    order = ("administrator", "manager", "representative", "marketer", "analyst", "auditor")
    return sorted(found, key=lambda s: (not s.main, order.index(s.role)))


def _at(
    offices: Offices, branch: str, role: str, staff: Iterable[int], mailbox: str | None
) -> list[SignIn]:
    """Sign-ins of a branch's staff; the first of them is a main one when `mailbox` is given."""
    found = []
    for order, index in enumerate(staff):
        code = offices.staff_code(index)
        main = mailbox is not None and order == 0
        found.append(
            SignIn(
                f"{mailbox}@example.jp" if main else f"s{int(code[1:])}@example.jp",
                offices.staff_name[index].replace(" ", "　"),
                offices.staff_kana[index],
                role,
                {"branch": branch, "staff_code": code},
                main,
            )
        )
    return found
