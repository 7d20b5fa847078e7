"""Reasons against a deletion, and requests that run at the same time as a deletion."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from chalicelib.domain.accounts.account import Status
from chalicelib.domain.money.ledger import PostingKind
from chalicelib.domain.operators.role import Role
from chalicelib.domain.problems.problems import Problem
from chalicelib.services.auth import signin
from chalicelib.services.notifications.devices import DeviceInfo, prefetch_keys, register
from chalicelib.services.users import deletion, erasure, profile
from chalicelib.tables import postings
from chalicelib.tables.sessions import SessionRow
from tests.engines.interleaving import interleave
from tests.scenarios.customer_to_delete import CustomerToDelete
from tests.scenarios.deletion_scenario import delete_customer, personal_rows_of
from tests.scenarios.personal_history import customer_to_delete, verification_token
from tests.world.builders import LABIM, account, operator_account, sign_in
from tests.world.network import Network
from tests.world.real_tables import all_rows
from tests.world.run_until_quiet import run_until_quiet

Setup = Callable[[Network], str]
LATE_DEVICE = DeviceInfo("late-device", "late-token", "ios")


def renting(network: Network) -> str:
    user = network.customer()
    network.rented(user)
    return user


def starting_a_rental(network: Network) -> str:
    user = network.customer()
    network.start(user)
    return user


def owing(network: Network) -> str:
    user = network.customer(wallet_paisa=2_000)
    rental = network.rented(user)
    network.fake_world.clock.advance(hours=3)
    network.report_return(LABIM, rental.powerbank_sn)
    return user


def topping_up(network: Network) -> str:
    user = network.customer()
    network.open_topup(user)
    return user


def operating(network: Network) -> str:
    user = operator_account(network.world, "boss@example.com", "a password", Role.SUPER_ADMIN)
    network.sessions[user] = sign_in(network.world, user)
    return user


REASONS: list[tuple[Setup, str]] = [
    (renting, "rental_open"),
    (starting_a_rental, "rental_open"),
    (owing, "due_unpaid"),
    (topping_up, "topup_pending"),
    (operating, "forbidden"),
]


def refused(code: str, request: Callable[[], object], concurrent_change: Callable[[], object]) -> None:
    """`request` runs, `concurrent_change` commits before it, and the retry of `request` is refused with `code`."""
    with interleave(concurrent_change), pytest.raises(Problem, match=code):
        request()


@pytest.mark.parametrize(("setup", "code"), REASONS, ids=[setup.__name__ for setup, _ in REASONS])
@pytest.mark.parametrize("forfeit", [True, False])
def test_a_deletion_is_refused_with_every_reason_and_changes_nothing(
    network: Network, setup: Setup, code: str, forfeit: bool
) -> None:
    user = setup(network)
    before = all_rows()
    with pytest.raises(Problem, match=code) as refusal:
        delete_customer(network, user, forfeit=forfeit)
    assert all_rows() == before
    if code != "forbidden":
        expected = [code] if forfeit or account(user).wallet_paisa == 0 else [code, "balance_left"]
        assert refusal.value.details["reasons"] == expected


def test_a_balance_is_forfeited_only_on_request(network: Network) -> None:
    customer = customer_to_delete(network)
    before = all_rows()
    with pytest.raises(Problem, match="balance_left") as refusal:
        customer.delete(forfeit=False)
    assert refusal.value.details["balance_paisa"] == 100_000
    assert all_rows() == before


def test_an_expired_top_up_does_not_prevent_a_deletion(network: Network) -> None:
    user = topping_up(network)
    network.fake_world.clock.advance(minutes=30)
    delete_customer(network, user)
    assert account(user).status is Status.DELETED


def test_a_second_deletion_has_no_session(network: Network) -> None:
    customer = customer_to_delete(network)
    customer.delete()
    before = all_rows()
    with pytest.raises(Problem, match="session_ended"):
        customer.delete()
    assert all_rows() == before


def test_two_concurrent_deletions_delete_once(network: Network) -> None:
    customer = customer_to_delete(network)
    first, second = customer.caller(), customer.caller()

    def delete(caller: Any) -> Callable[[], object]:
        return lambda: deletion.delete(network.world, caller, forfeit_balance=True)

    refused("session_ended", delete(second), concurrent_change=delete(first))
    kinds = [posting.kind for posting in postings.newest(customer.user_id, before=None, limit=10)]
    assert kinds.count(PostingKind.FORFEIT) == 1
    run_until_quiet(network)
    assert personal_rows_of(customer) == []
    assert network.books_balance()


def test_a_concurrent_start_of_a_rental_prevents_the_deletion(network: Network) -> None:
    user = network.customer()
    refused("rental_open", lambda: delete_customer(network, user), concurrent_change=lambda: network.start(user))
    assert account(user).status is Status.ACTIVE


def test_a_start_is_refused_after_a_concurrent_deletion(network: Network) -> None:
    user = network.customer()
    refused("session_ended", lambda: network.start(user), concurrent_change=lambda: delete_customer(network, user))
    assert network.fake_world.cabinets.ejects == []
    assert network.books_balance()


def test_a_concurrent_top_up_prevents_the_deletion(network: Network) -> None:
    user = network.customer()
    refused(
        "topup_pending", lambda: delete_customer(network, user), concurrent_change=lambda: network.open_topup(user)
    )
    assert account(user).status is Status.ACTIVE


def test_a_top_up_is_refused_after_a_concurrent_deletion(network: Network) -> None:
    user = network.customer()
    refused(
        "session_ended", lambda: network.open_topup(user), concurrent_change=lambda: delete_customer(network, user)
    )
    assert network.fake_world.khalti.created == []


def test_a_deletion_succeeds_once_the_power_bank_is_back(network: Network) -> None:
    user = network.customer()
    rental = network.rented(user)
    network.fake_world.clock.advance(minutes=5)
    caller = CustomerToDelete(network, 0, user, network.sessions[user]).caller()
    network.report_return(LABIM, rental.powerbank_sn)
    # This caller was read while the rental was open, as in a slow request.
    with pytest.raises(Problem, match="rental_open"):
        deletion.delete(network.world, caller, forfeit_balance=True)
    delete_customer(network, user)
    assert account(user).status is Status.DELETED
    assert network.books_balance()


@pytest.fixture
def late_erasure(monkeypatch: pytest.MonkeyPatch) -> None:
    """Erasure runs a minute later, so that only the deletion itself can refuse a request."""
    monkeypatch.setattr(erasure, "ERASERS", ())


@pytest.mark.usefixtures("late_erasure")
def test_a_profile_does_not_change_after_a_concurrent_deletion(network: Network) -> None:
    customer = customer_to_delete(network)
    caller = customer.caller()
    change = {"full_name": "Somebody Else"}
    refused(
        "session_ended",
        lambda: profile.change_profile(network.world, caller, change),
        concurrent_change=customer.delete,
    )
    assert "Somebody Else" not in str(all_rows())


@pytest.mark.usefixtures("late_erasure")
def test_a_sign_in_is_refused_after_a_concurrent_deletion(network: Network) -> None:
    customer = customer_to_delete(network)
    network.fake_world.clock.advance(minutes=60)
    token = verification_token(customer)
    before = len(list(SessionRow.scan()))
    refused(
        "session_ended", lambda: signin.login(network.world, customer.phone, token), concurrent_change=customer.delete
    )
    assert len(list(SessionRow.scan())) == before


def test_a_new_device_is_refused_after_a_concurrent_deletion(network: Network) -> None:
    user = network.customer()
    caller = network.sessions[user].caller(network.world, *prefetch_keys(network.world, user, LATE_DEVICE))
    refused(
        "session_ended",
        lambda: register(network.world, caller, LATE_DEVICE),
        concurrent_change=lambda: delete_customer(network, user),
    )
    assert "late-" not in str(all_rows())


def test_a_known_device_is_erased_after_a_concurrent_deletion(network: Network) -> None:
    user = network.customer()
    keys = prefetch_keys(network.world, user, LATE_DEVICE)
    register(network.world, network.sessions[user].caller(network.world, *keys), LATE_DEVICE)
    caller = network.sessions[user].caller(network.world, *keys)
    with interleave(lambda: delete_customer(network, user)), suppress(Problem):
        register(network.world, caller, LATE_DEVICE)
    run_until_quiet(network)
    assert "late-" not in str(all_rows())
