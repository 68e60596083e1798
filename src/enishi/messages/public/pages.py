"""The pages that recipients see: unsubscribing, preferences, and a link that leads nowhere.

Plain HTML that works without a script and without anything loaded from elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from enishi.kernel.text import Locale, Text

_STYLE = """
:root { color-scheme: light dark; --line: #8a8f98; --tone: #1f5fbf; }
* { box-sizing: border-box; }
body { margin: 0; font: 16px/1.7 system-ui, "Hiragino Sans", "Noto Sans JP", sans-serif;
  color: #1c1e21; background: #f6f7f9; }
main { max-width: 40rem; margin: 2rem auto; padding: 1.5rem; background: #fff;
  border: 1px solid #d5d9e0; border-radius: 12px; }
h1 { font-size: 1.375rem; line-height: 1.4; margin: 0 0 .75rem; }
p { margin: 0 0 1rem; }
fieldset { border: 1px solid #d5d9e0; border-radius: 8px; margin: 0 0 1rem; padding: .5rem 1rem 1rem; }
legend { font-weight: 600; padding: 0 .25rem; }
.choices { display: grid; grid-template-columns: repeat(auto-fill, minmax(8.5rem, 1fr));
  gap: .25rem 1rem; }
#push { margin: 1.5rem 0 0; }
label { display: inline-flex; align-items: center; gap: .5rem; min-height: 2.75rem; cursor: pointer; }
input[type=checkbox] { flex: none; width: 1.25rem; height: 1.25rem; accent-color: var(--tone); }
button { font: inherit; font-weight: 600; min-height: 2.75rem; padding: .5rem 1.25rem;
  border: 1px solid var(--tone); border-radius: 8px; background: var(--tone); color: #fff;
  cursor: pointer; }
button.quiet { background: transparent; color: #1f5fbf; }
.row { display: flex; flex-wrap: wrap; gap: .75rem; margin-top: 1rem; }
:focus-visible { outline: 3px solid #f0a500; outline-offset: 2px; }
a { color: #1f5fbf; }
.done { padding: .75rem 1rem; border-left: 4px solid #1b7f4d; background: #eaf6ef; }
footer { max-width: 40rem; margin: 0 auto 2rem; padding: 0 1.5rem; font-size: .875rem; color: #555b66; }
@media (max-width: 44rem) { main { margin: 0; border-radius: 0; border-width: 0 0 1px; } }
@media (prefers-color-scheme: dark) {
  body { color: #e8eaed; background: #15171a; } main { background: #1e2125; border-color: #3a3f47; }
  fieldset { border-color: #3a3f47; } a, button.quiet { color: #8db7ff; }
  button.quiet { border-color: #8db7ff; } .done { background: #16301f; }
  footer { color: #a8aeb8; }
}
"""  # noqa: E501  a style sheet


@dataclass(frozen=True, slots=True)
class Choice:
    """A box to tick: a purpose on a channel."""

    name: str
    label: str
    given: bool


@dataclass(frozen=True, slots=True)
class Group:
    """The boxes of one purpose."""

    label: str
    choices: Sequence[Choice]


def unsubscribe_page(locale: Locale, sender: str, channel: Text, preferences: str) -> str:
    """Asks whether to unsubscribe; nothing has happened yet."""
    title = Text("配信を停止しますか", "Unsubscribe?")[locale]
    ask = Text(
        f"{sender}からの{channel.ja}でのご案内を停止します。"
        "お手続きに必要なご連絡は、引き続きお送りすることがあります。",
        f"You will get no more promotions from {sender} by {channel.en}. "
        "Messages that a procedure of yours needs may still come.",
    )[locale]
    stop = Text("配信を停止する", "Unsubscribe")[locale]
    choose = Text("内容を選んで設定する", "Choose what to get instead")[locale]
    return _page(
        locale,
        title,
        f"<h1>{escape(title)}</h1><p>{escape(ask)}</p>"
        f'<form method="post"><div class="row"><button type="submit">{escape(stop)}</button></div>'
        f'</form><p class="row"><a href="{escape(preferences)}">{escape(choose)}</a></p>',
        sender,
    )


def unsubscribed_page(locale: Locale, sender: str, channel: Text, preferences: str) -> str:
    """It has been done."""
    title = Text("配信を停止しました", "You are unsubscribed")[locale]
    told = Text(
        f"{channel.ja}でのご案内を停止しました。すでに手続きが始まっているものは届くことがあります。",
        f"You will get no more promotions by {channel.en}. What is already on its way may arrive.",
    )[locale]
    again = Text("受け取る内容を設定する", "Set what you would like to get")[locale]
    return _page(
        locale,
        title,
        f'<h1>{escape(title)}</h1><p class="done" role="status">{escape(told)}</p>'
        f'<p><a href="{escape(preferences)}">{escape(again)}</a></p>',
        sender,
    )


def preferences_page(
    locale: Locale, sender: str, groups: Sequence[Group], *, saved: bool, push: str = ""
) -> str:
    """What somebody wants to get. `push` is HTML of its own, for browsers that take pushes."""
    title = Text("受け取るご案内の設定", "What you would like to get")[locale]
    told = Text(
        "受け取りたいご案内にチェックを入れて、保存してください。",
        "Tick what you would like to get, then save.",
    )[locale]
    done = Text("設定を保存しました。", "Your choice is saved.")[locale]
    save = Text("保存する", "Save")[locale]
    none = Text("すべてのご案内を停止する", "Stop all promotions")[locale]
    status = f'<p class="done" role="status">{escape(done)}</p>' if saved else ""
    body = "".join(
        f"<fieldset><legend>{escape(group.label)}</legend><div class=choices>"
        + "".join(
            f'<label><input type="checkbox" name="{escape(one.name)}" value="1"'
            f"{' checked' if one.given else ''}>{escape(one.label)}</label>"
            for one in group.choices
        )
        + "</div></fieldset>"
        for group in groups
    )
    return _page(
        locale,
        title,
        f"<h1>{escape(title)}</h1>{status}<p>{escape(told)}</p>"
        f'<form method="post">{body}<div class="row">'
        f'<button type="submit" name="do" value="save">{escape(save)}</button>'
        f'<button type="submit" name="do" value="none" class="quiet">{escape(none)}</button>'
        f"</div></form>{push}",
        sender,
    )


def push_part(locale: Locale, key: str, address: str) -> str:
    """Offers pushes to a browser that takes them; hidden from all others."""
    ask = Text("このブラウザーで通知を受け取る", "Get pushes in this browser")[locale]
    done = Text("通知を受け取ります。", "Pushes will come to this browser.")[locale]
    wrong = Text("通知を登録できませんでした。", "Pushes could not be set up.")[locale]
    return (
        f'<p id="push" hidden data-key="{escape(key)}" data-address="{escape(address)}" '
        f'data-done="{escape(done)}" data-wrong="{escape(wrong)}">'
        f'<button type="button" class="quiet">{escape(ask)}</button> '
        '<span role="status"></span></p>'
        '<script src="/m/push-page.js" defer></script>'
    )


def nothing_page(locale: Locale, sender: str) -> str:
    """The one answer to every link that is none of ours, or none any more."""
    title = Text("このリンクは使えません", "This link does not work")[locale]
    told = Text(
        "リンクが途中で切れているか、古くなっています。"
        "メールのリンクをもう一度開くか、お取引店にご連絡ください。",
        "It is incomplete or too old. Open the link in the message again, or ask your branch.",
    )[locale]
    return _page(locale, title, f"<h1>{escape(title)}</h1><p>{escape(told)}</p>", sender)


def _page(locale: Locale, title: str, body: str, sender: str) -> str:
    other, label = ("en", "English") if locale == "ja" else ("ja", "日本語")
    return (
        f'<!doctype html><html lang="{locale}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="robots" content="noindex,nofollow">'
        f"<title>{escape(title)} | {escape(sender)}</title><style>{_STYLE}</style></head>"
        f"<body><main>{body}</main>"
        f'<footer>{escape(sender)} · <a href="?lang={other}" lang="{other}" hreflang="{other}">'
        f"{label}</a></footer></body></html>"
    )
