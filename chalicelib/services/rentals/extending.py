"""Extends a rental: moves its due time, and takes the price of a package, points first."""

from datetime import datetime, timedelta

from chalicelib import log
from chalicelib.domain.accounts.account import Account
from chalicelib.domain.configuration.settings import Settings
from chalicelib.domain.money import ledger, ledger_entries
from chalicelib.domain.money.pricing import Package
from chalicelib.domain.problems.problems import Problem, must_exist
from chalicelib.domain.rentals.extension import Extension
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_extension import extended
from chalicelib.domain.rentals.rental_state import RentalState
from chalicelib.services.caller import Caller, fresh_caller
from chalicelib.services.rentals import queries
from chalicelib.services.rentals.changes import Change, stage_change
from chalicelib.services.wallet.affordability import require_affordable
from chalicelib.tables import packages, rentals
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.rows import Key
from chalicelib.world import World


def prefetch_keys(user_id: str, rental_id: str, package_id: str) -> tuple[Key[Rental], Key[Package]]:
    """The rows to read together with the caller."""
    return rentals.rental_key(user_id, rental_id), packages.package_key(package_id)


def extend(world: World, caller: Caller, rental_id: str, package_id: str) -> Rental:
    """Add the minutes of a package to the due time and take its price. Returns the extended rental.

    Without an idempotency key, a repeated request within `extension_repeat_seconds` changes nothing. Raises Problem:
    not_found, extension_not_needed, busy while the eject is not confirmed, rental_not_active, due_unpaid,
    extension_too_late, extension_limit_reached, package_unavailable, package_not_for_extension, insufficient_funds.
    """
    if caller.earlier_resource_id is not None:
        return queries.read(caller.user_id, rental_id)
    rental_key, package_key = prefetch_keys(caller.user_id, rental_id, package_id)

    def decide(ops: Transaction) -> Rental:
        current_caller, now = fresh_caller(world, caller, ops), world.now()
        rental, package = must_exist(current_caller.rows[rental_key]), current_caller.rows[package_key]
        if current_caller.idempotency is None and _is_repeated(rental, package_id, now, world.settings()):
            return rental
        _must_be_extendable(rental, current_caller.account, now, world.settings())
        if package is None or not package.active:
            raise Problem("package_unavailable")
        if package.postpaid:
            raise Problem("package_not_for_extension")
        plan = require_affordable(world, current_caller.account, package.price_paisa)
        entry = ledger_entries.extension(paisa=plan.wallet_paisa, points=plan.points_used)
        account, posted = ledger.post_if_any(current_caller.account, entry, rental_id, now)
        after = extended(rental, Extension.of(package, now), plan)
        return stage_change(ops, world, current_caller, Change(rental, after, account, posted))

    rental = atomic(world, decide)
    log.fact("rental_extended", rental_id=rental_id, about=package_id)
    return rental


def _is_repeated(rental: Rental, package_id: str, now: datetime, settings: Settings) -> bool:
    if not rental.extensions:
        return False
    newest = rental.extensions[-1]
    return newest.package_id == package_id and now - newest.at < timedelta(seconds=settings.extension_repeat_seconds)


def _must_be_extendable(rental: Rental, account: Account, now: datetime, settings: Settings) -> None:
    if rental.package.postpaid:
        raise Problem("extension_not_needed")
    if rental.state is RentalState.STARTING:
        raise Problem("busy", retry_after_seconds=2)
    if rental.state is not RentalState.ACTIVE or rental.due_at is None:
        raise Problem("rental_not_active", status=rental.state.value)
    if account.due_paisa > 0:
        raise Problem("due_unpaid", due_paisa=account.due_paisa, rental_id=account.due_rental_id)
    if now >= rental.due_at:
        raise Problem("extension_too_late")
    if len(rental.extensions) >= settings.max_extensions:
        raise Problem("extension_limit_reached", limit=settings.max_extensions)
