"""Notifications: one for an event, in the reader's language, with counts of unread ones."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from string import Formatter
from typing import Any

import pytest

from chalicelib.domain.notifications.notification import NOTIFICATION_TTL, Notification
from chalicelib.domain.notifications.notification_kinds import NotificationKind
from chalicelib.domain.notifications.notification_templates import TEMPLATES
from chalicelib.domain.payments.payment_gateway import PaymentState, PaymentStatus
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.text.ids import ulid
from chalicelib.services import outbox
from chalicelib.services.notifications import inbox
from chalicelib.services.notifications.inbox import NotificationPage
from chalicelib.services.topups import intents, payment_events
from chalicelib.tables import notifications as rows
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import shared_connection
from tests.world.builders import sign_in
from tests.world.network import Network

NEWS = {"amount_paisa": 12_050, "intent_id": "i1"}


def send_notice(network: Network, user: str) -> str:
    """Stage a notification now. Returns its id."""

    def decide(ops: Transaction) -> None:
        inbox.notify(ops, network.world, user, NotificationKind.TOPUP_CREDITED, NEWS)

    atomic(network.world, decide)
    return rows.newest(user, before=None, limit=1)[0].notification_id


def page(network: Network, user: str) -> NotificationPage:
    caller = network.sessions[user].caller(network.world, *inbox.prefetch_keys(user))
    return inbox.listing(network.world, caller, limit=100, before=None, matches=lambda *_: True)


def unread(network: Network, user: str) -> set[str]:
    """The unread notifications by their rows. The count must agree."""
    shown = page(network, user)
    notifications = {
        notification.notification_id
        for notification in shown.notifications
        if not notification.is_read(shown.read_until)
    }
    assert shown.unread_count == len(notifications)
    return notifications


def mark_all(network: Network, user: str) -> int:
    return inbox.mark_all_read(network.world, network.sessions[user].caller(network.world))


@pytest.fixture
def user(network: Network) -> str:
    user_id = network.customer(wallet_paisa=0)
    network.clear_inbox(user_id)
    return user_id


def test_the_unread_count_follows_new_read_and_deleted_notifications(network: Network, user: str) -> None:
    first, second, third = (send_notice(network, user) for _ in range(3))
    caller = network.sessions[user].caller(network.world)
    assert unread(network, user) == {first, second, third}
    inbox.mark_read(network.world, caller, first)
    inbox.mark_read(network.world, caller, first)
    inbox.delete(network.world, caller, second)
    assert unread(network, user) == {third}
    with pytest.raises(Problem, match="not_found"):
        inbox.delete(network.world, caller, second)
    with pytest.raises(Problem, match="not_found"):
        inbox.mark_read(network.world, caller, second)
    assert unread(network, user) == {third}


def test_mark_all_read_covers_old_and_new_notifications(network: Network, user: str) -> None:
    for _ in range(3):
        send_notice(network, user)
        network.fake_world.clock.advance(seconds=40)
    assert len(unread(network, user)) == 3
    assert mark_all(network, user) == 0
    assert mark_all(network, user) == 0
    assert unread(network, user) == set()
    later = send_notice(network, user)
    assert unread(network, user) == {later}


def test_a_notification_that_arrives_during_mark_all_read_stays_unread(network: Network, user: str) -> None:
    """One notification is committed between reading and marking. Another got its id before, and commits only now."""
    seen = send_notice(network, user)
    network.fake_world.clock.advance(seconds=10)
    late = ulid(network.world.now() - timedelta(seconds=5), bytes(10))
    new_ids: set[str] = set()

    def two_arrive(**_: Any) -> None:
        if not new_ids:
            notification = Notification(
                user, late, NotificationKind.TOPUP_CREDITED, NEWS, network.world.now(), unread_id=late
            )
            new_ids.add(late)
            atomic(network.world, lambda ops: rows.add(ops, notification))
            new_ids.add(send_notice(network, user))

    with after_each_query(two_arrive):
        assert mark_all(network, user) == 2
    assert seen not in new_ids
    assert unread(network, user) == new_ids


@contextmanager
def after_each_query(do: Callable[..., None]) -> Iterator[None]:
    """Run something after a query was answered and before its caller acts on it."""
    events = shared_connection().client.meta.events
    events.register("after-call.dynamodb.Query", do)
    try:
        yield
    finally:
        events.unregister("after-call.dynamodb.Query", do)


def test_the_read_mark_never_moves_back(network: Network, user: str) -> None:
    first = send_notice(network, user)
    network.fake_world.clock.advance(hours=1)
    mark_all(network, user)
    rows.mark_read_until(user, first)
    assert unread(network, user) == set()


def test_an_expired_notification_is_gone_even_if_its_row_is_not(network: Network, user: str) -> None:
    old = send_notice(network, user)
    network.fake_world.clock.advance(days=NOTIFICATION_TTL.days, hours=-1)
    young = send_notice(network, user)
    network.sessions[user] = sign_in(network.world, user)
    assert unread(network, user) == {old, young}
    network.fake_world.clock.advance(hours=2)
    assert unread(network, user) == {young}
    caller = network.sessions[user].caller(network.world)
    for verb in (inbox.mark_read, inbox.delete):
        with pytest.raises(Problem, match="not_found"):
            verb(network.world, caller, old)


def test_a_notification_of_another_user_is_not_found(network: Network, user: str) -> None:
    notification_id = send_notice(network, user)
    stranger = network.sessions[network.customer()].caller(network.world)
    for verb in (inbox.mark_read, inbox.delete):
        with pytest.raises(Problem, match="not_found"):
            verb(network.world, stranger, notification_id)
    assert unread(network, user) == {notification_id}


def test_a_repeated_credit_event_notifies_once(network: Network, user: str) -> None:
    caller = network.sessions[user].caller(network.world)
    intent, _ = intents.open_intent(network.world, caller, amount_paisa=12_050, method="khalti", return_url=None)
    network.fake_world.khalti.payment_status = PaymentStatus(PaymentState.PAID, "theirs", 12_050)
    for _ in range(3):
        payment_events.handle_payment_event(network.world, user, intent.intent_id)
    (notification,) = page(network, user).notifications
    assert notification.render("en").message == "Rs. 120.50 has been added to your wallet."
    assert "१२०.५०" in notification.render("ne").message
    assert network.fake_world.queues.take(outbox.PUSH) == []


@pytest.mark.parametrize("kind", list(NotificationKind))
def test_every_kind_names_the_same_values_in_both_languages(kind: NotificationKind) -> None:
    template = TEMPLATES[kind]
    for english, nepali in (template.title, template.message):
        assert english.isascii()
        assert not nepali.isascii()
        assert named(english) == named(nepali)


def named(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}
