"""Operators decide who bears a reversed top-up, and give back what they took when the gateway has the money again."""

from dataclasses import replace

from chalicelib import log
from chalicelib.domain.accounts.account import Account
from chalicelib.domain.money import ledger, ledger_entries
from chalicelib.domain.operators.admin_action import AdminAction
from chalicelib.domain.payments.reversal import Reversal, ReversalAction, ReversalSplit
from chalicelib.domain.payments.reversal_amounts import split_of
from chalicelib.domain.problems.problems import Problem, must_exist
from chalicelib.services import audit_log, received_money, stranded_money
from chalicelib.services.caller import Caller, fresh_caller
from chalicelib.tables import accounts, intent_references, postings, reversals
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch, fetch_one
from chalicelib.world import World


def resolve(
    world: World,
    caller: Caller,
    intent_id: str,
    *,
    action: ReversalAction,
    amount_paisa: int | None,
    notes: str,
) -> Reversal:
    """Decide an open reversal, and post who bears it.

    `amount_paisa` is needed where the gateway reports no sum. Raises Problem: not_found, reversal_already_decided,
    refund_own_request, invalid_input (action, amount), account_deleted for a due of a deleted account.
    """
    pointer = must_exist(fetch_one(intent_references.pointer_key(intent_id)))
    reversal_key = reversals.reversal_key(pointer.user_id, intent_id)
    account_key = accounts.account_key(pointer.user_id)

    def decide(ops: Transaction) -> tuple[Reversal, Account, ReversalSplit]:
        current_caller = fresh_caller(world, caller, ops)
        rows = fetch(reversal_key, account_key)
        reversal, account = must_exist(rows[reversal_key]), must_exist(rows[account_key])
        _must_be_decidable(reversal, account, current_caller, action)
        split = _settle(ops, world, account, reversal, action, reversal.amount_to_settle(amount_paisa))
        decided = reversal.decided(action, split, by=current_caller.user_id, at=world.now())
        reversals.save(ops, decided)
        audit_log.record(ops, world, current_caller.user_id, _action(reversal, decided, split, notes))
        return decided, account, split

    decided, account, split = atomic(world, decide)
    log.fact("reversal_decided", intent_id=intent_id, state=action.value)
    given_paisa = split.total_paisa - split.loss_paisa
    if action is ReversalAction.GIVE_BACK and account.deleted and given_paisa:
        stranded_money.report(pointer.user_id, given_paisa, intent_id=intent_id)
    return decided


def _settle(
    ops: Transaction, world: World, account: Account, reversal: Reversal, action: ReversalAction, amount_paisa: int
) -> ReversalSplit:
    """Post the decision about `amount_paisa`. Returns who bears it, or gets it back."""
    if action is ReversalAction.GIVE_BACK:
        split = reversal.restored_split()
        _post_restored(ops, world, account, reversal, split)
    else:
        split = split_of(action, amount_paisa, account.wallet_paisa)
        _post(ops, world, account, reversal, split)
    return split


def _post(ops: Transaction, world: World, account: Account, reversal: Reversal, split: ReversalSplit) -> None:
    """Take the wallet's part from the account, and note the due."""
    entry = ledger_entries.reversal(reversal.gateway, split)
    account_after, posting = ledger.post(account, entry, reversal.intent_id, world.now())
    owed_paisa = account.reversal_due_paisa + split.due_paisa
    accounts.save(ops, replace(account_after, reversal_due_paisa=owed_paisa))
    postings.add(ops, posting)


def _post_restored(
    ops: Transaction, world: World, account: Account, reversal: Reversal, split: ReversalSplit
) -> None:
    """Give the wallet its part, and cancel the due. The wallet gets what the customer has paid of the due.

    A deleted account gets no money in its wallet. An alarm asks an operator to pay that part by hand.
    """
    unpaid_paisa = min(split.due_paisa, account.reversal_due_paisa)
    now_split = replace(
        split, wallet_paisa=split.wallet_paisa + split.due_paisa - unpaid_paisa, due_paisa=unpaid_paisa
    )
    entry, now = ledger_entries.reversal_restored(reversal.gateway, now_split, by_hand=account.deleted), world.now()
    account_after, posting = ledger.post(account, entry, reversal.intent_id, now)
    account_after = replace(account_after, reversal_due_paisa=account.reversal_due_paisa - unpaid_paisa)
    received_money.stage(ops, account_after, posting, now)


def _action(before: Reversal, decided: Reversal, split: ReversalSplit, notes: str) -> AdminAction:
    changes = {
        "before": {"status": before.state},
        "after": {"status": decided.state},
        "amount_paisa": split.total_paisa,
        "wallet_paisa": split.wallet_paisa,
        "due_paisa": split.due_paisa,
        "loss_paisa": split.loss_paisa,
        "note": notes,
    }
    return AdminAction(f"reversal_{decided.action}", decided.intent_id, changes)


def _must_be_decidable(reversal: Reversal, account: Account, caller: Caller, action: ReversalAction) -> None:
    """Raises Problem: reversal_already_decided, refund_own_request, invalid_input (action), account_deleted."""
    if not reversal.open:
        raise Problem("reversal_already_decided")
    if reversal.user_id == caller.user_id:
        raise Problem("refund_own_request")
    reversal.must_allow(action)
    if action is ReversalAction.DUE and account.deleted:
        raise Problem("account_deleted")
