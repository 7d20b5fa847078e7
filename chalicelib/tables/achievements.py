"""The list of all achievements, and which of them a user has unlocked: a row for each, which can be put once."""

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.rewards.achievement import Achievement, AchievementList, UnlockedAchievement
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.attributes import DocumentAttribute, IntAttribute, TimeAttribute
from chalicelib.tables.dynamodb import storage
from chalicelib.tables.rows import Key, Row, entity, values

CURRENT = "current"


class UnlockedAchievementRow(Row):
    class Meta:
        table_name = "unlocked_achievements"

    user_id = UnicodeAttribute(hash_key=True)
    achievement_id = UnicodeAttribute(range_key=True)
    points = IntAttribute()
    unlocked_at = TimeAttribute()


class AchievementListRow(Row):
    """All achievements in one row, so that every request reads them together with its caller."""

    class Meta:
        table_name = "achievement_lists"

    name = UnicodeAttribute(hash_key=True)
    achievements: DocumentAttribute[tuple[Achievement, ...]] = DocumentAttribute(tuple[Achievement, ...])
    version = IntAttribute()


def list_key() -> Key[AchievementList]:
    return Key(AchievementListRow, CURRENT, None, lambda row: entity(row, AchievementList))


def save_list(ops: Transaction, listed: AchievementList) -> None:
    """Stage the list. Stale when another operator has changed it since it was read."""
    ops.save(AchievementListRow(**values(listed)), listed.version)


def unlocked_key(user_id: str, achievement_id: str) -> Key[UnlockedAchievement]:
    return Key(UnlockedAchievementRow, user_id, achievement_id, lambda row: entity(row, UnlockedAchievement))


def add(ops: Transaction, unlocked: UnlockedAchievement) -> None:
    """Stage that the user has unlocked it. Stale when the user has it already."""
    ops.add(UnlockedAchievementRow(**values(unlocked)))


def of_user(user_id: str) -> list[UnlockedAchievement]:
    """All of a user. Raises Problem("storage_unavailable")."""
    with storage():
        rows = UnlockedAchievementRow.query(user_id, consistent_read=True)
        return [entity(row, UnlockedAchievement) for row in rows]


def stage_deletion(ops: Transaction, user_id: str, limit: int) -> int:
    """Stage the deletion of a user's first `limit` rows. Returns their number."""
    return ops.remove_first(UnlockedAchievementRow, user_id, limit)
