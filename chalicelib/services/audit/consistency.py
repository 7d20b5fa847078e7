"""The audit: checks that ledger, rentals, custody, top-ups and identities agree in all rows. It repairs nothing."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib import log
from chalicelib.domain import entries
from chalicelib.domain.account import Account
from chalicelib.domain.alarms import Alarm
from chalicelib.domain.ledger import USER_LEGS, Posting, PostingKind, Unbalanced, hash_of, must_balance
from chalicelib.domain.powerbank import Custody, Powerbank
from chalicelib.domain.rental import Rental, RentalState
from chalicelib.domain.topup_intent import Intent, IntentState
from chalicelib.services.audit.refunds import refund_violations, rental_of
from chalicelib.services.audit.reversals import reversal_violations
from chalicelib.services.auth.signin import BONUS
from chalicelib.tables import audit_scan
from chalicelib.tables.audit_scan import AuditData
from chalicelib.world import World

MAX_OPEN_AGE = timedelta(hours=1)


@dataclass(frozen=True)
class Violation:
    """A rule that does not hold. `row` is the id of the row."""

    rule: str
    row: str
    detail: str = ""


def audit(world: World) -> list[Violation]:
    """Find every violation and raise an alarm for each. It reads whole tables: for the nightly job and for tests."""
    data = audit_scan.read()
    by_user: dict[str, list[Posting]] = defaultdict(list)
    for posting in data.postings:
        by_user[posting.user_id].append(posting)
    violations = [
        *_ledgers(data, by_user),
        *_rentals(data),
        *_open_rentals(data),
        *_custody(data),
        *_top_ups(data),
        *_left_open(data, world.now()),
        *_identities(data),
        *(Violation(rule, row) for rule, row in refund_violations(data, world.now(), MAX_OPEN_AGE)),
        *(Violation(rule, row) for rule, row in reversal_violations(data)),
        *_usage(data),
    ]
    for violation in violations:
        log.alarm(Alarm.AUDIT_VIOLATION, rule=violation.rule, about=violation.row)
    return violations


def _ledgers(data: AuditData, by_user: dict[str, list[Posting]]) -> Iterator[Violation]:
    for account in data.accounts:
        yield from _ledger(account, sorted(by_user.pop(account.user_id, []), key=lambda posting: posting.seq))
    for user_id in by_user:
        yield Violation("postings_without_account", user_id)


def _ledger(account: Account, postings: list[Posting]) -> Iterator[Violation]:
    user_id = account.user_id
    sums: dict[str, int] = dict.fromkeys(USER_LEGS, 0)
    previous, newest = "", None
    for number, posting in enumerate(postings, start=1):
        if posting.seq != number:
            yield Violation("sequence_has_a_gap", user_id, f"{number}")
        if posting.previous_hash != previous or posting.hash != hash_of(posting):
            yield Violation("hash_chain_broken", user_id, f"{posting.seq}")
        if newest is not None and posting.at < newest:
            yield Violation("posting_out_of_time", user_id, f"{posting.seq}")
        previous, newest = posting.hash, posting.at
        try:
            must_balance(posting.legs)
        except Unbalanced as error:
            yield Violation("posting_unbalanced", user_id, str(error))
        foreign = entries.foreign_accounts(posting.kind, (leg.account for leg in posting.legs))
        if foreign:
            yield Violation("posting_moves_foreign_account", user_id, f"{posting.seq} {sorted(foreign)}")
        for name in sums:
            sums[name] += posting.change_of(name)
        if (posting.wallet_after_paisa, posting.points_after) != (sums["wallet"], sums["points"]):
            yield Violation("posting_balance_differs", user_id, f"{posting.seq}")
    if (account.seq, account.last_hash, account.posted_at) != (len(postings), previous, newest):
        yield Violation("account_behind_its_postings", user_id)
    for name, field in USER_LEGS.items():
        balance = getattr(account, field)
        if balance != sums[name] or balance < 0:
            yield Violation("balance_differs", user_id, f"{name} {balance} {sums[name]}")
    if (account.due_paisa > account.reversal_due_paisa) != bool(account.due_rental_id):
        yield Violation("due_without_rental", user_id)


def _rentals(data: AuditData) -> Iterator[Violation]:
    charged: dict[str, int] = defaultdict(int)
    owed: dict[str, int] = defaultdict(int)
    rental_by_refund = rental_of(data)
    for posting in data.postings:
        ref = rental_by_refund.get(posting.ref, posting.ref)
        charged[ref] += posting.cost_paisa
        owed[ref] += posting.change_of("due")
    for rental in data.rentals:
        if charged[rental.rental_id] != _price(rental) - rental.due_paisa:
            yield Violation("rental_charged_wrong", rental.rental_id, f"{charged[rental.rental_id]}")
        if owed[rental.rental_id] != rental.due_paisa:
            yield Violation("rental_due_differs", rental.rental_id, f"{owed[rental.rental_id]}")
        if rental.ended_at and rental.late_fee_paisa != rental.charge_at(rental.ended_at).late_fee_paisa:
            yield Violation("late_fee_wrong", rental.rental_id)
    for account in data.accounts:
        if account.due_rental_paisa != (owed[account.due_rental_id] if account.due_rental_id else 0):
            yield Violation("due_of_rental_differs", account.user_id, f"{account.due_rental_paisa}")


def _price(rental: Rental) -> int:
    """The total of a rental, computed from its own fields."""
    if rental.ended_at is not None:
        return rental.charge_at(rental.ended_at).total_paisa
    return rental.package.upfront_paisa if rental.state is RentalState.ACTIVE else 0


def _open_rentals(data: AuditData) -> Iterator[Violation]:
    open_ids: dict[str, list[str]] = defaultdict(list)
    for rental in data.rentals:
        if rental.open:
            open_ids[rental.user_id].append(rental.rental_id)
    for account in data.accounts:
        expected = [account.open_rental_id] if account.open_rental_id else []
        if open_ids[account.user_id] != expected:
            yield Violation("open_rental_differs", account.user_id)


def _custody(data: AuditData) -> Iterator[Violation]:
    rentals = {rental.rental_id: rental for rental in data.rentals}
    slots: dict[tuple[str | None, int | None], str] = {}
    by_rental: dict[str, str] = {}
    for powerbank in data.powerbanks:
        yield from _powerbank(powerbank, rentals)
        if powerbank.custody in (Custody.SLOT, Custody.QUARANTINE):
            place = (powerbank.station_sn, powerbank.slot_number)
            if place in slots:
                yield Violation("two_banks_in_a_slot", powerbank.powerbank_sn, slots[place])
            slots[place] = powerbank.powerbank_sn
        if powerbank.rental_id:
            if powerbank.rental_id in by_rental:
                yield Violation("two_banks_for_a_rental", powerbank.rental_id)
            by_rental[powerbank.rental_id] = powerbank.powerbank_sn
    for rental in data.rentals:
        if rental.open and by_rental.get(rental.rental_id) != rental.powerbank_sn:
            yield Violation("open_rental_without_its_bank", rental.rental_id)


def _powerbank(powerbank: Powerbank, rentals: dict[str, Rental]) -> Iterator[Violation]:
    rental = rentals.get(powerbank.rental_id or "")
    state = rental.state if rental else None
    consistent = {
        Custody.SLOT: powerbank.rental_id is None or state is RentalState.STARTING,
        Custody.RENTED: state is RentalState.ACTIVE,
        Custody.UNKNOWN: powerbank.rental_id is None,
        Custody.QUARANTINE: powerbank.rental_id is None,
    }[powerbank.custody]
    if not consistent:
        yield Violation("custody_differs_from_rental", powerbank.powerbank_sn, powerbank.custody.value)


def _top_ups(data: AuditData) -> Iterator[Violation]:
    credited_by: dict[str, list[Posting]] = defaultdict(list)
    for posting in data.postings:
        if posting.kind is PostingKind.TOPUP:
            credited_by[posting.ref].append(posting)
    used: set[tuple[str, str | None]] = set()
    for intent in data.intents:
        credited = credited_by.pop(intent.intent_id, [])
        if len(credited) != (intent.state is IntentState.SUCCESS):
            yield Violation("topup_not_credited_once", intent.intent_id, f"{len(credited)}")
        if any(posting.change_of("wallet") != intent.amount_paisa for posting in credited):
            yield Violation("topup_amount_differs", intent.intent_id)
        if intent.state is IntentState.SUCCESS:
            if (intent.gateway, intent.credited_ref) in used:
                yield Violation("reference_credited_twice", intent.intent_id)
            used.add((intent.gateway, intent.credited_ref))
    for ref in credited_by:
        yield Violation("topup_without_intent", ref)


def _left_open(data: AuditData, now: datetime) -> Iterator[Violation]:
    for rental in data.rentals:
        if rental.state is RentalState.STARTING and now - rental.requested_at > MAX_OPEN_AGE:
            yield Violation("eject_left_open", rental.rental_id)
    for message in data.messages:
        if now - message.written_at > MAX_OPEN_AGE:
            yield Violation("message_left_open", message.message_id)
    for intent in data.intents:
        if _check_overdue(intent, now):
            yield Violation("intent_left_open", intent.intent_id)


def _check_overdue(intent: Intent, now: datetime) -> bool:
    return intent.next_check_at is not None and now - intent.next_check_at > MAX_OPEN_AGE


def _usage(data: AuditData) -> Iterator[Violation]:
    """Compares the running totals of each account with its postings and rentals."""
    postings: dict[str, list[Posting]] = defaultdict(list)
    rentals: dict[str, list[Rental]] = defaultdict(list)
    for posting in data.postings:
        postings[posting.user_id].append(posting)
    for rental in data.rentals:
        rentals[rental.user_id].append(rental)
    for account in data.accounts:
        for name, counted in _totals(postings[account.user_id], rentals[account.user_id]).items():
            stored = getattr(account, name)
            if stored != counted:
                yield Violation("usage_differs", account.user_id, f"{name} {stored} {counted}")


def _totals(postings: list[Posting], rentals: list[Rental]) -> dict[str, int | datetime | None]:
    ended = [rental for rental in rentals if rental.ended_at is not None]
    return {
        "spent_paisa": sum(posting.cost_paisa for posting in postings),
        "topped_up_paisa": sum(posting.topped_up_paisa for posting in postings),
        "points_earned": sum(posting.points_earned for posting in postings),
        "rentals_count": len(ended),
        "on_time_count": sum(rental.on_time for rental in ended),
        "late_count": sum(not rental.on_time for rental in ended),
        "last_rental_at": max((rental.started_at for rental in rentals if rental.started_at), default=None),
    }


def _identities(data: AuditData) -> Iterator[Violation]:
    users = {user.user_id for user in data.users}
    deleted_users = {account.user_id for account in data.accounts if account.deleted}
    by_kind: dict[tuple[str, str], int] = defaultdict(int)
    for identity, user_id in data.identities:
        kind = identity.split("#", 1)[0]
        if kind != BONUS or user_id not in deleted_users:  # the bonus rows of all identifiers of a deleted user stay
            by_kind[kind, user_id] += 1
        if user_id not in users and kind != BONUS:  # a bonus row outlives its user: nobody gets a second bonus
            yield Violation("identity_without_user", identity)
    yield from _doubled(by_kind)


def _doubled(by_kind: dict[tuple[str, str], int]) -> Iterable[Violation]:
    return [Violation("two_identities_of_a_kind", user_id, kind) for (kind, user_id), n in by_kind.items() if n > 1]
