"""Statements: opening plus lines is closing, on each page and for each span."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count, pairwise
from math import ceil, log2

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.money import ledger
from chalicelib.domain.money.ledger import Entry, Leg, Posting, PostingKind, Unbalanced, post
from chalicelib.domain.sessions.session import Session
from chalicelib.domain.text.days import Span
from chalicelib.services.caller import Caller
from chalicelib.services.wallet import posting_at, statements, transactions
from chalicelib.services.wallet.statements import Balance, Statement
from chalicelib.tables import accounts, postings, sessions
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.world import World
from tests.engines.counting import counted
from tests.world.builders import LABIM, SignedIn, account
from tests.world.fake_world import BEGINNING
from tests.world.network import HOUR, PAY_AS_YOU_GO, Network

WAYS: dict[PostingKind, tuple[tuple[str, str], ...]] = {
    PostingKind.TOPUP: (("gateway:khalti", "wallet"),),
    PostingKind.HOLD: (("wallet", "held"), ("points", "held_points")),
    PostingKind.SETTLE: (("held", "revenue:rental"), ("held_points", ledger.LIABILITY_POINTS)),
    PostingKind.RELEASE: (("held", "wallet"), ("held_points", "points")),
    PostingKind.CHARGE: (("wallet", "revenue:rental"), ("points", ledger.LIABILITY_POINTS)),
    PostingKind.LATE_FEE: (("wallet", "revenue:late_fee"), ("points", ledger.LIABILITY_POINTS)),
    PostingKind.DUE: ((ledger.RECEIVABLE_DUE, "due"),),
    PostingKind.PAY_DUE: (("due", ledger.RECEIVABLE_DUE), ("wallet", "revenue:due")),
    PostingKind.POINTS: ((ledger.LIABILITY_POINTS, "points"),),
}
"""The accounts between which each kind moves money and points."""
STEP = st.tuples(
    st.sampled_from(sorted(WAYS)),
    st.integers(0, 5_000),
    st.integers(0, 500),
    st.one_of(
        st.timedeltas(timedelta(seconds=-90), timedelta()),
        st.timedeltas(timedelta(), timedelta(hours=30)),
    ),
)
HISTORY = st.one_of(st.lists(STEP, max_size=5), st.lists(STEP, min_size=15, max_size=40))
RICH = [(PostingKind.TOPUP, 60_000, 0, timedelta(hours=-20)), (PostingKind.POINTS, 0, 6_000, timedelta(hours=6))]
"""First postings, so that there is a balance to move."""
DAYS = st.integers(-2, 25)
NUMBERS = count(1)
"""User numbers: each history has a user of its own."""


def moved(kind: PostingKind, paisa: int, points: int) -> tuple[Leg, ...]:
    amounts = {True: points, False: paisa}
    both: dict[bool, list[tuple[str, int]]] = {True: [], False: []}
    for source, target in WAYS[kind]:
        counts = "points" in source + target
        both[counts] += [(source, -amounts[counts]), (target, amounts[counts])]
    return ledger.legs(paisa=both[False], points=both[True])


def lived(steps: list[tuple[PostingKind, int, int, timedelta]]) -> tuple[Account, list[Posting]]:
    """Post the possible steps. The clock may go back a little between them."""
    item, posted, at = Account(f"u{next(NUMBERS)}"), [], BEGINNING
    for kind, paisa, points, later in steps:
        at += later
        try:
            item, posting = post(item, Entry(kind, moved(kind, paisa, points)), "ref", at)
        except Unbalanced:
            continue
        posted.append(posting)
    return item, posted


@dataclass
class Shelf:
    """A world with ledgers, one of which a test reads."""

    world: World
    holder: Account = field(default_factory=lambda: Account("u"))

    def put(self, holder: Account, posted: list[Posting]) -> None:
        with postings.PostingRow.batch_write() as batch:
            for posting in posted:
                batch.save(postings.posting_row(posting))
        self.holder = holder

    def caller(self) -> Caller:
        signed = SignedIn("u", "s").caller(self.world)
        return replace(signed, account=self.holder)

    def pages(self, span: Span, limit: int) -> Iterator[Statement]:
        after: int | None = None
        while True:
            page = statements.page(self.caller(), span, limit=limit, after=after)
            yield page
            after = page.last_seq
            if after is None:
                return


@pytest.fixture
def shelf(world: World) -> Shelf:
    session = Session("s", "u", "salt", 0, BEGINNING, BEGINNING + timedelta(days=30))

    def decide(ops: Transaction) -> None:
        accounts.save(ops, Account("u"))
        sessions.save_session(ops, session)

    atomic(world, decide)
    return Shelf(world)


def day(number: int) -> datetime:
    return datetime(2026, 11, 22, 18, 15, tzinfo=UTC) + timedelta(days=number)


def of_days(first: int, last: int) -> Span:
    """The span of both days in Kathmandu, inclusive."""
    return Span(day(first), day(last + 1) - timedelta(microseconds=1))


def adds_up(page: Statement) -> bool:
    wallet = page.opening.wallet_paisa + sum(line.change_of("wallet") for line in page.lines)
    points = page.opening.points + sum(line.change_of("points") for line in page.lines)
    assert page.opening.wallet_paisa + page.received_paisa - page.spent_paisa == wallet
    return Balance(wallet, points) == page.closing


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(steps=HISTORY, rich=st.booleans(), first=DAYS, length=st.integers(0, 20), limit=st.integers(1, 12))
def test_opening_plus_lines_is_closing_for_any_history_and_page(
    shelf: Shelf,
    steps: list[tuple[PostingKind, int, int, timedelta]],
    rich: bool,
    first: int,
    length: int,
    limit: int,
) -> None:
    holder, posted = lived([*(RICH if rich else []), *steps])
    shelf.put(holder, posted)
    span = of_days(first, first + length)
    pages = list(shelf.pages(span, limit))
    assert all(adds_up(page) for page in pages)
    assert all(earlier.closing == other.opening for earlier, other in pairwise(pages))
    assert [line for page in pages for line in page.lines] == [
        posting
        for posting in posted
        if span.covers(posting.at) and (posting.change_of("wallet") or posting.change_of("points"))
    ]
    # Compared with the sums of all postings before the span and until its end.
    before = [posting for posting in posted if span.start is not None and posting.at < span.start]
    until = [posting for posting in posted if span.end is not None and posting.at <= span.end]
    assert (pages[0].opening, pages[-1].closing) == (summed(before), summed(until))
    following = next(shelf.pages(of_days(first + length + 1, first + length + 5), limit))
    assert following.opening == pages[-1].closing


def summed(posted: list[Posting]) -> Balance:
    return Balance(
        sum(posting.change_of("wallet") for posting in posted), sum(posting.change_of("points") for posting in posted)
    )


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(steps=HISTORY, data=st.data())
def test_the_last_posting_by_a_moment_is_found_in_few_reads(
    shelf: Shelf, steps: list[tuple[PostingKind, int, int, timedelta]], data: st.DataObject
) -> None:
    holder, posted = lived([*RICH, *steps])
    shelf.put(holder, posted)
    moments = st.sampled_from([posting.at for posting in posted])
    at = data.draw(st.one_of(DAYS.map(day), moments, moments.map(lambda one: one - timedelta(microseconds=1))))
    with counted() as counts:
        assert posting_at.last_seq_at(holder, at) == sum(posting.at <= at for posting in posted)
    assert counts.round_trips <= ceil(log2(len(posted) + 1))


@pytest.mark.long
def test_a_long_ledger_is_never_read_completely(shelf: Shelf) -> None:
    steps = [(PostingKind.TOPUP, 100, 0, timedelta(minutes=1))] * 3_000
    shelf.put(*lived(steps))
    with counted() as counts:
        page = statements.page(shelf.caller(), Span(day(1)), limit=20, after=None)
    assert len(page.lines) == 20
    assert counts.calls.count("BatchGetItem") <= 13
    assert counts.calls.count("Query") == 1
    assert counts.read_units <= 60


def test_a_missing_posting_number_raises(shelf: Shelf) -> None:
    holder, posted = lived([(PostingKind.TOPUP, 100, 0, timedelta(days=1))] * 8)
    shelf.put(holder, posted)
    assert fetch_one(postings.posting_key(holder.user_id, 4)) == posted[3]
    postings.PostingRow(holder.user_id, 4).delete()
    with pytest.raises(LookupError, match="posting 4"):
        posting_at.last_seq_at(holder, posted[3].at)


def test_a_days_lines_include_holds_and_releases(network: Network) -> None:
    user = network.customer()
    network.deliver_messages()
    opening = account(user)
    begun = network.world.now() + timedelta(seconds=1)
    network.fake_world.clock.at = begun
    network.report_snapshot(LABIM)
    unanswered_start = network.start(user)
    network.report_eject(LABIM, unanswered_start.powerbank_sn, 0x00)
    network.fake_world.clock.advance(minutes=1)
    network.report_snapshot(LABIM)
    for package, minutes in ((HOUR, 90), (PAY_AS_YOU_GO, 30)):
        rental = network.rented(user, package=package)
        network.fake_world.clock.advance(minutes=minutes)
        network.report_return(LABIM, rental.powerbank_sn, slot=rental.station.slot_number)
        network.fake_world.clock.advance(minutes=1)
    caller = network.sessions[user].caller(network.world)
    statement = statements.page(caller, Span(begun), limit=50, after=None)
    assert [line.kind.value for line in statement.lines] == ["hold", "release", "hold", "late_fee"]
    assert statement.opening == Balance(opening.wallet_paisa, opening.points)
    assert statement.closing == Balance(account(user).wallet_paisa, account(user).points)
    assert adds_up(statement)
    assert network.books_balance()


def test_old_transactions_are_found_without_reading_newer_ones(shelf: Shelf) -> None:
    holder, posted = lived([(PostingKind.TOPUP, 100, 0, timedelta(hours=1))] * 480)
    shelf.put(holder, posted)
    span = of_days(2, 2)
    with counted() as counts:
        lines, following = transactions.transactions(
            shelf.caller(), limit=30, before=None, matches=lambda _: True, span=span
        )
    assert [line.posting for line in lines] == [posting for posting in posted[::-1] if span.covers(posting.at)]
    assert (len(lines), following) == (24, None)
    assert counts.calls.count("Query") == 1
