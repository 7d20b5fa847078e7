"""One customer's many top-ups and look-ups cost no more than those of another, at any gateway and hour."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from chalicelib.domain.payments.payment_gateway import PaymentState, PaymentStatus
from chalicelib.domain.payments.topup_intent import Intent, IntentState
from chalicelib.domain.problems.problems import Problem
from chalicelib.services.topups import crediting
from chalicelib.services.topups import intents as topup_intents
from chalicelib.tables import intents
from chalicelib.tables.atomic import MAX_ITEMS, Transaction, atomic
from chalicelib.tables.rows import SHARDS, shard_of
from tests.services.topups.test_fair_sweeps import SUM, current, open_topup
from tests.world.network import Network


def cancel(network: Network, intent: Intent) -> None:
    key = topup_intents.prefetch_keys(intent.user_id, intent.intent_id)
    caller = network.sessions[intent.user_id].caller(network.world, *key)
    topup_intents.cancel(network.world, caller, intent.intent_id)


def verify(network: Network, intent: Intent) -> IntentState:
    key = topup_intents.prefetch_keys(intent.user_id, intent.intent_id)
    caller = network.sessions[intent.user_id].caller(network.world, *key)
    return topup_intents.verify(network.world, caller, intent.intent_id).intent.state


def copies(network: Network, template: Intent, count: int) -> list[Intent]:
    """More open top-ups of the same customer."""
    made = [replace(template, intent_id=network.world.new_id(), version=0) for _ in range(count)]
    for first in range(0, count, MAX_ITEMS // 2):
        atomic(network.world, partial(add_all, made[first : first + MAX_ITEMS // 2]))
    return made


def add_all(part: list[Intent], ops: Transaction) -> None:
    for intent in part:
        intents.add(ops, intent)


def test_verifying_many_topups_in_a_loop_looks_up_as_rarely_as_one(network: Network) -> None:
    network.fake_world.settings = network.fake_world.settings.changed({"intent_verifies_per_user_hour": 10})
    flooder, other = network.customer(), network.customer()
    first = open_topup(network, flooder)
    looped = [first, *copies(network, first, 11)]
    gateway = network.fake_world.khalti
    for _ in range(3):
        for intent in looped:
            assert verify(network, intent) is IntentState.PENDING
        network.fake_world.clock.advance(seconds=6)
    assert len(gateway.fetched) == 10
    late = open_topup(network, other)
    gateway.payment_statuses[late.intent_id] = PaymentStatus(PaymentState.PAID, "theirs", SUM)
    assert verify(network, late) is IntentState.SUCCESS
    network.fake_world.clock.advance(hours=1)
    gateway.payment_statuses[first.intent_id] = PaymentStatus(PaymentState.PAID, "another", SUM)
    assert verify(network, first) is IntentState.SUCCESS


def test_a_payment_beyond_the_cap_is_credited_by_the_sweep(network: Network) -> None:
    network.fake_world.settings = network.fake_world.settings.changed({"intent_verifies_per_user_hour": 1})
    user = network.customer()
    spent, paid = open_topup(network, user), open_topup(network, user)
    verify(network, spent)
    network.fake_world.khalti.payment_statuses[paid.intent_id] = PaymentStatus(PaymentState.PAID, "theirs", SUM)
    assert verify(network, paid) is IntentState.PENDING
    network.fake_world.clock.advance(minutes=2)
    crediting.sweep(network.world)
    assert current(paid).state is IntentState.SUCCESS


def test_the_cap_of_an_hour_counts_every_gateway(network: Network) -> None:
    network.fake_world.settings = network.fake_world.settings.changed(
        {"intents_per_user_hour": 6, "open_intents_per_user": 5}
    )
    user = network.customer()
    for number in range(6):
        caller = network.sessions[user].caller(network.world)
        method = ("khalti", "esewa", "stripe")[number % 3]
        opened, _ = topup_intents.open_intent(network.world, caller, amount_paisa=SUM, method=method, return_url=None)
        cancel(network, opened)
    with pytest.raises(Problem, match="rate_limited"):
        open_topup(network, user)


@pytest.mark.parametrize(("seconds", "allowed"), [(3_599, False), (3_600, True)])
def test_the_cap_ends_an_hour_after_the_topup_that_reached_it(
    network: Network, seconds: int, *, allowed: bool
) -> None:
    network.fake_world.settings = network.fake_world.settings.changed(
        {"intents_per_user_hour": 2, "open_intents_per_user": 2}
    )
    user = network.customer()
    first = open_topup(network, user)
    cancel(network, first)
    network.fake_world.clock.advance(minutes=10)
    cancel(network, open_topup(network, user))
    network.fake_world.clock.at = first.created_at + timedelta(seconds=seconds)
    if allowed:
        assert open_topup(network, user).state is IntentState.PENDING
    else:
        with pytest.raises(Problem, match="rate_limited"):
            open_topup(network, user)


def test_a_flood_in_every_shard_delays_no_topup_of_another_customer(network: Network) -> None:
    flooder, other = network.customer(), network.customer()
    copies(network, open_topup(network, flooder), 240)
    network.fake_world.clock.advance(seconds=1)
    late = copies(network, open_topup(network, other), 16)
    by_shard = {shard_of(intent.intent_id): intent for intent in late}
    assert len(by_shard) == SHARDS
    for shard, intent in by_shard.items():
        status = PaymentStatus(PaymentState.PAID, f"theirs-{shard}", SUM)
        network.fake_world.khalti.payment_statuses[intent.intent_id] = status
    network.fake_world.clock.advance(minutes=2)
    crediting.sweep(network.world)
    assert {current(intent).state for intent in by_shard.values()} == {IntentState.SUCCESS}
