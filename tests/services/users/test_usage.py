"""Usage totals of an account, compared with a recount."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import app
from chalicelib.domain.accounts.account import Account
from chalicelib.domain.money import ledger
from chalicelib.domain.money.ledger import BUYS_NOTHING, Entry, PostingKind, legs, post
from chalicelib.services.rentals import dues
from infra.local.seeds import seed
from tests.engines.counting import counted
from tests.world.builders import LABIM, account
from tests.world.fake_world import BEGINNING
from tests.world.http_client import request
from tests.world.network import EJECTED, REFUSED, Network
from tests.world.tokens import token_of


def stats(network: Network, user: str) -> Any:
    return request(app, "GET", "/api/user/analytics/usage-stats", token=token_of(network, user)).data


def back(network: Network, user: str, **length: float) -> None:
    """A rental that ends that long after its eject."""
    rental = network.rented(user)
    network.fake_world.clock.advance(**length)
    network.report_return(LABIM, rental.powerbank_sn, slot=rental.station.slot_number)
    network.fake_world.clock.advance(minutes=1)


def test_a_new_customer_has_the_sign_up_points_only(network: Network) -> None:
    assert stats(network, network.customer(wallet_paisa=0)) == {
        "total_rentals": 0,
        "total_spent": "0.00",
        "total_topups": "0.00",
        "total_points_earned": 50,
        "total_referrals": 0,
        "timely_returns": 0,
        "late_returns": 0,
        "favorite_stations_count": 0,
        "last_rental_date": None,
        "member_since": "2026-11-23T06:00:01Z",
    }


def test_the_usage_statistics_take_one_read(network: Network) -> None:
    user = network.customer()
    back(network, user, minutes=30)
    token = token_of(network, user)
    with counted() as counts:
        answer = request(app, "GET", "/api/user/analytics/usage-stats", token=token).data
    assert counts.calls == ["BatchGetItem"]
    assert (answer["total_rentals"], answer["timely_returns"], answer["late_returns"]) == (1, 1, 0)
    assert (answer["total_topups"], answer["total_points_earned"], answer["total_spent"]) == ("1000.00", 150, "20.00")
    assert answer["last_rental_date"] == "2026-11-23T06:00:03Z"
    assert network.books_balance()


def test_points_count_as_spent_at_their_price(network: Network) -> None:
    user = network.customer()
    back(network, user, minutes=30)
    assert account(user).points == 0
    assert account(user).spent_paisa == 150 * 10 + 500


@pytest.mark.parametrize(("minutes", "on_time"), [(30, True), (60, True), (62, True), (63, False), (300, False)])
def test_a_return_within_the_grace_period_is_on_time(network: Network, minutes: int, on_time: bool) -> None:
    user = network.customer()
    back(network, user, minutes=minutes)
    match = account(user)
    assert (match.rentals_count, match.on_time_count, match.late_count) == (1, int(on_time), int(not on_time))
    assert network.books_balance()


def test_a_released_hold_counts_neither_as_spent_nor_as_a_rental(network: Network) -> None:
    user = network.customer()
    rental = network.start(user)
    assert account(user).spent_paisa == 0
    network.report_eject(LABIM, rental.powerbank_sn, REFUSED)
    match = account(user)
    assert (match.spent_paisa, match.rentals_count, match.last_rental_at) == (0, 0, None)
    assert network.books_balance()


def test_a_due_counts_as_spent_when_it_is_paid(network: Network) -> None:
    user = network.customer(wallet_paisa=2_000)
    back(network, user, hours=3)
    price = account(user).spent_paisa
    due = account(user).due_paisa
    assert (price, due > 0) == (2_000, True)
    assert stats(network, user)["late_returns"] == 1
    seed.fill_wallet(network.world, user, 100_000)
    due_rental = account(user).due_rental_id
    assert due_rental is not None
    dues.pay_due(network.world, network.sessions[user].caller(network.world), due_rental)
    assert account(user).spent_paisa == price + due
    assert account(user).rentals_count == 1
    assert network.books_balance()


def test_a_return_reported_three_times_counts_once(network: Network) -> None:
    user = network.customer()
    rental = network.rented(user)
    network.fake_world.clock.advance(minutes=5)
    for _ in range(3):
        network.report_return(LABIM, rental.powerbank_sn)
    network.report_slot_change(LABIM, rental.powerbank_sn)
    assert account(user).rentals_count == 1
    assert network.books_balance()


def test_a_reopened_rental_is_the_last_rental(network: Network) -> None:
    user = network.customer()
    rental = network.unanswered_start(user)
    assert account(user).last_rental_at is None
    network.report_eject(LABIM, rental.powerbank_sn, EJECTED)
    assert account(user).last_rental_at == network.rental(rental).started_at
    assert account(user).spent_paisa == 2_000
    assert network.books_balance()


KINDS = [kind for kind in PostingKind if kind not in BUYS_NOTHING | {PostingKind.TOPUP}]


@given(kind=st.sampled_from(KINDS), paisa=st.integers(1, 10**6), points=st.integers(1, 10**6))
def test_a_refunded_charge_does_not_count_as_spent(kind: PostingKind, paisa: int, points: int) -> None:
    """It holds for any kind of posting that a later feature uses."""
    rich = Account("u", wallet_paisa=paisa, points=points)

    def moved(sign: int) -> tuple[ledger.Leg, ...]:
        return legs(
            paisa=[("wallet", -sign * paisa), (ledger.REVENUE_RENTAL, sign * paisa)],
            points=[("points", -sign * points), (ledger.LIABILITY_POINTS, sign * points)],
        )

    poorer, _ = post(rich, Entry(kind, moved(1)), "r", BEGINNING)
    assert poorer.spent_paisa == paisa + 10 * points
    again, _ = post(poorer, Entry(kind, moved(-1)), "r", BEGINNING)
    assert again.spent_paisa == 0


@given(paisa=st.integers(1, 10**6), points=st.integers(1, 10**6))
def test_top_ups_and_awarded_points_do_not_count_as_spent(paisa: int, points: int) -> None:
    got = legs(paisa=[("wallet", paisa), ("gateway:khalti", -paisa)])
    account_after, _ = post(Account("u"), Entry(PostingKind.TOPUP, got), "i", BEGINNING)
    given_points = legs(points=[("points", points), (ledger.LIABILITY_POINTS, -points)])
    match, _ = post(account_after, Entry(PostingKind.POINTS, given_points), "m", BEGINNING)
    assert (match.spent_paisa, match.topped_up_paisa, match.points_earned) == (0, paisa, points)


@given(kind=st.sampled_from(KINDS), paisa=st.integers(1, 10**6), points=st.integers(1, 10**6))
def test_a_refunded_top_up_does_not_count_as_spent(kind: PostingKind, paisa: int, points: int) -> None:
    """A refund that could not be sent and returns to the wallet does not count either."""
    match = Account("u", wallet_paisa=paisa, points=points)
    for sign in (1, -1):
        moved = legs(
            paisa=[("wallet", -sign * paisa), ("refund:in_flight", sign * paisa)],
            points=[("points", -sign * points), (ledger.LIABILITY_POINTS, sign * points)],
        )
        match, _ = post(match, Entry(kind, moved), "r", BEGINNING)
        assert match.spent_paisa == 0


def test_a_forfeit_does_not_count_as_spent() -> None:
    moved = legs(
        paisa=[("wallet", -500), (ledger.REVENUE_FORFEITED, 500)],
        points=[("points", -7), (ledger.LIABILITY_POINTS, 7)],
    )
    after, _ = post(Account("u", wallet_paisa=500, points=7), Entry(PostingKind.FORFEIT, moved), "d", BEGINNING)
    assert (after.wallet_paisa, after.points, after.spent_paisa) == (0, 0, 0)
