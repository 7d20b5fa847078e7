"""How much of a credited payment went back without us: from the gateway's status and our refunds of the payment."""

from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.payments.payment_gateway import PaymentState, PaymentStatus
from chalicelib.domain.payments.reversal import (
    RESTORED,
    REVERSED,
    Reversal,
    ReversalAction,
    ReversalSplit,
    ReversalState,
)
from chalicelib.domain.payments.topup_intent import Intent


@dataclass(frozen=True)
class Returned:
    """What the gateway says that went back of a payment, in paisa. `refunded_paisa` is None where it names no sum.

    `contested_paisa` went back by words that no refund of ours causes: a dispute, or a payment that failed after all.
    """

    refunded_paisa: int | None
    contested_paisa: int
    reason: str

    @property
    def nothing(self) -> bool:
        return self.refunded_paisa == 0 and self.contested_paisa == 0


@dataclass(frozen=True)
class OurRefunds:
    """Our refunds of the payment, in paisa.

    `counted_paisa` are approved; an operator may have paid some of them outside the gateway. `paid_out_paisa` are
    those that the gateway has confirmed. `requested_paisa` waits for a decision; an operator may just have paid it in
    the gateway's portal.
    """

    counted_paisa: int = 0
    paid_out_paisa: int = 0
    requested_paisa: int = 0


def returned_of(payment_status: PaymentStatus, topup_paisa: int) -> Returned | None:
    """What went back of a credited payment. None when the status does not say: unknown, pending or unpaid."""
    state, contested_paisa = payment_status.state, payment_status.contested_paisa
    if state is PaymentState.PAID:
        return Returned(0, 0, RESTORED)
    reason = REVERSED.get(state)
    if reason is None:
        return None
    if state is PaymentState.REFUNDED:
        return Returned(topup_paisa, 0, reason)
    if state is PaymentState.PARTLY_REFUNDED:
        return Returned(payment_status.refunded_paisa, 0, reason)
    if state is PaymentState.DISPUTED and contested_paisa is not None:
        return Returned(payment_status.refunded_paisa or 0, contested_paisa, reason)
    return Returned(0, topup_paisa, reason)


def updated(
    existing: Reversal | None, intent: Intent, returned: Returned, ours: OurRefunds, at: datetime
) -> Reversal | None:
    """The reversal after `returned` was seen. None when it adds nothing.

    What we refunded ourselves is no reversal. Without a sum, our refunds explain all that went back.
    """
    least_paisa = _least(returned, ours, intent.amount_paisa)
    if existing is None:
        return None if least_paisa == 0 else _found(intent, returned, least_paisa, at)
    if not existing.open and existing.settled_paisa == 0:
        # All of it ended, or was given back.
        begun = replace(_found(intent, returned, least_paisa, at), version=existing.version)
        return None if least_paisa == 0 else begun
    most_paisa = _most(returned, ours, intent.amount_paisa)
    if existing.open and existing.reversed_paisa is None:
        unclear = least_paisa is None or least_paisa < min(1, most_paisa)
        return None if unclear else _with_sum(existing, returned, least_paisa or 0, at)
    current_paisa = existing.settled_paisa if existing.reversed_paisa is None else existing.reversed_paisa
    reversed_paisa = min(max(current_paisa, least_paisa or 0), most_paisa)
    return None if reversed_paisa == current_paisa else _with_sum(existing, returned, reversed_paisa, at)


def _found(intent: Intent, returned: Returned, reversed_paisa: int | None, at: datetime) -> Reversal:
    return Reversal(
        intent.user_id, intent.intent_id, intent.gateway, intent.amount_paisa, returned.reason, at, reversed_paisa
    )


def _with_sum(existing: Reversal, returned: Returned, reversed_paisa: int, at: datetime) -> Reversal:
    """The reversal with another sum. It needs a decision while that sum is not what operators have decided."""
    changed = replace(existing, reversed_paisa=reversed_paisa)
    if reversed_paisa == existing.settled_paisa:
        return replace(changed, state=ReversalState.DECIDED if existing.settled_paisa else ReversalState.ENDED)
    return replace(
        changed,
        state=ReversalState.OPEN,
        reason=RESTORED if changed.restored_paisa else returned.reason,
        found_at=existing.found_at if existing.open else at,
    )


def _least(returned: Returned, ours: OurRefunds, topup_paisa: int) -> int | None:
    """The part that surely went back without us. None when some surely did and the gateway names no sum."""
    if returned.refunded_paisa is None:
        # A request for all that is left would show as a whole refund: a part was given back by somebody else.
        whole_requested = ours.requested_paisa == topup_paisa
        explained = ours.counted_paisa > 0 or (ours.requested_paisa > 0 and not whole_requested)
        return 0 if explained else None
    others_paisa = max(0, returned.refunded_paisa - ours.counted_paisa)
    if others_paisa >= ours.requested_paisa:
        others_paisa -= ours.requested_paisa
    return min(others_paisa + returned.contested_paisa, max(0, topup_paisa - ours.counted_paisa))


def explained(existing: Reversal | None, returned: Returned, ours: OurRefunds, topup_paisa: int) -> bool:
    """Whether our refunds and the reversal explain all that surely went back."""
    known_paisa = existing.not_refundable_paisa if existing is not None else 0
    least_paisa = _least(returned, ours, topup_paisa)
    return known_paisa > 0 if least_paisa is None else least_paisa <= known_paisa


def _most(returned: Returned, ours: OurRefunds, topup_paisa: int) -> int:
    """The part that can have gone back without us."""
    if returned.refunded_paisa is None:
        return topup_paisa
    return max(0, returned.refunded_paisa + returned.contested_paisa - ours.paid_out_paisa)


def split_of(action: ReversalAction, amount_paisa: int, wallet_paisa: int) -> ReversalSplit:
    """How `amount_paisa` is borne by `action`, with `wallet_paisa` left in the wallet."""
    if action is ReversalAction.LEAVE:
        return ReversalSplit(0, 0, amount_paisa)
    taken_paisa = min(amount_paisa, wallet_paisa)
    rest_paisa = amount_paisa - taken_paisa
    if action is ReversalAction.DUE:
        return ReversalSplit(taken_paisa, rest_paisa, 0)
    return ReversalSplit(taken_paisa, 0, rest_paisa)
