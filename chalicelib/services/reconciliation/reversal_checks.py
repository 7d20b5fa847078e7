"""Looks every credited payment of the last 90 days up once a day, to find money that went back at its gateway."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from chalicelib.domain.days import day_of
from chalicelib.domain.reversal import ReversalWalk
from chalicelib.services.sweeps import LOOK_UP_WORKERS, for_each_isolated
from chalicelib.services.topups import reversals as topup_reversals
from chalicelib.tables import intents, reversals
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.tables.rows import SHARDS
from chalicelib.world import World

MAX_AGE = timedelta(days=90)
"""How long after a credit money can go back: gateways do not look up older payments reliably."""
CHUNK = 10
"""How many payments are looked up between two writes of the progress."""
RESERVE_SECONDS = 20.0
"""No chunk begins with less time."""


def run(world: World, seconds_left: Callable[[], float]) -> int:
    """Continue today's check of each gateway, for half of the time at most. Returns the number of gateways."""
    until = max(seconds_left() / 2, RESERVE_SECONDS)
    names = sorted(world.gateways)
    return for_each_isolated(names, lambda name: _walk(world, name, lambda: seconds_left() > until), str)


def _walk(world: World, gateway: str, has_time: Callable[[], bool]) -> None:
    now = world.now()
    walk = fetch_one(reversals.walk_key(gateway)) or ReversalWalk(gateway)
    if not walk.day or walk.shard >= SHARDS:
        # A check that its day did not finish goes on first: otherwise its last payments would never be looked up.
        walk = walk.on(day_of(now).isoformat())
    while walk.shard < SHARDS and has_time():
        credited, position = intents.credited_since(
            gateway, walk.shard, since=now - MAX_AGE, after=walk.position, limit=CHUNK
        )
        for_each_isolated(
            credited,
            lambda intent: topup_reversals.check(world, intent),
            lambda intent: intent.intent_id,
            workers=LOOK_UP_WORKERS,
        )
        walk = _saved(world, walk.advanced(position))


def _saved(world: World, walk: ReversalWalk) -> ReversalWalk:
    """The walk as it is stored now. Another run's progress of the same day counts if it came first."""

    def decide(ops: Transaction) -> ReversalWalk:
        if ops.attempt:
            current = fetch_one(reversals.walk_key(walk.gateway))
            if current is not None and (current.day, current.shard, current.position) >= (
                walk.day,
                walk.shard,
                walk.position,
            ):
                return current
            current_version = current.version if current else 0
            reversals.save_walk(ops, replace(walk, version=current_version))
            return replace(walk, version=current_version + 1)
        reversals.save_walk(ops, walk)
        return replace(walk, version=walk.version + 1)

    return atomic(world, decide)
