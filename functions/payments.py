"""Packages, ways to pay, what it would take, and top-ups: /api/payment."""

from html import escape
from typing import Annotated, Any, Literal

from pydantic import Field

from chalicelib.domain.payment import Checkout, Intent
from chalicelib.edge.body import Asked, Money, Told, body, money_text, path_text, query
from chalicelib.edge.caller import caller
from chalicelib.edge.http import Answer, cached, created, ok, page
from chalicelib.services import catalogue, options, payments
from chalicelib.services.options import Options, Question
from chalicelib.services.payments import Method
from chalicelib.wiring import world
from functions.doors import doors
from functions.views import (
    CURRENCY,
    Breakdown,
    Id,
    PackageView,
    PointsView,
    breakdown,
    package_view,
    points_view,
    time_text,
)

routes = doors(__name__)
FRESH_SECONDS = 60


class PackagesAsked(Asked):
    payment_model: Literal["prepaid", "postpaid"] | None = None


class Packages(Told):
    results: list[PackageView]


class MethodView(Told):
    id: str
    name: str
    min_amount: str
    max_amount: str
    currency: str
    is_active: bool


class Methods(Told):
    results: list[MethodView]


class OpenIntent(Asked):
    amount: Money
    payment_method: Annotated[str, Field(min_length=1, max_length=32, examples=["khalti"])]
    return_url: Annotated[str, Field(max_length=2048)] | None = None


class VerifyTopup(Asked):
    """What the gateway gave the browser may come along; nothing of it is believed."""

    intent_id: Id
    pidx: Annotated[str, Field(max_length=255)] | None = None
    data: Annotated[str, Field(max_length=8192)] | None = None
    status: Annotated[str, Field(max_length=64)] | None = None
    transaction_id: Annotated[str, Field(max_length=255)] | None = None


class CalculateOptions(Asked):
    scenario: Literal["wallet_topup", "pre_payment", "post_payment"]
    package_id: Id | None = None
    rental_id: Id | None = None
    amount: Money | None = None


class Cancel(Asked):
    pass


class IntentView(Told):
    intent_id: str
    status: str
    reason: str | None
    amount: str
    currency: str
    payment_method: str
    created_at: str
    expires_at: str


class OpenedIntent(IntentView):
    payment_url: str
    method: Literal["GET", "POST"]
    form_fields: dict[str, str] | None


class Verified(IntentView):
    new_balance: str


class Balances(Told):
    wallet: str
    points: int
    points_value: str


class OptionsView(Told):
    scenario: str
    total_amount: str
    is_sufficient: bool
    shortfall: str
    breakdown: Breakdown
    balances: Balances
    suggested_topup: str
    payment_methods: list[MethodView]


@routes.get("/api/payment/packages", query=PackagesAsked, answer=Packages, cached=True)
def packages() -> Answer:
    """What can be rented, and for how much."""
    asked = query(routes, PackagesAsked)
    found = catalogue.packages(world(), payment_model=asked.payment_model)
    return cached(Packages(results=[package_view(one) for one in found]), seconds=FRESH_SECONDS)


@routes.get("/api/payment/methods", answer=Methods)
def methods() -> Answer:
    """The ways to top up, with their limits."""
    return ok(Methods(results=[method_view(one) for one in payments.methods(world())]))


@routes.post(
    "/api/payment/wallet/topup-intent",
    asks=OpenIntent,
    answer=OpenedIntent,
    idempotent=True,
    problems=("payment_method_unavailable", "amount_out_of_range", "return_url_not_allowed", "gateway_unavailable"),
)
def open_intent() -> Answer:
    """Begin a top-up: where to send the customer to pay."""
    asked = body(routes, OpenIntent)
    intent, checkout = payments.open_intent(
        world(),
        caller(routes),
        amount_paisa=asked.amount,
        method=asked.payment_method,
        return_url=asked.return_url,
    )
    return created(
        OpenedIntent(
            **_intent(intent),
            payment_url=checkout.payment_url,
            method="GET",
            form_fields=dict(checkout.form_fields) or None,
        )
    )


