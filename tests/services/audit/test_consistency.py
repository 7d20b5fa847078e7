"""The audit names every kind of damage, each of which a test makes."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain import ledger
from chalicelib.domain.ledger import PostingKind
from chalicelib.domain.payment_gateway import GatewayRefundState, RefundStatus
from chalicelib.domain.refund import RefundState
from chalicelib.domain.topup_intent import IntentState
from chalicelib.services import outbox
from chalicelib.services.audit import consistency
from chalicelib.services.auth import otp
from chalicelib.tables.accounts import AccountRow
from chalicelib.tables.identities import IdentityRow
from chalicelib.tables.intents import IntentRow
from chalicelib.tables.outbox import OutboxRow
from chalicelib.tables.postings import PostingRow
from chalicelib.tables.powerbanks import PowerbankRow
from chalicelib.tables.refunds import RefundRow, RefundTotalsRow
from chalicelib.tables.rentals import RentalRow
from tests.builders import CIVIL, LABIM
from tests.network import PAY_AS_YOU_GO, Network
from tests.refund_scenario import RefundScenario

COUNTS = ("spent_paisa", "topped_up_paisa", "points_earned", "rentals_count", "on_time_count", "late_count")


def first(model: Any) -> Any:
    return next(iter(model.scan()))


def save(model: Any, **changed: Any) -> None:
    row = first(model)
    for name, value in changed.items():
        setattr(row, name, value)
    row.save()


def richer(_: Network) -> None:
    for row in AccountRow.scan():
        if row.seq:
            row.update([AccountRow.wallet_paisa.add(1)])


def posting_changed(_: Network) -> None:
    row = first(PostingRow)
    row.legs = tuple(replace(leg, amount=leg.amount * 2) for leg in row.legs)
    row.save()


def posting_moves_foreign_account(_: Network) -> None:
    """Change a rental's settlement into a late fee."""
    row = next(row for row in PostingRow.scan() if row.kind is PostingKind.SETTLE)
    row.legs = tuple(
        replace(leg, account=ledger.REVENUE_LATE_FEE) if leg.account == ledger.REVENUE_RENTAL else leg
        for leg in row.legs
    )
    row.save()


def posting_misremembers(_: Network) -> None:
    row = first(PostingRow)
    row.wallet_after_paisa += 1
    row.save()


def posting_earlier(_: Network) -> None:
    row = max(PostingRow.scan(), key=lambda row: row.seq)
    row.at -= timedelta(days=1)
    row.save()


def posting_lost(_: Network) -> None:
    row = max(PostingRow.scan(), key=lambda row: row.seq)
    PostingRow(row.user_id, row.seq - 1).delete()


def account_lost(_: Network) -> None:
    for row in AccountRow.scan():
        if row.seq:
            row.delete()


def bank_to_two(network: Network) -> None:
    other = network.bank("40818061")
    rental = first(RentalRow)
    PowerbankRow(other.powerbank_sn).update(
        [PowerbankRow.rental_id.set(rental.rental_id), PowerbankRow.custody.set(first(PowerbankRow).custody)]
    )


def two_in_a_slot(_: Network) -> None:
    PowerbankRow("40818061").update([PowerbankRow.slot_number.set(2)])


def rental_forgotten(_: Network) -> None:
    for row in AccountRow.scan():
        if row.open_rental_id:
            row.update([AccountRow.open_rental_id.remove()])


def cheaper(_: Network) -> None:
    row = first(RentalRow)
    row.package = replace(row.package, price_paisa=1_000)
    row.save()


def longer_out(network: Network) -> None:
    user = network.customer()
    rental = network.rented(user, CIVIL, PAY_AS_YOU_GO)
    network.fake_world.clock.advance(minutes=30)
    network.report_return(CIVIL, rental.powerbank_sn)
    row = next(row for row in RentalRow.scan() if row.rental_id == rental.rental_id)
    row.ended_at += timedelta(hours=1)
    row.save()


def late_fee_forgiven(network: Network) -> None:
    user = network.customer()
    rental = network.rented(user, CIVIL)
    network.fake_world.clock.advance(hours=2)
    network.report_return(CIVIL, rental.powerbank_sn)
    row = next(row for row in RentalRow.scan() if row.rental_id == rental.rental_id)
    row.late_fee_paisa = 0
    row.save()


def credited_for_nothing(_: Network) -> None:
    save(IntentRow, state=IntentState.FAILED)


def left_starting(network: Network) -> None:
    network.start(network.customer(), CIVIL)
    network.fake_world.clock.advance(hours=2)


def identity_without_user(_: Network) -> None:
    IdentityRow(identity="phone#nobody", user_id="nobody").save()


def message_left(network: Network) -> None:
    network.customer()
    network.fake_world.queues.unavailable = True
    otp.request_code(network.world, "9841999999", "192.0.2.9")
    network.fake_world.clock.advance(hours=2)


def miscounted(name: str) -> Callable[[Network], None]:
    def damage(_: Network) -> None:
        for row in AccountRow.scan():
            if row.seq:
                row.update([getattr(AccountRow, name).add(1)])

    return damage


def last_rental_forgotten(_: Network) -> None:
    for row in AccountRow.scan():
        if row.seq:
            row.update([AccountRow.last_rental_at.remove()])


