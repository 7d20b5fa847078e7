"""Bans: they apply to the next request, on every route, and change no money."""

from typing import Any

import pytest

from app import app
from chalicelib.domain.accounts.account import Status
from chalicelib.domain.operators.role import Role
from chalicelib.domain.payments.payment_gateway import PaymentState, PaymentStatus
from chalicelib.domain.problems.problems import Problem
from chalicelib.services.auth import otp, otp_delivery, signin
from chalicelib.services.topups import intents, payment_events
from chalicelib.tables.audit_log import AuditLogRow
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.tables.intents import intent_key
from infra.local.seeds import seed
from tests.engines.interleaving import interleave
from tests.world.builders import LABIM, account, operator_account, phone
from tests.world.http_client import Reply, request
from tests.world.network import Network
from tests.world.real_tables import all_rows
from tests.world.tokens import token_of

PASSWORD = "a password"


def operator(network: Network, role: Role = Role.ADMIN, name: str = "one") -> str:
    return operator_account(network.world, f"{name}@example.com", PASSWORD, role)


def judge(network: Network, by: str, user: str, status: str = "banned", method: str = "PATCH", **more: Any) -> Reply:
    body = {"status": status, **more}
    return request(app, method, f"/api/admin/users/{user}/status", body, token=token_of(network, by))


def entries() -> list[Any]:
    return [row for row in AuditLogRow.scan() if row.action == "user_status_changed"]


@pytest.mark.parametrize("method", ["PATCH", "POST"])
@pytest.mark.parametrize("text", ["banned", "BANNED"])
def test_a_ban_is_returned_and_logged(network: Network, method: str, text: str) -> None:
    user, admin = network.customer(), operator(network)
    reply = judge(network, admin, user, text, method, reason="three broken banks")
    assert reply.data == {"user_id": user, "new_status": "BANNED", "message": "The account is blocked."}
    assert account(user).status is Status.BANNED
    (entry,) = entries()
    assert (entry.admin_id, entry.target) == (admin, user)
    assert entry.changes == {
        "before": {"status": "active"},
        "after": {"status": "banned"},
        "reason": "three broken banks",
    }


def test_a_second_ban_changes_nothing(network: Network) -> None:
    user, admin = network.customer(), operator(network)
    judge(network, admin, user)
    token = token_of(network, admin)
    before = all_rows()
    reply = request(app, "PATCH", f"/api/admin/users/{user}/status", {"status": "banned"}, token=token)
    assert reply.data["new_status"] == "BANNED"
    assert all_rows() == before


def test_an_unban_opens_no_session_that_the_ban_ended(network: Network) -> None:
    user, admin = network.customer(), operator(network)
    signed_in = signin.login(network.world, phone(1), proof(network, 1, "login"))
    judge(network, admin, user)
    assert request(app, "GET", "/api/auth/me", token=signed_in.tokens.access).code == "account_banned"
    assert judge(network, admin, user, "active").data["new_status"] == "ACTIVE"
    assert request(app, "GET", "/api/auth/me", token=signed_in.tokens.access).code == "session_ended"
    refreshed = request(app, "POST", "/api/auth/refresh", {"refresh": signed_in.tokens.refresh})
    assert refreshed.code == "session_ended"
    assert request(app, "GET", "/api/auth/me", token=token_of(network, user)).data["rental_eligibility"]["can_rent"]
    assert len(entries()) == 2


@pytest.mark.parametrize("by", [Role.SUPER_ADMIN, Role.ADMIN])
@pytest.mark.parametrize("role", [role for role in Role if role is not Role.CUSTOMER])
def test_this_route_changes_no_operator(network: Network, by: Role, role: Role) -> None:
    other, judging = operator(network, role, "other"), operator(network, by, "judging")
    token = token_of(network, judging)
    before = all_rows()
    reply = request(app, "PATCH", f"/api/admin/users/{other}/status", {"status": "banned"}, token=token)
    assert (reply.status, reply.code) == (403, "forbidden")
    assert all_rows() == before


@pytest.mark.parametrize("role", [Role.SUPER_ADMIN, Role.ADMIN])
@pytest.mark.parametrize("status", ["banned", "active"])
def test_an_operator_cannot_change_the_own_status(network: Network, role: Role, status: str) -> None:
    admin = operator(network, role)
    assert judge(network, admin, admin, status).code == "forbidden"
    assert account(admin).status is Status.ACTIVE


def test_an_unknown_user_is_not_found(network: Network) -> None:
    assert judge(network, operator(network), "nobody").code == "not_found"


def test_a_banned_operator_is_refused_at_once(network: Network) -> None:
    other, super_admin = operator(network, Role.ADMIN, "other"), operator(network, Role.SUPER_ADMIN, "boss")
    token = token_of(network, other)
    path = f"/api/admin/profiles/{other}"
    request(app, "PATCH", path, {"is_active": False}, token=token_of(network, super_admin))
    assert request(app, "GET", "/api/admin/system/audit", token=token).code == "session_ended"
    login = {"email": "other@example.com", "password": PASSWORD}
    assert request(app, "POST", "/api/admin/login", login).code == "wrong_credentials"


