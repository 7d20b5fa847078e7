"""The countries are those of ISO 3166-1 and of libphonenumber, apart from the differences listed here."""

from typing import Any

import phonenumbers
import pycountry

from chalicelib.domain.auth.countries import countries

WITHOUT_TELEPHONES = {"AQ", "BV", "GS", "HM", "TF", "UM"}
"""Antarctica and islands without inhabitants: nobody has a phone number there."""
NAMED_OTHERWISE = {
    "BN": "Brunei",
    "CD": "Congo (Democratic Republic)",
    "FK": "Falkland Islands",
    "FM": "Micronesia",
    "PS": "Palestine",
    "RU": "Russia",
    "ST": "São Tomé and Príncipe",
    "VA": "Vatican City",
    "VG": "Virgin Islands (British)",
    "VI": "Virgin Islands (U.S.)",
}
"""Names that people look for in a list, where ISO's is a formal one."""
UNKNOWN_TO_LIBPHONENUMBER = {"PN": "+64"}
"""Pitcairn has New Zealand's code by the ITU's list. libphonenumber has no entry for it."""


def iso() -> dict[str, Any]:
    return {country.alpha_2: country for country in pycountry.countries}


def test_every_iso_country_with_telephones_is_listed() -> None:
    assert {country.code for country in countries()} == iso().keys() - WITHOUT_TELEPHONES


def test_every_name_is_an_iso_name_or_a_listed_exception() -> None:
    names = {
        code: {getattr(country, field, None) for field in ("name", "common_name", "official_name")}
        for code, country in iso().items()
    }
    otherwise = {country.code: country.name for country in countries() if country.name not in names[country.code]}
    assert otherwise == NAMED_OTHERWISE


def test_every_flag_is_the_one_of_its_code() -> None:
    assert {country.code: country.flag for country in countries()} == {
        code: country.flag for code, country in iso().items() if code not in WITHOUT_TELEPHONES
    }


def test_every_dial_code_is_the_one_libphonenumber_has() -> None:
    theirs = {country.code: phonenumbers.country_code_for_region(country.code) for country in countries()}
    differences = {
        country.code: country.dial_code for country in countries() if country.dial_code != f"+{theirs[country.code]}"
    }
    assert differences == UNKNOWN_TO_LIBPHONENUMBER
