"""What uploads are used for: avatars and KYC."""

from typing import Any

import pytest

from app import app
from chalicelib.services import outbox
from tests.functions.customer.conftest import newcomer
from tests.functions.customer.test_uploads import KYC_BODY, MEGABYTE, send
from tests.functions.test_consumers import feed
from tests.world.forms import form
from tests.world.http_client import Reply, request
from tests.world.network import Network
from tests.world.pictures import phone_photo, saved, scenery
from tests.world.real_tables import all_rows
from tests.world.tokens import token_of


def change(token: str, method: str, **fields: Any) -> Reply:
    whole = {"full_name": "Sita", "date_of_birth": "1996-04-13", "address": "Patan"} if method == "PUT" else {}
    return request(app, method, "/api/user/profile", {**whole, **fields}, token=token)


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_an_own_upload_becomes_the_avatar_and_null_removes_it(method: str, network: Network, token: str) -> None:
    address = send(token, phone_photo()).data["file_url"]
    assert change(token, method, avatar_url=address.replace("/v1/", "/v1732/")).data["avatar_url"] == address
    assert request(app, "GET", "/api/auth/me", token=token).data["profile"]["avatar_url"] == address
    assert change(token, "PATCH", language="ne").data["avatar_url"] == address
    assert change(token, method, avatar_url=None).data["avatar_url"] is None


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_an_upload_of_another_user_is_refused_as_avatar(method: str, network: Network, token: str) -> None:
    theirs = send(token_of(network, newcomer(network)), phone_photo()).data["file_url"]
    send(token, phone_photo(), purpose="kyc")
    private = [place for place, (_, private) in network.fake_world.media.places.items() if private]
    kyc_url = network.world.media.link(private[0], "jpg", kind="image")
    before = all_rows()
    for address in (
        theirs,
        kyc_url,
        "https://evil.example.com/a.jpg",
        "javascript:alert(1)",
        "data:image/png,x",
        "",
    ):
        reply = change(token, method, avatar_url=address)
        assert (reply.status, list(reply.body["errors"])) == (422, ["avatar_url"])
    assert all_rows() == before


def test_kyc_is_submitted_by_upload_id_and_again_with_files(network: Network, token: str) -> None:
    front = send(token, phone_photo(), purpose="kyc").data["id"]
    back = send(token, saved(scenery(), "PNG"), purpose="kyc").data["id"]
    order = KYC_BODY | {"document_front": front, "document_back": back}
    assert request(app, "POST", "/api/auth/kyc", order, token=token).data["status"] == "pending"
    raw, kind = form({**KYC_BODY, "document_back": back}, "document_front", phone_photo())
    reply = request(app, "PATCH", "/api/auth/kyc", token=token, raw=raw, headers={"Content-Type": kind})
    assert reply.status == 200
    messages = network.fake_world.queues.take(outbox.ERASURE)
    assert feed(outbox.ERASURE, *messages, *messages, "poison") == [2]
    assert [place.rpartition("/")[2] for place, _, _ in network.fake_world.media.deleted] == [front, front]
    assert len(network.fake_world.media.stored) == 2


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_kyc_refuses_public_uploads_and_those_of_other_users(method: str, network: Network, token: str) -> None:
    theirs = send(token_of(network, newcomer(network)), phone_photo(), purpose="kyc").data["id"]
    public = send(token, phone_photo()).data["id"]
    mine = send(token, phone_photo(), purpose="kyc").data["id"]
    before, files = all_rows(), dict(network.fake_world.media.stored)
    for front, back in ((theirs, None), (public, None), (mine, theirs), ("nobodys", mine)):
        reply = request(
            app, method, "/api/auth/kyc", KYC_BODY | {"document_front": front, "document_back": back}, token=token
        )
        assert (reply.status, reply.code) == (422, "upload_unusable")
    assert all_rows() == before
    assert network.fake_world.media.stored == files


def test_a_kyc_image_over_four_megabytes_is_too_large(network: Network, token: str) -> None:
    raw, kind = form(KYC_BODY, "document_front", saved(scenery()) + bytes(4 * MEGABYTE))
    reply = request(app, "POST", "/api/auth/kyc", token=token, raw=raw, headers={"Content-Type": kind})
    assert (reply.status, reply.code) == (413, "too_large")
