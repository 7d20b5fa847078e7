"""Errors of a control request become statuses by their class. An error of the sandbox itself passes as it is."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, request
from flask.testing import FlaskClient

from infra.local.control.request_shapes import TEXT, RequestShape, shaped
from infra.local.control.requests import BadRequest, carry_out, read_fields, refuse_unknown_parameters
from infra.local.control.snapshots import STATUSES, carry_out_snapshot
from infra.local.snapshots.activity_gate import StillRunning
from infra.local.snapshots.files import Full, SnapshotError, UnknownSnapshot, WrongName


def failing(error: Exception) -> Callable[[], Any]:
    def fail() -> None:
        raise error

    return fail


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (UnknownSnapshot("unknown: snapshot morning"), 404),
        (WrongName("a name has no capitals"), 422),
        (Full("20 snapshots are kept"), 409),
        (SnapshotError("it is damaged"), 409),
        (StillRunning("still running: consumer push"), 409),
        (OSError("the disk is full"), 503),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_each_refusal_of_a_snapshot_has_its_status(error: Exception, status: int) -> None:
    with pytest.raises(BadRequest, match=str(error)) as refused:
        carry_out_snapshot(failing(error))
    assert refused.value.status == status
    assert refused.value.headers == ({"Retry-After": "5"} if isinstance(error, StillRunning) else {})


def test_a_key_error_inside_a_restore_is_no_unknown_snapshot() -> None:
    with pytest.raises(KeyError):
        carry_out(failing(KeyError("slots")), STATUSES)


def test_other_requests_answer_404_for_something_unknown_and_409_for_something_impossible() -> None:
    with pytest.raises(BadRequest, match="unknown: cabinet 1") as refused:
        carry_out(failing(LookupError("cabinet 1")))
    assert refused.value.status == 404
    with pytest.raises(BadRequest, match="it is offline") as refused:
        carry_out(failing(ValueError("it is offline")))
    assert refused.value.status == 409


@pytest.mark.parametrize(
    "body", [b"{bad", b"[1]", b"null", b"\xff\xfe", b"[" * 100_000], ids=lambda body: repr(body[:6])
)
def test_a_body_that_is_no_json_object_is_refused(body: bytes) -> None:
    with (
        Flask("control").test_request_context(method="POST", data=body, content_type="application/json"),
        pytest.raises(BadRequest, match="JSON object") as refused,
    ):
        read_fields("seconds")
    assert refused.value.status == 400


def test_a_json_object_of_another_content_type_reads_which_one_to_send() -> None:
    with (
        Flask("control").test_request_context(method="POST", data=b'{"seconds": 1}'),
        pytest.raises(BadRequest, match="Content-Type: application/json") as refused,
    ):
        read_fields("seconds")
    assert refused.value.status == 400


def control_of(shape: RequestShape) -> FlaskClient:
    """A control API with one route, which takes this."""
    app = Flask("control")

    @app.get("/listing")
    @shaped(shape)
    def listing() -> str:
        return request.args.get("to", "everything")

    listing.__module__ = "infra.local.control.listing"
    app.before_request(refuse_unknown_parameters)
    app.register_error_handler(BadRequest, lambda error: ({"error": error.why}, error.status))
    return app.test_client()


def test_an_unknown_query_parameter_is_refused_with_the_known_ones() -> None:
    client = control_of(RequestShape({"to": TEXT, "after": TEXT}))
    assert client.get("/listing?to=1").text == "1"
    answer = client.get("/listing?to=1&phone=1&from=2&phone=3")
    assert (answer.status_code, answer.json) == (422, {"error": "unknown: from, phone; there is to, after"})
    answer = control_of(RequestShape()).get("/listing?to=1")
    assert (answer.status_code, answer.json) == (422, {"error": "unknown: to; there is none"})


def test_a_refusal_repeats_only_the_beginning_of_a_long_text() -> None:
    reason = BadRequest(404, f"there is no gateway {'x' * 9000}; there is khalti").why
    assert reason.startswith("there is no gateway xxx")
    assert reason.endswith("x...; there is khalti")
    assert len(reason) < 300
    assert len(BadRequest(404, "x " * 9000).why) < 2_100
