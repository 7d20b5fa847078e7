"""Refunds: granted or refused by operators; `repayments` sends what goes by a gateway."""

from dataclasses import dataclass
from typing import Any

from chalicelib import log
from chalicelib.domain import ledger
from chalicelib.domain.account import Account
from chalicelib.domain.ledger import PostingKind
from chalicelib.domain.problems import Problem
from chalicelib.domain.refund import GIVEN, Refund, RefundState, Way, way_for
from chalicelib.domain.topup import Intent
from chalicelib.services import idempotency, outbox
from chalicelib.services.caller import Caller, again
from chalicelib.services.refunds import eligibility, notices
from chalicelib.services.refunds.eligibility import Claim
from chalicelib.tables import accounts, admin_log, postings, refunds, rentals
from chalicelib.tables.atomic import Ops, atomic
from chalicelib.tables.dynamodb import fetch
from chalicelib.tables.outbox import Message
from chalicelib.world import World

MOST_LISTED = 500


@dataclass(frozen=True)
class Grant:
    """How an operator grants a refund; `way` None is the way that suits the payment."""

    way: Way | None = None
    reference: str | None = None
    notes: str | None = None


def mine(
    world: World,  # noqa: ARG001  every verb takes the world
    caller: Caller,
    *,
    limit: int,
    before: str | None,
) -> tuple[list[Refund], str | None]:
    """The caller's refunds older than `before`, newest first, and where the next page begins (None at the end)."""
    found = refunds.newest(caller.user_id, before=before, limit=limit + 1)
    return found[:limit], found[limit - 1].refund_id if len(found) > limit else None


def open_of(user_id: str) -> list[Refund]:
    """A user's refunds that are not over, strongly read. Whoever asks for one saves the account too."""
    return [refund for refund in refunds.of_user(user_id) if refund.open]


def listed(
    world: World,  # noqa: ARG001  every verb takes the world
    *,
    state: RefundState,
    page: int,
    page_size: int,
) -> tuple[list[Refund], int]:
    """A page of the refunds in a state: those to decide oldest first, the others newest first; and how many there
    are in all, as far as MOST_LISTED."""
    waiting = state is RefundState.REQUESTED
    first = (page - 1) * page_size
    return refunds.in_state(state, newest_first=not waiting, first=first, count=page_size, most=MOST_LISTED)


def read(world: World, refund_id: str) -> Refund:  # noqa: ARG001  every verb takes the world
    """A refund as it is now, by its id alone. Raises Problem("not_found")."""
    key = refunds.refund_key(refund_id)
    refund = fetch(key)[key]
    if refund is None:
        raise Problem("not_found")
    return refund


def approve(world: World, caller: Caller, refund_id: str, grant: Grant) -> Refund:
    """Grant a refund, decided anew on what is there now. To a gateway it is sent afterwards; the wallet has it, and
    what was paid by hand is on record, at once.

    Raises Problem: not_found, refund_already_decided, refund_own_request, invalid_input (way, reference),
    account_deleted (only a wallet could have it), and what `eligibility.claim` raises.
    """
    if caller.once is not None and caller.once.ref is not None:
        return read(world, caller.once.ref)

    def decide(ops: Ops) -> tuple[Refund, list[Message]]:
        who = again(world, caller, ops)
        refund = read(world, refund_id).decided(by=who.user_id, at=world.now(), notes=grant.notes)
        way = way_for(refund, grant.way, grant.reference, here=world.gateways)
        found = _claim_again(world, refund)
        approved = refund.approved(way, found.tally.sent_paisa)
        news: list[Message] = []
        if way is Way.GATEWAY:
            news.append(outbox.write(ops, world, outbox.REFUNDS, f"refund:{refund_id}", {"refund_id": refund_id}))
        else:
            approved = approved.processed(world.now(), grant.reference if way is Way.BY_HAND else None)
        changes = {"way": way.value, "amount_paisa": refund.amount_paisa, "reference": grant.reference}
        log_decision(ops, world, who, approved, changes)
        kept = approved.as_kept(deleted=found.account.deleted)
        news += _grant(ops, world, kept, found, way)
        idempotency.claim(ops, world, who.once, refund_id)
        return kept, news

    approved, news = atomic(world, decide)
    log.fact("refund_approved", refund_id=refund_id, amount_paisa=approved.amount_paisa, state=approved.state.value)
    outbox.send(world, news)
    return approved


