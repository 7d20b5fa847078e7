"""A simulated Alibaba IoT: the two RPC calls that we make, with checked signatures."""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote_plus

from flask import Flask, Response, request

from infra.local.simulation import Simulation

SKEW = timedelta(minutes=15)
KEY_ID = "sandbox-iot-key"
KEY_SECRET = "sandbox-iot-secret"
REGION = "ap-southeast-1"

OnPub = Callable[[str, dict[str, Any]], None]
"""Called with each accepted command: the device's name and the JSON for it."""
Online = Callable[[str], bool | None]
"""Whether a device is online. None for an unknown device."""


class IotError(Exception):
    """A request that the platform rejects: HTTP status (200 for its own `iot.` codes), code and message."""

    def __init__(self, status: int, code: str, text: str) -> None:
        self.status, self.code, self.text = status, code, text
        super().__init__(code)


def iot_app(
    simulation: Simulation,
    on_pub: OnPub,
    online: Online,
    *,
    product_key: str,
    instance_id: str = "",
    key_id: str = KEY_ID,
    key_secret: str = KEY_SECRET,
) -> Flask:
    """The API at the root of its own port."""
    app = Flask("alibaba_iot")
    nonces: set[str] = set()

    def act(content: dict[str, str]) -> Response:
        _must_be_signed(simulation, content, key_id, key_secret, nonces)
        if content.get("ProductKey") != product_key:
            raise IotError(200, "iot.prod.NotExistedProduct", "The product does not exist.")
        if content.get("IotInstanceId", "") != instance_id:
            raise IotError(403, "Forbidden.Instance", "The instance is not yours, or not named.")
        match content.get("Action"):
            case "Pub":
                return _publish(content, product_key, on_pub, online)
            case "BatchGetDeviceState":
                return _states(content, online)
            case _:
                raise IotError(404, "InvalidAction.NotFound", "Specified api is not found.")

    @app.post("/")
    @simulation.calling("alibaba_iot")
    def rpc() -> Response:
        try:
            return act({**request.args.to_dict(), **request.form.to_dict()})
        except IotError as e:
            return _rejected(e)

    return app


def _must_be_signed(
    simulation: Simulation, params: dict[str, str], key_id: str, key_secret: str, nonces: set[str]
) -> None:
    """Raises IotError."""
    if params.get("AccessKeyId") != key_id:
        raise IotError(404, "InvalidAccessKeyId.NotFound", "Specified access key is not found.")
    covered = sorted((name, value) for name, value in params.items() if name != "Signature")
    text = "&".join(f"{_escaped(name)}={_escaped(value)}" for name, value in covered)
    digest = hmac.new(f"{key_secret}&".encode(), f"POST&%2F&{_escaped(text)}".encode(), hashlib.sha1)
    if not hmac.compare_digest(base64.b64encode(digest.digest()).decode(), params.get("Signature", "")):
        raise IotError(400, "SignatureDoesNotMatch", "Specified signature is not matched with our calculation.")
    try:
        sent_at = datetime.strptime(params.get("Timestamp", ""), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise IotError(400, "InvalidTimeStamp.Format", "Specified time stamp is not well formatted.") from None
    # clients may use the sandbox's moved clock or the real one
    if min(abs(sent_at - simulation.clock.now()), abs(sent_at - datetime.now(UTC))) > SKEW:
        raise IotError(400, "InvalidTimeStamp.Expired", "Specified time stamp is expired.")
    nonce = params.get("SignatureNonce", "")
    if not nonce or nonce in nonces:
        raise IotError(400, "SignatureNonceUsed", "Specified signature nonce was used already.")
    nonces.add(nonce)


def _escaped(text: str) -> str:
    return quote_plus(text).replace("+", "%20").replace("*", "%2A").replace("%7E", "~")


def _publish(params: dict[str, str], product_key: str, on_pub: OnPub, online: Online) -> Response:
    topic = params.get("TopicFullName", "").split("/")
    if len(topic) != 5 or topic[:2] != ["", product_key] or topic[3:] != ["user", "get"]:
        raise IotError(200, "iot.messagebroker.InvalidTopicFullName", "The topic is not valid.")
    if params.get("Qos") not in ("0", "1"):
        raise IotError(200, "iot.messagebroker.InvalidFormattedParameter", "Qos is 0 or 1.")
    imei = topic[2]
    if online(imei) is None:
        raise IotError(200, "iot.device.NotExistedDevice", "The device does not exist.")
    try:
        command = json.loads(base64.b64decode(params.get("MessageContent", ""), validate=True))
    except ValueError:
        raise IotError(200, "iot.messagebroker.InvalidFormattedParameter", "MessageContent is wrong.") from None
    on_pub(imei, command)
    return _good(MessageId=str(secrets.randbits(62)))


def _states(params: dict[str, str], online: Online) -> Response:
    device_names = [value for name, value in params.items() if name.startswith("DeviceName.")]
    if not 0 < len(device_names) <= 50:
        raise IotError(200, "iot.device.TooManyDevices", "Ask for 1 to 50 devices.")
    states = [
        {"DeviceName": imei, "DeviceId": imei, "Status": "ONLINE" if there else "OFFLINE"}
        for imei in device_names
        if (there := online(imei)) is not None
    ]
    return _good(DeviceStatusList={"DeviceStatus": states})


def _good(**fields: Any) -> Response:
    return _json(200, {"RequestId": secrets.token_hex(16).upper(), "Success": True, "Code": "", **fields})


def _rejected(error: IotError) -> Response:
    request_id = secrets.token_hex(16).upper()
    if error.status == 200:
        content = {"Success": False, "Code": error.code, "ErrorMessage": error.text}
        return _json(200, {"RequestId": request_id, **content})
    return _json(
        error.status,
        {"Code": error.code, "Message": error.text, "RequestId": request_id, "HostId": "iot.local"},
    )


def _json(status: int, content: dict[str, Any]) -> Response:
    return Response(json.dumps(content), status=status, content_type="application/json;charset=utf-8")
