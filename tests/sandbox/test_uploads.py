"""Uploads over HTTP, from a phone to the simulated media store and back."""

import random
from io import BytesIO
from typing import Any

import requests
from PIL import Image

from infra.local.client import ApiResponse
from infra.local.customer import Customer
from tests.sandbox.conftest import RunningSandbox
from tests.world.pictures import GPS_IFD, HTML, PLACE, bomb_png, film, phone_photo, saved, scenery, with_page

MEGABYTE = 1024 * 1024
PATH = "/api/app/upload"


def send(customer: Customer, content: bytes, name: str = "photo.jpg", **fields: str) -> ApiResponse:
    return customer.api.call("POST", PATH, files={"file": (name, content, "image/jpeg")}, fields=fields)


def announce(customer: Customer, content: bytes, content_type: str, **more: Any) -> Any:
    order = {"file_name": "file", "content_type": content_type, "size": len(content), **more}
    return customer.api.post(PATH, order, want=201)


def straight(answer: Any, content: bytes, **changed: str) -> requests.Response:
    """Upload to the media store, as the app does."""
    fields = {**answer["upload"]["fields"], **changed}
    return requests.post(answer["upload"]["url"], data=fields, files={"file": ("file", content)}, timeout=60)


def lying(running_sandbox: RunningSandbox, answer: Any) -> list[dict[str, Any]]:
    running_sandbox.sandbox.drain()
    return [item for item in running_sandbox.sandbox.get("/media") if item["public_id"].endswith(f"/{answer['id']}")]


def test_an_uploaded_photo_is_upright_and_has_no_location(running_sandbox: RunningSandbox) -> None:
    photo = phone_photo(1200, 900)
    answer = send(running_sandbox.customer(None), photo)
    assert answer.status == 201, answer.body
    got = requests.get(answer.data["file_url"], timeout=60)
    assert got.headers["Content-Type"].startswith("image/")
    assert len(got.content) == answer.data["size"]
    image = Image.open(BytesIO(got.content))
    assert image.size == (900, 1200)
    assert dict(image.getexif()) == {}
    assert dict(image.getexif().get_ifd(GPS_IFD)) == {}
    assert PLACE.encode() in photo
    assert PLACE.encode() not in got.content


def test_a_film_of_twenty_megabytes_is_uploaded_directly(running_sandbox: RunningSandbox) -> None:
    content = film(20 * MEGABYTE)
    value = announce(running_sandbox.customer(None), content, "video/mp4")
    answer = straight(value, content)
    assert (answer.status_code, answer.json()["bytes"]) == (200, 20 * MEGABYTE)
    assert [(item["resource_type"], item["type"], item["bytes"]) for item in lying(running_sandbox, value)] == [
        ("video", "upload", 20 * MEGABYTE)
    ]