def proof(network: Network, number: int, purpose: str) -> str:
    """A verification token of a customer of the network."""
    sent_code = otp.request_code(network.world, phone(number), "192.0.2.1")
    for body in network.fake_world.queues.take("bijuli-otp"):
        otp_delivery.deliver(network.world, body)
    code = network.fake_world.sms.sent[-1][1].split(" ", maxsplit=1)[0]
    verified_code = otp.verify(network.world, phone(number), code, sent_code.public_id)
    assert verified_code.purpose == purpose
    return verified_code.token


def test_a_banned_user_cannot_sign_in_by_code(network: Network) -> None:
    user, admin = network.customer(), operator(network)
    judge(network, admin, user)
    order = {"identifier": phone(1), "verification_token": proof(network, 1, "login")}
    reply = request(app, "POST", "/api/auth/login", order)
    assert (reply.status, reply.code) == (403, "account_banned")


def test_a_sign_in_concurrent_with_a_ban_gives_no_access(network: Network) -> None:
    user, admin = network.customer(), operator(network)
    token = proof(network, 1, "login")
    before = account(user).token_epoch
    with interleave(lambda: judge(network, admin, user)), pytest.raises(Problem, match="account_banned"):
        signin.login(network.world, phone(1), token)
    assert account(user).token_epoch == before + 1


def test_a_banned_users_refresh_token_is_refused(network: Network) -> None:
    user, admin = network.customer(), operator(network)
    signed_in = signin.login(network.world, phone(1), proof(network, 1, "login"))
    judge(network, admin, user)
    reply = request(app, "POST", "/api/auth/refresh", {"refresh": signed_in.tokens.refresh})
    assert (reply.status, reply.code) == (403, "account_banned")


def test_a_ban_during_a_start_refuses_the_start(network: Network) -> None:
    user, admin = network.customer(), operator(network)
    before = account(user)
    with interleave(lambda: judge(network, admin, user)), pytest.raises(Problem, match="account_banned"):
        network.start(user)
    after = account(user)
    assert (after.wallet_paisa, after.held_paisa, after.open_rental_id) == (before.wallet_paisa, 0, None)
    assert network.fake_world.cabinets.ejects == []
    assert network.books_balance()


def test_a_banned_users_rental_still_ejects_and_returns(network: Network) -> None:
    user, admin = network.customer(), operator(network)
    rental = network.start(user)
    judge(network, admin, user)
    held = account(user)
    assert (held.open_rental_id, held.held_paisa) == (rental.rental_id, 500)
    network.fake_world.clock.advance(seconds=2)
    network.report_eject(LABIM, rental.powerbank_sn, 0x01)
    network.fake_world.clock.advance(hours=3)
    network.report_return(LABIM, rental.powerbank_sn)
    assert network.rental(rental).state.value == "completed"
    assert account(user).status is Status.BANNED
    assert network.books_balance()


def test_a_late_top_up_of_a_banned_user_is_credited(network: Network) -> None:
    user, admin = network.customer(), operator(network)
    caller = network.sessions[user].caller(network.world)
    intent, _ = intents.open_intent(network.world, caller, amount_paisa=50_000, method="khalti", return_url=None)
    before = account(user).wallet_paisa
    judge(network, admin, user)
    network.fake_world.khalti.payment_status = PaymentStatus(PaymentState.PAID, "their-reference", 50_000)
    payment_events.handle_payment_event(network.world, user, intent.intent_id)
    settled = fetch_one(intent_key(user, intent.intent_id))
    assert settled is not None
    assert settled.state.value == "success"
    assert account(user).wallet_paisa == before + 50_000
    network.deliver_messages()
    assert network.books_balance()


def test_a_due_of_a_banned_user_stays_until_the_unban(network: Network) -> None:
    user, admin = network.customer(wallet_paisa=2_000), operator(network)
    rental = network.rented(user)
    network.fake_world.clock.advance(hours=3)
    network.report_return(LABIM, rental.powerbank_sn)
    owed = account(user).due_paisa
    judge(network, admin, user)
    assert account(user).due_paisa == owed > 0
    judge(network, admin, user, "active")
    seed.fill_wallet(network.world, user, 100_000)
    token = token_of(network, user)
    assert request(app, "POST", f"/api/rentals/{rental.rental_id}/pay-due", {}, token=token).status == 200
    assert network.books_balance()


def test_two_bans_at_once_leave_one_log_entry(network: Network) -> None:
    user, admin, other = network.customer(), operator(network), operator(network, Role.ADMIN, "other")
    with interleave(lambda: judge(network, other, user)) as results:
        reply = judge(network, admin, user)
    assert (reply.status, results[0].status) == (200, 200)
    assert len(entries()) == 1
