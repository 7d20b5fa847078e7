"""Responses of Alibaba's IoT platform that say nothing clear about the command, or none at all."""

import socket

import pytest
from flask import Flask, Response

from chalicelib.world import OutcomeUnknown, Rejected, Unavailable
from infra.local.serving import Serving
from tests.gateways.iot_platform import ONLINE_IMEI, SENT_AT, cabinets_at


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
        cabinets_at(serving.url).eject(ONLINE_IMEI, "40818052", at=SENT_AT)
    with pytest.raises(Unavailable):
        cabinets_at(serving.url).online([ONLINE_IMEI])
    serving.stop()


def test_a_timeout_after_sending_raises_outcome_unknown() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(OutcomeUnknown):
            cabinets_at(url, timeout_seconds=(1, 0.1)).eject(ONLINE_IMEI, "40818052", at=SENT_AT)


def test_a_broken_connection_after_sending_raises_outcome_unknown() -> None:
    app = Flask("breaks")

    @app.post("/")
    def breaks() -> Response:
        raise ConnectionResetError

    app.config["PROPAGATE_EXCEPTIONS"] = True
    serving = Serving(app).start()
    with pytest.raises(OutcomeUnknown):
        cabinets_at(serving.url).eject(ONLINE_IMEI, "40818052", at=SENT_AT)
    serving.stop()
