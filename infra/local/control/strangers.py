"""Strangers on demand: they guess codes and passwords at the API from loopback addresses of their own."""

import http.client
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, jsonify

from infra.local.control.request_shapes import TEXT, RequestShape, number, shaped
from infra.local.control.requests import BadRequest, Fields, read_fields, read_number

ADDRESS = "127.0.0.66"
TIMES = number(1_000)
WRONG_CODE = "000000"
WRONG_PASSWORD = "a stranger's guess"
TIMEOUT_SECONDS = 30
CODES_FIELDS = {"identifier": TEXT, "times": TIMES, "address": TEXT}
PASSWORDS_FIELDS = {"email": TEXT, "times": TIMES, "address": TEXT}
BEHAVIOURS = {
    "stranger:codes": (
        "POST /strangers/codes {identifier, times, address}",
        "A stranger guesses codes of the identifier, without the challenge's id. `address` is in 127.0.0.0/8.",
    ),
    "stranger:passwords": (
        "POST /strangers/passwords {email, times, address}",
        "A stranger guesses passwords of the e-mail address. `address` is in 127.0.0.0/8.",
    ),
}


def listing() -> list[dict[str, Any]]:
    """What strangers do on demand, in the form of a cabinet's behaviours."""
    return [
        {"name": name, "values": values, "default": None, "meaning": meaning}
        for name, (values, meaning) in BEHAVIOURS.items()
    ]


def strangers_blueprint(api_url: str, internal_headers: Mapping[str, str]) -> Blueprint:
    """The routes under /strangers. Each answers the statuses that the API gave the stranger.

    `internal_headers` marks a request as a part of the running one.
    """
    blueprint = Blueprint("strangers", __name__, url_prefix="/strangers")
    host = urlsplit(api_url).netloc

    @blueprint.post("/codes")
    @shaped(RequestShape(body=CODES_FIELDS))
    def codes() -> Response:
        """A stranger guesses codes: {identifier, times, address}. Answers the statuses."""
        fields = read_fields(*CODES_FIELDS)
        body = {"identifier": str(fields.get("identifier", "")), "otp": WRONG_CODE}
        return jsonify({"statuses": _repeat(host, "/api/auth/verify-otp", body, fields, internal_headers)})

    @blueprint.post("/passwords")
    @shaped(RequestShape(body=PASSWORDS_FIELDS))
    def passwords() -> Response:
        """A stranger guesses an operator's password: {email, times, address}. Answers the statuses."""
        fields = read_fields(*PASSWORDS_FIELDS)
        body = {"email": str(fields.get("email", "")), "password": WRONG_PASSWORD}
        return jsonify({"statuses": _repeat(host, "/api/admin/login", body, fields, internal_headers)})

    return blueprint


def _repeat(
    host: str, path: str, body: dict[str, str], fields: Fields, internal_headers: Mapping[str, str]
) -> list[int]:
    """Send the body `times` times. Returns the statuses. Raises BadRequest for an address of another machine."""
    address, times = fields.get("address", ADDRESS), int(read_number(fields, "times", TIMES, default=5))
    if not isinstance(address, str) or not address.startswith("127."):
        raise BadRequest(422, "address is in 127.0.0.0/8")
    return [_status(host, path, body, address, internal_headers) for _ in range(times)]


def _status(host: str, path: str, body: dict[str, str], address: str, internal_headers: Mapping[str, str]) -> int:
    connection = http.client.HTTPConnection(host, timeout=TIMEOUT_SECONDS, source_address=(address, 0))
    try:
        connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json", **internal_headers})
        return connection.getresponse().status
    except OSError as error:
        raise BadRequest(422, f"no connection from {address}: {type(error).__name__}") from error
    finally:
        connection.close()
