"""Runs queues and sweeps until nothing is left to do."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from chalicelib.services import outbox
from chalicelib.services.notifications import broadcast_push, push
from chalicelib.services.topups import crediting
from chalicelib.services.users import deletion
from chalicelib.tables.outbox import OutboxRow
from tests.world.network import Network


def run_until_quiet(network: Network) -> None:
    """Advance minutes, send what waits in the outbox and apply its effects, until nothing is left."""
    world = network.world
    consumers: dict[str, Callable[[dict[str, Any]], object]] = {
        outbox.ERASURE: lambda body: deletion.handle_message(world, body),
        outbox.PUSH: lambda body: push.deliver(world, body),
        outbox.BROADCASTS: lambda body: broadcast_push.deliver(world, body),
    }
    for minutes in (2, 2, 4, 8, 16, 32, 64, 64):
        network.fake_world.clock.advance(minutes=minutes)
        outbox.sweep(world)
        crediting.sweep(world)
        for queue, listen in consumers.items():
            for body in network.fake_world.queues.take(queue):
                with suppress(Exception):  # a queue delivers a failed message again
                    listen(body)
        network.deliver_messages()
        # Messages about returned rentals stay: `Network.complete_rentals` handles them.
        if all(row.message_id.startswith(("returned:", "paid:")) for row in OutboxRow.scan()):
            return
    raise AssertionError("never quiet")