@routes.post("/api/payment/verify-topup", asks=VerifyTopup, answer=Verified, problems=("not_found",))
def verify_topup() -> Answer:
    """Ask the gateway whether it was paid, and credit it if so."""
    asked = body(routes, VerifyTopup)
    standing = payments.verify(world(), caller(routes, *payments.keys_of(asked.intent_id)), asked.intent_id)
    return ok(Verified(**_intent(standing.intent), new_balance=money_text(standing.wallet_paisa)))


@routes.get("/api/payment/status/{intent_id}", answer=IntentView, problems=("not_found",))
def status(intent_id: str) -> Answer:
    """Where a top-up stands, as far as we know."""
    who = caller(routes)
    return ok(IntentView(**_intent(payments.mine(world(), who.user_id, path_text(intent_id)))))


@routes.post(
    "/api/payment/cancel/{intent_id}",
    asks=Cancel,
    answer=IntentView,
    problems=("not_found", "intent_not_cancellable"),
)
def cancel(intent_id: str) -> Answer:
    """Give up a pending top-up; money that arrives all the same is credited."""
    body(routes, Cancel)
    known = path_text(intent_id)
    cancelled = payments.cancel(world(), caller(routes, *payments.keys_of(known)), known)
    return ok(IntentView(**_intent(cancelled)))


@routes.post(
    "/api/payment/calculate-options",
    asks=CalculateOptions,
    answer=OptionsView,
    problems=("package_unavailable", "not_found", "nothing_due"),
)
def calculate_options() -> Answer:
    """Is it enough, how would it be paid, and what to top up if not."""
    asked = body(routes, CalculateOptions)
    question = Question(asked.scenario, asked.package_id, asked.rental_id, asked.amount)
    who = caller(routes, *question.reads(str(routes.claims()["sub"])))
    return ok(options_view(options.calculate(world(), who, question)))


@routes.get("/api/payment/checkout/{intent_id}")
def checkout(intent_id: str) -> Answer:
    """The page that posts the signed form to the gateway by itself."""
    return page(form_page(payments.checkout(world(), path_text(intent_id))))


def method_view(method: Method) -> MethodView:
    return MethodView(
        id=method.name,
        name=method.title,
        min_amount=money_text(method.least_paisa),
        max_amount=money_text(method.most_paisa),
        currency=CURRENCY,
        is_active=True,
    )


def options_view(found: Options) -> OptionsView:
    points: PointsView = points_view(found.account)
    return OptionsView(
        scenario=found.scenario,
        total_amount=money_text(found.plan.total_paisa),
        is_sufficient=found.plan.sufficient,
        shortfall=money_text(found.plan.shortfall_paisa),
        breakdown=breakdown(found.plan.points_used, found.plan.wallet_paisa),
        balances=Balances(
            wallet=money_text(found.account.wallet_paisa),
            points=points.current_points,
            points_value=points.points_value,
        ),
        suggested_topup=money_text(found.suggested_topup_paisa),
        payment_methods=[method_view(one) for one in found.methods],
    )


def form_page(checkout: Checkout) -> str:
    """A form that sends itself; a button for browsers that run no scripts."""
    fields = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in checkout.form_fields.items()
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Bijuli</title></head>'
        f'<body onload="document.forms[0].submit()"><form method="post" action="{escape(checkout.payment_url)}">'
        f'{fields}<button type="submit">Continue to pay</button></form></body></html>'
    )


def _intent(intent: Intent) -> dict[str, Any]:
    state, reason = intent.shown_state(world().now())
    return {
        "intent_id": intent.intent_id,
        "status": state.value,
        "reason": reason,
        "amount": money_text(intent.amount_paisa),
        "currency": CURRENCY,
        "payment_method": intent.gateway,
        "created_at": time_text(intent.created_at),
        "expires_at": time_text(intent.expires_at),
    }
