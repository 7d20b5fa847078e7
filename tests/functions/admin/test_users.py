"""A ban shows on the next request, everywhere, and touches nobody's money."""

from typing import Any

import pytest

from app import app
from chalicelib.domain.account import Role, Status
from chalicelib.domain.payment_gateway import Outcome, Paid
from chalicelib.domain.problems import Problem
from chalicelib.services.auth import otp, sessions, signin
from chalicelib.services.topups import crediting, intents
from chalicelib.tables.admin_log import AuditRow
from chalicelib.tables.dynamodb import fetch
from chalicelib.tables.intents import intent_key
from infra.local import seed
from tests.asking import Asked, ask
from tests.builders import LABIM, account, operator_account, phone
from tests.doors import everything, token_of
from tests.meanwhile import meanwhile
from tests.street import Street

PASSWORD = "a password"


def operator(street: Street, role: Role = Role.ADMIN, name: str = "one") -> str:
    return operator_account(street.world, f"{name}@example.com", PASSWORD, role)


def judge(street: Street, by: str, user: str, status: str = "banned", method: str = "PATCH", **more: Any) -> Asked:
    body = {"status": status, **more}
    return ask(app, method, f"/api/admin/users/{user}/status", body, token=token_of(street, by))


def entries() -> list[Any]:
    return [row for row in AuditRow.scan() if row.action == "user_status_changed"]


@pytest.mark.parametrize("method", ["PATCH", "POST"])
@pytest.mark.parametrize("said", ["banned", "BANNED"])
def test_a_ban_is_told_and_on_record(street: Street, method: str, said: str) -> None:
    user, admin = street.customer(), operator(street)
    told = judge(street, admin, user, said, method, reason="three broken banks")
    assert told.data == {"user_id": user, "new_status": "BANNED", "message": "The account is blocked."}
    assert account(user).status is Status.BANNED
    (entry,) = entries()
    assert (entry.admin_id, entry.target) == (admin, user)
    assert entry.changes == {"from": "active", "to": "banned", "reason": "three broken banks"}


def test_a_second_ban_changes_nothing(street: Street) -> None:
    user, admin = street.customer(), operator(street)
    judge(street, admin, user)
    token = token_of(street, admin)
    before = everything()
    told = ask(app, "PATCH", f"/api/admin/users/{user}/status", {"status": "banned"}, token=token)
    assert told.data["new_status"] == "BANNED"
    assert everything() == before


def test_who_is_let_in_again_goes_on_with_the_same_token(street: Street) -> None:
    user, admin = street.customer(), operator(street)
    token = token_of(street, user)
    judge(street, admin, user)
    assert ask(app, "GET", "/api/auth/me", token=token).code == "account_banned"
    assert judge(street, admin, user, "active").data["new_status"] == "ACTIVE"
    assert ask(app, "GET", "/api/auth/me", token=token).data["rental_eligibility"]["can_rent"]
    assert len(entries()) == 2


LOWER = {
    Role.SUPER_ADMIN: set(Role),
    Role.ADMIN: {Role.CUSTOMER, Role.SUPPORT, Role.FINANCE},
}


@pytest.mark.parametrize("by", list(LOWER))
@pytest.mark.parametrize("role", [role for role in Role if role is not Role.CUSTOMER])
def test_an_operator_is_banned_from_above_only(street: Street, by: Role, role: Role) -> None:
    other, judging = operator(street, role, "other"), operator(street, by, "judging")
    token = token_of(street, judging)
    before = everything()
    told = ask(app, "PATCH", f"/api/admin/users/{other}/status", {"status": "banned"}, token=token)
    if role in LOWER[by]:
        assert account(other).status is Status.BANNED
    else:
        assert (told.status, told.code) == (403, "forbidden")
        assert everything() == before


@pytest.mark.parametrize("role", list(LOWER))
@pytest.mark.parametrize("status", ["banned", "active"])
def test_nobody_judges_himself(street: Street, role: Role, status: str) -> None:
    admin = operator(street, role)
    assert judge(street, admin, admin, status).code == "forbidden"
    assert account(admin).status is Status.ACTIVE


def test_who_is_not_there_is_not_found(street: Street) -> None:
    assert judge(street, operator(street), "nobody").code == "not_found"


def test_an_operator_who_is_banned_is_out_at_once(street: Street) -> None:
    other, boss = operator(street, Role.ADMIN, "other"), operator(street, Role.SUPER_ADMIN, "boss")
    token = token_of(street, other)
    judge(street, boss, other)
    assert ask(app, "GET", "/api/admin/system/audit", token=token).code == "account_banned"
    login = {"email": "other@example.com", "password": PASSWORD}
    assert ask(app, "POST", "/api/admin/login", login).code == "wrong_credentials"


