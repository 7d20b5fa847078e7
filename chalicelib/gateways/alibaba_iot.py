"""Alibaba's IoT platform: sends commands to cabinets, and reports which cabinets are online."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from chalicelib.domain.cabinet_protocol.commands import check_command, eject_command
from chalicelib.domain.time_text import time_text
from chalicelib.world import OutcomeUnknown, Rejected, Unavailable

if TYPE_CHECKING:
    import requests

MAX_IMEIS_PER_CALL = 50
"""The platform's limit for one BatchGetDeviceState."""
RETRYABLE_CODES = ("Throttling", "QpsLimit", "FlowLimit", "LimitExceed")
OWN_FAULT_CODES = ("SystemException", "SystemError", "Internal", "ServiceUnavailable", "UnknownError")


def signature(parameters: Mapping[str, str], key_secret: str) -> str:
    """The platform's signature of a POST: HMAC-SHA1, version 1.0, over all query and form fields."""
    text = "&".join(f"{_encoded(name)}={_encoded(value)}" for name, value in sorted(parameters.items()))
    digest = hmac.new(f"{key_secret}&".encode(), f"POST&%2F&{_encoded(text)}".encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def _encoded(text: str) -> str:
    return quote(text, safe="-_.~")


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
        now: Callable[[], datetime],
        nonce: Callable[[], str],
        timeout_seconds: tuple[float, float] = (2, 5),
    ) -> None:
        """`instance_id` is empty for a public instance. `nonce` must return a new text at each call.

        `timeout_seconds` are for the connection and for the response.
        """
        self._url = url.rstrip("/") + "/"
        self._region = region
        self._instance_id = instance_id
        self._product_key = product_key
        self._key_id = key_id
        self._key_secret = key_secret
        self._now = now
        self._nonce = nonce
        self._timeout_seconds = timeout_seconds

    def eject(self, imei: str, powerbank_sn: str, *, at: datetime) -> None:
        self._publish(imei, eject_command(powerbank_sn, at))

    def check(self, imei: str) -> None:
        self._publish(imei, check_command())

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

    def _publish(self, imei: str, command: bytes) -> None:
        self._call(
            "Pub",
            {
                "ProductKey": self._product_key,
                "TopicFullName": f"/{self._product_key}/{imei}/user/get",
                "Qos": "0",
            },
            {"MessageContent": base64.b64encode(command).decode()},
        )

    def _call(self, action: str, query: Mapping[str, str], form: Mapping[str, str]) -> dict[str, Any]:
        """The response of a successful call. Raises Unavailable (nothing was sent or accepted), Rejected or
        OutcomeUnknown."""
        import requests

        common = {
            "Version": "2018-01-20",
            "Action": action,
            "Format": "JSON",
            "RegionId": self._region,
            "Timestamp": time_text(self._now()),
            "SignatureMethod": "HMAC-SHA1",
            "SignatureType": "",
            "SignatureVersion": "1.0",
            "SignatureNonce": self._nonce(),
            "AccessKeyId": self._key_id,
        }
        if self._instance_id:
            common["IotInstanceId"] = self._instance_id
        params = {**query, **common}
        params["Signature"] = signature({**params, **form}, self._key_secret)
        # A new connection for each call: on a dead kept connection, a command that was not sent would be unknown.
        with requests.Session() as session:
            session.trust_env = False
            try:
                answer = session.post(
                    self._url, params=params, data=form, timeout=self._timeout_seconds, allow_redirects=False
                )
            except requests.RequestException as e:
                if _never_sent(e):
                    raise Unavailable("alibaba_iot") from e
                raise OutcomeUnknown("alibaba_iot: no answer") from e
        return _good(answer)


def _good(answer: "requests.Response") -> dict[str, Any]:
    try:
        content = json.loads(answer.content)
    except (ValueError, RecursionError):
        content = None
    code = str(content.get("Code") or "") if isinstance(content, dict) else ""
    if answer.status_code == 200 and isinstance(content, dict) and content.get("Success") is True:
        return content
    if any(word in code for word in RETRYABLE_CODES) or answer.status_code == 429:
        raise Unavailable(f"alibaba_iot {code or 429}")
    if answer.status_code >= 500 or any(word in code for word in OWN_FAULT_CODES):
        raise OutcomeUnknown(f"alibaba_iot {answer.status_code} {code}".strip())
    if answer.status_code == 200 and not code:
        raise OutcomeUnknown("alibaba_iot: an answer that is none")
    raise Rejected(code or f"http {answer.status_code}")


def _never_sent(error: Exception) -> bool:
    """Whether no connection was made. A TLS error does not count: it can come after the request."""
    import requests
    from urllib3.exceptions import MaxRetryError, NewConnectionError

    if isinstance(error, requests.exceptions.ConnectTimeout):
        return True
    cause = error.args[0] if error.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else None
    return isinstance(reason, NewConnectionError)
