"""What the web snippet sends, item by item, as a visitor is told of it.

A browser test compares `paths` with what the snippet really sends, both ways.
"""

from __future__ import annotations

from dataclasses import dataclass

from enishi.kernel.text import Text


@dataclass(frozen=True, slots=True)
class Item:
    """One kind of information. `paths` are its places in the request, `*` a name a site chose."""

    label: Text
    detail: Text
    paths: tuple[str, ...]


ITEMS = (
    Item(
        Text("閲覧したページ", "Pages viewed"),
        Text(
            "ページのアドレス(検索語などの「?」以降は除く)、題名、直前のページ、表示していた時間",
            "Address (without what follows “?”), title, the page before, how long it was in view",
        ),
        (
            "batch[].context.page.url", "batch[].context.page.path",
            "batch[].context.page.title", "batch[].context.page.referrer", "batch[].name",
        ),
    ),
    Item(
        Text("広告・メールの識別子", "Campaign parameters"),
        Text(
            "アドレスに付いた utm_source などの値",
            "Values such as utm_source in the address",
        ),
        ("batch[].context.campaign.*",),
    ),
    Item(
        Text("ページ上の操作", "Actions on the page"),
        Text(
            "計測の印を付けたボタンやリンクのクリック、フォームの送信。"
            "フォームに入力された内容は送りません。",
            "Clicks on marked buttons and links, and that a marked form was submitted. "
            "What was typed into a form is not sent.",
        ),
        ("batch[].type", "batch[].event", "batch[].properties.*"),
    ),
    Item(
        Text("日時", "Date and time"),
        Text("操作した日時、送信した日時", "When it happened and when it was sent"),
        ("batch[].timestamp", "sentAt"),
    ),
    Item(
        Text("訪問者の識別子", "Visitor identifier"),
        Text(
            "無作為に作られた番号。同意した場合だけブラウザー(ローカルストレージ)に残り、"
            "同意しない場合はページを離れると消えます。Cookie は使いません。",
            "A random number. It is kept in the browser (local storage) only after consent; "
            "otherwise it is gone when the page is left. No cookie is used.",
        ),
        ("batch[].anonymousId", "batch[].messageId"),
    ),
    Item(
        Text("ログイン後のお客さま番号など", "Customer number after signing in"),
        Text(
            "サイトがログイン後に伝えるお客さま番号と、あわせて伝える属性",
            "The customer number that the site tells after signing in, and attributes told with it",
        ),
        ("batch[].userId", "batch[].traits.*"),
    ),
    Item(
        Text("ブラウザーの情報", "Browser information"),
        Text(
            "表示言語、計測プログラムの名前、送信元サイトのキー",
            "Language, name of the measuring program, key of the sending site",
        ),
        ("batch[].context.locale", "batch[].context.library.name", "writeKey"),
    ),
)  # fmt: skip
"""The IP address and the browser's name travel with every request; `live.notice` says so apart."""