def proof(street: Street, number: int, purpose: str) -> str:
    """A verification token for a customer of the street."""
    asked = otp.ask(street.world, phone(number), "192.0.2.1")
    for body in street.scene.queues.take("bijuli-otp"):
        otp.deliver(street.world, body)
    code = street.scene.sms.sent[-1][1].split(" ", maxsplit=1)[0]
    proved = otp.verify(street.world, phone(number), code, asked.challenge_id)
    assert proved.purpose == purpose
    return proved.token


def test_a_code_by_sms_signs_no_banned_user_in(street: Street) -> None:
    user, admin = street.customer(), operator(street)
    judge(street, admin, user)
    order = {"identifier": phone(1), "verification_token": proof(street, 1, "login")}
    told = ask(app, "POST", "/api/auth/login", order)
    assert (told.status, told.code) == (403, "account_banned")


def test_a_sign_in_that_the_ban_overtakes_opens_nothing(street: Street) -> None:
    user, admin = street.customer(), operator(street)
    token = proof(street, 1, "login")
    with meanwhile(lambda: judge(street, admin, user)):
        signed_in = signin.login(street.world, phone(1), token)
    assert ask(app, "GET", "/api/auth/me", token=signed_in.tokens.access).code == "account_banned"
    with pytest.raises(Problem, match="account_banned"):
        sessions.refresh(street.world, signed_in.tokens.refresh)


def test_a_banned_users_refresh_token_gives_nothing(street: Street) -> None:
    user, admin = street.customer(), operator(street)
    signed_in = signin.login(street.world, phone(1), proof(street, 1, "login"))
    judge(street, admin, user)
    told = ask(app, "POST", "/api/auth/refresh", {"refresh": signed_in.tokens.refresh})
    assert (told.status, told.code) == (403, "account_banned")


def test_a_start_between_its_read_and_its_write_is_refused(street: Street) -> None:
    user, admin = street.customer(), operator(street)
    before = account(user)
    with meanwhile(lambda: judge(street, admin, user)), pytest.raises(Problem, match="account_banned"):
        street.start(user)
    after = account(user)
    assert (after.wallet_paisa, after.held_paisa, after.open_rental_id) == (before.wallet_paisa, 0, None)
    assert street.scene.cabinets.ejects == []
    assert street.books_balance()


def test_a_banned_users_bank_still_comes_out_and_still_comes_back(street: Street) -> None:
    user, admin = street.customer(), operator(street)
    rental = street.start(user)
    judge(street, admin, user)
    held = account(user)
    assert (held.open_rental_id, held.held_paisa) == (rental.rental_id, 500)
    street.scene.clock.pass_(seconds=2)
    street.hear_eject(LABIM, rental.powerbank_sn, 0x01)
    street.scene.clock.pass_(hours=3)
    street.hear_return(LABIM, rental.powerbank_sn)
    assert street.rental(rental).state.value == "completed"
    assert account(user).status is Status.BANNED
    assert street.books_balance()


def test_money_that_comes_late_is_a_banned_users_all_the_same(street: Street) -> None:
    user, admin = street.customer(), operator(street)
    caller = street.sessions[user].caller(street.world)
    intent, _ = intents.open_intent(street.world, caller, amount_paisa=50_000, method="khalti", return_url=None)
    before = account(user).wallet_paisa
    judge(street, admin, user)
    street.scene.khalti.outcome = Outcome(Paid.PAID, "their-reference", 50_000)
    crediting.hear_news(street.world, user, intent.intent_id)
    key = intent_key(user, intent.intent_id)
    settled = fetch(key)[key]
    assert settled is not None
    assert settled.state.value == "success"
    assert account(user).wallet_paisa == before + 50_000
    street.hear_messages()
    assert street.books_balance()


def test_a_due_stays_and_waits_for_the_return_of_its_user(street: Street) -> None:
    user, admin = street.customer(wallet_paisa=2_000), operator(street)
    rental = street.rented(user)
    street.scene.clock.pass_(hours=3)
    street.hear_return(LABIM, rental.powerbank_sn)
    owed = account(user).due_paisa
    judge(street, admin, user)
    assert account(user).due_paisa == owed > 0
    judge(street, admin, user, "active")
    seed.fill_wallet(street.world, user, 100_000)
    token = token_of(street, user)
    assert ask(app, "POST", f"/api/rentals/{rental.rental_id}/pay-due", {}, token=token).status == 200
    assert street.books_balance()


def test_two_operators_at_once_leave_one_entry_for_one_change(street: Street) -> None:
    user, admin, other = street.customer(), operator(street), operator(street, Role.ADMIN, "other")
    with meanwhile(lambda: judge(street, other, user)) as done:
        told = judge(street, admin, user)
    assert (told.status, done[0].status) == (200, 200)
    assert len(entries()) == 1
