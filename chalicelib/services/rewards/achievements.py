"""Unlocks the achievements that a customer has reached, each once with its points, and lists them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from chalicelib import log
from chalicelib.domain.accounts.account import Account
from chalicelib.domain.notifications.notification_kinds import NotificationKind
from chalicelib.domain.rewards.achievement import Achievement, UnlockedAchievement
from chalicelib.domain.users.user import User
from chalicelib.services.auth import earned_before
from chalicelib.services.auth.earned_before import EarnedBefore
from chalicelib.services.caller import Caller
from chalicelib.services.notifications import inbox
from chalicelib.services.rewards import achievement_list, award_postings
from chalicelib.tables import accounts, achievements, users
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch, fetch_all
from chalicelib.tables.rows import Found, Key
from chalicelib.world import World

MAX_AT_ONCE = 2
"""One takes up to nine items of a transaction: its row, posting, notification and what outlives a deletion."""


def keys_of(user_id: str) -> tuple[Key[Any], ...]:
    """The rows to read together with the caller: the list, and those of the achievements known from earlier reads."""
    known = (achievements.unlocked_key(user_id, achievement_id) for achievement_id in achievement_list.known_ids())
    return (achievements.list_key(), *known)


def of_caller(caller: Caller) -> list[tuple[Achievement, int, UnlockedAchievement | None]]:
    """Every achievement with the progress of the caller, read with `keys_of`, and the row of an unlocked one.

    One that can't be unlocked any more is there only for those who have it.
    """
    listed = achievement_list.of_row(caller.rows[achievements.list_key()]).achievements
    keys = {item: achievements.unlocked_key(caller.user_id, item.achievement_id) for item in listed}
    # An operator has added these since this process read the list.
    new = fetch_all([key for key in keys.values() if key not in caller.rows])
    unlocked = {item: caller.rows[key] if key in caller.rows else new[key] for item, key in keys.items()}
    return [
        (item, item.progress_of(caller.account), unlocked[item])
        for item in listed
        if item.active or unlocked[item] is not None
    ]


def unlock(world: World, user_id: str) -> list[str]:
    """Unlock all that the account has reached, with their points. Returns their ids.

    A rental counts once nobody can cancel it any more.
    The account decides, and not the message that calls it: it may come again, late and in any order. What an earlier
    account with the same phone number or e-mail address has earned brings no points again.
    """
    unlocked_ids: list[str] = []
    while newly := _unlock_some(world, user_id):
        unlocked_ids += newly
    for _ in unlocked_ids:
        log.fact("achievement_unlocked", user_id=user_id)
    return unlocked_ids


def _unlock_some(world: World, user_id: str) -> list[str]:
    """Unlock up to MAX_AT_ONCE of them in one transaction."""
    account_key, user_key = accounts.account_key(user_id), users.user_key(user_id)

    def decide(ops: Transaction) -> list[str]:
        rows = fetch(account_key, user_key, *keys_of(user_id))
        account, now = rows[account_key], world.now()
        if account is None or account.deleted:
            return []
        reached = _reached(account.final_counts(now), rows)[:MAX_AT_ONCE]
        earned = _earned_before(world, rows[user_key], reached)
        earlier = fetch(*(key for item in earned.values() for key in item.keys))
        for achievement in reached:
            points = achievement.reward_points
            if achievement in earned:
                points = 0 if earned[achievement].by_another(earlier) else points
                earned[achievement].stage(ops, earlier)
            achievements.add(ops, UnlockedAchievement(user_id, achievement.achievement_id, points, now))
            if points:
                account = award_postings.stage(ops, world, account, achievement.award_id, points)
                values = {"achievement": achievement.name._asdict(), "points": points}
                inbox.notify(ops, world, user_id, NotificationKind.ACHIEVEMENT_UNLOCKED, values)
        if reached:
            accounts.save(ops, replace(account, achievements_count=account.achievements_count + len(reached)))
        return [achievement.achievement_id for achievement in reached]

    return atomic(world, decide)


def _reached(account: Account, rows: Found) -> list[Achievement]:
    """The achievements that the account has reached and not unlocked yet."""
    listed = achievement_list.of_row(rows[achievements.list_key()]).achievements
    open_to_all = [item for item in listed if item.active and item.is_reached(account)]
    keys = {item: achievements.unlocked_key(account.user_id, item.achievement_id) for item in open_to_all}
    new = fetch_all([key for key in keys.values() if key not in rows])
    return [item for item, key in keys.items() if (rows[key] if key in rows else new[key]) is None]


def _earned_before(
    world: World, user: User | None, reached: Sequence[Achievement]
) -> dict[Achievement, EarnedBefore]:
    """The rows that say who unlocked each achievement with the user's phone number or e-mail address."""
    if user is None:
        return {}
    kind = earned_before.ACHIEVED
    return {item: earned_before.of_user(world, user, kind, item.achievement_id) for item in reached}
