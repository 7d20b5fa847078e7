"""A statement has a word for every kind of movement there is."""

from datetime import UTC, datetime

import pytest

from chalicelib.domain.ledger import Leg, Posting, PostingKind
from functions.customer.wallet import to_statement_line

TYPES = {"topup", "rental", "extension", "late_fee", "due", "refund", "adjustment", "points"}


@pytest.mark.parametrize("kind", PostingKind)
def test_every_kind_of_posting_has_a_description(kind: PostingKind) -> None:
    legs = (Leg("wallet", "NPR", 100), Leg("elsewhere", "NPR", -100))
    told = to_statement_line(Posting("u", 1, kind, "ref", datetime(2026, 11, 23, tzinfo=UTC), legs, 100, 0, "", ""))
    assert told.type in TYPES
    assert told.description
    assert told.amount == "1.00"
