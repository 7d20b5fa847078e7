"""Uploads: both forms, their problem codes, and which uploads KYC and avatars accept."""

from typing import Any
from urllib.parse import urlencode

import pytest

from app import app
from chalicelib.edge.multipart_form import MAX_FORM_BYTES
from chalicelib.services import outbox
from chalicelib.world import Unavailable
from infra.openapi import document
from tests.engines.counting import counted
from tests.functions.test_consumers import feed
from tests.world.forms import form
from tests.world.http_client import Reply, request
from tests.world.network import Network
from tests.world.pictures import HTML, PLACE, bomb_png, film, phone_photo, saved, scenery, with_page
from tests.world.real_tables import all_rows

MEGABYTE = 1024 * 1024


DIRECT_UPLOAD = {"file_name": "tour.mp4", "content_type": "video/mp4", "size": 20 * MEGABYTE}


KYC_BODY = {
    "document_type": "citizenship",
    "document_number": "27-01-70-01234",
    "issued_district": "Lalitpur",
    "issued_date": "2074-05-12",
}


SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"


def send(token: str, content: bytes, **fields: str) -> Reply:
    raw, kind = form(fields, "file", content)
    return request(app, "POST", "/api/app/upload", token=token, raw=raw, headers={"Content-Type": kind})


def request_direct_upload(token: str, **changes: Any) -> Reply:
    return request(app, "POST", "/api/app/upload", {**DIRECT_UPLOAD, **changes}, token=token)


def test_an_uploaded_photo_is_returned_with_its_address(network: Network, token: str) -> None:
    reply = send(token, phone_photo())
    assert reply.status == 201
    (stored_image,) = network.fake_world.media.stored.values()
    assert reply.data["file_url"].endswith(f"{reply.data['id']}.jpg")
    assert (reply.data["file_type"], reply.data["size"]) == ("image", len(stored_image))
    assert reply.data["upload"] is None
    assert PLACE.encode() not in stored_image


def test_a_large_video_gets_a_direct_upload(network: Network, token: str) -> None:
    reply = request_direct_upload(token)
    assert reply.status == 201
    assert reply.data["upload"]["url"].endswith("/video/upload")
    assert reply.data["upload"]["fields"]["public_id"].endswith(f"/{reply.data['id']}")
    assert (reply.data["file_url"], reply.data["size"]) == (None, 20 * MEGABYTE)


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_a_direct_upload_may_be_requested_in_any_content_type(kind: str, network: Network, token: str) -> None:
    fields = {name: str(value) for name, value in DIRECT_UPLOAD.items()}
    parts = "".join(
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{item}\r\n' for name, item in fields.items()
    )
    raw = f"{parts}--b--\r\n" if kind.startswith("multipart") else urlencode(fields)
    headers = {"Content-Type": f"{kind}; boundary=b"}
    reply = request(app, "POST", "/api/app/upload", token=token, raw=raw.encode(), headers=headers)
    assert (reply.status, reply.data["size"]) == (201, 20 * MEGABYTE)


def test_kyc_uploads_have_no_public_address(network: Network, token: str) -> None:
    assert send(token, phone_photo(), purpose="kyc").data["file_url"] is None
    upload_response = request_direct_upload(token, content_type="image/png", size=10, purpose="kyc").data
    assert upload_response["file_url"] is None
    assert upload_response["upload"]["fields"]["type"] == "authenticated"


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (HTML, 415, "unsupported_media_type"),
        (SVG, 415, "unsupported_media_type"),
        (b" ", 415, "unsupported_media_type"),
        (b"", 422, "invalid_input"),
        (saved(scenery(), "GIF"), 415, "unsupported_media_type"),
        (b"\xff\xd8\xff\xe0" + HTML, 422, "image_invalid"),
        (phone_photo()[:400], 422, "image_invalid"),
        (bomb_png(), 422, "image_invalid"),
        (film(4 * MEGABYTE + 1), 413, "too_large"),
        (film(MAX_FORM_BYTES), 413, "too_large"),
    ],
)
def test_an_invalid_file_is_refused_with_its_code(
    content: bytes, status: int, code: str, network: Network, token: str
) -> None:
    before = all_rows()
    reply = send(token, content)
    assert (reply.status, reply.code) == (status, code)
    assert all_rows() == before
    assert network.fake_world.media.stored == {}


