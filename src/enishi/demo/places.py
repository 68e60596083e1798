"""Where the bank's customers live: real prefectures and cities, invented towns and numbers.

Telephone numbers cannot ring anywhere: no Japanese local exchange and no mobile block begins with
0 (`03-0…`, `090-0…`). Postal codes take a real area's first three digits with an unused ending.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A city with a branch: its region, share of customers, dialling code and postal area."""

    branch: str
    kana: str
    region: str
    prefecture: str
    city: str
    weight: float
    dial: str
    postal: str


_PLACES = """
本店営業部|ホンテンエイギョウブ|関東|東京都|千代田区|20|03|100
新宿|シンジュク|関東|東京都|新宿区|9|03|160
世田谷|セタガヤ|関東|東京都|世田谷区|11|03|154
立川|タチカワ|関東|東京都|立川市|6|042|190
横浜|ヨコハマ|関東|神奈川県|横浜市西区|11|045|220
川崎|カワサキ|関東|神奈川県|川崎市川崎区|6|044|210
大宮|オオミヤ|関東|埼玉県|さいたま市大宮区|6|048|330
千葉|チバ|関東|千葉県|千葉市中央区|6|043|260
名古屋|ナゴヤ|中部|愛知県|名古屋市中区|6|052|460
大阪|オオサカ|関西|大阪府|大阪市北区|9|06|530
京都|キョウト|関西|京都府|京都市中京区|5|075|604
神戸|コウベ|関西|兵庫県|神戸市中央区|5|078|650
船橋|フナバシ|関東|千葉県|船橋市|4|047|273
宇都宮|ウツノミヤ|関東|栃木県|宇都宮市|3|028|320
水戸|ミト|関東|茨城県|水戸市|3|029|310
高崎|タカサキ|関東|群馬県|高崎市|3|027|370
静岡|シズオカ|中部|静岡県|静岡市葵区|3|054|420
浜松|ハママツ|中部|静岡県|浜松市中央区|3|053|430
堺|サカイ|関西|大阪府|堺市堺区|3|072|590
奈良|ナラ|関西|奈良県|奈良市|2|0742|630
大津|オオツ|関西|滋賀県|大津市|2|077|520
和歌山|ワカヤマ|関西|和歌山県|和歌山市|2|073|640
新潟|ニイガタ|中部|新潟県|新潟市中央区|2|025|950
金沢|カナザワ|中部|石川県|金沢市|2|076|920
長野|ナガノ|中部|長野県|長野市|2|026|380
岐阜|ギフ|中部|岐阜県|岐阜市|2|058|500
仙台|センダイ|東北|宮城県|仙台市青葉区|4|022|980
盛岡|モリオカ|東北|岩手県|盛岡市|2|019|020
札幌|サッポロ|北海道|北海道|札幌市中央区|4|011|060
広島|ヒロシマ|中国|広島県|広島市中区|3|082|730
岡山|オカヤマ|中国|岡山県|岡山市北区|3|086|700
高松|タカマツ|四国|香川県|高松市|2|087|760
松山|マツヤマ|四国|愛媛県|松山市|2|089|790
福岡|フクオカ|九州|福岡県|福岡市中央区|4|092|810
熊本|クマモト|九州|熊本県|熊本市中央区|2|096|860
鹿児島|カゴシマ|九州|鹿児島県|鹿児島市|2|099|890
"""


def _place(line: str) -> Place:
    branch, kana, region, prefecture, city, weight, dial, postal = line.split("|")
    return Place(branch, kana, region, prefecture, city, float(weight), dial, postal)


PLACES: tuple[Place, ...] = tuple(_place(line) for line in _PLACES.strip().splitlines())

TOWNS: tuple[str, ...] = tuple(
    stem + ending
    for stem in ("日和見", "星迎", "風待", "若葉野", "夕映", "花灯", "月詠", "雲居", "鈴鳴", "朝凪")
    for ending in ("町", "台", "が丘", "本町")
)
"""Names of towns that are in none of those cities."""

BUILDINGS: tuple[str, ...] = (
    "コーポ星迎",
    "メゾン花灯",
    "夕映ハイツ",
    "風待レジデンス",
    "パークテラス日和見",
    "月詠マンション",
)


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch of the bank."""

    code: str
    name: str
    kana: str
    place: Place


def branches(customers: int) -> tuple[Branch, ...]:
    """The bank's branches for so many customers: 12 up to 25,000, then one for each 3,000 more.

    Where a city has more than one, they are told apart by a direction.
    """
    count = 12 + max(0, min(132, (customers - 25_000) // 3_000))
    suffixes = (("", ""), ("東", "ヒガシ"), ("西", "ニシ"), ("南", "ミナミ"))
    found = []
    for index in range(count):
        place = PLACES[index % len(PLACES)]
        suffix, kana = suffixes[index // len(PLACES)]
        head = place.branch.removesuffix("営業部") if suffix else place.branch
        name = head if head.endswith("営業部") else f"{head}{suffix}支店"
        reading = place.kana.removesuffix("エイギョウブ") if suffix else place.kana
        found.append(Branch(f"{101 + index}", name, reading + kana, place))
    return tuple(found)
