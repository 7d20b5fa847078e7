"""What gateways and returning browsers tell us: verified, kept once, queued to be looked up, only then answered."""

import hashlib
from collections.abc import Mapping
from datetime import timedelta

from chalicelib import log
from chalicelib.domain.messages import Handled
from chalicelib.domain.payment_gateway import Hint
from chalicelib.domain.problems import Problem
from chalicelib.domain.topup import Intent
from chalicelib.services import outbox
from chalicelib.services.topups import intents as topup_intents
from chalicelib.tables import intents, webhooks
from chalicelib.tables.atomic import Ops, atomic
from chalicelib.tables.dynamodb import fetch
from chalicelib.tables.intents import Pointer
from chalicelib.tables.outbox import Message
from chalicelib.tables.rows import Key
from chalicelib.tables.webhooks import Webhook
from chalicelib.world import World

KEPT = timedelta(days=90)
LONGEST_REFERENCE = 200


def heard(world: World, gateway_name: str, headers: Mapping[str, str], raw: bytes) -> Intent | None:
    """Take in a callback or a browser return, once. Returns the intent it points at, to be looked up soon.

    None for a gateway's own news about nothing of ours. Raises Problem: webhook_forged, not_found, and what says that
    it can't be read.
    """
    gateway = world.gateways.get(gateway_name)
    if gateway is None:
        raise Problem("not_found")
    hint = gateway.heard(headers, raw)
    known = webhooks.webhook_key(f"{gateway_name}#{hint.event_id}")
    pointer = _pointer(gateway_name, hint)
    found = fetch(known, *([pointer] if pointer else []))
    intent = topup_intents.pointed_at(found[pointer]) if pointer else None
    if intent is None or intent.gateway != gateway_name:
        if not hint.sent_again:
            raise Problem("not_found")
        log.fact("webhook_about_nothing", source=gateway_name)
        return None
    if found[known] is None:
        _keep(world, known, intent, raw)
    return intent


def _keep(world: World, known: Key[Webhook], intent: Intent, raw: bytes) -> None:
    """The news and the message it becomes, in one write; one that is there already queues nothing."""
    digest = hashlib.sha256(raw).hexdigest()
    now = world.now()
    news = Webhook(known.hash_key, intent.gateway, intent.user_id, intent.intent_id, now, digest)
    body = {"user_id": intent.user_id, "intent_id": intent.intent_id}

    def decide(ops: Ops) -> Message:
        webhooks.add(ops, news, until=now + KEPT, refused=Handled())
        return outbox.write(ops, world, outbox.PAYMENT_NEWS, known.hash_key, body)

    try:
        message = atomic(world, decide)
    except Handled:
        return
    outbox.send(world, [message])
    log.fact("webhook_heard", source=intent.gateway, intent_id=intent.intent_id)


def _pointer(gateway_name: str, hint: Hint) -> Key[Pointer] | None:
    """Where to look for the intent; None for what can name none."""
    reference = hint.gateway_ref or hint.order_ref or ""
    if not 0 < len(reference) <= LONGEST_REFERENCE or not reference.isprintable():
        return None
    if hint.gateway_ref:
        return intents.reference_key(gateway_name, reference)
    return intents.pointer_key(reference.rpartition("-")[0])
