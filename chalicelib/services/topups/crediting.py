"""Taking in what a gateway says of an intent: credited once, disputed, or asked again later."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chalicelib import log
from chalicelib.domain import ledger
from chalicelib.domain.account import Account, Status
from chalicelib.domain.ledger import PostingKind
from chalicelib.domain.notification_templates import Kind
from chalicelib.domain.payment_gateway import Outcome, Paid
from chalicelib.domain.point_rules import topup_points
from chalicelib.domain.problems import Problem
from chalicelib.domain.topup import UNRESOLVED, Intent, IntentState
from chalicelib.services import outbox as outbox_messages
from chalicelib.services.notifications import inbox
from chalicelib.services.sweeps import each_alone
from chalicelib.services.topups.gateways import gateway_of
from chalicelib.tables import accounts, intents, outbox, postings
from chalicelib.tables.atomic import Ops, atomic
from chalicelib.tables.dynamodb import fetch
from chalicelib.tables.outbox import Message
from chalicelib.world import Away, World

SWEEP_LIMIT = 50


@dataclass(frozen=True)
class Standing:
    """An intent and the wallet after what was just learned; `outcome` is what the gateway said, if it was asked.

    `closed`: it was money for an account that has been deleted.
    """

    intent: Intent
    wallet_paisa: int
    outcome: Outcome | None = None
    closed: bool = False

    @property
    def left_in_doubt(self) -> bool:
        """Nothing was learned, and neither the sweep nor an admin has it in hand."""
        unknown = self.outcome is not None and self.outcome.paid is Paid.UNKNOWN
        return unknown and self.intent.look_at is None and not self.intent.handed_over


def settle(world: World, intent: Intent, account: Account | None = None, *, by_hand: bool = False) -> Standing:
    """Look the intent up at its gateway and take in the answer; safe from anywhere, any number of times.

    `account`, when the caller has just read it, saves a read. `by_hand`: an admin asks, so that a dispute is looked
    at again, whatever it was about.
    """
    if not _open(intent, by_hand):
        return Standing(intent, (account or _account(intent)).wallet_paisa)
    outcome = gateway_of(world, intent.gateway).look(intent)
    if outcome.paid is Paid.PAID:
        return replace(_take_in(world, intent, outcome, account, by_hand=by_hand), outcome=outcome)
    known = _put_off(world, intent, outcome)
    return Standing(known, (account or _account(intent)).wallet_paisa, outcome)


def _open(intent: Intent, by_hand: bool) -> bool:
    return intent.creditable or (by_hand and intent.handed_over)


def hear_news(world: World, user_id: str, intent_id: str, message_id: str | None = None) -> None:
    """The consumer's part of a callback: look up, credit, and then let the message go.

    Raises Away, so that the message comes again, while the gateway tells nothing and nobody else will ask.
    """
    key = intents.intent_key(user_id, intent_id)
    intent = fetch(key)[key]
    if intent is not None and settle(world, intent).left_in_doubt:
        raise Away(intent.gateway)
    if message_id is not None:
        outbox.drop(message_id)


def sweep(world: World) -> int:
    """Ask every gateway about every intent that is due: a lost callback costs nobody anything. Returns how many."""
    due: Sequence[Intent] = intents.due(world.now(), SWEEP_LIMIT)
    return each_alone(due, lambda intent: settle(world, intent), lambda intent: intent.intent_id)


def _take_in(world: World, intent: Intent, outcome: Outcome, account: Account | None, *, by_hand: bool) -> Standing:
    """Credit what was paid, or dispute what does not match; then award its points."""

    def decide(ops: Ops) -> tuple[Standing, list[Message]] | None:
        known = as_known(ops, intent)
        if not _open(known, by_hand) or _mismatch(known, outcome) is not None:
            return None
        holder = account if account is not None and ops.attempt == 0 else _account(intent)
        return _credit(ops, world, known, outcome, holder)

    try:
        done = atomic(world, decide)
    except ReferenceUsed:
        # Either somebody was quicker with this very intent, or the payment is another intent's.
        return _dispute(world, intent, outcome, "reference_used_before")
    if done is None:
        return _dispute(world, intent, outcome, _mismatch(intent, outcome))
    standing, news = done
    outbox_messages.send(world, news)
    ids = {"amount_paisa": intent.amount_paisa, "intent_id": intent.intent_id}
    log.fact("topup_credited", **ids)
    if standing.closed:
        log.alarm("money_for_deleted_account", user_id=intent.user_id, **ids)
    return standing


class ReferenceUsed(Exception):
    """The gateway's transaction has been credited to another intent."""


