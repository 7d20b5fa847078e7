"""What goes back when a rental whose power bank was never out ends."""

from chalicelib.domain import ledger_entries
from chalicelib.domain.ledger import Entry, PostingKind


def changes(entry: Entry) -> dict[str, int]:
    return {leg.account: leg.amount for leg in entry.legs}


def test_a_due_that_was_paid_goes_back_from_the_revenue_of_dues() -> None:
    entry = ledger_entries.charge_undone(PostingKind.PAY_DUE, paisa=700, points=0, due_paisa=0)
    assert changes(entry) == {"wallet": 700, "revenue:due": -700}


def test_an_unpaid_due_ends_and_no_money_moves() -> None:
    entry = ledger_entries.charge_undone(PostingKind.CHARGE, paisa=0, points=0, due_paisa=700)
    assert changes(entry) == {"due": -700, "receivable:due": 700}
