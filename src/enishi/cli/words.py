"""The language of the command line, and how it says what went wrong."""

from __future__ import annotations

import json
import os
import sys

import click

from enishi.kernel.errors import EnishiError
from enishi.kernel.text import Locale, Text

ENV_LANGUAGE = "ENISHI_LANG"


def locale() -> Locale:
    """`ENISHI_LANG` if set, else Japanese where the terminal's locale is, else English."""
    for name in (ENV_LANGUAGE, "LC_ALL", "LC_MESSAGES", "LANG"):
        found = os.environ.get(name, "")
        if found:
            return "ja" if found.lower().startswith("ja") else "en"
    return "en"


def say(ja: str, en: str) -> str:
    """One text in the language of this terminal."""
    return Text(ja, en)[locale()]


def show_error(error: EnishiError, *, as_json: bool = False) -> None:
    """Print an error and its remedy to stderr, each fault on a line of its own."""
    language = locale()
    if as_json:
        print(json.dumps(error.as_json(language), ensure_ascii=False, default=str), file=sys.stderr)
        return
    click.secho(error.message[language], fg="red", err=True)
    for fault in error.faults:
        place = " ".join(part for part in (fault.file, fault.path) if part)
        click.echo(f"  {place}: {fault.message[language]} {fault.remedy[language]}", err=True)
    click.echo(error.remedy[language], err=True)
