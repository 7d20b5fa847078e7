"""Commands over Alibaba's IoT platform, with the sandbox's server and with faulty servers."""

import itertools
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask, Response, request

from chalicelib.gateways.alibaba_iot import AlibabaCabinets
from chalicelib.world import Cabinets, OutcomeUnknown, Rejected, Unavailable
from infra.local.iot_server import KEY_ID, KEY_SECRET, REGION, iot_app
from infra.local.serving import Serving
from infra.local.simulation import Fault, Simulation

PRODUCT = "a1product"
INSTANCE = "iot-instance"
HERE, GONE = "864601069946994", "864601069946995"
AT = datetime(2026, 11, 23, 16, 7, 32, tzinfo=UTC)

Heard = list[tuple[str, dict[str, Any]]]


@pytest.fixture
def simulation() -> Simulation:
    return Simulation()


@pytest.fixture
def requests_received() -> Heard:
    return []


@pytest.fixture
def server(simulation: Simulation, requests_received: Heard) -> Iterator[Serving]:
    def on_pub(imei: str, command: dict[str, Any]) -> None:
        requests_received.append((imei, command))

    app = iot_app(
        simulation,
        on_pub,
        {HERE: True, GONE: False}.get,
        product_key=PRODUCT,
        instance_id=INSTANCE,
    )
    serving = Serving(app).start()
    yield serving
    serving.stop()


def cabinets_at(url: str, **changes: Any) -> Cabinets:
    numbers = itertools.count()
    plain: dict[str, Any] = {
        "region": REGION,
        "instance_id": INSTANCE,
        "product_key": PRODUCT,
        "key_id": KEY_ID,
        "key_secret": KEY_SECRET,
        "now": lambda: datetime.now(UTC),
        "nonce": lambda: f"nonce-{next(numbers)}",
        "timeout_seconds": (2, 5),
    }
    return AlibabaCabinets(url, **{**plain, **changes})


@pytest.fixture
def cabinets(server: Serving) -> Cabinets:
    return cabinets_at(server.url)


def test_an_eject_reaches_the_platform_once_with_its_time(cabinets: Cabinets, requests_received: Heard) -> None:
    cabinets.eject(HERE, "40818052", at=AT)
    content = {"cmd": "popup_sn", "data": "40818052", "timestamp": str(int(AT.timestamp())), "ttl": "30"}
    assert requests_received == [(HERE, content)]


def test_a_check_asks_for_the_whole_cabinet(cabinets: Cabinets, requests_received: Heard) -> None:
    cabinets.check(HERE)
    assert requests_received == [(HERE, {"cmd": "check_all"})]


def test_nothing_is_published_with_more_than_qos_0(server: Serving, simulation: Simulation) -> None:
    requests_received: list[dict[str, str]] = []
    spy = Flask("spy")

    @spy.post("/")
    def answer() -> dict[str, Any]:
        requests_received.append({**request.args.to_dict(), **request.form.to_dict()})
        return {"Success": True, "RequestId": "1"}

    serving = Serving(spy).start()
    cabinets_at(serving.url).eject(HERE, "40818052", at=AT)
    cabinets_at(serving.url).check(HERE)
    serving.stop()
    assert [content["Qos"] for content in requests_received] == ["0", "0"]
    assert {content["TopicFullName"] for content in requests_received} == {f"/{PRODUCT}/{HERE}/user/get"}


def test_online_leaves_out_cabinets_that_the_platform_does_not_know(cabinets: Cabinets) -> None:
    assert cabinets.online([HERE, GONE, "864601069946996"]) == {HERE: True, GONE: False}
    assert cabinets.online([]) == {}
    assert cabinets.online([str(n) for n in range(60)] + [HERE]) == {HERE: True}


