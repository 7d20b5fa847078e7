"""Operators add money to a wallet: alone up to a limit, together above it, and never for themselves."""

from typing import Any

import pytest

from app import app
from chalicelib.domain.operators.role import Role
from chalicelib.services.audit import segment_walks
from chalicelib.tables.audit_log import AuditLogRow
from infra.local.aws.iam import running
from tests.engines.counting import counted
from tests.engines.interleaving import interleave
from tests.scenarios.deletion_scenario import delete_customer
from tests.world.builders import account
from tests.world.http_client import Reply, request
from tests.world.network import Network
from tests.world.tokens import token_for, token_of

PATH, AUDIT = "/api/admin/balance-additions", "/api/admin/system/audit"


@pytest.fixture
def tokens(network: Network) -> dict[Role, str]:
    roles = (Role.FINANCE, Role.ADMIN, Role.SUPER_ADMIN)
    return {role: token_for(network.world, network.operator(f"one.{role}@example.com", role)) for role in roles}


def add(token: str, user_id: str, amount: str, reason: str = "a jammed slot", key: str = "") -> Reply:
    headers = {"Idempotency-Key": key} if key else {}
    body = {"amount": amount, "reason": reason}
    return request(app, "POST", f"/api/admin/users/{user_id}/add-balance", body, token=token, headers=headers)


def decide(token: str, addition: str, verb: str = "approve", **body: str) -> Reply:
    return request(app, "POST", f"{PATH}/{addition}/{verb}", body, token=token)


def log_entries() -> list[Any]:
    rows = [row for row in AuditLogRow.scan() if row.action.startswith("balance_addition")]
    return sorted(rows, key=lambda row: str(row.entry))


def test_a_small_amount_is_added_at_once(network: Network, tokens: dict[Role, str]) -> None:
    user_id = network.customer(wallet_paisa=1_000)
    reply = add(tokens[Role.FINANCE], user_id, "1234.50")
    assert reply.status == 200
    assert (reply.data["status"], reply.data["amount_added"]) == ("APPLIED", "1234.50")
    assert reply.data["old_balance"] == {"balance": "10.00", "currency": "NPR", "formatted_balance": "NPR 10"}
    assert reply.data["new_balance"]["formatted_balance"] == "NPR 1,244.50"
    after = account(user_id)
    assert (after.wallet_paisa, after.spent_paisa, after.topped_up_paisa) == (124_450, 0, 1_000)
    (entry,) = log_entries()
    assert (entry.target, entry.changes["before"], entry.changes["after"]) == (
        user_id,
        {"wallet_paisa": 1_000},
        {"wallet_paisa": 124_450},
    )
    (line,) = [
        line
        for line in request(app, "GET", "/api/user/transactions", token=token_of(network, user_id)).data["results"]
        if line["id"] == reply.data["transaction_id"]
    ]
    assert (line["type"], line["amount"], line["description"]) == ("adjustment", "1234.50", "Added by Bijuli")
    assert network.books_balance()


def test_an_amount_at_the_limit_needs_no_second_operator(network: Network, tokens: dict[Role, str]) -> None:
    assert add(tokens[Role.FINANCE], network.customer(wallet_paisa=0), "10000").data["status"] == "APPLIED"


def test_a_large_amount_waits_for_a_super_admin(network: Network, tokens: dict[Role, str]) -> None:
    user_id = network.customer(wallet_paisa=0)
    reply = add(tokens[Role.ADMIN], user_id, "10000.01")
    assert (reply.status, reply.data["status"], reply.data["new_balance"]) == (202, "PENDING", None)
    assert account(user_id).wallet_paisa == 0
    pending = reply.data["id"]
    assert [item["id"] for item in request(app, "GET", PATH, token=tokens[Role.ADMIN]).data["results"]] == [pending]
    assert decide(tokens[Role.ADMIN], pending).code == "addition_own_request"
    assert decide(tokens[Role.FINANCE], pending).code == "balance_needs_super_admin"
    approved = decide(tokens[Role.SUPER_ADMIN], pending).data
    assert (approved["status"], approved["new_balance"]["balance"]) == ("APPLIED", "10000.01")
    assert decide(tokens[Role.SUPER_ADMIN], pending).code == "addition_already_decided"
    assert account(user_id).wallet_paisa == 1_000_001
    assert [entry.action for entry in log_entries()] == ["balance_addition_pending", "balance_addition_applied"]
    assert network.books_balance()


