"""A customer with a very long history: copies of one paid top-up and of one returned rental, in one sound ledger."""

from dataclasses import replace
from itertools import count

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.accounts.score import NO_COUNTS, Counts, returns
from chalicelib.domain.money.ledger import Posting, hash_of
from chalicelib.domain.payments.topup_intent import Intent, IntentState
from chalicelib.domain.rentals.rental import Rental
from chalicelib.services.audit.account_part import AccountPart
from chalicelib.services.audit.ledger import LedgerReading
from chalicelib.tables import intents, postings
from chalicelib.tables.accounts import AccountRow
from chalicelib.tables.intent_references import ReferenceRow, references_of
from chalicelib.tables.intents import IntentRow
from chalicelib.tables.postings import PostingRow, posting_row
from chalicelib.tables.rentals import RentalRow
from chalicelib.tables.rows import values
from tests.world.builders import LABIM, account
from tests.world.network import Network

COPIES = 10
"""How many copies of the top-up and of the rental are written at once."""


def customer_with_history(network: Network, postings_count: int) -> str:
    """A customer with about this number of postings. Returns the user id."""
    user_id = network.customer(wallet_paisa=200_000)
    rental = network.rented(user_id)
    network.fake_world.clock.advance(minutes=10)
    network.report_return(LABIM, rental.powerbank_sn)
    network.award_rental_points()
    network.fake_world.clock.advance(days=2)
    intent = next(one for one in intents.of_user(user_id, after="0") if one.state is IntentState.SUCCESS)
    _Copies(account(user_id), network.rental(rental), intent).write(postings_count)
    return user_id


class _Copies:
    """Adds copies behind the history of an account. All of them bear the time of its newest posting."""

    def __init__(self, before: Account, rental: Rental, intent: Intent) -> None:
        self.before, self.rental, self.intent = before, rental, intent
        self.original = postings.oldest(before.user_id, since=0, limit=100)
        self.ledger = LedgerReading(AccountPart(before.user_id))
        for posting in self.original:
            self.ledger.add(posting, None)

    def write(self, postings_count: int) -> None:
        for first in count(1, COPIES):
            if self.ledger.count >= postings_count:
                break
            self._write(range(first, first + COPIES))
        self._save_account()

    def _write(self, numbers: range) -> None:
        rentals_copied = [replace(self.rental, rental_id=_renamed(self.rental.rental_id, n)) for n in numbers]
        intents_copied = [
            replace(
                self.intent,
                intent_id=_renamed(self.intent.intent_id, n),
                order_ref=f"{_renamed(self.intent.intent_id, n)}-1",
                gateway_ref=f"{self.intent.gateway_ref}-{n}",
                credited_ref=f"{self.intent.credited_ref}-{n}",
            )
            for n in numbers
        ]
        copies = [posting for n in numbers for posting in self._postings(n)]
        seqs = {posting.ref: posting.seq for posting in copies}
        with RentalRow.batch_write() as batch:
            for rental in rentals_copied:
                batch.save(RentalRow(**values(rental), station_sn=rental.station.sn, list_shard="0"))
        with IntentRow.batch_write() as batch:
            for intent in intents_copied:
                batch.save(IntentRow(**values(replace(intent, credited_seq=seqs[intent.intent_id]))))
        with ReferenceRow.batch_write() as batch:
            for intent in intents_copied:
                for gateway, reference in references_of(intent):
                    name = f"{gateway}#{reference}"
                    batch.save(ReferenceRow(name, user_id=intent.user_id, intent_id=intent.intent_id))
        with PostingRow.batch_write() as batch:
            for posting in copies:
                batch.save(posting_row(posting))
        self.rentals_count = numbers.stop - 1

    def _postings(self, number: int) -> list[Posting]:
        """The postings of one copied top-up and one copied rental."""
        copied: list[Posting] = []
        for original in self.original:
            owner = next((one for one in (self.intent.intent_id, self.rental.rental_id) if one in original.ref), None)
            if owner is None:
                continue
            posting = replace(
                original,
                seq=self.ledger.count + 1,
                ref=original.ref.replace(owner, _renamed(owner, number)),
                at=self.original[-1].at,
                wallet_after_paisa=self.ledger.sums["wallet"] + original.change_of("wallet"),
                points_after=self.ledger.sums["points"] + original.change_of("points"),
                previous_hash=self.ledger.hash,
            )
            posting = replace(posting, hash=hash_of(posting))
            self.ledger.add(posting, None)
            copied.append(posting)
        assert copied
        return copied

    def _save_account(self) -> None:
        ledger, before = self.ledger, self.before
        ended = self.rentals_count + 1
        recent = NO_COUNTS
        assert self.rental.ended_at is not None
        for posting in self.original:
            if posting.points_earned:
                recent = recent.after(posting.at, Counts(points=posting.points_earned))
        late = ledger.points_earned - sum(posting.points_earned for posting in self.original)
        recent = recent.after(self.original[-1].at, Counts(points=late))
        for _ in range(ended):
            recent = recent.after(self.rental.ended_at, returns(1, on_time=self.rental.on_time))
        after = replace(
            before,
            wallet_paisa=ledger.sums["wallet"],
            points=ledger.sums["points"],
            seq=ledger.count,
            last_hash=ledger.hash,
            posted_at=ledger.at,
            spent_paisa=ledger.spent_paisa,
            topped_up_paisa=ledger.topped_up_paisa,
            points_earned=ledger.points_earned,
            points_by_source=ledger.points_by_source,
            rentals_count=ended,
            on_time_count=ended,
            cancellable_returns=(),
            recent_counts=recent,
        )
        AccountRow(**values(after)).save()


def _renamed(row_id: str, number: int) -> str:
    """An id of the same length, later than `row_id`. It keeps the last character, by which two ids differ."""
    return f"{row_id[:-9]}Z{number:07d}{row_id[-1]}"
