"""`enishi backup` and `enishi restore`: a workspace in one file, and back."""

from __future__ import annotations

from pathlib import Path

import click

from enishi.cli.words import locale, say
from enishi.cli.workspace import open_book, the_workspace
from enishi.kernel.errors import Conflict, EnishiError
from enishi.kernel.text import Text


@click.command(
    help=say(
        "ワークスペースを1つのファイルに保存する(起動中でもできる)",
        "Save the workspace in one FILE (.tar.gz), also while it is being served.",
    )
)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--without-book",
    is_flag=True,
    help=say(
        "データベースを含めない(PostgreSQL の場合)", "Leave the book out, when it is on PostgreSQL."
    ),
)
def backup(file: Path, without_book: bool) -> None:
    if the_workspace().database_url and not without_book:
        raise _on_postgresql()
    workspace = open_book()
    from enishi.book.access import OPERATOR
    from enishi.book.audit import record
    from enishi.book.clock import now
    from enishi.warehouse.client import open_warehouse
    from enishi.work.backup import make

    at = now()
    record(OPERATOR, "backup.make", "workspace", "self", {"book": not without_book})
    with open_warehouse(workspace) as warehouse:
        made = make(workspace, warehouse, file.resolve(), at, book=not without_book)
    size = made.path.stat().st_size / 1e6
    click.echo(
        say(
            f"保存しました: {made.path}({len(made.files)}ファイル、{size:,.1f} MB)",
            f"Saved {made.path} ({len(made.files)} files, {size:,.1f} MB).",
        )
    )
    click.echo(
        say(
            "秘密鍵と個人情報を含みます。安全な場所に保管してください。"
            "data フォルダの元ファイルは含みません。",
            "It holds the secret key and personal data: keep it safe. "
            "The source files in the data folder are not in it.",
        ),
        err=True,
    )


def _on_postgresql() -> EnishiError:
    return Conflict(
        Text(
            "データベースは PostgreSQL にあるため、このコマンドでは保存できません。",
            "The book is on PostgreSQL, which this command does not copy.",
        ),
        Text(
            '先に `pg_dump --format=custom --file=book.dump "$ENISHI_DATABASE_URL"` で保存し、'
            "続けて `enishi backup --without-book ファイル` で残りを保存してください。",
            'Save it with `pg_dump --format=custom --file=book.dump "$ENISHI_DATABASE_URL"`, '
            "then the rest with `enishi backup --without-book FILE`.",
        ),
        code="book_on_postgresql",
    )


@click.command(
    help=say(
        "保存したファイルを新しいフォルダに戻し、監査記録を検証する",
        "Unpack a backup FILE into a new folder and verify its audit chain.",
    )
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--workspace",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=None,
    help=say("戻す先の空のフォルダ(既定はいまのフォルダ)", "The empty folder (default: this one)."),
)
@click.option(
    "--erased",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    default=None,
    help=say(
        "元のワークスペースの消去の記録(var/erased.jsonl)。その後に消去した人をもう一度消去する",
        "The journal of erasures (var/erased.jsonl) of the workspace it was made of: who was"
        " erased since is erased again.",
    ),
)
def restore(file: Path, folder: Path | None, erased: Path | None) -> None:
    named = click.get_current_context().find_root().params.get("workspace")
    target = (folder or Path(named or ".")).resolve()
    from enishi.book.workspace import read_workspace
    from enishi.work.backup import unpack

    archive = unpack(file.resolve(), target)
    read_workspace(target).restored_mark.write_text(archive.made_at, encoding="utf-8")
    click.echo(
        say(
            f"「{archive.name}」の {archive.made_at} 時点を {target} に戻しました。",
            f"Restored “{archive.name}” as of {archive.made_at} into {target}.",
        )
    )
    if archive.has_book:
        _verify(target, archive.made_at)
        _pause_journeys()
        _hold_sending()
        _erase_again(target, erased)
        return
    click.echo(
        say(
            "データベースは含まれていません。`pg_restore` で戻し、"
            "`enishi erased 消去の記録` を実行してから起動してください。",
            "The book is not in it: restore it with `pg_restore`, then run"
            " `enishi erased JOURNAL` before you serve.",
        ),
        err=True,
    )


def _verify(target: Path, made_at: str) -> None:
    """Prove that the audit chain of the restored book is whole, and add the restoring to it."""
    from enishi.book.setup import migrate, pending_migrations, setup
    from enishi.book.workspace import read_workspace

    setup(read_workspace(target))
    if pending_migrations():
        migrate()
    from enishi.book.access import OPERATOR
    from enishi.book.audit import record, verify

    verdict = verify()
    if not verdict.ok:
        for fault in verdict.faults:
            click.secho(fault.message[locale()], fg="red", err=True)
        click.echo(verdict.faults[0].remedy[locale()], err=True)
        raise SystemExit(1)
    record(OPERATOR, "backup.restore", "workspace", "self", {"made_at": made_at})
    click.echo(
        say(
            f"監査記録 {verdict.checked:,}件に改ざんはありません。",
            f"The audit is sound: {verdict.checked:,} rows.",
        )
    )


