"""What a customer is told of a rental, and that each event is told once."""

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.notifications.notification import Notification
from chalicelib.services import outbox
from chalicelib.services.rentals import cancelling, due_times, dues, extending
from chalicelib.tables import notifications
from tests.world.builders import CIVIL, LABIM, account
from tests.world.network import EJECTED, Network

REFUSED = 0x00


@pytest.fixture
def user(network: Network) -> str:
    user_id = network.customer()
    network.clear_inbox(user_id)
    return user_id


def notifications_of(network: Network, user: str) -> list[Notification]:
    """The notifications of the user, oldest first."""
    return notifications.newest(user, before=None, limit=100)[::-1]


def messages(network: Network, user: str) -> list[str]:
    return [notification.render("en").message for notification in notifications_of(network, user)]


def kinds(network: Network, user: str) -> list[str]:
    return [notification.kind.value for notification in notifications_of(network, user)]


def test_a_start_names_the_slot_and_the_return_time(network: Network, user: str) -> None:
    rental = network.rented(user)
    assert messages(network, user) == [
        f"Take the power bank from slot {rental.station.slot_number}. Return it to any station by 12:45 PM."
    ]
    (notification,) = notifications_of(network, user)
    assert "दिउँसो १२:४५ बजेभित्र" in notification.render("ne").message
    assert notification.data["rental_id"] == rental.rental_id


def test_a_repeated_answer_of_the_cabinet_notifies_once(network: Network, user: str) -> None:
    rental = network.rented(user)
    for _ in range(3):
        network.report_eject(LABIM, rental.powerbank_sn, EJECTED)
    network.fake_world.clock.advance(minutes=10)
    for _ in range(3):
        network.report_return(LABIM, rental.powerbank_sn)
    assert kinds(network, user) == ["rental_started", "rental_ended"]
    assert messages(network, user)[1] == "Thank you. You used it for 10 min. Nothing more to pay."


def test_a_failed_eject_says_that_nothing_was_charged(network: Network, user: str) -> None:
    rental = network.start(user)
    network.fake_world.clock.advance(seconds=2)
    network.report_eject(LABIM, rental.powerbank_sn, REFUSED)
    assert messages(network, user) == ["Nothing was charged. Please try again or go to another station."]


def test_the_reminder_lateness_and_loss_each_notify_in_order(network: Network, user: str) -> None:
    rental = network.rented(user)
    assert rental.due_at is not None
    for wait in (timedelta(minutes=-15), timedelta(), timedelta(hours=24)):
        network.fake_world.clock.at = rental.due_at + wait
        due_times.sweep(network.world)
        due_times.sweep(network.world)
    assert kinds(network, user) == ["rental_started", "reminder", "overdue", "lost"]
    assert notifications_of(network, user)[1].render("en").title == "15 minutes left"
    assert messages(network, user)[3] == (
        "It is 24 hours late, so Rs. 5,000 is now due. Return it and you pay only the late fee."
    )
    network.fake_world.clock.advance(hours=1)
    network.report_return(LABIM, rental.powerbank_sn)
    assert kinds(network, user)[4:] == ["found_unpaid"]


@pytest.mark.parametrize(
    ("wallet_paisa", "kind", "message"),
    [
        (100_000, "late_fee_taken", "You returned it 1 h late. Rs. 40 was taken from your points and wallet."),
        (2_000, "due_noticed", "This is for your last rental. Please pay it in the app before you rent again."),
    ],
)
def test_a_late_return_says_what_it_cost(network: Network, wallet_paisa: int, kind: str, message: str) -> None:
    user = network.customer(wallet_paisa=wallet_paisa)
    network.clear_inbox(user)
    rental = network.rented(user)
    assert rental.due_at is not None
    network.fake_world.clock.at = rental.due_at + timedelta(hours=1)
    network.report_return(CIVIL, rental.powerbank_sn)
    assert kinds(network, user) == ["rental_started", kind]
    assert messages(network, user)[1] == message


def test_a_postpaid_rental_asks_for_its_due_and_confirms_the_payment(network: Network, user: str) -> None:
    rental = network.rented(user, package="pay-as-you-go")
    network.fake_world.clock.advance(minutes=61)
    network.report_return(LABIM, rental.powerbank_sn)
    caller = network.sessions[user].caller(network.world, *dues.prefetch_keys(user, rental.rental_id))
    dues.pay_due(network.world, caller, rental.rental_id)
    assert kinds(network, user) == ["rental_started_postpaid", "postpaid_due", "due_paid"]
    assert messages(network, user)[1:] == [
        "You used it for 1 h 1 min. Please pay Rs. 40 in the app.",
        "Rs. 40 is paid. You can rent again.",
    ]


def test_an_extension_and_a_free_cancellation_notify_the_customer(network: Network, user: str) -> None:
    rental = network.rented(user)
    prefetch = extending.prefetch_keys(user, rental.rental_id, "1-hour")
    extending.extend(
        network.world, network.sessions[user].caller(network.world, *prefetch), rental.rental_id, "1-hour"
    )
    network.fake_world.clock.advance(minutes=2)
    network.report_return(LABIM, rental.powerbank_sn)
    caller = network.sessions[user].caller(network.world, *cancelling.prefetch_keys(user, rental.rental_id))
    cancelling.cancel(network.world, caller, rental.rental_id, None)
    assert kinds(network, user)[1:] == ["rental_extended", "rental_ended", "rental_cancelled_paid"]
    assert messages(network, user)[1] == "Return the power bank by 1:45 PM. You paid Rs. 20."
    assert messages(network, user)[3] == "The full price of Rs. 40 is back in your account."


def pushes(network: Network) -> list[dict[str, Any]]:
    return network.fake_world.queues.take(outbox.PUSH)


def test_a_start_at_night_is_pushed_at_once(network: Network, user: str) -> None:
    network.fake_world.clock.advance(hours=12)
    for station in (LABIM, CIVIL):
        network.report_snapshot(station)
    pushes(network)
    network.rented(user)
    assert len(pushes(network)) == 1
    assert account(user).open_rental_id is not None
