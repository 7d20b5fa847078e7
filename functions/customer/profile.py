"""The caller's profile and usage: /api/user."""

from typing import Annotated, Any, Literal

from pydantic import Field

from chalicelib.domain.account import Account
from chalicelib.domain.problems import Problem
from chalicelib.domain.user import User
from chalicelib.edge.authentication import caller
from chalicelib.edge.formats import Rupees, Time
from chalicelib.edge.models import Asked, Told
from chalicelib.edge.parsing import body
from chalicelib.edge.responses import Answer, money_text, ok
from chalicelib.services.auth.identifiers import Wanted
from chalicelib.services.caller import Caller
from chalicelib.services.media import lifecycle
from chalicelib.services.users import profile as user_profile
from chalicelib.wiring import world
from functions.params import Day, Username, today
from functions.routing import doors
from functions.schemas import ProfileView, profile_view, time_text
from functions.tags import Tag

routes = doors(__name__, Tag.ACCOUNT)
NOT_BUILT_YET = 0
"""Of referrals and favourite stations, until those doors are there."""
Name = Annotated[str, Field(min_length=1, max_length=120, examples=["Sita Gurung"])]
PhoneNumber = Annotated[str, Field(min_length=3, max_length=254, examples=["+9779841234567"])]
Email = Annotated[str, Field(min_length=3, max_length=254, examples=["sita@example.com"])]
Address = Annotated[str, Field(min_length=1, max_length=255, examples=["Patan Dhoka, Lalitpur"])]

Avatar = Annotated[str, Field(max_length=512, description="The address of an image that the caller uploaded")]


class KnownBy(Asked):
    """What a user is known by, and the proofs that a change of it needs."""

    username: Username | None = None
    phone_number: PhoneNumber | None = None
    email: Email | None = None
    verification_token: Annotated[str, Field(max_length=2048)] | None = None
    identifier_token: Annotated[str, Field(max_length=2048)] | None = None


class PutProfile(KnownBy):
    full_name: Name
    date_of_birth: Day
    address: Address
    avatar_url: Avatar | None = None
    language: Literal["en", "ne"] | None = None


class PatchProfile(KnownBy):
    full_name: Name | None = None
    date_of_birth: Day | None = None
    address: Address | None = None
    avatar_url: Avatar | None = None
    language: Literal["en", "ne"] | None = None


IDENTITIES = {"username", "phone_number", "email"}
KNOWN_BY = set(KnownBy.model_fields)
CHANGE_PROBLEMS = (
    "not_found",
    "verification_needed",
    "verification_token_invalid",
    "already_registered",
    "username_taken",
    "media_unavailable",
)


class UsageView(Told):
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


@routes.get("/api/user/profile", answer=ProfileView, problems=("not_found",))
def profile() -> Answer:
    """The full profile."""
    who = _me()
    return ok(profile_view(user_profile.person(who)[0], who.account))


@routes.put("/api/user/profile", asks=PutProfile, answer=ProfileView, problems=CHANGE_PROBLEMS)
def put_profile() -> Answer:
    """Replace the profile. Username, phone number and e-mail change as with PATCH, and stay where left out."""
    who = _me()
    asked = body(routes, PutProfile)
    return _changed(who, asked, asked.model_dump(exclude=KNOWN_BY))


@routes.patch("/api/user/profile", asks=PatchProfile, answer=ProfileView, problems=CHANGE_PROBLEMS)
def patch_profile() -> Answer:
    """Change what is named.

    A new username, phone number or e-mail needs `verification_token`: a fresh proof of one the account has (purpose
    `login`). A new phone number or e-mail needs `identifier_token` too: its own proof (purpose `register`); null
    removes one while the other stays. The language of messages changes with the next refresh of the tokens.
    """
    who = _me()
    asked = body(routes, PatchProfile)
    return _changed(who, asked, asked.model_dump(exclude=KNOWN_BY, exclude_unset=True))


@routes.get("/api/user/analytics/usage-stats", answer=UsageView, problems=("not_found",))
def usage_stats() -> Answer:
    """What the user has done so far, to the last posting.

    `total_referrals` and `favorite_stations_count` are stubs: nobody can refer or mark a favourite yet.
    """
    who = _me()
    return ok(usage_view(who.account, user_profile.person(who)[0]))


def usage_view(account: Account, user: User) -> UsageView:
    return UsageView(
        total_rentals=account.rentals_count,
        total_spent=money_text(account.spent_paisa),
        total_topups=money_text(account.topped_up_paisa),
        total_points_earned=account.points_earned,
        total_referrals=NOT_BUILT_YET,
        timely_returns=account.on_time_count,
        late_returns=account.late_count,
        favorite_stations_count=NOT_BUILT_YET,
        last_rental_date=time_text(account.last_rental_at),
        member_since=time_text(user.joined_at),
    )


def _me() -> Caller:
    return caller(routes, *user_profile.keys_of_me(str(routes.claims()["sub"])))


def _changed(who: Caller, asked: KnownBy, change: dict[str, Any]) -> Answer:
    born = change.get("date_of_birth")
    if born is not None and born > today(world().now()):
        raise Problem("invalid_input", errors={"date_of_birth": ["is still to come"]})
    if change.get("avatar_url") is not None:
        change["avatar_url"] = lifecycle.avatar(world(), who, change["avatar_url"])
    named = asked.model_dump(include=IDENTITIES, exclude_unset=True)
    wanted = Wanted(named, asked.verification_token, asked.identifier_token)
    user = user_profile.change_profile(world(), who, change, wanted)
    return ok(profile_view(user, who.account))
