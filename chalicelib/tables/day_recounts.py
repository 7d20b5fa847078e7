"""The recounts of finished days, and the checkpoints of their walks."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from pynamodb.attributes import BinaryAttribute, BooleanAttribute, UnicodeAttribute

from chalicelib.domain.analytics.day_facts import FactKey, Facts, Series
from chalicelib.domain.analytics.day_recount import DayRecount, RecountState, RecountWalk
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.attributes import DocumentAttribute, EnumAttribute, IntAttribute, TimeAttribute
from chalicelib.tables.day_counters import packed, unpacked
from chalicelib.tables.rows import Key, Row, entity, values

WALK_TTL = timedelta(days=14)


class DayRecountRow(Row):
    class Meta:
        table_name = "day_recounts"

    day = UnicodeAttribute(hash_key=True)
    started_at = TimeAttribute()
    state = EnumAttribute(RecountState)
    round_number = IntAttribute()
    finished_at = TimeAttribute(null=True)
    differences_count = IntAttribute()
    differences: DocumentAttribute[Mapping[str, tuple[int, int]]] = DocumentAttribute(
        dict[str, tuple[int, int]], null=True
    )
    version = IntAttribute()


class RecountWalkRow(Row):
    """`content` are the sums so far, compressed."""

    class Meta:
        table_name = "day_recount_walks"

    day = UnicodeAttribute(hash_key=True)
    name = UnicodeAttribute(range_key=True)
    position = UnicodeAttribute(null=True)
    done = BooleanAttribute()
    content = BinaryAttribute(legacy_encoding=False)
    last_user_id = UnicodeAttribute(null=True)
    expires = IntAttribute()
    version = IntAttribute()


def recount_key(day: str) -> Key[DayRecount]:
    return Key(DayRecountRow, day, None, lambda row: entity(row, DayRecount))


def walk_key(day: str, name: str) -> Key[RecountWalk]:
    return Key(
        RecountWalkRow,
        day,
        name,
        lambda row: RecountWalk(
            row.day,
            row.name,
            row.position or "",
            row.done,
            _facts_of(row.day, unpacked(row.content)),
            row.last_user_id or "",
            row.version,
        ),
    )


def save_recount(ops: Transaction, recount: DayRecount) -> None:
    """Stage the state of a recount. Stale when another run wrote it since the read."""
    ops.save(DayRecountRow(**values(recount)), recount.version)


def save_walk(ops: Transaction, walk: RecountWalk, now: datetime) -> None:
    """Stage the checkpoint. Stale when another run wrote it since the read."""
    row = RecountWalkRow(
        walk.day,
        walk.name,
        position=walk.position or None,
        done=walk.done,
        content=packed({key.name: count for key, count in (walk.sums or {}).items()}),
        last_user_id=walk.last_user_id or None,
        expires=int((now + WALK_TTL).timestamp()),
    )
    ops.save(row, walk.version)


def _facts_of(day: str, counts: Mapping[str, int]) -> Facts:
    """The facts of one day. Only the name of a station's counter has a colon."""
    series = {True: Series.STATIONS, False: Series.NETWORK}
    return {FactKey(series[":" in name], day, name): count for name, count in counts.items()}
