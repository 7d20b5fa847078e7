"""What keeps an account, and what a deletion overtakes or is overtaken by."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from chalicelib.domain.account import Role, Status
from chalicelib.domain.ledger import PostingKind
from chalicelib.domain.problems import Problem
from chalicelib.services import outbox
from chalicelib.services.auth import otp, signin
from chalicelib.services.notifications.devices import DeviceInfo, prefetch_keys, register
from chalicelib.services.users import deletion, erasure, profile
from chalicelib.tables import postings
from chalicelib.tables.sessions import SessionRow
from tests.builders import LABIM, account, operator_account, sign_in
from tests.deletion_scenario import (
    CustomerToDelete,
    customer_to_delete,
    delete_customer,
    personal_rows_of,
    run_until_quiet,
)
from tests.interleaving import interleave
from tests.network import Network
from tests.real_tables import all_rows


def renting(network: Network) -> str:
    user = network.customer()
    network.rented(user)
    return user


def waiting_for_the_bank(network: Network) -> str:
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


REFUSED: list[tuple[Callable[[Network], str], str]] = [
    (renting, "rental_open"),
    (waiting_for_the_bank, "rental_open"),
    (owing, "due_unpaid"),
    (topping_up, "topup_pending"),
    (operating, "forbidden"),
]


@pytest.mark.parametrize(("who", "code"), REFUSED, ids=[who.__name__ for who, _ in REFUSED])
@pytest.mark.parametrize("forfeit", [True, False])
def test_what_is_open_keeps_the_account_as_it_is(
    network: Network, who: Callable[[Network], str], code: str, forfeit: bool
) -> None:
    user = who(network)
    before = all_rows()
    with pytest.raises(Problem, match=code) as refused:
        delete_customer(network, user, forfeit=forfeit)
    assert all_rows() == before
    if code != "forbidden":
        expected = [code] if forfeit or account(user).wallet_paisa == 0 else [code, "balance_left"]
        assert refused.value.details["reasons"] == expected


def test_money_is_not_forfeited_unless_it_is_said(network: Network) -> None:
    customer = customer_to_delete(network)
    before = all_rows()
    with pytest.raises(Problem, match="balance_left") as refused:
        customer.delete(forfeit=False)
    assert refused.value.details["balance_paisa"] == 100_000
    assert all_rows() == before


def test_a_top_up_that_ended_or_expired_keeps_nobody(network: Network) -> None:
    user = topping_up(network)
    network.fake_world.clock.advance(minutes=30)
    delete_customer(network, user)
    assert account(user).status is Status.DELETED


def test_a_second_deletion_finds_no_session(network: Network) -> None:
    customer = customer_to_delete(network)
    customer.delete()
    before = all_rows()
    with pytest.raises(Problem, match="session_ended"):
        customer.delete()
    assert all_rows() == before


def test_two_at_once_are_one_deletion(network: Network) -> None:
    customer = customer_to_delete(network)
    caller = customer.caller()

    def quicker() -> Any:
        return deletion.delete(network.world, caller, forfeit_balance=True)

    with interleave(quicker), pytest.raises(Problem, match="session_ended"):
        deletion.delete(network.world, customer.caller(), forfeit_balance=True)
    kinds = [posting.kind for posting in postings.newest(customer.user_id, before=None, limit=10)]
    assert kinds.count(PostingKind.FORFEIT) == 1
    run_until_quiet(network)
    assert personal_rows_of(customer) == []
    assert network.books_balance()


def test_a_rental_that_starts_meanwhile_keeps_the_account(network: Network) -> None:
    user = network.customer()
    with interleave(lambda: network.start(user)), pytest.raises(Problem, match="rental_open"):
        delete_customer(network, user)
    assert account(user).status is Status.ACTIVE


def test_a_start_that_the_deletion_overtakes_is_refused(network: Network) -> None:
    user = network.customer()
    with interleave(lambda: delete_customer(network, user)), pytest.raises(Problem, match="session_ended"):
        network.start(user)
    assert network.fake_world.cabinets.ejects == []
    assert network.books_balance()


def test_a_top_up_that_is_opened_meanwhile_keeps_the_account(network: Network) -> None:
    user = network.customer()
    with interleave(lambda: network.open_topup(user)), pytest.raises(Problem, match="topup_pending"):
        delete_customer(network, user)
    assert account(user).status is Status.ACTIVE


def test_a_top_up_that_the_deletion_overtakes_is_not_opened(network: Network) -> None:
    user = network.customer()
    with interleave(lambda: delete_customer(network, user)), pytest.raises(Problem, match="session_ended"):
        network.open_topup(user)
    assert network.fake_world.khalti.created == []


def test_a_bank_that_comes_back_meanwhile_lets_its_user_go(network: Network) -> None:
    user = network.customer()
    rental = network.rented(user)
    network.fake_world.clock.advance(minutes=5)
    caller = CustomerToDelete(network, 0, user, network.sessions[user]).caller()
    network.report_return(LABIM, rental.powerbank_sn)
    # read while the rental was open, as a request that was slow would have
    with pytest.raises(Problem, match="rental_open"):
        deletion.delete(network.world, caller, forfeit_balance=True)
    delete_customer(network, user)
    assert account(user).status is Status.DELETED
    assert network.books_balance()


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """The erasing comes a minute late, so that only the deletion itself can stop anybody."""
    monkeypatch.setattr(erasure, "ERASERS", ())


def test_a_profile_that_the_deletion_overtakes_is_not_changed(network: Network, slow: None) -> None:
    customer = customer_to_delete(network)
    caller = customer.caller()
    with pytest.raises(Problem, match="session_ended"), interleave(customer.delete):
        profile.change_profile(network.world, caller, {"full_name": "Somebody Else"})
    assert "Somebody Else" not in str(all_rows())


def test_a_sign_in_that_the_deletion_overtakes_is_refused(network: Network, slow: None) -> None:
    customer = customer_to_delete(network)
    network.fake_world.clock.advance(minutes=60)
    sent_code = otp.request_code(network.world, customer.phone, "192.0.2.45")
    for body in network.fake_world.queues.take(outbox.OTP):
        otp.deliver(network.world, body)
    code = network.fake_world.sms.sent[-1][1].split(" ", maxsplit=1)[0]
    token = otp.verify(network.world, customer.phone, code, sent_code.challenge_id).token
    before = len(list(SessionRow.scan()))
    with pytest.raises(Problem, match="session_ended"), interleave(customer.delete):
        signin.login(network.world, customer.phone, token)
    assert len(list(SessionRow.scan())) == before


def test_a_device_that_was_on_its_way_is_not_let_in(network: Network) -> None:
    user = network.customer()
    late = DeviceInfo("late-device", "late-token", "ios")
    caller = network.sessions[user].caller(network.world, *prefetch_keys(network.world, user, late))
    with interleave(lambda: delete_customer(network, user)), pytest.raises(Problem, match="session_ended"):
        register(network.world, caller, late)
    assert "late-" not in str(all_rows())


def test_a_known_device_that_was_on_its_way_is_gone_a_minute_later(network: Network) -> None:
    user = network.customer()
    late = DeviceInfo("late-device", "late-token", "ios")
    keys = prefetch_keys(network.world, user, late)
    register(network.world, network.sessions[user].caller(network.world, *keys), late)
    caller = network.sessions[user].caller(network.world, *keys)
    with interleave(lambda: delete_customer(network, user)), suppress(Problem):
        register(network.world, caller, late)
    run_until_quiet(network)
    assert "late-" not in str(all_rows())
