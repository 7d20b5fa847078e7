"""Extending a rental: the due time moves, and the price of a package is paid once."""

from datetime import timedelta
from typing import Any

import pytest

from app import app
from chalicelib.domain.rentals.rental import Rental
from chalicelib.tables.packages import CURRENT, PackageRow
from tests.engines.interleaving import interleave
from tests.world.builders import LABIM, account
from tests.world.http_client import Reply, request
from tests.world.network import EJECTED, HOUR, PAY_AS_YOU_GO, Network
from tests.world.real_tables import all_rows
from tests.world.tokens import token_of


def extend(network: Network, rental: Rental, package: str = HOUR, **more: Any) -> Reply:
    token = more.pop("token", None) or token_of(network, rental.user_id)
    path = f"/api/rentals/{rental.rental_id}/extend"
    return request(app, "POST", path, {"package_id": package}, token=token, **more)


def refused(network: Network, rental: Rental, package: str = HOUR) -> str:
    """The code with which an extension is refused. Fails if it changed anything."""
    token, before = token_of(network, rental.user_id), all_rows()
    reply = extend(network, rental, package, token=token)
    assert reply.status >= 400
    assert all_rows() == before
    return reply.code


def test_an_extension_moves_the_due_time_and_is_paid_from_points_first(network: Network) -> None:
    user = network.customer(wallet_paisa=10_000)
    rental = network.rented(user)
    before = account(user)
    reply = extend(network, rental, "4-hours")
    after, extended = account(user), network.rental(rental)
    assert (reply.status, reply.data["extensions_count"], reply.data["late_fee_so_far"]) == (200, 1, "0.00")
    assert extended.due_at == rental.due_at + timedelta(hours=4)  # type: ignore[operator]
    assert (before.points - after.points) * 10 + before.wallet_paisa - after.wallet_paisa == 6_000
    assert after.points == 0
    assert (reply.data["payment"]["total"], reply.data["amount_paid"]) == ("80.00", "80.00")
    line = request(app, "GET", "/api/user/transactions?limit=1", token=token_of(network, user)).data["results"][0]
    assert (line["type"], line["status"]) == ("extension", "success")
    assert network.books_balance()


def test_lateness_counts_from_the_extended_due_time(network: Network) -> None:
    user = network.customer()
    rental = network.rented(user)
    extend(network, rental)
    network.fake_world.clock.advance(hours=2, minutes=30)
    path = f"/api/rentals/{rental.rental_id}"
    out = request(app, "GET", path, token=token_of(network, user)).data
    assert (out["late_fee"], out["late_fee_so_far"], out["is_overdue"]) == ("0.00", "20.00", True)
    network.report_return(LABIM, rental.powerbank_sn)
    back = request(app, "GET", path, token=token_of(network, user)).data
    assert (back["status"], back["late_fee"], back["late_fee_so_far"]) == ("completed", "20.00", "20.00")
    assert network.books_balance()


def test_a_rental_is_extended_three_times_at_most(network: Network) -> None:
    rental = network.rented(network.customer())
    for _ in range(3):
        assert extend(network, rental).status == 200
        network.fake_world.clock.advance(minutes=1)
    assert refused(network, rental) == "extension_limit_reached"
    assert network.books_balance()


def test_only_an_active_prepaid_rental_is_extended_before_its_due_time(network: Network) -> None:
    starting = network.start(network.customer())
    assert refused(network, starting) == "busy"
    network.fake_world.clock.advance(seconds=2)
    network.report_eject(LABIM, starting.powerbank_sn, EJECTED)
    assert refused(network, starting, "nobodys") == "package_unavailable"
    assert refused(network, starting, PAY_AS_YOU_GO) == "package_not_for_extension"
    network.fake_world.clock.advance(minutes=60)
    assert refused(network, starting) == "extension_too_late"
    network.report_return(LABIM, starting.powerbank_sn)
    assert refused(network, starting) == "rental_not_active"


def test_a_postpaid_rental_needs_no_extension(network: Network) -> None:
    assert refused(network, network.rented(network.customer(), package=PAY_AS_YOU_GO)) == "extension_not_needed"


def test_a_hidden_package_extends_no_rental(network: Network) -> None:
    rental = network.rented(network.customer())
    PackageRow(partition=CURRENT, package_id="1-day").update([PackageRow.active.set(False)])
    assert refused(network, rental, "1-day") == "package_unavailable"


def test_without_enough_money_nothing_changes(network: Network) -> None:
    rental = network.rented(network.customer(wallet_paisa=2_000))
    assert refused(network, rental, "1-day") == "insufficient_funds"


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "tap"}])
def test_a_double_tap_extends_once(network: Network, headers: dict[str, str]) -> None:
    rental = network.rented(network.customer())
    replies = [extend(network, rental, headers=headers) for _ in range(2)]
    assert replies[0].text == replies[1].text
    assert len(network.rental(rental).extensions) == 1
    assert ("Idempotent-Replayed" in replies[1].headers) == bool(headers)


def test_two_taps_at_once_extend_once(network: Network) -> None:
    rental = network.rented(network.customer())
    with interleave(lambda: extend(network, rental)) as first:
        second = extend(network, rental)
    assert (first[0].status, second.status) == (200, 200)
    assert len(network.rental(rental).extensions) == 1
    assert network.books_balance()


def test_a_return_that_comes_first_leaves_no_charge_for_the_extension(network: Network) -> None:
    user = network.customer()
    rental = network.rented(user)
    network.fake_world.clock.advance(minutes=10)
    before = account(user).wallet_paisa
    with interleave(lambda: network.report_return(LABIM, rental.powerbank_sn)):
        assert extend(network, rental).code == "rental_not_active"
    assert account(user).wallet_paisa == before
    assert network.books_balance()


def test_an_extension_that_comes_first_counts_for_the_return(network: Network) -> None:
    rental = network.rented(network.customer())
    network.fake_world.clock.advance(minutes=59)
    token = token_of(network, rental.user_id)
    with interleave(lambda: extend(network, rental, token=token)):
        network.report_return(LABIM, rental.powerbank_sn)
    ended = network.rental(rental)
    assert (ended.state, len(ended.extensions)) == ("completed", 1)
    assert network.books_balance()


def test_late_evidence_of_an_earlier_eject_keeps_the_extension(network: Network) -> None:
    rental = network.rented(network.customer())
    extend(network, rental)
    started_at = network.rental(rental).started_at
    assert started_at is not None
    network.report_eject(LABIM, rental.powerbank_sn, EJECTED, at=started_at - timedelta(seconds=1))
    redated = network.rental(rental)
    assert redated.due_at == redated.started_at + timedelta(hours=2)  # type: ignore[operator]
    assert network.books_balance()