def refunding(network: Network) -> None:
    """An approved refund that is not paid yet."""
    scenario = RefundScenario(network)
    scenario.fake_world.khalti.refund_status = RefundStatus(GatewayRefundState.UNKNOWN)
    scenario.approve(scenario.request_refund(scenario.top_up()))
    scenario.send()
    assert network.books_balance()


def refund_bigger(network: Network) -> None:
    refunding(network)
    save(RefundRow, amount_paisa=60_000)


def refund_ended_without_posting(network: Network) -> None:
    refunding(network)
    save(RefundRow, state=RefundState.PROCESSED, look_at=None)


def refund_decided_by_its_requester(network: Network) -> None:
    refunding(network)
    save(RefundRow, decided_by=first(RefundRow).user_id)


def refund_lost(network: Network) -> None:
    refunding(network)
    first(RefundRow).delete()


def refund_tally_lost(network: Network) -> None:
    refunding(network)
    first(RefundTotalsRow).delete()


def refund_without_next_check(network: Network) -> None:
    refunding(network)
    network.fake_world.clock.advance(hours=3)


def refund_closed_in_the_tally_only(network: Network) -> None:
    refunding(network)
    save(RefundTotalsRow, open_refund_id=None)


def tally_misremembers(name: str) -> Callable[[Network], None]:
    def damage(network: Network) -> None:
        refunding(network)
        first(RefundTotalsRow).update([getattr(RefundTotalsRow, name).add(1)])

    return damage


def misremembers(model: Any, name: str) -> Callable[[Network], None]:
    def damage(_: Network) -> None:
        first(model).update([getattr(model, name).add(1)])

    return damage


def award_lost(network: Network) -> None:
    """Remove the message that awards points, without awarding them."""
    scenario = RefundScenario(network)
    network.fake_world.queues.unavailable = True
    scenario.top_up()
    for row in OutboxRow.scan():
        if row.queue == outbox.POINTS:
            row.delete()


DAMAGE: list[tuple[Callable[[Network], None], str]] = [
    (richer, "balance_differs"),
    (posting_changed, "hash_chain_broken"),
    (posting_moves_foreign_account, "posting_moves_foreign_account"),
    (posting_misremembers, "posting_balance_differs"),
    (posting_earlier, "posting_out_of_time"),
    (posting_lost, "sequence_has_a_gap"),
    (account_lost, "postings_without_account"),
    (bank_to_two, "two_banks_for_a_rental"),
    (two_in_a_slot, "two_banks_in_a_slot"),
    (rental_forgotten, "open_rental_differs"),
    (cheaper, "rental_charged_wrong"),
    (longer_out, "rental_charged_wrong"),
    (late_fee_forgiven, "late_fee_wrong"),
    (miscounted("due_rental_paisa"), "due_of_rental_differs"),
    (credited_for_nothing, "topup_not_credited_once"),
    (left_starting, "eject_left_open"),
    (identity_without_user, "identity_without_user"),
    (message_left, "message_left_open"),
    (last_rental_forgotten, "usage_differs"),
    *((miscounted(name), "usage_differs") for name in COUNTS),
    (refund_bigger, "refunded_more_than_paid"),
    (refund_bigger, "refund_legs_differ"),
    (refund_ended_without_posting, "refund_postings_differ"),
    (refund_decided_by_its_requester, "refund_decided_by_requester"),
    (refund_lost, "posting_without_refund"),
    (refund_tally_lost, "refund_totals_differ"),
    (refund_without_next_check, "refund_left_open"),
    (refund_closed_in_the_tally_only, "refund_open_differs"),
    (tally_misremembers("refunded_points"), "refund_totals_differ"),
    (tally_misremembers("paid_out_paisa"), "refund_totals_differ"),
    (misremembers(RentalRow, "wallet_paid_paisa"), "rental_paid_differs"),
    (misremembers(RentalRow, "points_paid"), "rental_paid_differs"),
    (misremembers(IntentRow, "credited_seq"), "topup_posting_differs"),
    (misremembers(IntentRow, "points_earned"), "topup_points_differ"),
    (award_lost, "topup_points_differ"),
]


@pytest.mark.parametrize(("damage", "rule"), DAMAGE, ids=[f"{n}-{rule}" for n, (_, rule) in enumerate(DAMAGE)])
def test_each_kind_of_damage_is_named_and_not_repaired(
    network: Network, damage: Callable[[Network], None], rule: str
) -> None:
    network.rented(network.customer())
    assert network.books_balance()
    damage(network)
    rules = {violation.rule for violation in consistency.audit(network.world)}
    assert rule in rules
    assert {violation.rule for violation in consistency.audit(network.world)} == rules


def test_a_whole_day_leaves_no_violation(network: Network) -> None:
    for wallet in (100_000, 2_000):
        rental = network.rented(network.customer(wallet_paisa=wallet))
        network.fake_world.clock.advance(hours=3)
        network.report_return(LABIM, rental.powerbank_sn, slot=2)
        network.fake_world.clock.advance(minutes=1)
        network.report_snapshot(LABIM)
    network.report_snapshot(CIVIL)
    network.start(network.customer(), CIVIL)
    network.fake_world.clock.advance(minutes=1)
    assert network.world.now() - timedelta(hours=1) > rental.requested_at
    assert network.books_balance()
