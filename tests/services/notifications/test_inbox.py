"""What users are told: once, with what happened, in their language, and unread until they have seen it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from string import Formatter
from typing import Any

import pytest

from chalicelib.domain.ids import ulid
from chalicelib.domain.notification import LIVES, Notification
from chalicelib.domain.notification_templates import TELLINGS, Kind
from chalicelib.domain.payment_gateway import Outcome, Paid
from chalicelib.domain.problems import Problem
from chalicelib.services import outbox
from chalicelib.services.notifications import inbox
from chalicelib.services.notifications.inbox import Page
from chalicelib.services.topups import crediting, intents
from chalicelib.tables import notifications as rows
from chalicelib.tables.atomic import Ops, atomic
from chalicelib.tables.dynamodb import shared
from tests.builders import sign_in
from tests.street import Street

NEWS = {"amount_paisa": 12_050, "intent_id": "i1"}


def tell(street: Street, user: str) -> str:
    """Told now; the id."""

    def decide(ops: Ops) -> None:
        inbox.tell(ops, street.world, user, Kind.TOPUP_CREDITED, NEWS)

    atomic(street.world, decide)
    return rows.newest(user, before=None, limit=1)[0].notification_id


def page(street: Street, user: str) -> Page:
    caller = street.sessions[user].caller(street.world, *inbox.keys_of(user))
    return inbox.listing(street.world, caller, limit=100, before=None, wanted=lambda *_: True)


def unread(street: Street, user: str) -> set[str]:
    """By the rows; the count must agree."""
    shown = page(street, user)
    found = {one.notification_id for one in shown.notifications if not one.is_read(shown.read_until)}
    assert shown.unread_count == len(found)
    return found


def mark_all(street: Street, user: str) -> int:
    return inbox.mark_all_read(street.world, street.sessions[user].caller(street.world))


@pytest.fixture
def user(street: Street) -> str:
    return street.customer(wallet_paisa=0)


def test_the_unread_are_counted_as_they_are_told_read_and_deleted(street: Street, user: str) -> None:
    first, second, third = (tell(street, user) for _ in range(3))
    caller = street.sessions[user].caller(street.world)
    assert unread(street, user) == {first, second, third}
    inbox.mark_read(street.world, caller, first)
    inbox.mark_read(street.world, caller, first)
    inbox.delete(street.world, caller, second)
    assert unread(street, user) == {third}
    with pytest.raises(Problem, match="not_found"):
        inbox.delete(street.world, caller, second)
    with pytest.raises(Problem, match="not_found"):
        inbox.mark_read(street.world, caller, second)
    assert unread(street, user) == {third}


def test_all_are_read_old_and_new_and_again(street: Street, user: str) -> None:
    for _ in range(3):
        tell(street, user)
        street.scene.clock.pass_(seconds=40)
    assert len(unread(street, user)) == 3
    assert mark_all(street, user) == 0
    assert mark_all(street, user) == 0
    assert unread(street, user) == set()
    later = tell(street, user)
    assert unread(street, user) == {later}


def test_what_arrives_while_all_are_marked_stays_unread(street: Street, user: str) -> None:
    """One is told between what is seen and what is marked; another was given its id before, and lands only now."""
    seen = tell(street, user)
    street.scene.clock.pass_(seconds=10)
    late = ulid(street.world.now() - timedelta(seconds=5), bytes(10))
    arrived: set[str] = set()

    def two_arrive(**_: Any) -> None:
        if not arrived:
            told = Notification(user, late, Kind.TOPUP_CREDITED, NEWS, street.world.now(), unread_id=late)
            arrived.add(late)
            atomic(street.world, lambda ops: rows.add(ops, told))
            arrived.add(tell(street, user))

    with after_each_query(two_arrive):
        assert mark_all(street, user) == 2
    assert seen not in arrived
    assert unread(street, user) == arrived


@contextmanager
def after_each_query(do: Callable[..., None]) -> Iterator[None]:
    """Something happens once a query is answered, before anybody acts on it."""
    events = shared().client.meta.events
    events.register("after-call.dynamodb.Query", do)
    try:
        yield
    finally:
        events.unregister("after-call.dynamodb.Query", do)


def test_a_mark_never_goes_back(street: Street, user: str) -> None:
    first = tell(street, user)
    street.scene.clock.pass_(hours=1)
    mark_all(street, user)
    rows.read_until(user, first)
    assert unread(street, user) == set()


def test_half_a_year_later_nothing_is_left_of_it_removed_or_not(street: Street, user: str) -> None:
    old = tell(street, user)
    street.scene.clock.pass_(days=LIVES.days, hours=-1)
    young = tell(street, user)
    street.sessions[user] = sign_in(street.world, user)
    assert unread(street, user) == {old, young}
    street.scene.clock.pass_(hours=2)
    assert unread(street, user) == {young}
    caller = street.sessions[user].caller(street.world)
    for verb in (inbox.mark_read, inbox.delete):
        with pytest.raises(Problem, match="not_found"):
            verb(street.world, caller, old)


def test_nobody_reads_or_deletes_what_another_was_told(street: Street, user: str) -> None:
    told, stranger = tell(street, user), street.sessions[street.customer()].caller(street.world)
    for verb in (inbox.mark_read, inbox.delete):
        with pytest.raises(Problem, match="not_found"):
            verb(street.world, stranger, told)
    assert unread(street, user) == {told}


def test_a_credit_tells_once_however_often_it_is_heard(street: Street, user: str) -> None:
    caller = street.sessions[user].caller(street.world)
    intent, _ = intents.open_intent(street.world, caller, amount_paisa=12_050, method="khalti", return_url=None)
    street.scene.khalti.outcome = Outcome(Paid.PAID, "theirs", 12_050)
    for _ in range(3):
        crediting.hear_news(street.world, user, intent.intent_id)
    (told,) = page(street, user).notifications
    assert told.words("en").message == "Rs. 120.50 has been added to your wallet."
    assert "120.50" in told.words("ne").message
    assert street.scene.queues.take(outbox.PUSH) == []


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_speaks_both_languages_of_the_same_things(kind: Kind) -> None:
    telling = TELLINGS[kind]
    for english, nepali in zip(telling.en, telling.ne, strict=True):
        assert english.isascii()
        assert not nepali.isascii()
        assert named(english) == named(nepali)


def named(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}
