"""Pushes: the same tests for Firebase's library with the simulated FCM, and for the fake."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from chalicelib.gateways.fcm import FcmPush
from chalicelib.world import CredentialsRejected, InvalidMessage, OutcomeUnknown, PushService, Rejected, Unavailable
from infra.local.companies import Companies
from infra.local.fcm import BAD_REQUEST, FCM_ERROR
from infra.local.simulation import Fault, Simulation
from tests.fakes import FakePush
from tests.gateways.companies import companies
from tests.gateways.odd_server import ODD, OddServer

NOTHING_THERE = "http://127.0.0.1:9"
DATA = {"notification_id": "01M83FTTQ80000000000000008", "type": "kyc_status"}
BOTH = pytest.mark.parametrize("kind", ["fcm", "fake"])


@pytest.fixture(scope="module")
def companies_and_simulation() -> Iterator[tuple[Companies, Simulation]]:
    with companies() as made:
        yield made


@pytest.fixture(scope="module")
def env(companies_and_simulation: tuple[Companies, Simulation]) -> dict[str, str]:
    return companies_and_simulation[0].environment()


def fcm(env: dict[str, str], url: str | None = None, timeout_seconds: float = 5.0, **changed: str) -> FcmPush:
    account = json.loads(env["BIJULI_FCM_CREDENTIALS"]) | changed
    return FcmPush(url or env["BIJULI_FCM_URL"], json.dumps(account), timeout_seconds)


def one_of(kind: str, env: dict[str, str]) -> PushService:
    return fcm(env) if kind == "fcm" else FakePush()


@BOTH
def test_a_push_reaches_its_device_with_all_fields(
    kind: str, companies_and_simulation: tuple[Companies, Simulation], env: dict[str, str]
) -> None:
    push = one_of(kind, env)
    push.send("device:1", "नमस्ते", "Your documents are approved.", DATA)
    if isinstance(push, FakePush):
        (sent,) = push.sent
    else:
        (item,) = companies_and_simulation[0].outboxes["pushes"]("device:1")
        sent = (item["token"], item["title"], item["body"], item["data"])
    assert sent == ("device:1", "नमस्ते", "Your documents are approved.", DATA)


@BOTH
@pytest.mark.parametrize("token", ["unregistered-1", "invalid-1", "mismatch-1"])
def test_an_invalid_token_raises_rejected(kind: str, token: str, env: dict[str, str]) -> None:
    with pytest.raises(Rejected) as refused:
        one_of(kind, env).send(token, "title", "body", DATA)
    assert token not in repr(refused.value)


@BOTH
def test_too_many_pushes_raise_unavailable(kind: str, env: dict[str, str]) -> None:
    with pytest.raises(Unavailable) as error:
        one_of(kind, env).send("quota-1", "title", "body", DATA)
    assert not isinstance(error.value, CredentialsRejected)


@BOTH
def test_rejected_platform_keys_raise_credentials_rejected(kind: str, env: dict[str, str]) -> None:
    with pytest.raises(CredentialsRejected):
        one_of(kind, env).send("apns-1", "title", "body", DATA)


def test_two_pushes_with_one_tag_are_shown_once(
    companies_and_simulation: tuple[Companies, Simulation], env: dict[str, str]
) -> None:
    fcm(env).send("device:2", "title", "body", DATA)
    value = [call.body for call in companies_and_simulation[1].calls if call.service == "fcm"][-1]["message"]
    name = DATA["notification_id"]
    assert value["android"]["notification"]["tag"] == name
    assert value["apns"]["headers"]["apns-collapse-id"] == name
    assert value["webpush"]["notification"]["tag"] == name


@pytest.mark.parametrize("data", [DATA | {"google_id": "1"}, DATA | {"from": "x"}, DATA | {"text": "x" * 5000}])
def test_an_invalid_message_keeps_the_token(data: dict[str, str], env: dict[str, str]) -> None:
    with pytest.raises(InvalidMessage):
        fcm(env).send("device:1", "title", "body", data)


@pytest.mark.parametrize("status", [500, 502, 503, 429])
def test_a_failing_service_raises_unavailable_after_one_attempt(
    status: int, companies_and_simulation: tuple[Companies, Simulation], env: dict[str, str]
) -> None:
    push, token = fcm(env), f"device:{status}"
    companies_and_simulation[1].faults["fcm"] = Fault(1, status=status)
    with pytest.raises(Unavailable):
        push.send(token, "title", "body", DATA)
    assert companies_and_simulation[0].outboxes["pushes"](token) == []
    push.send(token, "title", "body", DATA)
    assert len(companies_and_simulation[0].outboxes["pushes"](token)) == 1


def test_a_timeout_after_sending_raises_outcome_unknown(
    companies_and_simulation: tuple[Companies, Simulation], env: dict[str, str]
) -> None:
    push = fcm(env, timeout_seconds=0.3)
    push.send("device:3", "title", "body", DATA)
    companies_and_simulation[1].faults["fcm"] = Fault(1, timeout=1.0)
    with pytest.raises(OutcomeUnknown):
        push.send("device:3", "title", "perhaps", DATA)


def test_a_refused_connection_raises_unavailable(env: dict[str, str]) -> None:
    with pytest.raises(Unavailable):
        fcm(env, NOTHING_THERE).send("device:1", "title", "body", DATA)
    with pytest.raises(Unavailable):
        fcm(env, token_uri=f"{NOTHING_THERE}/token").send("device:1", "title", "body", DATA)


@pytest.mark.parametrize("what", ["key", "account", "project", "not JSON", "not an account", "no key"])
def test_wrong_credentials_raise_credentials_rejected(what: str, env: dict[str, str]) -> None:
    another = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = another.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    changes: dict[str, Any] = {
        "key": {"private_key": pem},
        "account": {"client_email": "somebody@example.com"},
        "project": {"project_id": "another"},
        "not an account": {"type": "user"},
        "no key": {"private_key": "none"},
    }
    push = FcmPush(env["BIJULI_FCM_URL"], "{") if what == "not JSON" else fcm(env, **changes[what])
    with pytest.raises(CredentialsRejected):
        push.send("device:1", "title", "body", DATA)


def test_many_threads_share_one_named_app(
    companies_and_simulation: tuple[Companies, Simulation], env: dict[str, str]
) -> None:
    pushes = [fcm(env) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda push: push.send("device:4", "title", "body", DATA), pushes))
    assert len(companies_and_simulation[0].outboxes["pushes"]("device:4")) == 8
    import firebase_admin

    assert len({id(push._ready()) for push in pushes}) == 1
    with pytest.raises(ValueError, match="default Firebase app does not exist"):
        firebase_admin.get_app()


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_push_follows_no_redirect(status: int, odd_server: OddServer, env: dict[str, str]) -> None:
    odd_server.redirects(status)
    with pytest.raises(Unavailable):
        fcm(env, odd_server.url).send("device:1", "title", "body", DATA)
    assert [path.partition("/")[0] for _, path in odd_server.requests_received] == ["v1"]


@pytest.mark.parametrize("body", list(ODD.values()))
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
        ("TooManyRequests", Unavailable),
        ("Shutdown", Unavailable),
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


def test_a_retry_after_may_be_a_date(odd_server: OddServer, env: dict[str, str]) -> None:
    until = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    odd_server.answers_with("{}", 503, {"Retry-After": until})
    with pytest.raises(Unavailable) as error:
        fcm(env, odd_server.url).send("device:1", "title", "body", DATA)
    assert 80 <= error.value.retry_after_seconds <= 90
