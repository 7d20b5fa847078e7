"""Every company's second call after its server dropped the connection of the first one."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import botocore.session
import pytest
from flask import Flask

from chalicelib.domain.payments.payment_gateway import GatewayRefundState, PaymentState, RefundRequest
from chalicelib.gateways.alibaba_iot import AlibabaCabinets
from chalicelib.gateways.aws_session import CLIENT, MAIL_CLIENT
from chalicelib.gateways.cloudinary import CloudinaryMedia
from chalicelib.gateways.fcm import FcmPush
from chalicelib.gateways.kms import KmsVault
from chalicelib.gateways.mns import MnsInbox
from chalicelib.gateways.ses import SesMail
from chalicelib.gateways.sparrow import Sparrow
from chalicelib.gateways.sqs import SqsQueues
from infra.local.cabinets import iot_server, mns_server
from infra.local.cabinets.mns_queue import MnsQueue
from infra.local.companies import ses
from infra.local.companies.all_companies import Companies
from infra.local.companies.dead_connections import DeadConnections
from infra.local.seeds.images import citizenship_front
from infra.local.serving import Serving
from infra.local.simulation import Simulation
from tests.gateways.companies import companies
from tests.gateways.gateways_under_test import GatewayUnderTest, credited, intent, real

IMEI = "864601069946994"
AT = datetime(2026, 11, 23, 16, 7, 32, tzinfo=UTC)


@pytest.fixture(scope="module")
def companies_and_simulation() -> Iterator[tuple[Companies, Simulation]]:
    with companies(keep_connections=False) as made:
        yield made


@pytest.fixture
def env(companies_and_simulation: tuple[Companies, Simulation]) -> dict[str, str]:
    return companies_and_simulation[0].environment()


@pytest.fixture
def served() -> Iterator[Callable[[Any], str]]:
    """Serves a WSGI app that drops kept connections, and returns its address."""
    started: list[Serving] = []

    def serve(app: Any) -> str:
        started.append(Serving(DeadConnections(app)).start())
        return started[-1].url

    yield serve
    for serving in started:
        serving.stop()


def aws(service: str, url: str, config: Any) -> Any:
    session = botocore.session.get_session()
    session.set_credentials(ses.KEY, ses.KEY)
    return session.create_client(service, region_name="ap-south-1", endpoint_url=url, config=config)


def test_each_sms_is_sent_once(companies_and_simulation: tuple[Companies, Simulation], env: dict[str, str]) -> None:
    sms = Sparrow(env["BIJULI_SPARROW_URL"], env["BIJULI_SPARROW_TOKEN"], env["BIJULI_SPARROW_SENDER"])
    for text in ("first", "second", "third"):
        sms.send("+9779841000001", text)
    sent = [item["text"] for item in companies_and_simulation[0].outboxes["sms"]("+9779841000001")]
    assert sent == ["third", "second", "first"]


def test_each_mail_is_sent_once(companies_and_simulation: tuple[Companies, Simulation], env: dict[str, str]) -> None:
    mail = SesMail(aws("sesv2", env["AWS_ENDPOINT_URL_SESV2"], MAIL_CLIENT), ses.SENDER)
    for subject in ("first", "second", "third"):
        mail.send("sita@example.com", subject, "text")
    sent = [item["subject"] for item in companies_and_simulation[0].outboxes["emails"]("sita@example.com")]
    assert sent == ["third", "second", "first"]


def test_each_push_is_sent_once(companies_and_simulation: tuple[Companies, Simulation], env: dict[str, str]) -> None:
    push = FcmPush(env["BIJULI_FCM_URL"], env["BIJULI_FCM_CREDENTIALS"])
    for title in ("first", "second", "third"):
        push.send("device:1", title, "body", {"notification_id": title})
    sent = [item["title"] for item in companies_and_simulation[0].outboxes["pushes"]("device:1")]
    assert sent == ["third", "second", "first"]


def paid_without_callback(companies_and_simulation: tuple[Companies, Simulation], name: str) -> GatewayUnderTest:
    """The adapter of a gateway that sends no callback."""
    pay = companies_and_simulation[0].gateways[name].pay
    gateway = real(*companies_and_simulation, name)
    return GatewayUnderTest(gateway, lambda item, outcome: pay(item.order_ref, outcome, "never"), list)


@pytest.mark.parametrize("name", ["khalti", "esewa", "stripe"])
def test_checkouts_and_look_ups_of_payments_succeed(
    name: str, companies_and_simulation: tuple[Companies, Simulation]
) -> None:
    under_test = paid_without_callback(companies_and_simulation, name)
    gateway = under_test.gateway
    for number in (1, 2):
        paid = under_test.opened(intent(number))
        under_test.pay(paid, "success")
        assert [gateway.fetch_payment(paid).state for _ in (1, 2)] == [PaymentState.PAID] * 2


@pytest.mark.parametrize("name", ["khalti", "stripe"])
def test_refunds_and_their_look_ups_succeed(
    name: str, companies_and_simulation: tuple[Companies, Simulation]
) -> None:
    under_test = paid_without_callback(companies_and_simulation, name)
    gateway = under_test.gateway
    for number in (3, 4):
        paid = credited(under_test, intent(number))
        request = RefundRequest(f"refund{number}", paid.amount_paisa)
        assert gateway.refund(paid, request).state is GatewayRefundState.DONE
        assert gateway.fetch_refund(paid, request).state is GatewayRefundState.DONE


def test_payments_are_listed_over_a_reset_connection(companies_and_simulation: tuple[Companies, Simulation]) -> None:
    gateway, now = real(*companies_and_simulation, "stripe"), datetime.now(UTC)
    gateway.create_checkout(intent(5))
    span = (now - timedelta(minutes=5), now + timedelta(minutes=5))
    orders = [[item.order_ref for item in gateway.list_payments(*span) or ()] for _ in (1, 2)]
    assert [intent(5).order_ref in listed for listed in orders] == [True, True]


def test_files_are_stored_found_and_deleted(env: dict[str, str]) -> None:
    media = CloudinaryMedia(
        env["BIJULI_CLOUDINARY_API_URL"],
        env["BIJULI_CLOUDINARY_DELIVERY_URL"],
        cloud=env["BIJULI_CLOUDINARY_CLOUD"],
        api_key=env["BIJULI_CLOUDINARY_API_KEY"],
        api_secret=env["BIJULI_CLOUDINARY_API_SECRET"],
        now=lambda: datetime.now(UTC),
    )
    for public_id in ("first", "second"):
        stored = media.store(citizenship_front(), public_id=public_id, kind="image", private=True)
        assert media.fetch_file(public_id, kind="image", private=True) == stored
    media.delete("first", kind="image", private=True)
    assert media.fetch_file("first", kind="image", private=True) is None


def test_each_command_reaches_its_cabinet_once(served: Callable[[Any], str]) -> None:
    received: list[str] = []
    app = iot_server.iot_app(
        Simulation(), lambda _, command: received.append(str(command["data"])), {IMEI: True}.get, product_key="a1"
    )
    cabinets = AlibabaCabinets(
        served(app),
        region=iot_server.REGION,
        instance_id="",
        product_key="a1",
        key_id=iot_server.KEY_ID,
        key_secret=iot_server.KEY_SECRET,
        now=lambda: datetime.now(UTC),
        nonce=iter(map(str, range(9))).__next__,
    )
    for powerbank_sn in ("40818052", "40818053", "40818054"):
        cabinets.eject(IMEI, powerbank_sn, at=AT)
    assert received == ["40818052", "40818053", "40818054"]
    assert [cabinets.online([IMEI]) for _ in (1, 2)] == [{IMEI: True}] * 2


def test_messages_of_cabinets_are_received_and_deleted(served: Callable[[Any], str]) -> None:
    queue = MnsQueue()
    url = served(mns_server.mns_app(Simulation(), queue))
    inbox = MnsInbox(url, queue=queue.name, key_id=mns_server.KEY_ID, key_secret=mns_server.KEY_SECRET)
    for body in ("first", "second"):
        queue.enqueue(body)
        messages = inbox.receive(0)
        assert [message.body for message in messages] == [body]
        inbox.delete(messages)
    assert list(inbox.receive(0)) == []


def test_queues_and_the_key_service_are_called_again(served: Callable[[Any], str]) -> None:
    app = Flask("aws")
    answer = json.dumps({"Successful": [{"Id": "0"}], "CiphertextBlob": "c2VhbGVk"})
    app.add_url_rule("/", "any", lambda: answer, methods=["POST"])
    url = served(app)
    queues, vault = SqsQueues(aws("sqs", url, CLIENT), f"{url}/"), KmsVault(aws("kms", url, CLIENT), "key")
    for _ in (1, 2):
        queues.send("points", [{"a": 1}])
        assert vault.seal("plain", about="kyc") == "c2VhbGVk"
