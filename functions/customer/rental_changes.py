"""Changes of a rental: extension, cancellation and location."""

from typing import Annotated, Any

from pydantic import Field

from chalicelib.edge.models import RequestModel, ResponseModel
from chalicelib.edge.responses import Response, ok
from chalicelib.edge.text_conversion import AsNumber
from chalicelib.services.caller import Caller
from chalicelib.services.rentals import cancelling, extending, locations
from chalicelib.wiring import world
from functions.customer.rental_schema import RentalResponse, to_rental_response
from functions.params import FreeText, Id, Latitude, Longitude, RentalId
from functions.routing import blueprint
from functions.tags import Tag

routes = blueprint(__name__, Tag.RENTALS)


class ExtendRental(RequestModel):
    package_id: Annotated[Id, Field(examples=["1-hour"])]

    def prefetch_keys(self, user_id: str, rental_id: RentalId) -> tuple[Any, ...]:
        return extending.prefetch_keys(user_id, rental_id, self.package_id)


@routes.post(
    "/api/rentals/{rental_id}/extend",
    body=ExtendRental,
    response=RentalResponse,
    prefetch=ExtendRental.prefetch_keys,
    idempotent=True,
    problems=(
        "not_found",
        "extension_not_needed",
        "rental_not_active",
        "due_unpaid",
        "extension_too_late",
        "extension_limit_reached",
        "package_unavailable",
        "package_not_for_extension",
        "insufficient_funds",
        "busy",
    ),
)
def extend(request: ExtendRental, rental_id: RentalId, caller: Caller, language: str) -> Response:
    """Move the due time of a prepaid rental by the minutes of a package, and pay its price."""
    rental = extending.extend(world(), caller, rental_id, request.package_id)
    return ok(to_rental_response(rental, world().now(), language))


class CancelRental(RequestModel):
    reason: FreeText | None = None


@routes.post(
    "/api/rentals/{rental_id}/cancel",
    body=CancelRental,
    response=RentalResponse,
    prefetch=cancelling.prefetch_keys,
    idempotent=True,
    problems=("not_found", "powerbank_not_returned", "cancel_too_late", "due_unpaid", "rental_not_active"),
)
def cancel(request: CancelRental, rental_id: RentalId, caller: Caller, language: str) -> Response:
    """Cancel a rental that is starting, or one whose power bank is back within a few minutes. It costs nothing."""
    rental = cancelling.cancel(world(), caller, rental_id, request.reason)
    return ok(to_rental_response(rental, world().now(), language))


class SyncLocation(RequestModel):
    latitude: Latitude
    longitude: Longitude
    accuracy: (
        Annotated[
            float,
            Field(strict=True, ge=0, le=100_000, allow_inf_nan=False, description="In metres"),
            AsNumber,
        ]
        | None
    ) = None


class LocationResponse(ResponseModel):
    rental_id: str
    is_stored: Annotated[bool, Field(description="False when this minute has a point already")]


@routes.post(
    "/api/rentals/{rental_id}/location",
    body=SyncLocation,
    response=LocationResponse,
    prefetch=locations.prefetch_keys,
    problems=("not_found", "rental_not_active"),
)
def sync_location(request: SyncLocation, rental_id: RentalId, caller: Caller) -> Response:
    """Tell where the power bank of an active rental is. One point a minute is stored, for 30 days."""
    is_stored = locations.store(world(), caller, rental_id, (request.latitude, request.longitude), request.accuracy)
    return ok(LocationResponse(rental_id=rental_id, is_stored=is_stored))
