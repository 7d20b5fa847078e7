"""Damages rows of every kind, each with the rule of the audit that it breaks."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from chalicelib.domain.money import ledger
from chalicelib.domain.money.ledger import PostingKind
from chalicelib.domain.payments.topup_intent import IntentState
from chalicelib.services import outbox
from chalicelib.services.auth import otp
from chalicelib.tables.accounts import AccountRow
from chalicelib.tables.identities import IdentityRow
from chalicelib.tables.intents import IntentRow
from chalicelib.tables.outbox import OutboxRow
from chalicelib.tables.postings import PostingRow
from chalicelib.tables.rentals import RentalRow
from tests.scenarios.refund_scenario import RefundScenario
from tests.services.audit.addition_damage import ADDITION_DAMAGE
from tests.services.audit.refund_damage import (
    open_item_lost,
    open_item_of_an_ended_refund,
    refund_amount_raised,
    refund_closed_in_the_totals_only,
    refund_decided_by_its_requester,
    refund_ended_without_posting,
    refund_lost,
    refund_total_raised,
    refund_totals_lost,
    refund_without_next_check,
)
from tests.services.audit.rental_damage import RENTAL_DAMAGE
from tests.services.audit.row_damage import first, raised, save
from tests.world.network import Network

COUNTS = ("spent_paisa", "topped_up_paisa", "points_earned", "rentals_count", "on_time_count", "late_count")


def account_balance_raised(_: Network) -> None:
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


def posting_balance_changed(_: Network) -> None:
    row = first(PostingRow)
    row.wallet_after_paisa += 1
    row.save()


def posting_moved_a_day_back(_: Network) -> None:
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


def points_of_a_source_raised(_: Network) -> None:
    row = next(row for row in AccountRow.scan() if row.points_earned)
    row.points_by_source = {**row.points_by_source, "topup": 1_000}
    row.save()


def credited_topup_failed(_: Network) -> None:
    save(IntentRow, state=IntentState.FAILED)


def identity_without_user(_: Network) -> None:
    IdentityRow(identity="phone#nobody", user_id="nobody").save()


def message_unsent(network: Network) -> None:
    network.customer()
    network.fake_world.queues.unavailable = True
    otp.request_code(network.world, "9841999999", "192.0.2.9")
    network.fake_world.clock.advance(hours=2)


def usage_count_changed(name: str) -> Callable[[Network], None]:
    def damage(_: Network) -> None:
        for row in AccountRow.scan():
            if row.seq:
                row.update([getattr(AccountRow, name).add(1)])

    return damage


def last_rental_removed_from_usage(_: Network) -> None:
    for row in AccountRow.scan():
        if row.seq:
            row.update([AccountRow.last_rental_at.remove()])


def award_lost(network: Network) -> None:
    """Remove the message that awards points, without awarding them."""
    scenario = RefundScenario(network)
    network.fake_world.queues.unavailable = True
    scenario.top_up()
    for row in OutboxRow.scan():
        if row.queue == outbox.POINTS:
            row.delete()


DAMAGE: list[tuple[Callable[[Network], None], str]] = [
    (account_balance_raised, "balance_differs"),
    (posting_changed, "hash_chain_broken"),
    (posting_moves_foreign_account, "posting_moves_foreign_account"),
    (posting_balance_changed, "posting_balance_differs"),
    (posting_moved_a_day_back, "posting_out_of_time"),
    (posting_lost, "sequence_has_a_gap"),
    (account_lost, "postings_without_account"),
    (points_of_a_source_raised, "points_by_source_differ"),
    (usage_count_changed("due_rental_paisa"), "due_of_rental_differs"),
    (credited_topup_failed, "topup_not_credited_once"),
    (identity_without_user, "identity_without_user"),
    (message_unsent, "message_left_open"),
    (last_rental_removed_from_usage, "usage_differs"),
    *((usage_count_changed(name), "usage_differs") for name in COUNTS),
    (refund_amount_raised, "refunded_more_than_paid"),
    (refund_amount_raised, "refund_legs_differ"),
    (refund_ended_without_posting, "refund_postings_differ"),
    (refund_decided_by_its_requester, "refund_decided_by_requester"),
    (refund_lost, "posting_without_refund"),
    *ADDITION_DAMAGE,
    *RENTAL_DAMAGE,
    (refund_totals_lost, "refund_totals_differ"),
    (refund_without_next_check, "refund_left_open"),
    (refund_closed_in_the_totals_only, "refund_open_differs"),
    (open_item_lost, "open_item_missing"),
    (open_item_of_an_ended_refund, "open_item_names_nothing_open"),
    (refund_total_raised("refunded_points"), "refund_totals_differ"),
    (refund_total_raised("paid_out_paisa"), "refund_totals_differ"),
    (raised(RentalRow, "wallet_paid_paisa"), "rental_paid_differs"),
    (raised(RentalRow, "points_paid"), "rental_paid_differs"),
    (raised(IntentRow, "credited_seq"), "topup_posting_differs"),
    (raised(IntentRow, "points_earned"), "topup_points_differ"),
    (award_lost, "topup_points_differ"),
]
