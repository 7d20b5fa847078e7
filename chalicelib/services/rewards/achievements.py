"""Unlocks the achievements that a customer has reached, each once with its points, and lists them."""

from collections.abc import Sequence
from dataclasses import replace

from chalicelib import log
from chalicelib.domain.achievement import ACHIEVEMENTS, Achievement, UnlockedAchievement
from chalicelib.domain.notification_kinds import NotificationKind
from chalicelib.domain.user import User
from chalicelib.services.auth import earned_before
from chalicelib.services.auth.earned_before import EarnedBefore
from chalicelib.services.caller import Caller
from chalicelib.services.notifications import inbox
from chalicelib.services.rewards import award_postings
from chalicelib.tables import accounts, achievements, users
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch
from chalicelib.tables.rows import Key
from chalicelib.world import World


def keys_of(user_id: str) -> tuple[Key[UnlockedAchievement], ...]:
    """The rows to read together with the caller."""
    return tuple(achievements.unlocked_key(user_id, achievement.achievement_id) for achievement in ACHIEVEMENTS)


def of_caller(caller: Caller) -> list[tuple[Achievement, int, UnlockedAchievement | None]]:
    """Every achievement with the progress of the caller, read with `keys_of`, and the row of an unlocked one."""
    keys = keys_of(caller.user_id)
    return [
        (achievement, achievement.progress_of(caller.account), caller.rows[key])
        for achievement, key in zip(ACHIEVEMENTS, keys, strict=True)
    ]


def unlock(world: World, user_id: str) -> list[str]:
    """Unlock all that the account has reached, with their points, in one transaction. Returns their ids.

    The account decides, and not the message that calls it: it may come again, late and in any order. What an earlier
    account with the same phone number or e-mail address has earned brings no points again.
    """
    account_key, user_key, keys = accounts.account_key(user_id), users.user_key(user_id), keys_of(user_id)

    def decide(ops: Transaction) -> list[str]:
        rows = fetch(account_key, user_key, *keys)
        account, now = rows[account_key], world.now()
        if account is None or account.deleted:
            return []
        reached = [
            achievement
            for achievement, key in zip(ACHIEVEMENTS, keys, strict=True)
            if rows[key] is None and achievement.is_reached(account)
        ]
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

    unlocked_ids = atomic(world, decide)
    for _ in unlocked_ids:
        log.fact("achievement_unlocked", user_id=user_id)
    return unlocked_ids


def _earned_before(
    world: World, user: User | None, reached: Sequence[Achievement]
) -> dict[Achievement, EarnedBefore]:
    """The rows that say who unlocked each achievement with the user's phone number or e-mail address."""
    if user is None:
        return {}
    kind = earned_before.ACHIEVED
    return {item: earned_before.of_user(world, user, kind, item.achievement_id) for item in reached}
