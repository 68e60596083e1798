"""What a column stands for, by its name first and its values second; and how personal it is."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

from enishi.catalog.types import FieldType, Meaning, Pii
from enishi.catalog.words import parts_of, words

PREFECTURES = words("""
    北海道 青森県 岩手県 宮城県 秋田県 山形県 福島県 茨城県 栃木県
    群馬県 埼玉県 千葉県 東京都 神奈川県 新潟県 富山県 石川県 福井県
    山梨県 長野県 岐阜県 静岡県 愛知県 三重県 滋賀県 京都府 大阪府
    兵庫県 奈良県 和歌山県 鳥取県 島根県 岡山県 広島県 山口県 徳島県
    香川県 愛媛県 高知県 福岡県 佐賀県 長崎県 熊本県 大分県 宮崎県
    鹿児島県 沖縄県
""")
_GENDERS = frozenset({"m", "f", "male", "female", "男", "女", "男性", "女性", "その他", "other"})
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+\Z")
_PHONE = re.compile(r"(?:\+?[0-9]{1,3}[- ]?)?\(?0?[0-9]{1,4}\)?[- ()][0-9]{1,4}[- )]?[0-9]{3,4}\Z")
_POSTAL = re.compile(r"〒?[0-9]{3}-[0-9]{4}\Z")
_URL = re.compile(r"https?://\S+\Z")

# Meaning and pattern of the name. English names are matched as words joined by blanks.
_NAMES = r"""
email         \b(e ?mail|mail address|email address)\b|メール(アドレス)?$|^mail$
phone         \b(phone|tel|telephone|mobile|cell ?phone|fax)\b|電話|携帯|^tel
postal_code   \b(zip ?code|zip|postal ?code|post ?code|postcode)\b|郵便番号|〒
prefecture    \b(prefecture|pref)\b|都道府県
birth_date    \b(dob|birthday|birthdate|date of birth|birth date)\b|生年月日|誕生日
gender        \b(gender|sex)\b|性別
person_kana   \b(kana|furigana|yomi)\b|フリガナ|ふりがな|カナ|ヨミ|よみ
company_name  \b(company|corporate|corporation|firm|filer) name\b|会社名|企業名|法人名|商号
company_name  提出者名$|銘柄名
person_name   \b(full|first|last|given|family|middle|display) ?name\b
person_name   \b(customer|client|member|person|user) ?name\b
person_name   \bsurname\b|氏名|^お?名前|顧客名|会員名|^姓$|^名$|姓名
address       \b(address|addr|street)\b|住所|所在地
staff         \b(staff|agent|employee|rep)( id| code| no)?$|担当者|担当|行員
branch        \bbranch\b|支店|店番|取扱店
rate          \b(rate|ratio|percent|pct|interest)\b|利率|金利|率$|割合
money         \b(amount|amt|price|balance|bal|salary|income|fee|cost|payments?|revenue)\b
money         \b((total|conversion) value|sales|deposit)\b
money         金額|残高|価格|単価|年収|給与|資本金|手数料|限度額|売上|額$
note          \b(note|notes|memo|comment|comments|remarks)\b|備考|メモ|コメント|摘要
url           \b(url|website|homepage)\b|ホームページ
category      \b(category|type|kind|class|segment|status|rank|grade|group)\b
category      区分|種別|種類|分類|状態|ステータス|ランク
id            \b(id|no|number|code|key)$|番号$|コード$|id$
"""
_COMPILED = tuple(
    (re.compile(pattern), Meaning(meaning))
    for meaning, pattern in (line.split(None, 1) for line in _NAMES.strip().splitlines())
)

_NUMERIC = frozenset({FieldType.INTEGER, FieldType.DECIMAL, FieldType.FLOAT})
_ONLY_NUMBERS = frozenset({Meaning.MONEY, Meaning.RATE})
_ONLY_TEXTS = frozenset(
    {
        Meaning.EMAIL,
        Meaning.PERSON_NAME,
        Meaning.PERSON_KANA,
        Meaning.COMPANY_NAME,
        Meaning.ADDRESS,
        Meaning.PREFECTURE,
        Meaning.NOTE,
        Meaning.URL,
        Meaning.CATEGORY,
    }
)
_TABLES_OF_PERSONS = words("""
    customer customers client clients member members person persons people user users patient
    patients employee employees staff
