"""Thousands of customers with random facts, and their places by brute force, for the tests of the leaderboard."""

import random
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.accounts.score import Counts
from chalicelib.domain.users.user import User
from chalicelib.tables.accounts import AccountRow, account_row
from chalicelib.tables.users import UserRow, user_row
from tests.world.network import Network

KATHMANDU = timedelta(hours=5, minutes=45)
MAX_AGE = timedelta(days=60)
FACTS_PER_USER = 6
CATEGORIES = ("overall", "rentals", "points", "referrals", "timely_returns")


@dataclass(frozen=True)
class Fact:
    """A returned rental, in time or late, with points; or a referral, or points only."""

    at: datetime
    rentals: int = 0
    on_time: int = 0
    late: int = 0
    referrals: int = 0
    points: int = 0


@dataclass
class Crowd:
    """Customers `user000000` and so on, and all their facts."""

    network: Network
    size: int
    seed: int = 1
    facts: dict[str, list[Fact]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        chance = random.Random(self.seed)
        accounts, people = [], []
        for number in range(self.size):
            user_id = f"user{number:06d}"
            self.facts[user_id] = [self._fact(chance) for _ in range(chance.randint(0, FACTS_PER_USER))]
            accounts.append(account_row(self.account(user_id)))
            people.append(self.user(user_id))
        with AccountRow.batch_write() as batch:
            for row in accounts:
                batch.save(row)
        with UserRow.batch_write() as batch:
            for user in people:
                batch.save(user_row(replace(user, version=1)))

    def _fact(self, chance: random.Random) -> Fact:
        at = self.network.world.now() - MAX_AGE * chance.random() ** 2
        points = chance.choice([5, 10, 10, 50, 10 * chance.randint(1, 100)])
        return chance.choice(
            [
                Fact(at, rentals=1, on_time=1, points=10),
                Fact(at, rentals=1, late=1, points=5),
                Fact(at, referrals=1, points=100),
                Fact(at, points=points),
            ]
        )

    def account(self, user_id: str) -> Account:
        """The account after the facts, in a random order: messages come late."""
        account = Account(user_id, version=1)
        for fact in random.Random(user_id).sample(self.facts[user_id], len(self.facts[user_id])):
            counts = Counts(fact.rentals, fact.referrals, fact.on_time, fact.late, fact.points)
            account = replace(
                account.scored(counts, fact.at),
                rentals_count=account.rentals_count + fact.rentals,
                referrals_count=account.referrals_count + fact.referrals,
                on_time_count=account.on_time_count + fact.on_time,
                late_count=account.late_count + fact.late,
                points_earned=account.points_earned + fact.points,
            )
        return account

    def user(self, user_id: str) -> User:
        return User(user_id, f"name_{user_id}", self.network.world.now(), f"CODE{user_id}")

    def add(self, user_id: str, fact: Fact) -> None:
        """One more fact of a customer."""
        self.facts[user_id].append(fact)
        account_row(self.account(user_id)).save()

    def scores(self, period: str) -> dict[str, dict[str, int]]:
        """The score of every customer by category, from the facts of the period."""
        begins_at = self._begin(period)
        by_category: dict[str, dict[str, int]] = {name: {} for name in CATEGORIES}
        for user_id, facts in self.facts.items():
            of_user = [fact for fact in facts if fact.at >= begins_at]
            for name, score in zip(CATEGORIES, self._scores(of_user), strict=True):
                by_category[name][user_id] = score
        return by_category

    def _scores(self, facts: list[Fact]) -> tuple[int, ...]:
        rentals, referrals = sum(fact.rentals for fact in facts), sum(fact.referrals for fact in facts)
        on_time, late = sum(fact.on_time for fact in facts), sum(fact.late for fact in facts)
        points = sum(fact.points for fact in facts)
        overall = 10 * rentals + 20 * referrals + 5 * on_time - 5 * late + points // 10
        return overall, rentals, points, referrals, on_time

    def _begin(self, period: str) -> datetime:
        """When the period began in Kathmandu, whose weeks begin on Sunday."""
        if period == "all_time":
            return datetime.min.replace(tzinfo=UTC)
        midnight = (self.network.world.now() + KATHMANDU).replace(hour=0, minute=0, second=0, microsecond=0)
        if period == "monthly":
            return midnight.replace(day=1) - KATHMANDU
        while midnight.strftime("%A") != "Sunday":
            midnight -= timedelta(days=1)
        return midnight - KATHMANDU

    def best(self, scores: dict[str, int], count: int = 10) -> list[tuple[int, str, int]]:
        """Rank, username and score of the first customers. Equal scores have equal ranks."""
        ordered = sorted(
            ((score, user_id) for user_id, score in scores.items() if score > 0), key=lambda e: (-e[0], e[1])
        )
        return [
            (1 + sum(other > score for other, _ in ordered), f"name_{user_id}", score)
            for score, user_id in ordered[:count]
        ]
