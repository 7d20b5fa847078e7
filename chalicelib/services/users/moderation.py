"""Blocks and unblocks customers. Operators are disabled by `services/admin/operators.py`."""

from chalicelib import log
from chalicelib.domain.accounts.account import Account, Status
from chalicelib.domain.accounts.customer_account import must_be_customer
from chalicelib.domain.operators.admin_action import AdminAction
from chalicelib.domain.problems.problems import must_exist
from chalicelib.domain.sessions.active_sessions import ActiveSessions
from chalicelib.services import audit_log
from chalicelib.services.auth import sessions
from chalicelib.services.caller import Caller, fresh_caller
from chalicelib.tables import accounts
from chalicelib.tables import sessions as session_rows
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch
from chalicelib.world import World


def set_status(world: World, caller: Caller, user_id: str, *, status: Status, reason: str | None) -> Account:
    """Block or unblock a customer with effect on its next request. A repeated call changes nothing.

    A block ends every session of the user. An unblocked user has to sign in again (decision 0059).
    Money, an open rental and a due stay as they are: a return still ends the rental, and a late payment is still
    credited. Raises Problem: not_found, forbidden, account_deleted.
    """
    key, active_sessions_key = accounts.account_key(user_id), session_rows.active_sessions_key(user_id)

    def decide(ops: Transaction) -> tuple[Account, bool]:
        fresh_caller(world, caller, ops)
        rows = fetch(key, active_sessions_key)
        account = must_exist(rows[key])
        must_be_customer(account)
        if account.status is status:
            return account, False
        changed = account.with_status(status, world.now())
        if status is Status.BANNED:
            sessions.end_all(ops, changed, rows[active_sessions_key] or ActiveSessions(user_id))
        else:
            accounts.save(ops, changed)
        changes = {"before": {"status": account.status}, "after": {"status": status}, "reason": reason}
        audit_log.record(ops, world, caller.user_id, AdminAction("user_status_changed", user_id, changes))
        return changed, True

    account, changed = atomic(world, decide)
    if changed:
        log.fact("user_status_changed", user_id=user_id, status=status.value)
    return account
