"""Words of column and table names, in both languages: for labels, meanings and kinds of table."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from enishi.kernel.text import Text

# English word (or abbreviation) → (English, Japanese).
_ENGLISH = """
id|id|番号
no|number|番号
num|number|番号
number|number|番号
code|code|コード
cd|code|コード
key|key|キー
name|name|名
title|title|題名
label|label|名称
customer|customer|顧客
cust|customer|顧客
client|client|顧客
clients|clients|顧客
customers|customers|顧客
member|member|会員
members|members|会員
user|user|利用者
users|users|利用者
userid|user id|利用者番号
person|person|人
people|people|人
party|party|取引先
patient|patient|患者
contact|contact|連絡先
contacts|contacts|接触
employee|employee|従業員
employees|employees|従業員
staff|staff|担当者
agent|agent|担当者
owner|owner|所有者
manager|manager|上司
company|company|会社
companies|companies|会社
corporation|corporation|法人
account|account|口座
accounts|accounts|口座
acct|account|口座
branch|branch|支店
branches|branches|支店
bank|bank|銀行
card|card|カード
cards|cards|カード
loan|loan|ローン
loans|loans|ローン
deposit|deposit|預金
deposits|deposits|預金
order|order|注文
orders|orders|注文
trans|transaction|取引
transaction|transaction|取引
transactions|transactions|取引
purchase|purchase|購入
purchases|purchases|購入
sale|sale|売上
sales|sales|売上
invoice|invoice|請求書
invoices|invoices|請求書
payment|payment|支払
payments|payments|支払
product|product|商品
products|products|商品
item|item|商品
items|items|商品
stock|stock|在庫
category|category|分類
type|type|種別
kind|kind|種類
class|class|区分
segment|segment|区分
group|group|グループ
status|status|状態
state|state|状態
stage|stage|段階
rank|rank|ランク
grade|grade|等級
level|level|レベル
flag|flag|フラグ
is|is|
has|has|
date|date|日
day|day|日
month|month|月
year|year|年
week|week|週
time|time|時刻
timestamp|timestamp|日時
datetime|date and time|日時
at|at|日時
created|created|作成
updated|updated|更新
registered|registered|登録
opened|opened|開設
closed|closed|解約
issued|issued|発行
joined|joined|入会
start|start|開始
end|end|終了
due|due|期日
maturity|maturity|満期
expiry|expiry|有効期限
birth|birth|生年月日
birthday|birthday|生年月日
birthdate|birth date|生年月日
dob|date of birth|生年月日
age|age|年齢
gender|gender|性別
sex|sex|性別
first|first|名
last|last|姓
given|given|名
family|family|姓
surname|surname|姓
middle|middle|中間
full|full|氏名
kana|kana|カナ
furigana|furigana|フリガナ
email|e-mail|メールアドレス
mail|mail|メール
phone|telephone|電話番号
tel|telephone|電話番号
telephone|telephone|電話番号
mobile|mobile|携帯電話
fax|fax|FAX
address|address|住所
addr|address|住所
street|street|通り
city|city|市区町村
town|town|町
suburb|suburb|町
prefecture|prefecture|都道府県
pref|prefecture|都道府県
region|region|地域
area|area|地区
district|district|地区
country|country|国
zip|postal code|郵便番号
zipcode|postal code|郵便番号
postal|postal|郵便
postcode|postal code|郵便番号
amount|amount|金額
amt|amount|金額
price|price|価格
unit|unit|単位
quantity|quantity|数量
qty|quantity|数量
count|count|件数
total|total|合計
sum|sum|合計
balance|balance|残高
bal|balance|残高
rate|rate|率
ratio|ratio|比率
interest|interest|利率
fee|fee|手数料
cost|cost|費用
income|income|収入
salary|salary|給与
limit|limit|限度額
value|value|値
score|score|点数
points|points|ポイント
point|point|ポイント
currency|currency|通貨
description|description|説明
desc|description|説明
note|note|備考
notes|notes|備考
memo|memo|メモ
comment|comment|コメント
remarks|remarks|備考
message|message|メッセージ
subject|subject|件名
url|url|URL
channel|channel|チャネル
campaign|campaign|キャンペーン
source|source|流入元
event|event|イベント
events|events|イベント
action|action|行動
activity|activity|活動
visit|visit|訪問
visits|visits|訪問
session|session|セッション
device|device|端末
page|page|ページ
log|log|記録
logs|logs|記録
history|history|履歴
complaint|complaint|苦情
complaints|complaints|苦情
consent|consent|同意
consents|consents|同意
household|household|世帯
job|job|職業
occupation|occupation|職業
marital|marital|婚姻
education|education|学歴
duration|duration|期間
term|term|期間
frequency|frequency|頻度
version|version|版
default|default|延滞
housing|housing|住宅
previous|previous|前回
case|case|案件
cases|cases|案件
disp|disposition|名義
disposition|disposition|名義
relation|relation|関係
parent|parent|親
child|child|子
"""

# Japanese term → English; longer terms win.
_JAPANESE = """
顧客|customer
お客様|customer
会員|member
利用者|user
契約者|policyholder
個人|person
法人|corporate
会社|company
企業|company
取引先|business partner
世帯|household
番号|number
コード|code
ＩＤ|ID
区分|class
種別|type
種類|kind
分類|category
状態|status
ステータス|status
氏名|name
名前|name
お名前|name
姓|family name
名|name
フリガナ|furigana
ふりがな|furigana
カナ|kana
ヨミ|reading
英字|in Latin letters
性別|gender
生年月日|birth date
誕生日|birthday
年齢|age
電話番号|telephone
電話|telephone
携帯電話|mobile
携帯|mobile
メールアドレス|e-mail
メール|mail
郵便番号|postal code
住所|address
所在地|address
都道府県|prefecture
市区町村|city
町字|town
町域|town
番地号|block number
番地|block
建物|building
支店|branch
店番|branch number
店|branch
銀行|bank
口座|account
科目|account type
預金|deposit
普通|ordinary
定期|time
残高|balance
金額|amount
価格|price
単価|unit price
数量|quantity
合計|total
利率|interest rate
金利|interest rate
手数料|fee
資本金|capital
年収|income
給与|salary
限度額|limit
取引|transaction
入金|deposit
出金|withdrawal
振込|transfer
購入|purchase
売上|sales
注文|order
請求|invoice
支払|payment
商品|product
品名|product name
銘柄|issue
契約|contract
申込|application
解約|cancellation
満期|maturity
開設|opening
開始|start
終了|end
作成|created
更新|updated
登録|registered
発行|issued
入会|joined
退会|left
日時|time
日付|date
年月日|date
時刻|time
日|date
年|year
月|month
担当者|person in charge
担当|in charge
職業|occupation
勤務先|employer
業種|industry
規模|size
市場|market
上場|listing
連結|consolidated
決算|settlement
提出者|filer
証券|securities
有無|whether
フラグ|flag
備考|note
メモ|memo
内容|content
件名|subject
苦情|complaint
同意|consent
履歴|history
明細|details
接触|contact
訪問|visit
来店|branch visit
結果|result
理由|reason
ランク|rank
ポイント|points
緯度経度|coordinates
緯度|latitude
経度|longitude
位置情報|location
レベル|level
その他|other
一覧|list
マスタ|master
マスター|master
カード|card
ローン|loan
保険|insurance
投資信託|investment trust
家族|family
続柄|relationship
"""


def words(text: str) -> frozenset[str]:
    """The words of a text, as a set."""
    return frozenset(text.split())


_PHRASES = {
    "given name": Text("名", "Given name"),
    "first name": Text("名", "First name"),
    "last name": Text("姓", "Last name"),
    "family name": Text("姓", "Family name"),
    "full name": Text("氏名", "Full name"),
    "date of birth": Text("生年月日", "Date of birth"),
    "birth date": Text("生年月日", "Birth date"),
    "street number": Text("番地", "Street number"),
}


def _table(text: str) -> list[list[str]]:
    return [line.split("|") for line in text.strip().splitlines()]


ENGLISH: dict[str, Text] = {word: Text(ja, en) for word, en, ja in _table(_ENGLISH)}
JAPANESE: dict[str, str] = {unicodedata.normalize("NFKC", ja): en for ja, en in _table(_JAPANESE)}
_LONGEST = max(map(len, JAPANESE))
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^\W\d_a-zA-Z]+")


@lru_cache(maxsize=4096)
def parts_of(name: str) -> tuple[str, ...]:
    """The words of a name, small letters: `CustomerID` → customer, id."""
    plain = unicodedata.normalize("NFKC", name)
    return tuple(part.lower() for part in _PARTS.findall(plain))


@lru_cache(maxsize=4096)
def terms_of(name: str) -> tuple[str, ...] | None:
    """A Japanese name cut into known terms, longest first; None when a piece is unknown."""
    plain = re.sub(r"[\s_()（）・/]+", "", unicodedata.normalize("NFKC", name))
    found: list[str] = []
    at = 0
    while at < len(plain):
        for size in range(min(_LONGEST, len(plain) - at), 0, -1):
            if plain[at : at + size] in JAPANESE:
                found.append(plain[at : at + size])
                at += size
                break
        else:
            match = re.match(r"[A-Za-z0-9]+", plain[at:])
            if match is None:
                return None
            found.append(match[0])
            at += match.end()
    return tuple(found) or None


def is_known_word(cell: str) -> bool:
    """Whether a cell reads like the name of a column."""
    parts = parts_of(cell)
    if parts and all(part in ENGLISH or part.isdigit() for part in parts):
        return True
    if len(parts) > 1 and any(part in ENGLISH for part in parts) and len(cell) <= 40:
        return True
    if cell.isascii():
        return False
    plain = unicodedata.normalize("NFKC", cell)
    return len(plain) <= 20 and any(
        plain.endswith(term) or plain.startswith(term) for term in JAPANESE if len(term) > 1
    )


def label_of(name: str) -> Text:
    """A label in both languages, as far as the words are known; the name itself where not."""
    parts = parts_of(name)
    if " ".join(parts) in _PHRASES:
        return _PHRASES[" ".join(parts)]
    if name.isascii():
        known = [ENGLISH.get(part) for part in parts]
        en = " ".join(
            word.en if word is not None else part for word, part in zip(known, parts, strict=True)
        )
        ja = "".join(word.ja for word in known if word is not None)
        complete = bool(known) and all(word is not None for word in known) and ja
        if not any(known):
            return Text(name, name)
        return Text(ja if complete else name, en[:1].upper() + en[1:])
    terms = terms_of(name)
    if terms is None:
        return Text(name, name)
    en = " ".join(JAPANESE.get(term, term) for term in terms)
    return Text(name, en[:1].upper() + en[1:])
