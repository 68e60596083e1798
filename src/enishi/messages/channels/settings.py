"""What a provider asks to be told: the fields of its form, and how what was typed in is checked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from enishi.catalog.normalise import normalise_email
from enishi.kernel.errors import Fault, Invalid
from enishi.kernel.text import Text

Kind: TypeAlias = Literal[
    "text",
    "host",
    "domain",
    "hosts",
    "label",
    "email",
    "number",
    "flag",
    "choice",
    "rates",
    "secret",
    "secret_text",
]
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?|\[?[0-9a-fA-F:.]{2,45}\]?")
_DOMAIN = re.compile(r"(?=.{1,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]")
_NO_HELP = Text("", "")
_LONGEST = 2000
_LONGEST_TEXT = 10_000
_MOST_RATES = 100
_MOST_HOSTS = 50


@dataclass(frozen=True, slots=True)
class Setting:
    """One field of a provider's form. `secret` kinds are sealed and never answered again.

    `hosts`: names of hosts with commas or blanks between them, kept in order.
    `rates`: {"docomo.ne.jp": {"per_second": 5, "connections": 2}, "*": …}.
    """

    name: str
    label: Text
    kind: Kind = "text"
    required: bool = False
    default: Any = None
    low: int = 0
    high: int = 0
    choices: Sequence[tuple[str, Text]] = ()
    help: Text = _NO_HELP

    @property
    def secret(self) -> bool:
        return self.kind in ("secret", "secret_text")


def checked(settings: Sequence[Setting], given: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that are no secrets, checked and complete. Raises Invalid with every fault."""
    plain = [one for one in settings if not one.secret]
    faults = [
        _fault(name, "この項目はありません。", "There is no such setting.")
        for name in given
        if name not in {one.name for one in plain}
    ]
    found: dict[str, Any] = {}
    for one in plain:
        value = given.get(one.name)
        if value is None or value == "":
            if one.required and one.default is None:
                faults.append(_fault(one.name, "入力してください。", "This is needed."))
            if one.default is not None:
                found[one.name] = one.default
            continue
        try:
            found[one.name] = _read(one, value)
        except ValueError as wrong:
            faults.append(wrong.args[0])
    if faults:
        raise _invalid(faults)
    return found


def checked_secrets(settings: Sequence[Setting], given: Mapping[str, Any]) -> dict[str, str]:
    """The secrets among what was given; an empty text takes one away. Raises Invalid."""
    known = {one.name: one for one in settings if one.secret}
    faults, found = [], {}
    for name, value in given.items():
        one = known.get(name)
        if one is None:
            faults.append(_fault(name, "この項目はありません。", "There is no such setting."))
        elif not isinstance(value, str) or len(value) > _LONGEST_TEXT:
            faults.append(_fault(name, "文字で入力してください。", "Give a text."))
        elif one.kind == "secret" and _CONTROL.search(value):
            faults.append(_fault(name, "改行は使えません。", "It may have no line break."))
        else:
            found[name] = value if one.kind == "secret" else value.strip()
    if faults:
        raise _invalid(faults)
    return found


def missing(settings: Sequence[Setting], config: Mapping[str, Any], secrets: Sequence[str]) -> bool:
    """Whether something that is needed has not been set yet."""
    return any(
        one.required and one.default is None and one.name not in (secrets if one.secret else config)
        for one in settings
    )


def _read(one: Setting, value: Any) -> Any:
    if one.kind == "flag":
        if not isinstance(value, bool):
            raise ValueError(_fault(one.name, "はい・いいえで答えます。", "Answer yes or no."))
        return value
    if one.kind == "number":
        if (
            isinstance(value, bool)
            or not isinstance(value, int)
            or not one.low <= value <= one.high
        ):
            raise ValueError(
                _fault(
                    one.name,
                    f"{one.low}から{one.high}までの整数にしてください。",
                    f"Give a whole number from {one.low} to {one.high}.",
                )
            )
        return value
    if one.kind == "rates":
        return _rates(one.name, value)
    if not isinstance(value, str) or len(value) > _LONGEST or _CONTROL.search(value):
        raise ValueError(_fault(one.name, "1行の文字にしてください。", "Give one line of text."))
    return _text(one, value.strip())


