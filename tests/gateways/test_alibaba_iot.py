"""Commands over Alibaba's IoT platform, with the sandbox's server and with faulty servers."""

import hmac
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask, Response, request

from chalicelib.world import Cabinets, OutcomeUnknown, Rejected, Unavailable
from infra.local.cabinets.iot_server import REGION, device_secret, iot_app
from infra.local.fault import Fault
from infra.local.serving import Serving
from infra.local.simulation import Simulation
from tests.gateways.iot_platform import (
    INSTANCE,
    OFFLINE_IMEI,
    ONLINE_IMEI,
    PRODUCT,
    SENT_AT,
    ReceivedCommands,
    cabinets_at,
)


@pytest.fixture
def simulation() -> Simulation:
    return Simulation()


@pytest.fixture
def requests_received() -> ReceivedCommands:
    return []


@pytest.fixture
def server(simulation: Simulation, requests_received: ReceivedCommands) -> Iterator[Serving]:
    def on_pub(imei: str, command: dict[str, Any]) -> None:
        requests_received.append((imei, command))

    app = iot_app(
        simulation,
        on_pub,
        {ONLINE_IMEI: True, OFFLINE_IMEI: False}.get,
        product_key=PRODUCT,
        instance_id=INSTANCE,
    )
    serving = Serving(app).start()
    yield serving
    serving.stop()


@pytest.fixture
def cabinets(server: Serving) -> Cabinets:
    return cabinets_at(server.url)


def test_an_eject_reaches_the_platform_once_with_its_time(
    cabinets: Cabinets, requests_received: ReceivedCommands
) -> None:
    cabinets.eject(ONLINE_IMEI, "40818052", at=SENT_AT)
    content = {"cmd": "popup_sn", "data": "40818052", "timestamp": str(int(SENT_AT.timestamp())), "ttl": "30"}
    assert requests_received == [(ONLINE_IMEI, content)]


def test_a_check_asks_for_the_whole_cabinet(cabinets: Cabinets, requests_received: ReceivedCommands) -> None:
    cabinets.check(ONLINE_IMEI)
    assert requests_received == [(ONLINE_IMEI, {"cmd": "check_all"})]


def test_a_heartbeat_goes_back_on_its_topic(cabinets: Cabinets, requests_received: ReceivedCommands) -> None:
    cabinets.echo(ONLINE_IMEI, f"/{PRODUCT}/{ONLINE_IMEI}/user/heart", b"\xa8\x00\x05\x7a\xd9")
    assert requests_received == [(ONLINE_IMEI, {"heart": "a800057ad9"})]


@pytest.mark.parametrize("topic", [f"/{PRODUCT}/{OFFLINE_IMEI}/user/heart", f"/other/{ONLINE_IMEI}/user/heart", ""])
def test_a_heartbeat_goes_to_no_other_device(
    cabinets: Cabinets, requests_received: ReceivedCommands, topic: str
) -> None:
    with pytest.raises(Rejected):
        cabinets.echo(ONLINE_IMEI, topic, b"\xa8")
    assert requests_received == []


@pytest.mark.parametrize("imei", [ONLINE_IMEI, "864601069949999"])
def test_a_cabinet_connects_with_a_password_made_of_its_secret(cabinets: Cabinets, imei: str) -> None:
    """The platform registers a cabinet that it does not know."""
    data = cabinets.credentials(imei)
    assert (data.device_name, data.product_key, data.port) == (imei, PRODUCT, 1883)
    assert data.host == f"{PRODUCT}.iot-as-mqtt.{REGION}.aliyuncs.com"
    assert data.user == f"{imei}&{PRODUCT}"
    signed = f"clientId{imei}deviceName{imei}productKey{PRODUCT}timestamp{data.timestamp_ms}"
    assert data.password == hmac.new(device_secret(imei).encode(), signed.encode(), "md5").hexdigest()
    assert data.password not in repr(data)
    assert data.as_text().split(",")[-1] == str(data.timestamp_ms)


def test_nothing_is_published_with_more_than_qos_0(server: Serving, simulation: Simulation) -> None:
    requests_received: list[dict[str, str]] = []
    spy = Flask("spy")

    @spy.post("/")
    def answer() -> dict[str, Any]:
        requests_received.append({**request.args.to_dict(), **request.form.to_dict()})
        return {"Success": True, "RequestId": "1"}

    serving = Serving(spy).start()
    cabinets_at(serving.url).eject(ONLINE_IMEI, "40818052", at=SENT_AT)
    cabinets_at(serving.url).check(ONLINE_IMEI)
    serving.stop()
    assert [content["Qos"] for content in requests_received] == ["0", "0"]
    assert {content["TopicFullName"] for content in requests_received} == {f"/{PRODUCT}/{ONLINE_IMEI}/user/get"}


def test_online_leaves_out_cabinets_that_the_platform_does_not_know(cabinets: Cabinets) -> None:
    assert cabinets.online([ONLINE_IMEI, OFFLINE_IMEI, "864601069946996"]) == {ONLINE_IMEI: True, OFFLINE_IMEI: False}
    assert cabinets.online([]) == {}
    assert cabinets.online([str(n) for n in range(60)] + [ONLINE_IMEI]) == {ONLINE_IMEI: True}


