"""Counts changed rentals, top-ups and accounts in the counters of their days, each change once (decision 0071)."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeVar

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.analytics import user_counts
from chalicelib.domain.analytics.day_facts import Facts, difference, intent_facts, rental_facts, total
from chalicelib.domain.operations.round_robin import rotated, turn_of
from chalicelib.domain.payments.topup_intent import Intent
from chalicelib.domain.rentals.rental import Rental
from chalicelib.services.analytics import availability
from chalicelib.services.sweeps import ITEM_SECONDS, for_each_batch, for_each_isolated
from chalicelib.tables import accounts, achievements, day_counters, postings, uncounted, users
from chalicelib.tables.atomic import MAX_ITEMS, Transaction, atomic
from chalicelib.tables.day_counters import Counted
from chalicelib.tables.dynamodb import fetch
from chalicelib.tables.rows import SHARDS, Key
from chalicelib.world import World
from chalicelib.world.time_left import has_time

T = TypeVar("T", Rental, Intent)
MAX_BATCH = 10
"""Rows of one transaction, which also writes the counters of their days."""
MAX_PER_SHARD = 300
"""Changed rows of one kind and shard that a run counts. The next run counts what is left."""
MAX_POSTINGS = 6
"""Postings of one transaction, which may be of as many days, weeks and months."""
MAX_UNLOCKED = 2
"""Unlocked achievements of one transaction, which may be of as many days."""


class TooManyDays(Exception):
    """The rows of a batch count in more rows of counters than one transaction can write."""


class PostingMissing(Exception):
    """The ledger of a user lacks a posting that the account counts. The audit reports it."""


def count_changed(world: World) -> int:
    """Count what changed, of each kind and shard the rows that were made first, and once an hour who is online.

    Returns the number of counted rows. A row leaves its index after it is counted. A crash in between counts nothing
    twice: the next run compares the row with what it has counted.
    """
    shards = rotated([str(number) for number in range(SHARDS)], turn_of(world.now()))
    counts: list[int] = []
    for kind, count in (("rentals", _count_rentals), ("topups", _count_intents), ("accounts", _count_accounts)):
        for_each_isolated(
            shards,
            lambda shard, count=count: counts.append(count(world, shard)),  # type: ignore[misc]
            lambda shard, kind=kind: f"{kind} of shard {shard}",  # type: ignore[misc]
        )
    for_each_isolated(
        ["stations"], lambda _: availability.count_online(world), lambda _: "the hourly count of stations"
    )
    return sum(counts)


def _count_rentals(world: World, shard: str) -> int:
    keys = uncounted.rental_keys(shard, MAX_PER_SHARD, turn_of(world.now()))
    return _count_rows(keys, lambda batch: count_rentals(world, shard, batch))


def _count_intents(world: World, shard: str) -> int:
    keys = uncounted.intent_keys(shard, MAX_PER_SHARD, turn_of(world.now()))
    return _count_rows(keys, lambda batch: count_intents(world, shard, batch))


def _count_accounts(world: World, shard: str) -> int:
    user_ids = uncounted.user_ids(shard, MAX_PER_SHARD, turn_of(world.now()))
    return for_each_isolated(user_ids, lambda user_id: count_user(world, shard, user_id), lambda name: f"user {name}")


def _count_rows(keys: Sequence[Key[T]], count: Callable[[Sequence[Key[T]]], None]) -> int:
    return for_each_batch(keys, MAX_BATCH, count, lambda key: str(key.range_key))


def count_rentals(world: World, shard: str, keys: Sequence[Key[Rental]]) -> None:
    """Count rentals of one shard as they are now, in one transaction, and take them off the index."""
    subjects = [day_counters.rental_subject(str(key.range_key)) for key in keys]
    for rental in atomic(world, partial(_decide, shard, keys, subjects, rental_facts)):
        uncounted.mark_rental_counted(rental)


def count_intents(world: World, shard: str, keys: Sequence[Key[Intent]]) -> None:
    """Count top-ups of one shard as they are now, in one transaction, and take them off the index."""
    subjects = [day_counters.intent_subject(str(key.range_key)) for key in keys]
    for intent in atomic(world, partial(_decide, shard, keys, subjects, intent_facts)):
        uncounted.mark_intent_counted(intent)


def _decide(
    shard: str,
    keys: Sequence[Key[T]],
    subjects: Sequence[str],
    facts_of: Callable[[T], Facts],
    ops: Transaction,
) -> list[T]:
    """Stage what these rows add. Returns them as they were read. Raises TooManyDays."""
    counted_keys = [day_counters.counted_key(key.hash_key, name) for key, name in zip(keys, subjects, strict=True)]
    rows = fetch(*keys, *counted_keys)
    additions: list[Facts] = []
    for key, counted_key, subject in zip(keys, counted_keys, subjects, strict=True):
        row, counted = rows[key], rows[counted_key] or Counted(key.hash_key, subject, {})
        facts = facts_of(row) if row is not None else {}
        if change := difference(counted.facts, facts):
            additions.append(change)
            day_counters.save_counted(ops, replace(counted, facts=facts))
    added = total(additions)
    if len(additions) + day_counters.rows_count(added) > MAX_ITEMS:
        raise TooManyDays
    day_counters.stage_additions(ops, shard, added)
    return [row for key in keys if (row := rows[key]) is not None]


def count_user(world: World, shard: str, user_id: str) -> None:
    """Count an account as it is now, with its new postings and achievements, and take it off the index.

    Each transaction counts up to MAX_POSTINGS postings and MAX_UNLOCKED achievements, until none is left or the run
    has no time.
    """
    while True:
        account, is_complete = atomic(world, partial(_decide_user, shard, user_id))
        if account is None:
            return
        if is_complete:
            uncounted.mark_account_counted(account)
            return
        if not has_time(ITEM_SECONDS):
            return


def _decide_user(shard: str, user_id: str, ops: Transaction) -> tuple[Account | None, bool]:
    """Stage what the user adds. Returns the account, and whether all of it is counted then. Raises PostingMissing."""
    account_key, user_key = accounts.account_key(user_id), users.user_key(user_id)
    counted_key = day_counters.counted_user_key(user_id)
    rows = fetch(account_key, user_key, counted_key)
    account, user = rows[account_key], rows[user_key]
    if account is None:
        return None, True
    counted = rows[counted_key] or user_counts.new(user_id)
    # a posting after the read of the account belongs to a change that puts the account on the index again
    waiting = account.seq - counted.seq
    new = postings.oldest(user_id, since=counted.seq + 1, limit=min(waiting, MAX_POSTINGS)) if waiting > 0 else []
    if waiting > 0 and not new:
        raise PostingMissing
    has_all = len(counted.achievement_ids) >= account.achievements_count
    stored = [] if has_all else achievements.of_user(user_id)
    unlocked = [one for one in stored if one.achievement_id not in counted.achievement_ids]
    joined_at = user.joined_at if user else None
    after, added = user_counts.step(counted, account, joined_at, new, unlocked[:MAX_UNLOCKED])
    if after != counted:
        day_counters.save_counted_user(ops, after)
        day_counters.stage_additions(ops, shard, added)
    return account, after.seq >= account.seq and len(unlocked) <= MAX_UNLOCKED
