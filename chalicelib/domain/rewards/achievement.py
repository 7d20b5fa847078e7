"""Achievements: what customers unlock by rentals, returns in time and referrals, once each."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.rewards.point_rules import achievement_award_id
from chalicelib.domain.text.texts import Text


class CriteriaType(StrEnum):
    """Which count of the account an achievement is about."""

    RENTAL_COUNT = "rental_count"
    TIMELY_RETURN_COUNT = "timely_return_count"
    REFERRAL_COUNT = "referral_count"


@dataclass(frozen=True)
class Achievement:
    achievement_id: str
    name: Text
    description: Text
    criteria_type: CriteriaType
    criteria_value: int
    reward_points: int
    active: bool = True
    """Whether it can still be unlocked. Who has unlocked it keeps it."""

    @property
    def award_id(self) -> str:
        return achievement_award_id(self.achievement_id)

    def progress_of(self, account: Account) -> int:
        """The count of the account, at most `criteria_value`."""
        counts = {
            CriteriaType.RENTAL_COUNT: account.rentals_count,
            CriteriaType.TIMELY_RETURN_COUNT: account.on_time_count,
            CriteriaType.REFERRAL_COUNT: account.referrals_count,
        }
        return min(counts[self.criteria_type], self.criteria_value)

    def is_reached(self, account: Account) -> bool:
        return self.progress_of(account) >= self.criteria_value


@dataclass(frozen=True)
class AchievementList:
    """All achievements, in the order in which they are shown: at most MAX_ACHIEVEMENTS."""

    name: str
    achievements: tuple[Achievement, ...]
    version: int = 0

    def find(self, achievement_id: str) -> Achievement | None:
        return next((item for item in self.achievements if item.achievement_id == achievement_id), None)

    def with_achievement(self, achievement: Achievement) -> "AchievementList":
        """The list with a new achievement at its end, or with one changed in its place."""
        if self.find(achievement.achievement_id) is None:
            return replace(self, achievements=(*self.achievements, achievement))
        changed = (
            achievement if item.achievement_id == achievement.achievement_id else item for item in self.achievements
        )
        return replace(self, achievements=tuple(changed))


@dataclass(frozen=True)
class UnlockedAchievement:
    """An achievement that a user has unlocked, and the points that it earned then."""

    user_id: str
    achievement_id: str
    points: int
    unlocked_at: datetime


MAX_ACHIEVEMENTS = 50
ACHIEVEMENTS = (
    Achievement(
        "first-rental",
        Text("First Rental", "पहिलो भाडा"),
        Text("Rent a power bank for the first time.", "पहिलो पटक पावर बैंक लिनुहोस्।"),
        CriteriaType.RENTAL_COUNT,
        1,
        50,
    ),
    Achievement(
        "rental-master",
        Text("Rental Master", "भाडा मास्टर"),
        Text("Rent 10 times.", "१० पटक पावर बैंक लिनुहोस्।"),
        CriteriaType.RENTAL_COUNT,
        10,
        200,
    ),
    Achievement(
        "punctual",
        Text("Punctual", "समयनिष्ठ"),
        Text("Return on time 5 times.", "५ पटक समयमै फिर्ता गर्नुहोस्।"),
        CriteriaType.TIMELY_RETURN_COUNT,
        5,
        100,
    ),
    Achievement(
        "referral-champion",
        Text("Referral Champion", "रेफरल च्याम्पियन"),
        Text("Bring 3 friends.", "३ जना साथी ल्याउनुहोस्।"),
        CriteriaType.REFERRAL_COUNT,
        3,
        300,
    ),
)
"""The achievements of a new installation, until an operator changes one."""
