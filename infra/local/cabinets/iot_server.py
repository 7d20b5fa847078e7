"""A simulated Alibaba IoT: the RPC calls that we make, with checked signatures."""

import base64
import json
import secrets
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from flask import Flask, Response

from infra.local.cabinets.iot_errors import IotError
from infra.local.cabinets.iot_signatures import signed_parameters
from infra.local.fault import Fault
from infra.local.simulation import Simulation

MAX_PUBS_PER_SECOND = 1_600
KEY_ID = "sandbox-iot-key"
KEY_SECRET = "sandbox-iot-secret"
REGION = "ap-southeast-1"

OnPub = Callable[[str, dict[str, Any]], None]
"""Called with each accepted command: the device's name and the JSON for it. An echo is `{"heart": hex}`."""
Online = Callable[[str], bool | None]
"""Whether a device is online. None for an unknown device."""


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

    pubs: deque[float] = deque(maxlen=MAX_PUBS_PER_SECOND)

    def act() -> Response:
        content = signed_parameters(simulation, key_id, key_secret, nonces)
        if content.get("IotInstanceId", "") != instance_id:
            raise IotError(200, "iot.Sre.IotInstanceNotFound", "The instance does not exist.")
        if content.get("ProductKey") != product_key:
            raise IotError(200, "iot.prod.NotExistedProduct", "The specified product does not exist.")
        if content.get("Action") == "Pub":
            _must_be_within_the_limit(pubs)
            return _publish(content, product_key, on_pub, online)
        return _about_devices(content, online)

    @app.post("/")
    @simulation.calling("alibaba_iot", in_company_words=_iot_error)
    def rpc() -> Response:
        try:
            return act()
        except IotError as e:
            return _rejected(e)

    return app


def _must_be_within_the_limit(pubs: deque[float]) -> None:
    """Raises IotError when a second of real time has MAX_PUBS_PER_SECOND commands already."""
    now = time.monotonic()
    if len(pubs) == MAX_PUBS_PER_SECOND and now - pubs[0] < 1:
        raise IotError(400, "Throttling.User", "Request was denied due to user flow control.")
    pubs.append(now)


def _publish(params: dict[str, str], product_key: str, on_pub: OnPub, online: Online) -> Response:
    topic = params.get("TopicFullName", "").split("/")
    if len(topic) != 5 or topic[:2] != ["", product_key] or topic[3:] not in (["user", "get"], ["user", "heart"]):
        raise IotError(200, "iot.messagebroker.InvalidFormattedTopicName", "The format of the topic is invalid.")
    if params.get("Qos") not in ("0", "1"):
        raise IotError(200, "iot.messagebroker.InvalidTopicQosParams", "Qos is 0 or 1.")
    imei = topic[2]
    if online(imei) is None:
        raise IotError(200, "iot.device.NotExistedDevice", "The device does not exist.")
    try:
        content = base64.b64decode(params.get("MessageContent", ""), validate=True)
        command = {"heart": content.hex()} if topic[4] == "heart" else json.loads(content)
    except ValueError:
        raise IotError(
            200, "iot.messagebroker.MessageContentIsNotBase64Encode", "The message content is not Base64 encoded."
        ) from None
    on_pub(imei, command)
    return _success(MessageId=str(secrets.randbits(62)))


def _about_devices(content: dict[str, str], online: Online) -> Response:
    match content.get("Action"):
        case "BatchGetDeviceState":
            return _states(content, online)
        case "QueryDeviceDetail":
            if online(content.get("DeviceName", "")) is None:
                raise IotError(200, "iot.device.NotExistedDevice", "The device does not exist.")
            return _device(content)
        case "RegisterDevice":
            return _device(content)
        case _:
            raise IotError(404, "InvalidAction.NotFound", "Specified api is not found.")


def _device(params: dict[str, str]) -> Response:
    imei = params.get("DeviceName", "")
    return _success(Data={"DeviceName": imei, "DeviceSecret": device_secret(imei)})


def device_secret(imei: str) -> str:
    """The secret of a device, from which its MQTT password is made."""
    return f"secret-of-{imei}"


def _states(params: dict[str, str], online: Online) -> Response:
    device_names = [value for name, value in params.items() if name.startswith("DeviceName.")]
    if not 0 < len(device_names) <= 50:
        raise IotError(200, "iot.device.TooManyDevices", "Ask for 1 to 50 devices.")
    states = [
        {"DeviceName": imei, "DeviceId": imei, "Status": "ONLINE" if there else "OFFLINE"}
        for imei in device_names
        if (there := online(imei)) is not None
    ]
    return _success(DeviceStatusList={"DeviceStatus": states})


def _success(**fields: Any) -> Response:
    return _json(200, {"RequestId": secrets.token_hex(16).upper(), "Success": True, "Code": "", **fields})


def _iot_error(fault: Fault) -> Response:
    """An answer with one of the platform's codes. Its own `iot.` codes come with HTTP 200."""
    code = fault.code or "iot.system.SystemException"
    status = fault.status or (200 if code.lower().startswith("iot.") else 400)
    return _rejected(IotError(status, code, "fault on order"))


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
