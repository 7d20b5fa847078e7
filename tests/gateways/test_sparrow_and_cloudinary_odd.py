"""Undocumented responses of Sparrow and Cloudinary: no SMS is sent twice, and no image is lost."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.domain.users.upload import StoredFile
from chalicelib.gateways.cloudinary import CloudinaryMedia
from chalicelib.gateways.sparrow import Sparrow
from chalicelib.world import OutcomeUnknown, Rejected, Unavailable
from infra.local.seeds.images import citizenship_front
from tests.gateways.odd_server import ODD, OddServer

PHONE = "+9779841000001"
SHORT_TIMEOUTS = (1.0, 0.05)
NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


def sparrow(url: str) -> Sparrow:
    return Sparrow(url, "token", "Bijuli")


@pytest.mark.parametrize("code", [1000, 1007, 1010, 1011, "1007"])
def test_a_permanent_sparrow_error_raises_rejected(code: object, odd_server: OddServer) -> None:
    odd_server.answers_with(json.dumps({"response_code": code, "response": "no"}), 403)
    with pytest.raises(Rejected, match=str(code)):
        sparrow(odd_server.url).send(PHONE, "hello")


@pytest.mark.parametrize("code", [1001, 1002, 1003, 1004, 1005, 1006, 1008, 1012, 1013, 1009, [1007], {}])
def test_a_repairable_sparrow_error_raises_unavailable(code: object, odd_server: OddServer) -> None:
    odd_server.answers_with(json.dumps({"response_code": code, "response": "no"}), 403)
    with pytest.raises(Unavailable):
        sparrow(odd_server.url).send(PHONE, "hello")


@pytest.mark.parametrize("code", [200, "200"])
def test_an_accepted_sms_is_not_sent_again(code: object, odd_server: OddServer) -> None:
    odd_server.answers_with(json.dumps({"count": 1, "response_code": code}))
    sparrow(odd_server.url).send(PHONE, "hello")
    assert odd_server.requests_received == [("POST", "sms/")]


@pytest.mark.parametrize("code", ["200.0", "true", '["200"]', '{"code": 200}', '"ok"', "null", "-200"])
def test_an_sms_response_with_an_odd_code_raises_outcome_unknown(code: str, odd_server: OddServer) -> None:
    odd_server.answers_with(f'{{"count": 1, "response_code": {code}}}')
    with pytest.raises(OutcomeUnknown):
        sparrow(odd_server.url).send(PHONE, "hello")


@pytest.mark.parametrize("status", [400, 500, 502])
def test_an_accepting_code_in_an_error_raises_outcome_unknown(status: int, odd_server: OddServer) -> None:
    odd_server.answers_with(json.dumps({"count": 1, "response_code": 200}), status)
    with pytest.raises(OutcomeUnknown):
        sparrow(odd_server.url).send(PHONE, "hello")


@pytest.mark.parametrize("body", [ODD["html"], ODD["nothing"], ODD["a list"]])
def test_an_sms_response_without_a_code_raises_outcome_unknown(body: str, odd_server: OddServer) -> None:
    odd_server.answers_with(body)
    with pytest.raises(OutcomeUnknown):
        sparrow(odd_server.url).send(PHONE, "hello")


def cloudinary(url: str, timeout_seconds: tuple[float, float] = (2.0, 6.0)) -> CloudinaryMedia:
    return CloudinaryMedia(
        url.rstrip("/"),
        "https://res.example.com/cloud",
        cloud="cloud",
        api_key="key",
        api_secret="secret",
        now=lambda: NOW,
        timeout_seconds=timeout_seconds,
    )


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_kyc_image_follows_no_redirect(status: int, odd_server: OddServer) -> None:
    odd_server.redirects(status)
    with pytest.raises(Unavailable):
        cloudinary(odd_server.url).store(citizenship_front(), public_id="kyc/x", kind="image", private=True)
    assert odd_server.requests_received == [("POST", "v1_1/cloud/image/upload")]


@pytest.mark.parametrize("body", [ODD["html"], ODD["a list"], ODD["no status"], ODD["deep"]])
def test_an_upload_response_without_a_signature_is_rejected(body: str, odd_server: OddServer) -> None:
    odd_server.answers_with(body)
    with pytest.raises(Unavailable):
        cloudinary(odd_server.url).store(citizenship_front(), public_id="kyc/x", kind="image", private=True)


SIGNATURE = "6c3da099c491d3a637b12088de0086b1065476e3"
"""SHA-1 of `public_id=kyc/x&version=7secret`, by sha1sum."""
STORED_FILE = {"public_id": "kyc/x", "version": 7, "signature": SIGNATURE, "format": "jpg", "bytes": 9}


def test_an_upload_response_with_a_signature_is_accepted(odd_server: OddServer) -> None:
    odd_server.answers_with(json.dumps(STORED_FILE))
    assert cloudinary(odd_server.url).store(
        citizenship_front(), public_id="kyc/x", kind="image", private=True
    ) == StoredFile("kyc/x", "jpg", 9)


@pytest.mark.parametrize(
    "changed",
    [
        {"signature": "0" * 40},
        {"signature": "\ud800"},
        {"version": 8},
        {"bytes": "9"},
        {"bytes": True},
        {"bytes": -1},
        {"format": None},
    ],
)
def test_an_upload_response_with_wrong_fields_is_rejected(changed: dict[str, object], odd_server: OddServer) -> None:
    odd_server.answers_with(json.dumps(STORED_FILE | changed))
    with pytest.raises(Unavailable):
        cloudinary(odd_server.url).store(citizenship_front(), public_id="kyc/x", kind="image", private=True)


def test_a_timeout_of_an_upload_raises_unavailable_after_one_attempt(odd_server: OddServer) -> None:
    odd_server.never_answers()
    with pytest.raises(Unavailable):
        cloudinary(odd_server.url, SHORT_TIMEOUTS).store(
            citizenship_front(), public_id="kyc/x", kind="image", private=True
        )
    assert len(odd_server.requests_received) == 1


ODD_RESULTS = ('{"result": "pending"}', '{"result": ["ok"]}', '{"result": {"ok": true}}', '{"result": true}')


@pytest.mark.parametrize("body", [ODD["html"], ODD["a list"], ODD["no status"], *ODD_RESULTS])
def test_only_a_clear_response_counts_as_a_deletion(body: str, odd_server: OddServer) -> None:
    odd_server.answers_with(body)
    with pytest.raises(Unavailable):
        cloudinary(odd_server.url).delete("kyc/x", kind="image", private=True)
    assert odd_server.requests_received == [("POST", "v1_1/cloud/image/destroy")]


SEEN = {"public_id": "uploads/u/1", "format": "jpg", "bytes": 9}
WHERE: dict[str, Any] = {"kind": "image", "private": False}


def test_a_described_file_is_found(odd_server: OddServer) -> None:
    odd_server.answers_with(json.dumps(SEEN))
    assert cloudinary(odd_server.url).fetch_file("uploads/u/1", **WHERE) == StoredFile("uploads/u/1", "jpg", 9)
    assert odd_server.requests_received == [("GET", "v1_1/cloud/resources/image/upload/uploads/u/1")]


def test_only_the_stores_own_404_means_that_a_file_is_missing(odd_server: OddServer) -> None:
    odd_server.answers_with(json.dumps({"error": {"message": "Resource not found - uploads/u/1"}}), 404)
    assert cloudinary(odd_server.url).fetch_file("uploads/u/1", **WHERE) is None
    odd_server.answers_with(ODD["html"], 404)
    with pytest.raises(Unavailable):
        cloudinary(odd_server.url).fetch_file("uploads/u/1", **WHERE)


@pytest.mark.parametrize("status", [302, 401, 420, 429, 500, 503])
def test_a_store_without_an_answer_raises_unavailable(status: int, odd_server: OddServer) -> None:
    odd_server.answers_with(json.dumps(SEEN), status)
    with pytest.raises(Unavailable):
        cloudinary(odd_server.url).fetch_file("uploads/u/1", **WHERE)


@pytest.mark.parametrize(
    "body",
    [
        *(ODD[kind] for kind in ("html", "a list", "no status", "deep")),
        json.dumps(SEEN | {"public_id": "uploads/another/1"}),
        json.dumps(SEEN | {"bytes": "9"}),
        json.dumps(SEEN | {"bytes": True}),
        json.dumps(SEEN | {"bytes": -1}),
        json.dumps(SEEN | {"format": None}),
    ],
)
def test_a_wrongly_described_file_raises_unavailable(body: str, odd_server: OddServer) -> None:
    odd_server.answers_with(body)
    with pytest.raises(Unavailable):
        cloudinary(odd_server.url).fetch_file("uploads/u/1", **WHERE)


def test_a_timeout_of_a_file_query_raises_unavailable_after_one_attempt(odd_server: OddServer) -> None:
    odd_server.never_answers()
    with pytest.raises(Unavailable):
        cloudinary(odd_server.url, SHORT_TIMEOUTS).fetch_file("uploads/u/1", **WHERE)
    assert len(odd_server.requests_received) == 1
