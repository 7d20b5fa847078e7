"""The audit names every kind of damage, each made here by hand."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.payment_gateway import Repaid, Repayment
from chalicelib.domain.refund import RefundState
from chalicelib.domain.topup import IntentState
from chalicelib.services import outbox
from chalicelib.services.audit import ledger as ledger_audit
from chalicelib.services.auth import otp
from chalicelib.tables.accounts import AccountRow
from chalicelib.tables.identities import IdentityRow
from chalicelib.tables.intents import IntentRow
from chalicelib.tables.outbox import OutboxRow
from chalicelib.tables.postings import PostingRow
from chalicelib.tables.powerbanks import PowerbankRow
from chalicelib.tables.refunds import RefundRow, TallyRow
from chalicelib.tables.rentals import RentalRow
from tests.builders import CIVIL, LABIM
from tests.desk import Desk
from tests.street import PAY_AS_YOU_GO, Street

COUNTS = ("spent_paisa", "topped_up_paisa", "points_earned", "rentals_count", "on_time_count", "late_count")


def first(model: Any) -> Any:
    return next(iter(model.scan()))


def save(model: Any, **changed: Any) -> None:
    row = first(model)
    for name, value in changed.items():
        setattr(row, name, value)
    row.save()


def richer(_: Street) -> None:
    for row in AccountRow.scan():
        if row.seq:
            row.update([AccountRow.wallet_paisa.add(1)])


def posting_changed(_: Street) -> None:
    row = first(PostingRow)
    row.legs = tuple(replace(leg, amount=leg.amount * 2) for leg in row.legs)
    row.save()


def posting_misremembers(_: Street) -> None:
    row = first(PostingRow)
    row.wallet_after_paisa += 1
    row.save()


def posting_earlier(_: Street) -> None:
    row = max(PostingRow.scan(), key=lambda one: one.seq)
    row.at -= timedelta(days=1)
    row.save()


def posting_lost(_: Street) -> None:
    row = max(PostingRow.scan(), key=lambda one: one.seq)
    PostingRow(row.user_id, row.seq - 1).delete()


def account_lost(_: Street) -> None:
    for row in AccountRow.scan():
        if row.seq:
            row.delete()


def bank_to_two(street: Street) -> None:
    other = street.bank("40818061")
    rental = first(RentalRow)
    PowerbankRow(other.powerbank_sn).update(
        [PowerbankRow.rental_id.set(rental.rental_id), PowerbankRow.custody.set(first(PowerbankRow).custody)]
    )


def two_in_a_slot(_: Street) -> None:
    PowerbankRow("40818061").update([PowerbankRow.slot_number.set(2)])


def rental_forgotten(_: Street) -> None:
    for row in AccountRow.scan():
        if row.open_rental_id:
            row.update([AccountRow.open_rental_id.remove()])


def cheaper(_: Street) -> None:
    row = first(RentalRow)
    row.package = replace(row.package, price_paisa=1_000)
    row.save()


def longer_out(street: Street) -> None:
    user = street.customer()
    rental = street.rented(user, CIVIL, PAY_AS_YOU_GO)
    street.scene.clock.pass_(minutes=30)
    street.hear_return(CIVIL, rental.powerbank_sn)
    row = next(row for row in RentalRow.scan() if row.rental_id == rental.rental_id)
    row.ended_at += timedelta(hours=1)
    row.save()


def late_fee_forgiven(street: Street) -> None:
    user = street.customer()
    rental = street.rented(user, CIVIL)
    street.scene.clock.pass_(hours=2)
    street.hear_return(CIVIL, rental.powerbank_sn)
    row = next(row for row in RentalRow.scan() if row.rental_id == rental.rental_id)
    row.late_fee_paisa = 0
    row.save()


def credited_for_nothing(_: Street) -> None:
    save(IntentRow, state=IntentState.FAILED)


def left_starting(street: Street) -> None:
    street.start(street.customer(), CIVIL)
    street.scene.clock.pass_(hours=2)


def identity_of_nobody(_: Street) -> None:
    IdentityRow(identity="phone#nobody", user_id="nobody").save()


def message_left(street: Street) -> None:
    street.customer()
    street.scene.queues.away = True
    otp.ask(street.world, "9841999999", "192.0.2.9")
    street.scene.clock.pass_(hours=2)


def miscounted(name: str) -> Callable[[Street], None]:
    def damage(_: Street) -> None:
        for row in AccountRow.scan():
            if row.seq:
                row.update([getattr(AccountRow, name).add(1)])

    return damage


def last_rental_forgotten(_: Street) -> None:
    for row in AccountRow.scan():
        if row.seq:
            row.update([AccountRow.last_rental_at.remove()])


def refunding(street: Street) -> None:
    """A refund on its way."""
    desk = Desk(street)
    desk.scene.khalti.repayment = Repayment(Repaid.UNKNOWN)
    desk.approve(desk.ask(desk.top_up()))
    desk.send()
    assert street.books_balance()


def refund_bigger(street: Street) -> None:
    refunding(street)
    save(RefundRow, amount_paisa=60_000)


def refund_ended_alone(street: Street) -> None:
    refunding(street)
    save(RefundRow, state=RefundState.PROCESSED, look_at=None)


def refund_decided_oneself(street: Street) -> None:
    refunding(street)
    save(RefundRow, decided_by=first(RefundRow).user_id)


def refund_lost(street: Street) -> None:
    refunding(street)
    first(RefundRow).delete()


def refund_tally_lost(street: Street) -> None:
    refunding(street)
    first(TallyRow).delete()


def refund_not_asked_after(street: Street) -> None:
    refunding(street)
    street.scene.clock.pass_(hours=3)


def refund_closed_in_the_tally_only(street: Street) -> None:
    refunding(street)
    save(TallyRow, open_refund_id=None)


def tally_misremembers(name: str) -> Callable[[Street], None]:
    def damage(street: Street) -> None:
        refunding(street)
        first(TallyRow).update([getattr(TallyRow, name).add(1)])

    return damage


def misremembers(model: Any, name: str) -> Callable[[Street], None]:
    def damage(_: Street) -> None:
        first(model).update([getattr(model, name).add(1)])

    return damage


def award_lost(street: Street) -> None:
    """Its message was taken away, and nothing was given for it."""
    desk = Desk(street)
    street.scene.queues.away = True
    desk.top_up()
    for row in OutboxRow.scan():
        if row.queue == outbox.POINTS:
            row.delete()


DAMAGE: list[tuple[Callable[[Street], None], str]] = [
    (richer, "balance_differs"),
    (posting_changed, "hash_chain_broken"),
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
    (identity_of_nobody, "identity_of_nobody"),
    (message_left, "message_left_open"),
    (last_rental_forgotten, "usage_differs"),
    *((miscounted(name), "usage_differs") for name in COUNTS),
    (refund_bigger, "refunded_more_than_paid"),
    (refund_bigger, "refund_legs_differ"),
    (refund_ended_alone, "refund_postings_differ"),
    (refund_decided_oneself, "refund_decided_by_who_asked"),
    (refund_lost, "posting_without_refund"),
    (refund_tally_lost, "refund_tally_differs"),
    (refund_not_asked_after, "refund_left_open"),
    (refund_closed_in_the_tally_only, "refund_open_differs"),
    (tally_misremembers("refunded_points"), "refund_tally_differs"),
    (tally_misremembers("sent_paisa"), "refund_tally_differs"),
    (misremembers(RentalRow, "wallet_paid_paisa"), "rental_paid_differs"),
    (misremembers(RentalRow, "points_paid"), "rental_paid_differs"),
    (misremembers(IntentRow, "credited_seq"), "topup_posting_differs"),
    (misremembers(IntentRow, "points_earned"), "topup_points_differ"),
    (award_lost, "topup_points_differ"),
]


@pytest.mark.parametrize(("damage", "rule"), DAMAGE, ids=[f"{n}-{rule}" for n, (_, rule) in enumerate(DAMAGE)])
def test_each_kind_of_damage_is_named_and_nothing_is_mended(
    street: Street, damage: Callable[[Street], None], rule: str
) -> None:
    street.rented(street.customer())
    assert street.books_balance()
    damage(street)
    rules = {violation.rule for violation in ledger_audit.audit(street.world)}
    assert rule in rules
    assert {violation.rule for violation in ledger_audit.audit(street.world)} == rules


def test_a_whole_day_leaves_nothing_to_say(street: Street) -> None:
    for wallet in (100_000, 2_000):
        rental = street.rented(street.customer(wallet_paisa=wallet))
        street.scene.clock.pass_(hours=3)
        street.hear_return(LABIM, rental.powerbank_sn, slot=2)
        street.scene.clock.pass_(minutes=1)
        street.hear_snapshot(LABIM)
    street.hear_snapshot(CIVIL)
    street.start(street.customer(), CIVIL)
    street.scene.clock.pass_(minutes=1)
    assert street.world.now() - timedelta(hours=1) > rental.asked_at
    assert street.books_balance()
