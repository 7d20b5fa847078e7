"""How a refund that was on its way ends: it has arrived, or the wallet has it back."""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib import log
from chalicelib.domain import ledger
from chalicelib.domain.ledger import Leg, PostingKind
from chalicelib.domain.refund import Refund, RefundState, Way
from chalicelib.domain.refund_totals import Tally
from chalicelib.services import outbox
from chalicelib.services.refunds import notices
from chalicelib.services.refunds.decisions import account_of
from chalicelib.tables import accounts, postings, refunds
from chalicelib.tables.atomic import Ops
from chalicelib.tables.dynamodb import fetch
from chalicelib.tables.outbox import Message
from chalicelib.world import World


@dataclass(frozen=True)
class Standing:
    """A refund after what was just learned of it, and what is to be sent now. `stranded`: its money is back in the
    wallet of a deleted account."""

    refund: Refund
    news: Sequence[Message] = ()
    stranded: bool = False


def paid(ops: Ops, world: World, refund: Refund, reference: str | None) -> Standing:
    """What was on its way has arrived."""
    arrived = ledger.REFUND_BY_HAND if refund.way is Way.BY_HAND else f"gateway:{refund.gateway}"
    paisa = refund.amount_paisa
    moved = ledger.legs(paisa=[(ledger.REFUND_IN_FLIGHT, -paisa), (arrived, paisa)])
    processed = refund.processed(world.now(), reference)
    return _end(ops, world, processed, PostingKind.REFUND_PAID, moved)


def returned(ops: Ops, world: World, refund: Refund, reason: str) -> Standing:
    """It did not go out: the wallet has it back, and the points that were taken."""
    paisa, points = refund.amount_paisa, refund.points
    moved = ledger.legs(
        paisa=[(ledger.REFUND_IN_FLIGHT, -paisa), ("wallet", paisa)],
        points=[("points", points), (ledger.LIABILITY_POINTS, -points)],
    )
    failed = refund.failed(world.now(), reason)
    return _end(ops, world, failed, PostingKind.REFUND_RETURNED, moved)


def speak(world: World, standing: Standing) -> None:
    """After the commit: to the customer, and to a person where money lies that nobody can spend."""
    outbox.send(world, standing.news)
    refund = standing.refund
    if standing.stranded:
        ids = {"amount_paisa": refund.amount_paisa, "refund_id": refund.refund_id}
        log.alarm("money_for_deleted_account", user_id=refund.user_id, **ids)


def _end(ops: Ops, world: World, ended: Refund, kind: PostingKind, moved: tuple[Leg, ...]) -> Standing:
    account, posting = ledger.post(account_of(ended.user_id), kind, ended.refund_id, world.now(), moved)
    tally_key = refunds.tally_key(ended.user_id, ended.seq)
    tally = fetch(tally_key)[tally_key]
    if tally is None:
        raise LookupError(ended.transaction_id)
    failed, kept = ended.state is RefundState.FAILED, ended.as_kept(deleted=account.deleted)
    refunds.save_tally(ops, _told(tally, ended).ended())
    refunds.save(ops, kept)
    accounts.save(ops, account)
    postings.add(ops, posting)
    return Standing(kept, notices.tell(ops, world, account, kept), stranded=failed and account.deleted)


def _told(tally: Tally, ended: Refund) -> Tally:
    """Only what its gateway has paid counts as sent there: a later refund is told from it."""
    if ended.state is RefundState.FAILED:
        return tally.taken_back(ended.parts)
    return tally.arrived(ended.parts) if ended.way is Way.GATEWAY else tally
