"""Opens top-up intents at gateways, verifies them, and cancels them."""

from dataclasses import replace
from datetime import timedelta

from chalicelib import log
from chalicelib.domain.configuration.gateway_registry import intent_ttl, posts_form
from chalicelib.domain.operations.alarms import Alarm
from chalicelib.domain.payments.order_reference import order_reference
from chalicelib.domain.payments.payment_gateway import Checkout
from chalicelib.domain.payments.topup_intent import Intent, IntentState
from chalicelib.domain.problems.problems import Problem, must_exist
from chalicelib.domain.problems.validation_messages import validation_message
from chalicelib.services import idempotency
from chalicelib.services.caller import Caller, fresh_caller
from chalicelib.services.topups import crediting, open_intent_limits, payment_methods
from chalicelib.services.topups.crediting import fresh_intent
from chalicelib.services.topups.retired_gateway import gateway_for
from chalicelib.tables import accounts, intent_references, intents, rate_limits
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.tables.intent_references import Pointer
from chalicelib.tables.rows import Key
from chalicelib.world import Rejected, Unavailable, World

GATEWAY_REFUSED = "gateway_refused"
RETRY_AFTER_REFUSAL_SECONDS = 60


def open_intent(
    world: World, caller: Caller, *, amount_paisa: int, method: str, return_url: str | None
) -> tuple[Intent, Checkout]:
    """Begin a top-up. The intent is stored before the gateway is called.

    A user with too many open top-ups gets the oldest unpaid one again, with its own amount and gateway.

    Raises Problem: payment_method_unavailable, amount_out_of_range, return_url_not_allowed, gateway_unavailable,
    rate_limited.
    """
    _must_be_payable(world, amount_paisa, method, return_url)
    if caller.earlier_resource_id is not None:
        return _create_checkout(world, get_own(caller.user_id, caller.earlier_resource_id))
    intent = _new_intent(world, caller.user_id, amount_paisa, method, return_url)

    def decide(ops: Transaction) -> Intent:
        current_caller = fresh_caller(world, caller, ops)
        oldest = open_intent_limits.oldest_of_too_many(world, caller.user_id)
        if oldest is not None:
            idempotency.claim(ops, world, current_caller.idempotency, oldest.intent_id)
            return oldest
        intents.add(ops, intent)
        # Writing the account row makes this transaction conflict with a concurrent deletion of the account, and with
        # another top-up of the user.
        accounts.save(ops, current_caller.account)
        idempotency.claim(ops, world, current_caller.idempotency, intent.intent_id)
        return replace(intent, version=1)

    return _create_checkout(world, atomic(world, decide))


def _new_intent(world: World, user_id: str, amount_paisa: int, method: str, return_url: str | None) -> Intent:
    now, settings = world.now(), world.settings()
    intent_id = world.new_id()
    return Intent(
        intent_id,
        user_id,
        method,
        amount_paisa,
        order_reference(intent_id),
        now,
        now + intent_ttl(method, settings.intent_ttl_minutes),
        return_url=return_url,
        next_check_at=now + timedelta(minutes=settings.intent_first_check_minutes),
    )


def get_own(user_id: str, intent_id: str) -> Intent:
    """The user's own intent. Raises Problem("not_found"), also for an intent of another user."""
    return must_exist(fetch_one(intents.intent_key(user_id, intent_id)))


def prefetch_keys(user_id: str, intent_id: str) -> tuple[Key[Intent]]:
    """The key of the intent, to be read together with the caller."""
    return (intents.intent_key(user_id, intent_id),)


def verify(world: World, caller: Caller, intent_id: str) -> crediting.TopupResult:
    """Look the intent up at its gateway and credit a matching payment.

    The intent is looked up at most once in `intent_verify_interval_seconds`, and all of the user's at most
    `intent_verifies_per_user_hour` times. Otherwise the result is the stored one. Raises Problem("not_found").
    """
    key = intents.intent_key(caller.user_id, intent_id)
    now, settings = world.now(), world.settings()
    limit = Problem("rate_limited", retry_after_seconds=3600)

    def decide(ops: Transaction) -> tuple[Intent, bool]:
        intent = must_exist(caller.rows[key] if ops.attempt == 0 else fetch_one(key))
        if not intent.creditable or not intent.may_be_verified(now, settings.intent_verify_interval_seconds):
            return intent, False
        counter = f"verify#{caller.user_id}#{now:%Y-%m-%dT%H}"
        until = now + timedelta(hours=2)
        rate_limits.count(ops, counter, settings.intent_verifies_per_user_hour, until, conflict=limit)
        # The time is written before the look-up, so that of many requests at once only one looks up.
        marked = replace(intent, verified_at=now)
        intents.save(ops, marked)
        return replace(marked, version=marked.version + 1), True

    try:
        intent, may_look_up = atomic(world, decide)
    except Problem as problem:
        if problem is not limit:
            raise
        # The sweep looks the intent up all the same.
        intent, may_look_up = get_own(caller.user_id, intent_id), False
    if may_look_up:
        return crediting.refresh_from_gateway(world, intent, caller.account)
    account = caller.account if intent is caller.rows[key] else fetch_one(accounts.account_key(caller.user_id))
    return crediting.TopupResult(intent, (account or caller.account).wallet_paisa)


