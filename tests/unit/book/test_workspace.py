"""The workspace: found, read, its faults told, its secret kept."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from book_fixtures import make_workspace
from enishi.book.database import postgresql
from enishi.book.workspace import find_workspace, read_workspace
from enishi.kernel.errors import EnishiError, Invalid


def test_it_is_found_from_inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = make_workspace(tmp_path / "w", 'name = "本店"\nfiscal_year_start = 1\n')
    inside = made.root / "catalog" / "deep"
    inside.mkdir(parents=True)
    monkeypatch.chdir(inside)
    monkeypatch.delenv("ENISHI_WORKSPACE", raising=False)
    found = find_workspace()
    assert (found.root, found.name, found.fiscal_year_start) == (made.root, "本店", 1)
    assert found.data == made.root / "data"


def test_where_there_is_none_the_remedy_says_how_to_make_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ENISHI_WORKSPACE", raising=False)
    with pytest.raises(EnishiError) as refused:
        find_workspace()
    assert refused.value.code == "workspace_missing"
    assert "enishi init" in refused.value.remedy.en


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("name = 5", "name"),
        ('timezone = "Mars/Olympus"', "timezone"),
        ('week_start = "someday"', "week_start"),
        ("fiscal_year_start = 13", "fiscal_year_start"),
        ("[server]\nport = 0", "server.port"),
        ("[server]\nport = true", "server.port"),
        ('[security]\nhttps = "yes"', "security.https"),
        ('[security]\nallowed_hosts = "a"', "security.allowed_hosts"),
        ("server = 3", "server"),
        ("name = ", "$"),
    ],
)
def test_each_fault_names_its_place(tmp_path: Path, text: str, path: str) -> None:
    with pytest.raises(Invalid) as refused:
        make_workspace(tmp_path, text)
    assert path in [fault.path for fault in refused.value.faults]
    assert all(fault.file.endswith("enishi.toml") for fault in refused.value.faults)


def test_the_secret_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    made = make_workspace(tmp_path / "w")
    secret = made.secret()
    assert len(secret) >= 32
    assert stat.S_IMODE(made.secret_path.stat().st_mode) == 0o600
    assert stat.S_IMODE(made.var.stat().st_mode) == 0o700
    assert read_workspace(made.root).secret() == secret
    assert [p.name for p in made.var.iterdir() if p.name.endswith(".key")] == ["secret.key"]


def test_processes_that_start_together_agree_on_the_secret(tmp_path: Path) -> None:
    made = make_workspace(tmp_path / "w")
    program = (
        "import sys; from pathlib import Path; from enishi.book.workspace import read_workspace;"
        "print(read_workspace(Path(sys.argv[1])).secret().decode())"
    )
    running = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(made.root)], stdout=subprocess.PIPE, text=True
        )
        for _ in range(6)
    ]
    assert len({process.communicate()[0] for process in running}) == 1


def test_a_broken_secret_is_refused(tmp_path: Path) -> None:
    made = make_workspace(tmp_path / "w")
    made.secret_path.write_text("short")
    with pytest.raises(Invalid) as refused:
        read_workspace(made.root).secret()
    assert refused.value.code == "secret_broken"


def test_a_database_url_is_taken_apart() -> None:
    found = postgresql("postgresql://me:p%40ss@db.example:5433/book?sslmode=require")
    assert (found["USER"], found["PASSWORD"]) == ("me", "p@ss")
    assert (found["HOST"], found["PORT"], found["NAME"]) == ("db.example", "5433", "book")
    assert found["OPTIONS"] == {"sslmode": "require"}
    assert postgresql("postgres:///book?host=/run/pg")["HOST"] == "/run/pg"


@pytest.mark.parametrize("url", ["mysql://a/b", "postgresql://host/", "nonsense"])
def test_another_url_is_refused_with_its_form(url: str) -> None:
    with pytest.raises(Invalid) as refused:
        postgresql(url)
    assert "postgresql://" in refused.value.remedy.en
