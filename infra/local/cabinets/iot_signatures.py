"""How the simulated Alibaba IoT checks who calls, by signatures of version 3 (headers) and 2 (query)."""

import base64
import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import quote_plus

from flask import request

from infra.local.cabinets.iot_errors import IotError
from infra.local.simulation import Simulation

LIFE = timedelta(minutes=31)
"""How old or new the time of a request may be."""
V3 = "ACS3-HMAC-SHA256"
V3_AUTHORIZATION = re.compile(rf"{V3} Credential=([^,]+),SignedHeaders=([^,]+),Signature=([0-9a-f]{{64}})")


def signed_parameters(simulation: Simulation, key_id: str, key_secret: str, nonces: set[str]) -> dict[str, str]:
    """The parameters of this request, its action included. Raises IotError unless its signature is right and new."""
    body = request.get_data(cache=True)  # before the form is parsed: that empties the stream
    parameters = {**request.args.to_dict(), **request.form.to_dict()}
    if request.headers.get("Authorization", "").startswith(V3):
        _must_be_v3(body, key_id, key_secret)
        parameters["Action"] = request.headers["x-acs-action"]
        at, nonce = request.headers["x-acs-date"], request.headers["x-acs-signature-nonce"]
    else:
        _must_be_v2(parameters, key_id, key_secret)
        at, nonce = parameters.get("Timestamp", ""), parameters.get("SignatureNonce", "")
    _must_be_now(simulation, at)
    if not nonce or nonce in nonces:
        raise IotError(400, "SignatureNonceUsed", "Specified signature nonce was used already.")
    nonces.add(nonce)
    return parameters


def _must_be_v3(body: bytes, key_id: str, key_secret: str) -> None:
    match = V3_AUTHORIZATION.fullmatch(request.headers["Authorization"])
    if match is None:
        raise IotError(400, "IncompleteSignature", "The request signature does not conform to Aliyun standards.")
    credential, names, signature = match.groups()
    if credential != key_id:
        raise IotError(404, "InvalidAccessKeyId.NotFound", "Specified access key is not found.")
    present = {name.lower() for name in request.headers.keys()}  # noqa: SIM118 - headers iterate as pairs
    needed = {"host", *(name for name in present if name.startswith("x-acs-")), *({"content-type"} & present)}
    if not needed <= set(names.split(";")) or (
        request.headers.get("x-acs-content-sha256") != hashlib.sha256(body).hexdigest()
    ):
        raise IotError(400, "SignatureDoesNotMatch", "Specified signature is not matched with our calculation.")
    lines = "".join(f"{name}:{request.headers.get(name, '').strip()}\n" for name in names.split(";"))
    pairs = sorted(request.args.items())
    query = "&".join(f"{_escaped(name)}={_escaped(value)}" for name, value in pairs)
    canonical = f"POST\n/\n{query}\n{lines}\n{names}\n{hashlib.sha256(body).hexdigest()}"
    text = f"{V3}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    right = hmac.new(key_secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(right, signature):
        raise IotError(400, "SignatureDoesNotMatch", "Specified signature is not matched with our calculation.")


def _must_be_v2(parameters: dict[str, str], key_id: str, key_secret: str) -> None:
    if parameters.get("AccessKeyId") != key_id:
        raise IotError(404, "InvalidAccessKeyId.NotFound", "Specified access key is not found.")
    covered = sorted((name, value) for name, value in parameters.items() if name != "Signature")
    text = "&".join(f"{_escaped(name)}={_escaped(value)}" for name, value in covered)
    digest = hmac.new(f"{key_secret}&".encode(), f"POST&%2F&{_escaped(text)}".encode(), hashlib.sha1)
    if not hmac.compare_digest(base64.b64encode(digest.digest()).decode(), parameters.get("Signature", "")):
        raise IotError(400, "SignatureDoesNotMatch", "Specified signature is not matched with our calculation.")


def _must_be_now(simulation: Simulation, at: str) -> None:
    try:
        sent_at = datetime.strptime(at, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise IotError(400, "InvalidTimeStamp.Format", "Specified time stamp is not well formatted.") from None
    # clients may use the sandbox's moved clock or the real one
    if min(abs(sent_at - simulation.clock.now()), abs(sent_at - datetime.now(UTC))) > LIFE:
        raise IotError(400, "InvalidTimeStamp.Expired", "Specified time stamp is expired.")


def _escaped(text: str) -> str:
    return quote_plus(text).replace("+", "%20").replace("*", "%2A").replace("%7E", "~")
