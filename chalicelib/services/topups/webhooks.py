"""Verifies callbacks of gateways and returns of browsers, stores each once, and queues its look-up."""

import hashlib
from collections.abc import Mapping
from datetime import timedelta

from chalicelib import log
from chalicelib.domain.operations.message_errors import AlreadyProcessed
from chalicelib.domain.payments.order_reference import intent_id_of
from chalicelib.domain.payments.payment_gateway import CallbackRef
from chalicelib.domain.payments.topup_intent import Intent
from chalicelib.domain.problems.problems import Problem, must_exist
from chalicelib.services import outbox
from chalicelib.services.topups import intents as topup_intents
from chalicelib.tables import intent_references, webhooks
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch
from chalicelib.tables.intent_references import Pointer
from chalicelib.tables.rows import Key
from chalicelib.tables.webhooks import Webhook
from chalicelib.world import World

WEBHOOK_RETENTION = timedelta(days=90)
MAX_REFERENCE_LENGTH = 200


def receive(world: World, gateway_name: str, headers: Mapping[str, str], raw: bytes) -> Intent | None:
    """Store a callback or a browser's return, and queue the look-up of its intent. Returns the intent.

    A repeated callback queues nothing. None for a gateway's event that names no payment of ours. Raises Problem:
    webhook_forged, not_found, and those of a body that cannot be parsed.
    """
    gateway = must_exist(world.gateways.get(gateway_name))
    callback = gateway.parse_callback(headers, raw)
    webhook_key = webhooks.webhook_key(f"{gateway_name}#{callback.event_id}")
    pointer = _pointer(gateway_name, callback)
    rows = fetch(webhook_key, *([pointer] if pointer else []))
    intent = topup_intents.intent_for(rows[pointer]) if pointer else None
    if intent is None or intent.gateway != gateway_name:
        if not callback.is_retried_by_sender:
            raise Problem("not_found")
        log.fact("webhook_unmatched", source=gateway_name)
        return None
    if rows[webhook_key] is None:
        _store(world, webhook_key, intent, raw, is_reversal=callback.is_reversal)
    return intent


def _store(world: World, webhook_key: Key[Webhook], intent: Intent, raw: bytes, *, is_reversal: bool) -> None:
    """Write the callback and its queue message in one transaction, unless the callback is stored already."""
    digest = hashlib.sha256(raw).hexdigest()
    now = world.now()
    webhook = Webhook(webhook_key.hash_key, intent.gateway, intent.user_id, intent.intent_id, now, digest)
    body = {"user_id": intent.user_id, "intent_id": intent.intent_id, "is_reversal": is_reversal}

    def decide(ops: Transaction) -> None:
        webhooks.add(ops, webhook, until=now + WEBHOOK_RETENTION, conflict=AlreadyProcessed())
        outbox.stage(ops, world, outbox.PAYMENT_EVENTS, webhook_key.hash_key, body)

    try:
        atomic(world, decide)
    except AlreadyProcessed:
        return
    log.fact("webhook_received", source=intent.gateway, intent_id=intent.intent_id)


def _pointer(gateway_name: str, callback: CallbackRef) -> Key[Pointer] | None:
    """The key of the intent's pointer. None when the callback names no intent."""
    reference = callback.gateway_ref or callback.order_ref or callback.payment_ref or ""
    if not 0 < len(reference) <= MAX_REFERENCE_LENGTH or not reference.isprintable():
        return None
    if callback.gateway_ref:
        return intent_references.reference_key(gateway_name, reference)
    if not callback.order_ref:
        return intent_references.reference_key(gateway_name, intent_references.credit_reference(reference))
    intent_id = intent_id_of(reference)
    return intent_references.pointer_key(intent_id) if intent_id else None