def test_a_public_instance_sends_no_instance_id(simulation: Simulation, requests_received: ReceivedCommands) -> None:
    app = iot_app(
        simulation,
        lambda imei, content: requests_received.append((imei, content)),
        lambda imei: True,
        product_key=PRODUCT,
    )
    serving = Serving(app).start()
    cabinets_at(serving.url, instance_id="").check(ONLINE_IMEI)
    serving.stop()
    assert len(requests_received) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"key_id": "other"},
        {"key_secret": "other"},
        {"product_key": "other"},
        {"instance_id": "other"},
        {"now": lambda: datetime(2020, 1, 1, tzinfo=UTC)},
    ],
)
def test_a_permanent_rejection_raises_rejected_and_sends_no_command(
    server: Serving, requests_received: ReceivedCommands, changes: dict[str, Any]
) -> None:
    refused = cabinets_at(server.url, **changes)
    with pytest.raises(Rejected):
        refused.eject(ONLINE_IMEI, "40818052", at=SENT_AT)
    with pytest.raises(Rejected):
        refused.check(ONLINE_IMEI)
    with pytest.raises(Unavailable):
        refused.online([ONLINE_IMEI])
    assert requests_received == []


def test_an_unknown_cabinet_raises_rejected(cabinets: Cabinets) -> None:
    with pytest.raises(Rejected, match="NotExistedDevice"):
        cabinets.eject("864601069946996", "40818052", at=SENT_AT)


def test_a_used_nonce_leaves_the_command_unclear(server: Serving) -> None:
    cabinets = cabinets_at(server.url, nonce=lambda: "same")
    cabinets.check(ONLINE_IMEI)
    with pytest.raises(OutcomeUnknown, match="SignatureNonceUsed"):
        cabinets.check(ONLINE_IMEI)


@pytest.mark.parametrize(
    ("status", "error"), [(500, OutcomeUnknown), (502, OutcomeUnknown), (503, OutcomeUnknown), (429, Unavailable)]
)
def test_each_platform_error_raises_its_failure(
    cabinets: Cabinets, simulation: Simulation, status: int, error: type[Exception]
) -> None:
    simulation.faults["alibaba_iot"] = Fault(times=2, status=status)
    with pytest.raises(error):
        cabinets.eject(ONLINE_IMEI, "40818052", at=SENT_AT)
    with pytest.raises(Unavailable):
        cabinets.online([ONLINE_IMEI])
    assert cabinets.online([ONLINE_IMEI]) == {ONLINE_IMEI: True}


def test_a_redirect_is_not_followed(server: Serving, requests_received: ReceivedCommands) -> None:
    app = Flask("elsewhere")
    app.post("/")(
        lambda: Response(status=307, headers={"Location": f"{server.url}/?{request.query_string.decode()}"})
    )
    serving = Serving(app).start()
    with pytest.raises(OutcomeUnknown):
        cabinets_at(serving.url).eject(ONLINE_IMEI, "40818052", at=SENT_AT)
    serving.stop()
    assert requests_received == []


def test_a_refused_connection_raises_unavailable(server: Serving, cabinets: Cabinets) -> None:
    server.stop()
    with pytest.raises(Unavailable):
        cabinets.eject(ONLINE_IMEI, "40818052", at=SENT_AT)


@pytest.mark.parametrize("version", ["v2", "v3"])
def test_the_platform_accepts_both_versions_of_the_signature(
    server: Serving, requests_received: ReceivedCommands, version: str
) -> None:
    cabinets = cabinets_at(server.url, signature_version=version)
    cabinets.eject(ONLINE_IMEI, "40818052", at=SENT_AT)
    assert cabinets.online([ONLINE_IMEI]) == {ONLINE_IMEI: True}
    assert [imei for imei, _ in requests_received] == [ONLINE_IMEI]


@pytest.mark.parametrize("version", ["v2", "v3"])
@pytest.mark.parametrize(
    "changes", [{"key_id": "other"}, {"key_secret": "other"}, {"now": lambda: datetime(2020, 1, 1, tzinfo=UTC)}]
)
def test_the_platform_refuses_a_wrong_signature_of_either_version(
    server: Serving, requests_received: ReceivedCommands, version: str, changes: dict[str, Any]
) -> None:
    with pytest.raises(Rejected):
        cabinets_at(server.url, signature_version=version, **changes).eject(ONLINE_IMEI, "40818052", at=SENT_AT)
    assert requests_received == []


@pytest.mark.parametrize("effect", [True, False])
def test_a_broker_failure_is_unclear_whether_or_not_the_command_was_sent(
    cabinets: Cabinets, simulation: Simulation, requests_received: ReceivedCommands, effect: bool
) -> None:
    code = "iot.messagebroker.PublishMessageException"
    simulation.faults["alibaba_iot"] = Fault(times=1, code=code, effect=effect)
    with pytest.raises(OutcomeUnknown, match=code):
        cabinets.eject(ONLINE_IMEI, "40818052", at=SENT_AT)
    assert len(requests_received) == (1 if effect else 0)


def test_a_throttled_command_may_be_sent_later(cabinets: Cabinets, simulation: Simulation) -> None:
    simulation.faults["alibaba_iot"] = Fault(times=1, code="Throttling.User")
    with pytest.raises(Unavailable):
        cabinets.check(ONLINE_IMEI)
    cabinets.check(ONLINE_IMEI)