def test_a_file_that_is_no_image_is_rejected(running_sandbox: RunningSandbox) -> None:
    customer = running_sandbox.customer(None)
    before = running_sandbox.sandbox.get("/media")
    for content, status, code in (
        (HTML, 415, "unsupported_media_type"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", 415, "unsupported_media_type"),
        (phone_photo()[:600], 422, "image_invalid"),
        (bomb_png(), 422, "image_invalid"),
        (saved(scenery()) + bytes(4 * MEGABYTE + 1), 413, "too_large"),
        (film(4 * MEGABYTE + 1), 413, "too_large"),
        (film(6 * MEGABYTE), 413, "too_large"),
    ):
        answer = send(customer, content)
        assert (answer.status, answer.code) == (status, code)
    assert running_sandbox.sandbox.get("/media") == before


def test_a_web_page_inside_an_image_is_removed(running_sandbox: RunningSandbox) -> None:
    answer = send(running_sandbox.customer(None), with_page(saved(scenery())))
    assert HTML not in requests.get(answer.data["file_url"], timeout=60).content


def test_a_changed_signed_field_stores_nothing(running_sandbox: RunningSandbox) -> None:
    photo = phone_photo()
    answer = announce(running_sandbox.customer(None), photo, "image/jpeg")
    for change in ({"public_id": "uploads/another/1"}, {"type": "authenticated"}, {"overwrite": "true"}):
        assert straight(answer, photo, **change).status_code == 401
    assert straight(answer, HTML).status_code == 400
    assert lying(running_sandbox, answer) == []


def test_only_ones_own_direct_upload_becomes_the_avatar(
    running_sandbox: RunningSandbox,
) -> None:
    photo, customer, other = phone_photo(), running_sandbox.customer(None), running_sandbox.customer(None)
    answer = announce(customer, photo, "image/jpeg")
    missing = customer.api.call("PATCH", "/api/user/profile", {"avatar_url": "https://example.com/a.jpg"})
    assert missing.status == 422
    address = straight(answer, photo).json()["secure_url"]
    assert other.api.call("PATCH", "/api/user/profile", {"avatar_url": address}).status == 422
    avatar = customer.api.call_expecting("PATCH", "/api/user/profile", {"avatar_url": address}).data["avatar_url"]
    assert PLACE.encode() not in requests.get(avatar, timeout=60).content


def test_a_direct_upload_above_the_limit_is_deleted_at_its_use(running_sandbox: RunningSandbox) -> None:
    customer = running_sandbox.customer(None)
    answer = announce(customer, b"x", "image/jpeg")
    large = saved(Image.frombytes("L", (3400, 3400), random.Random(1).randbytes(3400 * 3400)), "PNG")
    assert len(large) > 10 * MEGABYTE
    address = straight(answer, large).json()["secure_url"]
    assert len(lying(running_sandbox, answer)) == 1
    assert customer.api.call("PATCH", "/api/user/profile", {"avatar_url": address}).status == 422
    assert lying(running_sandbox, answer) == []
    assert requests.get(address, timeout=60).status_code == 404


def test_kyc_images_are_private_and_replaced_ones_are_deleted(
    running_sandbox: RunningSandbox,
) -> None:
    customer = running_sandbox.newcomer()
    photo = phone_photo()
    front = send(customer, photo, purpose="kyc").data
    back = announce(customer, photo, "image/jpeg", purpose="kyc")
    assert (front["file_url"], back["file_url"]) == (None, None)
    stored = straight(back, photo).json()
    assert stored["type"] == "authenticated"
    assert requests.get(stored["secure_url"], timeout=60).status_code == 401
    kyc_fields = {
        "document_type": "citizenship",
        "document_number": f"27-01-71-{customer.identifier[-5:]}",
        "issued_district": "Lalitpur",
        "issued_date": "2074-05-12",
    }
    theirs = send(running_sandbox.newcomer(), photo, purpose="kyc").data
    answer = customer.api.call("POST", "/api/auth/kyc", {**kyc_fields, "document_front": theirs["id"]})
    assert (answer.status, answer.code) == (422, "upload_unusable")
    order = {**kyc_fields, "document_front": front["id"], "document_back": back["id"]}
    customer.api.post("/api/auth/kyc", order, want=201)
    files = {"document_front": ("front.jpg", photo, "image/jpeg")}
    customer.api.call_expecting("PATCH", "/api/auth/kyc", files=files, fields=kyc_fields)
    assert lying(running_sandbox, front) == lying(running_sandbox, back) == []
    assert len(lying(running_sandbox, theirs)) == 1


def test_unused_uploads_are_deleted_within_a_day(running_sandbox: RunningSandbox) -> None:
    customer = running_sandbox.customer(None)
    photo = phone_photo()
    answer = announce(customer, photo, "image/jpeg")
    straight(answer, photo)
    running_sandbox.sandbox.advance(hours=2)
    assert len(lying(running_sandbox, answer)) == 1
    late = announce_again(customer, photo)
    running_sandbox.sandbox.advance(hours=24)
    assert lying(running_sandbox, answer) == []
    assert straight(late, photo).status_code == 400
    assert running_sandbox.books_balance()


def announce_again(customer: Customer, photo: bytes) -> Any:
    """Sign in again, because the access token has expired."""
    customer.refresh()
    return announce(customer, photo, "image/jpeg")
