"""How many customers unlocked each achievement, from the counters of all time."""

from dataclasses import dataclass

from chalicelib.domain.accounts.account import Status
from chalicelib.domain.rewards.achievement import Achievement
from chalicelib.domain.text.days import day_of
from chalicelib.services.analytics import reports
from chalicelib.services.rewards import achievement_list
from chalicelib.world import World


@dataclass(frozen=True)
class UnlockedCount:
    achievement: Achievement
    unlocked: int
    points: int


@dataclass(frozen=True)
class AchievementReport:
    """Each achievement, the one that most customers unlocked first, and the number of customers."""

    counts: tuple[UnlockedCount, ...]
    active_count: int
    users: int


def of_all_time(world: World) -> AchievementReport:
    """Raises Problem("storage_unavailable")."""
    listed = achievement_list.current().achievements
    _, counts = reports.of_day_and_all(day_of(world.now()))
    unlocked = [
        UnlockedCount(
            achievement,
            counts[f"achievements.{achievement.achievement_id}"],
            counts[f"achievements.{achievement.achievement_id}.points"],
        )
        for achievement in listed
    ]
    users = counts[f"users.{Status.ACTIVE}"] + counts[f"users.{Status.BANNED}"]
    active_count = sum(achievement.active for achievement in listed)
    return AchievementReport(tuple(sorted(unlocked, key=lambda count: -count.unlocked)), active_count, users)
