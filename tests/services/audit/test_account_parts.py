"""An account with a long history is judged part by part, from checkpoints inside it, and whole."""

from collections.abc import Iterator

import pytest

from chalicelib.services import outbox
from chalicelib.services.audit import account_part, audit_runs, segment_walks
from chalicelib.services.audit.account_part import AccountPart, parts_of
from chalicelib.services.audit.account_reads import load
from chalicelib.tables.audits import AuditWalkRow
from chalicelib.tables.postings import PostingRow
from chalicelib.tables.rentals import RentalRow
from tests.services.audit.long_history import customer_with_history
from tests.services.audit.test_segment_walks import Minutes
from tests.world.network import Network

POSTINGS = 66


@pytest.fixture
def short_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(account_part, "PART_POSTINGS", 10)


@pytest.fixture
def user(network: Network, short_parts: None) -> str:
    return customer_with_history(network, POSTINGS)


def parts(user_id: str) -> list[AccountPart]:
    return parts_of((user_id, sum(1 for _ in PostingRow.query(user_id))))


def positions_of_an_audit(network: Network) -> Iterator[str]:
    """The positions of the walks through the accounts, after each of many short runs of one audit."""
    audit_runs.start_nightly(network.world)
    while audit_runs.latest().running is not None:
        segment_walks.run(network.world, Minutes(2), workers=1)
        yield from [str(row.position) for row in AuditWalkRow.scan() if row.name.startswith("accounts#")]


def test_the_parts_of_an_account_hold_each_row_once(user: str, network: Network) -> None:
    cases = [case for part in parts(user) if (case := load(network.world, part)) is not None]
    assert len(cases) >= 6
    for rows in ("rentals", "intents"):
        held = [row for case in cases for row in getattr(case, rows)]
        assert len(held) == len(set(held)) > 8
        assert all(len(getattr(case, rows)) < len(held) / 2 for case in cases)
    assert all(len(case.ledger.refs) < POSTINGS / 2 for case in cases)
    assert len({(case.ledger.count, case.ledger.hash, case.sums.ended_count) for case in cases}) == 1


def test_an_account_with_few_postings_has_one_part() -> None:
    for count in (0, 1, account_part.PART_POSTINGS):
        assert parts_of(("user", count)) == [AccountPart("user")]
    assert len(parts_of(("user", account_part.PART_POSTINGS + 1))) == 2


def test_an_audit_goes_on_inside_an_account(user: str, network: Network) -> None:
    damaged, *_ = RentalRow.query(user, scan_index_forward=False)
    damaged.update([RentalRow.wallet_paid_paisa.set(7)])
    positions = set(positions_of_an_audit(network))
    inside = [position for position in positions if position[:1].isdigit()]
    assert len(inside) >= len(parts(user)) // 2
    found = [(one.rule, one.row) for one in audit_runs.latest().violations if one.rule != "message_left_open"]
    assert found == [("rental_paid_differs", damaged.rental_id)]


def test_an_account_that_grows_between_two_runs_is_judged_from_its_start(user: str, network: Network) -> None:
    """Its parts are others now. What was judged is judged again, and nothing is left out."""
    before = parts(user)
    audit_runs.start_nightly(network.world)
    segment_walks.run(network.world, Minutes(2), workers=1)
    for _ in range(5):
        network.pay_topup(user, network.open_topup(user))
        network.fake_world.queues.take(outbox.POINTS)
    assert len(parts(user)) > len(before)
    while audit_runs.latest().running is not None:
        segment_walks.run(network.world, Minutes(2), workers=1)
    # the messages of the long pause are nothing about the account
    assert {one.rule for one in audit_runs.latest().violations} <= {"message_left_open"}
