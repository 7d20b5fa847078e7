"""The platform's envelopes. Any invalid body raises InvalidEnvelope and nothing else."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.cabinets.cabinet_protocol.envelope import (
    DeviceEvent,
    DeviceEventKind,
    InvalidEnvelope,
    read_envelope,
)
from chalicelib.domain.cabinets.cabinet_protocol.frames import Returned, decode
from infra.local.cabinets import frames as wire

IMEI = "864601069946994"
FRAME = bytes.fromhex("A8000F4001034902 6ED58401196475".replace(" ", ""))
AT = datetime(2018, 5, 16, 6, 52, 4, tzinfo=UTC)
UPLOAD: dict[str, Any] = {
    "payload": "qAAPQAEDSQJu1YQBGWR1",
    "messagetype": "upload",
    "messageid": 996000000000000001,
    "topic": f"/a1product/{IMEI}/user/update",
    "timestamp": 1526453524,
}
STATUS: dict[str, Any] = {
    "lastTime": "2020-05-20 16:25:43.196",
    "utcLastTime": "2020-05-20T08:25:43.196Z",
    "clientIp": "127.0.0.1",
    "utcTime": "2020-05-20T08:25:43.205Z",
    "time": "2020-05-20 16:25:43.205",
    "productKey": "a1product",
    "deviceName": IMEI,
    "status": "online",
}


def b64(value: Any) -> str:
    return base64.b64encode(json.dumps(value).encode()).decode()


def upload(**changes: Any) -> str:
    return json.dumps({**UPLOAD, **changes})


def status(inner: dict[str, Any], **changes: Any) -> str:
    envelope = {"messagetype": "status", "messageid": "7", "topic": "", "timestamp": 1589963143}
    return json.dumps({**envelope, "payload": b64(inner), **changes})


@pytest.mark.parametrize("body", [upload(), b64(UPLOAD), "\n" + b64(UPLOAD)[:40] + "\r\n" + b64(UPLOAD)[40:] + "\n"])
def test_a_frame_comes_in_json_or_in_base64_of_json(body: str) -> None:
    assert read_envelope(body) == DeviceEvent("996000000000000001", IMEI, DeviceEventKind.FRAME, AT, FRAME)
    assert isinstance(decode(read_envelope(body).frame), Returned)


@pytest.mark.parametrize(
    "topic", [f"/a1product/{IMEI}/user/update", f"/a1product/{IMEI}/update", f"/a1product/{IMEI}/user/heart"]
)
def test_the_topic_names_the_cabinet_with_or_without_user(topic: str) -> None:
    assert read_envelope(upload(topic=topic)).imei == IMEI


def test_only_a_heartbeat_has_a_topic_for_its_echo() -> None:
    heart = f"/a1product/{IMEI}/user/heart"
    assert read_envelope(upload(topic=heart)).echo_topic == heart
    assert read_envelope(upload(topic=f"/a1product/{IMEI}/heart")).echo_topic == f"/a1product/{IMEI}/heart"
    assert read_envelope(upload()).echo_topic == ""


def test_a_frame_without_topic_is_of_the_device_the_envelope_names() -> None:
    assert read_envelope(upload(topic="", deviceName="441A847D6121")).imei == "441A847D6121"


@pytest.mark.parametrize("timestamp", [1526453524, 1526453524000, "1526453524", 1526453524.0])
def test_time_comes_in_seconds_or_milliseconds(timestamp: object) -> None:
    assert read_envelope(upload(timestamp=timestamp)).at == AT


@pytest.mark.parametrize("text", ["online", "offline"])
def test_online_changes_are_ordered_by_their_utc_time(text: str) -> None:
    event = read_envelope(status({**STATUS, "status": text}))
    assert (event.imei, event.kind, event.frame) == (IMEI, text, b"")
    assert event.at == datetime(2020, 5, 20, 8, 25, 43, 205_000, tzinfo=UTC)


def test_a_status_may_leave_the_device_to_its_topic_and_the_time_to_its_envelope() -> None:
    event = read_envelope(status({"status": "offline"}, topic=f"/as/mqtt/status/a1product/{IMEI}"))
    assert (event.imei, event.at) == (IMEI, datetime(2020, 5, 20, 8, 25, 43, tzinfo=UTC))


def test_a_status_payload_may_be_plain_json() -> None:
    assert read_envelope(status({}, payload=STATUS)).kind == "online"
    assert read_envelope(status({}, payload=json.dumps(STATUS))).kind == "online"


def test_other_messages_are_events_without_effect() -> None:
    event = read_envelope(upload(messagetype="device_lifecycle", topic="", payload="?"))
    assert (event.kind, event.imei) == ("other", "")


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        "qAAPQAEDSQJu1YQBGWR1",
        "not base64 at all!",
        "\ud800",
        b64([UPLOAD]),
        b64("text"),
        "[" * 60000,
        '{"a":' * 10000,
        base64.b64encode(b'{"a":' * 10000).decode(),
        upload(messageid=None),
        upload(messageid=True),
        upload(messageid=""),
        upload(messageid="9" * 65),
        upload(payload=None),
        upload(payload=""),
        upload(payload="%%%"),
        upload(topic=""),
        upload(topic="/a1product"),
        upload(topic="/a1product/a b/user/update"),
        upload(topic=7),
        upload(timestamp=None),
        upload(timestamp=True),
        upload(timestamp=0),
        upload(timestamp=10**400),
        upload(timestamp=float("nan")),
        upload(timestamp="soon"),
        status({**STATUS, "status": "maybe"}),
        status({**STATUS, "utcTime": "yesterday"}),
        status({**STATUS, "utcTime": 5}),
        status({**STATUS, "deviceName": 5}),
        status(STATUS, payload="%%%"),
        status(STATUS, payload=7),
    ],
)
def test_a_poison_body_raises_invalid_envelope(body: str) -> None:
    with pytest.raises(InvalidEnvelope):
        read_envelope(body)


@given(st.text() | st.binary().map(lambda raw: base64.b64encode(raw).decode()))
def test_any_text_raises_nothing_but_invalid_envelope(body: str) -> None:
    with pytest.raises(InvalidEnvelope):
        read_envelope(body)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(), inside, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from([UPLOAD, {**UPLOAD, "messagetype": "status", "payload": STATUS}]), st.data())
def test_any_field_raises_nothing_but_invalid_envelope(envelope: dict[str, Any], data: st.DataObject) -> None:
    changed = {**envelope, data.draw(st.sampled_from(sorted(envelope))): data.draw(JSON)}
    try:
        event = read_envelope(json.dumps(changed))
    except InvalidEnvelope:
        return
    assert DeviceEvent.from_body(json.loads(json.dumps(event.to_body()))) == event


def test_our_own_body_is_read_back() -> None:
    event = read_envelope(upload())
    assert DeviceEvent.from_body(json.loads(json.dumps(event.to_body()))) == event


@pytest.mark.parametrize(
    "change",
    [
        {"at": "2018-05-16T06:52:04"},
        {"at": "0001-01-01T00:00:00+10:00"},
        {"at": None},
        {"frame": "zz"},
        {"frame": None},
        {"kind": "gossip"},
        {"imei": 5},
        {"message_id": None},
        {"echo_topic": 5},
    ],
)
def test_a_foreign_body_raises_invalid_envelope(change: dict[str, Any]) -> None:
    body = {**read_envelope(upload()).to_body(), **change}
    with pytest.raises(InvalidEnvelope):
        DeviceEvent.from_body(body)
    with pytest.raises(InvalidEnvelope):
        DeviceEvent.from_body({})


def test_a_simulated_cabinets_envelopes_are_read() -> None:
    frame = read_envelope(wire.upload_envelope("a1product", IMEI, FRAME, AT))
    offline_event = read_envelope(wire.status_envelope("a1product", IMEI, online=False, at=AT))
    assert (frame.imei, frame.kind, frame.frame, frame.at) == (IMEI, "frame", FRAME, AT)
    assert (offline_event.imei, offline_event.kind, offline_event.at) == (IMEI, "offline", AT)
    assert frame.message_id != offline_event.message_id
