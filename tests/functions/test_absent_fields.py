"""Forms and queries have no null: an optional field that is sent empty is absent, and a required one is missing."""

import pytest

from app import app
from chalicelib.domain.problems.problems import Problem
from chalicelib.edge.body_decoding import parse_body
from chalicelib.edge.models import PageQuery, RequestModel
from chalicelib.edge.multipart_form import UploadedFile
from chalicelib.services.stations import listing_refresh
from infra.local.seeds.images import citizenship_front
from infra.openapi.document import routes_of
from tests.functions.request_samples import ROUTES_WITH_BODY, VALID_BODIES, route_of, send, token_for_route
from tests.functions.sample_bodies import KYC_BODY
from tests.world.forms import FORM, form, kyc_form
from tests.world.http_client import request
from tests.world.network import Network
from tests.world.real_tables import all_rows
from tests.world.tokens import token_of

JSON, MULTIPART = "application/json", "multipart/form-data; boundary=b"
QUERIES = [route.name for route in routes_of(app) if route.query is not None]
UNKNOWN_CABINET = "864601069999999"
SAMPLES = {
    "lat": "27.7",
    "lng": "85.3",
    "platform": "android",
    "uuid": UNKNOWN_CABINET,
    "rentboxSN": UNKNOWN_CABINET,
    "singleSN": "40818052",
    "hole": "3",
    "code": "ABCD2345",
}
"""Values for the required parameters of queries."""


def file_part(name: str, content: bytes, file_name: str) -> bytes:
    head = f'--b\r\nContent-Disposition: form-data; name="{name}"; filename="{file_name}"\r\n'
    return f"{head}Content-Type: application/octet-stream\r\n\r\n".encode() + content + b"\r\n"


def text_part(name: str, text: str) -> bytes:
    return f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'.encode()


def names_of(model: type[RequestModel], *, required: bool) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items() if field.is_required() is required]


@pytest.mark.parametrize("route", QUERIES)
@pytest.mark.parametrize("empty", ["", "%20"])
def test_an_empty_optional_query_parameter_is_absent(
    route: str, empty: str, network: Network, tokens: dict[str, str]
) -> None:
    network.customer()
    method, path = route.replace("{day}", "2026-11-22").split(" ")
    model = route_of(route).query
    needed = "".join(f"&{name}={SAMPLES[name]}" for name in names_of(model, required=True))
    empties = "".join(f"&{name}={empty}" for name in names_of(model, required=False))
    answers = [
        request(app, method, f"{path}?{query}", token=token_for_route(route, tokens))
        for query in (needed[1:], (needed + empties)[1:])
    ]
    refusals = ("not_found", "malformed_body") if route_of(route).raw_content else ("not_found",)
    assert answers[0].status < 400 or answers[0].code in refusals, answers[0].text
    assert answers[1].status == answers[0].status, answers[1].text
    assert answers[1].headers.get("ETag") == answers[0].headers.get("ETag")


@pytest.mark.parametrize("route", QUERIES)
def test_an_empty_required_query_parameter_is_named(route: str, network: Network, tokens: dict[str, str]) -> None:
    method, path = route.replace("{day}", "2026-11-22").split(" ")
    required = names_of(route_of(route).query, required=True)
    for name in required:
        query = "&".join(f"{other}={'' if other == name else SAMPLES[other]}" for other in required)
        reply = request(app, method, f"{path}?{query}", token=token_for_route(route, tokens))
        assert (reply.status, list(reply.body["errors"])) == (422, [name])


def test_an_empty_parameter_beside_a_value_leaves_the_value(network: Network) -> None:
    listing_refresh.refresh(network.world)
    page = request(app, "GET", "/api/app/stations?limit=&limit=1&search=&")
    assert (page.status, len(page.data["results"])) == (200, 1)
    assert request(app, "GET", "/api/app/stations?limit=1&limit=2").code == "invalid_input"


def test_an_unknown_empty_parameter_is_refused(network: Network) -> None:
    assert list(request(app, "GET", "/api/app/stations?nonsense=").body["errors"]) == ["nonsense"]


@pytest.mark.parametrize("route", ROUTES_WITH_BODY)
@pytest.mark.parametrize("kind", [FORM, MULTIPART])
def test_an_empty_required_field_of_a_form_is_named(
    route: str, kind: str, network: Network, tokens: dict[str, str]
) -> None:
    body = {name: str(value) for name, value in VALID_BODIES[route].items() if value is not None}
    before = all_rows()
    for name in names_of(route_of(route).body, required=True):
        fields = {**body, name: ""}
        if kind == FORM:
            raw = "&".join(f"{key}={value.replace('+', '%2B')}" for key, value in fields.items()).encode()
        else:
            raw = b"".join(text_part(key, value) for key, value in fields.items()) + b"--b--\r\n"
        reply = send(route, tokens, raw=raw, headers={"Content-Type": kind})
        assert (reply.status, name in reply.body.get("errors", {})) == (422, True), (name, reply.text)
    assert all_rows() == before


@pytest.mark.parametrize("empty", ["", "%20%09"])
def test_an_empty_optional_field_of_a_form_changes_nothing(
    empty: str, network: Network, tokens: dict[str, str]
) -> None:
    route = "PATCH /api/user/profile"
    names = ("address", "date_of_birth", "avatar_url", "language", "email", "phone_number", "verification_token")
    raw = f"full_name=Sita&{'&'.join(f'{name}={empty}' for name in names)}".encode()
    assert send(route, tokens, {"address": "Patan"}).status == 200
    reply = send(route, tokens, raw=raw, headers={"Content-Type": FORM})
    assert (reply.status, reply.data["full_name"], reply.data["address"]) == (200, "Sita", "Patan")
    assert reply.data["phone_number"]


