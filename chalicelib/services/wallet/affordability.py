"""Decides whether a payment is affordable, how it is paid, and how much to top up otherwise."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.money.payment_plan import Plan, split, suggested_topup_paisa
from chalicelib.domain.money.pricing import Package
from chalicelib.domain.problems.problems import Problem, must_exist
from chalicelib.domain.problems.validation_messages import validation_message
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_state import RentalState
from chalicelib.services.caller import Caller
from chalicelib.services.topups.payment_methods import PaymentMethod, offered
from chalicelib.tables import packages, rentals
from chalicelib.tables.rows import Key
from chalicelib.world import World


class Scenario(StrEnum):
    """What is to be paid."""

    WALLET_TOPUP = "wallet_topup"
    PRE_PAYMENT = "pre_payment"
    POST_PAYMENT = "post_payment"


@dataclass(frozen=True)
class PaymentOptions:
    """How a payment is paid. Money is in paisa. `rental_id` is the rental whose due is paid."""

    scenario: Scenario
    plan: Plan
    account: Account
    suggested_topup_paisa: int
    methods: list[PaymentMethod]
    rental_id: str | None = None


@dataclass(frozen=True)
class OptionsQuery:
    """What is to be paid: a package before a rental, a due after a rental, or a top-up of the wallet."""

    scenario: Scenario
    package_id: str | None = None
    rental_id: str | None = None
    amount_paisa: int | None = None

    def prefetch_keys(self, user_id: str) -> tuple[Key[Package] | Key[Rental], ...]:
        """Keys of the rows to read together with the caller."""
        if self.scenario is Scenario.PRE_PAYMENT and self.package_id:
            return (packages.package_key(self.package_id),)
        if self.scenario is Scenario.POST_PAYMENT and self.rental_id:
            return (rentals.rental_key(user_id, self.rental_id),)
        return ()


def calculate(world: World, caller: Caller, query: OptionsQuery) -> PaymentOptions:
    """Raises Problem: invalid_input (a field is missing), package_unavailable, not_found, nothing_due."""
    account, payment_methods = caller.account, offered(world)
    if query.scenario is Scenario.WALLET_TOPUP:
        plan, rental_id = split(_topup(query), points=0, wallet_paisa=0), None
    elif query.scenario is Scenario.PRE_PAYMENT:
        plan, rental_id = _from(account, _package(caller, query).upfront_paisa), None
    else:
        owed, rental_id = _owed(caller, query, world.now())
        plan = _from(account, owed)
    return PaymentOptions(
        query.scenario, plan, account, _suggested(plan, payment_methods), payment_methods, rental_id
    )


def require_affordable(world: World, account: Account, total_paisa: int) -> Plan:
    """How the account pays. Raises Problem("insufficient_funds"), whose details say how much to top up."""
    plan = _from(account, total_paisa)
    if not plan.sufficient:
        payment_methods = offered(world)
        raise Problem(
            "insufficient_funds",
            total_paisa=plan.total_paisa,
            shortfall_paisa=plan.shortfall_paisa,
            points_used=plan.points_used,
            wallet_paisa=plan.wallet_paisa,
            suggested_topup_paisa=_suggested(plan, payment_methods),
            payment_methods=[
                {
                    "id": method.name,
                    "name": method.title,
                    "min_amount_paisa": method.min_paisa,
                    "max_amount_paisa": method.max_paisa,
                }
                for method in payment_methods
            ],
        )
    return plan


def _from(account: Account, total_paisa: int) -> Plan:
    return split(total_paisa, points=account.points, wallet_paisa=account.wallet_paisa)


def _suggested(plan: Plan, payment_methods: list[PaymentMethod]) -> int:
    return suggested_topup_paisa(
        plan.shortfall_paisa, [(method.min_paisa, method.max_paisa) for method in payment_methods]
    )


def _topup(query: OptionsQuery) -> int:
    if query.amount_paisa is None:
        raise Problem("invalid_input", errors={"amount": [validation_message("amount_missing")]})
    return query.amount_paisa


def _package(caller: Caller, query: OptionsQuery) -> Package:
    if query.package_id is None:
        raise Problem("invalid_input", errors={"package_id": [validation_message("package_missing")]})
    package = caller.rows[packages.package_key(query.package_id)]
    if package is None or not package.active:
        raise Problem("package_unavailable")
    return package


def _owed(caller: Caller, query: OptionsQuery, now: datetime) -> tuple[int, str | None]:
    """The paisa that are due, and their rental: the named one, or the one to pay first.

    A postpaid rental that is still out is charged as if it ended now.
    """
    account = caller.account
    if query.rental_id is None:
        if account.due_paisa == 0:
            raise Problem("nothing_due")
        if account.due_rental_id is None:
            return account.reversal_due_paisa, None
        return account.due_rental_paisa, account.due_rental_id
    rental = must_exist(caller.rows[rentals.rental_key(caller.user_id, query.rental_id)])
    if rental.package.postpaid and rental.state is RentalState.ACTIVE:
        return rental.charge_at(now).total_paisa, rental.rental_id
    if rental.due_paisa == 0:
        raise Problem("nothing_due", payment_status=rental.payment_status())
    return rental.due_paisa, rental.rental_id
