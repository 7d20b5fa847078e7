"""Splits a payment: whole points first, then the wallet."""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.domain.rewards.point_rules import PAISA_PER_POINT
from chalicelib.domain.text.money import PAISA_PER_RUPEE


@dataclass(frozen=True)
class Plan:
    """How `total_paisa` is paid. `shortfall_paisa` is what points and wallet do not cover."""

    total_paisa: int
    points_used: int
    wallet_paisa: int
    shortfall_paisa: int

    @property
    def sufficient(self) -> bool:
        return self.shortfall_paisa == 0


def split(total_paisa: int, *, points: int, wallet_paisa: int) -> Plan:
    """Pay `total_paisa` with points, then with the wallet. Raises ValueError for negative input."""
    if min(total_paisa, points, wallet_paisa) < 0:
        raise ValueError("sums are not negative")
    points_used = min(points, total_paisa // PAISA_PER_POINT)
    rest = total_paisa - points_used * PAISA_PER_POINT
    from_wallet = min(wallet_paisa, rest)
    return Plan(total_paisa, points_used, from_wallet, rest - from_wallet)


def suggested_topup_paisa(shortfall_paisa: int, limits: Sequence[tuple[int, int]]) -> int:
    """The smallest amount in whole rupees that covers the shortfall and that a payment method accepts.

    `limits` are the least and the most of each method, in paisa. When no method accepts so much, the largest amount
    that a method accepts: the customer needs a second top-up for the rest.
    """
    if shortfall_paisa == 0:
        return 0
    enough = [
        _round_up(max(shortfall_paisa, min_paisa))
        for min_paisa, max_paisa in limits
        if _round_up(max(shortfall_paisa, min_paisa)) <= max_paisa
    ]
    if enough or not limits:
        return min(enough, default=_round_up(shortfall_paisa))
    return max(max_paisa for _, max_paisa in limits) // PAISA_PER_RUPEE * PAISA_PER_RUPEE


def _round_up(paisa: int) -> int:
    """Rounded up to a whole rupee."""
    return -(-paisa // PAISA_PER_RUPEE) * PAISA_PER_RUPEE