""")
_PERSONAL = frozenset(
    {
        Meaning.EMAIL,
        Meaning.PHONE,
        Meaning.PERSON_NAME,
        Meaning.PERSON_KANA,
        Meaning.BIRTH_DATE,
        Meaning.ADDRESS,
        Meaning.POSTAL_CODE,
        Meaning.GENDER,
        Meaning.NOTE,
    }
)
_SENSITIVE = re.compile(
    r"\b(ssn|soc sec( id)?|social security|passport|password|passwd|pin|licen[sc]e|credit card"
    r"|card number|birth number|religion|race|disease|diagnosis|health|criminal)\b"
    r"|パスポート|旅券|免許|暗証|パスワード|病歴|病名|信条|宗教|本籍|犯罪|基礎年金番号|保険証"
)


def plain_name(name: str) -> str:
    """A name as words in small letters, Japanese kept together."""
    normal = unicodedata.normalize("NFKC", name)
    return " ".join(parts_of(normal)) if normal.isascii() else normal.lower().replace("_", " ")


def looks_personal(name: str) -> bool:
    """Whether a name speaks of what only few may see."""
    return bool(_SENSITIVE.search(plain_name(name)))


def guess_meaning(
    name: str, type_: FieldType, values: Counter[str], dataset: str = ""
) -> tuple[Meaning | None, Pii]:
    """The meaning of a column and its PII level."""
    meaning = _by_values(type_, values) or _by_name(name, type_, values, dataset)
    if meaning is Meaning.PERSON_KANA and re.search(r"会社|法人|提出者|company", name):
        return None, Pii.NONE
    return meaning, Pii.LOW if meaning in _PERSONAL else Pii.NONE


def _by_name(name: str, type_: FieldType, values: Counter[str], dataset: str) -> Meaning | None:
    plain = plain_name(name)
    if plain == "name" and set(parts_of(dataset)) & _TABLES_OF_PERSONS:
        return Meaning.PERSON_NAME
    for pattern, meaning in _COMPILED:
        if not pattern.search(plain) or not _possible(meaning, type_, values):
            continue
        return meaning
    return None


def _possible(meaning: Meaning, type_: FieldType, values: Counter[str]) -> bool:
    if meaning in _ONLY_NUMBERS:
        return type_ in _NUMERIC
    if meaning in _ONLY_TEXTS and type_ is not FieldType.STRING:
        return False
    if meaning is Meaning.BIRTH_DATE:
        return type_ is FieldType.DATE
    if meaning is Meaning.GENDER:
        return len(values) <= 6 and type_ in (FieldType.STRING, FieldType.INTEGER)
    if meaning is Meaning.PHONE:
        return type_ in (FieldType.STRING, FieldType.INTEGER) and _phones(values)
    if meaning is Meaning.CATEGORY:
        return len(values) <= 100
    return type_ not in (FieldType.BOOLEAN, FieldType.DATE, FieldType.TIMESTAMP)


def _phones(values: Counter[str]) -> bool:
    """Telephone numbers have digits: a column `telephone` of yes and no is none."""
    some = list(values)[:200]
    return not some or sum(sum(c.isdigit() for c in t) >= 7 for t in some) > len(some) * 0.5


def _by_values(type_: FieldType, values: Counter[str]) -> Meaning | None:
    if type_ is not FieldType.STRING or not values:
        return None
    sample = [unicodedata.normalize("NFKC", text) for text in list(values)[:500]]
    tests = (
        (Meaning.EMAIL, lambda t: bool(_EMAIL.match(t))),
        (Meaning.URL, lambda t: bool(_URL.match(t))),
        (Meaning.POSTAL_CODE, lambda t: bool(_POSTAL.match(t))),
        (Meaning.PREFECTURE, lambda t: t in PREFECTURES),
        (Meaning.PHONE, lambda t: bool(_PHONE.match(t)) and 9 <= sum(map(str.isdigit, t)) <= 15),
    )
    for meaning, test in tests:
        if sum(map(test, sample)) > 0.8 * len(sample):
            return meaning
    if len(sample) >= 2 and {t.casefold() for t in sample} <= _GENDERS - {"other", "その他"}:
        return Meaning.GENDER
    return None
