"""Budgets: the number of DynamoDB calls that an operation takes. No operation scans a table."""

from typing import Any

import pytest

from app import app
from chalicelib.domain.payments.payment_gateway import PaymentState, PaymentStatus
from chalicelib.services import outbox
from chalicelib.services.rentals import ejects
from chalicelib.services.stations import listing_refresh, station_views
from chalicelib.services.topups import crediting, intents
from infra.local.cabinets import frames
from infra.local.cabinets.frames import SlotContent
from tests.engines.counting import Counted, counted
from tests.world.builders import LABIM, account
from tests.world.http_client import request
from tests.world.network import EJECTED, Network
from tests.world.tokens import token_of

SESSION = ["BatchGetItem"]
"""The read of the caller's account and session, which the rows that a route needs share. No route can do without it:
a ban, a logout and a deletion show at once."""
NEAR = "/api/app/stations/nearby?lat=27.7&lng=85.32&radius=50"


def calls(
    network: Network,
    method: str,
    path: str,
    body: Any = None,
    *,
    user: str | None = None,
    token: str | None = None,
    anonymous: bool = False,
    want: int = 200,
) -> Counted:
    token = None if anonymous else token or token_of(network, user or network.customer())
    with counted() as counts:
        reply = request(app, method, path, body, token=token)
    assert reply.status == want, reply.text
    assert "Scan" not in counts.calls
    return counts


@pytest.fixture
def listed(network: Network) -> Network:
    """The listing pages are written, and the cache is empty."""
    listing_refresh.refresh(network.world)
    station_views.listing_cache.clear()
    return network


def test_me_takes_one_call(network: Network) -> None:
    assert calls(network, "GET", "/api/auth/me").round_trips == 1


def test_the_wallet_takes_one_call(network: Network) -> None:
    assert calls(network, "GET", "/api/user/wallet").round_trips == 1


def test_favourites_are_read_with_the_caller(listed: Network) -> None:
    user = listed.customer()
    calls(listed, "GET", "/api/app/stations", user=user)
    for read in ("/api/stations/favorites", "/api/app/stations", NEAR):
        assert calls(listed, "GET", read, user=user).calls == SESSION, read


@pytest.mark.parametrize("path", ["/api/app/stations", NEAR])
def test_listings_take_one_call_cold_and_none_warm(listed: Network, path: str) -> None:
    assert calls(listed, "GET", path, anonymous=True).round_trips == 1
    assert calls(listed, "GET", path, anonymous=True).round_trips == 0


def test_packages_and_methods_take_no_call_warm(network: Network) -> None:
    assert calls(network, "GET", "/api/payment/packages").round_trips == 1
    assert calls(network, "GET", "/api/payment/packages").round_trips == 0
    assert calls(network, "GET", "/api/payment/methods").round_trips == 0


@pytest.mark.parametrize(
    "question",
    [
        {"scenario": "wallet_topup", "amount": "500"},
        {"scenario": "pre_payment", "package_id": "1-hour"},
        {"scenario": "pre_payment", "package_id": "pay-as-you-go"},
    ],
)
def test_calculate_options_takes_one_call(network: Network, question: dict[str, str]) -> None:
    assert calls(network, "POST", "/api/payment/calculate-options", question).round_trips == 1


def test_calculate_options_for_a_due_takes_one_call(network: Network) -> None:
    user = network.customer(wallet_paisa=2_000)
    rental = network.rented(user)
    network.fake_world.clock.advance(hours=4)
    network.report_return(LABIM, rental.powerbank_sn)
    for question in ({"rental_id": rental.rental_id}, {}):
        params = {"scenario": "post_payment"} | question
        assert calls(network, "POST", "/api/payment/calculate-options", params, user=user).round_trips == 1


def test_calculate_options_for_an_active_postpaid_rental_takes_one_call(network: Network) -> None:
    user = network.customer()
    rental = network.rented(user, package="pay-as-you-go")
    question = {"scenario": "post_payment", "rental_id": rental.rental_id}
    assert calls(network, "POST", "/api/payment/calculate-options", question, user=user).round_trips == 1


def test_paying_a_due_takes_two_calls(network: Network) -> None:
    user = network.customer()
    rental = network.rented(user, package="pay-as-you-go")
    network.fake_world.clock.advance(hours=4)
    network.report_return(LABIM, rental.powerbank_sn)
    assert calls(network, "POST", f"/api/rentals/{rental.rental_id}/pay-due", {}, user=user).round_trips == 2


def test_a_statement_from_the_first_posting_takes_few_calls(network: Network) -> None:
    """The wallet has three postings: two calls search for the first one, and one call reads the page."""
    assert calls(network, "GET", "/api/user/statement").round_trips <= 4


@pytest.mark.parametrize("package", ["1-hour", "pay-as-you-go"])
@pytest.mark.parametrize("key", [{}, {"Idempotency-Key": "tap"}])
def test_a_start_takes_three_calls_up_to_the_eject(network: Network, key: dict[str, str], package: str) -> None:
    user = network.customer()
    token = token_of(network, user)
    until_eject: list[int] = []
    order = {"station_sn": LABIM.sn, "package_id": package}
    with counted() as counts:
        network.fake_world.cabinets.on_eject = lambda *_: until_eject.append(counts.round_trips)
        reply = request(app, "POST", "/api/rentals/start", order, token=token, headers=key)
    assert reply.status == 202
    assert until_eject == [3]


@pytest.mark.parametrize(
    ("package", "hours", "wallet_paisa", "ends"),
    [
        ("1-hour", 0, 100_000, "completed"),
        ("1-hour", 3, 100_000, "completed"),
        ("1-hour", 3, 2_000, "due"),
        ("pay-as-you-go", 0, 100_000, "completed"),
        ("pay-as-you-go", 3, 100_000, "due"),
    ],
)
def test_a_return_with_all_its_effects_takes_three_calls(
    network: Network, package: str, hours: int, wallet_paisa: int, ends: str
) -> None:
    user = network.customer(wallet_paisa=wallet_paisa)
    rental = network.rented(user, package=package)
    network.fake_world.clock.advance(hours=hours, minutes=5)
    with counted() as counts:
        network.report_frame(LABIM, frames.returned(SlotContent(8, rental.powerbank_sn, 40)))
    assert network.rental(rental).state.value == ends
    assert counts.round_trips <= 3, counts.calls


def test_verify_takes_at_most_three_calls_with_the_credit(network: Network) -> None:
    user = network.customer()
    before = account(user).wallet_paisa
    caller = network.sessions[user].caller(network.world)
    intent, _ = intents.open_intent(network.world, caller, amount_paisa=50_000, method="khalti", return_url=None)
    network.fake_world.khalti.payment_status = PaymentStatus(PaymentState.PAID, "their-reference", 50_000)
    counts = calls(network, "POST", "/api/payment/verify-topup", {"intent_id": intent.intent_id}, user=user)
    assert account(user).wallet_paisa == before + 50_000
    assert counts.round_trips <= 3, counts.calls


def test_no_consumer_and_no_minute_schedule_scans_a_table(network: Network) -> None:
    rental = network.start(network.customer())
    network.fake_world.clock.advance(minutes=2)
    with counted() as counts:
        ejects.sweep(network.world)
        crediting.sweep(network.world)
        outbox.sweep(network.world)
        listing_refresh.refresh(network.world)
        network.report_snapshot(LABIM, without=rental.powerbank_sn)
        network.report_eject(LABIM, rental.powerbank_sn, EJECTED)
    assert counts.calls
    assert "Scan" not in counts.calls
