"""The functions that participants of a race run. Each takes plain values, so that any process can run it."""

import json
import secrets
from collections import Counter
from typing import Any

from chalicelib.domain.problems.problems import Problem
from chalicelib.services import caller as callers
from chalicelib.services.admin import operators
from chalicelib.services.auth import otp, signin
from chalicelib.services.auth.identifiers import IdentifierChange
from chalicelib.services.caller import Caller
from chalicelib.services.notifications import devices
from chalicelib.services.promotions import coupons
from chalicelib.services.refunds import decisions, payouts
from chalicelib.services.refunds import requests as refund_requests
from chalicelib.services.refunds.decisions import Approval
from chalicelib.services.rentals import dues, starting
from chalicelib.services.rentals.starting import RentalOrder
from chalicelib.services.rewards import points
from chalicelib.services.topups import crediting, payment_events, webhooks
from chalicelib.services.topups import intents as topup_intents
from chalicelib.services.users import profile
from chalicelib.services.wallet import balance_additions
from chalicelib.tables import intents, rentals
from chalicelib.tables.dynamodb import fetch_one, shared_connection
from chalicelib.tables.rows import Key
from chalicelib.world import World
from tests.engines.interleaving import WRITING
from tests.world.direct_client import http_response


def start(world: World, order: dict[str, Any]) -> str:
    """Start a rental with the package that the order names."""
    rental_order = RentalOrder(order["station_sn"], order.get("package_id", "1-hour"))
    return starting.start(world, _caller(world, order, *rental_order.prefetch_keys()), rental_order).rental_id


def verify(world: World, order: dict[str, Any]) -> str:
    """Verify a top-up, as the app does."""
    intent_id = order["intent_id"]
    return topup_intents.verify(
        world, _caller(world, order, *topup_intents.prefetch_keys(order["user_id"], intent_id)), intent_id
    ).intent.state.value


def callback(world: World, order: dict[str, Any]) -> None:
    """Handle the queue message of a callback."""
    payment_events.handle_payment_event(world, order["user_id"], order["intent_id"])


def sweep_topup(world: World, order: dict[str, Any]) -> None:
    """Look the top-up up, as the sweep does."""
    intent = fetch_one(intents.intent_key(order["user_id"], order["intent_id"]))
    if intent is not None:
        crediting.refresh_from_gateway(world, intent)


def webhook(world: World, order: dict[str, Any]) -> None:
    """Receive a callback, and handle its queue message at once."""
    intent = webhooks.receive(world, "khalti", {}, json.dumps({"pidx": order["pidx"]}).encode())
    if intent is not None:
        payment_events.handle_payment_event(world, intent.user_id, intent.intent_id, order["message_id"])


def check_topup(world: World, order: dict[str, Any]) -> None:
    """Run the function that the order names."""
    {"verify": verify, "callback": callback, "sweep": sweep_topup, "webhook": webhook}[order["as"]](world, order)


def pay_due(world: World, order: dict[str, Any]) -> str:
    """Pay the due of the rental."""
    key = rentals.rental_key(order["user_id"], order["rental_id"])
    return dues.pay_due(world, _caller(world, order, key), order["rental_id"]).rental.state.value


def disable_operator(world: World, order: dict[str, Any]) -> str:
    """Disable the operator that the order names."""
    changed = operators.change(world, _caller(world, order), order["other"], role=None, is_active=False)
    return changed.account.status.value


def sign_operator_in(world: World, order: dict[str, Any]) -> str:
    """Sign an operator in by password and code."""
    return signin.login_operator(world, order["email"], order["password"], order["address"], otp=order["otp"]).user_id


def request_code(world: World, order: dict[str, Any]) -> str:
    """Request a code."""
    return otp.request_code(world, order["identifier"], order["address"]).public_id


def guess(world: World, order: dict[str, Any]) -> str:
    """Guess a code."""
    return otp.verify(world, order["phone"], order["code"], order["public_id"]).purpose


def guess_many(world: World, order: dict[str, Any]) -> list[str]:
    """Guess many codes, one after the other. Returns the identifiers that were verified."""
    proved = []
    for identifier, public_id, code in order["guesses"]:
        try:
            otp.verify(world, identifier, code, public_id)
        except Problem as problem:
            if problem.code != "otp_wrong":
                raise
        else:
            proved.append(identifier)
    return proved


