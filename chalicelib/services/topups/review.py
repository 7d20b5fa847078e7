"""Top-ups in review: operators list them, recheck them at the gateway, or close them."""

from collections.abc import Sequence

from chalicelib import log
from chalicelib.domain.operators.admin_action import AdminAction
from chalicelib.domain.operators.numbered_page import MAX_LISTED, NumberedPage
from chalicelib.domain.payments.topup_intent import Intent
from chalicelib.domain.problems.problems import Problem, must_exist
from chalicelib.services import audit_log
from chalicelib.services.caller import Caller
from chalicelib.services.topups import crediting
from chalicelib.services.topups import intents as topup_intents
from chalicelib.services.topups.crediting import TopupResult, fresh_intent
from chalicelib.tables import intent_references, intents
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.world import World


def list_in_review(page: NumberedPage) -> tuple[Sequence[Intent], int]:
    """A page of the intents in review, the newest review first, and their number, counted up to MAX_LISTED."""
    return page.with_total(intents.needing_review(MAX_LISTED))


def recheck(world: World, caller: Caller, intent_id: str, note: str) -> TopupResult:
    """Look the intent up again, and credit it when the payment matches now.

    Raises Problem: not_found, intent_not_disputed.
    """
    intent = _load_for_review(intent_id)
    # The log entry comes first: it records that the operator asked, whatever the gateway answers.
    asked = _action("intent_rechecked", intent, intent, note)
    atomic(world, lambda ops: audit_log.record(ops, world, caller.user_id, asked))
    return crediting.refresh_from_gateway(world, intent, by_hand=True)


def close(world: World, caller: Caller, intent_id: str, note: str) -> Intent:
    """End the review without a credit: the intent leaves the list and is never credited.

    Raises Problem: not_found, intent_not_disputed.
    """
    intent = _load_for_review(intent_id)

    def decide(ops: Transaction) -> Intent:
        current = fresh_intent(ops, intent)
        _must_need_review(current)
        closed = current.closed(world.now())
        intents.save(ops, closed)
        audit_log.record(ops, world, caller.user_id, _action("intent_closed", current, closed, note))
        return closed

    closed = atomic(world, decide)
    log.fact("intent_closed", intent_id=intent_id)
    return closed


def _load_for_review(intent_id: str) -> Intent:
    intent = must_exist(topup_intents.intent_for(fetch_one(intent_references.pointer_key(intent_id))))
    _must_need_review(intent)
    return intent


def _must_need_review(intent: Intent) -> None:
    if not intent.needs_review:
        raise Problem("intent_not_disputed", intent_status=intent.state.value)


def _action(name: str, before: Intent, after: Intent, note: str) -> AdminAction:
    changes = {
        "before": {"status": before.state},
        "after": {"status": after.state},
        "reason": before.reason,
        "note": note,
    }
    return AdminAction(name, before.intent_id, changes)
