"""Many open top-ups of one customer do not delay the top-ups of others."""

import threading
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from chalicelib.domain.payments.payment_gateway import PaymentState, PaymentStatus
from chalicelib.domain.payments.topup_intent import Intent, IntentState
from chalicelib.domain.problems.problems import Problem
from chalicelib.services.topups import crediting
from chalicelib.services.topups import intents as topup_intents
from chalicelib.tables import intents
from chalicelib.tables.atomic import atomic
from chalicelib.tables.dynamodb import fetch_one
from tests.engines.interleaving import interleave
from tests.world.fakes import FakeGateway
from tests.world.network import Network

SUM = 50_000
MANY = 250


def open_topup(network: Network, user: str, amount_paisa: int = SUM) -> Intent:
    caller = network.sessions[user].caller(network.world)
    return topup_intents.open_intent(
        network.world, caller, amount_paisa=amount_paisa, method="khalti", return_url=None
    )[0]


def current(intent: Intent) -> Intent:
    stored = fetch_one(intents.intent_key(intent.user_id, intent.intent_id))
    assert stored is not None
    return stored


def test_a_sixth_open_topup_is_the_oldest_unpaid_one_again(network: Network) -> None:
    user = network.customer()
    opened = [open_topup(network, user, SUM + 100 * number) for number in range(5)]
    assert len({intent.intent_id for intent in opened}) == 5
    again = open_topup(network, user, 90_000)
    assert (again.intent_id, again.amount_paisa) == (opened[0].intent_id, SUM)
    assert again.payment_url == opened[0].payment_url


def test_a_top_up_that_ended_makes_room_for_another(network: Network) -> None:
    user = network.customer()
    opened = [open_topup(network, user) for _ in range(5)]
    key = topup_intents.prefetch_keys(user, opened[0].intent_id)
    topup_intents.cancel(network.world, network.sessions[user].caller(network.world, *key), opened[0].intent_id)
    assert open_topup(network, user).intent_id not in {intent.intent_id for intent in opened}
    assert open_topup(network, user).intent_id == opened[1].intent_id
    network.fake_world.clock.advance(minutes=31)
    assert open_topup(network, user).intent_id not in {intent.intent_id for intent in opened}


def test_two_requests_at_once_open_no_sixth_topup(network: Network) -> None:
    user = network.customer()
    opened = [open_topup(network, user) for _ in range(4)]
    with interleave(lambda: open_topup(network, user)) as results:
        second = open_topup(network, user)
    assert second.intent_id == opened[0].intent_id
    assert results[0].intent_id not in {intent.intent_id for intent in opened}


def test_topups_of_an_hour_are_limited(network: Network) -> None:
    user = network.customer()
    limit = network.world.settings().intents_per_user_hour
    for _ in range(limit):
        intent = open_topup(network, user)
        key = topup_intents.prefetch_keys(user, intent.intent_id)
        topup_intents.cancel(network.world, network.sessions[user].caller(network.world, *key), intent.intent_id)
    with pytest.raises(Problem, match="rate_limited") as refusal:
        open_topup(network, user)
    network.fake_world.clock.advance(seconds=refusal.value.retry_after_seconds or 0)
    assert open_topup(network, user).state is IntentState.PENDING


def test_a_flood_of_one_customer_delays_no_other_customer(network: Network) -> None:
    flooder, other = network.customer(), network.customer()
    template = open_topup(network, flooder)
    for _ in range(MANY):
        another = replace(template, intent_id=network.world.new_id(), version=0)
        atomic(network.world, lambda ops, another=another: intents.add(ops, another))  # type: ignore[misc]
    network.fake_world.clock.advance(seconds=1)
    late = open_topup(network, other)
    network.fake_world.khalti.payment_statuses[late.intent_id] = PaymentStatus(PaymentState.PAID, "theirs", SUM)
    network.fake_world.clock.advance(minutes=2)
    crediting.sweep(network.world)
    assert current(late).state is IntentState.SUCCESS


@dataclass
class SlowGateway(FakeGateway):
    """Answers a look-up when another one has begun, and counts how many run at once."""

    barrier: threading.Barrier = field(default_factory=lambda: threading.Barrier(2, timeout=60))

    def fetch_payment(self, intent: Intent) -> PaymentStatus:
        self.barrier.wait()
        return super().fetch_payment(intent)


def test_a_sweep_waits_for_several_answers_at_once(network: Network) -> None:
    opened = [open_topup(network, network.customer()) for _ in range(4)]
    slow = SlowGateway("khalti")
    network.world.gateways["khalti"] = slow  # type: ignore[index]
    network.fake_world.clock.advance(minutes=2)
    assert crediting.sweep(network.world) == 4
    assert {intent.intent_id for intent in opened} == set(slow.fetched)
    assert all(current(intent).checks_count == 1 for intent in opened)


def looks_of_three_days(network: Network, state: PaymentState) -> int:
    intent = open_topup(network, network.customer())
    network.fake_world.khalti.payment_status = PaymentStatus(state)
    network.fake_world.khalti.fetched.clear()
    while (following := current(intent).next_check_at) is not None:
        network.fake_world.clock.at = max(following, network.world.now() + timedelta(seconds=1))
        crediting.sweep(network.world)
    return network.fake_world.khalti.fetched.count(intent.intent_id)


def test_a_topup_without_an_opened_checkout_is_looked_up_far_more_rarely(network: Network) -> None:
    assert looks_of_three_days(network, PaymentState.UNPAID) * 3 <= looks_of_three_days(network, PaymentState.UNKNOWN)


def test_an_unopened_topup_is_looked_up_within_its_lifetime(network: Network) -> None:
    intent = open_topup(network, network.customer())
    network.fake_world.khalti.payment_status = PaymentStatus(PaymentState.UNPAID)
    network.fake_world.clock.advance(minutes=1)
    crediting.sweep(network.world)
    network.fake_world.khalti.payment_status = PaymentStatus(PaymentState.PAID, "theirs", SUM)
    network.fake_world.clock.advance(minutes=5)
    crediting.sweep(network.world)
    assert current(intent).state is IntentState.SUCCESS
