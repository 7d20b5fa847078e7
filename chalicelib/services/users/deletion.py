"""Deletes an account: one transaction checks everything that forbids it, then the personal data is erased."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from chalicelib import log
from chalicelib.domain.accounts.account import Account, Status
from chalicelib.domain.configuration.setting_bounds import BOUNDS
from chalicelib.domain.money import ledger, ledger_entries
from chalicelib.domain.money.ledger import Posting
from chalicelib.domain.operations.message_errors import Poison
from chalicelib.domain.operators.role import Role
from chalicelib.domain.payments.topup_intent import IntentState
from chalicelib.domain.problems.problem_codes import FinalCode
from chalicelib.domain.problems.problem_reasons import Reason
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.sessions.active_sessions import ActiveSessions
from chalicelib.domain.text.ids import first_id_of
from chalicelib.services import eject_doubts
from chalicelib.services import outbox as outbox_messages
from chalicelib.services.caller import Caller, fresh_caller
from chalicelib.services.media import store_deletion as media_deletion
from chalicelib.services.users import erasure
from chalicelib.services.users.profile import load_profile
from chalicelib.tables import accounts, intents, open_items, postings, sessions, users
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.tables.open_items import ItemKind
from chalicelib.world import World

ERASURE_BUDGET = timedelta(seconds=8)
"""How long one message erases. A batch of two such messages ends within the time-out of the consumer, 30 s."""
ERASE_AGAIN_AFTER = timedelta(minutes=1)
"""When every request that began before the deletion has ended."""
MAX_INTENT_TTL = timedelta(minutes=BOUNDS["intent_ttl_minutes"].maximum)
"""No top-up is pending longer, whatever the settings were at its creation."""
ACCOUNT = "account"
"""The value of `kind` in an erasure message about an account. Other messages are about one file."""


def delete(world: World, caller: Caller, *, forfeit_balance: bool) -> datetime:
    """Delete the caller's account, forfeit its balance and erase the personal data. Returns the time of the deletion.

    `caller` was read with `profile_keys`. Two concurrent calls delete once. Raises Problem: forbidden, rental_open,
    due_unpaid, topup_pending, refund_open, balance_left. Then nothing changes.
    """

    def decide(ops: Transaction) -> datetime:
        current_caller, now = fresh_caller(world, caller, ops), world.now()
        _must_be_deletable(world, current_caller.account, forfeit_balance=forfeit_balance)
        emptied, posted = _forfeited(current_caller.account, now)
        closed = emptied.with_status(Status.DELETED, now)
        deleted = replace(closed, token_epoch=emptied.token_epoch + 1, deleted_seq=emptied.seq)
        accounts.save(ops, deleted)
        for posting in posted:
            postings.add(ops, posting)
        _fence(ops, current_caller)
        body = {"what": ACCOUNT, "user_id": current_caller.user_id}
        message_id = message_id_of(current_caller.user_id)
        outbox_messages.stage(ops, world, outbox_messages.ERASURE, message_id, body, after=ERASE_AGAIN_AFTER)
        return now

    at = atomic(world, decide)
    log.fact("account_deleted", user_id=caller.user_id)
    try:
        erasure.erase(world, caller.user_id)
    except Problem as problem:
        log.fact("erasure_deferred", user_id=caller.user_id, code=problem.code)
    return at


def handle_message(world: World, body: Mapping[str, Any]) -> None:
    """Handle a message of the erasure queue: an account or a file. Raises Unavailable or Poison as
    `media_deletion.delete_file`.

    The deletion erases at once what is small. This message erases everything a minute later, when every request that
    began before the deletion has ended. It sends itself again while rows are left after ERASURE_BUDGET.
    """
    if body.get("what") != ACCOUNT:
        media_deletion.delete_file(world, body)
        return
    user_id = body.get("user_id")
    if not isinstance(user_id, str) or body.get("message_id") != message_id_of(user_id):
        raise Poison("names no account")
    account = fetch_one(accounts.account_key(user_id))
    if account is None or account.status is not Status.DELETED:
        raise Poison("no deleted account")
    if not erasure.erase(world, user_id, budget=ERASURE_BUDGET):
        world.queues.send(outbox_messages.ERASURE, [body])
        log.fact("erasure_continues", user_id=user_id)
        return
    outbox_messages.drop(message_id_of(user_id))
    log.fact("account_erased", user_id=user_id)


def message_id_of(user_id: str) -> str:
    return f"erase:account:{user_id}"


def _must_be_deletable(world: World, account: Account, *, forfeit_balance: bool) -> None:
    """Raises Problem("forbidden") for an operator, else the first reason against the deletion, with all of them."""
    if account.role is not Role.CUSTOMER:
        raise Problem("forbidden", reason=Reason.OPERATOR_ACCOUNT)
    rental_open = account.open_rental_id is not None or account.held_paisa > 0 or account.held_points > 0
    in_doubt = not rental_open and eject_doubts.eject_in_doubt(account.user_id)
    checks: tuple[tuple[FinalCode, bool], ...] = (
        ("rental_open", rental_open or in_doubt),
        ("due_unpaid", account.due_paisa > 0),
        ("topup_pending", _topup_pending(world, account.user_id)),
        ("refund_open", open_items.has_any(account.user_id, ItemKind.REFUND)),
        ("balance_left", account.wallet_paisa > 0 and not forfeit_balance),
    )
    reasons = [code for code, holds in checks if holds]
    if reasons:
        details: dict[str, Any] = {"reason": Reason.EJECT_IN_DOUBT} if in_doubt else {}
        details |= {"reasons": reasons, "balance_paisa": account.wallet_paisa, "due_paisa": account.due_paisa}
        raise Problem(reasons[0], **details)


def _topup_pending(world: World, user_id: str) -> bool:
    """Whether a top-up is pending or waits for review. It reads the top-ups of MAX_INTENT_TTL only.

    A top-up that opens concurrently writes the account row, so that the deletion retries.
    """
    now = world.now()
    recent = list(intents.of_user(user_id, after=first_id_of(now - MAX_INTENT_TTL)))
    pending = any(intent.state is IntentState.PENDING and now < intent.expires_at for intent in recent)
    return pending or open_items.has_any(user_id, ItemKind.REVIEW)


def _forfeited(account: Account, now: datetime) -> tuple[Account, list[Posting]]:
    entry = ledger_entries.forfeit(paisa=account.wallet_paisa, points=account.points)
    return ledger.post_if_any(account, entry, message_id_of(account.user_id), now)


def _fence(ops: Transaction, caller: Caller) -> None:
    """Touch the session list and user rows so that concurrent sign-ins and profile changes conflict and retry."""
    active_sessions_key = sessions.active_sessions_key(caller.user_id)
    sessions.save_active_sessions(ops, fetch_one(active_sessions_key) or ActiveSessions(caller.user_id))
    users.save_user(ops, replace(load_profile(caller)[0], reminder_at=None))
