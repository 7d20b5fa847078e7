"""Refunds asked for, granted, refused and sent by a crowd: one effect, and the books balance."""

import os
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.domain.refund import Refund, RefundState
from chalicelib.services import outbox
from chalicelib.services.refunds import decisions
from chalicelib.tables import rentals
from infra.local import dynoxide
from tests.builders import CIVIL, account
from tests.desk import Desk
from tests.races import contestants
from tests.races.track import Track, track
from tests.street import REFUSED

CROWD = 100
ROUNDS = int(os.environ.get("RACE_ROUNDS", "20"))
"""On dynoxide. On moto, whose one lock lets nobody past anybody, a tenth of it."""
pytestmark = [pytest.mark.races, pytest.mark.filterwarnings("default::ResourceWarning")]
ENGINES = [
    "moto",
    pytest.param("dynoxide", marks=pytest.mark.skipif(not dynoxide.found(), reason="dynoxide is not here")),
]
SUM = 20_000


@pytest.fixture(scope="module", params=ENGINES)
def racing(request: pytest.FixtureRequest) -> Iterator[Track]:
    rounds = ROUNDS if request.param == "dynoxide" else max(1, ROUNDS // 10)
    with track(request.param, rounds) as made:
        yield made


@pytest.fixture
def desk(racing: Track) -> Desk:
    """A customer and an operator of this test's own."""
    return Desk(racing.street, by=f"finance{racing.street.numbers}")


def orders(desk: Desk, refund: Refund, verb: str) -> dict[str, Any]:
    """One operator's decision."""
    session = desk.operator()
    told = {"user_id": session.user_id, "session_id": session.session_id, "refund_id": refund.refund_id}
    return {"as": verb, **told}


def customers(desk: Desk, verb: str, transaction: str) -> dict[str, Any]:
    session = desk.street.sessions[desk.user]
    told = {"user_id": desk.user, "session_id": session.session_id, "transaction_id": transaction}
    return {"as": verb, "station_sn": CIVIL.sn, **told}


def top_up(desk: Desk) -> str:
    desk.scene.clock.pass_(minutes=1)
    return desk.top_up(SUM)


def test_a_hundred_grants_of_one_refund_have_one_effect(racing: Track, desk: Desk) -> None:
    for _ in range(racing.rounds):
        refund = desk.ask(top_up(desk))
        results, _ = racing.race(contestants.money_verb, [orders(desk, refund, "grant")] * CROWD)
        assert Counter(one.refused for one in results) == {None: 1, "refund_already_decided": CROWD - 1}
        assert (desk.wallet, desk.in_flight()) == (0, SUM)
        end(desk, refund)
    assert balanced(desk)


def balanced(desk: Desk) -> bool:
    """Once what its customer is told has been heard too."""
    desk.street.hear_messages()
    return desk.street.books_balance()


def end(desk: Desk, refund: Refund) -> None:
    """It is sent, once: the lanes' queues are their own, so the sweep brings the message."""
    desk.scene.clock.pass_(minutes=10)
    outbox.sweep(desk.world)
    desk.give_points()
    desk.send()
    assert desk.now(refund).state is RefundState.PROCESSED
    assert [one.refund_id for one in desk.scene.khalti.refunded].count(refund.refund_id) == 1


def test_a_hundred_requests_for_one_payment_leave_one_open(racing: Track, desk: Desk) -> None:
    for _ in range(racing.rounds):
        transaction = top_up(desk)
        results, _ = racing.race(contestants.money_verb, [customers(desk, "ask", transaction)] * CROWD)
        refused = Counter(one.refused for one in results)
        assert (refused.pop(None), set(refused) <= {"refund_open", "busy"}) == (1, True), refused
        made = next(one.gave for one in results if one.refused is None)
        desk.reject(decisions.read(desk.world, made))
    assert balanced(desk)


def test_grants_and_refusals_at_once_decide_once(racing: Track, desk: Desk) -> None:
    for _ in range(racing.rounds):
        refund = desk.ask(top_up(desk))
        both = [orders(desk, refund, verb) for verb in ("grant", "refuse")] * (CROWD // 2)
        results, _ = racing.race(contestants.money_verb, both)
        assert Counter(one.refused for one in results) == {None: 1, "refund_already_decided": CROWD - 1}
        granted = desk.now(refund).state is RefundState.APPROVED
        assert desk.in_flight() == (SUM if granted else 0)
        if granted:
            end(desk, refund)
    assert balanced(desk)


def test_a_refund_and_a_rental_never_spend_the_same_money(racing: Track, desk: Desk) -> None:
    for number in range(racing.rounds):
        user = Desk(racing.street, by=f"{desk.by}.{number}")
        transaction = top_up(user)
        refund = user.ask(transaction)
        user.street.hear_snapshot(CIVIL)
        both = [orders(user, refund, "grant"), customers(user, "start", transaction)] * (CROWD // 2)
        results, _ = racing.race(contestants.money_verb, both)
        refused = Counter(one.refused for one in results)
        held, in_flight = account(user.user).held_paisa, user.in_flight()
        assert (refused[None], held > 0) == (1, in_flight == 0), refused
        assert account(user.user).wallet_paisa + held + in_flight == SUM
        assert set(refused) <= {None, "busy", *(REFUSED_START if in_flight else REFUSED_GRANT)}, refused
        if in_flight:
            end(user, refund)
        else:
            let_go(user)
            user.reject(refund)
    assert balanced(desk)


REFUSED_START = {"refund_already_decided", "insufficient_funds", "station_busy"}
REFUSED_GRANT = {"refund_spent", "refund_points_spent", "rental_open", "station_busy"}


def let_go(desk: Desk) -> None:
    """The cabinet says no: the next round finds its bank again."""
    (rental,) = rentals.newest(desk.user, before=None, limit=1)
    desk.street.hear_eject(CIVIL, rental.powerbank_sn, REFUSED)
    desk.scene.clock.pass_(minutes=11)


def test_a_hundred_hearings_of_one_grant_send_it_once(racing: Track, desk: Desk) -> None:
    for _ in range(racing.rounds):
        refund = desk.ask(top_up(desk))
        desk.approve(refund)
        (body,) = desk.scene.queues.take(outbox.REFUNDS)
        results, _ = racing.race(contestants.money_verb, [{"as": "send", **body}] * CROWD)
        assert Counter(one.gave for one in results) == {True: 1, False: CROWD - 1}
        assert desk.now(refund).state is RefundState.PROCESSED
    assert balanced(desk)
