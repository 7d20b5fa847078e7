"""Limits wrong guesses of referral codes and coupons, by user and by network address."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from chalicelib.domain.problems.problems import Problem
from chalicelib.services.auth import identifier_keys
from chalicelib.tables import rate_limits
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.rows import Found, Key
from chalicelib.world import World

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class GuessLimit:
    """A counter of wrong guesses in this hour, and how many it allows."""

    name: str
    cap: int

    @property
    def key(self) -> Key[int]:
        return rate_limits.counter_key(self.name)


def limits(world: World, subject: str, address: str, user_id: str | None = None) -> Sequence[GuessLimit]:
    """The limits of a caller who names a `subject`. Without a user only the address counts."""
    settings, hour = world.settings(), int(world.now().timestamp() // HOUR.total_seconds())
    where = identifier_keys.address_key(world, address)
    by_address = GuessLimit(f"{subject}#address#{where}#{hour}", settings.code_guesses_per_address_hour)
    if user_id is None:
        return (by_address,)
    return GuessLimit(f"{subject}#user#{user_id}#{hour}", settings.code_guesses_per_user_hour), by_address


def must_have_guesses(world: World, guess_limits: Sequence[GuessLimit], rows: Found) -> None:
    """Refuse right and wrong codes alike once the guesses are used up. Raises Problem("rate_limited")."""
    if any((rows[limit.key] or 0) >= limit.cap for limit in guess_limits):
        raise _refusal(world)


def count_wrong(world: World, guess_limits: Sequence[GuessLimit]) -> None:
    """Count one wrong guess. Raises Problem("rate_limited") when concurrent guesses have used up the limit."""
    until = world.now() + 2 * HOUR

    def decide(ops: Transaction) -> None:
        for limit in guess_limits:
            rate_limits.count(ops, limit.name, limit.cap, until, conflict=_refusal(world))

    atomic(world, decide)


def _refusal(world: World) -> Problem:
    seconds = int(HOUR.total_seconds())
    return Problem("rate_limited", retry_after_seconds=seconds - int(world.now().timestamp()) % seconds)
