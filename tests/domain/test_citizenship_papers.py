"""What customers type from a citizenship certificate: its number, its district, its date of issue."""

from datetime import date

import pytest

from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.problems.validation_messages import InvalidField
from chalicelib.domain.users.citizenship_number import number_digits, parse_citizenship_number
from chalicelib.domain.users.districts import DISTRICT_TABLE, district_of, parse_district
from chalicelib.domain.users.issue_date import issue_date

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    "text",
    [
        "27-01-70-01234",
        "27017001234",
        "2701 7001 234",
        "27\u200c01\u200d70\u200b01234",
        "27\u201301\u201370\u201301234",
        "27\u201101\u221270\u201401234",
        "27\u20440170/01234",
        "२७-०१-७०-०१२३४",
        "２７－０１－７０－０１２３４",
        "\u200e27.01.70.01234\u00a0",
        "27\u280001\u3000700\u00ad1234",
        "(27) 01-70-01234",
        "［२७］०१/७०／٠١٢٣٤",
        "27\u093c01\ufe0f70\u20e301234",
        "27·01•70।01234-",
    ],
)
def test_a_number_is_the_same_however_it_is_grouped(text: str) -> None:
    assert number_digits(parse_citizenship_number(text)) == "27017001234"


@pytest.mark.parametrize(
    "text", ["", "12", "1-2-3", "A27-01-70", "27-01-70-0123X", "-27017001234", "9" * 25, "1e345"]
)
def test_a_text_that_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(Problem):
        parse_citizenship_number(text)


def test_all_77_districts_have_a_name_in_both_languages() -> None:
    entries = [entry.split() for entry in DISTRICT_TABLE.split("|")]
    assert len({entry[0] for entry in entries}) == len(entries) == 77
    for entry in entries:
        for spelling in entry:
            assert district_of(spelling) == entry[0].replace("-", " "), spelling
        assert any("\u0900" <= entry[1][0] <= "\u097f" for _ in entry)


@pytest.mark.parametrize(
    ("text", "district"),
    [
        ("KATHMANDU", "Kathmandu"),
        ("Kathmandu District", "Kathmandu"),
        ("काठमाडौं", "Kathmandu"),
        ("काठमाडौँ जिल्ला", "Kathmandu"),
        ("काठमाण्डौं", "Kathmandu"),
        ("जिल्ला प्रशासन कार्यालय, काठमाडौं", "Kathmandu"),
        ("District Administration Office, Kaski", "Kaski"),
        ("ＬＡＬＩＴＰＵＲ", "Lalitpur"),
        ("Lalit\u200bpur", "Lalitpur"),
        ("lalit pur.", "Lalitpur"),
        ("Kavre", "Kavrepalanchok"),
        ("Kapilbastu", "Kapilvastu"),
        ("Nawalparasi (East)", "Nawalpur"),
        ("पूर्वी रुकुम", "Rukum East"),
        ("Rukum", "Rukum West"),
        ("पश्चिम रुकुम", "Rukum West"),
        ("रुकुम (पूर्वी भाग)", "Rukum East"),
        ("Rukum Poorba", "Rukum East"),
        ("Eastern Nawalparasi", "Nawalpur"),
        ("Nawalparasi (Bardghat Susta Poorva)", "Nawalpur"),
        ("Nawalparasi (Bardaghat Susta Pashchim)", "Parasi"),
        ("नवलपरासी (बर्दघाट सुस्ता पश्चिम)", "Parasi"),
        ("ताप्लेजुङ्ग", "Taplejung"),
        ("मोरङ्ग", "Morang"),
        ("दाङ्ग जिल्ला", "Dang"),
        ("बाग्लुंग", "Baglung"),
        ("Kāṭhmāṇḍau", "Kathmandu"),
        ("Tanahū", "Tanahun"),
        ("D.A.O. Kathmandu", "Kathmandu"),
        ("DAO Lalitpur", "Lalitpur"),
        ("जि.प्र.का., ललितपुर", "Lalitpur"),
        ("काठमाडौं।", "Kathmandu"),
        ("Kathmandu;", "Kathmandu"),
        ("KTM", "Kathmandu"),
    ],
)
def test_a_district_has_one_spelling(text: str, district: str) -> None:
    assert parse_district(text) == district


@pytest.mark.parametrize(
    "text", ["Atlantis", "District", "जिल्ला", "Delhi", "12", "East", "पूर्व", "Kaski East", "Bardaghat Susta"]
)
def test_what_is_no_district_is_refused(text: str) -> None:
    with pytest.raises(InvalidField) as refusal:
        parse_district(text)
    assert refusal.value.message.code == "district_unknown"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2074-05-11", "2074-05-11"),
        ("२०७४-०५-११", "2074-05-11"),
        ("2074/5/1", "2074-05-01"),
        ("2074.05.11", "2074-05-11"),
        ("2074\u201105\u201311", "2074-05-11"),
        (" 2074-05-\u200b11 ", "2074-05-11"),
        ("2074\u20445\u221511", "2074-05-11"),
        ("٢٠٧٤-٠٥-١١", "2074-05-11"),
        ("2075/3/32", "2075-03-32"),
        ("2017-08-27", "2017-08-27"),
        ("2026-11-23", "2026-11-23"),
        ("2083-08-07", "2083-08-07"),
    ],
)
def test_a_real_day_of_either_calendar_is_a_date_of_issue(text: str, day: str) -> None:
    assert issue_date(text, TODAY) == day


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2074-13-01", "date_impossible"),
        ("2074-05-33", "date_impossible"),
        ("2074/5/32", "date_impossible"),
        ("2074-00-10", "date_impossible"),
        ("2090-01-01", "date_impossible"),
        ("2017-02-30", "date_impossible"),
        ("1899-12-31", "date_impossible"),
        ("2026-11-24", "issue_date_in_future"),
        ("2083-08-08", "issue_date_in_future"),
        ("2074-05", "issue_date_format"),
        ("74-05-11", "issue_date_format"),
        ("2074-05/11", "issue_date_format"),
        ("11-05-2074", "issue_date_format"),
        ("last year", "issue_date_format"),
        ("", "issue_date_format"),
        (20740511, "issue_date_format"),
        (None, "issue_date_format"),
    ],
)
def test_what_is_no_past_day_is_no_date_of_issue(text: object, code: str) -> None:
    with pytest.raises(InvalidField) as refusal:
        issue_date(text, TODAY)
    assert refusal.value.message.code == code


@pytest.mark.parametrize(
    ("text", "code"), [("2084-12-30", None), ("2085-01-01", None), ("2084-01-33", "date_impossible")]
)
def test_a_day_of_a_year_whose_calendar_is_not_published_yet_is_a_date_of_issue(text: str, code: str | None) -> None:
    """The service goes on after the last year that was published when it was written."""
    years_later = date(2029, 1, 1)
    if code is None:
        assert issue_date(text, years_later) == text
        return
    with pytest.raises(InvalidField) as refusal:
        issue_date(text, years_later)
    assert refusal.value.message.code == code
