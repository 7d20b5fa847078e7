"""Pushes: the same tests for Firebase's library with the simulated FCM, and for the fake."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from chalicelib.gateways.fcm import FcmPush
from chalicelib.world import (
    CredentialsRejected,
    InvalidMessage,
    OutcomeUnknown,
    PushService,
    ReceiverUnavailable,
    Rejected,
    Unavailable,
)
from infra.local.companies.all_companies import Companies
from infra.local.fault import Fault
from infra.local.simulation import Simulation
from tests.gateways.fcm_push import DATA, fcm
from tests.world.fakes import FakePush

NOTHING_THERE = "http://127.0.0.1:9"
BOTH = pytest.mark.parametrize("kind", ["fcm", "fake"])


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
    assert isinstance(error.value, ReceiverUnavailable)


@pytest.mark.parametrize(
    ("code", "is_receivers"),
    [
        ("QUOTA_EXCEEDED", True),
        ("UNAVAILABLE:TooManyRequests", True),
        ("UNAVAILABLE:ServiceUnavailable", True),
        ("PROJECT_QUOTA_EXCEEDED", False),
        ("UNAVAILABLE", False),
        ("INTERNAL", False),
    ],
)
def test_a_failure_of_one_device_differs_from_one_of_the_service(
    code: str,
    is_receivers: bool,
    companies_and_simulation: tuple[Companies, Simulation],
    env: dict[str, str],
) -> None:
    companies_and_simulation[1].faults["fcm"] = Fault(1, code=code, retry_after=45)
    with pytest.raises(Unavailable) as error:
        fcm(env).send("device:1", "title", "body", DATA)
    assert isinstance(error.value, ReceiverUnavailable) is is_receivers
    assert error.value.retry_after_seconds == 45


def test_a_fault_of_one_receiver_leaves_the_others_alone(
    companies_and_simulation: tuple[Companies, Simulation], env: dict[str, str]
) -> None:
    companies_and_simulation[1].faults["fcm"] = Fault(9, status=503, receiver="device:ill")
    push = fcm(env)
    push.send("device:well", "title", "body", DATA)
    with pytest.raises(Unavailable):
        push.send("device:ill", "title", "body", DATA)


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
    push = fcm(env, timeout_seconds=1)
    push.send("device:3", "title", "body", DATA)
    companies_and_simulation[1].faults["fcm"] = Fault(1, timeout=3)
    with pytest.raises(OutcomeUnknown):
        push.send("device:3", "title", "perhaps", DATA)


def test_a_refused_connection_raises_unavailable(env: dict[str, str]) -> None:
    with pytest.raises(Unavailable):
        fcm(env, NOTHING_THERE).send("device:1", "title", "body", DATA)
    with pytest.raises(Unavailable):
        fcm(env, token_uri=f"{NOTHING_THERE}/token").send("device:1", "title", "body", DATA)


def another_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.mark.parametrize("what", ["key", "account", "project", "not JSON", "not an account", "no key"])
def test_wrong_credentials_raise_credentials_rejected(what: str, env: dict[str, str]) -> None:
    changes: dict[str, Callable[[], dict[str, Any]]] = {
        "key": lambda: {"private_key": another_key()},
        "account": lambda: {"client_email": "somebody@example.com"},
        "project": lambda: {"project_id": "another"},
        "not an account": lambda: {"type": "user"},
        "no key": lambda: {"private_key": "none"},
    }
    push = FcmPush(env["BIJULI_FCM_URL"], "{") if what == "not JSON" else fcm(env, **changes[what]())
    with pytest.raises(CredentialsRejected):
        push.send("device:1", "title", "body", DATA)


class UnreadyPush(FcmPush):
    """A push whose library has changed."""

    def _make_app(self) -> Any:
        raise AttributeError("_get_messaging_service")


def test_a_fault_of_our_own_is_no_answer_of_google(env: dict[str, str]) -> None:
    """Nothing was sent, so that the push must come again."""
    with pytest.raises(AttributeError):
        UnreadyPush(env["BIJULI_FCM_URL"], env["BIJULI_FCM_CREDENTIALS"]).send("device:1", "title", "body", DATA)


def test_many_threads_share_one_named_app(
    companies_and_simulation: tuple[Companies, Simulation], env: dict[str, str]
) -> None:
    pushes = [fcm(env) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda push: push.send("device:4", "title", "body", DATA), pushes))
    assert len(companies_and_simulation[0].outboxes["pushes"]("device:4")) == 8
    import firebase_admin

    assert len({id(push._app_made_once()) for push in pushes}) == 1
    with pytest.raises(ValueError, match="default Firebase app does not exist"):
        firebase_admin.get_app()
