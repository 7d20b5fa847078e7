"""How an owed sum is paid: points first and whole, then the wallet."""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.domain.money import PAISA_PER_RUPEE
from chalicelib.domain.point_rules import PAISA_PER_POINT


@dataclass(frozen=True)
class Plan:
    """How `total_paisa` would be paid; what is lacking is `shortfall_paisa`."""

    total_paisa: int
    points_used: int
    wallet_paisa: int
    shortfall_paisa: int

    @property
    def points_paisa(self) -> int:
        return self.points_used * PAISA_PER_POINT

    @property
    def sufficient(self) -> bool:
        return self.shortfall_paisa == 0


def split(total_paisa: int, *, points: int, wallet_paisa: int) -> Plan:
    """The one way an owed sum is divided. Raises ValueError for negative input."""
    if min(total_paisa, points, wallet_paisa) < 0:
        raise ValueError("sums are not negative")
    points_used = min(points, total_paisa // PAISA_PER_POINT)
    rest = total_paisa - points_used * PAISA_PER_POINT
    from_wallet = min(wallet_paisa, rest)
    return Plan(total_paisa, points_used, from_wallet, rest - from_wallet)


def suggested_topup_paisa(shortfall_paisa: int, limits: Sequence[tuple[int, int]]) -> int:
    """The least in whole rupees that covers the shortfall and that a method takes; `limits` are each method's least
    and most. Where none takes that much: the most that one takes, and what is left after it is asked for again."""
    if shortfall_paisa == 0:
        return 0
    enough = [
        _up(max(shortfall_paisa, min_paisa))
        for min_paisa, max_paisa in limits
        if _up(max(shortfall_paisa, min_paisa)) <= max_paisa
    ]
    if enough or not limits:
        return min(enough, default=_up(shortfall_paisa))
    return max(max_paisa for _, max_paisa in limits) // PAISA_PER_RUPEE * PAISA_PER_RUPEE


def _up(paisa: int) -> int:
    """To the next whole rupee."""
    return -(-paisa // PAISA_PER_RUPEE) * PAISA_PER_RUPEE
