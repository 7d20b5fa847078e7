"""Every award of points: what earns them, how many, and the id that makes each award happen once."""

from dataclasses import dataclass, replace
from typing import Any

from chalicelib.domain.configuration.settings import Settings
from chalicelib.domain.text.money import PAISA_PER_RUPEE

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


def signup_identifier_of(award_id: str) -> str | None:
    """The keyed digest of the identifier whose registration an award is for. None for any other award."""
    prefix = signup_award_id("")
    return award_id.removeprefix(prefix) if award_id.startswith(prefix) else None


def topup_award(user_id: str, intent_id: str, amount_paisa: int, settings: Settings) -> PointsAward:
    """The points of a credited top-up, `topup_points_per_100_rupees` for each full NPR 100. May be 0 points."""
    points = amount_paisa // (100 * PAISA_PER_RUPEE) * settings.topup_points_per_100_rupees
    return PointsAward(topup_award_id(intent_id), user_id, points, "topup")


def topup_award_id(intent_id: str) -> str:
    return f"points:topup:{intent_id}"


def returned_rental_message_id(rental_id: str, version: int) -> str:
    """The message about a return. A return that proved wrong is followed by another one, of another version."""
    return f"returned:{rental_id}:{version}"


def paid_rental_message_id(rental_id: str, version: int) -> str:
    """The message about a rental that the payment of its due completed."""
    return f"paid:{rental_id}:{version}"


REFERRAL = "points:referral:"
INVITER, INVITEE = ":inviter", ":invitee"


def inviter_award(inviter_id: str, invitee_id: str, settings: Settings) -> PointsAward:
    """The `referral_inviter_points` of whose code `invitee_id` claimed."""
    award_id = f"{REFERRAL}{invitee_id}{INVITER}"
    return PointsAward(award_id, inviter_id, settings.referral_inviter_points, "referral")


def invitee_award(invitee_id: str, settings: Settings) -> PointsAward:
    """The `referral_invitee_points` of who claimed a code."""
    return PointsAward(invitee_award_id(invitee_id), invitee_id, settings.referral_invitee_points, "referral")


def invitee_award_id(invitee_id: str) -> str:
    return f"{REFERRAL}{invitee_id}{INVITEE}"


def invitee_of_award(award_id: str) -> str | None:
    """Whose first rental an inviter's award is for. None for any other award."""
    is_inviter = award_id.startswith(REFERRAL) and award_id.endswith(INVITER)
    return award_id[len(REFERRAL) : -len(INVITER)] if is_inviter else None


ACHIEVEMENT = "points:achievement:"


def achievement_award_id(achievement_id: str) -> str:
    return f"{ACHIEVEMENT}{achievement_id}"


COUPON = "points:coupon:"


def coupon_award_id(use_id: str) -> str:
    return f"{COUPON}{use_id}"


def topup_points_kept(earned: int, original_paisa: int, left_paisa: int) -> int:
    """Of the `earned` points of a top-up, those that its unrefunded part `left_paisa` earned at the same rate."""
    hundreds = original_paisa // (100 * PAISA_PER_RUPEE)
    return earned * (left_paisa // (100 * PAISA_PER_RUPEE)) // hundreds if hundreds else 0


@dataclass(frozen=True)
class RentalPoints:
    """The points that a rental earned, for its completion and for its return in time. None before the award.

    `taken_back` are those of them that the customer lost again, because the rental costs nothing after all.
    `late_taken_back` are those for a return in time that proved wrong, because the real return was late.
    """

    completed: int | None = None
    on_time: int | None = None
    taken_back: int = 0
    late_taken_back: int = 0

    @property
    def total(self) -> int:
        return (self.completed or 0) + (self.on_time or 0) - self.taken_back - self.late_taken_back

    def unearned(self, points: int) -> int:
        """How many to take back, once, of those for a return in time, after a late return. `points` are left."""
        return 0 if self.late_taken_back or self.taken_back else min(self.on_time or 0, points)


def rental_awards(
    user_id: str, rental_id: str, earned: RentalPoints, *, on_time: bool, settings: Settings
) -> tuple[list[PointsAward], RentalPoints]:
    """What a returned rental earns that it has not `earned` yet, and all that it earned then.

    Each award happens once, also when the return proved wrong and the power bank came back again.
    """
    awards, after = list[PointsAward](), earned
    if after.completed is None:
        awards.append(PointsAward(completed_award_id(rental_id), user_id, settings.rental_points, "rental"))
        after = replace(after, completed=settings.rental_points)
    if on_time and after.on_time is None:
        awards.append(PointsAward(on_time_award_id(rental_id), user_id, settings.on_time_points, "on_time_return"))
        after = replace(after, on_time=settings.on_time_points)
    return awards, after


def completed_award_id(rental_id: str) -> str:
    return f"points:rental:{rental_id}"


def on_time_award_id(rental_id: str) -> str:
    return f"points:on_time_return:{rental_id}"


def late_return_id(rental_id: str) -> str:
    """The id under which the points for a return in time are taken back, once, since the real return was late."""
    return f"points:on_time_return:late:{rental_id}"


def taken_back_id(rental_id: str) -> str:
    """The id under which the points of a rental that costs nothing after all are taken back, once."""
    return f"points:rental:cancelled:{rental_id}"
