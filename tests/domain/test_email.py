"""E-mail addresses: every spelling gives one address, and other text gives none."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.auth import identifier
from chalicelib.domain.auth.email import parse_email_address
from chalicelib.domain.auth.identifier import Channel, Identifier, IdentifierKind

SITA = "sita.g+bank@example.com"


@pytest.mark.parametrize(
    "written",
    [
        SITA,
        "Sita.G+Bank@Example.COM",
        "  sita.g+bank@example.com\n",
        "\u202asita.g+bank@example.com\u202c",
        "\ufeffsita.g+bank@example.com",
        "\u00a0sita.g+bank@example.com",
        "ｓｉｔａ．ｇ＋ｂａｎｋ＠ｅｘａｍｐｌｅ．ｃｏｍ",
        "sita.g+bank@example。com",
        "\u017fita.g+ban\u212a@example.com",
    ],
)
def test_every_spelling_of_an_address_is_one_address(written: str) -> None:
    assert parse_email_address(written) == SITA


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("sita१२३@example.com", "sita123@example.com"),
        ("ｓｉｔａ１２３@example.com", "sita123@example.com"),
        ("a@Exämple.com", "a@xn--exmple-cua.com"),
        ("a@नेपाल.भारत", "a@xn--l2bey1c2b.xn--h2brj9c"),
        ("a@xn--l2bey1c2b.xn--h2brj9c", "a@xn--l2bey1c2b.xn--h2brj9c"),
        ("o'neill!#$%&*/=?^_`{|}~-@example.co", "o'neill!#$%&*/=?^_`{|}~-@example.co"),
        (f"{'a' * 64}@example.com", f"{'a' * 64}@example.com"),
        (f"a@{'b' * 63}.com", f"a@{'b' * 63}.com"),
    ],
)
def test_an_address_is_stored_as_lower_case_ascii(written: str, stored: str) -> None:
    assert parse_email_address(written) == stored


@pytest.mark.parametrize(
    "written",
    [
        "",
        "@",
        "sita",
        "sita@",
        "@example.com",
        "sita@example",
        "sita@example..com",
        "sita@.example.com",
        "sita@example.com.",
        "si..ta@example.com",
        ".sita@example.com",
        "sita.@example.com",
        "si ta@example.com",
        "sita@exa mple.com",
        "sita@@example.com",
        "sita@example.com@example.com",
        "sita@a.com,gita@b.com",
        "sita@a.com;gita@b.com",
        '"si ta"@example.com',
        "<sita@example.com>",
        "Sita <sita@example.com>",
        "mailto:sita@example.com",
        "sita@127.0.0.1",
        "sita@[127.0.0.1]",
        "sita@[IPv6:::1]",
        "sita@-example.com",
        "sita@example-.com",
        "sita@exa_mple.com",
        "sita@example.c",
        "sita@example.1a",
        "सीता@example.com",
        "sita@straße.example",
        "sita@exa\u200bmple.com",
        "si\u200bta@example.com",
        "sita@example.com\r\nBcc: gita@example.com",
        "sita\x00@example.com",
        f"{'a' * 65}@example.com",
        f"a@{'b' * 64}.com",
        f"a@{'b.' * 130}com",
        "a" * 300,
    ],
)
def test_text_that_is_no_address_gives_none(written: str) -> None:
    assert parse_email_address(written) is None


def test_no_address_is_longer_than_a_mailbox_may_be() -> None:
    longest = f"{'a' * 64}@{'b' * 63}.{'c' * 63}.{'d' * 57}.np"
    assert len(longest) == 254 - 1
    assert parse_email_address(longest) == longest
    assert parse_email_address(longest.replace(".np", ".npl")) == longest.replace(".np", ".npl")
    assert parse_email_address(longest.replace(".np", ".nepa")) is None


@given(st.text(max_size=80) | st.emails())
def test_any_text_is_either_one_plain_address_or_nothing(written: str) -> None:
    normal_form = parse_email_address(written)
    assert normal_form is None or re.fullmatch(r"[!-?A-~]{1,64}@[a-z0-9.-]{4,}", normal_form)
    assert normal_form is None or (
        normal_form.isascii() and normal_form == normal_form.lower() and normal_form.count("@") == 1
    )
    assert normal_form is None or parse_email_address(normal_form) == normal_form


@given(st.from_regex(r"[a-z][a-z0-9]{0,10}(\.[a-z0-9]{1,5})?", fullmatch=True).filter(str.isascii))
def test_case_and_width_never_change_the_address(name: str) -> None:
    wide = "".join(chr(ord(character) + 0xFEE0) for character in name)
    assert (
        parse_email_address(f"{name.upper()}@Example.Com")
        == parse_email_address(f"{wide}＠example.com")
        == f"{name}@example.com"
    )


@pytest.mark.parametrize(
    ("written", "match"),
    [
        ("९८४१२३४५६७", Identifier(IdentifierKind.PHONE, "+9779841234567")),
        ("+977 984-1234567", Identifier(IdentifierKind.PHONE, "+9779841234567")),
        ("9841234567@ntc.example", Identifier(IdentifierKind.EMAIL, "9841234567@ntc.example")),
        ("Sita＠Example.com", Identifier(IdentifierKind.EMAIL, "sita@example.com")),
        ("9841234567@", None),
        ("sita", None),
    ],
)
def test_an_identifier_is_a_number_or_an_address(written: str, match: Identifier | None) -> None:
    assert identifier.parse_identifier(written) == match


def test_a_number_uses_sms_and_an_address_uses_mail() -> None:
    assert Identifier(IdentifierKind.PHONE, "+9779841234567").channel is Channel.SMS
    assert Identifier(IdentifierKind.EMAIL, "a@example.com").channel is Channel.MAIL