def test_a_super_admins_large_amount_waits_for_any_other_operator(network: Network, tokens: dict[Role, str]) -> None:
    user_id = network.customer(wallet_paisa=0)
    pending = add(tokens[Role.SUPER_ADMIN], user_id, "20000").data["id"]
    assert decide(tokens[Role.SUPER_ADMIN], pending).code == "addition_own_request"
    assert decide(tokens[Role.FINANCE], pending).data["status"] == "APPLIED"


def test_a_rejected_amount_is_not_added(network: Network, tokens: dict[Role, str]) -> None:
    user_id = network.customer(wallet_paisa=0)
    pending = add(tokens[Role.ADMIN], user_id, "20000").data["id"]
    rejected = decide(tokens[Role.SUPER_ADMIN], pending, "reject", reason="no receipt").data
    assert (rejected["status"], rejected["notes"], rejected["amount_added"]) == ("REJECTED", "no receipt", "0.00")
    assert decide(tokens[Role.SUPER_ADMIN], pending).code == "addition_already_decided"
    assert account(user_id).wallet_paisa == 0


def test_several_small_amounts_of_a_day_pass_for_no_large_one(network: Network, tokens: dict[Role, str]) -> None:
    user_id = network.customer(wallet_paisa=0)
    statuses = [add(tokens[role], user_id, "4000").status for role in tokens]
    assert statuses == [200, 200, 202]
    network.fake_world.clock.advance(hours=24)
    fresh = token_for(network.world, network.operator("next@example.com", Role.FINANCE))
    assert add(fresh, user_id, "4000").status == 200
    assert account(user_id).wallet_paisa == 1_200_000


def test_a_repeated_request_adds_once(network: Network, tokens: dict[Role, str]) -> None:
    user_id = network.customer(wallet_paisa=0)
    first = add(tokens[Role.ADMIN], user_id, "50", key="k1")
    second = add(tokens[Role.ADMIN], user_id, "50", key="k1")
    assert (second.data, second.headers["Idempotent-Replayed"]) == (first.data, "true")
    assert account(user_id).wallet_paisa == 5_000


def test_an_addition_takes_four_calls_and_an_approval_five(network: Network, tokens: dict[Role, str]) -> None:
    user_id = network.customer(wallet_paisa=0)
    with counted() as small:
        add(tokens[Role.ADMIN], user_id, "50")
    pending = add(tokens[Role.ADMIN], user_id, "20000").data["id"]
    with counted() as approval:
        decide(tokens[Role.SUPER_ADMIN], pending)
    assert (small.round_trips, approval.round_trips) == (4, 5)


@pytest.fixture
def super_admin_token(network: Network) -> str:
    """The token of another super admin."""
    return token_for(network.world, network.operator("boss@example.com", Role.SUPER_ADMIN))


def disable(super_admin_token: str, user_id: str, method: str = "PATCH") -> Reply:
    body = {"is_active": False} if method == "PATCH" else None
    return request(app, method, f"/api/admin/profiles/{user_id}", body, token=super_admin_token)


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_an_operator_who_is_disabled_or_removed_counts_as_none_of_the_two(
    method: str, network: Network, tokens: dict[Role, str], super_admin_token: str
) -> None:
    user_id = network.customer(wallet_paisa=0)
    pending = add(tokens[Role.SUPER_ADMIN], user_id, "20000").data
    assert disable(super_admin_token, pending["requested_by"], method).status == 200
    refused = decide(tokens[Role.FINANCE], pending["id"])
    assert (refused.status, refused.code) == (409, "addition_requester_inactive")
    assert account(user_id).wallet_paisa == 0
    assert decide(tokens[Role.FINANCE], pending["id"], "reject", reason="unknown").data["status"] == "REJECTED"


def test_an_approval_during_which_its_requester_is_disabled_adds_nothing(
    network: Network, tokens: dict[Role, str], super_admin_token: str
) -> None:
    user_id = network.customer(wallet_paisa=0)
    pending = add(tokens[Role.ADMIN], user_id, "20000").data
    with interleave(lambda: disable(super_admin_token, pending["requested_by"])):
        refused = decide(tokens[Role.SUPER_ADMIN], pending["id"])
    assert (refused.code, account(user_id).wallet_paisa) == ("addition_requester_inactive", 0)


