"""Installs what the tests need beside Python: a browser, Japanese fonts, PostgreSQL, Java, SDKs.

As root they come from the package manager; otherwise one sentence says what to run.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "sdk"))

import sdk_packages

FONT_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))


def missing() -> list[str]:
    """The Debian packages that are not there."""
    found = []
    if shutil.which("chromium") is None:
        found.append("chromium")
    if not any(any(folder.rglob("NotoSansCJK*")) for folder in FONT_FOLDERS if folder.is_dir()):
        found.append("fonts-noto-cjk")
    if not any(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
        found.append("postgresql")
    if shutil.which("java") is None:
        found.append("openjdk-17-jre-headless")  # for Spark
    return found


def main() -> None:
    sdk_packages.install()
    packages = missing()
    if not packages:
        return
    wish = "apt-get install -y " + " ".join(packages)
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        sys.exit(f"The tests need {', '.join(packages)}: as root, run: {wish}")
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], env=environment, check=True)
    subprocess.run(
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages],
        env=environment,
        check=True,
        stdout=subprocess.DEVNULL,
    )


if __name__ == "__main__":
    main()
