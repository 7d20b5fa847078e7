"""KYC submissions by customers: an invalid one is refused and changes nothing."""

import pytest

from app import app
from chalicelib.tables.kyc import KycSubmissionRow
from tests.functions.test_rights import multipart
from tests.world.http_client import request
from tests.world.network import Network
from tests.world.real_tables import all_rows
from tests.world.tokens import token_of


@pytest.mark.parametrize(
    "change",
    ["no picture", "html", "svg", "empty", "text for a file", "two fronts", "short number", "no district", "no day"],
)
def test_an_invalid_kyc_submission_is_refused(change: str, network: Network, tokens: dict[str, str]) -> None:
    raw, kind = multipart()
    start, end = raw.index(b"\xff\xd8\xff"), raw.index(b"\r\n--b--")
    picture = raw[start:end]
    part = raw[raw.index(b'--b\r\nContent-Disposition: form-data; name="document_front"') : end]
    changed = {
        "no picture": raw.replace(part, b""),
        "html": raw.replace(picture, b"<html><script>alert(1)</script></html>"),
        "svg": raw.replace(picture, b"<svg onload=alert(1)></svg>"),
        "empty": raw.replace(picture, b""),
        "text for a file": raw.replace(b'; filename="f.jpg"', b""),
        "two fronts": raw.replace(part, part + b"\r\n" + part),
        "short number": raw.replace(b"27-01-70-01234", b"12"),
        "no district": raw.replace(b"Lalitpur", b"Atlantis"),
        "no day": raw.replace(b"2074-05-12", b"2074-05-32"),
    }[change]
    before = all_rows()
    reply = request(
        app, "POST", "/api/auth/kyc", token=tokens["customer"], raw=changed, headers={"Content-Type": kind}
    )
    assert 400 <= reply.status < 500, reply.text
    assert all_rows() == before


@pytest.mark.parametrize(
    ("written", "district"),
    [
        ("District Administration Office, Nawalparasi (Bardaghat Susta West), Nepal", "Parasi"),
        ("जिल्ला प्रशासन कार्यालय, नवलपरासी (बर्दघाट सुस्ता पूर्व), नेपाल", "Nawalpur"),
    ],
)
def test_a_district_is_taken_as_an_office_writes_it(written: str, district: str, network: Network) -> None:
    raw, kind = multipart()
    raw = raw.replace(b"Lalitpur", written.encode())
    user = network.newcomer()
    reply = request(
        app, "POST", "/api/auth/kyc", token=token_of(network, user), raw=raw, headers={"Content-Type": kind}
    )
    assert (reply.status, KycSubmissionRow.get(user).issued_district) == (201, district)
