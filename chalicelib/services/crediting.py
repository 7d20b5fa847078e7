"""Taking in what a gateway says of an intent: credited once, disputed, or asked again later."""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib import log
from chalicelib.domain import ledger
from chalicelib.domain.ledger import PostingKind
from chalicelib.domain.notification import Kind
from chalicelib.domain.payment import MOVES, Intent, IntentState, Outcome, Paid
from chalicelib.domain.pricing import topup_points
from chalicelib.domain.problems import Problem
from chalicelib.domain.user import Account, Status
from chalicelib.services import messages, notifications
from chalicelib.services.sweeps import each_alone
from chalicelib.tables import accounts, intents, outbox, postings
from chalicelib.tables.atomic import Ops, atomic
from chalicelib.tables.outbox import Message
from chalicelib.tables.store import fetch
from chalicelib.world import Away, World

SWEEP_LIMIT = 50


@dataclass(frozen=True)
class Standing:
    """An intent and the wallet after what was just learned; `in_doubt` when that was nothing, `closed` when it was
    money for an account that has been deleted."""

    intent: Intent
    wallet_paisa: int
    in_doubt: bool = False
    closed: bool = False


def settle(world: World, intent: Intent, account: Account | None = None) -> Standing:
    """Look the intent up at its gateway and take in the answer; safe from anywhere, any number of times.

    `account`, when the caller has just read it, saves a read.
    """
    if intent.state in (IntentState.SUCCESS, IntentState.DISPUTED):
        return Standing(intent, (account or _account(intent)).wallet_paisa)
    outcome = world.gateways[intent.gateway].look(intent)
    if outcome.paid is Paid.PAID:
        return _take_in(world, intent, outcome, account)
    known = _put_off(world, intent, outcome)
    return Standing(known, (account or _account(intent)).wallet_paisa, in_doubt=outcome.paid is Paid.UNKNOWN)


def hear_news(world: World, user_id: str, intent_id: str, message_id: str | None = None) -> None:
    """The consumer's part of a callback: look up, credit, and then let the message go.

    Raises Away, so that the message comes again, while the gateway tells nothing and nobody else will ask.
    """
    key = intents.intent_key(user_id, intent_id)
    intent = fetch(key)[key]
    if intent is not None:
        standing = settle(world, intent)
        if standing.in_doubt and standing.intent.look_at is None:
            raise Away(intent.gateway)
    if message_id is not None:
        outbox.drop(message_id)


def sweep(world: World) -> int:
    """Ask every gateway about every intent that is due: a lost callback costs nobody anything. Returns how many."""
    due: Sequence[Intent] = intents.due(world.now(), SWEEP_LIMIT)
    return each_alone(due, lambda intent: settle(world, intent), lambda intent: intent.intent_id)


def _take_in(world: World, intent: Intent, outcome: Outcome, account: Account | None) -> Standing:
    """Credit what was paid, or dispute what does not match; then award its points."""

    def decide(ops: Ops) -> tuple[Standing, list[Message]] | None:
        known = as_known(ops, intent)
        if IntentState.SUCCESS not in MOVES[known.state] or _mismatch(known, outcome) is not None:
            return None
        holder = account if account is not None and ops.attempt == 0 else _account(intent)
        return _credit(ops, world, known, outcome, holder)

    try:
        done = atomic(world, decide)
    except ReferenceUsed:
        # Either somebody was quicker with this very intent, or the payment is another intent's.
        return _dispute(world, intent, "reference_used_before")
    if done is None:
        return _dispute(world, intent, _mismatch(intent, outcome))
    standing, news = done
    messages.send(world, news)
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
    credited = intent.credited(outcome, now)
    moved = ledger.legs(paisa=[("wallet", intent.amount_paisa), (f"gateway:{intent.gateway}", -intent.amount_paisa)])
    richer, posting = ledger.post(account, PostingKind.TOPUP, intent.intent_id, now, moved)
    intents.save(ops, credited)
    reference = f"credited#{outcome.reference}"
    intents.claim_reference(ops, intent, reference, refused=ReferenceUsed())
    accounts.save(ops, richer)
    postings.add(ops, posting)
    paid = {"amount_paisa": intent.amount_paisa, "intent_id": intent.intent_id}
    closed = account.status is Status.DELETED
    news = [] if closed else notifications.tell(ops, world, intent.user_id, Kind.TOPUP_CREDITED, paid)
    points = topup_points(intent.amount_paisa, world.settings())
    if points:
        body = {"user_id": intent.user_id, "points": points, "source": "topup"}
        news.append(messages.write(ops, world, messages.POINTS, award_id(intent.intent_id), body))
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


def _dispute(world: World, intent: Intent, reason: str | None) -> Standing:
    """Leave it to an admin, unless it has been settled by now or there is nothing against it."""

    def decide(ops: Ops) -> tuple[Intent, bool]:
        known = as_known(ops, intent)
        if reason is None or IntentState.DISPUTED not in MOVES[known.state]:
            return known, False
        disputed = known.disputed(reason, world.now())
        intents.save(ops, disputed)
        return disputed, True

    known, disputed = atomic(world, decide)
    if disputed:
        log.alarm("intent_disputed", intent_id=intent.intent_id, reason=reason)
    return Standing(known, _account(intent).wallet_paisa)


def _put_off(world: World, intent: Intent, outcome: Outcome) -> Intent:
    """Nothing was paid so far: note a refusal, and when to ask again."""
    now, settings = world.now(), world.settings()
    expired = now >= intent.expires_at
    if outcome.paid is not Paid.FAILED and not expired and (intent.look_at is None or now < intent.look_at):
        return intent

    def decide(ops: Ops) -> Intent:
        known = as_known(ops, intent)
        later = known.looked(
            now, first_minutes=settings.intent_first_look_minutes, give_up_hours=settings.intent_give_up_hours
        )
        if known.state is IntentState.PENDING and (expired or outcome.paid is Paid.FAILED):
            later = later.failed("expired" if expired else outcome.reason or "refused")
        if IntentState.SUCCESS in MOVES[known.state]:
            intents.save(ops, later)
        return later

    return atomic(world, decide)


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
