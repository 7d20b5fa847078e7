"""Operators add money to a customer's wallet. A large sum waits for a second operator."""

import hashlib
import json
from collections.abc import Callable, Sequence
from datetime import timedelta

from chalicelib import log
from chalicelib.domain.accounts.account import Account
from chalicelib.domain.accounts.customer_account import must_be_customer
from chalicelib.domain.money import ledger, ledger_entries
from chalicelib.domain.money.balance_addition import AdditionState, BalanceAddition, addition_id_of
from chalicelib.domain.notifications.notification_kinds import NotificationKind
from chalicelib.domain.operators.admin_action import AdminAction
from chalicelib.domain.operators.numbered_page import NumberedPage
from chalicelib.domain.problems.problems import Problem, must_exist
from chalicelib.domain.problems.validation_messages import validation_message
from chalicelib.domain.text.days import day_of
from chalicelib.domain.text.money import PAISA_PER_RUPEE
from chalicelib.services import audit_log, idempotency, received_money
from chalicelib.services.caller import Caller, fresh_caller
from chalicelib.services.notifications import inbox
from chalicelib.tables import accounts, balance_additions, rate_limits
from chalicelib.tables import idempotency as idempotency_rows
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch, fetch_one
from chalicelib.world import World

ADD_BALANCE = "POST /api/admin/users/{user_id}/add-balance"
"""The route whose records of idempotency name additions."""
COUNTED_FOR = timedelta(days=2)
"""How long the sum of a Kathmandu day is kept."""


def add(world: World, caller: Caller, user_id: str, amount_paisa: int, reason: str) -> BalanceAddition:
    """Add money to a wallet at once, or request it where a second operator has to approve it.

    Without a second operator at most `unapproved_additions_rupees` come to one wallet a day, from all operators
    together. Raises Problem: not_found, forbidden (an operator's wallet), account_deleted, addition_own_request,
    invalid_input (amount).
    """
    if caller.earlier_resource_id is not None:
        return read(caller.earlier_resource_id)
    if amount_paisa > world.settings().balance_addition_max_rupees * PAISA_PER_RUPEE:
        raise Problem("invalid_input", errors={"amount": [validation_message("amount_too_large")]})
    addition_id = addition_id_of(world.new_id(), user_id)
    account_key = accounts.account_key(user_id)
    same_request = idempotency_rows.record_key(caller.user_id, _meaning(user_id, amount_paisa, reason))

    def decide(ops: Transaction) -> BalanceAddition:
        current_caller = fresh_caller(world, caller, ops)
        if current_caller.user_id == user_id:
            raise Problem("addition_own_request")
        rows = fetch(account_key, same_request)
        if current_caller.idempotency is None and (earlier := idempotency.earlier_of(world, rows[same_request])):
            return read(earlier)
        account = must_exist(rows[account_key])
        must_be_customer(account)
        requested = BalanceAddition(
            addition_id, user_id, amount_paisa, reason, requested_by=current_caller.user_id, requested_at=world.now()
        )
        addition = _apply_or_wait(ops, world, account, requested)
        balance_additions.save(ops, addition)
        _record(ops, world, current_caller, addition, account)
        if current_caller.idempotency is None:
            idempotency.claim_repetition(ops, world, current_caller.user_id, str(same_request.range_key), addition_id)
        idempotency.claim(ops, world, current_caller.idempotency, addition_id)
        return addition

    return _logged(atomic(world, decide))


def approve(world: World, caller: Caller, addition_id: str) -> BalanceAddition:
    """Approve an addition of another operator, and add the money. One of the two must be a super admin.

    Raises Problem: not_found, addition_already_decided, addition_own_request, balance_needs_super_admin,
    addition_requester_inactive, account_deleted, forbidden (an operator's wallet).
    """

    def change(
        ops: Transaction, decided: BalanceAddition, account: Account, requester: Account | None
    ) -> BalanceAddition:
        # Writing the requester's row makes this transaction conflict with a disabling at the same time.
        accounts.save(ops, decided.approvable_with(requester))
        return _apply(ops, world, account, decided)

    return _decide(world, caller, addition_id, change)


def reject(world: World, caller: Caller, addition_id: str, notes: str) -> BalanceAddition:
    """Reject an addition of another operator, also for an account that was deleted since.

    Raises Problem: not_found, addition_already_decided, addition_own_request, balance_needs_super_admin.
    """
    return _decide(world, caller, addition_id, lambda _ops, decided, _account, _requester: decided.rejected(notes))


