"""Every award of points: what earns them, how many, and the id that makes each award happen once."""

from dataclasses import dataclass
from typing import Any

from chalicelib.domain.money import PAISA_PER_RUPEE
from chalicelib.domain.settings import Settings

PAISA_PER_POINT = 10


@dataclass(frozen=True)
class PointsAward:
    """Points that one event earns a user. `award_id` names the event: its message and its posting carry it."""

    award_id: str
    user_id: str
    points: int
    source: str

    @property
    def message_body(self) -> dict[str, Any]:
        return {"user_id": self.user_id, "points": self.points, "source": self.source}


def signup_award(user_id: str, identifier_key: str, settings: Settings) -> PointsAward:
    """The `signup_points` of a registration. An identifier earns them once, also after its user's deletion."""
    return PointsAward(signup_award_id(identifier_key), user_id, settings.signup_points, "signup")


def signup_award_id(identifier_key: str) -> str:
    return f"points:signup:{identifier_key}"


def topup_award(user_id: str, intent_id: str, amount_paisa: int, settings: Settings) -> PointsAward:
    """The points of a credited top-up, `topup_points_per_100_rupees` for each full NPR 100. May be 0 points."""
    points = amount_paisa // (100 * PAISA_PER_RUPEE) * settings.topup_points_per_100_rupees
    return PointsAward(topup_award_id(intent_id), user_id, points, "topup")


def topup_award_id(intent_id: str) -> str:
    return f"points:topup:{intent_id}"


def topup_points_kept(earned: int, original_paisa: int, left_paisa: int) -> int:
    """Of the `earned` points of a top-up, those that its unrefunded part `left_paisa` earned at the same rate."""
    hundreds = original_paisa // (100 * PAISA_PER_RUPEE)
    return earned * (left_paisa // (100 * PAISA_PER_RUPEE)) // hundreds if hundreds else 0
