"""A crash at any call to the outside during a deletion leaves nothing half done."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pytest

from chalicelib.domain.accounts.account import Status
from chalicelib.domain.problems.problems import Problem
from chalicelib.services import outbox
from chalicelib.services.users import deletion
from chalicelib.tables.dynamodb import shared_connection
from chalicelib.world import World
from infra.local.seeds import seed
from tests.scenarios.customer_to_delete import CustomerToDelete
from tests.scenarios.deletion_scenario import personal_rows_of
from tests.scenarios.personal_history import customer_to_delete
from tests.world.builders import account
from tests.world.network import Network
from tests.world.real_tables import save_rows
from tests.world.run_until_quiet import run_until_quiet

pytestmark = pytest.mark.long

PARTS = 4
"""The calls to crash at, divided so that several workers share them."""


class Died(BaseException):
    """The process ended. No `except Exception` catches this."""


@dataclass
class Fate:
    """Counts every call to the outside, and crashes before the call numbered `at`.

    A crash after a call is the same as a crash before the next one, since nothing happens between them.
    """

    at: int | None = None
    calls: int = 0

    def call(self, *_: Any, **__: Any) -> None:
        self.calls += 1
        if self.calls == self.at:
            raise Died


@dataclass
class Perilous:
    """An external service of which every call counts."""

    odd_server: Any
    fate: Fate

    def __getattr__(self, name: str) -> Callable[..., Any]:
        verb = getattr(self.odd_server, name)

        def counted(*args: Any, **named: Any) -> Any:
            self.fate.call()
            return verb(*args, **named)

        return counted


@contextmanager
def under(fate: Fate, world: World) -> Iterator[World]:
    """The world and its tables. A crash can happen at every call."""
    events = shared_connection().client.meta.events
    events.register("before-call.dynamodb", fate.call)
    try:
        yield replace(world, media=Perilous(world.media, fate), queues=Perilous(world.queues, fate))
    finally:
        events.unregister("before-call.dynamodb", fate.call)


def whole_course(customer: CustomerToDelete, world: World) -> None:
    """The deletion, and its messages until the last file is deleted."""
    customer.delete(world)
    network = customer.network
    for _ in range(3):
        network.fake_world.clock.advance(minutes=2)
        outbox.sweep(world)
        for body in network.fake_world.queues.take(outbox.ERASURE):
            deletion.handle_message(world, body)


@dataclass
class Moment:
    """A copy of all rows and fakes, to restore later."""

    network: Network
    put_rows_back: Callable[[], None]
    files: dict[str, bytes]
    places: dict[str, Any]
    at: datetime

    @classmethod
    def now(cls, network: Network) -> "Moment":
        media = network.fake_world.media
        return cls(network, save_rows(), dict(media.stored), dict(media.places), network.world.now())

    def come_back(self) -> None:
        self.put_rows_back()
        fake_world = self.network.fake_world
        fake_world.media.stored.update(self.files)
        fake_world.media.places.update(self.places)
        fake_world.queues.sent.clear()
        fake_world.clock.at = self.at


@pytest.mark.parametrize("part", range(PARTS))
def test_a_crash_at_any_call_still_erases_everything(network: Network, part: int) -> None:
    customer = customer_to_delete(network)
    moment, counting = Moment.now(network), Fate()
    with under(counting, network.world) as world:
        whole_course(customer, world)
    assert personal_rows_of(customer) == []
    assert counting.calls > 50
    for at in range(1 + part, counting.calls + 1, PARTS):
        moment.come_back()
        assert customer.files
        with under(Fate(at), network.world) as world, pytest.raises(Died):
            whole_course(customer, world)
        try_again(customer)
        assert personal_rows_of(customer) == [], at
        deleted_account = account(customer.user_id)
        assert (deleted_account.status, deleted_account.wallet_paisa, deleted_account.points) == (
            Status.DELETED,
            0,
            0,
        ), at
        again = seed.add_customer(network.world, customer.phone, customer.personal_values["username"])
        assert account(again).points == 0, at
        assert network.books_balance(), at


def try_again(customer: CustomerToDelete) -> None:
    """The customer tries again if nothing happened, and time passes."""
    if account(customer.user_id).status is Status.ACTIVE:
        customer.delete()
    run_until_quiet(customer.network)
    with pytest.raises(Problem, match="session_ended"):
        customer.delete()
