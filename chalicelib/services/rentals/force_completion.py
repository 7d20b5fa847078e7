"""An operator ends a rental whose power bank no cabinet reports back."""

from datetime import timedelta

from chalicelib import log
from chalicelib.domain.operators.admin_action import AdminAction
from chalicelib.domain.problems.problems import must_exist
from chalicelib.domain.rentals.forced_completion import force_completed
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_aggregate import RentalAggregate
from chalicelib.services import audit_log, stranded_money
from chalicelib.services.caller import Caller, fresh_caller
from chalicelib.services.rentals import aggregate
from chalicelib.tables import rentals
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.world import World


def force_complete(world: World, caller: Caller, rental_id: str, ago: timedelta, reason: str) -> Rental:
    """End a rental as returned `ago` before now, and note the reason in the audit log.

    It costs what a return at that time costs. A return that a cabinet reports at the same time wins or finds the
    rental ended. Raises Problem: not_found, rental_not_active.
    """
    rental = must_exist(rentals.find(rental_id))
    user_id, powerbank_sn = rental.user_id, rental.powerbank_sn

    def decide(ops: Transaction) -> RentalAggregate:
        current_caller = fresh_caller(world, caller, ops)
        before = must_exist(aggregate.load(user_id, rental_id, powerbank_sn))
        after = force_completed(before, world.now() - ago, world.now())
        aggregate.save(ops, world, before.rental, after)
        audit_log.record(ops, world, current_caller.user_id, _action(before, after, reason))
        return after

    after = atomic(world, decide)
    ended = after.rental
    log.fact("rental_force_completed", rental_id=rental_id, status=ended.state.value, powerbank_sn=powerbank_sn)
    if after.stranded_paisa:
        stranded_money.report(user_id, after.stranded_paisa, rental_id=rental_id)
    return ended


def _action(before: RentalAggregate, after: RentalAggregate, reason: str) -> AdminAction:
    changes = {"reason": reason, "before": _facts(before), "after": _facts(after)}
    return AdminAction("rental_force_completed", after.rental.rental_id, changes)


def _facts(found: RentalAggregate) -> dict[str, object]:
    return {
        "status": found.rental.state.value,
        "late_fee_paisa": found.rental.late_fee_paisa,
        "due_paisa": found.rental.due_paisa,
        "wallet_paisa": found.account.wallet_paisa,
        "custody": found.powerbank.custody.value,
    }
