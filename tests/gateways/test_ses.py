"""E-mail: the same tests for the real adapter and for the fake, and undocumented responses of SES."""

import json
from collections.abc import Iterator
from typing import Any

import botocore.session
import pytest
import requests
from botocore.config import Config

from chalicelib.gateways.aws_session import MAIL_CLIENT
from chalicelib.gateways.ses import SesMail
from chalicelib.world import Mail, OutcomeUnknown, Rejected, Unavailable
from infra.local.companies.all_companies import Companies
from infra.local.companies.ses import KEY, SENDER
from infra.local.fault import Fault
from infra.local.simulation import Simulation
from tests.gateways.companies import companies
from tests.gateways.odd_server import ODD, OddServer
from tests.world.fakes import FakeMail

TO = "sita@example.com"
SHORT_TIMEOUTS = MAIL_CLIENT.merge(Config(read_timeout=1))
"""Long enough for a busy machine to take the mail, which the client then gives up."""


@pytest.fixture(scope="module")
def companies_and_simulation() -> Iterator[tuple[Companies, Simulation]]:
    with companies() as made:
        yield made


def ses(url: str, *, key: str = KEY, sender: str = SENDER, config: Any = MAIL_CLIENT) -> SesMail:
    session = botocore.session.get_session()
    session.set_credentials(KEY, key)
    client = session.create_client("sesv2", region_name="ap-south-1", endpoint_url=url, config=config)
    return SesMail(client, sender)


def at(companies_and_simulation: tuple[Companies, Simulation], **changed: Any) -> SesMail:
    return ses(companies_and_simulation[0].environment()["AWS_ENDPOINT_URL_SESV2"], **changed)


@pytest.mark.parametrize("kind", ["ses", "fake"])
def test_a_mail_reaches_its_receiver(kind: str, companies_and_simulation: tuple[Companies, Simulation]) -> None:
    fake = FakeMail()
    mail: Mail = at(companies_and_simulation) if kind == "ses" else fake
    mail.send(TO, "A subject", "नमस्ते, hello")
    listed = [
        (item["to"], item["subject"], item["text"]) for item in companies_and_simulation[0].outboxes["emails"](TO)
    ]
    assert (fake.sent or listed)[0] == (TO, "A subject", "नमस्ते, hello")


@pytest.mark.parametrize("fault", [Unavailable("ses"), Rejected("MessageRejected"), OutcomeUnknown("ses")])
def test_the_fake_fails_like_the_real_adapter(fault: Exception) -> None:
    with pytest.raises(type(fault)):
        FakeMail(fails=fault).send(TO, "s", "t")


def test_a_mail_has_the_configured_sender(companies_and_simulation: tuple[Companies, Simulation]) -> None:
    at(companies_and_simulation).send("gita@example.com", "s", "t")
    (mail,) = companies_and_simulation[0].outboxes["emails"]("Gita@Example.com")
    assert mail["from"] == SENDER


@pytest.mark.parametrize("receiver", ["nobody", "a b@example.com", "सीता@example.com"])
def test_an_invalid_receiver_raises_rejected(
    receiver: str, companies_and_simulation: tuple[Companies, Simulation]
) -> None:
    with pytest.raises(Rejected, match="BadRequestException"):
        at(companies_and_simulation).send(receiver, "s", "t")


def test_an_unverified_sender_raises_unavailable(
    companies_and_simulation: tuple[Companies, Simulation],
) -> None:
    with pytest.raises(Unavailable, match="MessageRejected"):
        at(companies_and_simulation, sender="Somebody <else@example.com>").send(TO, "s", "t")


@pytest.mark.parametrize("status", [400, 403, 429, 500, 503])
def test_an_error_without_a_code_raises_unavailable(
    status: int, companies_and_simulation: tuple[Companies, Simulation]
) -> None:
    companies_and_simulation[1].faults["ses"] = Fault(1, status=status)
    with pytest.raises(Unavailable):
        at(companies_and_simulation).send(TO, "s", "t")


def test_a_wrong_key_raises_unavailable_and_sends_nothing(
    companies_and_simulation: tuple[Companies, Simulation],
) -> None:
    with pytest.raises(Unavailable, match="InvalidSignatureException"):
        at(companies_and_simulation, key="wrong").send("unsigned@example.com", "s", "t")
    url = companies_and_simulation[0].environment()["AWS_ENDPOINT_URL_SESV2"] + "/v2/email/outbound-emails"
    assert requests.post(url, json={"FromEmailAddress": SENDER}, timeout=60).status_code == 403
    odd = {"Authorization": "AWS4-HMAC-SHA256 Credential, =, SignedHeaders=\u00e9"}
    assert requests.post(url, json={}, headers=odd, timeout=60).status_code == 403
    assert companies_and_simulation[0].outboxes["emails"]("unsigned@example.com") == []


def test_a_refused_connection_raises_unavailable_too() -> None:
    with pytest.raises(Unavailable):
        ses("http://127.0.0.1:9").send(TO, "s", "t")


def test_a_timeout_after_sending_raises_outcome_unknown_and_sends_one_mail(
    companies_and_simulation: tuple[Companies, Simulation],
) -> None:
    companies_and_simulation[1].faults["ses"] = Fault(1, timeout=3)
    with pytest.raises(OutcomeUnknown):
        at(companies_and_simulation, config=SHORT_TIMEOUTS).send("silent@example.com", "s", "t")
    assert len(companies_and_simulation[0].outboxes["emails"]("silent@example.com")) == 1


@pytest.mark.parametrize("code", ["MessageRejected", "BadRequestException"])
def test_a_permanent_error_raises_rejected(code: str, odd_server: OddServer) -> None:
    odd_server.answers_with(json.dumps({"__type": code, "message": "Illegal content"}), 400)
    with pytest.raises(Rejected, match=code):
        ses(odd_server.url).send(TO, "s", "t")


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("TooManyRequestsException", 429),
        ("LimitExceededException", 400),
        ("AccountSuspendedException", 400),
        ("SendingPausedException", 400),
        ("MailFromDomainNotVerifiedException", 400),
        ("NotFoundException", 404),
        ("ThrottlingException", 400),
        ("InternalFailure", 500),
        ("SomethingNobodyKnows", 418),
    ],
)
def test_a_temporary_error_raises_unavailable_after_one_attempt(
    code: str, status: int, odd_server: OddServer
) -> None:
    odd_server.answers_with(json.dumps({"__type": code, "message": "not now"}), status)
    with pytest.raises(Unavailable, match=code):
        ses(odd_server.url).send(TO, "s", "t")
    assert len(odd_server.requests_received) == 1


@pytest.mark.parametrize("kind", ["html", "half", "deep", "nothing", "no status", "a list", "null"])
def test_a_success_without_a_message_id_raises_outcome_unknown(kind: str, odd_server: OddServer) -> None:
    odd_server.answers_with(ODD[kind])
    with pytest.raises(OutcomeUnknown):
        ses(odd_server.url).send(TO, "s", "t")


@pytest.mark.parametrize("message_id", ["5", "true", '["1"]', '{"id": "1"}', "null", '""'])
def test_an_odd_message_id_raises_outcome_unknown(message_id: str, odd_server: OddServer) -> None:
    odd_server.answers_with(f'{{"MessageId": {message_id}}}')
    with pytest.raises(OutcomeUnknown):
        ses(odd_server.url).send(TO, "s", "t")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_code_follows_no_redirect(status: int, odd_server: OddServer) -> None:
    odd_server.redirects(status)
    with pytest.raises(Unavailable):
        ses(odd_server.url).send(TO, "s", "t")
    assert len(odd_server.requests_received) == 1