def test_a_public_instance_sends_no_instance_id(simulation: Simulation, requests_received: Heard) -> None:
    app = iot_app(
        simulation,
        lambda imei, content: requests_received.append((imei, content)),
        lambda imei: True,
        product_key=PRODUCT,
    )
    serving = Serving(app).start()
    cabinets_at(serving.url, instance_id="").check(HERE)
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
    server: Serving, requests_received: Heard, changes: dict[str, Any]
) -> None:
    refused = cabinets_at(server.url, **changes)
    with pytest.raises(Rejected):
        refused.eject(HERE, "40818052", at=AT)
    with pytest.raises(Rejected):
        refused.check(HERE)
    with pytest.raises(Unavailable):
        refused.online([HERE])
    assert requests_received == []


def test_an_unknown_cabinet_raises_rejected(cabinets: Cabinets) -> None:
    with pytest.raises(Rejected, match="NotExistedDevice"):
        cabinets.eject("864601069946996", "40818052", at=AT)


def test_a_used_nonce_is_rejected(server: Serving) -> None:
    cabinets = cabinets_at(server.url, nonce=lambda: "same")
    cabinets.check(HERE)
    with pytest.raises(Rejected, match="SignatureNonceUsed"):
        cabinets.check(HERE)


@pytest.mark.parametrize(
    ("status", "error"), [(500, OutcomeUnknown), (502, OutcomeUnknown), (503, OutcomeUnknown), (429, Unavailable)]
)
def test_each_platform_error_raises_its_failure(
    cabinets: Cabinets, simulation: Simulation, status: int, error: type[Exception]
) -> None:
    simulation.faults["alibaba_iot"] = Fault(times=2, status=status)
    with pytest.raises(error):
        cabinets.eject(HERE, "40818052", at=AT)
    with pytest.raises(Unavailable):
        cabinets.online([HERE])
    assert cabinets.online([HERE]) == {HERE: True}


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (200, '{"Success": false, "Code": "iot.system.SystemException"}', OutcomeUnknown),
        (200, '{"Success": false, "Code": "iot.common.QpsLimitExceeded"}', Unavailable),
        (200, '{"Success": false, "Code": "iot.prod.NotExistedProduct"}', Rejected),
        (200, '{"Success": false, "Code": "iot.device.NotExistedDevice"}', Rejected),
        (200, '{"Success": false, "Code": "iot.messagebroker.InvalidFormattedTopicName"}', Rejected),
        (200, '{"Success": false, "Code": "iot.messagebroker.MessageContentIsNotBase64Encode"}', Rejected),
        (200, '{"Success": false, "Code": "iot.common.RamActionPermissionDeny"}', Rejected),
        (200, '{"Success": false, "Code": "Iot.system.BillIsOverDue"}', Rejected),
        (200, '{"Success": false, "Code": "iot.messagebroker.PublishMessageException"}', OutcomeUnknown),
        (200, '{"Success": false, "Code": "iot.messagebroker.PublishMessageFailed"}', OutcomeUnknown),
        (200, '{"Success": false, "Code": "iot.messagebroker.TIMEOUT"}', OutcomeUnknown),
        (200, '{"Success": false, "Code": "iot.messagebroker.HALFCONN"}', OutcomeUnknown),
        (200, '{"Success": false, "Code": "iot.messagebroker.SomethingNew"}', OutcomeUnknown),
        (200, '{"Success": false, "Code": "iot.messagebroker.RateLimit"}', Unavailable),
        (200, '{"Success": false, "Code": 17}', OutcomeUnknown),
        (400, '{"Code": "iot.messagebroker.PublishMessageFailed"}', OutcomeUnknown),
        (400, '{"Code": "UnknownWord"}', OutcomeUnknown),
        (429, '{"Code": "iot.messagebroker.PublishMessageFailed"}', OutcomeUnknown),
        (429, "<html>", Unavailable),
        (403, '{"Code": "Forbidden.RAM"}', Rejected),
        (403, "<html>", OutcomeUnknown),
        (200, '{"Success": "true"}', OutcomeUnknown),
        (200, "<html>", OutcomeUnknown),
        (200, "[]", OutcomeUnknown),
        (200, "[" * 60000, OutcomeUnknown),
        (400, '{"Code": "SignatureDoesNotMatch"}', Rejected),
        (400, '{"Code": "Throttling.User"}', Unavailable),
        (404, '{"Code": "InvalidAccessKeyId.NotFound"}', Rejected),
        (404, "<html>", OutcomeUnknown),
        (500, '{"Code": "SignatureDoesNotMatch"}', OutcomeUnknown),
        (503, '{"Code": "ServiceUnavailable"}', OutcomeUnknown),
        (503, '{"Code": "Throttling"}', Unavailable),
    ],
)
def test_only_codes_known_to_come_before_sending_refuse(status: int, body: str, error: type[Exception]) -> None:
    app = Flask("odd")
    app.post("/")(lambda: Response(body, status=status))
    serving = Serving(app).start()
    with pytest.raises(error):
        cabinets_at(serving.url).eject(HERE, "40818052", at=AT)
    with pytest.raises(Unavailable):
        cabinets_at(serving.url).online([HERE])
    serving.stop()


