"""Accounts with thousands of rows: a request makes a bounded number of calls, and the queue erases the rest."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.notifications.notification_kinds import NotificationKind
from chalicelib.domain.text.ids import ulid
from chalicelib.services import outbox
from chalicelib.services.notifications import inbox
from chalicelib.services.users import deletion
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.tables.notifications import NotificationRow
from chalicelib.tables.outbox import message_key
from chalicelib.tables.push_deliveries import PushDeliveryRow
from tests.engines.counting import counted
from tests.engines.faults import Crash
from tests.scenarios.customer_to_delete import CustomerToDelete
from tests.scenarios.personal_history import customer_to_delete
from tests.world.network import Network
from tests.world.run_until_quiet import run_until_quiet

SIZES = [300, pytest.param(10_000, marks=pytest.mark.long)]
MAX_CALLS = 64
MAX_MARK_CALLS = 30


def fill(network: Network, user: str, count: int) -> None:
    """Notifications of this moment, all unread."""
    now = network.world.now()
    with NotificationRow.batch_write() as batch:
        for number in range(count):
            notification_id = ulid(now, number.to_bytes(10, "big"))
            batch.save(
                NotificationRow(
                    user,
                    notification_id,
                    kind=NotificationKind.KYC_APPROVED,
                    data={},
                    created_at=now,
                    unread_id=notification_id,
                    expires=int(now.timestamp()) + 86_400,
                )
            )


def notifications_count(user: str) -> int:
    return int(NotificationRow.count(user, consistent_read=True))


@pytest.fixture
def customer(network: Network) -> CustomerToDelete:
    return customer_to_delete(network)


def test_a_deletion_makes_as_many_calls_for_many_rows_as_for_few(
    network: Network, customer: CustomerToDelete
) -> None:
    fill(network, customer.user_id, 300)
    with counted() as counts:
        customer.delete()
    assert counts.round_trips <= MAX_CALLS
    assert notifications_count(customer.user_id) >= 275


@pytest.mark.parametrize("count", SIZES)
def test_the_queue_erases_rows_that_the_request_left(
    network: Network, customer: CustomerToDelete, count: int
) -> None:
    fill(network, customer.user_id, count)
    with counted() as counts:
        customer.delete()
    assert counts.round_trips <= MAX_CALLS
    run_until_quiet(network)
    assert notifications_count(customer.user_id) == 0
    assert PushDeliveryRow.count(customer.user_id) == 0
    assert fetch_one(message_key(deletion.message_id_of(customer.user_id))) is None
    assert network.books_balance()


def test_a_message_ends_when_its_time_is_used_up_and_goes_on(network: Network, customer: CustomerToDelete) -> None:
    fill(network, customer.user_id, 300)
    customer.delete()
    (body,) = erasure_messages(network)
    slow = replace(network.world, now=lambda: network.fake_world.clock.advance(seconds=3))
    counts = [notifications_count(customer.user_id)]
    messages = [body]
    while messages:
        deletion.handle_message(slow, messages.pop())
        counts.append(notifications_count(customer.user_id))
        messages += network.fake_world.queues.take(outbox.ERASURE)
    assert counts == sorted(counts, reverse=True)
    assert len(counts) > 3
    assert counts[-1] == 0
    assert fetch_one(message_key(str(body["message_id"]))) is None


def test_an_erasure_that_died_goes_on_and_may_run_twice(network: Network, customer: CustomerToDelete) -> None:
    fill(network, customer.user_id, 300)
    customer.delete()
    (body,) = erasure_messages(network)
    dying = replace(network.world, now=_dies_after(network, 4))
    with pytest.raises(Crash):
        deletion.handle_message(dying, body)
    assert 0 < notifications_count(customer.user_id) < 275
    for _ in range(2):
        deletion.handle_message(network.world, body)
    assert notifications_count(customer.user_id) == 0


def _dies_after(network: Network, calls: int) -> Callable[[], datetime]:
    """A clock that crashes the process after this number of looks."""
    left = iter(range(calls))

    def now() -> datetime:
        if next(left, None) is None:
            raise Crash
        return network.fake_world.clock.now()

    return now


def erasure_messages(network: Network) -> list[dict[str, Any]]:
    """What the outbox sends a minute after the deletion."""
    network.fake_world.clock.advance(minutes=2)
    outbox.sweep(network.world)
    return [body for body in network.fake_world.queues.take(outbox.ERASURE) if body.get("what") == deletion.ACCOUNT]


@pytest.mark.parametrize("count", SIZES)
@pytest.mark.parametrize("age", [timedelta(), timedelta(hours=1)])
def test_mark_all_read_makes_as_many_calls_for_many_rows_as_for_few(
    network: Network, count: int, age: timedelta
) -> None:
    user = network.customer()
    fill(network, user, count)
    network.fake_world.clock.at += age
    caller = network.sessions[user].caller(network.world, *inbox.prefetch_keys(user))
    with counted() as counts:
        assert inbox.mark_all_read(network.world, caller) == 0
    assert counts.round_trips <= MAX_MARK_CALLS
    caller = network.sessions[user].caller(network.world, *inbox.prefetch_keys(user))
    listed = inbox.listing(network.world, caller, limit=20, before=None, matches=lambda _, is_read: is_read)
    assert len(listed.notifications) == 20
    assert listed.unread_count == 0