def _text(one: Setting, value: str) -> str:
    if one.kind == "choice" and value not in {name for name, _ in one.choices}:
        raise ValueError(_fault(one.name, "選択肢から選んでください。", "Choose one of these."))
    if one.kind == "host" and not _HOST.fullmatch(value):
        raise ValueError(_fault(one.name, "ホスト名ではありません。", "This is no host name."))
    if one.kind == "domain":
        value = _domain(value)
        if not value:
            raise ValueError(_fault(one.name, "ドメイン名ではありません。", "This is no domain."))
    if one.kind == "hosts":
        return _hosts(one.name, value)
    if one.kind == "label" and not _LABEL.fullmatch(value):
        raise ValueError(
            _fault(one.name, "半角の英数字とハイフンにしてください。", "Use a-z, 0-9 and hyphens.")
        )
    if one.kind == "email":
        found = normalise_email(value)
        if found is None:
            raise ValueError(
                _fault(one.name, "メールアドレスではありません。", "This is no mail address.")
            )
        return found
    return value


def _domain(value: str) -> str:
    """A domain as it is asked for; empty for what is none."""
    try:
        found = value.strip(".").encode("idna").decode().lower()
    except UnicodeError:
        return ""
    return found if _DOMAIN.fullmatch(found) else ""


def _hosts(name: str, value: str) -> str:
    given = [part for part in re.split(r"[\s,、]+", value) if part]
    found = {part: _domain(part) for part in given}
    wrong = next((part for part, host in found.items() if not host), None)
    if wrong is not None or len(found) > _MOST_HOSTS:
        raise ValueError(
            _fault(
                name,
                f"ホスト名を{_MOST_HOSTS}個まで、コンマで区切って書いてください"
                + (f"（違うもの: {wrong[:60]}）。" if wrong else "。"),
                f"Give up to {_MOST_HOSTS} names of hosts with commas between them"
                + (f"; this is none: {wrong[:60]}" if wrong else "."),
            )
        )
    return ", ".join(sorted(set(found.values())))


def _rates(name: str, value: Any) -> dict[str, dict[str, float]]:
    wrong = ValueError(
        _fault(
            name,
            "ドメインごとに per_second（0より大きい数）と connections（1から64）を書いてください。",
            "For each domain, give per_second (above 0) and connections (1 to 64).",
        )
    )
    if not isinstance(value, dict) or len(value) > _MOST_RATES:
        raise wrong
    found: dict[str, dict[str, float]] = {}
    for domain, limits in value.items():
        if not isinstance(limits, dict) or set(limits) - {"per_second", "connections"}:
            raise wrong
        if domain != "*" and not _DOMAIN.fullmatch(str(domain).lower()):
            raise wrong
        rate, connections = limits.get("per_second", 1000), limits.get("connections", 64)
        numbers = all(
            isinstance(n, int | float) and not isinstance(n, bool) for n in (rate, connections)
        )
        if not numbers or not 0.001 <= rate <= 10_000 or not 1 <= connections <= 64:
            raise wrong
        found[str(domain).lower()] = {"per_second": float(rate), "connections": int(connections)}
    return found


def _fault(name: str, ja: str, en: str) -> Fault:
    return Fault(
        "setting_wrong", f"$.{name}", Text(ja, en), Text("直してください。", "Correct it.")
    )


def _invalid(faults: list[Fault]) -> Invalid:
    first = faults[0]
    return Invalid(
        Text(
            f"設定に誤りがあります。{first.path[2:]}: {first.message.ja}",
            f"A setting is wrong. {first.path[2:]}: {first.message.en}",
        ),
        first.remedy,
        code="sender_settings",
        faults=tuple(faults),
    )
