"""The sandbox names what is allowed when it refuses a web app's origin, or its address to come back to."""

import io
import json
from collections.abc import Mapping
from typing import Any

import pytest

from chalicelib import log
from infra.local.addresses import Addresses
from infra.local.aws.refused_addresses import HINT, RefusedAddresses
from infra.local.connections import App
from infra.local.control.own_pages import OwnPagesOnly

ADDRESSES = Addresses(8000, 8001, "192.168.1.20", ("https://app.example",), ("https://app.example/paid",))
REFUSED = b'{"error": {"code":"return_url_not_allowed"}}'


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """The log lines."""
    stream = io.StringIO()
    monkeypatch.setattr(log.Output, "stream", stream)
    return stream


def asked(app: App, method: str = "GET", path: str = "/clock", **headers: str) -> tuple[str, Mapping[str, str], str]:
    """The status, the headers and the body. `headers` have names of WSGI."""
    begun: list[Any] = []
    named = {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    body = app({"REQUEST_METHOD": method, "PATH_INFO": path, **named}, lambda *head: begun.append(head))
    return begun[0][0], dict(begun[0][1]), b"".join(body).decode()


def api(status: str = "204 No Content", body: bytes = b"") -> App:
    def answer(_: Any, start_response: Any) -> list[bytes]:
        start_response(status, [("Vary", "Origin")])
        return [body]

    return RefusedAddresses(answer, ADDRESSES.allowed_origins, ADDRESSES.allowed_return_urls)


def test_a_refused_origin_reads_what_is_allowed_and_so_does_the_log(lines: io.StringIO) -> None:
    status, headers, _ = asked(api(), "OPTIONS", origin="https://other.example")
    assert status == "204 No Content"
    for text in ("https://other.example", "https://app.example", "any port of http://localhost", "--app-origin"):
        assert text in headers[HINT]
    line = json.loads(lines.getvalue())
    assert (line["fact"], line["reason"]) == ("origin_refused", headers[HINT])


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "https://app.example"},
        {"origin": "http://localhost:5173"},
        {"origin": "http://192.168.1.20:8001", "host": "192.168.1.20:8001"},
    ],
)
def test_an_allowed_origin_reads_nothing_more(lines: io.StringIO, headers: dict[str, str]) -> None:
    assert asked(api(), **headers)[1] == {"Vary": "Origin"}
    assert lines.getvalue() == ""


def test_a_refused_return_url_reads_which_are_allowed(lines: io.StringIO) -> None:
    _, headers, _ = asked(api("422 Unprocessable Entity", REFUSED), "POST")
    for text in ("https://app.example/paid", "http://192.168.1.20:8001/paid", "--return-url"):
        assert text in headers[HINT]
    assert json.loads(lines.getvalue())["fact"] == "return_url_refused"


def control() -> App:
    def answer(_: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [])
        return [b"done"]

    return OwnPagesOnly(answer, ADDRESSES.host, ADDRESSES.allowed_origins, ["/khalti/"])


@pytest.mark.parametrize("host", ["stranger.example:8001", "localhost.stranger.example", "[::1", "127.0.0.1.example"])
def test_a_stranger_whose_name_leads_to_this_machine_reads_nothing(lines: io.StringIO, host: str) -> None:
    status, _, body = asked(control(), host=host)
    assert status == "403 Forbidden"
    assert host in body
    assert "--public-url" in body
    assert "control_request_refused" in lines.getvalue()


@pytest.mark.parametrize(
    "host", ["localhost:8001", "127.0.0.1:9", "192.168.1.20:8001", "10.0.2.2:8001", "[::1]:80", ""]
)
def test_the_control_api_answers_by_address_and_by_its_own_name(host: str) -> None:
    assert asked(control(), host=host)[0] == "200 OK"


@pytest.mark.parametrize("method", ["POST", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("origin", ["https://stranger.example", "null", "http://stranger.example:8001"])
def test_a_page_of_a_stranger_changes_nothing(lines: io.StringIO, method: str, origin: str) -> None:
    status, _, body = asked(control(), method, "/reset", origin=origin, host="127.0.0.1:8001")
    assert status == "403 Forbidden"
    assert origin in body
    assert "--app-origin" in body
    assert lines.getvalue()


@pytest.mark.parametrize("origin", ["http://127.0.0.1:8001", "https://app.example", "http://localhost:5173", ""])
def test_the_own_page_and_apps_use_the_control_api(origin: str) -> None:
    assert asked(control(), "POST", "/reset", origin=origin, host="127.0.0.1:8001")[0] == "200 OK"


def test_pay_pages_take_forms_from_everywhere() -> None:
    answered = asked(control(), "POST", "/khalti/pay", origin="https://shop.example", host="pay.example")
    assert answered[0] == "200 OK"
