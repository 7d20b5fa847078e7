"""The counters of days, and what each row has counted in them (decision 0071)."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pynamodb.attributes import BinaryAttribute, UnicodeAttribute

from chalicelib.domain.analytics.day_facts import STATION_COUNTERS, FactKey, Facts, Series
from chalicelib.domain.analytics.user_counts import CountedUser
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.attributes import DateAttribute, DocumentAttribute, IntAttribute
from chalicelib.tables.compressed_json import compressed, decompressed
from chalicelib.tables.dynamodb import fetch, storage
from chalicelib.tables.rows import SHARDS, Key, Row, entity, values

DAYS_PER_READ = 400
USER = "user"
"""The subject of the row about the user, its postings and its achievements."""


class DayCounterRow(Row):
    """The counters of one day in one shard of a series, compressed: a number by name."""

    class Meta:
        table_name = "day_counters"

    series = UnicodeAttribute(hash_key=True)
    day = UnicodeAttribute(range_key=True)
    content = BinaryAttribute(legacy_encoding=False)
    version = IntAttribute()


class CountedRow(Row):
    """What one rental, one top-up or one user has counted. It holds ids, days and numbers, like the ledger."""

    class Meta:
        table_name = "counted_facts"

    user_id = UnicodeAttribute(hash_key=True)
    subject = UnicodeAttribute(range_key=True)
    facts: DocumentAttribute[Mapping[str, int]] = DocumentAttribute(dict[str, int])
    seq = IntAttribute(null=True)
    active_on = DateAttribute(null=True)
    joined_on = DateAttribute(null=True)
    achievement_ids: DocumentAttribute[tuple[str, ...]] = DocumentAttribute(tuple[str, ...], null=True)
    version = IntAttribute()


@dataclass(frozen=True)
class Counted:
    """What one rental or top-up of a user has counted. `subject` names it."""

    user_id: str
    subject: str
    facts: Facts
    version: int = 0


def rental_subject(rental_id: str) -> str:
    return f"rental#{rental_id}"


def intent_subject(intent_id: str) -> str:
    return f"intent#{intent_id}"


def counted_key(user_id: str, subject: str) -> Key[Counted]:
    return Key(CountedRow, user_id, subject, lambda row: Counted(user_id, subject, facts_of(row.facts), row.version))


def counted_user_key(user_id: str) -> Key[CountedUser]:
    def read(row: Any) -> CountedUser:
        row.facts = facts_of(row.facts)
        return entity(row, CountedUser)

    return Key(CountedRow, user_id, USER, read)


def save_counted(ops: Transaction, counted: Counted) -> None:
    """Stage what a row counts now. Stale when another run counted it since the read."""
    row = CountedRow(counted.user_id, counted.subject, facts=texts_of(counted.facts))
    ops.save(row, counted.version)


def save_counted_user(ops: Transaction, counted: CountedUser) -> None:
    """Stage what a user counts now. Stale when another run counted it since the read."""
    row = CountedRow(subject=USER, **values(counted) | {"facts": texts_of(counted.facts)})
    ops.save(row, counted.version)


def counted_of(user_id: str, subjects: Collection[str]) -> dict[str, Facts]:
    """What these rows of a user have counted, by subject. Raises Problem("storage_unavailable")."""
    with storage():
        rows = CountedRow.query(user_id, consistent_read=True)
        return {row.subject: facts_of(row.facts) for row in rows if row.subject in subjects}


def stage_additions(ops: Transaction, shard: str, facts: Facts) -> None:
    """Read the counters that `facts` name in a shard, and stage them with the additions. Stale when they changed."""
    if not facts:
        return
    by_row: dict[Key[tuple[dict[str, int], int]], dict[str, int]] = defaultdict(dict)
    for key, change in facts.items():
        by_row[_counters_key(key.series, shard, key.day)][key.name] = change
    rows = fetch(*by_row)
    for row_key, changes in by_row.items():
        counts, version = rows[row_key] or ({}, 0)
        sums = {name: counts.get(name, 0) + changes.get(name, 0) for name in (*counts, *changes)}
        content = packed({name: count for name, count in sums.items() if count})
        ops.save(DayCounterRow(row_key.hash_key, row_key.range_key, content=content), version)


def rows_count(facts: Iterable[FactKey]) -> int:
    """How many rows hold these counters."""
    return len({(key.series, key.day) for key in facts})


def read_days(series: Series, first: str, last: str) -> dict[str, Counter[str]]:
    """The counters of each day from `first` to `last`, summed over the shards: one query for each shard.

    Days without a counter are missing. Raises Problem("storage_unavailable").
    """
    days: dict[str, Counter[str]] = defaultdict(Counter)
    for day, content in _contents(series, first, last):
        days[day].update(unpacked(content))
    return days


@dataclass(frozen=True)
class StationColumns:
    """One stored row of stations: a column of numbers for each of STATION_COUNTERS, with a number for each station.

    A row of an earlier version may have fewer columns.
    """

    day: str
    sns: Sequence[str]
    columns: Sequence[Sequence[int]]


def read_stations(first: str, last: str) -> Iterator[StationColumns]:
    """The numbers of each station row by row: a day comes once for each shard.

    A caller that adds them up holds one row at a time. Raises Problem("storage_unavailable").
    """
    for day, content in _contents(Series.STATIONS, first, last):
        _, sns, columns = decompressed(content)
        yield StationColumns(day, sns, columns)


def _contents(series: Series, first: str, last: str) -> Iterator[tuple[str, bytes]]:
    """The days of a series with their compressed counters: one query for each shard."""
    for shard in range(SHARDS):
        with storage():
            rows = DayCounterRow.query(
                f"{series}#{shard}", DayCounterRow.day.between(first, last), page_size=DAYS_PER_READ
            )
            for row in rows:
                yield row.day, row.content


def packed(counts: Mapping[str, int]) -> bytes:
    """Numbers by name as compressed JSON. Those of stations are columns in the order of their serial numbers."""
    names: dict[str, int] = {}
    stations: dict[str, list[int]] = {}
    for key, count in counts.items():
        sn, _, name = key.rpartition(":")
        if sn:
            stations.setdefault(sn, [0] * len(STATION_COUNTERS))[STATION_COUNTERS.index(name)] = count
        else:
            names[name] = count
    sns = sorted(stations)
    columns = [*zip(*(stations[sn] for sn in sns), strict=True)]
    return compressed([names, sns, columns])


def unpacked(content: bytes) -> dict[str, int]:
    """The numbers that `packed` compressed."""
    counts: dict[str, int]
    counts, sns, columns = decompressed(content)
    for name, column in zip(STATION_COUNTERS, columns, strict=False):
        counts |= {f"{sn}:{name}": count for sn, count in zip(sns, column, strict=True) if count}
    return counts


def day_keys(series: Series, day: str) -> list[Key[tuple[dict[str, int], int]]]:
    """The rows of one day, of all shards, which may be read together with the caller."""
    return [_counters_key(series, str(shard), day) for shard in range(SHARDS)]


def sample_key(hour: str) -> Key[tuple[dict[str, int], int]]:
    """The row of an hour's sample of all stations."""
    return _counters_key(Series.SAMPLES, "0", hour)


def _counters_key(series: Series, shard: str, day: str) -> Key[tuple[dict[str, int], int]]:
    return Key(DayCounterRow, f"{series}#{shard}", day, lambda row: (unpacked(row.content), row.version))


def facts_of(texts: Mapping[str, int]) -> Facts:
    """The facts that `texts_of` made text of."""
    return {
        FactKey(Series(series), day, name): count
        for text, count in texts.items()
        for series, day, name in [text.split("|", 2)]
    }


def texts_of(facts: Facts) -> dict[str, int]:
    """Facts with keys as text: `{series}|{day}|{name}`."""
    return {"|".join(key): count for key, count in facts.items()}