def cancel(world: World, caller: Caller, intent_id: str) -> Intent:
    """Cancel a pending top-up. A payment that arrives later is still credited.

    Raises Problem: not_found, intent_not_cancellable.
    """
    key = intents.intent_key(caller.user_id, intent_id)

    def decide(ops: Transaction) -> Intent:
        intent = must_exist(caller.rows[key] if ops.attempt == 0 else fetch_one(key))
        if intent.state is IntentState.CANCELLED:
            return intent
        state, _ = intent.shown_state(world.now())
        if state is not IntentState.PENDING:
            raise Problem("intent_not_cancellable", status=state.value)
        cancelled = intent.cancelled()
        intents.save(ops, cancelled)
        return cancelled

    return atomic(world, decide)


def checkout(world: World, intent_id: str) -> Checkout:
    """The signed form of a pending intent whose gateway takes a form. Raises Problem("not_found")."""
    intent = intent_for(fetch_one(intent_references.pointer_key(intent_id)))
    if intent is None or intent.state is not IntentState.PENDING or world.now() >= intent.expires_at:
        raise Problem("not_found")
    if not posts_form(intent.gateway):
        raise Problem("not_found")
    return gateway_for(world, intent.gateway).create_checkout(intent)


def _must_be_payable(world: World, amount_paisa: int, method: str, return_url: str | None) -> None:
    payment_method = next(
        (candidate for candidate in payment_methods.offered(world) if candidate.name == method), None
    )
    if payment_method is None:
        raise Problem(
            "payment_method_unavailable",
            errors={"payment_method": [validation_message("payment_method_unavailable")]},
        )
    if not payment_method.min_paisa <= amount_paisa <= payment_method.max_paisa:
        limits = {"min_paisa": payment_method.min_paisa, "max_paisa": payment_method.max_paisa}
        raise Problem(
            "amount_out_of_range", errors={"amount": [validation_message("amount_out_of_range", **limits)]}, **limits
        )
    if return_url is not None and return_url not in world.urls.app_return_urls:
        errors = {"return_url": [validation_message("return_url_not_allowed")]}
        # not secret: each is in an app that everybody may have
        raise Problem("return_url_not_allowed", errors=errors, allowed=[*world.urls.app_return_urls])


def _create_checkout(world: World, intent: Intent) -> tuple[Intent, Checkout]:
    """Create the checkout at the gateway. A checkout that was created before is returned again."""
    _must_not_have_failed(world, intent)
    if intent.payment_url is not None and intent.gateway_ref is not None:
        return intent, Checkout(intent.payment_url, intent.gateway_ref)
    if intent.state is not IntentState.PENDING:
        raise Problem("topup_over", status=intent.state.value)
    try:
        checkout = gateway_for(world, intent.gateway).create_checkout(intent)
    except Unavailable as error:
        # The intent stays pending: a repeated request continues with it, or the sweep ends it.
        raise Problem("gateway_unavailable", retry_after_seconds=error.retry_after_seconds) from error
    except Rejected as rejection:
        _fail(world, intent, GATEWAY_REFUSED)
        log.alarm(Alarm.GATEWAY_REFUSED, intent_id=intent.intent_id, reason=rejection.reason)
        raise Problem("gateway_unavailable", retry_after_seconds=RETRY_AFTER_REFUSAL_SECONDS) from rejection
    if checkout.method == "POST":
        return intent, replace(checkout, payment_url=f"{world.urls.api_url}/api/payment/checkout/{intent.intent_id}")

    def decide(ops: Transaction) -> Intent:
        current = fresh_intent(ops, intent)
        if current.gateway_ref is not None:
            # Two requests created a checkout at once: the first one's reference is looked up.
            return current
        opened = current.with_checkout(checkout)
        intents.save(ops, opened)
        if checkout.gateway_ref is not None:
            conflict = Problem("gateway_unavailable", retry_after_seconds=5)
            intent_references.claim_reference(ops, intent, checkout.gateway_ref, conflict=conflict)
        return opened

    opened = atomic(world, decide)
    return opened, replace(
        checkout, payment_url=opened.payment_url or checkout.payment_url, gateway_ref=opened.gateway_ref
    )


def _must_not_have_failed(world: World, intent: Intent) -> None:
    """Refuse a request that came again after its intent ended: the customer must not pay an ended intent.

    Raises Problem: gateway_unavailable like the first request, topup_over.
    """
    state, reason = intent.shown_state(world.now())
    if reason == GATEWAY_REFUSED:
        raise Problem("gateway_unavailable", retry_after_seconds=RETRY_AFTER_REFUSAL_SECONDS)
    if state in (IntentState.FAILED, IntentState.CANCELLED):
        raise Problem("topup_over", status=state.value)


def _fail(world: World, intent: Intent, reason: str) -> None:
    """Mark an intent without a checkout as failed. The customer cannot pay it, so the sweep never looks it up."""

    def decide(ops: Transaction) -> None:
        current = fresh_intent(ops, intent)
        if current.state is IntentState.PENDING and current.gateway_ref is None:
            intents.save(ops, replace(current.failed(reason), next_check_at=None))

    atomic(world, decide)


def intent_for(pointer: Pointer | None) -> Intent | None:
    """The intent that the pointer names, as it is now. None without a pointer."""
    if pointer is None:
        return None
    return fetch_one(intents.intent_key(pointer.user_id, pointer.intent_id))
