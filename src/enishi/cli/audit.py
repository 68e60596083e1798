"""`enishi audit`: the chain of who saw, exported, sent and changed what."""

from __future__ import annotations

import json

import click

from enishi.cli.words import locale, say
from enishi.cli.workspace import open_book


@click.group(help=say("監査記録を検証する", "Verify the audit chain."))
def audit() -> None:
    pass


@audit.command(
    help=say(
        "監査記録のつながりを検証する(誤りがあれば終了コード1)",
        "Check the whole chain for tampering. Exits with 1 when it finds any.",
    )
)
@click.option("--json", "as_json", is_flag=True, help=say("JSON で出力する", "Print JSON."))
def verify(as_json: bool) -> None:
    open_book()
    from enishi.book.audit import verify as check

    verdict = check()
    if as_json:
        faults = [fault.as_json(locale()) for fault in verdict.faults]
        answer = {"ok": verdict.ok, "checked": verdict.checked, "faults": faults}
        click.echo(json.dumps(answer, ensure_ascii=False, indent=2))
    elif verdict.ok:
        click.echo(
            say(
                f"監査記録 {verdict.checked:,}件に改ざんはありません。",
                f"The audit is sound: {verdict.checked:,} rows.",
            )
        )
    else:
        for fault in verdict.faults:
            click.secho(fault.message[locale()], fg="red", err=True)
        click.echo(verdict.faults[0].remedy[locale()], err=True)
    raise SystemExit(0 if verdict.ok else 1)
