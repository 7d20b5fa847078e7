"""Operators create achievements, change them and end them. What customers have unlocked stays theirs."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import Any

from chalicelib.domain.operators.admin_action import AdminAction
from chalicelib.domain.problems.problems import Problem, must_exist
from chalicelib.domain.rewards.achievement import MAX_ACHIEVEMENTS, Achievement, AchievementList
from chalicelib.services import audit_log
from chalicelib.services.caller import Caller, fresh_caller
from chalicelib.services.rewards import achievement_list
from chalicelib.tables import achievements
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.world import World


def read(achievement_id: str) -> Achievement:
    """Raises Problem("not_found")."""
    return must_exist(achievement_list.current().find(achievement_id))


def create(world: World, caller: Caller, achievement: Achievement) -> Achievement:
    """Create an achievement. Who has reached it already unlocks it after the next rental.

    Raises Problem: name_taken, achievements_full.
    """

    def made(listed: AchievementList) -> Achievement:
        if len(listed.achievements) >= MAX_ACHIEVEMENTS:
            raise Problem("achievements_full", limit=MAX_ACHIEVEMENTS)
        return achievement

    return _save(world, caller, "achievement_created", made)


def change(world: World, caller: Caller, achievement_id: str, changes: Mapping[str, Any]) -> Achievement:
    """Change the named fields. Another reward is for those who unlock it from now on.

    Raises Problem: not_found, name_taken.
    """

    def changed(listed: AchievementList) -> Achievement:
        before = must_exist(listed.find(achievement_id))
        return replace(before, **changes)

    return _save(world, caller, "achievement_changed", changed)


def _save(world: World, caller: Caller, action: str, make: Callable[[AchievementList], Achievement]) -> Achievement:
    def decide(ops: Transaction) -> Achievement:
        fresh_caller(world, caller, ops)
        listed = achievement_list.current()
        after = make(listed)
        before = listed.find(after.achievement_id)
        if after == before:
            return after
        _must_have_own_name(after, listed)
        achievements.save_list(ops, listed.with_achievement(after))
        changes = {"before": asdict(before) if before else None, "after": asdict(after)}
        audit_log.record(ops, world, caller.user_id, AdminAction(action, after.achievement_id, changes))
        return after

    return atomic(world, decide)


def _must_have_own_name(achievement: Achievement, listed: AchievementList) -> None:
    others = (item for item in listed.achievements if item.achievement_id != achievement.achievement_id)
    if achievement.name.en.casefold() in {item.name.en.casefold() for item in others}:
        raise Problem("name_taken")
