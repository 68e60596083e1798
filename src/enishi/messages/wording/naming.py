"""宛名 and 敬称: how a message calls the one it goes to. 御中 and 様 never stand together."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from enishi.kernel.text import Locale

Honorific: TypeAlias = Literal["auto", "様", "さま", "none"]

_BLANKS = re.compile(r"[\s\u3000\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")
_HONORIFICS = re.compile(
    r"[ \u3000]*(?:様方|様|殿|御中|先生"
    # In kana they may be the end of a name (あさま): only after a blank, or other script.
    r"|(?:(?<=[ \u3000])|(?<=[\u3400-\u9fff々ァ-ヺー]))(?:さま|さん|ちゃん|どの)"
    r"|(?:(?<=[ \u3000])|(?<=[\u3400-\u9fff々]))サマ)$"
)
_EMPTY = frozenset(
    re.split(
        r"\s+",
        """ お客 御客 - ‐ － ー ― -- --- * ＊ ? ？ ・ . x na n/a null none nil unknown test 不明
        なし
        無し 未設定 未登録 未入力 名無し 名称未設定 氏名不詳 テスト """,
    )
)
_FORMS = re.compile(
    r"株式会社|有限会社|合同会社|合資会社|合名会社|相互会社|特定目的会社|投資法人"
    r"|[㈱㈲㈳㈶㈻]|[(（](?:株|有|合|名|資|社|財|医|学|宗|福|独|特非|相)[)）]"
    r"|(?:一般|公益|特例)?(?:社団|財団)法人|(?:医療|学校|宗教|社会福祉|特定非営利活動|独立行政|国立大学"
    r"|地方独立行政|監査|税理士|弁護士|司法書士|行政書士|農業|管理組合|認可地縁)(?:法人|団体)"
    r"|協同組合|信用金庫|信用組合|労働金庫|農業協同|連合会|管理組合|自治会|町内会|後援会|同窓会"
)
_ENDINGS = re.compile(
    r"(?:銀行|証券|商店|商事|商会|工業|製作所|事務所|研究所|病院|医院|診療所|クリニック|薬局|大学|高等学校"
    r"|中学校|小学校|幼稚園|保育園|市役所|区役所|町役場|村役場|県庁|府庁|都庁|組合|協会|財団|連盟|委員会"
    r"|支店|営業所|工場|本社|法人会|商工会|商工会議所|御一同)$"
)
_ENGLISH = re.compile(
    r"\b(?:inc|incorporated|corp|corporation|ltd|limited|llc|llp|plc|gmbh|k\.k|company|bank"
    r"|university|hospital|association|foundation)\.?$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Named:
    """A person or an organisation as a message names it.

    `name` is bare. `salutation` is the whole of the 宛名: `日の出 花子 様`,
    `株式会社日の出商事 営業部 日の出 花子 様`, `株式会社日の出商事 御中`.
    """

    name: str
    salutation: str
    known: bool


def clean(name: object) -> str:
    """A name without blanks at its ends, control characters, honorifics and mere placeholders."""
    if name is None:
        return ""
    text = _BLANKS.sub(" ", str(name)).strip()
    while True:
        bare = _bare(text)
        if bare == text:
            break
        text = bare
    return "" if text.casefold() in _EMPTY else text


def _bare(text: str) -> str:
    found = _HONORIFICS.search(text)
    if found is None:
        return text
    kept = text[: found.start()].rstrip()
    return kept if kept else ("" if len(text) <= 2 else text)


def is_organisation(name: str) -> bool:
    """Whether a name is a company's, an office's, an association's: by its legal form or ending."""
    return bool(_FORMS.search(name) or _ENDINGS.search(name) or _ENGLISH.search(name))


def named(
    name: object,
    company: object = None,
    department: object = None,
    *,
    honorific: Honorific = "auto",
    unknown: str = "",
    locale: Locale = "ja",
) -> Named:
    """The 宛名 of a person, of an organisation, or of a person there.

    A person's name that is an organisation's is taken as one. Where nobody is named, `unknown`
    stands alone: nothing is put after it.
    """
    person, firm, office = clean(name), clean(company), clean(department)
    if person and not firm and is_organisation(person):
        person, firm = "", person
    elif person and firm and (person == firm or is_organisation(person)):
        person = ""
    if not person and not firm:
        return Named("", clean_line(unknown), known=False)
    if locale == "en":
        return Named(person or firm, ", ".join(p for p in (person, office, firm) if p), known=True)
    before = " ".join(part for part in (firm, office if firm else "") if part)
    if person:
        after = {"auto": "様", "none": ""}.get(honorific, honorific)
        parts = (before, person, after)
    else:
        parts = (before, "", "" if honorific == "none" else "御中")
    return Named(person or firm, " ".join(part for part in parts if part), known=True)


def clean_line(text: str) -> str:
    return _BLANKS.sub(" ", text).strip()
