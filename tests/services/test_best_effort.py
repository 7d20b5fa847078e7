"""Steps that follow a commit: a DynamoDB that refuses them fails neither the message nor the request."""

from dataclasses import dataclass, replace
from typing import Any

import pytest

from chalicelib.domain.payments.payment_gateway import PaymentState, PaymentStatus
from chalicelib.domain.rentals.rental_state import RentalState
from chalicelib.services import outbox
from chalicelib.services.auth import otp, otp_delivery
from chalicelib.services.notifications import push
from chalicelib.services.topups import payment_events
from chalicelib.tables.intents import IntentRow
from chalicelib.world import Unavailable, World
from infra.local.simulation import Simulation
from tests.engines.storage_conflicts import conflicts
from tests.services.notifications.push_reader import Reader
from tests.world.builders import LABIM
from tests.world.fake_world import FakeWorld
from tests.world.network import Network

ALL = 1_000_000
PHONE = "+9779841234567"


@dataclass
class PushThenConflicts:
    """Takes a push, or fails, and from then on writes conflict."""

    storage_faults: Simulation
    failure: Exception | None = None
    pushes_count: int = 0

    def send(self, *_: Any) -> None:
        self.pushes_count += 1
        conflicts(self.storage_faults, ALL)
        if self.failure is not None:
            raise self.failure


def test_a_sent_code_is_sent_once(fake_world: FakeWorld, world: World, storage_faults: Simulation) -> None:
    otp.request_code(world, PHONE, "192.0.2.1")
    (body,) = fake_world.queues.take(outbox.OTP)
    conflicts(storage_faults, ALL)
    otp_delivery.deliver(world, body)
    assert len(fake_world.sms.sent) == 1


def test_a_failed_provider_is_named_although_its_back_off_is_not_stored(
    fake_world: FakeWorld, world: World, storage_faults: Simulation
) -> None:
    otp.request_code(world, PHONE, "192.0.2.1")
    (body,) = fake_world.queues.take(outbox.OTP)
    fake_world.sms.fails = Unavailable("sparrow")
    conflicts(storage_faults, ALL)
    with pytest.raises(Unavailable, match="sparrow"):
        otp_delivery.deliver(world, body)


def test_a_push_whose_result_is_not_stored_is_sent_once(network: Network, storage_faults: Simulation) -> None:
    reader = Reader(network, network.customer()).register("a").notify()
    service = PushThenConflicts(storage_faults)
    push.deliver(replace(network.world, push=service), reader.bodies[-1])
    assert service.pushes_count == 1


def test_a_failed_push_service_is_named_although_nothing_is_stored(
    network: Network, storage_faults: Simulation
) -> None:
    reader = Reader(network, network.customer()).register("a").notify()
    service = PushThenConflicts(storage_faults, Unavailable("fcm"))
    with pytest.raises(Unavailable, match="fcm"):
        push.deliver(replace(network.world, push=service), reader.bodies[-1])


def test_a_credited_payment_ends_its_message(network: Network, storage_faults: Simulation) -> None:
    user = network.customer()
    intent_id = network.open_topup(user)
    network.fake_world.khalti.payment_status = PaymentStatus(PaymentState.PAID, "theirs", 50_000)
    conflicts(storage_faults, ALL, "DeleteItem")
    payment_events.handle_payment_event(network.world, user, intent_id, "message")
    assert IntentRow.get(user, intent_id).state == "success"


@pytest.mark.parametrize("operation", ["UpdateItem", "DeleteItem"])
def test_a_rental_begins_and_ends_although_what_follows_its_commits_fails(
    network: Network, storage_faults: Simulation, operation: str
) -> None:
    user = network.customer()
    conflicts(storage_faults, ALL, operation)
    rental = network.rented(user)
    network.fake_world.clock.advance(minutes=30)
    network.report_return(LABIM, rental.powerbank_sn)
    assert network.rental(rental).state is RentalState.COMPLETED
    storage_faults.faults.clear()
    network.deliver_messages()
    assert network.books_balance()
