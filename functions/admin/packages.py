"""Rental packages, for operators: /api/admin/packages."""

from typing import Annotated, Any, Literal, NewType

from pydantic import Field

from chalicelib.domain.money.pricing import Package, PaymentModel
from chalicelib.domain.text.clock_text import duration_text
from chalicelib.domain.text.money import money_text
from chalicelib.edge.formats import Rupees
from chalicelib.edge.models import Money, RequestModel, ResponseModel
from chalicelib.edge.responses import Response, created, ok
from chalicelib.edge.text_conversion import AsInteger, Boolean
from chalicelib.services.caller import Caller
from chalicelib.services.content import package_admin
from chalicelib.wiring import world
from functions.admin.paging import NumberedPageQuery, PageNumbers
from functions.admin.upper_case import CaseInsensitive, in_upper_case, one_of_upper_case
from functions.routing import blueprint
from functions.tags import Tag

routes = blueprint(__name__, Tag.ADMIN_PACKAGES)
PATH = "/api/admin/packages"
PackageId = NewType("PackageId", str)
MAX_MINUTES = 60 * 24 * 30
HOURLY, DAILY, WEEKLY, MONTHLY = "HOURLY", "DAILY", "WEEKLY", "MONTHLY"
TYPES = ((60 * 24, HOURLY), (60 * 24 * 7, DAILY), (60 * 24 * 28, WEEKLY))
"""Packages shorter than these minutes, and the type that the dashboard shows them as."""
Name = Annotated[str, Field(min_length=1, max_length=40, examples=["4 Hours"])]
Description = Annotated[str, Field(min_length=1, max_length=200)]
Minutes = Annotated[int, Field(strict=True, ge=1, le=MAX_MINUTES), AsInteger]
Order = Annotated[int, Field(strict=True, ge=0, le=1_000), AsInteger]
Model = Annotated[Literal["prepaid", "postpaid"], CaseInsensitive]


class CreatePackage(RequestModel):
    name: Name
    name_ne: Name | None = None
    description: Description | None = None
    description_ne: Description | None = None
    duration_minutes: Minutes
    price: Money
    payment_model: Model
    is_active: Boolean = True
    display_order: Order = 0


class ChangePackage(RequestModel):
    name: Name | None = None
    name_ne: Name | None = None
    description: Description | None = None
    description_ne: Description | None = None
    duration_minutes: Minutes | None = None
    price: Money | None = None
    payment_model: Model | None = None
    is_active: Boolean | None = None
    display_order: Order | None = None

    def changes(self) -> dict[str, Any]:
        """The changed fields of the package. A field that is left out stays."""
        fields: dict[str, Any] = {
            "name": self.name,
            "name_ne": self.name_ne,
            "description": self.description,
            "description_ne": self.description_ne,
            "minutes": self.duration_minutes,
            "price_paisa": self.price,
            "payment_model": PaymentModel(self.payment_model) if self.payment_model else None,
            "active": self.is_active,
            "display_order": self.display_order,
        }
        return {name: value for name, value in fields.items() if value is not None}


class AdminPackage(ResponseModel):
    id: str
    name: str
    name_ne: str | None
    description: str
    description_ne: str | None
    duration_minutes: int
    price: Rupees
    package_type: Annotated[str, one_of_upper_case([HOURLY, DAILY, WEEKLY, MONTHLY])]
    payment_model: Annotated[str, one_of_upper_case(PaymentModel)]
    is_active: bool
    display_order: int
    duration_display: str


class AdminPackagesResponse(ResponseModel):
    rental_packages: list[AdminPackage]
    pagination: PageNumbers


@routes.get(PATH, permission="admin", query=NumberedPageQuery, response=AdminPackagesResponse)
def list_packages(query: NumberedPageQuery) -> Response:
    """All packages in display order, hidden ones too."""
    packages, total = package_admin.page_of(query.to_page())
    results = [to_package(package) for package in packages]
    return ok(AdminPackagesResponse(rental_packages=results, pagination=PageNumbers.of(query, total)))


@routes.get(f"{PATH}/{{package_id}}", permission="admin", response=AdminPackage, problems=("not_found",))
def read_package(package_id: PackageId) -> Response:
    """One package."""
    return ok(to_package(package_admin.read(package_id)))


@routes.post(
    PATH,
    permission="packages",
    body=CreatePackage,
    response=AdminPackage,
    status=201,
    problems=("name_taken", "packages_full"),
)
def create_package(request: CreatePackage, caller: Caller) -> Response:
    """Create a package. Customers see it within a minute."""
    package = Package(
        world().new_id(),
        request.name,
        request.duration_minutes,
        request.price,
        PaymentModel(request.payment_model),
        request.description or "",
        request.is_active,
        request.display_order,
        request.name_ne,
        request.description_ne,
    )
    return created(to_package(package_admin.create(world(), caller, package)))


@routes.patch(
    f"{PATH}/{{package_id}}",
    permission="packages",
    body=ChangePackage,
    response=AdminPackage,
    problems=("not_found", "name_taken"),
)
def change_package(request: ChangePackage, caller: Caller, package_id: PackageId) -> Response:
    """Change or hide a package. Rentals keep the price that they began with."""
    return ok(to_package(package_admin.change(world(), caller, package_id, request.changes())))


def to_package(package: Package) -> AdminPackage:
    return AdminPackage(
        id=package.package_id,
        name=package.name,
        name_ne=package.name_ne,
        description=package.description,
        description_ne=package.description_ne,
        duration_minutes=package.minutes,
        price=money_text(package.price_paisa),
        package_type=next((name for minutes, name in TYPES if package.minutes < minutes), MONTHLY),
        payment_model=in_upper_case(package.payment_model),
        is_active=package.active,
        display_order=package.display_order,
        duration_display=duration_text(package.minutes, "en"),
    )
