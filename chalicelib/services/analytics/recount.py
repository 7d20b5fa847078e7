"""Recounts finished days from rentals, top-ups and the ledger, in bounded runs with checkpoints (decision 0072)."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from chalicelib import log
from chalicelib.domain.analytics.day_facts import (
    FactKey,
    Facts,
    Series,
    difference,
    intent_facts,
    rental_facts,
    total,
)
from chalicelib.domain.analytics.day_recount import (
    MAX_ROUNDS,
    DayRecount,
    RecountState,
    RecountWalk,
    days_to_recount,
    is_recounted,
    of_day,
    posting_sums,
)
from chalicelib.domain.operations.alarms import Alarm
from chalicelib.tables import audit_scan, day_counters, day_recounts
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.audit_scan import ScannedTable
from chalicelib.tables.dynamodb import fetch, fetch_all
from chalicelib.world import World
from chalicelib.world.time_left import SecondsLeft

PAGE_ROWS = 500
RESERVE_SECONDS = 20.0
"""No page is begun with less time."""
MAX_LISTED = 50
"""How many differences a report names."""
CORRECTED_SHARD = "0"
"""A correction adds to the counters of one shard: only the sum of the shards is shown."""


@dataclass(frozen=True)
class Source:
    """A table that is recounted. `count` makes the facts of a page, with the last active user of the page before."""

    name: str
    table: ScannedTable[Any]
    count: Callable[[Sequence[Any], str, str], tuple[Facts, str]]


class Superseded(Exception):
    """Another run wrote the checkpoint first."""


def _of_rows(facts_of: Callable[[Any], Facts]) -> Callable[[Sequence[Any], str, str], tuple[Facts, str]]:
    def count(rows: Sequence[Any], day: str, last_user_id: str) -> tuple[Facts, str]:
        return total(of_day(facts_of(row), day) for row in rows), last_user_id

    return count


SOURCES = (
    Source("rentals", audit_scan.WHOLE_RENTALS, _of_rows(rental_facts)),
    Source("intents", audit_scan.WHOLE_INTENTS, _of_rows(intent_facts)),
    Source("postings", audit_scan.WHOLE_POSTINGS, posting_sums),
)


def run(world: World, seconds_left: SecondsLeft) -> int:
    """Go on with the recounts that are due, the oldest first, until the time ends. Returns the number of rows read.

    A run may die anywhere or overlap another one: a page is counted into the sums once, with its checkpoint.
    """
    rows_count, recount = 0, _next(world)
    while recount is not None:
        ended, count = _walk_all(world, recount, lambda: seconds_left() > RESERVE_SECONDS)
        rows_count += count
        if not ended:
            break
        recount = atomic(world, partial(_compare, world, recount))
        if recount.state is not RecountState.RUNNING:
            log.fact("day_recounted", about=recount.day, state=recount.state)
            recount = _next(world)
    return rows_count


def _walk_all(world: World, recount: DayRecount, has_time: Callable[[], bool]) -> tuple[bool, int]:
    """Whether all tables are read, and how many rows were read now."""
    rows_count = 0
    for source, stored in zip(SOURCES, _walks(recount), strict=True):
        try:
            walk, count = _walk(world, source, stored, has_time)
        except Superseded:
            return False, rows_count
        rows_count += count
        if not walk.done:
            return False, rows_count
    return True, rows_count


def _next(world: World) -> DayRecount | None:
    """The recount of the oldest day that has not finished. A new one is stored when its first round ends."""
    now = world.now()
    days = days_to_recount(now)
    keys = [day_recounts.recount_key(day) for day in days]
    rows = fetch(*keys)
    for day, key in zip(days, keys, strict=True):
        recount = rows[key] or DayRecount(day, now)
        if recount.state is RecountState.RUNNING:
            return recount
    return None


def _walks(recount: DayRecount) -> list[RecountWalk]:
    names = [f"{recount.round_number}#{source.name}" for source in SOURCES]
    keys = [day_recounts.walk_key(recount.day, name) for name in names]
    found = fetch_all(keys)
    return [found[key] or RecountWalk(recount.day, name) for key, name in zip(keys, names, strict=True)]


def _walk(world: World, source: Source, walk: RecountWalk, has_time: Callable[[], bool]) -> tuple[RecountWalk, int]:
    rows_count = 0
    while not walk.done and has_time():
        page = audit_scan.read_page(source.table, after=walk.position, limit=PAGE_ROWS)
        if page.unreadable:
            # Without the row the counters would be corrected to too little. The audit names the row.
            raise ValueError(f"{source.name} has a row that can't be read")
        facts, last_user_id = source.count([row for _, row in page.rows], walk.day, walk.last_user_id)
        advanced = replace(
            walk,
            position=page.position or "",
            done=page.position is None,
            sums=total((walk.sums or {}, facts)),
            last_user_id=last_user_id,
        )
        walk = _saved(world, walk, advanced)
        rows_count += len(page.rows)
    return walk, rows_count


def _saved(world: World, before: RecountWalk, walk: RecountWalk) -> RecountWalk:
    key = day_recounts.walk_key(walk.day, walk.name)

    def decide(ops: Transaction) -> None:
        stored = fetch(key)[key] if ops.attempt else None
        if ops.attempt and (stored.version if stored else 0) != before.version:
            raise Superseded
        day_recounts.save_walk(ops, walk, world.now())

    atomic(world, decide)
    return replace(walk, version=before.version + 1)


def _compare(world: World, recount: DayRecount, ops: Transaction) -> DayRecount:
    """Stage how the recount goes on after a round: it agrees, or is corrected, or another round begins.

    The counters and the tables change while they are read, so that one round proves nothing. The same differences in
    two rounds that follow each other do: then the counters are corrected in the transaction that stores the report.
    """
    key = day_recounts.recount_key(recount.day)
    stored = fetch(key)[key]
    if (stored.version if stored else 0) != recount.version:
        return stored or recount
    day = recount.day
    recounted = total(walk.sums or {} for walk in _walks(recount))
    counted = _counted(day)
    changes = difference(counted, recounted)
    found = {"|".join(name): (counted.get(name, 0), recounted.get(name, 0)) for name in sorted(changes)}
    listed = dict(list(found.items())[:MAX_LISTED])
    after = replace(recount, differences_count=len(found), differences=listed, finished_at=world.now())
    if not found:
        after = replace(after, state=RecountState.AGREES)
    elif (recount.differences_count, recount.differences) == (len(found), listed):
        day_counters.stage_additions(ops, CORRECTED_SHARD, changes)
        after = replace(after, state=RecountState.CORRECTED)
        log.alarm(Alarm.DAY_COUNTERS_DIFFER, about=day)
    elif recount.round_number >= MAX_ROUNDS:
        after = replace(after, state=RecountState.UNSETTLED)
    else:
        after = replace(after, round_number=recount.round_number + 1, finished_at=None)
    day_recounts.save_recount(ops, after)
    return replace(after, version=recount.version + 1)


def _counted(day: str) -> Facts:
    sums: Counter[FactKey] = Counter()
    for series in (Series.NETWORK, Series.STATIONS):
        keys = day_counters.day_keys(series, day)
        rows = fetch(*keys)
        for key in keys:
            for name, count in (rows[key] or ({}, 0))[0].items():
                sums[FactKey(series, day, name)] += count
    return {key: count for key, count in sums.items() if is_recounted(key)}
