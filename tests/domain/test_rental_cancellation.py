"""The points of a rental that costs nothing after all."""

from dataclasses import replace

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.rentals.rental_cancellation import without_points
from chalicelib.domain.rewards.point_rules import RentalPoints
from tests.domain.rental_samples import NOW, RENTAL


def test_points_that_the_customer_has_spent_stay_earned_and_are_taken_back_once() -> None:
    rental = replace(RENTAL, earned_points=RentalPoints(completed=5, on_time=5))
    rental, account, postings = without_points(rental, Account("user", points=3), NOW)
    assert (rental.earned_points.taken_back, account.points, len(postings)) == (3, 0, 1)
    rental, account, postings = without_points(rental, replace(account, points=100), NOW)
    assert (rental.earned_points.taken_back, account.points, postings) == (3, 100, [])