@click.command(
    help=say(
        "戻したワークスペースから、その後に消去した人をもう一度消去する(停止中に実行)",
        "Erase again, in a restored workspace that is not served, who is in the JOURNAL"
        " (var/erased.jsonl) of the workspace it was made of.",
    )
)
@click.argument("journal", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def erased(journal: Path) -> None:
    workspace = open_book()
    _pause_journeys()  # a book that came back by `pg_restore` passes here first
    _hold_sending()
    _erase_again(workspace.root, journal)


def _pause_journeys() -> None:
    """What was sent since the backup, the book does not know: nobody moves until somebody looks."""
    from enishi.journeys.restoring import pause_all

    names = pause_all()
    if names:
        told = {"ja": "、".join(names), "en": ", ".join(names)}
        click.echo(
            say(
                f"ジャーニー{len(names)}件を一時停止しました（{told['ja']}）。バックアップより後に"
                "送ったものは記録にありません。確かめてから、画面で再開してください。",
                f"Journeys are paused ({told['en']}): what they sent after the backup"
                " is not on record. Look first, then resume each on its page.",
            ),
            err=True,
        )


def _hold_sending() -> None:
    """Nor is anything sent that the backup has as queued: it may have been sent since."""
    from enishi.book.workspace import current_workspace
    from enishi.messages.sending.restored import hold_if_marked

    if hold_if_marked(current_workspace()):
        click.echo(
            say(
                "送信は止まっています。バックアップより後に送ったものを二重に送らないためです。"
                "確かめてから `enishi release-sending --drop`(いま待っているものは送らない)か"
                " `--send`(送る)を実行してください。",
                "Sending is held, so that nothing goes twice that was sent after the backup. Look"
                " first, then run `enishi release-sending --drop` (what waits now is not sent)"
                " or `--send` (it is).",
            ),
            err=True,
        )


@click.command(
    help=say(
        "戻したワークスペースで止まっている送信を再開する",
        "Let a restored workspace send again.",
    )
)
@click.option("--send", is_flag=True, help=say("いま待っているものを送る", "Send what waits now."))
@click.option(
    "--drop",
    is_flag=True,
    help=say("いま待っているものを送らずに終える", "Drop what waits now, for good."),
)
def release_sending(*, send: bool, drop: bool) -> None:
    if send == drop:  # there is no undoing either, so neither is what happens unasked
        raise click.UsageError(
            say("--send か --drop のどちらかを付けてください。", "Say either --send or --drop.")
        )
    open_book()
    from enishi.book.access import OPERATOR
    from enishi.messages.sending.restored import release, standing

    held = standing()
    release("send" if send else "drop", OPERATOR)
    waiting = 0 if held is None else held.waiting
    click.echo(
        say(
            f"送信を再開します（待っていた配信{waiting:,}件は"
            f"{'送ります' if send else '送りません'}）。",
            f"Sending goes on. What waited is {'sent' if send else 'dropped'}:"
            f" {waiting:,} {'delivery' if waiting == 1 else 'deliveries'}.",
        )
    )


def _erase_again(target: Path, given: Path | None) -> None:
    """Erase who was erased after the backup, as far as a journal tells."""
    from enishi.book.workspace import read_workspace
    from enishi.privacy.journal import FILE as JOURNAL
    from enishi.privacy.journal import read
    from enishi.privacy.restoring import erase_again
    from enishi.warehouse.client import open_file

    workspace = read_workspace(target)
    known = read(workspace.var / JOURNAL) + (read(given) if given is not None else [])
    entries = list(dict.fromkeys(known))
    if entries:
        with open_file(workspace) as warehouse:
            gone = erase_again(workspace, warehouse, entries)
        click.echo(
            say(
                f"消去の記録 {len(entries):,}件と照合し、{gone:,}人をもう一度消去しました。",
                f"Held against {len(entries):,} erasures; {gone:,} people were erased again.",
            )
        )
    if given is None:
        click.echo(
            say(
                "このバックアップより後に消去した人は戻っています。"
                "`enishi erased 元のフォルダ/var/erased.jsonl` を実行してください。",
                "Who was erased after this backup is back. Run `enishi erased"
                " FOLDER/var/erased.jsonl` with the journal of the workspace it was made of.",
            ),
            err=True,
        )
