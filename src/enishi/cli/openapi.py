"""`enishi openapi`: the API's description, from which the interface's client is generated."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import click

from enishi.cli.words import say


@click.command(help=say("API の説明を JSON で出力する", "Print the API's description as JSON."))
def openapi() -> None:
    from enishi.book.setup import setup
    from enishi.book.workspace import FILE, read_workspace

    # The description depends on the code alone, so it needs no workspace of the user's.
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / FILE).write_text('name = "openapi"\n', encoding="utf-8")
        setup(read_workspace(root))
        from enishi.web.api import openapi as describe

        click.echo(json.dumps(describe(), ensure_ascii=False, indent=2, sort_keys=True))
