"""`enishi apply` and `enishi export` as one types them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import yaml

from enishi.lists.models import ListDefinition
from lists_world import BODY, Bank


def enishi(bank: Bank, *arguments: str) -> tuple[int, str]:
    """What the command answered and printed, run as a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "enishi.cli.main", "-w", str(bank.workspace.root), *arguments],
        env=os.environ | {"ENISHI_LANG": "en"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.returncode, done.stdout + done.stderr


def test_definitions_go_out_and_come_in(sqlite_bank: Bank, tmp_path: Path) -> None:
    bank = sqlite_bank
    folder = bank.workspace.definitions_path
    folder.mkdir()
    (folder / "deposits.yaml").write_text(
        yaml.safe_dump({"version": 1, "slug": "deposits", **BODY}, allow_unicode=True), "utf-8"
    )
    assert enishi(bank, "apply", "--draft") == (0, "deposits  v1  new\n")
    assert ListDefinition.objects.get().state == "draft"
    email = bank.people["administrator"].email
    again = enishi(bank, "apply", str(folder / "deposits.yaml"), "--as", email)
    assert again == (0, "deposits  v1  unchanged\n")
    assert ListDefinition.objects.get().state == "active"
    out = tmp_path / "out"
    assert enishi(bank, "export", str(out)) == (0, f"{out / 'deposits.yaml'}\n")
    assert enishi(bank, "apply", str(out)) == (0, "deposits  v1  unchanged\n")


def test_who_may_not_is_told_so(sqlite_bank: Bank, tmp_path: Path) -> None:
    email = sqlite_bank.people["representative"].email
    for command in ("apply", "export"):
        code, said = enishi(sqlite_bank, command, str(tmp_path), "--as", email)
        assert (code, "Your role may not do this." in said) == (1, True), said
    code, said = enishi(sqlite_bank, "apply", str(tmp_path / "nowhere"))
    assert (code, "There is no list definition at" in said) == (1, True), said
