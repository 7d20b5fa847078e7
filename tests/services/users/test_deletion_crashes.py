"""Whoever dies while an account is being deleted, at whichever call to the outside, leaves nothing half done."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pytest

from chalicelib.domain.account import Status
from chalicelib.domain.problems import Problem
from chalicelib.services import outbox
from chalicelib.services.users import deletion
from chalicelib.tables.dynamodb import shared
from chalicelib.world import World
from infra.local import seed
from tests.builders import account
from tests.leaver import Leaver, leaver, settle, traces_of
from tests.real_tables import kept_rows
from tests.street import Street

pytestmark = pytest.mark.long

PARTS = 4
"""The calls to die at, dealt out, so that several workers may see to them."""


class Died(BaseException):
    """The process is no more: nothing that catches mistakes catches this."""


@dataclass
class Fate:
    """Counts every call to the outside; dies before the one numbered `at`.

    Dying after a call took effect is dying before the next: nothing else happens in between.
    """

    at: int | None = None
    calls: int = 0

    def call(self, *_: Any, **__: Any) -> None:
        self.calls += 1
        if self.calls == self.at:
            raise Died


@dataclass
class Perilous:
    """A neighbour behind the fate: every verb of it counts."""

    neighbour: Any
    fate: Fate

    def __getattr__(self, name: str) -> Callable[..., Any]:
        verb = getattr(self.neighbour, name)

        def counted(*args: Any, **named: Any) -> Any:
            self.fate.call()
            return verb(*args, **named)

        return counted


@contextmanager
def under(fate: Fate, world: World) -> Iterator[World]:
    """The world and its tables, every call of which may be the last."""
    events = shared().client.meta.events
    events.register("before-call.dynamodb", fate.call)
    try:
        yield replace(world, media=Perilous(world.media, fate), queues=Perilous(world.queues, fate))
    finally:
        events.unregister("before-call.dynamodb", fate.call)


def whole_course(one: Leaver, world: World) -> None:
    """The request, and all that comes of it until the last file is forgotten."""
    one.delete(world)
    street = one.street
    for _ in range(3):
        street.scene.clock.pass_(minutes=2)
        outbox.sweep(world)
        for body in street.scene.queues.take(outbox.ERASURE):
            deletion.hear(world, body)


@dataclass
class Moment:
    """Everything there is, to come back to."""

    street: Street
    put_rows_back: Callable[[], None]
    files: dict[str, bytes]
    places: dict[str, Any]
    at: datetime

    @classmethod
    def now(cls, street: Street) -> "Moment":
        media = street.scene.media
        return cls(street, kept_rows(), dict(media.kept), dict(media.places), street.world.now())

    def come_back(self) -> None:
        self.put_rows_back()
        scene = self.street.scene
        scene.media.kept.update(self.files)
        scene.media.places.update(self.places)
        scene.queues.sent.clear()
        scene.clock.at = self.at


@pytest.mark.parametrize("part", range(PARTS))
def test_dying_anywhere_leaves_nothing_of_the_person_and_the_books_right(street: Street, part: int) -> None:
    one = leaver(street)
    moment, counting = Moment.now(street), Fate()
    with under(counting, street.world) as world:
        whole_course(one, world)
    assert traces_of(one) == []
    assert counting.calls > 50
    for at in range(1 + part, counting.calls + 1, PARTS):
        moment.come_back()
        assert one.files
        with under(Fate(at), street.world) as world, pytest.raises(Died):
            whole_course(one, world)
        try_again(one)
        assert traces_of(one) == [], at
        gone = account(one.user_id)
        assert (gone.status, gone.wallet_paisa, gone.points) == (Status.DELETED, 0, 0), at
        again = seed.add_customer(street.world, one.phone, one.canaries["username"])
        assert account(again).points == 0, at
        assert street.books_balance(), at


def try_again(one: Leaver) -> None:
    """The customer tries again if nothing has happened; the clocks run on."""
    if account(one.user_id).status is Status.ACTIVE:
        one.delete()
    settle(one.street)
    with pytest.raises(Problem, match="session_ended"):
        one.delete()
