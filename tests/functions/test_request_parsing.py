"""Request bodies: amounts, forms, uploads, and what can't be parsed."""

from typing import Annotated, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import Field, ValidationError

from app import app
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.text.money import money_text
from chalicelib.edge.body_decoding import parse_body
from chalicelib.edge.models import Money, RequestModel
from chalicelib.edge.multipart_form import MAX_FIELDS, UploadedFile
from chalicelib.edge.text_conversion import AsInteger
from tests.world.http_client import request
from tests.world.network import Network
from tests.world.real_tables import all_rows
from tests.world.tokens import token_of

JSON, FORM, MULTIPART = "application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b"
READABLE = {"malformed_body", "too_large", "unsupported_media_type", "invalid_input"}


class Paying(RequestModel):
    amount: Money


class Counting(RequestModel):
    count: Annotated[int, Field(strict=True), AsInteger]


def paisa(amount: bytes) -> int | None:
    """The paisa of an amount in a JSON body; None when the amount is refused."""
    try:
        return Paying.model_validate(parse_body(b'{"amount": ' + amount + b"}", JSON)).amount
    except (ValidationError, Problem):
        return None


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (b'"120.00"', 12_000),
        (b'"120"', 12_000),
        (b"120", 12_000),
        (b"120.5", 12_050),
        (b"0.01", 1),
        (b'" 7.05 "', 705),
        (b"1.10", 110),
        (b"9007199254.99", 900_719_925_499),
        ('"१२०"'.encode(), 12_000),
        ('"１２०"'.encode(), 12_000),
        ('"१२०.०५"'.encode(), 12_005),
    ],
)
def test_an_amount_is_exact_in_paisa(payload: bytes, expected: int) -> None:
    assert paisa(payload) == expected


@pytest.mark.parametrize(
    "payload",
    [
        *(b"0", b"0.00", b"-5", b'"-5"', b'"+5"', b"1e3", b'"1e3"', b"1E+2", b"0.001", b"120.999", b'"1,000"'),
        *(b"true", b"false", b"null", b'""', b'" "', b"[]", b"{}", b'"NaN"', b'"inf"', b"NaN", b"-Infinity"),
        *(b"99999999999", b"1" + b"0" * 400, b"1" + b"0" * 5000, b"1e999999", b"1e-999999", b'"0x10"', b'"1_0"'),
        *('"१२०.९९९"'.encode(), '"１,０"'.encode(), '"०"'.encode(), b'"120."', b'".5"', b'"5\\n"x', b'"Rs 5"'),
    ],
)
def test_an_invalid_amount_is_refused(payload: bytes) -> None:
    assert paisa(payload) is None


@given(st.integers(min_value=1, max_value=10**12 - 1))
def test_money_text_is_parsed_back_to_the_same_paisa(amount: int) -> None:
    assert paisa(f'"{money_text(amount)}"'.encode()) == amount


@pytest.mark.parametrize(
    ("payload", "expected"), [(b"5", 5), (b"5.0", 5), (b"-5.0", -5), (b"5e1", 50), (b"0.0", 0), (b"-0.0", 0)]
)
def test_a_number_without_a_fraction_is_an_integer_however_json_spells_it(payload: bytes, expected: int) -> None:
    """Dart and Kotlin write a double of 5 as 5.0, and JSON Schema counts it as an integer."""
    assert Counting.model_validate(parse_body(b'{"count": ' + payload + b"}", JSON)).count == expected


@pytest.mark.parametrize("payload", [b"5.5", b"1e999999999", b"0e999999999", b"1e-999999999", b"true", b'"5.0"'])
def test_any_other_number_is_no_integer(payload: bytes) -> None:
    with pytest.raises(ValidationError):
        Counting.model_validate(parse_body(b'{"count": ' + payload + b"}", JSON))


def part(name: str, value: bytes, *, more: str = "", headers: str = "") -> bytes:
    return f'--b\r\nContent-Disposition: form-data; name="{name}"{more}\r\n{headers}\r\n'.encode() + value + b"\r\n"


END = b"--b--\r\n"


def test_a_form_holds_files_and_text() -> None:
    picture = bytes(range(256))
    raw = (
        part("note", "नमस्ते".encode())
        + part("front", picture, more='; filename="a b.jpg"', headers="Content-Type: image/jpeg\r\n")
        + END
    )
    fields = parse_body(raw, MULTIPART)
    assert fields == {"note": "नमस्ते", "front": UploadedFile("a b.jpg", "image/jpeg", picture)}


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (b"full_name=A&full_name=B", FORM),
        (part("full_name", b"A") + part("full_name", b"B") + END, MULTIPART),
        (b'{"full_name": "A", "full_name": "B"}', JSON),
    ],
)
def test_a_doubled_field_is_refused(raw: bytes, kind: str, network: Network) -> None:
    token = token_of(network, network.customer())
    before = all_rows()
    reply = request(app, "PATCH", "/api/user/profile", token=token, raw=raw, headers={"Content-Type": kind})
    assert (reply.status in (400, 422), all_rows() == before) == (True, True)


def test_a_form_cut_anywhere_is_refused() -> None:
    raw = part("full_name", b"Sita") + part("address", b"Patan") + END
    for length in range(len(raw) - len("--\r\n")):
        with pytest.raises(Problem) as refused:
            parse_body(raw[:length], MULTIPART)
        assert refused.value.code == "malformed_body", raw[:length]


