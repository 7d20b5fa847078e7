"""Reminds users of an incomplete profile once a day."""

from dataclasses import replace

from chalicelib import log
from chalicelib.domain.accounts.account import Status
from chalicelib.domain.accounts.rent_eligibility import is_profile_complete
from chalicelib.domain.notifications.notification_kinds import NotificationKind
from chalicelib.domain.notifications.profile_reminder import reminded
from chalicelib.domain.users.user import User
from chalicelib.services.notifications.inbox import notify
from chalicelib.services.sweeps import for_each_isolated
from chalicelib.tables import accounts, users
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch
from chalicelib.world import World

SWEEP_LIMIT = 100


def sweep(world: World) -> int:
    """Remind users whose reminder is due. Returns their number.

    It may run late, twice or twice at once: a reminder and the time of the next one are one transaction. A late run
    reminds once, and the next reminder is a day after it.
    """
    due = users.with_reminder_due(world.now(), SWEEP_LIMIT)
    return for_each_isolated(due, lambda user: _remind(world, user.user_id), lambda user: user.user_id)


def _remind(world: World, user_id: str) -> None:
    user_key, account_key = users.user_key(user_id), accounts.account_key(user_id)

    def decide(ops: Transaction) -> bool:
        rows, now = fetch(user_key, account_key), world.now()
        user, account = rows[user_key], rows[account_key]
        if user is None or not _is_due(user, world):
            return False
        if account is None or account.deleted or is_profile_complete(user):
            users.save_user(ops, replace(user, reminder_at=None))
            return False
        users.save_user(ops, reminded(user, now, world.settings()))
        if account.status is Status.BANNED:
            return False
        notify(ops, world, user_id, NotificationKind.PROFILE_REMINDER, {})
        return True

    if atomic(world, decide):
        log.fact("profile_reminder", user_id=user_id)


def _is_due(user: User, world: World) -> bool:
    return user.reminder_at is not None and user.reminder_at <= world.now()
