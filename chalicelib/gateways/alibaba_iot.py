"""Alibaba's IoT platform: sends commands to cabinets, and reports which cabinets are online."""

import base64
import hmac
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from chalicelib.domain.cabinets.cabinet_http import ConnectionData
from chalicelib.domain.cabinets.cabinet_protocol.commands import check_command, eject_command
from chalicelib.domain.text.nested_json import parse_json
from chalicelib.domain.text.time_text import time_text
from chalicelib.gateways.alibaba_iot_signature import V2, V3, RpcCall, SignedRequest, signed_v2, signed_v3
from chalicelib.world import OutcomeUnknown, Rejected, Unavailable
from chalicelib.world.hardware import MAX_IMEIS_PER_CALL

if TYPE_CHECKING:
    import requests

MQTT_PORT = 1883
UNKNOWN_DEVICE = "iot.device.notexisteddevice"
"""The code for a device that is not registered, in lower case."""
RATE_LIMIT_WORDS = ("throttling", "qpslimit", "flowlimit", "ratelimit")
"""A code that holds one of these words, in any case: the platform dropped the call, which may be made again later."""
REFUSALS = (
    "iot.prod.notexistedproduct",
    "iot.prod.nullproductkey",
    "iot.prod.invalidformattedproductkey",
    "iot.device.notexisteddevice",
    "iot.device.nulldevicename",
    "iot.device.invalidformatteddevicename",
    "iot.messagebroker.invalidformattedtopicname",
    "iot.messagebroker.nulltopicname",
    "iot.messagebroker.nullmessagecontent",
    "iot.messagebroker.messagecontentisnotbase64encode",
    "iot.common.ramactionpermissiondeny",
    "iot.common.authactionpermissiondeny",
    "iot.common.invalidtenant",
    "iot.system.billisoverdue",
    "iot.system.instancenotfound",
    "iot.system.uidnotfound",
    "iot.sre.iotinstancenotfound",
    "iot.auth.iotinstancenotfound",
    "iot.auth.invalidiotinstanceid",
    "signaturedoesnotmatch",
    "incompletesignature",
    "invalidaccesskeyid",
    "inactiveaccesskeyid",
    "invalidtimestamp",
    "invalidsecuritytoken",
    "invalidaction",
    "invalidversion",
    "invalidparameter",
    "missingparameter",
    "forbidden",
    "nopermission",
)
"""The codes that the platform is known to answer before it sends anything, in lower case. `forbidden` stands for
`Forbidden.RAM` too. Any other code may come after the command was sent. So may `SignatureNonceUsed`: every call has a
new nonce, so the platform has received this very call before, and its answer was lost."""


