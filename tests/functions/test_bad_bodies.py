"""Bodies that can't be parsed: each is a 4xx with its code, and changes nothing."""

import pytest

from tests.functions.request_samples import ROUTES_WITH_BODY, assert_no_row_changed, send
from tests.world.network import Network
from tests.world.real_tables import all_rows

BODIES: dict[str, tuple[bytes, str, int]] = {
    "broken JSON": (b'{"a": ', "application/json", 400),
    "NaN": (b'{"amount": NaN}', "application/json", 400),
    "Infinity": (b'{"amount": -Infinity}', "application/json", 400),
    "a list": (b"[1, 2]", "application/json", 400),
    "a number": (b"12", "application/json", 400),
    "a bomb": (b"[" * 100_000, "application/json", 400),
    "an object bomb": (b'{"a":' * 20_000 + b"1" + b"}" * 20_000, "application/json", 400),
    "a number too long for Python": (b'{"amount": ' + b"9" * 5000 + b"}", "application/json", 400),
    "not UTF-8": (b'{"a": "\xff\xfe"}', "application/json", 400),
    "a megabyte": (b'{"a": "' + b"x" * 1_000_000 + b'"}', "application/json", 413),
    "a megabyte of form": (b"a=" + b"x" * 1_000_000, "application/x-www-form-urlencoded", 413),
    "XML": (b"<a/>", "application/xml", 415),
    "plain text": (b"hello", "text/plain", 415),
    "no boundary": (b"--b\r\n", "multipart/form-data", 400),
    "half a multipart": (
        b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx',
        "multipart/form-data; boundary=b",
        0,
    ),
    "a form not UTF-8": (b"a=%ff%fe", "application/x-www-form-urlencoded", 400),
    "many fields": (b"&".join(b"f%d=1" % n for n in range(500)), "application/x-www-form-urlencoded", 400),
}


@pytest.mark.parametrize("route", [*ROUTES_WITH_BODY, "POST /api/auth/kyc", "PATCH /api/auth/kyc"])
def test_bodies_that_cannot_be_read_are_refused(route: str, network: Network, tokens: dict[str, str]) -> None:
    before = all_rows()
    for kind, (raw, content_type, status) in BODIES.items():
        reply = send(route, tokens, raw=raw, headers={"Content-Type": content_type})
        assert reply.status == status or (status == 0 and 400 <= reply.status < 500), (kind, reply.text)
        assert reply.code
    assert_no_row_changed(before, route)


@pytest.mark.parametrize(
    "content_type", ["application/json", "application/x-www-form-urlencoded", "multipart/form-data"]
)
def test_every_kind_of_body_is_read(content_type: str, network: Network, tokens: dict[str, str]) -> None:
    raw = {
        "application/json": b'{"full_name": "Sita", "address": "Patan"}',
        "application/x-www-form-urlencoded": b"full_name=Sita&address=Patan",
        "multipart/form-data": b'--b\r\nContent-Disposition: form-data; name="full_name"\r\n\r\nSita\r\n--b\r\n'
        b'Content-Disposition: form-data; name="address"\r\n\r\nPatan\r\n--b--\r\n',
    }[content_type]
    headers = {"Content-Type": content_type + ("; boundary=b" if content_type.startswith("multi") else "")}
    reply = send("PATCH /api/user/profile", tokens, raw=raw, headers=headers)
    assert (reply.status, reply.data["full_name"], reply.data["address"]) == (200, "Sita", "Patan")
