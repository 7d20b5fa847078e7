"""What payments and refunds show later, without reading a history."""

from collections.abc import Callable

import pytest

from chalicelib.domain.money.ledger import PostingKind
from chalicelib.domain.payments.payment_gateway import GatewayRefundState, RefundStatus
from chalicelib.domain.payments.refund import RefundMethod, RefundState
from chalicelib.domain.payments.refund_totals import RefundAmount
from chalicelib.domain.payments.topup_intent import Intent
from chalicelib.domain.problems.problems import Problem
from chalicelib.services.refunds import decisions
from chalicelib.services.rentals import eject_confirmations
from chalicelib.services.rentals.eject_confirmations import OutOfSlotReport
from chalicelib.services.wallet import transactions
from chalicelib.tables import intents
from chalicelib.tables.dynamodb import fetch_one
from tests.engines.counting import counted
from tests.scenarios.refund_scenario import SUM, RefundScenario
from tests.world.builders import LABIM

DONE, UNKNOWN = RefundStatus(GatewayRefundState.DONE, "theirs"), RefundStatus(GatewayRefundState.UNKNOWN)
REFUSED = RefundStatus(GatewayRefundState.REFUSED, reason="too_late")


def status_of(scenario: RefundScenario, transaction: str) -> str:
    page, _ = transactions.transactions(scenario.caller(), limit=100, before=None, matches=lambda _: True)
    return next(line.status for line in page if scenario.name(line.posting) == transaction)


def partial_refund(scenario: RefundScenario) -> str:
    """A top-up whose unspent part was refunded. Returns its transaction id."""
    transaction = scenario.top_up(20_000)
    scenario.spend_and_return()
    scenario.award_points(100)
    scenario.approve(scenario.request_refund(transaction))
    scenario.send()
    scenario.top_up(100_000)
    return transaction


def test_a_payment_shows_refunded_once_its_last_part_is_paid(scenario: RefundScenario) -> None:
    transaction = partial_refund(scenario)
    assert status_of(scenario, transaction) == "success"
    rest = scenario.request_refund(transaction)
    scenario.fake_world.khalti.refund_status = UNKNOWN
    scenario.approve(rest)
    scenario.send()
    assert status_of(scenario, transaction) == "success"
    scenario.fake_world.khalti.refund_status = DONE
    scenario.advance_hours(1)
    assert status_of(scenario, transaction) == "refunded"
    assert scenario.network.books_balance()


def test_a_rentals_payment_shows_refunded_at_once(scenario: RefundScenario) -> None:
    scenario.top_up(2_000)
    _, payment = scenario.paid_rental_marked_failed()
    refund = scenario.request_refund(payment)
    assert status_of(scenario, payment) == "success"
    scenario.approve(refund)
    assert status_of(scenario, payment) == "refunded"


def many_refunds(scenario: RefundScenario) -> None:
    scenario.top_up(2_000)
    _, payment = scenario.paid_rental_marked_failed()
    scenario.approve(scenario.request_refund(payment))
    scenario.station_becomes_free()
    scenario.network.report_snapshot(LABIM)
    partial_refund(scenario)


def test_a_filter_by_type_gives_exactly_its_lines(scenario: RefundScenario) -> None:
    many_refunds(scenario)

    def lines(kind: str | None) -> list[transactions.TransactionLine]:
        caller = scenario.caller()
        return transactions.transactions(caller, limit=50, before=None, matches=lambda _: True, kind=kind)[0]

    everything = lines(None)
    assert {line.kind for line in everything} == {"topup", "rental", "refund"}
    for kind in ("topup", "rental", "refund", "due"):
        assert lines(kind) == [line for line in everything if line.kind == kind]


def test_pages_of_any_length_give_the_same_lines(scenario: RefundScenario) -> None:
    many_refunds(scenario)
    whole, _ = transactions.transactions(scenario.caller(), limit=100, before=None, matches=lambda _: True)
    for limit in (1, 2, 3):
        match: list[transactions.TransactionLine] = []
        before: int | None = None
        while True:
            lines, before = transactions.transactions(
                scenario.caller(), limit=limit, before=before, matches=lambda _: True
            )
            assert len(lines) <= limit
            match += lines
            if before is None:
                break
        assert match == whole


