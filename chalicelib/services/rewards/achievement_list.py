"""The list of achievements: as it is stored, or the one of a new installation."""

from chalicelib.domain.rewards.achievement import ACHIEVEMENTS, AchievementList
from chalicelib.tables import achievements
from chalicelib.tables.achievements import CURRENT
from chalicelib.tables.dynamodb import fetch_one

SEEDED = AchievementList(CURRENT, ACHIEVEMENTS)
_known: list[AchievementList] = [SEEDED]
"""The list that this process read last. It only says which rows to read ahead."""


def known_ids() -> tuple[str, ...]:
    """The ids of the list that this process read last. The stored list may have others."""
    return tuple(item.achievement_id for item in _known[0].achievements)


def of_row(stored: AchievementList | None) -> AchievementList:
    """The list of a row as just read."""
    _known[0] = stored or SEEDED
    return _known[0]


def current() -> AchievementList:
    """Raises Problem("storage_unavailable")."""
    return of_row(fetch_one(achievements.list_key()))
