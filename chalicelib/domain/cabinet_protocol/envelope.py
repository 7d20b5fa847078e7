"""News of a device: what the maker's platform wraps a cabinet's bytes and its coming and going in."""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

Kind = Literal["frame", "online", "offline", "other"]
KINDS: tuple[Kind, ...] = ("frame", "online", "offline", "other")
DEVICE = re.compile(r"[0-9A-Za-z_.:@-]{4,32}")
"""The platform's own rule for device names: mostly an IMEI, a MAC address for WiFi cabinets."""
MILLISECONDS_FROM = 100_000_000_000
LONGEST_FRAME = 8_192
"""A hundred slots take a quarter of it; ten such still fit into one batch of our queue."""
EARLIEST = datetime(2015, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class InboxMessage:
    """A message from the hardware platform's queue, exactly as it came: `body` is not decoded yet."""

    message_id: str
    body: str
    receipt: str
    dequeue_count: int


class Unreadable(ValueError):
    """A message that is no news and never will be. `reason` is short and has no data in it."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True)
class DeviceNews:
    """One message about one cabinet, heard at least once and in any order.

    `at` is the platform's time: for `online` and `offline` the moment of the change, by which they are
    ordered. `frame` holds the cabinet's bytes for the kind `frame`, else nothing. An `other` may have an
    empty `imei`.
    """

    message_id: str
    imei: str
    kind: Kind
    at: datetime
    frame: bytes = field(default=b"", repr=False)

    def to_body(self) -> dict[str, Any]:
        """Safe for JSON; `from_body` reads it back."""
        return {
            "message_id": self.message_id,
            "imei": self.imei,
            "kind": self.kind,
            "at": self.at.isoformat(),
            "frame": self.frame.hex(),
        }

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> "DeviceNews":
        """Raises Unreadable."""
        try:
            at = datetime.fromisoformat(body["at"])
            frame = bytes.fromhex(body["frame"])
            message_id, imei, kind = body["message_id"], body["imei"], body["kind"]
        except (KeyError, TypeError, ValueError) as e:
            raise Unreadable("not our own body") from e
        if kind not in KINDS or at.tzinfo is None or not isinstance(message_id, str) or not isinstance(imei, str):
            raise Unreadable("not our own body")
        return cls(message_id, imei, kind, _sane(at).astimezone(UTC), frame)


def read_envelope(body: str) -> DeviceNews:
    """What a message of the platform's queue says: JSON, or base64 of JSON. Raises Unreadable."""
    said = _json_of(body)
    message_id = said.get("messageid")
    if not isinstance(message_id, str | int) or isinstance(message_id, bool) or not 0 < len(str(message_id)) <= 64:
        raise Unreadable("no message id")
    topic = said.get("topic")
    parts = topic.strip("/").split("/") if isinstance(topic, str) else []
    match said.get("messagetype"):
        case "upload":
            return _upload(str(message_id), said, parts)
        case "status":
            return _status(str(message_id), said, parts)
        case _:
            imei = parts[1] if len(parts) > 1 and DEVICE.fullmatch(parts[1]) else ""
            return DeviceNews(str(message_id), imei, "other", _moment(said))


def _upload(message_id: str, said: Mapping[str, Any], parts: list[str]) -> DeviceNews:
    named = parts[1] if len(parts) > 2 else said.get("deviceName")
    frame = _bytes_of(said.get("payload"))
    if not frame:
        raise Unreadable("no payload")
    if len(frame) > LONGEST_FRAME:
        raise Unreadable("frame too long")
    return DeviceNews(message_id, _device(named), "frame", _moment(said), frame)


def _status(message_id: str, said: Mapping[str, Any], parts: list[str]) -> DeviceNews:
    payload = said.get("payload")
    inner = payload if isinstance(payload, dict) else _json_of(payload)
    # /as/mqtt/status/{product}/{device}, left out by older platforms
    named = inner.get("deviceName") or (parts[4] if len(parts) > 4 else None)
    status = inner.get("status")
    if status not in ("online", "offline"):
        raise Unreadable("no status")
    told = inner.get("utcTime")
    return DeviceNews(message_id, _device(named), status, _utc(told) if told else _moment(said))


def _json_of(text: Any) -> dict[str, Any]:
    if not isinstance(text, str):
        raise Unreadable("not a text")
    plain = text.strip()
    try:
        if not plain.startswith("{"):
            plain = base64.b64decode("".join(plain.split()), validate=True).decode()
        said = json.loads(plain)
    except (ValueError, RecursionError) as e:
        raise Unreadable("neither JSON nor base64 of JSON") from e
    if not isinstance(said, dict):
        raise Unreadable("not an object")
    return said


def _bytes_of(payload: Any) -> bytes:
    if not isinstance(payload, str):
        raise Unreadable("no payload")
    try:
        return base64.b64decode("".join(payload.split()), validate=True)
    except (binascii.Error, ValueError) as e:
        raise Unreadable("payload is not base64") from e


def _device(named: Any) -> str:
    if not isinstance(named, str) or not DEVICE.fullmatch(named):
        raise Unreadable("no device")
    return named


def _moment(said: Mapping[str, Any]) -> datetime:
    """The envelope's time: seconds by its documents, milliseconds in its other channels."""
    told = said.get("timestamp", said.get("generatetime", said.get("generateTime")))
    try:
        number = float(told) if isinstance(told, str | int | float) and not isinstance(told, bool) else -1.0
        return _sane(datetime.fromtimestamp(number / 1000 if number >= MILLISECONDS_FROM else number, UTC))
    except (ValueError, OverflowError, OSError) as e:
        raise Unreadable("no time") from e


def _utc(told: Any) -> datetime:
    try:
        at = datetime.fromisoformat(told)
    except (TypeError, ValueError) as e:
        raise Unreadable("no time") from e
    return _sane(at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)


def _sane(at: datetime) -> datetime:
    if not EARLIEST <= at <= LATEST:
        raise Unreadable("no time")
    return at
