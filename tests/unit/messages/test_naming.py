"""宛名 and 敬称: 様 after a person, 御中 after an organisation, never both."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enishi.messages.wording.naming import named

PERSONS = [
    ("見本 花子", "見本 花子 様"),
    ("見本花子様", "見本花子 様"),
    ("見本花子 様", "見本花子 様"),
    ("見本花子 様 様", "見本花子 様"),
    ("見本　花子さま", "見本 花子 様"),
    ("見本さん", "見本 様"),
    ("浅井 あさま", "浅井 あさま 様"),
    ("見本殿", "見本 様"),
    ("見本先生", "見本 様"),
    ("見本\r\n花子", "見本 花子 様"),
    ("  見本\u200b 花子\t", "見本 花子 様"),
    ("大学 太郎", "大学 太郎 様"),
    ("Hanako Mihon", "Hanako Mihon 様"),
]
NOBODY = [
    None,
    "",
    "   ",
    "\u3000",
    "-",
    "－",
    "様",
    "御中",
    "お客様",
    "不明",
    "なし",
    "N/A",
    "null",
]
FIRMS = [
    ("株式会社見本", "株式会社見本 御中"),
    ("株式会社見本 御中", "株式会社見本 御中"),
    ("株式会社見本様", "株式会社見本 御中"),
    ("(株)見本商店", "(株)見本商店 御中"),
    ("㈱見本", "㈱見本 御中"),
    ("見本信用金庫", "見本信用金庫 御中"),
    ("一般社団法人見本", "一般社団法人見本 御中"),
    ("医療法人見本会 見本病院", "医療法人見本会 見本病院 御中"),
    ("見本市役所", "見本市役所 御中"),
    ("Sample Trading Ltd.", "Sample Trading Ltd. 御中"),
]


@pytest.mark.parametrize(("name", "salutation"), PERSONS)
def test_a_person_is_addressed_with_sama_once(name: str, salutation: str) -> None:
    assert named(name).salutation == salutation


@pytest.mark.parametrize(("name", "salutation"), FIRMS)
def test_an_organisation_is_addressed_with_onchu_wherever_its_name_stands(
    name: str, salutation: str
) -> None:
    assert named(name).salutation == salutation
    assert named("", name).salutation == salutation
    assert named(name, name).salutation == salutation


@pytest.mark.parametrize("name", NOBODY)
def test_who_has_no_name_is_greeted_as_the_template_says_and_nothing_is_put_after_it(
    name: str | None,
) -> None:
    found = named(name, unknown="お客さま")
    assert (found.salutation, found.name, found.known) == ("お客さま", "", False)


def test_a_person_at_a_company_has_sama_alone() -> None:
    found = named("見本 花子", "株式会社見本 御中", "営業部")
    assert found.salutation == "株式会社見本 営業部 見本 花子 様"
    assert found.name == "見本 花子"


def test_a_department_without_a_person_has_onchu() -> None:
    assert named("", "株式会社見本", "営業部").salutation == "株式会社見本 営業部 御中"


def test_the_honorific_can_be_written_in_kana_or_left_out() -> None:
    assert named("見本 花子", honorific="さま").salutation == "見本 花子 さま"
    assert named("見本 花子", honorific="none").salutation == "見本 花子"
    assert named("株式会社見本", honorific="さま").salutation == "株式会社見本 御中"
    assert named("株式会社見本", honorific="none").salutation == "株式会社見本"


def test_english_has_no_honorific() -> None:
    assert named("Hanako Mihon 様", locale="en").salutation == "Hanako Mihon"
    assert named("Hanako", "Sample Ltd.", locale="en").salutation == "Hanako, Sample Ltd."


_NAMES = st.one_of(
    st.none(),
    st.text(max_size=30),
    st.sampled_from([name for name, _ in PERSONS + FIRMS]).map(lambda name: f"{name} 様"),
)


@given(_NAMES, _NAMES, _NAMES)
def test_never_both_never_twice_never_a_control_character(
    name: Any, firm: Any, office: Any
) -> None:
    found = named(name, firm, office, unknown="お客さま").salutation
    assert not (found.endswith("様") and "御中" in found.removesuffix("様").rstrip()[-2:])
    assert not found.endswith(("様 様", "御中 様", "御中 御中", "様 御中"))
    assert not any(ord(char) < 32 or 0x7F <= ord(char) < 0xA0 for char in found)
    assert found.strip()