def test_an_operators_own_account_gets_no_money(network: Network, tokens: dict[Role, str]) -> None:
    operator_id = network.operator("other@example.com", Role.SUPPORT).user_id
    replies = [add(tokens[Role.SUPER_ADMIN], operator_id, amount) for amount in ("5", "20000")]
    assert [reply.code for reply in replies] == ["forbidden", "forbidden"]
    assert account(operator_id).wallet_paisa == 0


def test_two_approvals_at_once_add_once(network: Network, tokens: dict[Role, str]) -> None:
    user_id = network.customer(wallet_paisa=0)
    other = token_for(network.world, network.operator("other@example.com", Role.SUPER_ADMIN))
    pending = add(tokens[Role.ADMIN], user_id, "20000").data["id"]
    with interleave(lambda: decide(other, pending)):
        assert decide(tokens[Role.SUPER_ADMIN], pending).code == "addition_already_decided"
    assert account(user_id).wallet_paisa == 2_000_000


def test_two_small_amounts_at_once_keep_the_limit(network: Network, tokens: dict[Role, str]) -> None:
    user_id = network.customer(wallet_paisa=0)
    with interleave(lambda: add(tokens[Role.FINANCE], user_id, "6000")):
        assert add(tokens[Role.ADMIN], user_id, "6000").status == 202
    assert account(user_id).wallet_paisa == 600_000


def test_a_deleted_account_gets_no_money_and_its_pending_addition_can_be_rejected(
    network: Network, tokens: dict[Role, str]
) -> None:
    user_id = network.customer(wallet_paisa=0)
    pending = add(tokens[Role.ADMIN], user_id, "20000", reason="owed to Sita").data["id"]
    delete_customer(network, user_id)
    assert decide(tokens[Role.SUPER_ADMIN], pending).code == "account_deleted"
    rejected = decide(tokens[Role.SUPER_ADMIN], pending, "reject", reason="Sita left").data
    assert (rejected["reason"], rejected["notes"]) == ("erased", "erased")
    assert add(tokens[Role.ADMIN], user_id, "5").code == "account_deleted"


def test_a_large_amount_is_refused_after_a_concurrent_deletion(network: Network, tokens: dict[Role, str]) -> None:
    user_id = network.customer(wallet_paisa=0)
    with interleave(lambda: delete_customer(network, user_id)):
        assert add(tokens[Role.ADMIN], user_id, "20000").code == "account_deleted"


@pytest.mark.parametrize("amount", ["0", "-5", "100000.01", "1e3", "5.001", ""])
def test_an_odd_amount_changes_nothing(amount: str, network: Network, tokens: dict[Role, str]) -> None:
    user_id = network.customer(wallet_paisa=0)
    assert add(tokens[Role.SUPER_ADMIN], user_id, amount).status == 422
    assert account(user_id).wallet_paisa == 0


def test_a_double_click_adds_once_and_a_later_equal_addition_counts(
    network: Network, tokens: dict[Role, str]
) -> None:
    user_id = network.customer(wallet_paisa=0)
    first, second = (add(tokens[Role.FINANCE], user_id, "50.00") for _ in range(2))
    assert (first.status, second.status) == (200, 200)
    assert first.data["transaction_id"] == second.data["transaction_id"]
    assert account(user_id).wallet_paisa == 5_000
    add(tokens[Role.FINANCE], user_id, "50.00", "another slot")
    add(tokens[Role.ADMIN], user_id, "50.00")
    network.fake_world.clock.advance(seconds=61)
    add(tokens[Role.FINANCE], user_id, "50.00")
    assert account(user_id).wallet_paisa == 20_000
    # the audit looks for what the records of requests name, with the rights of its function
    request(app, "POST", AUDIT, {}, token=tokens[Role.FINANCE])
    with running("AuditLedger"):
        segment_walks.run(network.world, lambda: 120.0, workers=1)
    assert request(app, "GET", AUDIT, token=tokens[Role.FINANCE]).data["ok"]


def test_a_double_click_at_the_same_moment_adds_once(network: Network, tokens: dict[Role, str]) -> None:
    user_id = network.customer(wallet_paisa=0)
    with interleave(lambda: add(tokens[Role.FINANCE], user_id, "50.00")):
        add(tokens[Role.FINANCE], user_id, "50.00")
    assert account(user_id).wallet_paisa == 5_000
    assert network.books_balance()