def login(world: World, order: dict[str, Any]) -> str:
    """Sign in with a proof. Returns the session's id."""
    signed = signin.login(world, order["identifier"], order["token"])
    return signed.tokens.refresh.split(".", maxsplit=1)[0]


def change_email(world: World, order: dict[str, Any]) -> str | None:
    """Change the user's e-mail address."""
    caller = _caller(world, order, *profile.profile_keys(order["user_id"]))
    change = IdentifierChange({"email": order["email"]}, order["proved"], order["new"])
    return profile.change_profile(world, caller, {}, change).email


def award(world: World, order: dict[str, Any]) -> bool:
    """Handle a points message."""
    return points.award(world, order)


def apply_coupons(world: World, order: dict[str, Any]) -> dict[str, int]:
    """Several users apply one coupon, one after the other, while some transactions meet another one.

    Returns how many got points, and how many each refusal by its code. A refused user may retry, as `busy` says.
    """
    events, outcomes = shared_connection().client.meta.events, Counter[str]()
    events.register(WRITING, meet_another_transaction, unique_id="coupon-race")
    for user_id, session_id in order["users"]:
        caller = {"user_id": user_id, "session_id": session_id}
        code = "busy"
        while code == "busy":
            try:
                keys = coupons.apply_keys(user_id, order["code"])
                coupons.apply_coupon(world, _caller(world, caller, *keys), order["code"], "192.0.2.1")
                code = "applied"
            except Problem as problem:
                code = problem.code
        outcomes[code] += 1
    return dict(outcomes)


def meet_another_transaction(**_: Any) -> Any:
    """Every twentieth transaction fails because another one is writing one of its rows."""
    if secrets.randbelow(20):
        return None
    error = {"Code": "TransactionConflictException", "Message": "Transaction is ongoing for the item"}
    return http_response(400), {"Error": error, "ResponseMetadata": {"HTTPStatusCode": 400, "RetryAttempts": 0}}


def register(world: World, order: dict[str, Any]) -> None:
    """Register a device."""
    info = devices.DeviceInfo(order["device_id"], order["fcm_token"], "android")
    devices.register(world, _caller(world, order, *devices.prefetch_keys(world, order["user_id"], info)), info)


def request_refund(world: World, order: dict[str, Any]) -> str:
    """Request a refund."""
    return refund_requests.request(world, _caller(world, order), order["transaction_id"], "by mistake").refund_id


def approve(world: World, order: dict[str, Any]) -> str:
    """An operator approves a refund."""
    return decisions.approve(world, _caller(world, order), order["refund_id"], Approval()).state.value


def reject(world: World, order: dict[str, Any]) -> str:
    """An operator rejects a refund."""
    return decisions.reject(world, _caller(world, order), order["refund_id"], "spent").state.value


def add_balance(world: World, order: dict[str, Any]) -> str:
    """An operator adds money to a wallet, and tries again as long as `busy` asks for it."""
    while True:
        try:
            caller = _caller(world, order)
            return balance_additions.add(world, caller, order["to"], order["paisa"], order["reason"]).state.value
        except Problem as problem:
            if problem.code != "busy":
                raise


def decide_addition(world: World, order: dict[str, Any]) -> str:
    """An operator approves an addition, or rejects it."""
    if order["rejects"]:
        return balance_additions.reject(world, _caller(world, order), order["addition_id"], "a race").state.value
    return balance_additions.approve(world, _caller(world, order), order["addition_id"]).state.value


def send_refund(world: World, order: dict[str, Any]) -> bool:
    """The consumer handles the message of an approved refund."""
    return payouts.deliver(world, order)


def run_verb(world: World, order: dict[str, Any]) -> Any:
    """Run the function that the order names."""
    verbs = {"request": request_refund, "approve": approve, "reject": reject, "start": start, "send": send_refund}
    return verbs[order["as"]](world, order)


def _caller(world: World, order: dict[str, Any], *also: Key[Any]) -> Caller:
    claims = {"sub": order["user_id"], "sid": order["session_id"]}
    return callers.authenticate(world, claims=claims, prefetch=also)
