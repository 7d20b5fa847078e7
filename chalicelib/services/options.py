"""One question before any payment: is it enough, how would it be paid, and what to top up if not."""

from dataclasses import dataclass
from typing import Literal

from chalicelib.domain.pricing import Package, PaymentModel, Plan, split, suggested_topup_paisa
from chalicelib.domain.problems import Problem
from chalicelib.domain.rental import Rental
from chalicelib.domain.user import Account
from chalicelib.services.accounts import Caller
from chalicelib.services.payments import Method, methods
from chalicelib.tables import catalogue, rentals
from chalicelib.tables.store import Key
from chalicelib.world import World

Scenario = Literal["wallet_topup", "pre_payment", "post_payment"]


@dataclass(frozen=True)
class Options:
    """The answer, money in paisa."""

    scenario: Scenario
    plan: Plan
    account: Account
    suggested_topup_paisa: int
    methods: list[Method]


@dataclass(frozen=True)
class Question:
    """What is to be paid: a package before a rental, a due after one, or a sum to have in the wallet."""

    scenario: Scenario
    package_id: str | None = None
    rental_id: str | None = None
    amount_paisa: int | None = None

    def reads(self, user_id: str) -> tuple[Key[Package] | Key[Rental], ...]:
        """What is read together with the caller."""
        if self.scenario == "pre_payment" and self.package_id:
            return (catalogue.package_key(self.package_id),)
        if self.scenario == "post_payment" and self.rental_id:
            return (rentals.rental_key(user_id, self.rental_id),)
        return ()


def calculate(world: World, caller: Caller, question: Question) -> Options:
    """Raises Problem: invalid_input for what the scenario needs, package_unavailable, not_found, nothing_due."""
    account = caller.account
    total = _total(caller, question)
    usable = 0 if question.scenario == "wallet_topup" else account.points
    wallet = 0 if question.scenario == "wallet_topup" else account.wallet_paisa
    plan = split(total, points=usable, wallet_paisa=wallet)
    known = methods(world)
    least = min((method.least_paisa for method in known), default=0)
    return Options(question.scenario, plan, account, suggested_topup_paisa(plan.shortfall_paisa, least), known)


def _total(caller: Caller, question: Question) -> int:
    if question.scenario == "wallet_topup":
        if question.amount_paisa is None:
            raise Problem("invalid_input", errors={"amount": ["needed for wallet_topup"]})
        return question.amount_paisa
    if question.scenario == "pre_payment":
        if question.package_id is None:
            raise Problem("invalid_input", errors={"package_id": ["needed for pre_payment"]})
        package = caller.rows[catalogue.package_key(question.package_id)]
        if package is None or not package.active or package.payment_model is not PaymentModel.PREPAID:
            raise Problem("package_unavailable")
        return package.price_paisa
    if question.rental_id is None:
        raise Problem("invalid_input", errors={"rental_id": ["needed for post_payment"]})
    rental = caller.rows[rentals.rental_key(caller.user_id, question.rental_id)]
    if rental is None:
        raise Problem("not_found")
    if rental.due_paisa == 0:
        raise Problem("nothing_due", payment_status=rental.payment_status())
    return rental.due_paisa
