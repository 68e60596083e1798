"""個人番号 is recognised by its names and by its check digit, and nothing else is."""

from __future__ import annotations

import random

import pytest

from enishi.catalog.sensitive import is_my_number, looks_like_my_number, names_my_number


def check_digit(eleven: str) -> str:
    """The ordinance's formula, written out digit by digit as an oracle."""
    weights = [6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]
    rest = sum(int(d) * w for d, w in zip(eleven, weights, strict=True)) % 11
    return "0" if rest <= 1 else str(11 - rest)


def numbers(count: int) -> list[str]:
    rng = random.Random(7)
    made = ["".join(rng.choices("0123456789", k=11)) for _ in range(count)]
    return [eleven + check_digit(eleven) for eleven in made]


@pytest.mark.parametrize(
    "name",
    [
        "個人番号",
        "マイナンバー",
        "ﾏｲﾅﾝﾊﾞｰ",
        "まいなんばー",
        "顧客_個人番号",
        "my_number",
        "MyNumber",
        "My Number",
        "kojin_bango",
        "kojinbangou",
        "individual_number",
        "MY-NO",
    ],
)
def test_its_names(name: str) -> None:
    assert names_my_number(name)


@pytest.mark.parametrize(
    "name",
    ["法人番号", "顧客番号", "個人", "number", "マイナンバーカード有無", "my_name", "phone_number"],
)  # fmt: skip
def test_other_names(name: str) -> None:
    assert not names_my_number(name)


def test_the_check_digit() -> None:
    for number in numbers(200):
        assert is_my_number(number)
        assert is_my_number(f"{number[:4]}-{number[4:8]}-{number[8:]}")
        wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
        assert not is_my_number(wrong)


def test_a_column_of_them_is_recognised_and_chance_is_not() -> None:
    assert looks_like_my_number(numbers(50))
    assert looks_like_my_number([*numbers(50), "x", "y"])
    rng = random.Random(1)
    assert not looks_like_my_number(["".join(rng.choices("0123456789", k=12)) for _ in range(500)])
    assert not looks_like_my_number(numbers(4))  # too few to tell
    assert not looks_like_my_number(numbers(1) * 50)
