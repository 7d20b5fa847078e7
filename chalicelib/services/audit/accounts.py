"""The audit of one account and all that belongs to it."""

from collections.abc import Iterator

from chalicelib.domain.operations.audit import Violation
from chalicelib.services.audit.account_case import AccountCase
from chalicelib.services.audit.balance_additions import addition_violations
from chalicelib.services.audit.coupons import use_violations
from chalicelib.services.audit.day_counts import day_count_violations
from chalicelib.services.audit.ledger import award_violations, ledger_violations
from chalicelib.services.audit.open_items import open_item_violations
from chalicelib.services.audit.people import person_violations, signup_violations
from chalicelib.services.audit.referrals import referral_violations
from chalicelib.services.audit.refunds import refund_violations
from chalicelib.services.audit.rentals import rental_violations
from chalicelib.services.audit.scores import score_violations
from chalicelib.services.audit.topups import topup_violations
from chalicelib.world import World


def account_violations(world: World, case: AccountCase | None) -> Iterator[Violation]:
    """Every rule that does not hold. A missing account breaks none: the tables that name it are checked for it."""
    if case is None:
        return
    now = world.now()
    if case.part.is_first:
        yield from ledger_violations(case.account, case.ledger)
        yield from score_violations(case, now)
        yield from person_violations(case, now)
    yield from signup_violations(case)
    yield from award_violations(case.ledger)
    yield from rental_violations(case, now)
    yield from topup_violations(case, now)
    yield from refund_violations(case, now)
    yield from addition_violations(case)
    yield from referral_violations(case)
    yield from use_violations(case)
    yield from day_count_violations(case.miscounted)
    yield from open_item_violations(case)