def test_html_inside_an_image_is_removed(network: Network, token: str) -> None:
    assert send(token, with_page(saved(scenery()))).status == 201
    (stored_image,) = network.fake_world.media.stored.values()
    assert HTML not in stored_image


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"content_type": "image/svg+xml"}, 415, "unsupported_media_type"),
        ({"content_type": "image/jpeg", "size": 10 * MEGABYTE + 1}, 413, "too_large"),
        ({"size": 100 * MEGABYTE + 1}, 413, "too_large"),
        ({"purpose": "kyc"}, 415, "unsupported_media_type"),
        ({"purpose": "other"}, 422, "invalid_input"),
        ({"size": 0}, 422, "invalid_input"),
        ({"size": None}, 422, "invalid_input"),
        ({"size": True}, 422, "invalid_input"),
        ({"size": 10.5}, 422, "invalid_input"),
        ({"size": "1_0"}, 422, "invalid_input"),
        ({"size": "०"}, 422, "invalid_input"),
        ({"file": "text"}, 422, "invalid_input"),
        ({"public_id": "uploads/another/1"}, 422, "invalid_input"),
    ],
)
def test_an_invalid_direct_upload_is_refused_with_its_code(
    changes: dict[str, Any], status: int, code: str, network: Network, token: str
) -> None:
    before = all_rows()
    reply = request_direct_upload(token, **changes)
    assert (reply.status, reply.code) == (status, code)
    assert all_rows() == before


def test_a_file_and_a_direct_upload_in_one_request_are_refused(network: Network, token: str) -> None:
    assert send(token, phone_photo(), file_name="a.jpg").code == "invalid_input"
    assert request(app, "POST", "/api/app/upload", {}, token=token).code == "invalid_input"
    raw, kind = form({}, "file", phone_photo())
    repeated_form = raw.replace(b"--b--", b"") + raw
    reply = request(app, "POST", "/api/app/upload", token=token, raw=repeated_form, headers={"Content-Type": kind})
    assert reply.status == 422


def test_an_unavailable_media_store_is_a_503_with_retry_after(network: Network, token: str) -> None:
    network.fake_world.media.fails = Unavailable("cloudinary", 30)
    reply = send(token, phone_photo())
    assert (reply.status, reply.code, reply.headers["Retry-After"]) == (503, "media_unavailable", "30")


def test_an_upload_takes_three_calls_and_a_direct_upload_two(network: Network, token: str) -> None:
    with counted() as counts:
        send(token, phone_photo())
    assert counts.round_trips == 3
    with counted() as counts:
        request_direct_upload(token)
    assert counts.round_trips == 2
    assert "Scan" not in counts.calls


@pytest.mark.parametrize(
    "body",
    [
        {"message_id": "m", "public_id": "", "kind": "image", "private": True},
        {"message_id": "m", "public_id": "p", "kind": "raw", "private": True},
        {"message_id": "m", "public_id": "p", "kind": "image", "private": "yes"},
        {"message_id": "m", "public_id": ["p"], "kind": "image", "private": True},
        {"public_id": "p", "kind": "image", "private": True},
    ],
)
def test_an_erasure_message_without_a_file_is_poison(body: dict[str, Any], network: Network) -> None:
    assert feed(outbox.ERASURE, body) == [0]
    assert network.fake_world.media.deleted == []


def test_the_api_document_shows_both_forms_of_an_upload_and_of_kyc() -> None:
    schemas = document(app)["components"]["schemas"]
    assert schemas["UploadFile"]["oneOf"] == [
        {"required": ["file"]},
        {"required": ["file_name", "content_type", "size"]},
    ]
    properties = schemas["SubmitKyc"]["properties"]
    for schemas_of_file in (properties["document_front"]["anyOf"], properties["document_back"]["anyOf"][0]["anyOf"]):
        assert schemas_of_file[0] == {"type": "string", "format": "binary"}
        assert "pattern" in schemas_of_file[1]