def reject(world: World, caller: Caller, refund_id: str, notes: str) -> Refund:
    """Refuse a refund; the payment may be asked back again.

    Raises Problem: not_found, refund_already_decided, refund_own_request.
    """
    if caller.once is not None and caller.once.ref is not None:
        return read(world, caller.once.ref)

    def decide(ops: Ops) -> tuple[Refund, list[Message]]:
        who = again(world, caller, ops)
        refund = read(world, refund_id).decided(by=who.user_id, at=world.now(), notes=notes)
        rejected = refund.rejected(world.now())
        account, tally_key = account_of(refund.user_id), refunds.tally_key(refund.user_id, refund.seq)
        known = fetch(tally_key)[tally_key]
        if known is not None:
            refunds.save_tally(ops, known.ended())
        kept = rejected.as_kept(deleted=account.deleted)
        refunds.save(ops, kept)
        log_decision(ops, world, who, rejected, {})
        idempotency.claim(ops, world, who.once, refund_id)
        return kept, notices.tell(ops, world, account, kept)

    rejected, news = atomic(world, decide)
    log.fact("refund_rejected", refund_id=refund_id)
    outbox.send(world, news)
    return rejected


def gave_back(intent: Intent) -> bool:
    """Whether we have had the gateway refund some of this top-up, or are about to hear that it did: by the tally of
    its posting, and the one refund that may be on its way."""
    if intent.credited_seq is None:
        return False
    tally_key = refunds.tally_key(intent.user_id, intent.credited_seq)
    tally = fetch(tally_key)[tally_key]
    if tally is None or tally.sent_paisa or tally.open_refund_id is None:
        return tally is not None and tally.sent_paisa > 0
    key = refunds.refund_key(tally.open_refund_id)
    refund = fetch(key)[key]
    return refund is not None and refund.state in GIVEN and refund.sent_at is not None


def account_of(user_id: str) -> Account:
    """Whoever a refund is for, as they are now. Raises Problem("not_found")."""
    key = accounts.account_key(user_id)
    account = fetch(key)[key]
    if account is None:
        raise Problem("not_found")
    return account


def must_have_a_way(found: Claim) -> None:
    """Raises Problem("account_deleted"): a rental's payment goes into the wallet, and nobody can open that one."""
    if found.account.deleted and found.rental is not None:
        raise Problem("account_deleted")


def log_decision(ops: Ops, world: World, who: Caller, refund: Refund, changes: dict[str, Any]) -> None:
    """On record in the same write as the decision."""
    admin_log.log_admin(
        ops,
        entry=world.new_id(),
        admin_id=who.user_id,
        action=f"refund_{refund.state.value}",
        target=refund.refund_id,
        changes={"notes": refund.admin_notes, **changes},
        at=world.now(),
    )


def _claim_again(world: World, refund: Refund) -> Claim:
    """The claim on what is there now. Raises Problem like `eligibility.claim`, and account_deleted."""
    try:
        found = eligibility.claim(account_of(refund.user_id), refund.seq, refund.parts)
        must_have_a_way(found)
        return found
    except Problem:
        # Somebody decided it between the reads: then that is the reason, and not what the grant left behind.
        read(world, refund.refund_id).must_be_undecided()
        raise


def _grant(ops: Ops, world: World, approved: Refund, found: Claim, way: Way) -> list[Message]:
    """The money moves, the tally says so, and the customer is told."""
    account, posting = ledger.post(
        found.account, PostingKind.REFUND, approved.refund_id, world.now(), found.legs(way)
    )
    given = found.tally.given(approved.parts)
    refunds.save_tally(ops, given if approved.open else given.ended())
    refunds.save(ops, approved)
    accounts.save(ops, account)
    postings.add(ops, posting)
    if found.rental is not None:
        rentals.save(ops, found.rental.repaid(approved.points, approved.amount_paisa))
    return notices.tell(ops, world, account, approved)