class AlibabaCabinets:
    """Sends commands with QoS 0: a stored or repeated eject command could eject a second power bank days later."""

    def __init__(  # noqa: PLR0913 - one plain value each, named at the call
        self,
        url: str,
        *,
        region: str,
        instance_id: str,
        product_key: str,
        key_id: str,
        key_secret: str,
        signature_version: str = V3,
        now: Callable[[], datetime],
        nonce: Callable[[], str],
        timeout_seconds: tuple[float, float] = (2, 5),
    ) -> None:
        """`instance_id` is empty for a public instance. `nonce` must return a new text at each call.
        `signature_version` is `v3`, or `v2` for an account that still needs it.

        `timeout_seconds` are for the connection and for the response.
        """
        self._url = url.rstrip("/") + "/"
        self._region = region
        self._instance_id = instance_id
        self._product_key = product_key
        self._key_id = key_id
        self._key_secret = key_secret
        self._signature_version = signature_version
        self._now = now
        self._nonce = nonce
        self._timeout_seconds = timeout_seconds

    def eject(self, imei: str, powerbank_sn: str, *, at: datetime) -> None:
        self._publish(self._command_topic(imei), eject_command(powerbank_sn, at))

    def check(self, imei: str) -> None:
        self._publish(self._command_topic(imei), check_command())

    def command(self, imei: str, content: bytes) -> None:
        self._publish(self._command_topic(imei), content)

    def echo(self, imei: str, topic: str, frame: bytes) -> None:
        if not topic.startswith(f"/{self._product_key}/{imei}/"):
            raise Rejected("a topic of another device")
        self._publish(topic, frame)

    def online(self, imeis: Sequence[str]) -> Mapping[str, bool]:
        states_by_imei: dict[str, bool] = {}
        for first in range(0, len(imeis), MAX_IMEIS_PER_CALL):
            names = {f"DeviceName.{n}": imei for n, imei in enumerate(imeis[first : first + MAX_IMEIS_PER_CALL], 1)}
            try:
                content = self._call("BatchGetDeviceState", {"ProductKey": self._product_key} | names, {})
                states = content["DeviceStatusList"]["DeviceStatus"]
                states_by_imei |= {state["DeviceName"]: state["Status"] == "ONLINE" for state in states}
            except (Rejected, OutcomeUnknown, KeyError, TypeError) as e:
                # A read changes nothing, so the caller may repeat it.
                raise Unavailable("alibaba_iot state") from e
        return states_by_imei

    def credentials(self, imei: str) -> ConnectionData:
        """The password is made of the device's secret, as the platform's document says."""
        device = {"ProductKey": self._product_key, "DeviceName": imei}
        try:
            content = self._call("QueryDeviceDetail", device, {})
        except Rejected as refusal:
            if str(refusal).lower() != UNKNOWN_DEVICE:
                raise
            content = self._call("RegisterDevice", device, {})
        data = content.get("Data")
        secret = data.get("DeviceSecret") if isinstance(data, dict) else None
        if not isinstance(secret, str) or not secret:
            raise OutcomeUnknown("alibaba_iot: no device secret")
        at_ms = int(self._now().timestamp() * 1000)
        signed = f"clientId{imei}deviceName{imei}productKey{self._product_key}timestamp{at_ms}"
        return ConnectionData(
            imei,
            self._product_key,
            f"{self._product_key}.iot-as-mqtt.{self._region}.aliyuncs.com",
            MQTT_PORT,
            f"{imei}&{self._product_key}",
            hmac.new(secret.encode(), signed.encode(), "md5").hexdigest(),
            at_ms,
        )

    def _command_topic(self, imei: str) -> str:
        return f"/{self._product_key}/{imei}/user/get"

    def _publish(self, topic: str, content: bytes) -> None:
        self._call(
            "Pub",
            {
                "ProductKey": self._product_key,
                "TopicFullName": topic,
                "Qos": "0",
            },
            {"MessageContent": base64.b64encode(content).decode()},
        )

    def _signed(self, call: RpcCall) -> SignedRequest:
        if self._signature_version == V2:
            return signed_v2(call, self._region, self._key_id, self._key_secret)
        return signed_v3(call, self._url, self._key_id, self._key_secret)

    def _call(self, action: str, query: Mapping[str, str], form: Mapping[str, str]) -> dict[str, Any]:
        """The response of a successful call. Raises Unavailable (nothing was sent or accepted), Rejected or
        OutcomeUnknown."""
        import requests

        from chalicelib.gateways.new_connections import new_session, was_never_sent

        instance = {"IotInstanceId": self._instance_id} if self._instance_id else {}
        call = RpcCall(action, {**query, **instance}, form, time_text(self._now()), self._nonce())
        request = self._signed(call)
        with new_session() as session:
            try:
                answer = session.post(
                    f"{self._url}?{request.query}",
                    data=request.body,
                    headers=dict(request.headers),
                    timeout=self._timeout_seconds,
                    allow_redirects=False,
                )
            except requests.RequestException as e:
                if was_never_sent(e):
                    raise Unavailable("alibaba_iot") from e
                raise OutcomeUnknown("alibaba_iot: no answer") from e
        return _require_success(answer)


def _require_success(answer: "requests.Response") -> dict[str, Any]:
    """The content of a successful answer. Raises Rejected only for a code that comes before anything is sent."""
    try:
        content = parse_json(answer.content)
    except ValueError:
        content = None
    if answer.status_code == 200 and isinstance(content, dict) and content.get("Success") is True:
        return content
    code = str(content.get("Code") or "") if isinstance(content, dict) else ""
    if any(word in code.lower() for word in RATE_LIMIT_WORDS) or (answer.status_code == 429 and not code):
        raise Unavailable(f"alibaba_iot {code or 429}")
    if answer.status_code < 500 and _is_refusal(code):
        raise Rejected(code)
    raise OutcomeUnknown(f"alibaba_iot {answer.status_code} {code}".strip())


def _is_refusal(code: str) -> bool:
    return any(code.lower() == refusal or code.lower().startswith(f"{refusal}.") for refusal in REFUSALS)
