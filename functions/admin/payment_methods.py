"""Payment methods, for operators: /api/admin/payment-methods."""

from typing import NewType

from chalicelib.domain.text.money import money_text
from chalicelib.edge.formats import Currency, Rupees
from chalicelib.edge.models import Money, RequestModel, ResponseModel
from chalicelib.edge.responses import Response, ok
from chalicelib.edge.text_conversion import Boolean
from chalicelib.services.caller import Caller
from chalicelib.services.topups import payment_method_admin
from chalicelib.services.topups.payment_method_admin import ConfiguredMethod
from chalicelib.wiring import world
from functions.admin.paging import PageNumbers, ShortListQuery
from functions.routing import blueprint
from functions.schemas import CURRENCY
from functions.tags import Tag

routes = blueprint(__name__, Tag.ADMIN_TOPUPS)
PATH = "/api/admin/payment-methods"
MethodId = NewType("MethodId", str)


class ChangeMethod(RequestModel):
    is_active: Boolean | None = None
    min_amount: Money | None = None
    max_amount: Money | None = None

    def changes(self) -> dict[str, int]:
        """The changed fields. A field that is left out stays."""
        active = None if self.is_active is None else int(self.is_active)
        fields = {"offered": active, "min_paisa": self.min_amount, "max_paisa": self.max_amount}
        return {name: value for name, value in fields.items() if value is not None}


class AdminPaymentMethod(ResponseModel):
    id: str
    name: str
    min_amount: Rupees
    max_amount: Rupees
    currency: Currency
    is_active: bool
    is_connected: bool
    """Whether the service has an account at the gateway. Customers see methods that are active and connected."""


class AdminPaymentMethodsResponse(ResponseModel):
    results: list[AdminPaymentMethod]
    pagination: PageNumbers


@routes.get(PATH, permission="admin", query=ShortListQuery, response=AdminPaymentMethodsResponse)
def list_methods(query: ShortListQuery) -> Response:
    """All payment methods, with the limits of one top-up."""
    methods, total = query.to_page().with_total(payment_method_admin.listing(world()))
    results = [to_method(item) for item in methods]
    return ok(AdminPaymentMethodsResponse(results=results, pagination=PageNumbers.of(query, total)))


@routes.patch(
    f"{PATH}/{{method_id}}",
    permission="config",
    body=ChangeMethod,
    response=AdminPaymentMethod,
    problems=("not_found",),
)
def change_method(request: ChangeMethod, caller: Caller, method_id: MethodId) -> Response:
    """Offer a method or withdraw it, or change its limits. What was paid there is still credited."""
    return ok(to_method(payment_method_admin.change(world(), caller, method_id, request.changes())))


def to_method(method: ConfiguredMethod) -> AdminPaymentMethod:
    return AdminPaymentMethod(
        id=method.name,
        name=method.title,
        min_amount=money_text(method.min_paisa),
        max_amount=money_text(method.max_paisa),
        currency=CURRENCY,
        is_active=method.offered,
        is_connected=method.connected,
    )