def list_in_state(state: AdditionState, page: NumberedPage) -> tuple[Sequence[BalanceAddition], int]:
    """A page of the additions in a state, and their number, counted up to MAX_LISTED.

    Additions to decide come oldest first, all others newest first.
    """
    return balance_additions.in_state(state, newest_first=state is not AdditionState.PENDING, page=page)


def read(addition_id: str) -> BalanceAddition:
    """Raises Problem("not_found")."""
    return must_exist(fetch_one(balance_additions.addition_key(addition_id)))


Change = Callable[[Transaction, BalanceAddition, Account, Account | None], BalanceAddition]
"""What follows from a decision, with the accounts of the wallet and of the requester: the addition afterwards."""


def _decide(world: World, caller: Caller, addition_id: str, change: Change) -> BalanceAddition:
    """Decide an addition once, with an entry in the audit log."""
    if caller.earlier_resource_id is not None:
        return read(caller.earlier_resource_id)

    def decide(ops: Transaction) -> BalanceAddition:
        current_caller = fresh_caller(world, caller, ops)
        addition = read(addition_id)
        requester = fetch_one(accounts.account_key(addition.requested_by))
        decided = addition.decided(current_caller.account, requester, world.now())
        account = _account(addition.user_id)
        changed = change(ops, decided, account, requester)
        if account.deleted:
            changed = changed.without_free_text()
        balance_additions.save(ops, changed)
        _record(ops, world, current_caller, changed, account)
        idempotency.claim(ops, world, current_caller.idempotency, addition_id)
        return changed

    return _logged(atomic(world, decide))


def _apply(ops: Transaction, world: World, account: Account, addition: BalanceAddition) -> BalanceAddition:
    """Stage the posting, and the notification of the customer. Raises Problem: account_deleted, forbidden."""
    must_be_customer(account)
    entry = ledger_entries.balance_added(addition.amount_paisa)
    account_after, posting = ledger.post(account, entry, addition.addition_id, world.now())
    received_money.stage(ops, account_after, posting, world.now())
    values = {"amount_paisa": addition.amount_paisa, "reason": addition.reason}
    inbox.notify(ops, world, account.user_id, NotificationKind.BALANCE_ADDED, values)
    return addition.applied(posting)


def _apply_or_wait(ops: Transaction, world: World, account: Account, addition: BalanceAddition) -> BalanceAddition:
    """Add the money, unless the addition needs a second operator's approval and waits for it."""
    if _count_alone(ops, world, addition):
        return _apply(ops, world, account, addition)
    # Writing the account row makes this transaction conflict with a concurrent deletion of the account.
    accounts.save(ops, account)
    return addition


def _count_alone(ops: Transaction, world: World, addition: BalanceAddition) -> bool:
    """Whether the amount needs no approval: then it counts in the sum of its day.

    The sum is that of the customer, so that several small additions pass for no large one.
    """
    now = world.now()
    name = f"balance_alone#{addition.user_id}#{day_of(now)}"
    limit_paisa = world.settings().unapproved_additions_rupees * PAISA_PER_RUPEE
    if (fetch_one(rate_limits.counter_key(name)) or 0) + addition.amount_paisa > limit_paisa:
        return False
    rate_limits.count(ops, name, limit_paisa, now + COUNTED_FOR, conflict=None, amount=addition.amount_paisa)
    return True


def _account(user_id: str) -> Account:
    """Raises Problem("not_found")."""
    return must_exist(fetch_one(accounts.account_key(user_id)))


def _meaning(user_id: str, amount_paisa: int, reason: str) -> str:
    """The name of the record of an addition of this sum for this reason, whatever its request."""
    content = json.dumps([user_id, amount_paisa, reason]).encode()
    return f"{ADD_BALANCE}#same#{hashlib.sha256(content).hexdigest()}"


def _record(ops: Transaction, world: World, caller: Caller, addition: BalanceAddition, before: Account) -> None:
    balance_after = addition.balance_after_paisa
    changes = {
        "addition_id": addition.addition_id,
        "amount_paisa": addition.amount_paisa,
        "reason": addition.reason,
        "notes": addition.notes,
        "before": {"wallet_paisa": before.wallet_paisa},
        "after": {"wallet_paisa": before.wallet_paisa if balance_after is None else balance_after},
    }
    audit_log.record(
        ops, world, caller.user_id, AdminAction(f"balance_addition_{addition.state.value}", addition.user_id, changes)
    )


def _logged(addition: BalanceAddition) -> BalanceAddition:
    ids = {"addition_id": addition.addition_id, "user_id": addition.user_id}
    log.fact("balance_addition", **ids, amount_paisa=addition.amount_paisa, state=addition.state.value)
    return addition
