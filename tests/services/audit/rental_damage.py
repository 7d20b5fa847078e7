"""Damages rentals and power banks, each with the rule of the audit that it breaks."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from chalicelib.domain.cabinets.custody import Custody
from chalicelib.domain.rentals.swap import Swap
from chalicelib.domain.rewards.point_rules import RentalPoints
from chalicelib.tables.accounts import AccountRow
from chalicelib.tables.powerbanks import PowerbankRow
from chalicelib.tables.rentals import RentalRow
from tests.services.audit.row_damage import first
from tests.world.builders import CIVIL
from tests.world.network import PAY_AS_YOU_GO, Network


def rental_with_two_powerbanks(network: Network) -> None:
    other = network.bank("40818061")
    rental = first(RentalRow)
    PowerbankRow(other.powerbank_sn).update(
        [
            PowerbankRow.rental_id.set(rental.rental_id),
            PowerbankRow.user_id.set(rental.user_id),
            PowerbankRow.custody.set(Custody.RENTED),
        ]
    )


def two_powerbanks_in_a_slot(_: Network) -> None:
    PowerbankRow("40818061").update([PowerbankRow.slot_number.set(2)])


def open_rental_removed_from_account(_: Network) -> None:
    for row in AccountRow.scan():
        if row.open_rental_id:
            row.update([AccountRow.open_rental_id.remove()])


def rental_package_cheaper(_: Network) -> None:
    row = first(RentalRow)
    row.package = replace(row.package, price_paisa=1_000)
    row.save()


def rental_ends_later(network: Network) -> None:
    user = network.customer()
    rental = network.rented(user, CIVIL, PAY_AS_YOU_GO)
    network.fake_world.clock.advance(minutes=30)
    network.report_return(CIVIL, rental.powerbank_sn)
    row = next(row for row in RentalRow.scan() if row.rental_id == rental.rental_id)
    row.ended_at += timedelta(hours=1)
    row.save()


def due_time_later(network: Network) -> None:
    row = next(row for row in RentalRow.scan() if row.due_at is not None)
    row.due_at += timedelta(hours=1)
    row.save()


def swapped_late(network: Network) -> None:
    """A power bank that was swapped an hour after it came out."""
    row = next(row for row in RentalRow.scan() if row.started_at is not None)
    back_at = row.started_at + timedelta(hours=1)
    row.swap = Swap(row.started_at, row.requested_at, "1", row.started_at, returned_at=back_at)
    row.save()


def rental_points_raised(network: Network) -> None:
    row = next(iter(RentalRow.scan()))
    row.earned_points = RentalPoints(500, 5)
    row.save()


def overdue_for_days(network: Network) -> None:
    """No sweep has run since the power bank counts as lost."""
    network.fake_world.clock.advance(hours=27)


def late_fee_removed(network: Network) -> None:
    user = network.customer()
    rental = network.rented(user, CIVIL)
    network.fake_world.clock.advance(hours=2)
    network.report_return(CIVIL, rental.powerbank_sn)
    row = next(row for row in RentalRow.scan() if row.rental_id == rental.rental_id)
    row.late_fee_paisa = 0
    row.save()


def eject_unresolved(network: Network) -> None:
    network.start(network.customer(), CIVIL)
    network.fake_world.clock.advance(hours=2)


RENTAL_DAMAGE: list[tuple[Callable[[Network], None], str]] = [
    (rental_with_two_powerbanks, "two_banks_for_a_rental"),
    (two_powerbanks_in_a_slot, "two_banks_in_a_slot"),
    (open_rental_removed_from_account, "open_rental_differs"),
    (rental_package_cheaper, "rental_charged_wrong"),
    (rental_ends_later, "rental_charged_wrong"),
    (late_fee_removed, "late_fee_wrong"),
    (due_time_later, "due_time_differs"),
    (rental_points_raised, "rental_points_differ"),
    (swapped_late, "swapped_out_of_time"),
    (overdue_for_days, "overdue_rental_not_lost"),
    (eject_unresolved, "eject_left_open"),
]
