"""The value of points, and how many a top-up earns."""

from chalicelib.domain.money import PAISA_PER_RUPEE
from chalicelib.domain.settings import Settings

PAISA_PER_POINT = 10


def topup_points(amount_paisa: int, settings: Settings) -> int:
    """Points that a top-up earns, for each full NPR 100."""
    return amount_paisa // (100 * PAISA_PER_RUPEE) * settings.topup_points_per_100_rupees


def topup_points_kept(earned: int, original_paisa: int, left_paisa: int) -> int:
    """Of the `earned` points of a top-up, those that its unrefunded part `left_paisa` earned at the same rate."""
    hundreds = original_paisa // (100 * PAISA_PER_RUPEE)
    return earned * (left_paisa // (100 * PAISA_PER_RUPEE)) // hundreds if hundreds else 0