def _credit(
    ops: Ops, world: World, intent: Intent, outcome: Outcome, account: Account
) -> tuple[Standing, list[Message]]:
    now = world.now()
    points = topup_points(intent.amount_paisa, world.settings())
    moved = ledger.legs(paisa=[("wallet", intent.amount_paisa), (f"gateway:{intent.gateway}", -intent.amount_paisa)])
    richer, posting = ledger.post(account, PostingKind.TOPUP, intent.intent_id, now, moved)
    credited = intent.credited(outcome, now).booked(posting.seq, points)
    intents.save(ops, credited)
    reference = f"credited#{outcome.reference}"
    intents.claim_reference(ops, intent, reference, refused=ReferenceUsed())
    accounts.save(ops, richer)
    postings.add(ops, posting)
    paid = {"amount_paisa": intent.amount_paisa, "intent_id": intent.intent_id}
    closed = account.status is Status.DELETED
    news = [] if closed else inbox.tell(ops, world, intent.user_id, Kind.TOPUP_CREDITED, paid)
    if points:
        body = {"user_id": intent.user_id, "points": points, "source": "topup"}
        news.append(outbox_messages.write(ops, world, outbox_messages.POINTS, award_id(intent.intent_id), body))
    return Standing(credited, richer.wallet_paisa, closed=closed), news


def award_id(intent_id: str) -> str:
    """The message, and later the posting, that gives a top-up's points."""
    return f"points:topup:{intent_id}"


def _mismatch(intent: Intent, outcome: Outcome) -> str | None:
    if not outcome.merchant_matches:
        return "wrong_merchant"
    if not outcome.reference:
        return "no_reference"
    return None if outcome.amount_paisa == intent.amount_paisa else "wrong_amount"


def _dispute(world: World, intent: Intent, outcome: Outcome, reason: str | None) -> Standing:
    """Leave it to an admin, unless it has been settled by now or there is nothing against it."""
    key = intents.intent_key(intent.user_id, intent.intent_id)

    def decide(ops: Ops) -> tuple[Intent, bool]:
        # Read anew always: what brought us here may be that somebody was quicker.
        known = fetch(key)[key] or intent
        if reason is None or not known.creditable:
            return known, False
        disputed = known.disputed(reason, world.now(), outcome)
        intents.save(ops, disputed)
        return disputed, True

    known, disputed = atomic(world, decide)
    if disputed:
        log.alarm("intent_disputed", intent_id=intent.intent_id, reason=reason)
    return Standing(known, _account(intent).wallet_paisa)


def _put_off(world: World, intent: Intent, outcome: Outcome) -> Intent:
    """Nothing was paid so far: note a refusal, when to ask again, or that the gateway never said it plainly."""
    now, settings = world.now(), world.settings()

    def decide(ops: Ops) -> tuple[Intent, Intent]:
        known = as_known(ops, intent)
        if not known.creditable:
            return known, known
        later = known
        if known.state is IntentState.PENDING and (now >= known.expires_at or outcome.paid is Paid.FAILED):
            later = later.failed("expired" if now >= known.expires_at else outcome.reason or "refused")
        if known.look_at is not None and now >= known.look_at:
            first, give_up = settings.intent_first_look_minutes, settings.intent_give_up_hours
            later = later.looked(now, first_minutes=first, give_up_hours=give_up)
        if later.look_at is None and _unsettled(known, outcome):
            later = later.disputed(UNRESOLVED, now, outcome)
        if later != known:
            intents.save(ops, later)
        return known, later

    known, later = atomic(world, decide)
    if later.handed_over and not known.handed_over:
        log.alarm("intent_disputed", intent_id=intent.intent_id, reason=UNRESOLVED)
    return later


def _unsettled(known: Intent, outcome: Outcome) -> bool:
    """Whether an admin must find out, now that nobody else will ask: money is on its way, or the last look told
    nothing. One that was given up before, and is only not heard of, stays given up."""
    if known.handed_over:
        return False
    return outcome.paid is Paid.PENDING or (outcome.paid is Paid.UNKNOWN and known.look_at is not None)


def as_known(ops: Ops, intent: Intent) -> Intent:
    """The intent for this try: as given, or read anew when somebody was quicker."""
    if ops.attempt == 0:
        return intent
    key = intents.intent_key(intent.user_id, intent.intent_id)
    return fetch(key)[key] or intent


def _account(intent: Intent) -> Account:
    key = accounts.account_key(intent.user_id)
    account = fetch(key)[key]
    if account is None:
        raise Problem("not_found")
    return account
