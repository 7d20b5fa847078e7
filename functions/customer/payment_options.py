"""Packages, payment methods, and whether a balance covers a payment: /api/payment."""

from typing import Annotated, Any, Literal

from pydantic import Field

from chalicelib.domain.text.money import money_text
from chalicelib.edge.formats import Currency, Rupees, one_of
from chalicelib.edge.models import Money, RequestModel, ResponseModel
from chalicelib.edge.responses import Response, cached, ok
from chalicelib.services.caller import Caller
from chalicelib.services.content import packages as package_list
from chalicelib.services.topups import payment_methods
from chalicelib.services.topups.payment_methods import PaymentMethod
from chalicelib.services.wallet import affordability
from chalicelib.services.wallet.affordability import OptionsQuery, PaymentOptions, Scenario
from chalicelib.wiring import world
from functions.params import Id
from functions.routing import blueprint
from functions.schemas import (
    CURRENCY,
    Breakdown,
    PackageResponse,
    PointsResponse,
    to_breakdown,
    to_package_response,
    to_points_response,
)
from functions.tags import Tag

routes = blueprint(__name__, Tag.TOPUPS)
FRESH_SECONDS = 60


class PackagesQuery(RequestModel):
    payment_model: Annotated[
        Literal["prepaid", "postpaid"] | None, Field(description="Only packages that are paid this way")
    ] = None


class PackagesResponse(ResponseModel):
    results: list[PackageResponse]


class PaymentMethodResponse(ResponseModel):
    id: str
    name: str
    min_amount: Rupees
    max_amount: Rupees
    currency: Currency
    is_active: bool


class PaymentMethodsResponse(ResponseModel):
    results: list[PaymentMethodResponse]


class CalculateOptions(RequestModel):
    scenario: Literal["wallet_topup", "pre_payment", "post_payment"]
    package_id: Annotated[Id | None, Field(description="Required for `pre_payment`")] = None
    rental_id: Annotated[Id | None, Field(description="For `post_payment`; without it the due to pay first")] = None
    amount: Annotated[
        Money | None, Field(description="Rupees, at most two decimals. Required for `wallet_topup`")
    ] = None

    def to_options_query(self) -> OptionsQuery:
        return OptionsQuery(Scenario(self.scenario), self.package_id, self.rental_id, self.amount)

    def prefetch_keys(self, user_id: str) -> tuple[Any, ...]:
        return self.to_options_query().prefetch_keys(user_id)


class Balances(ResponseModel):
    wallet: Rupees
    points: int
    points_value: Rupees


class PaymentOptionsResponse(ResponseModel):
    scenario: Annotated[str, one_of(Scenario)]
    rental_id: Annotated[str | None, Field(description="The rental of the due; null for another payment")]
    total_amount: Rupees
    is_sufficient: bool
    shortfall: Rupees
    breakdown: Breakdown
    balances: Balances
    suggested_topup: Annotated[
        Rupees, Field(description="Covers the shortfall, unless no method takes so much at once")
    ]
    payment_methods: list[PaymentMethodResponse]


@routes.get("/api/payment/packages", tag=Tag.PACKAGES, query=PackagesQuery, response=PackagesResponse, cached=True)
def packages(query: PackagesQuery, language: str) -> Response:
    """Rental packages with their prices."""
    packages_offered = package_list.packages(world(), payment_model=query.payment_model)
    results = [to_package_response(package, language) for package in packages_offered]
    return cached(PackagesResponse(results=results), seconds=FRESH_SECONDS)


@routes.get("/api/payment/methods", response=PaymentMethodsResponse)
def methods() -> Response:
    """Payment methods for top-ups, with their limits."""
    results = [to_payment_method_response(method) for method in payment_methods.offered(world())]
    return ok(PaymentMethodsResponse(results=results))


@routes.post(
    "/api/payment/calculate-options",
    body=CalculateOptions,
    response=PaymentOptionsResponse,
    prefetch=CalculateOptions.prefetch_keys,
    problems=("package_unavailable", "not_found", "nothing_due"),
)
def calculate_options(request: CalculateOptions, caller: Caller) -> Response:
    """Whether the balance covers a payment, how the payment would be split, and how much to top up if not."""
    options = affordability.calculate(world(), caller, request.to_options_query())
    return ok(to_payment_options_response(options))


def to_payment_method_response(method: PaymentMethod) -> PaymentMethodResponse:
    return PaymentMethodResponse(
        id=method.name,
        name=method.title,
        min_amount=money_text(method.min_paisa),
        max_amount=money_text(method.max_paisa),
        currency=CURRENCY,
        is_active=True,
    )


def to_payment_options_response(payment_options: PaymentOptions) -> PaymentOptionsResponse:
    points: PointsResponse = to_points_response(payment_options.account)
    return PaymentOptionsResponse(
        scenario=payment_options.scenario,
        rental_id=payment_options.rental_id,
        total_amount=money_text(payment_options.plan.total_paisa),
        is_sufficient=payment_options.plan.sufficient,
        shortfall=money_text(payment_options.plan.shortfall_paisa),
        breakdown=to_breakdown(payment_options.plan.points_used, payment_options.plan.wallet_paisa),
        balances=Balances(
            wallet=money_text(payment_options.account.wallet_paisa),
            points=points.current_points,
            points_value=points.points_value,
        ),
        suggested_topup=money_text(payment_options.suggested_topup_paisa),
        payment_methods=[to_payment_method_response(method) for method in payment_options.methods],
    )
