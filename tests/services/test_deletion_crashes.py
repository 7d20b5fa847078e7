"""Whoever dies while an account is being deleted, at whichever call to the outside, leaves nothing half done."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from chalicelib.domain.problems import Problem
from chalicelib.domain.user import Status
from chalicelib.services import deletion, messages
from chalicelib.tables.intents import IntentRow
from chalicelib.tables.store import shared
from chalicelib.world import World
from infra.local import seed
from tests.builders import account
from tests.leaver import Leaver, leaver, settle, traces_of
from tests.street import Street


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
        messages.sweep(world)
        for body in street.scene.queues.take(messages.ERASURE):
            deletion.hear(world, body)


def test_dying_anywhere_leaves_nothing_of_the_person_and_the_books_right(street: Street) -> None:
    counting = Fate()
    gone = [leaver(street, wallet_paisa=1_000)]
    with under(counting, street.world) as world:
        whole_course(gone[0], world)
    assert traces_of(gone[0]) == []
    assert counting.calls > 50
    for at in range(1, counting.calls + 1):
        one = leaver(street, wallet_paisa=1_000)
        fate = Fate(at)
        try:
            with under(fate, street.world) as world:
                whole_course(one, world)
        except Died:
            pass
        assert fate.calls >= at, at
        come_back(one)
        gone.append(one)
        assert account(one.user_id).status is Status.DELETED, at
        assert account(one.user_id).wallet_paisa == 0, at
        assert one.files == [], at
        nothing_to_look_at()
    assert traces_of(*gone) == []
    for one in gone:
        again = seed.add_customer(street.world, one.phone, one.canaries["username"])
        assert account(again).points == 0
    assert street.books_balance()


def come_back(one: Leaver) -> None:
    """The customer tries again if nothing has happened; the clocks run on."""
    if account(one.user_id).status is Status.ACTIVE:
        one.delete()
    settle(one.street)
    try:
        one.delete()
    except Problem as problem:
        assert problem.code == "session_ended"  # noqa: PT017  the other branch is none
    else:
        raise AssertionError("deleted twice")


def nothing_to_look_at() -> None:
    """What each leaver's cancelled top-up would have every later sweep do."""
    for row in IntentRow.scan():
        if row.look_at is not None:
            row.delete()
