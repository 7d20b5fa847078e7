"""Many participants request, approve, reject and send a refund: it has one effect, and the books balance."""

import os
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.domain.payments.refund import Refund, RefundState
from chalicelib.services import outbox
from chalicelib.services.refunds import decisions
from chalicelib.tables import rentals
from tests.races import race_clients
from tests.races.race_runner import ENGINES, RACES, RaceRunner, race_runner
from tests.scenarios.refund_scenario import RefundScenario
from tests.world.builders import CIVIL, account
from tests.world.network import EJECTED

PARTICIPANTS = 100
ROUNDS = int(os.environ.get("RACE_ROUNDS", "20"))
"""On dynoxide. On moto, where one lock runs all requests in turn, a tenth of it."""
pytestmark = RACES
SUM = 20_000


@pytest.fixture(scope="module", params=ENGINES)
def racing(request: pytest.FixtureRequest) -> Iterator[RaceRunner]:
    rounds = ROUNDS if request.param == "dynoxide" else max(1, ROUNDS // 10)
    with race_runner(request.param, rounds) as created:
        yield created


@pytest.fixture
def scenario(racing: RaceRunner) -> RefundScenario:
    """A customer and an operator of this test's own."""
    return RefundScenario(racing.network, deciding_operator=f"finance{racing.network.numbers}")


def orders(scenario: RefundScenario, refund: Refund, verb: str) -> dict[str, Any]:
    """One operator's decision."""
    session = scenario.operator()
    content = {"user_id": session.user_id, "session_id": session.session_id, "refund_id": refund.refund_id}
    return {"as": verb, **content}


def customers(scenario: RefundScenario, verb: str, transaction: str) -> dict[str, Any]:
    session = scenario.network.sessions[scenario.user]
    content = {"user_id": scenario.user, "session_id": session.session_id, "transaction_id": transaction}
    return {"as": verb, "station_sn": CIVIL.sn, **content}


def top_up(scenario: RefundScenario) -> str:
    scenario.fake_world.clock.advance(minutes=1)
    return scenario.top_up(SUM)


def test_a_hundred_approvals_of_one_refund_have_one_effect(racing: RaceRunner, scenario: RefundScenario) -> None:
    for _ in range(racing.rounds):
        refund = scenario.request_refund(top_up(scenario))
        results, _ = racing.race(race_clients.run_verb, [orders(scenario, refund, "approve")] * PARTICIPANTS)
        assert Counter(result.problem_code for result in results) == {
            None: 1,
            "refund_already_decided": PARTICIPANTS - 1,
        }
        assert (scenario.wallet, scenario.in_flight()) == (0, SUM)
        end(scenario, refund)
    assert balanced(scenario)


def balanced(scenario: RefundScenario) -> bool:
    """After the customer's notifications are delivered too."""
    scenario.network.deliver_messages()
    return scenario.network.books_balance()


def end(scenario: RefundScenario, refund: Refund) -> None:
    """The refund is sent once. Each worker has fake queues of its own, so sweeps publish the message.

    One sweep sends a limited number, and the rounds before have left messages too.
    """
    scenario.fake_world.clock.advance(minutes=10)
    while outbox.sweep(scenario.world):
        pass
    scenario.give_points()
    scenario.send()
    assert scenario.now(refund).state is RefundState.PROCESSED
    assert [request.refund_id for request in scenario.fake_world.khalti.refunded].count(refund.refund_id) == 1


def test_a_hundred_requests_for_one_payment_leave_one_open(racing: RaceRunner, scenario: RefundScenario) -> None:
    for _ in range(racing.rounds):
        transaction = top_up(scenario)
        results, _ = racing.race(race_clients.run_verb, [customers(scenario, "request", transaction)] * PARTICIPANTS)
        refused = Counter(result.problem_code for result in results)
        assert (refused.pop(None), set(refused) <= {"refund_open", "busy"}) == (1, True), refused
        refund_id = next(result.value for result in results if result.problem_code is None)
        scenario.reject(decisions.read(refund_id))
    assert balanced(scenario)


def test_approvals_and_rejections_at_once_decide_once(racing: RaceRunner, scenario: RefundScenario) -> None:
    for _ in range(racing.rounds):
        refund = scenario.request_refund(top_up(scenario))
        both = [orders(scenario, refund, verb) for verb in ("approve", "reject")] * (PARTICIPANTS // 2)
        results, _ = racing.race(race_clients.run_verb, both)
        assert Counter(result.problem_code for result in results) == {
            None: 1,
            "refund_already_decided": PARTICIPANTS - 1,
        }
        approved = scenario.now(refund).state is RefundState.APPROVED
        assert scenario.in_flight() == (SUM if approved else 0)
        if approved:
            end(scenario, refund)
    assert balanced(scenario)


def test_a_refund_and_a_rental_never_spend_the_same_money(racing: RaceRunner, scenario: RefundScenario) -> None:
    for number in range(racing.rounds):
        user = RefundScenario(racing.network, deciding_operator=f"{scenario.deciding_operator}.{number}")
        transaction = top_up(user)
        refund = user.request_refund(transaction)
        user.network.report_snapshot(CIVIL)
        both = [orders(user, refund, "approve"), customers(user, "start", transaction)] * (PARTICIPANTS // 2)
        results, _ = racing.race(race_clients.run_verb, both)
        refused = Counter(result.problem_code for result in results)
        held, in_flight = account(user.user).held_paisa, user.in_flight()
        assert (refused[None], held > 0) == (1, in_flight == 0), refused
        assert account(user.user).wallet_paisa + held + in_flight == SUM
        assert set(refused) <= {None, "busy", *(REFUSED_START if in_flight else REFUSED_APPROVAL)}, refused
        if in_flight:
            end(user, refund)
        else:
            bring_back(user)
            user.reject(refund)
    assert balanced(scenario)


REFUSED_START = {"refund_already_decided", "insufficient_funds", "station_busy"}
REFUSED_APPROVAL = {"refund_spent", "refund_points_spent", "rental_open", "station_busy"}


def bring_back(scenario: RefundScenario) -> None:
    """The power bank comes out and back, so the next round finds it in a slot that was not set aside."""
    (rental,) = rentals.newest(scenario.user, before=None, limit=1)
    slot_number = int(scenario.network.bank(rental.powerbank_sn).slot_number or 0)
    scenario.network.report_eject(CIVIL, rental.powerbank_sn, EJECTED)
    scenario.fake_world.clock.advance(minutes=11)
    scenario.network.report_return(CIVIL, rental.powerbank_sn, slot_number)


def test_a_hundred_deliveries_of_one_approval_send_it_once(racing: RaceRunner, scenario: RefundScenario) -> None:
    for _ in range(racing.rounds):
        refund = scenario.request_refund(top_up(scenario))
        scenario.approve(refund)
        (body,) = scenario.fake_world.queues.take(outbox.REFUNDS)
        results, _ = racing.race(race_clients.run_verb, [{"as": "send", **body}] * PARTICIPANTS)
        assert Counter(result.value for result in results) == {True: 1, False: PARTICIPANTS - 1}
        assert scenario.now(refund).state is RefundState.PROCESSED
    assert balanced(scenario)
