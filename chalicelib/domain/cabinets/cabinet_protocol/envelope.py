"""Envelopes of the hardware platform: a cabinet's frame, or the change of its connection."""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from chalicelib.domain.text.nested_json import parse_json

DEVICE_NAME = re.compile(r"[0-9A-Za-z_.:@-]{4,32}")
"""The platform's rule for device names. Most are an IMEI; WiFi cabinets have a MAC address."""
MILLISECONDS_FROM = 100_000_000_000
MAX_FRAME_BYTES = 8_192
"""A snapshot of 100 slots has a quarter of it. Ten frames of this size fit into one batch of our queue."""
HEARTBEAT_TOPIC = "heart"
"""The last part of the topic on which a cabinet sends its heartbeats and waits for them."""
MAX_TOPIC_LENGTH = 128
"""The platform's limit."""
EARLIEST = datetime(2015, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class InboxMessage:
    """A message of the hardware platform's queue. `body` is not decoded."""

    message_id: str
    body: str
    receipt: str
    dequeue_count: int


class DeviceEventKind(StrEnum):
    """What a message is about. OTHER: something of the platform that this service does not use.

    The platform sends none of HTTP_KINDS: they are what cabinets call over HTTP.
    """

    FRAME = "frame"
    ONLINE = "online"
    OFFLINE = "offline"
    OTHER = "other"
    HTTP_FRAME = "http_frame"
    HTTP_RETURN = "http_return"


HTTP_KINDS = frozenset({DeviceEventKind.HTTP_FRAME, DeviceEventKind.HTTP_RETURN})


class InvalidEnvelope(ValueError):
    """A message that can never be read. `reason` is short and holds no data of the message."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


CONNECTION_KINDS: dict[Any, DeviceEventKind] = {
    kind.value: kind for kind in (DeviceEventKind.ONLINE, DeviceEventKind.OFFLINE)
}


@dataclass(frozen=True)
class DeviceEvent:
    """One message about one cabinet. Messages come at least once and in any order.

    `at` is the platform's time; for `online` and `offline` it is the time of the change, by which they are ordered.
    `frame` holds the cabinet's bytes for the kind `frame` and for HTTP_KINDS, and is empty for others. `imei` may be
    empty for `other`.
    """

    message_id: str
    imei: str
    kind: DeviceEventKind
    at: datetime
    frame: bytes = field(default=b"", repr=False)
    echo_topic: str = ""
    """Where the cabinet expects to see its own frame again. Empty for a frame that is no heartbeat."""

    def to_body(self) -> dict[str, Any]:
        """The event as JSON values, which `from_body` reads."""
        return {
            "message_id": self.message_id,
            "imei": self.imei,
            "kind": self.kind.value,
            "at": self.at.isoformat(),
            "frame": self.frame.hex(),
            "echo_topic": self.echo_topic,
        }

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> "DeviceEvent":
        """Raises InvalidEnvelope."""
        try:
            at = datetime.fromisoformat(body["at"])
            frame = bytes.fromhex(body["frame"])
            message_id, imei, kind = body["message_id"], body["imei"], DeviceEventKind(body["kind"])
            echo_topic = body.get("echo_topic", "")
        except (KeyError, TypeError, ValueError) as e:
            raise InvalidEnvelope("not our own body") from e
        if at.tzinfo is None or not all(isinstance(text, str) for text in (message_id, imei, echo_topic)):
            raise InvalidEnvelope("not our own body")
        return cls(message_id, imei, kind, _plausible(at).astimezone(UTC), frame, echo_topic)


def read_envelope(body: str) -> DeviceEvent:
    """The event in a message of the platform's queue: JSON, or base64 of JSON. Raises InvalidEnvelope."""
    envelope = _json_of(body)
    message_id = envelope.get("messageid")
    if not isinstance(message_id, str | int) or isinstance(message_id, bool) or not 0 < len(str(message_id)) <= 64:
        raise InvalidEnvelope("no message id")
    topic = envelope.get("topic")
    parts = topic.strip("/").split("/") if isinstance(topic, str) else []
    match envelope.get("messagetype"):
        case "upload":
            return _upload(str(message_id), envelope, parts)
        case "status":
            return _status(str(message_id), envelope, parts)
        case _:
            imei = parts[1] if len(parts) > 1 and DEVICE_NAME.fullmatch(parts[1]) else ""
            return DeviceEvent(str(message_id), imei, DeviceEventKind.OTHER, _moment(envelope))


def _upload(message_id: str, envelope: Mapping[str, Any], parts: list[str]) -> DeviceEvent:
    device_name = parts[1] if len(parts) > 2 else envelope.get("deviceName")
    frame = _bytes_of(envelope.get("payload"))
    if not frame:
        raise InvalidEnvelope("no payload")
    if len(frame) > MAX_FRAME_BYTES:
        raise InvalidEnvelope("frame too long")
    echo_topic = envelope["topic"] if len(parts) > 2 and parts[-1] == HEARTBEAT_TOPIC else ""
    imei, at = _device(device_name), _moment(envelope)
    return DeviceEvent(message_id, imei, DeviceEventKind.FRAME, at, frame, echo_topic[:MAX_TOPIC_LENGTH])


def _status(message_id: str, envelope: Mapping[str, Any], parts: list[str]) -> DeviceEvent:
    payload = envelope.get("payload")
    inner = payload if isinstance(payload, dict) else _json_of(payload)
    # /as/mqtt/status/{product}/{device}. Older platforms leave it out.
    device_name = inner.get("deviceName") or (parts[4] if len(parts) > 4 else None)
    kind = CONNECTION_KINDS.get(inner.get("status")) if isinstance(inner.get("status"), str) else None
    if kind is None:
        raise InvalidEnvelope("no status")
    utc_time = inner.get("utcTime")
    return DeviceEvent(message_id, _device(device_name), kind, _utc(utc_time) if utc_time else _moment(envelope))


def _json_of(text: Any) -> dict[str, Any]:
    if not isinstance(text, str):
        raise InvalidEnvelope("not a text")
    plain = text.strip()
    try:
        if not plain.startswith("{"):
            plain = base64.b64decode("".join(plain.split()), validate=True).decode()
        content = parse_json(plain)
    except ValueError as e:
        raise InvalidEnvelope("neither JSON nor base64 of JSON") from e
    if not isinstance(content, dict):
        raise InvalidEnvelope("not an object")
    return content


def _bytes_of(payload: Any) -> bytes:
    if not isinstance(payload, str):
        raise InvalidEnvelope("no payload")
    try:
        return base64.b64decode("".join(payload.split()), validate=True)
    except (binascii.Error, ValueError) as e:
        raise InvalidEnvelope("payload is not base64") from e


def _device(device_name: Any) -> str:
    if not isinstance(device_name, str) or not DEVICE_NAME.fullmatch(device_name):
        raise InvalidEnvelope("no device")
    return device_name


def _moment(envelope: Mapping[str, Any]) -> datetime:
    """The envelope's time: in seconds by the documents, in milliseconds on other channels."""
    timestamp = envelope.get("timestamp", envelope.get("generatetime", envelope.get("generateTime")))
    try:
        number = (
            float(timestamp) if isinstance(timestamp, str | int | float) and not isinstance(timestamp, bool) else -1.0
        )
        return _plausible(datetime.fromtimestamp(number / 1000 if number >= MILLISECONDS_FROM else number, UTC))
    except (ValueError, OverflowError, OSError) as e:
        raise InvalidEnvelope("no time") from e


def _utc(utc_time: Any) -> datetime:
    try:
        at = datetime.fromisoformat(utc_time)
    except (TypeError, ValueError) as e:
        raise InvalidEnvelope("no time") from e
    return _plausible(at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)


def _plausible(at: datetime) -> datetime:
    if not EARLIEST <= at <= LATEST:
        raise InvalidEnvelope("no time")
    return at