@pytest.mark.parametrize(
    ("raw", "kind", "code"),
    [
        (b"\xef\xbb\xbf\xef\xbb\xbf{}", JSON, "malformed_body"),
        (b"{}\xef\xbb\xbf", JSON, "malformed_body"),
        (b'{"a": "\\ud800"}', JSON, "invalid_input"),
        (b'{"\\ud800": 1}', JSON, "invalid_input"),
        (b'{"a": "x\\u0000y"}', JSON, "invalid_input"),
        (b'{"a": ["\\u001b[31m"]}', JSON, "invalid_input"),
        (b'{"a": ' + b"[" * 50 + b"]" * 50 + b"}", JSON, "invalid_input"),
        (b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", JSON, "malformed_body"),
        ("{}".encode("utf-16"), JSON, "malformed_body"),
        (b"{} {}", JSON, "malformed_body"),
        (b"null", JSON, "malformed_body"),
        (b'"text"', JSON, "malformed_body"),
        (b"{'a': 1}", JSON, "malformed_body"),
        (b"a=%00", FORM, "invalid_input"),
        (b"a=%ed%a0%80", FORM, "malformed_body"),
        (b"a&b", FORM, "malformed_body"),
        (b"{}", "text/json", "unsupported_media_type"),
        (b"{}", "application/json; charset=utf-8; charset=utf-16", "unsupported_media_type"),
        (b"{}", "application/json5", "unsupported_media_type"),
        (END, "multipart/form-data", "malformed_body"),
        (END, "multipart/form-data; boundary=", "malformed_body"),
        (END, "multipart/form-data; boundary=" + "b" * 1000, "malformed_body"),
        (END, "multipart/form-data; boundary=नेपाल", "malformed_body"),
        (b"", MULTIPART, "malformed_body"),
        (part("", b"x", more="; x") + b"--b", MULTIPART, "malformed_body"),
        (b"--b\r\n\r\nno name\r\n" + END, MULTIPART, "malformed_body"),
        (part("a", b"\xff") + END, MULTIPART, "malformed_body"),
        (part("a", b"x\x00y") + END, MULTIPART, "invalid_input"),
        (part("a", b"!", headers="Content-Transfer-Encoding: base64\r\n") + END, MULTIPART, "malformed_body"),
        (part("a", b"!", headers="Content-Transfer-Encoding: rot13\r\n") + END, MULTIPART, "malformed_body"),
        (b"".join(part(f"f{n}", b"") for n in range(MAX_FIELDS + 1)) + END, MULTIPART, "malformed_body"),
        (b"&".join(b"f=%d" % n for n in range(MAX_FIELDS + 1)), FORM, "malformed_body"),
        (b" " * 300_000, JSON, "too_large"),
        (b"x" * 5_000_000, MULTIPART, "too_large"),
    ],
)
def test_an_unreadable_body_is_refused_with_its_code(raw: bytes, kind: str, code: str) -> None:
    with pytest.raises(Problem) as refused:
        parse_body(raw, kind)
    assert refused.value.code == code


@pytest.mark.parametrize("kind", ["", JSON, "Application/JSON; charset=UTF-8", FORM, "text/html"])
def test_an_empty_body_has_no_fields(kind: str) -> None:
    assert parse_body(b"", kind) == parse_body(b" \r\n", kind) == {}


@settings(max_examples=300)
@given(st.binary(max_size=200), st.sampled_from([JSON, FORM, MULTIPART, "multipart/form-data; boundary=--", ""]))
def test_any_bytes_are_parsed_or_refused(raw: bytes, kind: str) -> None:
    assert readable(raw, kind)


@settings(max_examples=300)
@given(st.data())
def test_a_form_with_changed_bytes_is_parsed_or_refused(data: Any) -> None:
    raw = bytearray(part("a", b"x") + part("f", b"\xff\xd8", more='; filename="f.jpg"') + END)
    for _ in range(data.draw(st.integers(min_value=1, max_value=4))):
        raw[data.draw(st.integers(min_value=0, max_value=len(raw) - 1))] = data.draw(st.integers(0, 255))
    assert readable(bytes(raw), MULTIPART)


def readable(raw: bytes, kind: str) -> bool:
    """True if the body is parsed, or refused with a documented code. Any other exception is raised."""
    try:
        fields = parse_body(raw, kind)
    except Problem as problem:
        return problem.code in READABLE
    return all(name.encode() is not None for name in fields)


def test_an_unencoded_body_is_parsed(network: Network) -> None:
    """API Gateway passes text as text, and only binary bodies as base64."""
    event = {
        "headers": {
            "content-type": "application/json",
            "authorization": f"Bearer {token_of(network, network.customer())}",
        },
        "pathParameters": None,
        "multiValueQueryStringParameters": None,
        "requestContext": {"httpMethod": "PATCH", "resourcePath": "/api/user/profile", "identity": {}},
        "stageVariables": None,
        "body": '{"full_name": "सीता"}',
        "isBase64Encoded": False,
    }
    assert app(event, None)["statusCode"] == 200
    assert app(event | {"body": '{"full_name": "\ud800"}'}, None)["statusCode"] == 400
