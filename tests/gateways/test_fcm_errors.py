"""Errors of FCM and Apple: which mean the token, which the credentials or the message, and which a later try."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from chalicelib.world import (
    CredentialsRejected,
    InvalidMessage,
    OutcomeUnknown,
    ReceiverUnavailable,
    Rejected,
    Unavailable,
)
from infra.local.companies.all_companies import Companies
from infra.local.companies.fcm import BAD_REQUEST, FCM_ERROR
from infra.local.fault import Fault
from infra.local.simulation import Simulation
from tests.gateways.fcm_push import DATA, fcm
from tests.gateways.odd_server import ODD, OddServer


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_push_follows_no_redirect(status: int, odd_server: OddServer, env: dict[str, str]) -> None:
    odd_server.redirects(status)
    with pytest.raises(Unavailable):
        fcm(env, odd_server.url).send("device:1", "title", "body", DATA)
    assert [path.partition("/")[0] for _, path in odd_server.requests_received] == ["v1"]


ODD_NAMES = ('{"name": ""}', '{"name": null}', '{"name": 5}', '{"name": ["projects/p/messages/1"]}')


@pytest.mark.parametrize("body", [*ODD.values(), *ODD_NAMES])
def test_a_success_without_a_message_name_raises_outcome_unknown(
    body: str, odd_server: OddServer, env: dict[str, str]
) -> None:
    odd_server.answers_with(body)
    with pytest.raises(OutcomeUnknown):
        fcm(env, odd_server.url).send("device:1", "title", "body", DATA)


@pytest.mark.parametrize("body", [*ODD.values(), '{"error": "text"}', '{"error": ["list"]}', "\udcff"])
@pytest.mark.parametrize("status", [400, 404, 500])
def test_a_404_without_fcms_error_keeps_the_token(
    status: int, body: str, odd_server: OddServer, env: dict[str, str]
) -> None:
    odd_server.answers_with(body.encode(errors="surrogateescape").decode("latin-1"), status)
    with pytest.raises((Unavailable, OutcomeUnknown, InvalidMessage)):
        fcm(env, odd_server.url).send("device:1", "title", "body", DATA)


ERROR_INFO = "type.googleapis.com/google.rpc.ErrorInfo"
OF_TOKEN = {"@type": FCM_ERROR, "errorCode": "INVALID_ARGUMENT"}


def violation(field: str) -> dict[str, Any]:
    return {"@type": BAD_REQUEST, "fieldViolations": [{"field": field, "description": "Invalid"}]}


@pytest.mark.parametrize(
    ("details", "message", "error"),
    [
        ([OF_TOKEN], "The registration token is not a valid FCM registration token", Rejected),
        ([OF_TOKEN], "no", InvalidMessage),
        ([OF_TOKEN], "The package name does not match the registration.", InvalidMessage),
        ([OF_TOKEN], "Android message is too big", InvalidMessage),
        ([violation("message.token"), OF_TOKEN], "no", Rejected),
        ([violation("message.data[0].value"), OF_TOKEN], "no", InvalidMessage),
        ([violation("message.token")], "no", InvalidMessage),
        ([{"@type": BAD_REQUEST}, OF_TOKEN], "no", InvalidMessage),
        ([], "no", InvalidMessage),
    ],
)
def test_an_invalid_argument_deletes_the_token_only_if_it_names_it(
    details: list[Any], message: str, error: type[Exception], odd_server: OddServer, env: dict[str, str]
) -> None:
    content = {"error": {"code": 400, "message": message, "status": "INVALID_ARGUMENT", "details": details}}
    odd_server.answers_with(json.dumps(content), 400)
    with pytest.raises(error):
        fcm(env, odd_server.url).send("device:1", "title", "body", DATA)


@pytest.mark.parametrize(
    ("reason", "error"),
    [
        ("BadDeviceToken", Rejected),
        ("Unregistered", Rejected),
        ("ExpiredToken", Rejected),
        ("DeviceTokenNotForTopic", CredentialsRejected),
        ("BadEnvironmentKeyInToken", CredentialsRejected),
        ("TopicDisallowed", CredentialsRejected),
        ("InvalidProviderToken", CredentialsRejected),
        ("Forbidden", CredentialsRejected),
        ("SomethingNew", CredentialsRejected),
        ("PayloadTooLarge", InvalidMessage),
        ("BadCollapseId", InvalidMessage),
        ("TooManyRequests", ReceiverUnavailable),
        ("Shutdown", ReceiverUnavailable),
    ],
)
@pytest.mark.parametrize("code", ["INVALID_ARGUMENT", "THIRD_PARTY_AUTH_ERROR", "UNREGISTERED", "INTERNAL"])
def test_apples_reason_decides_what_a_refused_push_means(
    reason: str,
    error: type[Exception],
    code: str,
    companies_and_simulation: tuple[Companies, Simulation],
    env: dict[str, str],
) -> None:
    faults = companies_and_simulation[1].faults
    # Google's library repeats a request after a 401, with a new access token.
    faults["fcm"] = Fault(9, code=f"{code}:{reason}")
    with pytest.raises(Exception) as raised:  # noqa: PT011 - its type is compared below
        fcm(env).send("device:5", "title", "body", DATA)
    del faults["fcm"]
    assert type(raised.value) is error


def test_a_refusal_by_apple_names_its_reason(
    companies_and_simulation: tuple[Companies, Simulation], env: dict[str, str]
) -> None:
    companies_and_simulation[1].faults["fcm"] = Fault(1, code="INVALID_ARGUMENT:DeviceTokenNotForTopic")
    with pytest.raises(CredentialsRejected, match="DeviceTokenNotForTopic"):
        fcm(env).send("device:5", "title", "body", DATA)


@pytest.mark.parametrize(
    ("header", "seconds"), [("7", 7), (None, 60), ("soon", 60), ("-1", 60), ("0", 1), ("999999", 3600)]
)
def test_too_many_pushes_wait_as_long_as_fcm_says(
    header: str | None, seconds: int, odd_server: OddServer, env: dict[str, str]
) -> None:
    odd_server.answers_with("{}", 429, {} if header is None else {"Retry-After": header})
    with pytest.raises(Unavailable) as error:
        fcm(env, odd_server.url).send("device:1", "title", "body", DATA)
    assert error.value.retry_after_seconds == seconds


def test_the_rate_limit_of_the_whole_project_is_the_services(odd_server: OddServer, env: dict[str, str]) -> None:
    """Google's own proxy refuses before FCM does. Its answer has no code of FCM and no violation of a quota."""
    metadata = {
        "service": "fcm.googleapis.com",
        "consumer": "projects/123",
        "quota_limit": "SendsPerMinutePerProject",
    }
    details = [
        {"@type": ERROR_INFO, "reason": "RATE_LIMIT_EXCEEDED", "domain": "googleapis.com", "metadata": metadata}
    ]
    error = {"code": 429, "message": "Quota exceeded", "status": "RESOURCE_EXHAUSTED", "details": details}
    odd_server.answers_with(json.dumps({"error": error}), 429)
    with pytest.raises(Unavailable) as raised:
        fcm(env, odd_server.url).send("device:1", "title", "body", DATA)
    assert not isinstance(raised.value, ReceiverUnavailable)


def test_a_retry_after_may_be_a_date(odd_server: OddServer, env: dict[str, str]) -> None:
    until = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    odd_server.answers_with("{}", 503, {"Retry-After": until})
    with pytest.raises(Unavailable) as error:
        fcm(env, odd_server.url).send("device:1", "title", "body", DATA)
    assert 80 <= error.value.retry_after_seconds <= 90
