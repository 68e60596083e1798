"""`enishi`: the commands by name. Each is imported only when it is run or asked for help."""

from __future__ import annotations

import gc
import os
from importlib import import_module
from typing import NamedTuple

import click

from enishi.cli.words import locale, say, show_error
from enishi.kernel.errors import EnishiError
from enishi.kernel.text import Text


class _Command(NamedTuple):
    target: str  # module:attribute
    help: Text


COMMANDS: dict[str, _Command] = {
    "demo": _Command(
        "enishi.cli.demo:demo",
        Text("日の出銀行を作って起動する", "make the demo bank and serve it"),
    ),
    "init": _Command(
        "enishi.cli.start:init", Text("ワークスペースを作る", "make a new workspace")
    ),
    "serve": _Command(
        "enishi.cli.serve:serve",
        Text("画面・API・処理をすべて起動する", "start the interface, the API and the work"),
    ),
    "catalog": _Command(
        "enishi.cli.catalog:catalog",
        Text("カタログを下書き・確認する", "draft and check the catalog"),
    ),
    "load": _Command(
        "enishi.cli.data:load", Text("データを取り込む", "load data from files")
    ),
    "data": _Command(
        "enishi.cli.data:data",
        Text("データセットと取込の状況を見る", "show datasets, loads and dead letters"),
    ),
    "source": _Command(
        "enishi.cli.sources:source",
        Text("イベントの送信元と書き込みキー", "event sources and their write keys"),
    ),
    "events": _Command(
        "enishi.cli.events:events",
        Text("オフラインのイベントを取り込む", "bring in events that happened offline"),
    ),
    "tail": _Command(
        "enishi.cli.events:tail", Text("届いているイベントを見る", "watch events come in")
    ),
    "rebuild": _Command(
        "enishi.cli.events:rebuild",
        Text("イベントをログから作り直す", "make the events again from their log"),
    ),
    "count": _Command(
        "enishi.cli.questions:count", Text("条件に合う人数", "how many fit a rule")
    ),
    "who": _Command(
        "enishi.cli.questions:who", Text("条件に合う人の一覧", "who fits a rule")
    ),
    "why": _Command(
        "enishi.cli.questions:why",
        Text("ある人が条件に合う、合わない理由", "why somebody fits a rule or does not"),
    ),
    "segment": _Command(
        "enishi.cli.segments:segment",
        Text("セグメントを見る・更新する", "look at segments and refresh them"),
    ),
    "apply": _Command(
        "enishi.cli.code:apply",
        Text("定義やテンプレートを YAML から取り込む", "bring definitions in from YAML"),
    ),
    "export": _Command(
        "enishi.cli.code:export",
        Text("定義やテンプレートを YAML に書き出す", "write definitions as YAML"),
    ),
    "user": _Command(
        "enishi.cli.users:user",
        Text("利用者を作る・招待する・一覧する", "make, invite and list users"),
    ),
    "audit": _Command(
        "enishi.cli.audit:audit", Text("監査記録を検証する", "verify the audit chain")
    ),
    "backup": _Command(
        "enishi.cli.backup:backup",
        Text("1つのファイルに保存する", "save the workspace in one file"),
    ),
    "restore": _Command(
        "enishi.cli.backup:restore",
        Text("保存したファイルから戻す", "restore a workspace from such a file"),
    ),
    "erased": _Command(
        "enishi.cli.backup:erased",
        Text("戻した後、消去した人をもう一度消去する", "erase again who was, after a restore"),
    ),
    "release-sending": _Command(
        "enishi.cli.backup:release_sending",
        Text("戻した後、止まっている送信を再開する", "let a restored workspace send again"),
    ),
    "warehouse": _Command(
        "enishi.cli.warehouse:warehouse",
        Text("データの置き場所を見る・移す", "see where the data is, and move it"),
    ),
    "doctor": _Command(
        "enishi.cli.doctor:doctor",
        Text("足りないものと直し方を示す", "name what is missing and how to mend it"),
    ),
    "migrate": _Command(
        "enishi.cli.start:migrate",
        Text("データベースをこの版に合わせる", "bring the book up to this version"),
    ),
    "openapi": _Command(
        "enishi.cli.openapi:openapi", Text("API の説明を出力する", "print the API's description")
    ),
}  # fmt: skip


class _Commands(click.Group):
    """Finds commands by name and prints errors as sentences with a remedy."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  click's signature
        known = COMMANDS.get(cmd_name)
        if known is None:
            return None
        module, _, attribute = known.target.partition(":")
        found: click.Command = getattr(import_module(module), attribute)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  click's signature
        with formatter.section(say("コマンド", "Commands")):
            formatter.write_dl([(name, c.help[locale()]) for name, c in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except EnishiError as error:
            show_error(error)
            ctx.exit(1)
        except KeyboardInterrupt:
            ctx.exit(130)


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    help=say(
        "Enishi(縁): 散らばった顧客データから、適切な人へ、一度だけ、適切な方法で。",
        "Enishi (縁): from scattered customer data to the right person, contacted once.",
    ),
)
@click.option(
    "-w",
    "--workspace",
    type=click.Path(file_okay=False),
    metavar="DIR",
    help=say(
        "ワークスペース(enishi.toml のあるフォルダ)",
        "The workspace: the folder that holds enishi.toml.",
    ),
)
@click.version_option(package_name="enishi", message="%(version)s")
def main(workspace: str | None) -> None:  # noqa: ARG001  read from the context by `the_workspace`
    os.umask(0o077)  # what a command writes is for its owner alone
    # A command makes many lasting objects and ends: looking for garbage after every 700 of them,
    # as Python does, would take a sixth of the time of a count.
    gc.set_threshold(50_000, 20, 20)


if __name__ == "__main__":
    main()
