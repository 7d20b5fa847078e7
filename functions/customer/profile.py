"""The user's profile and usage: /api/user."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, TypeAdapter, WithJsonSchema

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.problems.problem_codes import ProblemCode
from chalicelib.domain.text.money import money_text
from chalicelib.domain.text.time_text import time_text
from chalicelib.domain.users import bikram_sambat
from chalicelib.domain.users.user import User
from chalicelib.edge.formats import Rupees, Time
from chalicelib.edge.models import RequestModel, ResponseModel
from chalicelib.edge.responses import Response, ok
from chalicelib.edge.route_decorators import Declared
from chalicelib.services.auth.identifiers import IdentifierChange
from chalicelib.services.caller import Caller
from chalicelib.services.media import upload_checks
from chalicelib.services.users import profile as user_profile
from chalicelib.wiring import world
from functions.params import EARLIEST, Username, day_text, today
from functions.routing import blueprint
from functions.schemas import ProfileResponse, time_or_none, to_profile_response
from functions.tags import Tag

routes = blueprint(__name__, Tag.ACCOUNT)
Name = Annotated[str, Field(min_length=1, max_length=120, examples=["Sita Gurung"])]
PhoneNumber = Annotated[str, Field(min_length=3, max_length=254, examples=["+9779841234567"])]
Email = Annotated[str, Field(min_length=3, max_length=254, examples=["sita@example.com"])]
Address = Annotated[str, Field(min_length=1, max_length=255, examples=["Patan Dhoka, Lalitpur"])]

BIRTH_DATE = "A date, in AD. A year that is still to come is taken as Bikram Sambat, and converted"
Avatar = Annotated[str, Field(max_length=512, description="The address of an image that the caller uploaded")]


def birth_date_of(text: Any) -> date:
    """A date of birth as a customer typed it. Raises InvalidField."""
    return bikram_sambat.birth_date(day_text(text), today(world().now()))


BirthDate = Annotated[date, BeforeValidator(birth_date_of), Field(ge=EARLIEST, description=BIRTH_DATE)]


class ProfileIdentifiers(RequestModel):
    """The identifiers of a user, and the proofs that a change of them needs."""

    # null is refused: a username can be changed, not removed.
    username: Annotated[Username | None, WithJsonSchema(TypeAdapter(Username).json_schema())] = None
    phone_number: PhoneNumber | None = None
    email: Email | None = None
    verification_token: Annotated[str, Field(max_length=2048)] | None = None
    identifier_token: Annotated[str, Field(max_length=2048)] | None = None


class PutProfile(ProfileIdentifiers):
    full_name: Name
    date_of_birth: BirthDate
    address: Address
    avatar_url: Avatar | None = None
    language: Literal["en", "ne"] | None = None


class PatchProfile(ProfileIdentifiers):
    full_name: Name | None = None
    date_of_birth: BirthDate | None = None
    address: Address | None = None
    avatar_url: Avatar | None = None
    language: Literal["en", "ne"] | None = None


IDENTITIES = {"username", "phone_number", "email"}
IDENTIFIER_FIELDS = set(ProfileIdentifiers.model_fields)
CHANGE_PROBLEMS: tuple[ProblemCode, ...] = (
    "not_found",
    "verification_needed",
    "verification_token_invalid",
    "already_registered",
    "username_taken",
    "media_unavailable",
)


class UsageResponse(ResponseModel):
    total_rentals: int
    total_spent: Rupees
    total_topups: Rupees
    total_points_earned: int
    total_referrals: int
    timely_returns: int
    late_returns: int
    favorite_stations_count: int
    last_rental_date: Time | None
    member_since: Time


CHANGE: Declared = {
    "response": ProfileResponse,
    "prefetch": user_profile.profile_keys,
    "problems": CHANGE_PROBLEMS,
}


@routes.get(
    "/api/user/profile",
    response=ProfileResponse,
    prefetch=user_profile.profile_keys,
    problems=("not_found",),
)
def profile(caller: Caller) -> Response:
    """The user's profile."""
    return ok(to_profile_response(user_profile.load_profile(caller)[0], caller.account))


@routes.put("/api/user/profile", body=PutProfile, **CHANGE)
def put_profile(request: PutProfile, caller: Caller) -> Response:
    """Replace the profile.

    Username, phone number and e-mail change as with PATCH. An identifier that is left out stays as it is.
    """
    return _change_profile(caller, request, request.model_dump(exclude=IDENTIFIER_FIELDS))


@routes.patch("/api/user/profile", body=PatchProfile, **CHANGE)
def patch_profile(request: PatchProfile, caller: Caller) -> Response:
    """Change the given fields of the profile.

    A new username, phone number or e-mail needs `verification_token`: a fresh proof of a phone number or an e-mail of
    the account (purpose `login`). A new phone number or e-mail also needs `identifier_token`: a proof of the new one
    (purpose `register`). Null removes the phone number or the e-mail while the other stays. A new language applies to
    messages from the next refresh of the tokens.
    """
    return _change_profile(caller, request, request.model_dump(exclude=IDENTIFIER_FIELDS, exclude_unset=True))


@routes.get(
    "/api/user/analytics/usage-stats",
    response=UsageResponse,
    prefetch=user_profile.profile_keys,
    problems=("not_found",),
)
def usage_stats(caller: Caller) -> Response:
    """Totals of the user's rentals, payments and points."""
    return ok(to_usage_response(caller.account, user_profile.load_profile(caller)[0]))


def to_usage_response(account: Account, user: User) -> UsageResponse:
    return UsageResponse(
        total_rentals=account.rentals_count,
        total_spent=money_text(account.spent_paisa),
        total_topups=money_text(account.topped_up_paisa),
        total_points_earned=account.points_earned,
        total_referrals=account.referrals_count,
        timely_returns=account.on_time_count,
        late_returns=account.late_count,
        favorite_stations_count=len(user.favorite_sns),
        last_rental_date=time_or_none(account.last_rental_at),
        member_since=time_text(user.joined_at),
    )


def _change_profile(caller: Caller, request: ProfileIdentifiers, change: dict[str, Any]) -> Response:
    if change.get("avatar_url") is not None:
        change["avatar_url"] = upload_checks.avatar(world(), caller, change["avatar_url"])
    changes = request.model_dump(include=IDENTITIES, exclude_unset=True)
    identifier_change = IdentifierChange(changes, request.verification_token, request.identifier_token)
    user = user_profile.change_profile(world(), caller, change, identifier_change)
    return ok(to_profile_response(user, caller.account))
