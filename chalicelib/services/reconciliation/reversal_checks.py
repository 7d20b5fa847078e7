"""Looks every credited payment of the last 90 days up once a day, to find money that went back at its gateway."""

from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain.payments.payment_gateway import PaymentStatus
from chalicelib.domain.payments.reversal import ReversalWalk
from chalicelib.domain.text.days import day_of
from chalicelib.services.sweeps import LOOK_UP_WORKERS, for_each_isolated
from chalicelib.services.topups import reversals as topup_reversals
from chalicelib.services.topups.retired_gateway import gateway_for
from chalicelib.tables import intents, reversals
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.tables.rows import SHARDS
from chalicelib.world import World
from chalicelib.world.time_left import SecondsLeft

MAX_AGE = timedelta(days=90)
"""How long after a credit money can go back: gateways do not look up older payments reliably."""
CHUNK = 10
"""How many payments are looked up between two writes of the progress."""
RESERVE_SECONDS = 20.0
"""A run with less time left begins no chunk."""


def run(world: World, seconds_left: SecondsLeft) -> int:
    """Continue today's check of each gateway, for half of the time at most. Returns the number of gateways.

    Each chunk belongs to the gateway that had the least time so far, so that a slow gateway delays no other one.
    """
    until = max(seconds_left() / 2, RESERVE_SECONDS)
    now = world.now()
    walks: list[ReversalWalk] = []
    for_each_isolated(sorted(world.gateways), lambda name: walks.append(_walk_of(name, now)), str)
    waiting = {walk.gateway: walk for walk in walks if walk.shard < SHARDS}
    seconds_used = dict.fromkeys(world.gateways, 0.0)
    while waiting and seconds_left() > until:
        # Among gateways with the same time, the one that is furthest behind goes first.
        walk = min(waiting.values(), key=lambda each: (seconds_used[each.gateway], each.day, each.shard))
        began, after = seconds_left(), _chunk_done_alone(world, walk, now)
        seconds_used[walk.gateway] += began - seconds_left()
        if after is None or after.shard >= SHARDS:
            del waiting[walk.gateway]
        else:
            waiting[walk.gateway] = after
    return len(walks)


def _walk_of(gateway: str, now: datetime) -> ReversalWalk:
    walk = fetch_one(reversals.walk_key(gateway)) or ReversalWalk(gateway)
    if not walk.day or walk.shard >= SHARDS:
        # A check that its day did not finish goes on first: otherwise its last payments would never be looked up.
        walk = walk.on(day_of(now).isoformat())
    return walk


def _chunk_done_alone(world: World, walk: ReversalWalk, now: datetime) -> ReversalWalk | None:
    """As `_chunk_done`. None, and an alarm, when it fails: the next run goes on with this gateway."""
    done: list[ReversalWalk] = []
    for_each_isolated([walk], lambda each: done.append(_chunk_done(world, each, now)), lambda each: each.gateway)
    return done[0] if done else None


def _chunk_done(world: World, walk: ReversalWalk, now: datetime) -> ReversalWalk:
    """Look one chunk up. Returns the walk after it."""
    credited, position = intents.credited_since(
        walk.gateway, walk.shard, since=now - MAX_AGE, after=walk.position, limit=CHUNK
    )
    answers: dict[str, PaymentStatus] = {}
    for_each_isolated(
        credited,
        lambda intent: answers.update({intent.intent_id: gateway_for(world, intent.gateway).fetch_payment(intent)}),
        lambda intent: intent.intent_id,
        workers=LOOK_UP_WORKERS,
    )
    for_each_isolated(
        [intent for intent in credited if intent.intent_id in answers],
        lambda intent: topup_reversals.record(world, intent, answers[intent.intent_id]),
        lambda intent: intent.intent_id,
    )
    return _saved(world, walk.advanced(position))


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
