"""Limits requests for one-time codes: by the guesses left, and by the number of requests in an hour."""

import secrets
from datetime import datetime, timedelta

from chalicelib.domain.auth.otp import Challenge, Quota
from chalicelib.domain.problems.problems import Problem
from chalicelib.tables import otp, rate_limits
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.tables.rows import Found, Key
from chalicelib.world import World

TOTAL_SHARDS = 16


def current_challenge(quota: Quota, now: datetime) -> Challenge | None:
    """The open challenge that a resend continues; None if there is none. A resend gives no new guesses."""
    # The read also runs without a challenge, so that timing does not reveal earlier requests.
    challenge = fetch_one(otp.challenge_key(quota.challenge_id or quota.identifier_key))
    return challenge if challenge is not None and challenge.is_open_at(now) else None


def must_have_guesses(challenge: Challenge | None, public_id: str, now: datetime, tries: int) -> None:
    """Check that the public id may still guess. Raises Problem("otp_limit_reached")."""
    if challenge is not None and challenge.guesses.get(public_id, 0) >= tries:
        wait = int((challenge.expires_at - now).total_seconds()) + 1
        raise Problem("otp_limit_reached", retry_after_seconds=wait)


def total_keys(now: datetime) -> list[Key[int]]:
    """The keys of the counters that together hold the number of all requests in this hour.

    Concurrent requests count in different rows, so that their transactions do not conflict.
    """
    return [rate_limits.counter_key(f"otp#total#{_hour(now)}#{shard}") for shard in range(TOTAL_SHARDS)]


def count_windows(ops: Transaction, world: World, where: str, now: datetime, rows: Found) -> None:
    """Stage one more request in this hour, of the network address and in total. `rows` holds `total_keys`.

    Concurrent requests may exceed the total limit by their number. Raises Problem("otp_limit_reached").
    """
    settings = world.settings()
    until = now + timedelta(hours=2)
    limit = Problem("otp_limit_reached", retry_after_seconds=3600 - now.minute * 60 - now.second)
    keys = total_keys(now)
    if sum(rows[key] or 0 for key in keys) >= settings.otp_total_hour:
        raise limit
    shard = keys[secrets.randbelow(TOTAL_SHARDS)].hash_key
    rate_limits.count(ops, f"otp#{where}#{_hour(now)}", settings.otp_per_address_hour, until, conflict=limit)
    rate_limits.count(ops, shard, settings.otp_total_hour, until, conflict=limit)


def _hour(now: datetime) -> str:
    return f"{now:%Y-%m-%dT%H}"
