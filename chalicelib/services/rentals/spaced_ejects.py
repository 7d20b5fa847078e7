"""Sends ejects that must wait until the cabinet may take its next one.

A consumer collects them and sends them after its batch, so that no other message waits. Without a collection an eject
is sent at once, after a pause.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from chalicelib.domain.operations.block_value import set_inside
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_state import RentalState
from chalicelib.services.best_effort import best_effort
from chalicelib.tables import rentals
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.world import World
from chalicelib.world.time_left import has_time

SEND_SECONDS = 9.0
"""The longest that a read and the call of the platform take."""
Send = Callable[[World, Rental], object]


@dataclass
class Collection:
    """Rentals whose ejects wait, each with the function that sends its command."""

    ejects: list[tuple[Rental, Send]] = field(default_factory=list)

    def send(self, world: World) -> None:
        """Send each eject when its time has come, the earliest first. A crash sends none of the others: the sweep
        asks for a snapshot, and nothing is sent twice."""
        for rental, send in sorted(self.ejects, key=lambda eject: eject[0].requested_at):
            _send(world, rental, send)
        self.ejects.clear()


_collection: ContextVar[Collection | None] = ContextVar("spaced_ejects", default=None)


@contextmanager
def collect() -> Iterator[Collection]:
    """Collect the ejects that are ordered inside the block. The caller sends them."""
    collection = Collection()
    with set_inside(_collection, collection):
        yield collection


def send_in_time(world: World, rental: Rental, send: Send) -> None:
    """Send the eject of this rental at `requested_at`, after the commit that ordered it."""
    collection = _collection.get()
    if collection is not None:
        collection.ejects.append((rental, send))
    else:
        _send(world, rental, send)


def _send(world: World, rental: Rental, send: Send) -> None:
    """Send it unless the rental was cancelled, or got back its first power bank, in the meantime.

    While DynamoDB is unavailable, or without time left, nothing is sent: the sweep asks for a snapshot.
    """
    best_effort(lambda: _send_if_current(world, rental, send), "second_eject", rental_id=rental.rental_id)


def _send_if_current(world: World, rental: Rental, send: Send) -> None:
    wait = (rental.requested_at - world.now()).total_seconds()
    if not has_time(max(wait, 0) + SEND_SECONDS):
        return
    if wait > 0:
        world.pause(wait)
    current = fetch_one(rentals.rental_key(rental.user_id, rental.rental_id))
    if current is None or current.state is not RentalState.STARTING or current.powerbank_sn != rental.powerbank_sn:
        return
    send(world, current)
