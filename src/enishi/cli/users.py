"""`enishi user`: users from the command line of the machine that holds the workspace."""

from __future__ import annotations

import json

import click

from enishi.cli.words import say
from enishi.cli.workspace import open_book
from enishi.kernel.errors import Invalid
from enishi.kernel.text import Text

_ROLES = ("administrator", "manager", "representative", "marketer", "analyst", "auditor")


@click.group(help=say("利用者を作る・招待する・一覧する", "Make, invite and list users."))
def user() -> None:
    pass


def _attributes(pairs: tuple[str, ...]) -> dict[str, object]:
    found: dict[str, object] = {}
    for pair in pairs:
        name, separator, value = pair.partition("=")
        if not separator or not name:
            raise Invalid(
                Text(f"{pair} は「名前=値」の形ではありません。", f"{pair} is not NAME=VALUE."),
                Text("例: --attribute branch=本店", "For example: --attribute branch=本店"),
            )
        found[name] = value
    return found


_email = click.argument("email")
_name = click.option("--name", default="", help=say("氏名", "The name."))
_role = click.option(
    "--role", type=click.Choice(_ROLES), required=True, help=say("役割", "The role.")
)
_attribute = click.option(
    "--attribute",
    "-a",
    "attributes",
    multiple=True,
    metavar="NAME=VALUE",
    help=say("行の範囲に使う属性(branch など)", "An attribute for row scopes, such as branch."),
)


@user.command(help=say("パスワードを決めて作る", "Make a user with a password."))
@_email
@_name
@_role
@_attribute
@click.password_option(help=say("パスワード", "The password."))
def create(email: str, name: str, role: str, attributes: tuple[str, ...], password: str) -> None:
    open_book()
    from enishi.book.access import OPERATOR
    from enishi.book.accounts import create_user

    made = create_user(
        OPERATOR,
        email=email,
        name=name,
        role=role,
        attributes=_attributes(attributes),
        password=password,
    )
    click.echo(say(f"作りました: {made.email}({made.id})", f"Made {made.email} ({made.id})."))


@user.command(help=say("招待のリンクを作る", "Make a user and print the link to join."))
@_email
@_name
@_role
@_attribute
def invite(email: str, name: str, role: str, attributes: tuple[str, ...]) -> None:
    open_book()
    from enishi.book.access import OPERATOR
    from enishi.book.accounts import invite as ask_in

    _, url = ask_in(OPERATOR, email=email, name=name, role=role, attributes=_attributes(attributes))
    click.echo(url)


@user.command(help=say("再設定のリンクを作る", "Print a link to set a new password."))
@_email
def reset(email: str) -> None:
    open_book()
    from enishi.book.access import OPERATOR
    from enishi.book.accounts import find_user, reset_link

    click.echo(reset_link(OPERATOR, find_user(email)))


@user.command(
    "reset-second-factor",
    help=say(
        "2段階認証を解除する(端末も予備コードもなくした人)",
        "Remove the second factor of somebody who has lost phone and codes.",
    ),
)
@_email
def reset_second_factor(email: str) -> None:
    open_book()
    from enishi.book import totp
    from enishi.book.access import OPERATOR
    from enishi.book.accounts import find_user

    found = find_user(email)
    totp.reset(OPERATOR, found)
    click.echo(
        say(
            f"{found.email} の2段階認証を解除しました。",
            f"Removed the second factor of {found.email}.",
        )
    )


@user.command("list", help=say("一覧する", "List users."))
@click.option("--json", "as_json", is_flag=True, help=say("JSON で出力する", "Print JSON."))
def list_users(as_json: bool) -> None:
    open_book()
    from enishi.book.accounts import search, state_of

    rows = [
        {
            "id": found.id,
            "email": found.email,
            "name": found.name,
            "role": found.role,
            "state": state_of(found),
            "attributes": found.attributes,
        }
        for found in search()
    ]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        click.echo(f"{row['email']}\t{row['role']}\t{row['state']}\t{row['name']}")
