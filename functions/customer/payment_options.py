"""Packages, ways to pay, and what it would take: /api/payment."""

from typing import Annotated, Literal

from pydantic import Field

from chalicelib.edge.authentication import caller
from chalicelib.edge.formats import Currency, Rupees
from chalicelib.edge.models import Asked, Money, Told
from chalicelib.edge.parsing import body, query
from chalicelib.edge.responses import Answer, cached, money_text, ok
from chalicelib.services.content import packages as package_list
from chalicelib.services.topups import methods as topup_methods
from chalicelib.services.topups.methods import Method
from chalicelib.services.wallet import affordability
from chalicelib.services.wallet.affordability import Options, Question
from chalicelib.wiring import world
from functions.params import Id
from functions.routing import doors
from functions.schemas import CURRENCY, Breakdown, PackageView, PointsView, breakdown, package_view, points_view
from functions.tags import Tag

routes = doors(__name__, Tag.TOPUPS)
FRESH_SECONDS = 60
Scenario = Literal["wallet_topup", "pre_payment", "post_payment"]


class PackagesAsked(Asked):
    payment_model: Annotated[
        Literal["prepaid", "postpaid"] | None, Field(description="Only packages that are paid this way")
    ] = None


class Packages(Told):
    results: list[PackageView]


class MethodView(Told):
    id: str
    name: str
    min_amount: Rupees
    max_amount: Rupees
    currency: Currency
    is_active: bool


class Methods(Told):
    results: list[MethodView]


class CalculateOptions(Asked):
    scenario: Scenario
    package_id: Id | None = None
    rental_id: Id | None = None
    amount: Money | None = None


class Balances(Told):
    wallet: Rupees
    points: int
    points_value: Rupees


class OptionsView(Told):
    scenario: Scenario
    rental_id: str | None
    total_amount: Rupees
    is_sufficient: bool
    shortfall: Rupees
    breakdown: Breakdown
    balances: Balances
    suggested_topup: Rupees
    payment_methods: list[MethodView]


@routes.get("/api/payment/packages", tag=Tag.PACKAGES, query=PackagesAsked, answer=Packages, cached=True)
def packages() -> Answer:
    """What can be rented, and for how much."""
    asked = query(routes, PackagesAsked)
    found = package_list.packages(world(), payment_model=asked.payment_model)
    return cached(Packages(results=[package_view(one) for one in found]), seconds=FRESH_SECONDS)


@routes.get("/api/payment/methods", answer=Methods)
def methods() -> Answer:
    """The ways to top up, with their limits."""
    return ok(Methods(results=[method_view(one) for one in topup_methods.methods(world())]))


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
    return ok(options_view(affordability.calculate(world(), who, question)))


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
        rental_id=found.rental_id,
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