def test_an_empty_text_in_json_is_not_absent(network: Network, tokens: dict[str, str]) -> None:
    reply = send("PATCH /api/user/profile", tokens, {"address": ""})
    assert (reply.status, list(reply.body["errors"])) == (422, ["address"])
    assert send("PATCH /api/user/profile", tokens, {"address": None}).status == 200


@pytest.mark.parametrize("back", [file_part("document_back", b"", ""), text_part("document_back", "")])
def test_an_empty_optional_file_is_absent(back: bytes, network: Network, tokens: dict[str, str]) -> None:
    raw, kind = kyc_form()
    tokens["customer"] = token_of(network, network.newcomer())
    reply = send("POST /api/auth/kyc", tokens, raw=back + raw, headers={"Content-Type": kind})
    assert (reply.status, reply.data["status"]) == (201, "pending")


@pytest.mark.parametrize("file_name", ["", "front.jpg"])
def test_an_empty_required_file_is_named(file_name: str, network: Network, tokens: dict[str, str]) -> None:
    fields = {name: value for name, value in KYC_BODY.items() if value and name != "document_front"}
    raw = b"".join(text_part(name, value) for name, value in fields.items())
    raw += file_part("document_front", b"", file_name) + b"--b--\r\n"
    reply = send("POST /api/auth/kyc", tokens, raw=raw, headers={"Content-Type": MULTIPART})
    assert (reply.status, list(reply.body["errors"])) == (422, ["document_front"])


def test_an_upload_with_empty_announced_fields_is_a_file(network: Network, tokens: dict[str, str]) -> None:
    raw, kind = form({"file_name": "", "content_type": "", "size": "", "purpose": ""}, "file", citizenship_front())
    assert send("POST /api/app/upload", tokens, raw=raw, headers={"Content-Type": kind}).status == 201
    announced = {"file_name": "a.mp4", "content_type": "video/mp4", "size": "10"}
    raw, kind = form(announced, "file", b"")
    reply = send("POST /api/app/upload", tokens, raw=raw, headers={"Content-Type": kind})
    assert (reply.status, reply.data["upload"] is None) == (201, False)


def test_a_file_without_a_name_keeps_its_content() -> None:
    raw = file_part("file", b"\xff\xd8", "") + b"--b--\r\n"
    fields = parse_body(raw, MULTIPART, known={"file"})
    assert fields == {"file": UploadedFile("", "application/octet-stream", b"\xff\xd8")}


def test_an_unknown_empty_field_of_a_form_is_refused(network: Network, tokens: dict[str, str]) -> None:
    for raw, kind in ((b"full_name=Sita&is_admin=", FORM), (text_part("is_admin", "") + b"--b--\r\n", MULTIPART)):
        reply = send("PATCH /api/user/profile", tokens, raw=raw, headers={"Content-Type": kind})
        assert (reply.status, list(reply.body["errors"])) == (422, ["is_admin"])


@pytest.mark.parametrize("raw", [b"a=b&", b"&a=b", b"a=b&&", b"&&a=b&&&", b"\xef\xbb\xbfa=b"])
def test_empty_segments_of_a_form_are_no_fields(raw: bytes) -> None:
    assert parse_body(raw, FORM) == {"a": "b"}


@pytest.mark.parametrize(("raw", "kind"), [(b"&", FORM), (b"\xef\xbb\xbf", FORM), (b"\xef\xbb\xbf \r\n", JSON)])
def test_a_body_of_separators_has_no_fields(raw: bytes, kind: str) -> None:
    assert parse_body(raw, kind) == {}


@pytest.mark.parametrize("raw", [b'\xef\xbb\xbf{"a": "b"}', b'\xef\xbb\xbf\r\n {"a": "b"}'])
def test_a_byte_order_mark_before_json_is_ignored(raw: bytes) -> None:
    assert parse_body(raw, JSON) == {"a": "b"}


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", '"utf-8"', "utf8", "us-ascii", ""])
@pytest.mark.parametrize(("raw", "kind"), [(b'{"a": "b"}', JSON), (b"a=b", FORM)])
def test_utf_8_and_ascii_are_read(raw: bytes, kind: str, charset: str) -> None:
    assert parse_body(raw, f"{kind}; charset={charset}") == {"a": "b"}


@pytest.mark.parametrize(
    "charset", ["iso-8859-1", "utf-16", "Windows-1252", '"latin1"', "utf-7", "shift_jis", "utf-32"]
)
@pytest.mark.parametrize("kind", [JSON, FORM, "multipart/form-data; boundary=b", "application/json; profile=x"])
def test_another_charset_is_refused(kind: str, charset: str) -> None:
    raw = b'{"a": "b"}' if "json" in kind else b"a=b"
    with pytest.raises(Problem) as refused:
        parse_body(raw, f"{kind}; Charset={charset}")
    assert refused.value.code == "unsupported_media_type"


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        ('{"full_name": "Ren\ufffd"}'.encode(), JSON),
        (b'{"full_name": "Ren\\ufffd"}', JSON),
        (b"full_name=Ren%EF%BF%BD", FORM),
        ("full_name=Ren\ufffd".encode(), FORM),
        (text_part("full_name", "Ren\ufffd") + b"--b--\r\n", MULTIPART),
    ],
)
def test_damaged_text_is_not_stored(raw: bytes, kind: str, network: Network, tokens: dict[str, str]) -> None:
    """API Gateway writes U+FFFD in place of bytes that are not UTF-8."""
    before = all_rows()
    reply = send("PATCH /api/user/profile", tokens, raw=raw, headers={"Content-Type": kind})
    assert (reply.status, list(reply.body["errors"])) == (422, ["full_name"])
    assert all_rows() == before


def test_pages_have_no_required_parameter() -> None:
    assert names_of(PageQuery, required=True) == []
