"""What is known of refunds later, and of what was paid, without anybody reading through a history."""

from collections.abc import Callable

import pytest

from chalicelib.domain.ledger import PostingKind
from chalicelib.domain.payment_gateway import Repaid, Repayment
from chalicelib.domain.problems import Problem
from chalicelib.domain.refund import RefundState, Way
from chalicelib.domain.refund_totals import Parts
from chalicelib.domain.topup import Intent
from chalicelib.services.refunds import decisions
from chalicelib.services.rentals import ejects
from chalicelib.services.wallet import transactions
from chalicelib.tables import intents
from chalicelib.tables.dynamodb import fetch
from tests.counting import counted
from tests.desk import SUM, Desk

DONE, UNKNOWN = Repayment(Repaid.DONE, "theirs"), Repayment(Repaid.UNKNOWN)
REFUSED = Repayment(Repaid.REFUSED, reason="too_late")


def status_of(desk: Desk, transaction: str) -> str:
    page, _ = transactions.transactions(desk.world, desk.caller(), limit=100, before=None, wanted=lambda _: True)
    return next(line.status for line in page if desk.name(line.posting) == transaction)


def part_given_back(desk: Desk) -> str:
    """A top-up of which some was spent and the rest is with the customer again. Returns it."""
    transaction = desk.top_up(20_000)
    desk.spend()
    desk.gift(100)
    desk.approve(desk.ask(transaction))
    desk.send()
    desk.top_up(100_000)
    return transaction


def test_a_payment_that_goes_back_in_parts_says_so_once_the_last_has_arrived(desk: Desk) -> None:
    transaction = part_given_back(desk)
    assert status_of(desk, transaction) == "success"
    rest = desk.ask(transaction)
    desk.scene.khalti.repayment = UNKNOWN
    desk.approve(rest)
    desk.send()
    assert status_of(desk, transaction) == "success"
    desk.scene.khalti.repayment = DONE
    desk.hours_pass(1)
    assert status_of(desk, transaction) == "refunded"
    assert desk.street.books_balance()


def test_a_rentals_payment_that_went_back_says_so_at_once(desk: Desk) -> None:
    desk.top_up(2_000)
    _, payment = desk.rental_that_failed_all_the_same()
    refund = desk.ask(payment)
    assert status_of(desk, payment) == "success"
    desk.approve(refund)
    assert status_of(desk, payment) == "refunded"


def much_happened(desk: Desk) -> None:
    desk.top_up(2_000)
    _, payment = desk.rental_that_failed_all_the_same()
    desk.approve(desk.ask(payment))
    desk.kiosk_is_free()
    part_given_back(desk)


def test_lines_of_one_type_are_those_of_all_that_have_it(desk: Desk) -> None:
    much_happened(desk)

    def lines(kind: str | None) -> list[transactions.Line]:
        asked = desk.caller()
        return transactions.transactions(desk.world, asked, limit=50, before=None, wanted=lambda _: True, kind=kind)[
            0
        ]

    everything = lines(None)
    assert {line.kind for line in everything} == {"topup", "rental", "refund"}
    for kind in ("topup", "rental", "refund", "due"):
        assert lines(kind) == [line for line in everything if line.kind == kind]


def test_pages_of_any_length_tell_the_same_lines(desk: Desk) -> None:
    much_happened(desk)
    whole, _ = transactions.transactions(desk.world, desk.caller(), limit=100, before=None, wanted=lambda _: True)
    for limit in (1, 2, 3):
        found: list[transactions.Line] = []
        before: int | None = None
        while True:
            lines, before = transactions.transactions(
                desk.world, desk.caller(), limit=limit, before=before, wanted=lambda _: True
            )
            assert len(lines) <= limit
            found += lines
            if before is None:
                break
        assert found == whole


def test_a_rental_that_was_paid_twice_and_came_to_nothing_gives_both_back_and_no_more(desk: Desk) -> None:
    desk.top_up(20_000)
    rental, first = desk.rental_that_failed_all_the_same()
    ejects.confirm(desk.world, desk.user, rental.rental_id, rental.powerbank_sn, desk.world.now())
    desk.fail_by_hand(rental)
    charged = next(one for one in desk.ledger() if one.kind is PostingKind.CHARGE)
    second = desk.name(charged)
    asked = [desk.ask(first), desk.ask(second)]
    assert sum(one.amount_paisa + one.points * 10 for one in asked) == 2 * rental.package.price_paisa
    for one in asked:
        assert desk.approve(one).state is RefundState.PROCESSED
    now = desk.street.rental(rental)
    assert Parts(now.wallet_paid_paisa, now.points_paid) == Parts(0, 0)
    assert desk.wallet == 20_000
    for transaction in (first, second):
        with pytest.raises(Problem, match="already_refunded"):
            desk.ask(transaction)
    assert desk.street.books_balance()


def intent_of(desk: Desk, transaction: str) -> Intent:
    ref = next(one.ref for one in desk.ledger() if desk.name(one) == transaction)
    key = intents.intent_key(desk.user, ref)
    found = fetch(key)[key]
    assert found is not None
    return found


def granted(desk: Desk, said: Repayment, *, sent: bool = True) -> str:
    transaction = desk.top_up()
    desk.scene.khalti.repayment = said
    desk.approve(desk.ask(transaction))
    if sent:
        desk.send()
    return transaction


def asked_for(desk: Desk) -> str:
    transaction = desk.top_up()
    desk.ask(transaction)
    return transaction


def refused_by_us(desk: Desk) -> str:
    transaction = desk.top_up()
    desk.reject(desk.ask(transaction))
    return transaction


def paid_by_hand(desk: Desk) -> str:
    transaction = desk.top_up()
    desk.approve(desk.ask(transaction), way=Way.BY_HAND, reference="bank 4711")
    return transaction


def part_and_another_asked_for(desk: Desk) -> str:
    transaction = part_given_back(desk)
    desk.ask(transaction)
    return transaction


@pytest.mark.parametrize(
    ("lived", "gave_back"),
    [
        (lambda desk: desk.top_up(), False),
        (asked_for, False),
        (lambda desk: granted(desk, DONE), True),
        (lambda desk: granted(desk, UNKNOWN), True),
        (lambda desk: granted(desk, UNKNOWN, sent=False), False),
        (lambda desk: granted(desk, REFUSED), False),
        (refused_by_us, False),
        (paid_by_hand, False),
        (part_given_back, True),
        (part_and_another_asked_for, True),
    ],
    ids=[
        "never asked", "asked", "arrived", "on its way", "not sent yet", "refused there", "refused by us", "by hand",
        "a part", "a part, and more asked for",
    ],
)  # fmt: skip
def test_whether_we_had_a_gateway_refund_a_top_up_is_told_by_two_rows(
    desk: Desk, lived: Callable[[Desk], str], gave_back: bool
) -> None:
    intent = intent_of(desk, lived(desk))
    others = desk.top_up()
    with counted() as counts:
        assert decisions.gave_back(intent) is gave_back
    assert set(counts.calls) == {"BatchGetItem"}
    assert counts.round_trips <= 2
    assert not decisions.gave_back(intent_of(desk, others))
    assert desk.street.books_balance()


def test_an_intent_knows_the_posting_that_credited_it_and_what_that_earned(desk: Desk) -> None:
    intent = intent_of(desk, desk.top_up())
    credited = next(one for one in desk.ledger() if one.seq == intent.credited_seq)
    assert (credited.kind, credited.ref, intent.points_earned) == (PostingKind.TOPUP, intent.intent_id, SUM // 1_000)
