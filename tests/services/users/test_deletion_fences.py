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
from chalicelib.services.notifications.devices import Told, keys_of, register
from chalicelib.services.users import deletion, erasure, profile
from chalicelib.tables import postings
from chalicelib.tables.sessions import SessionRow
from tests.builders import LABIM, account, operator_account, sign_in
from tests.doors import everything
from tests.leaver import Leaver, deleted, leaver, settle, traces_of
from tests.meanwhile import meanwhile
from tests.street import Street


def renting(street: Street) -> str:
    user = street.customer()
    street.rented(user)
    return user


def waiting_for_the_bank(street: Street) -> str:
    user = street.customer()
    street.start(user)
    return user


def owing(street: Street) -> str:
    user = street.customer(wallet_paisa=2_000)
    rental = street.rented(user)
    street.scene.clock.pass_(hours=3)
    street.hear_return(LABIM, rental.powerbank_sn)
    return user


def topping_up(street: Street) -> str:
    user = street.customer()
    street.open_topup(user)
    return user


def operating(street: Street) -> str:
    user = operator_account(street.world, "boss@example.com", "a password", Role.SUPER_ADMIN)
    street.sessions[user] = sign_in(street.world, user)
    return user


REFUSED: list[tuple[Callable[[Street], str], str]] = [
    (renting, "rental_open"),
    (waiting_for_the_bank, "rental_open"),
    (owing, "due_unpaid"),
    (topping_up, "topup_pending"),
    (operating, "forbidden"),
]


@pytest.mark.parametrize(("who", "code"), REFUSED, ids=[who.__name__ for who, _ in REFUSED])
@pytest.mark.parametrize("forfeit", [True, False])
def test_what_is_open_keeps_the_account_as_it_is(
    street: Street, who: Callable[[Street], str], code: str, forfeit: bool
) -> None:
    user = who(street)
    before = everything()
    with pytest.raises(Problem, match=code) as refused:
        deleted(street, user, forfeit=forfeit)
    assert everything() == before
    if code != "forbidden":
        expected = [code] if forfeit or account(user).wallet_paisa == 0 else [code, "balance_left"]
        assert refused.value.details["reasons"] == expected


def test_money_is_not_forfeited_unless_it_is_said(street: Street) -> None:
    one = leaver(street)
    before = everything()
    with pytest.raises(Problem, match="balance_left") as refused:
        one.delete(forfeit=False)
    assert refused.value.details["balance_paisa"] == 100_000
    assert everything() == before


def test_a_top_up_that_ended_or_expired_keeps_nobody(street: Street) -> None:
    user = topping_up(street)
    street.scene.clock.pass_(minutes=30)
    deleted(street, user)
    assert account(user).status is Status.DELETED


def test_a_second_deletion_finds_no_session(street: Street) -> None:
    one = leaver(street)
    one.delete()
    before = everything()
    with pytest.raises(Problem, match="session_ended"):
        one.delete()
    assert everything() == before


def test_two_at_once_are_one_deletion(street: Street) -> None:
    one = leaver(street)
    caller = one.caller()

    def quicker() -> Any:
        return deletion.delete(street.world, caller, forfeit_balance=True)

    with meanwhile(quicker), pytest.raises(Problem, match="session_ended"):
        deletion.delete(street.world, one.caller(), forfeit_balance=True)
    kinds = [posting.kind for posting in postings.newest(one.user_id, before=None, limit=10)]
    assert kinds.count(PostingKind.FORFEIT) == 1
    settle(street)
    assert traces_of(one) == []
    assert street.books_balance()


def test_a_rental_that_starts_meanwhile_keeps_the_account(street: Street) -> None:
    user = street.customer()
    with meanwhile(lambda: street.start(user)), pytest.raises(Problem, match="rental_open"):
        deleted(street, user)
    assert account(user).status is Status.ACTIVE


def test_a_start_that_the_deletion_overtakes_is_refused(street: Street) -> None:
    user = street.customer()
    with meanwhile(lambda: deleted(street, user)), pytest.raises(Problem, match="session_ended"):
        street.start(user)
    assert street.scene.cabinets.ejects == []
    assert street.books_balance()


def test_a_top_up_that_is_opened_meanwhile_keeps_the_account(street: Street) -> None:
    user = street.customer()
    with meanwhile(lambda: street.open_topup(user)), pytest.raises(Problem, match="topup_pending"):
        deleted(street, user)
    assert account(user).status is Status.ACTIVE


def test_a_top_up_that_the_deletion_overtakes_is_not_opened(street: Street) -> None:
    user = street.customer()
    with meanwhile(lambda: deleted(street, user)), pytest.raises(Problem, match="session_ended"):
        street.open_topup(user)
    assert street.scene.khalti.opened == []


def test_a_bank_that_comes_back_meanwhile_lets_its_user_go(street: Street) -> None:
    user = street.customer()
    rental = street.rented(user)
    street.scene.clock.pass_(minutes=5)
    caller = Leaver(street, 0, user, street.sessions[user]).caller()
    street.hear_return(LABIM, rental.powerbank_sn)
    # read while the rental was open, as a request that was slow would have
    with pytest.raises(Problem, match="rental_open"):
        deletion.delete(street.world, caller, forfeit_balance=True)
    deleted(street, user)
    assert account(user).status is Status.DELETED
    assert street.books_balance()


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """The erasing comes a minute late, so that only the deletion itself can stop anybody."""
    monkeypatch.setattr(erasure, "ERASERS", ())


def test_a_profile_that_the_deletion_overtakes_is_not_changed(street: Street, slow: None) -> None:
    one = leaver(street)
    caller = one.caller()
    with pytest.raises(Problem, match="session_ended"), meanwhile(one.delete):
        profile.change_profile(street.world, caller, {"full_name": "Somebody Else"})
    assert "Somebody Else" not in str(everything())


def test_a_sign_in_that_the_deletion_overtakes_is_refused(street: Street, slow: None) -> None:
    one = leaver(street)
    street.scene.clock.pass_(minutes=60)
    asked = otp.ask(street.world, one.phone, "192.0.2.45")
    for body in street.scene.queues.take(outbox.OTP):
        otp.deliver(street.world, body)
    code = street.scene.sms.sent[-1][1].split(" ", maxsplit=1)[0]
    token = otp.verify(street.world, one.phone, code, asked.challenge_id).token
    before = len(list(SessionRow.scan()))
    with pytest.raises(Problem, match="session_ended"), meanwhile(one.delete):
        signin.login(street.world, one.phone, token)
    assert len(list(SessionRow.scan())) == before


def test_a_device_that_was_on_its_way_is_not_let_in(street: Street) -> None:
    user = street.customer()
    late = Told("late-device", "late-token", "ios")
    caller = street.sessions[user].caller(street.world, *keys_of(street.world, user, late))
    with meanwhile(lambda: deleted(street, user)), pytest.raises(Problem, match="session_ended"):
        register(street.world, caller, late)
    assert "late-" not in str(everything())


def test_a_known_device_that_was_on_its_way_is_gone_a_minute_later(street: Street) -> None:
    user = street.customer()
    late = Told("late-device", "late-token", "ios")
    keys = keys_of(street.world, user, late)
    register(street.world, street.sessions[user].caller(street.world, *keys), late)
    caller = street.sessions[user].caller(street.world, *keys)
    with meanwhile(lambda: deleted(street, user)), suppress(Problem):
        register(street.world, caller, late)
    settle(street)
    assert "late-" not in str(everything())
