"""Granted refunds on their way: sent to the gateway once, asked after until it tells, else left to a person."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from chalicelib import log
from chalicelib.domain.messages import Handled
from chalicelib.domain.payment_gateway import Paid, Repaid, Repayment
from chalicelib.domain.problems import Problem
from chalicelib.domain.refund import Refund, RefundState, Way
from chalicelib.domain.topup import Intent
from chalicelib.services import outbox as outbox_messages
from chalicelib.services.caller import Caller, again
from chalicelib.services.refunds.decisions import log_decision, read
from chalicelib.services.refunds.outcomes import Standing, paid, returned, speak
from chalicelib.services.sweeps import each_alone
from chalicelib.services.topups.gateways import gateway_of
from chalicelib.tables import intents, outbox, refunds
from chalicelib.tables.atomic import Ops, atomic
from chalicelib.tables.dynamodb import fetch
from chalicelib.world import PaymentGateway, World

SWEEP_LIMIT = 50


def deliver(world: World, body: Mapping[str, Any]) -> bool:
    """The consumer's part: send a granted refund, by whoever writes `sent_at`. False when that was done before.

    After that write nobody else sends it, whatever becomes of this call: the sweep asks the gateway.
    """
    message_id, refund_id = str(body["message_id"]), str(body["refund_id"])
    try:
        refund = _take(world, message_id, refund_id)
    except Handled:
        return False
    if refund is None or refund.sent_at is None:
        return False
    intent, gateway = _way_back(world, refund)
    if world.now() - refund.sent_at < timedelta(seconds=world.settings().refund_send_within_seconds):
        take_in(world, refund, _answer(gateway, intent, refund), looked=False)
    return True


def _answer(gateway: PaymentGateway, intent: Intent, refund: Refund) -> Repayment:
    """Send it. One that is refused may have been paid by another hand: it is looked for before the wallet has it
    back, so that the customer never has it twice.

    A refusal is all that becomes of the call: whatever is found afterwards is not of a sender under way.
    """
    told = gateway.refund(intent, refund.order())
    if not told.final_refusal:
        return told
    seen = gateway.look_refund(intent, refund.order(long_ago=True))
    return _unless_paid_back(gateway, intent, told if seen.repaid is Repaid.REFUSED else seen)


def _unless_paid_back(gateway: PaymentGateway, intent: Intent, told: Repayment) -> Repayment:
    """A refusal stands where the gateway still has the payment; one that went back by another hand is left to a
    person, and where nobody tells, it is asked again."""
    if not told.final_refusal:
        return told
    payment = gateway.look(intent)
    if payment.paid is Paid.REFUNDED:
        return Repayment(Repaid.BY_HAND, reason="refunded_elsewhere")
    if payment.paid is Paid.UNKNOWN:
        return Repayment(Repaid.UNKNOWN, reason=payment.reason)
    return told


def sweep(world: World) -> int:
    """Ask after every refund that was sent and of which nobody has told yet. Returns how many."""
    return each_alone(
        refunds.due(world.now(), SWEEP_LIMIT), lambda refund: _look(world, refund), lambda refund: refund.refund_id
    )


def close(
    world: World, caller: Caller, refund_id: str, *, way: Way | None, reference: str | None, notes: str
) -> Refund:
    """End by an operator's word what no look-up could: paid by `way` under `reference`, or, with `way` None, not paid
    and given back. The gateway is asked once more, and if it says that the customer has the money, that counts.

    Raises Problem: not_found, refund_own_request, refund_already_decided, refund_in_progress.
    """
    refund = _left(world, caller, refund_id)
    intent, gateway = _way_back(world, refund)
    told = gateway.look_refund(intent, refund.order(long_ago=True))
    if told.repaid is Repaid.DONE:
        return take_in(world, refund, told, looked=True)

    def decide(ops: Ops) -> Standing:
        who = again(world, caller, ops)
        known = replace(_left(world, who, refund_id), admin_notes=notes)
        if way is None:
            standing = returned(ops, world, known, "closed_by_hand")
        else:
            standing = paid(ops, world, replace(known, way=way), reference)
        found_out = {"way": way.value if way else None, "reference": reference, "notes": notes}
        log_decision(ops, world, who, standing.refund, found_out)
        return standing

    standing = atomic(world, decide)
    log.fact("refund_closed", refund_id=refund_id, state=standing.refund.state.value)
    speak(world, standing)
    return standing.refund


def take_in(world: World, refund: Refund, repayment: Repayment, *, looked: bool) -> Refund:
    """What the gateway said of a refund: paid, refused, surely unheard of, or asked again later. Safe any number of
    times.

    `looked` marks an answer to a look-up: that it finds nothing proves nothing while a sender may still be under way.
    """

    def decide(ops: Ops) -> Standing:
        known = read(world, refund.refund_id)
        if known.state is not RefundState.APPROVED:
            return Standing(known)
        if repayment.repaid is Repaid.DONE:
            # It may have been given up as never sent meanwhile: the call that is told of now was made all the same.
            sent = replace(known, sent_at=known.sent_at or refund.sent_at)
            return paid(ops, world, sent, repayment.reference)
        if known.sent_at != refund.sent_at:
            # Another sending is under way by now: this answer is about the one before.
            return Standing(known)
        if repayment.final_refusal:
            return returned(ops, world, known, repayment.reason or "refused")
        if repayment.repaid is Repaid.REFUSED and (not looked or _long_sent(world, known)):
            return Standing(_send_again(ops, world, known))
        return Standing(_put_off(ops, world, known, repayment, looked=looked))

    standing = atomic(world, decide)
    known = standing.refund
    if known.state is RefundState.FAILED and repayment.repaid is Repaid.DONE:
        log.alarm("refund_paid_after_failure", refund_id=known.refund_id)
    elif known.left_to_a_person:
        log.alarm("refund_needs_a_hand", refund_id=known.refund_id, reason=repayment.reason)
    else:
        log.fact("refund_heard", refund_id=known.refund_id, state=known.state.value, reason=repayment.reason)
    speak(world, standing)
    return known


def _take(world: World, message_id: str, refund_id: str) -> Refund | None:
    """The refund, to be sent by this caller and nobody else. Raises Handled when its message is done."""

    def decide(ops: Ops) -> Refund | None:
        outbox.done(ops, message_id)
        key = refunds.refund_key(refund_id)
        refund = fetch(key)[key]
        if refund is None or refund.state is not RefundState.APPROVED or refund.sent_at is not None:
            return None
        _way_back(world, refund)
        first_look = world.now() + timedelta(minutes=world.settings().refund_first_look_minutes)
        sent = refund.sent(world.now(), first_look)
        refunds.save(ops, sent)
        return sent

    return atomic(world, decide)


def _look(world: World, refund: Refund) -> None:
    intent, gateway = _way_back(world, refund)
    order = refund.order(long_ago=_long_sent(world, refund))
    told = _unless_paid_back(gateway, intent, gateway.look_refund(intent, order))
    take_in(world, refund, told, looked=True)


def _way_back(world: World, refund: Refund) -> tuple[Intent, PaymentGateway]:
    """Where the money came from. Raises LookupError when that is not known here: nothing is sent then."""
    key = intents.intent_key(refund.user_id, refund.intent_id or "-")
    intent = fetch(key)[key]
    if intent is None or refund.gateway is None:
        raise LookupError(refund.refund_id)
    return intent, gateway_of(world, refund.gateway)


def _left(world: World, caller: Caller, refund_id: str) -> Refund:
    """A refund that only a person can end. Raises Problem like `close`."""
    refund = read(world, refund_id)
    refund.must_be_anothers(caller.user_id)
    if not refund.open:
        raise Problem("refund_already_decided", status=refund.state.value)
    if not refund.left_to_a_person:
        raise Problem("refund_in_progress", status=refund.state.value)
    return refund


def _long_sent(world: World, refund: Refund) -> bool:
    return refund.long_sent(world.now(), world.settings().refund_absence_minutes)


def _send_again(ops: Ops, world: World, refund: Refund) -> Refund:
    """The gateway has surely not made it: another message sends it later, or a person sees to it."""
    wait = refund.next_send(world.settings().refund_first_look_minutes)
    if refund.gives_up(world.now() + wait, world.settings().refund_give_up_hours):
        later = refund.handed_over()
    else:
        later = refund.unsent()
        message_id, body = f"refund:{refund.refund_id}:{refund.sends_count}", {"refund_id": refund.refund_id}
        outbox_messages.write(ops, world, outbox_messages.REFUNDS, message_id, body, after=wait)
    refunds.save(ops, later)
    return later


def _put_off(ops: Ops, world: World, refund: Refund, repayment: Repayment, *, looked: bool) -> Refund:
    """Nothing that decides: when to ask next, if anybody but a person can tell."""
    now, settings = world.now(), world.settings()
    if repayment.repaid is Repaid.BY_HAND:
        later = refund.handed_over()
    elif looked and refund.look_at is not None and refund.look_at <= now:
        later = refund.looked(
            now, first_minutes=settings.refund_first_look_minutes, give_up_hours=settings.refund_give_up_hours
        )
    else:
        return refund
    refunds.save(ops, later)
    return later
