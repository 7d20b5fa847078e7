"""Notifies customers of what happens to their rentals, in the transaction of the event."""

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_notification import RentalNotification, of_change
from chalicelib.services.notifications import inbox
from chalicelib.tables.atomic import Transaction
from chalicelib.world import World


def notify_change(ops: Transaction, world: World, account: Account, before: Rental, after: Rental) -> None:
    """Stage the notification of the step from `before` to `after`, if it brings one: up to three items."""
    notify(ops, world, account, after, of_change(before, after))


def notify(
    ops: Transaction, world: World, account: Account, rental: Rental, notification: RentalNotification | None
) -> None:
    """Stage a notification about a rental. A deleted account gets none."""
    if notification is not None and not account.deleted:
        data = {"rental_id": rental.rental_id, **notification.values}
        inbox.notify(ops, world, rental.user_id, notification.kind, data)