def test_a_failed_rental_paid_twice_refunds_both_and_no_more(
    scenario: RefundScenario,
) -> None:
    scenario.top_up(20_000)
    rental, first = scenario.paid_rental_marked_failed()
    report = OutOfSlotReport(rental.station.sn, scenario.world.now(), answered=False)
    eject_confirmations.confirm(scenario.world, scenario.network.bank(rental.powerbank_sn), report)
    scenario.mark_failed(rental)
    charged = next(posting for posting in scenario.ledger() if posting.kind is PostingKind.CHARGE)
    second = scenario.name(charged)
    refunds = [scenario.request_refund(first), scenario.request_refund(second)]
    assert sum(refund.amount_paisa + refund.points * 10 for refund in refunds) == 2 * rental.package.price_paisa
    for refund in refunds:
        assert scenario.approve(refund).state is RefundState.PROCESSED
    now = scenario.network.rental(rental)
    assert RefundAmount(now.wallet_paid_paisa, now.points_paid) == RefundAmount(0, 0)
    assert scenario.wallet == 20_000
    for transaction in (first, second):
        with pytest.raises(Problem, match="already_refunded"):
            scenario.request_refund(transaction)
    assert scenario.network.books_balance()


def intent_of(scenario: RefundScenario, transaction: str) -> Intent:
    ref = next(posting.ref for posting in scenario.ledger() if scenario.name(posting) == transaction)
    intent = fetch_one(intents.intent_key(scenario.user, ref))
    assert intent is not None
    return intent


def approved_refund(scenario: RefundScenario, refund_status: RefundStatus, *, sent: bool = True) -> str:
    transaction = scenario.top_up()
    scenario.fake_world.khalti.refund_status = refund_status
    scenario.approve(scenario.request_refund(transaction))
    if sent:
        scenario.send()
    return transaction


def requested_refund(scenario: RefundScenario) -> str:
    transaction = scenario.top_up()
    scenario.request_refund(transaction)
    return transaction


def refused_by_us(scenario: RefundScenario) -> str:
    transaction = scenario.top_up()
    scenario.reject(scenario.request_refund(transaction))
    return transaction


def paid_by_hand(scenario: RefundScenario) -> str:
    transaction = scenario.top_up()
    scenario.approve(scenario.request_refund(transaction), method=RefundMethod.BY_HAND, reference="bank 4711")
    return transaction


def partial_refund_and_second_request(scenario: RefundScenario) -> str:
    transaction = partial_refund(scenario)
    scenario.request_refund(transaction)
    return transaction


@pytest.mark.parametrize(
    ("history", "is_refunded"),
    [
        (lambda scenario: scenario.top_up(), False),
        (requested_refund, False),
        (lambda scenario: approved_refund(scenario, DONE), True),
        (lambda scenario: approved_refund(scenario, UNKNOWN), True),
        (lambda scenario: approved_refund(scenario, UNKNOWN, sent=False), False),
        (lambda scenario: approved_refund(scenario, REFUSED), False),
        (refused_by_us, False),
        (paid_by_hand, False),
        (partial_refund, True),
        (partial_refund_and_second_request, True),
    ],
    ids=[
        "never asked", "asked", "arrived", "on its way", "not sent yet", "refused there", "refused by us", "by hand",
        "a part", "a part, and more asked for",
    ],
)  # fmt: skip
def test_two_reads_show_whether_we_sent_a_refund_of_a_top_up(
    scenario: RefundScenario, history: Callable[[RefundScenario], str], is_refunded: bool
) -> None:
    intent = intent_of(scenario, history(scenario))
    others = scenario.top_up()
    with counted() as counts:
        assert decisions.has_been_refunded(intent) is is_refunded
    assert set(counts.calls) == {"BatchGetItem"}
    assert counts.round_trips <= 2
    assert not decisions.has_been_refunded(intent_of(scenario, others))
    assert scenario.network.books_balance()


def test_an_intent_stores_its_posting_and_its_points(scenario: RefundScenario) -> None:
    intent = intent_of(scenario, scenario.top_up())
    credited = next(posting for posting in scenario.ledger() if posting.seq == intent.credited_seq)
    assert (credited.kind, credited.ref, intent.points_earned) == (PostingKind.TOPUP, intent.intent_id, SUM // 1_000)