def test_a_redirect_is_not_followed(server: Serving, requests_received: Heard) -> None:
    app = Flask("elsewhere")
    app.post("/")(
        lambda: Response(status=307, headers={"Location": f"{server.url}/?{request.query_string.decode()}"})
    )
    serving = Serving(app).start()
    with pytest.raises(OutcomeUnknown):
        cabinets_at(serving.url).eject(HERE, "40818052", at=AT)
    serving.stop()
    assert requests_received == []


def test_a_refused_connection_raises_unavailable(server: Serving, cabinets: Cabinets) -> None:
    server.stop()
    with pytest.raises(Unavailable):
        cabinets.eject(HERE, "40818052", at=AT)


def test_a_timeout_after_sending_raises_outcome_unknown() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(OutcomeUnknown):
            cabinets_at(url, timeout_seconds=(1, 0.1)).eject(HERE, "40818052", at=AT)


def test_a_broken_connection_after_sending_raises_outcome_unknown() -> None:
    app = Flask("breaks")

    @app.post("/")
    def breaks() -> Response:
        raise ConnectionResetError

    app.config["PROPAGATE_EXCEPTIONS"] = True
    serving = Serving(app).start()
    with pytest.raises(OutcomeUnknown):
        cabinets_at(serving.url).eject(HERE, "40818052", at=AT)
    serving.stop()


@pytest.mark.parametrize("version", ["v2", "v3"])
def test_the_platform_accepts_both_versions_of_the_signature(
    server: Serving, requests_received: Heard, version: str
) -> None:
    cabinets = cabinets_at(server.url, signature_version=version)
    cabinets.eject(HERE, "40818052", at=AT)
    assert cabinets.online([HERE]) == {HERE: True}
    assert [imei for imei, _ in requests_received] == [HERE]


@pytest.mark.parametrize("version", ["v2", "v3"])
@pytest.mark.parametrize(
    "changes", [{"key_id": "other"}, {"key_secret": "other"}, {"now": lambda: datetime(2020, 1, 1, tzinfo=UTC)}]
)
def test_the_platform_refuses_a_wrong_signature_of_either_version(
    server: Serving, requests_received: Heard, version: str, changes: dict[str, Any]
) -> None:
    with pytest.raises(Rejected):
        cabinets_at(server.url, signature_version=version, **changes).eject(HERE, "40818052", at=AT)
    assert requests_received == []


@pytest.mark.parametrize("effect", [True, False])
def test_a_broker_failure_is_unclear_whether_or_not_the_command_was_sent(
    cabinets: Cabinets, simulation: Simulation, requests_received: Heard, effect: bool
) -> None:
    code = "iot.messagebroker.PublishMessageException"
    simulation.faults["alibaba_iot"] = Fault(times=1, code=code, effect=effect)
    with pytest.raises(OutcomeUnknown, match=code):
        cabinets.eject(HERE, "40818052", at=AT)
    assert len(requests_received) == (1 if effect else 0)


def test_a_throttled_command_may_be_sent_later(cabinets: Cabinets, simulation: Simulation) -> None:
    simulation.faults["alibaba_iot"] = Fault(times=1, code="Throttling.User")
    with pytest.raises(Unavailable):
        cabinets.check(HERE)
    cabinets.check(HERE)
