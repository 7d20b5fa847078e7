"""Top-ups: an intent opened at a gateway, asked after, given up."""

from dataclasses import replace
from datetime import timedelta

from chalicelib import log
from chalicelib.domain.payment_gateway import Checkout
from chalicelib.domain.problems import Problem
from chalicelib.domain.topup import Intent, IntentState
from chalicelib.services import idempotency
from chalicelib.services.caller import Caller, again
from chalicelib.services.topups import crediting, methods
from chalicelib.services.topups.crediting import as_known
from chalicelib.services.topups.gateways import gateway_of
from chalicelib.tables import accounts, intents
from chalicelib.tables.atomic import Ops, atomic
from chalicelib.tables.dynamodb import fetch
from chalicelib.tables.intents import Pointer
from chalicelib.tables.rows import Key
from chalicelib.world import Away, Refused, World

CURRENCY = "NPR"


def open_intent(
    world: World, caller: Caller, *, amount_paisa: int, method: str, return_url: str | None
) -> tuple[Intent, Checkout]:
    """Begin a top-up. The intent is on record before the gateway hears of it.

    Raises Problem: payment_method_unavailable, amount_out_of_range, return_url_not_allowed, gateway_unavailable.
    """
    _must_be_payable(world, amount_paisa, method, return_url)
    if caller.once is not None and caller.once.ref is not None:
        return _open(world, mine(world, caller.user_id, caller.once.ref))
    now, settings = world.now(), world.settings()
    intent_id = world.new_id()
    intent = Intent(
        intent_id,
        caller.user_id,
        method,
        amount_paisa,
        f"{intent_id}-1",
        now,
        now + timedelta(minutes=settings.intent_lives_minutes),
        return_url=return_url,
        look_at=now + timedelta(minutes=settings.intent_first_look_minutes),
    )

    def decide(ops: Ops) -> None:
        who = again(world, caller, ops)
        intents.add(ops, intent)
        # An account that is being deleted at this moment is decided about anew by whoever is second.
        accounts.save(ops, who.account)
        idempotency.claim(ops, world, who.once, intent_id)

    atomic(world, decide)
    return _open(world, replace(intent, version=1))


def mine(world: World, user_id: str, intent_id: str) -> Intent:  # noqa: ARG001  every verb takes the world
    """The user's own intent. Raises Problem("not_found") for nobody's and for another's."""
    key = intents.intent_key(user_id, intent_id)
    intent = fetch(key)[key]
    if intent is None:
        raise Problem("not_found")
    return intent


def keys_of(user_id: str, intent_id: str) -> tuple[Key[Intent]]:
    """What a door may have read together with the caller."""
    return (intents.intent_key(user_id, intent_id),)


def verify(world: World, caller: Caller, intent_id: str) -> crediting.Standing:
    """Ask the gateway and credit what it says was paid. Raises Problem("not_found")."""
    intent = caller.rows[intents.intent_key(caller.user_id, intent_id)]
    if intent is None:
        raise Problem("not_found")
    return crediting.settle(world, intent, caller.account)


def cancel(world: World, caller: Caller, intent_id: str) -> Intent:
    """Give up a pending top-up. Money that arrives all the same is still credited.

    Raises Problem: not_found, intent_not_cancellable.
    """
    key = intents.intent_key(caller.user_id, intent_id)

    def decide(ops: Ops) -> Intent:
        intent = caller.rows[key] if ops.attempt == 0 else fetch(key)[key]
        if intent is None:
            raise Problem("not_found")
        if intent.state is IntentState.CANCELLED:
            return intent
        shown, _ = intent.shown_state(world.now())
        if shown is not IntentState.PENDING:
            raise Problem("intent_not_cancellable", status=shown.value)
        cancelled = intent.cancelled()
        intents.save(ops, cancelled)
        return cancelled

    return atomic(world, decide)


def checkout(world: World, intent_id: str) -> Checkout:
    """The signed form of an intent that is paid by a browser's POST. Raises Problem("not_found")."""
    key = intents.pointer_key(intent_id)
    intent = pointed_at(fetch(key)[key])
    if intent is None or intent.state is not IntentState.PENDING or world.now() >= intent.expires_at:
        raise Problem("not_found")
    made = world.gateways[intent.gateway].open(intent) if intent.gateway == "esewa" else None
    if made is None or made.method != "POST":
        raise Problem("not_found")
    return made


def _must_be_payable(world: World, amount_paisa: int, method: str, return_url: str | None) -> None:
    found = next((known for known in methods.methods(world) if known.name == method), None)
    if found is None:
        raise Problem("payment_method_unavailable", errors={"payment_method": ["not available"]})
    if not found.least_paisa <= amount_paisa <= found.most_paisa:
        limits = {"min_paisa": found.least_paisa, "max_paisa": found.most_paisa}
        raise Problem("amount_out_of_range", errors={"amount": ["outside the limits"]}, **limits)
    if return_url is not None and return_url not in world.places.app_return_urls:
        raise Problem("return_url_not_allowed", errors={"return_url": ["not allowed"]})


def _open(world: World, intent: Intent) -> tuple[Intent, Checkout]:
    """Open it at the gateway; one that was opened before is told again."""
    if intent.payment_url is not None and intent.gateway_ref is not None:
        return intent, Checkout(intent.payment_url, intent.gateway_ref)
    if intent.shown_state(world.now())[0] is not IntentState.PENDING:
        # The same request again, long after: nobody may be sent to pay what is over.
        raise Problem("topup_over", status=intent.shown_state(world.now())[0].value)
    try:
        made = gateway_of(world, intent.gateway).open(intent)
    except Away as away:
        # It stays pending: the same request again goes on with it, and the sweep ends it if none comes.
        raise Problem("gateway_unavailable", retry_after_seconds=away.retry_after_seconds) from away
    except Refused as refused:
        _fail(world, intent, "gateway_refused")
        log.alarm("gateway_refused", intent_id=intent.intent_id, reason=refused.reason)
        raise Problem("gateway_unavailable", retry_after_seconds=60) from refused
    if made.method == "POST":
        return intent, replace(made, payment_url=f"{world.places.api_url}/api/payment/checkout/{intent.intent_id}")

    def decide(ops: Ops) -> Intent:
        known = as_known(ops, intent)
        if known.gateway_ref is not None:
            # Opened twice at once: what the first was given is what we look for.
            return known
        opened = known.opened(made)
        intents.save(ops, opened)
        if made.gateway_ref is not None:
            clash = Problem("gateway_unavailable", retry_after_seconds=5)
            intents.claim_reference(ops, intent, made.gateway_ref, refused=clash)
        return opened

    opened = atomic(world, decide)
    return opened, replace(made, payment_url=opened.payment_url or made.payment_url, gateway_ref=opened.gateway_ref)


def _fail(world: World, intent: Intent, reason: str) -> None:
    """It was never opened: nobody can pay it, so nothing is looked for."""

    def decide(ops: Ops) -> None:
        known = as_known(ops, intent)
        if known.state is IntentState.PENDING and known.gateway_ref is None:
            intents.save(ops, replace(known.failed(reason), look_at=None))

    atomic(world, decide)


def pointed_at(pointer: Pointer | None) -> Intent | None:
    """The intent as it is now."""
    if pointer is None:
        return None
    intent_key = intents.intent_key(pointer.user_id, pointer.intent_id)
    return fetch(intent_key)[intent_key]
